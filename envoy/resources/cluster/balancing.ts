/** Load balancing (lb_policy with its settings, load_balancing_policy, common_lb_config, lb_subset_config) of envoy.config.cluster.v3.Cluster. */
import {
  type Cluster,
  type LoadBalancing,
  PLAIN_CONSISTENT,
  PLAIN_ZONE_AWARE,
  SESSION_STATUSES,
} from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { HEALTH } from '../endpoint/decode.ts';
import { filled, unless, type Encoding } from '../base/encoding.ts';
import {
  decodeLeastRequest,
  decodeMaglev,
  decodeRingHash,
  decodeRoundRobin,
  encodeSlowStart,
  LEAST_REQUEST,
  leastRequestFields,
  MAGLEV,
  RING_HASH,
  ringFields,
} from './policies.ts';
import { decodeConsistent, decodeZoneAware, encodeConsistent, encodeZoneAware } from './locality.ts';
import { decodePolicyList, encodePolicyList, needsExtension } from './policy-list.ts';
import { MAGLEV_TABLE_SIZE, PANIC_THRESHOLD } from './standards.ts';
import { decodeSubsets, subsetsField } from './subsets.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster'];
type WireCommon = Messages['envoy.config.cluster.v3.Cluster.CommonLbConfig'];

/** What of a cluster says how its endpoints are chosen. */
export type Balancing = Pick<
  Cluster,
  | 'loadBalancing'
  | 'localityWeighted'
  | 'zoneAware'
  | 'subsets'
  | 'panicThreshold'
  | 'ignoreUncheckedEndpoints'
  | 'closeConnectionsOnChange'
  | 'overrideHostStatuses'
>;

/** load_balancing_policy comes before lb_policy, as in Envoy, and says everything but what is `Shared`. */
export function takeBalancing(cursor: Cursor<Wire>): Balancing {
  const extended = cursor.within('load_balancing_policy', decodePolicyList);
  const policy = cursor.take('lb_policy') ?? 'ROUND_ROBIN';
  if (policy === 'LOAD_BALANCING_POLICY_CONFIG' && extended === undefined)
    cursor.fault('load_balancing_policy', 'missing-field', 'lb_policy refers to it');
  const common = cursor.within('common_lb_config', (inner) => ({
    shared: takeShared(inner),
    ...(extended === undefined ? takeCommon(inner) : {}),
  }));
  const shared = common?.shared ?? SHARED;
  if (extended !== undefined) return { ...extended, ...shared };
  const subsets = cursor.within('lb_subset_config', decodeSubsets);
  const loadBalancing = takePolicy(cursor, policy);
  if (subsets !== undefined && loadBalancing.kind === 'cluster-provided')
    cursor.fault('lb_subset_config', 'invalid-value', 'CLUSTER_PROVIDED has no subsets');
  const { consistent, localityWeighted = false, zoneAware = PLAIN_ZONE_AWARE } = common ?? {};
  const byHash = loadBalancing.kind === 'ring-hash' || loadBalancing.kind === 'maglev';
  if (consistent !== undefined && !byHash)
    cursor.report.fault(
      cursor.at('common_lb_config').field('consistent_hashing_lb_config'),
      'invalid-value',
      'only RING_HASH and MAGLEV hash',
    );
  if ((byHash || loadBalancing.kind === 'cluster-provided') && zoneAware !== PLAIN_ZONE_AWARE)
    cursor.report.fault(
      cursor.at('common_lb_config').field('zone_aware_lb_config'),
      'invalid-value',
      `${policy} does not look at zones`,
    );
  if (consistent?.useHostname === true && cursor.take('type') !== 'STRICT_DNS')
    cursor.report.fault(
      cursor.at('common_lb_config').field('consistent_hashing_lb_config').field('use_hostname_for_hashing'),
      'invalid-value',
      'only for STRICT_DNS clusters',
      'say it in load_balancing_policy, where it is for all',
    );
  return {
    loadBalancing: byHash && consistent !== undefined ? { ...loadBalancing, consistent } : loadBalancing,
    localityWeighted,
    zoneAware,
    subsets,
    ...shared,
  };
}

type Shared = Pick<
  Balancing,
  'panicThreshold' | 'ignoreUncheckedEndpoints' | 'closeConnectionsOnChange' | 'overrideHostStatuses'
>;
const SHARED: Shared = {
  panicThreshold: PANIC_THRESHOLD,
  ignoreUncheckedEndpoints: false,
  closeConnectionsOnChange: false,
  overrideHostStatuses: SESSION_STATUSES,
};

/** What holds for every policy, in whatever form it is written. */
const takeShared = (common: Cursor<WireCommon>): Shared => ({
  panicThreshold: common.within('healthy_panic_threshold', (percent) => percent.take('value') ?? 0) ?? PANIC_THRESHOLD,
  ignoreUncheckedEndpoints: common.take('ignore_new_hosts_until_first_hc') ?? false,
  closeConnectionsOnChange: common.take('close_connections_on_host_set_change') ?? false,
  overrideHostStatuses: common.within('override_host_status', decodeStatuses) ?? SESSION_STATUSES,
});

