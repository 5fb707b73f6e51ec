/** Cluster types that are extensions (cluster_type): envoy.clusters.aggregate and envoy.cluster.dns, which is STRICT_DNS or LOGICAL_DNS in another form. */
import type { Cluster } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { takeDuration } from '../base/duration.ts';
import { takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeEndpointSet } from '../endpoint/decode.ts';
import { DNS_REFRESH_RATE } from './standards.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster'];
type WireType = Messages['envoy.config.cluster.v3.Cluster.CustomClusterType'];
type WireRate =
  | Messages['envoy.config.cluster.v3.Cluster.RefreshRate']
  | Messages['envoy.extensions.clusters.dns.v3.DnsCluster.RefreshRate'];
type Dns = Extract<Cluster['discovery'], { kind: 'strict-dns' | 'logical-dns' }>;

const AGGREGATE = 'envoy.extensions.clusters.aggregate.v3.ClusterConfig';
const DNS = 'envoy.extensions.clusters.dns.v3.DnsCluster';

export const FAMILIES: EnumTable<Dns['family'], 'AUTO' | 'V4_ONLY' | 'V6_ONLY' | 'V4_PREFERRED' | 'ALL'> = [
  ['auto', 'AUTO'],
  ['v4-only', 'V4_ONLY'],
  ['v6-only', 'V6_ONLY'],
  ['v4-preferred', 'V4_PREFERRED'],
  ['all', 'ALL'],
];

const EXTENSION_FAMILIES: EnumTable<
  Dns['family'],
  'UNSPECIFIED' | 'AUTO' | 'V4_ONLY' | 'V6_ONLY' | 'V4_PREFERRED' | 'ALL'
> = [['auto', 'UNSPECIFIED'], ...FAMILIES];

/** `cluster`: whose type it is, for its endpoints. */
export function decodeClusterType(
  cursor: Cursor<WireType>,
  cluster: Cursor<Wire>,
  name: string,
): Cluster['discovery'] | undefined {
  cursor.take('name');
  return readingAny<Cluster['discovery']>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [AGGREGATE]: (inner) => ({ kind: 'aggregate', clusters: inner.take('clusters') ?? [] }),
    [DNS]: (inner) => {
      const endpoints = cluster.within('load_assignment', (assignment) => decodeEndpointSet(assignment, true));
      const logical = inner.take('all_addresses_in_single_endpoint') ?? false;
      const count = endpoints?.localities.reduce((sum, locality) => sum + locality.endpoints.length, 0) ?? 0;
      if (logical && count !== 1)
        cluster.fault('load_assignment', 'invalid-value', `needs exactly one endpoint, not ${count}`);
      return {
        kind: logical ? 'logical-dns' : 'strict-dns',
        endpoints: endpoints ?? { name, localities: [], overprovisioningFactor: 140 },
        refreshRate: takeDuration(inner, 'dns_refresh_rate', DNS_REFRESH_RATE),
        failureRefreshRate: inner.within('dns_failure_refresh_rate', decodeFailureRate),
        respectTtl: inner.take('respect_dns_ttl') ?? false,
        jitter: takeDuration(inner, 'dns_jitter', 0),
        family: takeEnum(inner, 'dns_lookup_family', EXTENSION_FAMILIES),
      };
    },
  });
}

/** Envoy's longest is ten times the shortest unless it is stated. */
export function decodeFailureRate(cursor: Cursor<WireRate>): NonNullable<Dns['failureRefreshRate']> {
  const base = takeDuration(cursor, 'base_interval', DNS_REFRESH_RATE);
  const max = takeDuration(cursor, 'max_interval', base * 10);
  if (max < base) cursor.fault('max_interval', 'invalid-value', 'must not be less than base_interval');
  return { base, max };
}

export const aggregateType = (clusters: readonly string[]): WireType => ({
  name: 'envoy.clusters.aggregate',
  typed_config: pack(AGGREGATE, { clusters }),
});
