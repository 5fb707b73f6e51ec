// The engine's client against the control plane's server, in bytes, in both variants of the protocol: whatever the order of changes, refusals,
// disconnects and deliveries, in the end the engine holds what the server holds. WEFT_SEQUENCES says how many sequences are tried.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XdsServer, type XdsStream } from '@weft/control/xds';
import { envoyEncoders } from '@weft/control/xds/encoders';
import {
  cluster,
  config,
  endpointSet,
  FixedSource,
  listener,
  LOCAL,
  route,
  routeTable,
  trusting,
} from '@weft/control/xds/testing';
import { err } from '@weft/core/kernel';
import type { Listener, ProxyConfig } from '@weft/core/proxy-config';
import { NO_NODE } from '@weft/envoy/discovery';
import { FakeClock } from '@weft/testkit/clock';
import fc from 'fast-check';
import { AdsClient } from './client.ts';
import { adsCodec } from './codec.ts';

const SEQUENCES = Number(process.env.WEFT_SEQUENCES ?? 150);
/** What the engine of these tests refuses: a listener on this port, a cluster with this time-out. */
const BAD_PORT = 13;
const BAD_TIMEOUT = 13;

interface Wanted {
  /** Per name: absent, or which variety of it. */
  readonly clusters: readonly (number | undefined)[];
  readonly listeners: readonly (number | undefined)[];
}

const variety = fc.option(fc.nat(4), { nil: undefined });
const wanted: fc.Arbitrary<Wanted> = fc.record({
  clusters: fc.array(variety, { minLength: 3, maxLength: 3 }),
  listeners: fc.array(variety, { minLength: 3, maxLength: 3 }),
});

/** Variety 4 is bad; odd ones change what is referred to, too. */
function configOf({ clusters, listeners }: Wanted): ProxyConfig {
  const present = (list: Wanted['clusters'], prefix: string): [string, number][] =>
    list.flatMap((kind, index): [string, number][] => (kind === undefined ? [] : [[`${prefix}${index}`, kind]]));
  const named = present(clusters, 'c');
  const heard = present(listeners, 'l');
  const service = (name: string, kind: number): string => (kind % 2 === 1 ? `${name}-other` : name);
  return config({
    clusters: named.map(([name, kind]) =>
      cluster(name, {
        discovery: { kind: 'eds', serviceName: service(name, kind) },
        connectTimeout: kind === 4 ? BAD_TIMEOUT : 1000 + kind,
      }),
    ),
    endpoints: named.map(([name, kind]) =>
      endpointSet(service(name, kind), { kind: 'ip', ip: '10.0.0.1', port: 1 + (kind >> 1) }),
    ),
    listeners: heard.map(([name, kind], index) =>
      listener(
        name,
        { kind: 'ip', ip: '127.0.0.1', port: kind === 4 ? BAD_PORT : 1000 + 10 * index + kind },
        service(`${name}-routes`, kind),
      ),
    ),
    routes: heard.map(([name, kind]) =>
      routeTable(service(`${name}-routes`, kind), [route('elsewhere', { name: `version ${kind >> 1}` })]),
    ),
  });
}

type Step =
  | { readonly do: 'change'; readonly to: Wanted }
  | { readonly do: 'deliver'; readonly count: number }
  | { readonly do: 'reconnect' }
  | { readonly do: 'settle' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), to: wanted }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'reconnect' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'settle' as const }) },
);

/** Server and client with queues between them, which a test empties message by message. */
class World {
  readonly clock = new FakeClock();
  readonly source: FixedSource;
  readonly client: AdsClient;
  /** What the engine does. */
  readonly live = new Map<string, Listener>();
  applied: ProxyConfig | undefined;
  readonly #server: XdsServer;
  readonly #deferred: (() => void)[] = [];
  readonly #delta: boolean;
  #stream: XdsStream | undefined;
  #toServer: Uint8Array[] = [];
  #toClient: Uint8Array[] = [];
  ended: string | undefined;

