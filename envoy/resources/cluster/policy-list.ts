/** envoy.config.cluster.v3.LoadBalancingPolicy: policies as extensions, which say more than the cluster's own fields. */
import type { Cluster, ConsistentHashing } from '@weft/core/proxy-config';
import { type AnyMessage, type Messages, pack } from '../../tables/index.ts';
import { type Cursor, readingAny } from '../base/cursor.ts';
import { unless } from '../base/encoding.ts';
import {
  decodeConsistent,
  decodeLocality,
  encodeConsistent,
  encodeLocality,
  type LocalityBalancing,
  NO_LOCALITY,
} from './locality.ts';
import {
  decodeLeastRequest,
  decodeMaglev,
  decodePeakEwma,
  decodeRingHash,
  decodeRoundRobin,
  encodeSlowStart,
  leastRequestFields,
  peakEwmaFields,
  ringFields,
} from './policies.ts';
import { MAGLEV_TABLE_SIZE } from './standards.ts';
import { decodeSubsets, subsetsField } from './subsets.ts';

type Wire = Messages['envoy.config.cluster.v3.LoadBalancingPolicy'];
type WireConsistent = Messages['envoy.extensions.load_balancing_policies.common.v3.ConsistentHashingLbConfig'];
type Listed = Pick<Cluster, 'loadBalancing' | 'localityWeighted' | 'zoneAware' | 'subsets'>;

const POLICIES = 'envoy.extensions.load_balancing_policies';
const PLAIN: Listed = {
  loadBalancing: { kind: 'round-robin', slowStart: undefined },
  ...NO_LOCALITY,
  subsets: undefined,
};

const locality = (
  cursor: Cursor<{
    readonly locality_lb_config?:
      | Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig']
      | undefined;
  }>,
): LocalityBalancing => cursor.within('locality_lb_config', decodeLocality) ?? NO_LOCALITY;

/** Of the policies that hash: weighted localities are all they know. */
const weighted = (
  cursor: Cursor<{ readonly locality_weighted_lb_config?: object | undefined }>,
): LocalityBalancing => ({
  ...NO_LOCALITY,
  localityWeighted: cursor.within('locality_weighted_lb_config', () => true) ?? false,
});

/** Envoy takes the first policy that it knows; one that is not supported here is therefore refused, not passed over. */
export function decodePolicyList(cursor: Cursor<Wire>): Listed {
  const [first] = cursor.take('policies') ?? [];
  const config = first?.typed_extension_config;
  const path = cursor.at('policies').index(0).field('typed_extension_config').field('typed_config');
  const listed = readingAny<Listed>(config?.typed_config, path, cursor.report, {
    [`${POLICIES}.round_robin.v3.RoundRobin`]: (lb) => ({
      ...PLAIN,
      loadBalancing: decodeRoundRobin(lb),
      ...locality(lb),
    }),
    [`${POLICIES}.least_request.v3.LeastRequest`]: (lb) => {
      const scans = lb.take('enable_full_scan') === true || lb.take('selection_method') === 'FULL_SCAN';
      lb.take('selection_method');
      return { ...PLAIN, loadBalancing: { ...decodeLeastRequest(lb), fullScan: scans }, ...locality(lb) };
    },
    [`${POLICIES}.random.v3.Random`]: (lb) => ({ ...PLAIN, loadBalancing: { kind: 'random' }, ...locality(lb) }),
    [`${POLICIES}.peak_ewma.v3alpha.PeakEwma`]: (lb) => ({ ...PLAIN, loadBalancing: decodePeakEwma(lb) }),
    [`${POLICIES}.wrr_locality.v3.WrrLocality`]: (lb) => {
      const inner = lb.within('endpoint_picking_policy', decodePolicyList) ?? PLAIN;
      if (inner.subsets !== undefined || inner.loadBalancing.kind === 'cluster-provided')
        lb.fault(
          'endpoint_picking_policy',
          'unsupported-value',
          'a policy that picks among the endpoints of a locality',
        );
      return { ...inner, ...NO_LOCALITY, localityWeighted: true };
    },
    [`${POLICIES}.ring_hash.v3.RingHash`]: (lb) => ({
      ...PLAIN,
      loadBalancing: {
        ...decodeRingHash(lb),
        hashFunction: lb.take('hash_function') === 'MURMUR_HASH_2' ? 'murmur-hash-2' : 'xx-hash',
        consistent: takeConsistent(lb),
      },
      ...weighted(lb),
    }),
    [`${POLICIES}.maglev.v3.Maglev`]: (lb) => ({
      ...PLAIN,
      loadBalancing: { ...decodeMaglev(lb), consistent: takeConsistent(lb) },
      ...weighted(lb),
    }),
    [`${POLICIES}.subset.v3.Subset`]: (lb) => {
      const inner = lb.within('subset_lb_policy', decodePolicyList) ?? PLAIN;
      if (inner.subsets !== undefined) lb.fault('subset_lb_policy', 'unsupported-value', 'subsets have no subsets');
      return { ...inner, subsets: decodeSubsets(lb) };
    },
    [`${POLICIES}.cluster_provided.v3.ClusterProvided`]: () => ({
      ...PLAIN,
      loadBalancing: { kind: 'cluster-provided' },
    }),
  });
  return listed ?? PLAIN;
}

