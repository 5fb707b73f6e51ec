/** Load balancing (lb_policy with its settings, load_balancing_policy, common_lb_config) of envoy.config.cluster.v3.Cluster. */
import type { Cluster, LoadBalancing, SlowStart } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { filled, unless, type Encoding } from '../base/encoding.ts';
import {
  ACTIVE_REQUEST_BIAS,
  CHOICE_COUNT,
  MAGLEV_TABLE_SIZE,
  MAXIMUM_RING_SIZE,
  MINIMUM_RING_SIZE,
  PANIC_THRESHOLD,
  SLOW_START,
} from './standards.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster'];
type WireSlowStart = Messages['envoy.config.cluster.v3.Cluster.SlowStartConfig'];

type LeastRequest = Messages['envoy.config.cluster.v3.Cluster.LeastRequestLbConfig'];
/** Fields that the settings beside lb_policy and the extension of the same policy share. */
type LeastRequestFields = Pick<LeastRequest, 'choice_count' | 'active_request_bias' | 'slow_start_config'>;
type RingSizes = Pick<
  Messages['envoy.config.cluster.v3.Cluster.RingHashLbConfig'],
  'minimum_ring_size' | 'maximum_ring_size'
>;
type SlowStarting = { readonly slow_start_config?: WireSlowStart | undefined };

/** load_balancing_policy comes before lb_policy, as in Envoy. */
export function takeLoadBalancing(cursor: Cursor<Wire>): LoadBalancing {
  const extended = cursor.within('load_balancing_policy', decodePolicyList);
  const policy = cursor.take('lb_policy') ?? 'ROUND_ROBIN';
  if (extended !== undefined) return extended;
  switch (policy) {
    case 'ROUND_ROBIN':
      return cursor.within('round_robin_lb_config', decodeRoundRobin) ?? { kind: 'round-robin', slowStart: undefined };
    case 'LEAST_REQUEST':
      return cursor.within('least_request_lb_config', decodeLeastRequest) ?? LEAST_REQUEST;
    case 'RANDOM':
      return { kind: 'random' };
    case 'RING_HASH':
      return (
        cursor.within('ring_hash_lb_config', (lb) => {
          lb.only('hash_function', 'XX_HASH');
          return decodeRingHash(lb);
        }) ?? RING_HASH
      );
    case 'MAGLEV':
      return cursor.within('maglev_lb_config', decodeMaglev) ?? { kind: 'maglev', tableSize: MAGLEV_TABLE_SIZE };
    case 'CLUSTER_PROVIDED':
      return { kind: 'cluster-provided' };
    case 'LOAD_BALANCING_POLICY_CONFIG':
      cursor.fault('load_balancing_policy', 'missing-field', 'lb_policy refers to it');
      return { kind: 'round-robin', slowStart: undefined };
  }
}

/** Envoy takes the first policy that it knows; one that is not supported here is therefore refused, not passed over. */
function decodePolicyList(cursor: Cursor<Messages['envoy.config.cluster.v3.LoadBalancingPolicy']>): LoadBalancing {
  const [first] = cursor.take('policies') ?? [];
  const config = first?.typed_extension_config;
  const path = cursor.at('policies').index(0).field('typed_extension_config').field('typed_config');
  const balancing = readingAny<LoadBalancing>(config?.typed_config, path, cursor.report, {
    'envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin': decodeRoundRobin,
    'envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest': (lb) => {
      lb.only('enable_full_scan', false);
      lb.only('selection_method', 'N_CHOICES');
      return decodeLeastRequest(lb);
    },
    'envoy.extensions.load_balancing_policies.random.v3.Random': () => ({ kind: 'random' }),
    'envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash': (lb) => {
      const hash = lb.take('hash_function');
      if (hash === 'MURMUR_HASH_2') lb.fault('hash_function', 'unsupported-value', 'only XX_HASH is supported here');
      return decodeRingHash(lb);
    },
    'envoy.extensions.load_balancing_policies.maglev.v3.Maglev': decodeMaglev,
    'envoy.extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided': () => ({
      kind: 'cluster-provided',
    }),
  });
  return balancing ?? { kind: 'round-robin', slowStart: undefined };
}

const LEAST_REQUEST: LoadBalancing = {
  kind: 'least-request',
  choiceCount: CHOICE_COUNT,
  activeRequestBias: ACTIVE_REQUEST_BIAS,
  slowStart: undefined,
};

const RING_HASH: LoadBalancing = {
  kind: 'ring-hash',
  minimumRingSize: MINIMUM_RING_SIZE,
  maximumRingSize: MAXIMUM_RING_SIZE,
};

const decodeRoundRobin = (cursor: Cursor<SlowStarting>): LoadBalancing => ({
  kind: 'round-robin',
  slowStart: cursor.within('slow_start_config', decodeSlowStart),
});

const decodeLeastRequest = (cursor: Cursor<LeastRequestFields>): LoadBalancing => ({
  kind: 'least-request',
  choiceCount: cursor.take('choice_count') ?? CHOICE_COUNT,
  activeRequestBias: cursor.within('active_request_bias', decodeDouble) ?? ACTIVE_REQUEST_BIAS,
  slowStart: cursor.within('slow_start_config', decodeSlowStart),
});

function decodeRingHash(cursor: Cursor<RingSizes>): LoadBalancing {
  const minimumRingSize = Number(cursor.take('minimum_ring_size') ?? MINIMUM_RING_SIZE);
  const maximumRingSize = Number(cursor.take('maximum_ring_size') ?? MAXIMUM_RING_SIZE);
  if (minimumRingSize > maximumRingSize) {
    cursor.fault('maximum_ring_size', 'invalid-value', `must not be less than the minimum, ${minimumRingSize}`);
  }
  return { kind: 'ring-hash', minimumRingSize, maximumRingSize };
}