const sharedFields = (shared: Shared): WireCommon => ({
  healthy_panic_threshold: shared.panicThreshold === PANIC_THRESHOLD ? undefined : { value: shared.panicThreshold },
  ignore_new_hosts_until_first_hc: shared.ignoreUncheckedEndpoints ? true : undefined,
  close_connections_on_host_set_change: shared.closeConnectionsOnChange ? true : undefined,
  override_host_status: statusesField(shared.overrideHostStatuses),
});

const decodeStatuses = (
  cursor: Cursor<Messages['envoy.config.core.v3.HealthStatusSet']>,
): Cluster['overrideHostStatuses'] => {
  const named = new Set(cursor.take('statuses') ?? []);
  return HEALTH.flatMap(([status, name]) => (named.has(name) ? [status] : []));
};

const statusesField = (
  statuses: Cluster['overrideHostStatuses'],
): Messages['envoy.config.core.v3.HealthStatusSet'] | undefined => {
  const standard =
    statuses.length === SESSION_STATUSES.length && SESSION_STATUSES.every((one) => statuses.includes(one));
  return standard
    ? undefined
    : { statuses: HEALTH.flatMap(([status, name]) => (statuses.includes(status) ? [name] : [])) };
};

const takeCommon = (
  common: Cursor<WireCommon>,
): {
  readonly localityWeighted: boolean;
  readonly zoneAware: Balancing['zoneAware'];
  readonly consistent: typeof PLAIN_CONSISTENT | undefined;
} => ({
  localityWeighted: common.within('locality_weighted_lb_config', () => true) ?? false,
  zoneAware: common.within('zone_aware_lb_config', decodeZoneAware) ?? PLAIN_ZONE_AWARE,
  consistent: common.within('consistent_hashing_lb_config', decodeConsistent),
});

function takePolicy(cursor: Cursor<Wire>, policy: NonNullable<Wire['lb_policy']>): LoadBalancing {
  switch (policy) {
    case 'ROUND_ROBIN':
    case 'LOAD_BALANCING_POLICY_CONFIG':
      return cursor.within('round_robin_lb_config', decodeRoundRobin) ?? { kind: 'round-robin', slowStart: undefined };
    case 'LEAST_REQUEST':
      return cursor.within('least_request_lb_config', decodeLeastRequest) ?? LEAST_REQUEST;
    case 'RANDOM':
      return { kind: 'random' };
    case 'RING_HASH':
      return (
        cursor.within('ring_hash_lb_config', (lb) => ({
          ...decodeRingHash(lb),
          hashFunction: lb.take('hash_function') === 'MURMUR_HASH_2' ? 'murmur-hash-2' : 'xx-hash',
          consistent: PLAIN_CONSISTENT,
        })) ?? RING_HASH
      );
    case 'MAGLEV':
      return cursor.within('maglev_lb_config', decodeMaglev) ?? MAGLEV;
    case 'CLUSTER_PROVIDED':
      return { kind: 'cluster-provided' };
  }
}

export function balancingFields(stated: Balancing & Pick<Cluster, 'discovery'>, encoding: Encoding): Partial<Wire> {
  const missing = stated.loadBalancing.kind === 'peak-ewma' && encoding.profile.engine === 'envoy';
  if (missing) encoding.cannotSay('loadBalancing', 'Envoy has peak EWMA in contrib builds only: least request instead');
  const balancing = missing ? { ...stated, loadBalancing: LEAST_REQUEST } : stated;
  const { loadBalancing } = balancing;
  if (needsExtension(balancing))
    return {
      load_balancing_policy: encodePolicyList(balancing),
      common_lb_config: filled(sharedFields(balancing)),
    };
  return {
    ...policyFields(loadBalancing),
    lb_subset_config: subsetsField(balancing.subsets),
    common_lb_config: filled({
      ...sharedFields(balancing),
      locality_weighted_lb_config: balancing.localityWeighted ? {} : undefined,
      zone_aware_lb_config: balancing.localityWeighted ? undefined : encodeZoneAware(balancing.zoneAware),
      consistent_hashing_lb_config:
        'consistent' in loadBalancing ? encodeConsistent(loadBalancing.consistent) : undefined,
    }),
  };
}

function policyFields(balancing: LoadBalancing): Partial<Wire> {
  switch (balancing.kind) {
    case 'round-robin': {
      const { slowStart } = balancing;
      return slowStart === undefined
        ? {}
        : { round_robin_lb_config: { slow_start_config: encodeSlowStart(slowStart) } };
    }
    case 'least-request':
      return { lb_policy: 'LEAST_REQUEST', least_request_lb_config: filled(leastRequestFields(balancing)) };
    case 'random':
      return { lb_policy: 'RANDOM' };
    case 'peak-ewma':
      // `needsExtension` holds for it.
      return {};
    case 'ring-hash':
      return {
        lb_policy: 'RING_HASH',
        ring_hash_lb_config: filled({
          ...ringFields(balancing),
          hash_function: balancing.hashFunction === 'murmur-hash-2' ? ('MURMUR_HASH_2' as const) : undefined,
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
export function loadBalancingForGrpc(balancing: LoadBalancing, encoding: Encoding): Partial<Wire> {
  if (balancing.kind === 'ring-hash') {
    const { minimumRingSize, maximumRingSize, hashFunction } = balancing;
    if (hashFunction !== 'xx-hash')
      encoding.cannotSay('loadBalancing.hashFunction', 'gRPC clients know XX_HASH only', 'error');
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