  constructor(delta: boolean, first: ProxyConfig) {
    this.#delta = delta;
    this.source = new FixedSource(first);
    this.#server = new XdsServer({
      source: this.source,
      resolveProxy: trusting,
      encoders: envoyEncoders,
      clock: this.clock,
      wall: this.clock.wall,
      defer: (run) => void this.#deferred.push(run),
    });
    const codec = adsCodec({ ...NO_NODE, id: 'shop/web-1', userAgent: 'weft' });
    this.client = new AdsClient({
      delta,
      codec: {
        ...codec,
        cluster(bytes) {
          const read = codec.cluster(bytes);
          if (!read.ok || read.value.connectTimeout !== BAD_TIMEOUT) return read;
          return err([{ severity: 'error', code: 'constraint', message: 'bad', place: { path: 'connect_timeout' } }]);
        },
      },
      apply: (next) => {
        this.applied = next;
        const faults = new Map<string, string>();
        for (const name of this.live.keys()) if (!next.listeners.has(name)) this.live.delete(name);
        for (const [name, row] of next.listeners) {
          if (row.address.kind === 'ip' && row.address.port === BAD_PORT) faults.set(name, 'port in use');
          else this.live.set(name, row);
        }
        return Promise.resolve(faults);
      },
      onRefused: () => undefined,
      onReady: () => undefined,
    });
  }

  connect(): void {
    this.#stream?.closed();
    this.client.closed();
    this.#toServer = [];
    this.#toClient = [];
    this.ended = undefined;
    this.#stream = this.#server.open({
      peer: LOCAL,
      protocol: this.#delta ? 'delta' : 'state-of-the-world',
      send: (bytes, flushed) => {
        this.#toClient.push(bytes);
        flushed();
      },
      close: (_, message) => {
        this.ended = message;
      },
    });
    this.client.opened((bytes) => this.#toServer.push(bytes));
  }

  /** One message each way, if there is one; false when all is quiet. */
  async deliver(): Promise<boolean> {
    const up = this.#toServer.shift();
    if (up !== undefined) this.#stream?.receive(up);
    this.#deferred.shift()?.();
    const down = this.#toClient.shift();
    if (down !== undefined) this.client.received(down);
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    return up !== undefined || down !== undefined || this.#deferred.length > 0 || this.#toServer.length > 0;
  }

  /** Quiet for longer than the server holds back removals from a client that comes back and may not have asked for everything yet (5 s). */
  async settle(): Promise<void> {
    let quiet = 0;
    for (let turn = 0; quiet < 7; turn += 1) {
      assert.ok(turn < 2000, 'messages without end');
      if (await this.deliver()) quiet = 0;
      else {
        quiet += 1;
        this.clock.advance(1000);
      }
    }
    assert.equal(this.ended, undefined, 'the server ended the stream');
  }

  stop(): void {
    this.#server.stop();
  }
}

const GOOD: Wanted = { clusters: [0, 1, undefined], listeners: [2, undefined, 3] };

/** Each sequence begins with a whole stream and ends with a configuration that nobody refuses. */
async function play(delta: boolean, steps: readonly Step[], last: Wanted): Promise<void> {
  const world = new World(delta, configOf(GOOD));
  try {
    world.connect();
    for (const one of steps) {
      if (one.do === 'change') world.source.set(configOf(one.to));
      else if (one.do === 'reconnect') world.connect();
      else if (one.do === 'settle') await world.settle();
      else for (let n = 0; n < one.count; n += 1) await world.deliver();
    }
    const mended = (list: Wanted['clusters']): (number | undefined)[] => list.map((kind) => (kind === 4 ? 3 : kind));
    const end = configOf({ clusters: mended(last.clusters), listeners: mended(last.listeners) });
    world.source.set(end);
    await world.settle();
    const { applied } = world;
    assert.ok(applied);
    for (const table of ['clusters', 'endpoints', 'routes', 'listeners'] as const) {
      assert.deepEqual(
        [...applied[table].values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
        [...end[table].values()],
        table,
      );
    }
    assert.deepEqual([...world.live.keys()].sort(), [...end.listeners.keys()]);
    for (const [name, row] of world.live) assert.deepEqual(row, end.listeners.get(name));
  } finally {
    world.stop();
  }
}

for (const delta of [false, true]) {
  test(`${delta ? 'delta' : 'state of the world'}: every sequence of changes, refusals and reconnects converges`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), wanted, (steps, last) => play(delta, steps, last)),
      { numRuns: SEQUENCES },
    );
  });
}