function decodeMaglev(cursor: Cursor<{ readonly table_size?: number | bigint | undefined }>): LoadBalancing {
  const tableSize = Number(cursor.take('table_size') ?? MAGLEV_TABLE_SIZE);
  if (!isPrime(tableSize)) cursor.fault('table_size', 'invalid-value', `${tableSize} is no prime number`);
  return { kind: 'maglev', tableSize };
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor += 1) if (value % divisor === 0) return false;
  return value > 1;
}

/** A RuntimeDouble's default; the runtime key is taken and has no runtime to ask. */
function decodeDouble(cursor: Cursor<Messages['envoy.config.core.v3.RuntimeDouble']>): number {
  cursor.take('runtime_key');
  return cursor.take('default_value') ?? 0;
}

function decodeSlowStart(cursor: Cursor<WireSlowStart>): SlowStart {
  return {
    window: takeDuration(cursor, 'slow_start_window', SLOW_START.window),
    aggression: cursor.within('aggression', decodeDouble) ?? SLOW_START.aggression,
    minWeightPercent:
      cursor.within('min_weight_percent', (percent) => percent.take('value') ?? 0) ?? SLOW_START.minWeightPercent,
  };
}

export function loadBalancingFields(balancing: LoadBalancing, encoding: Encoding): Partial<Wire> {
  if (encoding.profile.engine === 'grpc') return loadBalancingForGrpc(balancing, encoding);
  switch (balancing.kind) {
    case 'round-robin': {
      const { slowStart } = balancing;
      if (slowStart === undefined) return {};
      return { round_robin_lb_config: { slow_start_config: encodeSlowStart(slowStart) } };
    }
    case 'least-request':
      return {
        lb_policy: 'LEAST_REQUEST',
        least_request_lb_config: filled({
          choice_count: unless(balancing.choiceCount, CHOICE_COUNT),
          active_request_bias: double(
            balancing.activeRequestBias,
            ACTIVE_REQUEST_BIAS,
            'least_request.active_request_bias',
          ),
          slow_start_config: balancing.slowStart === undefined ? undefined : encodeSlowStart(balancing.slowStart),
        }),
      };
    case 'random':
      return { lb_policy: 'RANDOM' };
    case 'ring-hash':
      return {
        lb_policy: 'RING_HASH',
        ring_hash_lb_config: filled({
          minimum_ring_size: unless(balancing.minimumRingSize, MINIMUM_RING_SIZE),
          maximum_ring_size: unless(balancing.maximumRingSize, MAXIMUM_RING_SIZE),
        }),
      };
    case 'maglev':
      return {
        lb_policy: 'MAGLEV',
        maglev_lb_config: filled({ table_size: unless(balancing.tableSize, MAGLEV_TABLE_SIZE) }),
      };
    case 'cluster-provided':
      return { lb_policy: 'CLUSTER_PROVIDED' };
  }
}

/** gRPC takes ROUND_ROBIN and RING_HASH by name; what else there is becomes the former. */
function loadBalancingForGrpc(balancing: LoadBalancing, encoding: Encoding): Partial<Wire> {
  if (balancing.kind === 'ring-hash') {
    const { minimumRingSize, maximumRingSize } = balancing;
    return {
      lb_policy: 'RING_HASH',
      ring_hash_lb_config: { minimum_ring_size: minimumRingSize, maximum_ring_size: maximumRingSize },
    };
  }
  if (balancing.kind !== 'round-robin')
    encoding.cannotSay('loadBalancing', `gRPC clients get round-robin for ${balancing.kind}`);
  else if (balancing.slowStart !== undefined)
    encoding.cannotSay('loadBalancing.slowStart', 'gRPC clients have no slow start');
  return {};
}

/** Envoy wants a runtime key beside each default. */
const double = (
  value: number,
  standard: number,
  key: string,
): Messages['envoy.config.core.v3.RuntimeDouble'] | undefined =>
  value === standard ? undefined : { default_value: value, runtime_key: `dev.weft.${key}` };

const encodeSlowStart = (slowStart: SlowStart): WireSlowStart => ({
  slow_start_window: durationUnless(slowStart.window, SLOW_START.window),
  aggression: double(slowStart.aggression, SLOW_START.aggression, 'slow_start.aggression'),
  min_weight_percent:
    slowStart.minWeightPercent === SLOW_START.minWeightPercent ? undefined : { value: slowStart.minWeightPercent },
});

/** What of common_lb_config concerns every policy. */
export const takeCommonBalancing = (cursor: Cursor<Wire>): Pick<Cluster, 'panicThreshold' | 'localityWeighted'> =>
  cursor.within('common_lb_config', (common) => ({
    panicThreshold:
      common.within('healthy_panic_threshold', (percent) => percent.take('value') ?? 0) ?? PANIC_THRESHOLD,
    localityWeighted: common.within('locality_weighted_lb_config', () => true) ?? false,
  })) ?? { panicThreshold: PANIC_THRESHOLD, localityWeighted: false };

export const commonBalancingField = ({
  panicThreshold,
  localityWeighted,
}: Pick<Cluster, 'panicThreshold' | 'localityWeighted'>): Wire['common_lb_config'] =>
  filled({
    healthy_panic_threshold: panicThreshold === PANIC_THRESHOLD ? undefined : { value: panicThreshold },
    locality_weighted_lb_config: localityWeighted ? {} : undefined,
  });
