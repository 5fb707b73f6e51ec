/** How an endpoint is chosen: TrafficPolicy `balancing` (Envoy: Cluster.lb_policy, RouteAction.hash_policy). */
import {
  type Cluster,
  type HashPolicy,
  type LoadBalancing,
  type PeakEwma,
  PLAIN_CONSISTENT,
  type Route,
  type SlowStart,
} from '@weft/core/proxy-config';
import { equal } from '@weft/core/mesh-view';
import { milliseconds } from '../../durations.ts';
import { unsupportedByEngine } from '../../findings.ts';
import type { EngineName } from '../../profiles.ts';
import type { Behaviour, ClusterInput, EffectiveConf, RouteInput } from '../behaviour.ts';

type Balancing = NonNullable<EffectiveConf['balancing']>;

const DEFAULT_CHOICES = 2;
const DEFAULT_RING = { minimum: 1024, maximum: 8_388_608 };
const DEFAULT_TABLE = 65_537;
const PEAK_EWMA: PeakEwma = { kind: 'peak-ewma', decayTime: 10_000, defaultRtt: 10, penalty: 1_000_000 };

const ALL = ['LeastRequest', 'PeakEwma', 'RoundRobin', 'Random', 'RingHash', 'Maglev'] as const;

/** What each engine has of the algorithms; for the others it balances as without a policy. Envoy as it is published has no peak EWMA. */
const HAS: Readonly<Record<EngineName, readonly Balancing['algorithm'][]>> = {
  weft: ALL,
  envoy: ALL.filter((algorithm) => algorithm !== 'PeakEwma'),
  grpc: ['RoundRobin', 'LeastRequest', 'RingHash'],
};

export const balancing: Behaviour = {
  name: 'balancing',

  /** Every service that a request may end at says what it wants hashed; the first that the request has counts. */
  route(route: Route, { targets }: RouteInput): Route {
    if (route.action.kind !== 'forward') return route;
    const hashPolicies: HashPolicy[] = [];
    for (const policy of targets.flatMap((conf) => hashPoliciesOf(conf.balancing))) {
      if (!hashPolicies.some((known) => equal(known, policy))) hashPolicies.push(policy);
    }
    return hashPolicies.length === 0 ? route : { ...route, action: { ...route.action, hashPolicies } };
  },

  cluster(cluster: Cluster, { engine, conf }: ClusterInput): Cluster {
    const wanted = conf.balancing;
    if (wanted === undefined || (engine === 'grpc' && !HAS.grpc.includes(wanted.algorithm))) {
      return engine === 'grpc' ? { ...cluster, loadBalancing: { kind: 'round-robin', slowStart: undefined } } : cluster;
    }
    return {
      ...cluster,
      loadBalancing: HAS[engine].includes(wanted.algorithm) ? loadBalancing(wanted) : cluster.loadBalancing,
      panicThreshold: wanted.panicThreshold ?? cluster.panicThreshold,
    };
  },

  unsupported({ engine, conf }: RouteInput) {
    const wanted = conf.balancing;
    return wanted === undefined || HAS[engine].includes(wanted.algorithm)
      ? []
      : [
          unsupportedByEngine(
            engine,
            `${conf.origins.balancing ?? ''}.algorithm`,
            `balance by ${wanted.algorithm}`,
            `write one of ${HAS[engine].join(', ')}`,
          ),
        ];
  },
};

function loadBalancing(wanted: Balancing): LoadBalancing {
  const slowStart = slowStartOf(wanted);
  switch (wanted.algorithm) {
    case 'LeastRequest':
      return {
        kind: 'least-request',
        choiceCount: wanted.choices ?? DEFAULT_CHOICES,
        activeRequestBias: 1,
        fullScan: false,
        slowStart,
      };
    case 'PeakEwma':
      return { ...PEAK_EWMA, decayTime: wanted.decay === undefined ? PEAK_EWMA.decayTime : milliseconds(wanted.decay) };
    case 'RoundRobin':
      return { kind: 'round-robin', slowStart };
    case 'Random':
      return { kind: 'random' };
    case 'RingHash': {
      const { minimum, maximum } = wanted.ringSize ?? DEFAULT_RING;
      return {
        kind: 'ring-hash',
        minimumRingSize: minimum,
        maximumRingSize: maximum,
        hashFunction: 'xx-hash',
        consistent: PLAIN_CONSISTENT,
      };
    }
    case 'Maglev':
      return { kind: 'maglev', tableSize: wanted.tableSize ?? DEFAULT_TABLE, consistent: PLAIN_CONSISTENT };
  }
}

function slowStartOf({ slowStart }: Balancing): SlowStart | undefined {
  const window = slowStart === undefined ? 0 : milliseconds(slowStart);
  return window === 0 ? undefined : { window, aggression: 1, minWeightPercent: 10 };
}

const hashPoliciesOf = (wanted: Balancing | undefined): HashPolicy[] =>
  (wanted?.hashOn ?? []).map(({ type, name, ttl, path }): HashPolicy => {
    switch (type) {
      case 'Header':
        return { kind: 'header', header: (name ?? '').toLowerCase(), rewrite: undefined, terminal: true };
      case 'Cookie':
        return {
          kind: 'cookie',
          name: name ?? '',
          ttl: ttl === undefined ? undefined : milliseconds(ttl),
          path: ttl === undefined ? '' : (path ?? '/'),
          attributes: [],
          terminal: true,
        };
      case 'QueryParameter':
        return { kind: 'query', parameter: name ?? '', terminal: true };
      case 'SourceIP':
        return { kind: 'source-ip', terminal: true };
    }
  });