/** The fields of the policy itself are the older ones; consistent_hashing_lb_config comes before them. */
function takeConsistent(
  lb: Cursor<{
    readonly use_hostname_for_hashing?: boolean | undefined;
    readonly hash_balance_factor?: number | undefined;
    readonly consistent_hashing_lb_config?: WireConsistent | undefined;
  }>,
): ConsistentHashing {
  const old = decodeConsistent(lb);
  const found = lb.within('consistent_hashing_lb_config', decodeConsistent);
  for (const field of ['use_hostname_for_hashing', 'hash_balance_factor'] as const)
    if (found !== undefined && lb.has(field))
      lb.fault(field, 'oneof-conflict', 'stands beside consistent_hashing_lb_config, which replaces it');
  return found ?? old;
}

/** What the cluster's own fields have no words for. */
export const needsExtension = ({ loadBalancing, zoneAware, discovery }: Listed & Pick<Cluster, 'discovery'>): boolean =>
  ('consistent' in loadBalancing && loadBalancing.consistent.useHostname && discovery.kind !== 'strict-dns') ||
  loadBalancing.kind === 'peak-ewma' ||
  (loadBalancing.kind === 'least-request' && loadBalancing.fullScan) ||
  zoneAware.forceLocalZone > 0 ||
  zoneAware.byWeight;

export const encodePolicyList = (listed: Listed): Wire => {
  const own = policyOf(listed);
  const { subsets } = listed;
  if (subsets === undefined) return own;
  return list(
    `${POLICIES}.subset`,
    pack(`${POLICIES}.subset.v3.Subset`, { ...subsetsField(subsets), subset_lb_policy: own }),
  );
};

const list = (name: string, typed_config: AnyMessage): Wire => ({
  policies: [{ typed_extension_config: { name, typed_config } }],
});

function policyOf({ loadBalancing, ...localities }: Listed): Wire {
  const locality_lb_config = encodeLocality(localities);
  const hashing = {
    locality_weighted_lb_config: localities.localityWeighted ? {} : undefined,
    consistent_hashing_lb_config:
      'consistent' in loadBalancing ? encodeConsistent(loadBalancing.consistent) : undefined,
  };
  switch (loadBalancing.kind) {
    case 'round-robin':
      return list(
        `${POLICIES}.round_robin`,
        pack(`${POLICIES}.round_robin.v3.RoundRobin`, {
          slow_start_config:
            loadBalancing.slowStart === undefined ? undefined : encodeSlowStart(loadBalancing.slowStart),
          locality_lb_config,
        }),
      );
    case 'least-request':
      return list(
        `${POLICIES}.least_request`,
        pack(`${POLICIES}.least_request.v3.LeastRequest`, {
          ...leastRequestFields(loadBalancing),
          selection_method: loadBalancing.fullScan ? 'FULL_SCAN' : undefined,
          locality_lb_config,
        }),
      );
    case 'random':
      return list(`${POLICIES}.random`, pack(`${POLICIES}.random.v3.Random`, { locality_lb_config }));
    case 'peak-ewma': {
      const own = list(
        `${POLICIES}.peak_ewma`,
        pack(`${POLICIES}.peak_ewma.v3alpha.PeakEwma`, peakEwmaFields(loadBalancing)),
      );
      return localities.localityWeighted
        ? list(
            `${POLICIES}.wrr_locality`,
            pack(`${POLICIES}.wrr_locality.v3.WrrLocality`, { endpoint_picking_policy: own }),
          )
        : own;
    }
    case 'ring-hash':
      return list(
        `${POLICIES}.ring_hash`,
        pack(`${POLICIES}.ring_hash.v3.RingHash`, {
          ...ringFields(loadBalancing),
          hash_function: loadBalancing.hashFunction === 'murmur-hash-2' ? 'MURMUR_HASH_2' : undefined,
          ...hashing,
        }),
      );
    case 'maglev':
      return list(
        `${POLICIES}.maglev`,
        pack(`${POLICIES}.maglev.v3.Maglev`, {
          table_size: unless(loadBalancing.tableSize, MAGLEV_TABLE_SIZE),
          ...hashing,
        }),
      );
    case 'cluster-provided':
      return list(`${POLICIES}.cluster_provided`, pack(`${POLICIES}.cluster_provided.v3.ClusterProvided`, {}));
  }
}
