/** Clusters over a clock that tests turn, and the names that they resolve. */
import type { TestContext } from 'node:test';
import type { Cluster, Endpoint } from '@weft/core/proxy-config';
import { FakeClock } from '@weft/testkit/clock';
import { calm } from '../../overload/overload.ts';
import type { EndpointRuntime, PickContext } from '../../ports.ts';
import { Telemetry } from '../../telemetry/telemetry.ts';
import { cluster, endpointSet } from '../../testing/config.ts';
import { HashedTimerWheel, systemMonotonicClock, TurnClock } from '../../time/index.ts';
import { InternalConnections } from '../../listen/index.ts';
import { MemorySecrets, TlsMaterial, UpstreamContexts } from '../../transport/index.ts';
import type { DnsAnswer } from '../dns.ts';
import { UpstreamCluster } from '../index.ts';

export interface World {
  readonly make: (over: Partial<Cluster>, endpoints?: readonly Endpoint[]) => UpstreamCluster;
  readonly clock: FakeClock;
  readonly answers: Map<string, DnsAnswer | undefined>;
}

/** `real`: by the system's clock. */
export function world(context: TestContext, real = false): World {
  const clock = new FakeClock();
  const time = real ? systemMonotonicClock : clock;
  const telemetry = new Telemetry(time, undefined, () => {
    throw new TypeError('no services here');
  });
  const answers = new Map<string, DnsAnswer | undefined>();
  const setting = {
    runtime: {
      clock: new TurnClock(time),
      wall: clock.wall,
      timers: new HashedTimerWheel(time),
      values: { current: new Map() },
      random: () => 0.5,
      log: { enabled: () => false, write: () => undefined },
      records: telemetry,
      counters: telemetry,
      overload: calm(),
      health: { failing: false, serviceCluster: '' },
    },
    registry: telemetry.registry,
    contexts: new UpstreamContexts(new TlsMaterial(new MemorySecrets()), () => undefined),
    internal: new InternalConnections(new HashedTimerWheel(time)),
    dns: {
      resolve: (name: string, _family: string, _ttl: boolean, answered: (answer: DnsAnswer | undefined) => void) =>
        answered(answers.get(name)),
    },
  };
  return {
    clock,
    answers,
    make(over, endpoints) {
      const made = new UpstreamCluster(cluster('c', over), setting);
      context.after(() => made.retire());
      made.start();
      if (endpoints !== undefined) made.setEndpoints(endpointSet('c', endpoints));
      return made;
    },
  };
}

export const anyone: PickContext = { hash: undefined, downstream: undefined, avoidTried: false, hasTried: () => false };
export const besides = (...tried: readonly EndpointRuntime[]): PickContext => ({
  ...anyone,
  avoidTried: true,
  hasTried: (one) => tried.includes(one),
});
