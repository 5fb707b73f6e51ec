/**
 * Cluster types that are extensions (cluster_type): envoy.clusters.aggregate, envoy.clusters.dynamic_forward_proxy, and envoy.cluster.dns, which
 * is STRICT_DNS or LOGICAL_DNS in another form.
 */
import type { Cluster, DnsCache } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { takeDuration } from '../base/duration.ts';
import { takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeEndpointSet } from '../endpoint/decode.ts';
import { decodeDnsCache, encodeDnsCache } from '../base/dns-cache.ts';
import { decodeFailureRate, type Dns, FAMILIES } from './dns-settings.ts';
import { DNS_REFRESH_RATE } from './standards.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster'];
type WireType = Messages['envoy.config.cluster.v3.Cluster.CustomClusterType'];

const AGGREGATE = 'envoy.extensions.clusters.aggregate.v3.ClusterConfig';
const DNS = 'envoy.extensions.clusters.dns.v3.DnsCluster';
const FORWARD_PROXY = 'envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig';

const EXTENSION_FAMILIES: EnumTable<
  Dns['family'],
  'UNSPECIFIED' | 'AUTO' | 'V4_ONLY' | 'V6_ONLY' | 'V4_PREFERRED' | 'ALL'
> = [['auto', 'UNSPECIFIED'], ...FAMILIES];

/** `cluster`: whose type it is, for its endpoints; `named`: TLS is about the host that each request names. */
export function decodeClusterType(
  cursor: Cursor<WireType>,
  cluster: Cursor<Wire>,
  name: string,
  named: boolean,
): Cluster['discovery'] | undefined {
  cursor.take('name');
  return readingAny<Cluster['discovery']>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [AGGREGATE]: (inner) => ({ kind: 'aggregate', clusters: inner.take('clusters') ?? [] }),
    [FORWARD_PROXY]: (inner) => {
      const insecure = inner.take('allow_insecure_cluster_options') ?? false;
      if (!insecure && !named)
        cluster.fault(
          'typed_extension_protocol_options',
          'missing-field',
          'a dynamic forward proxy needs auto_sni and auto_san_validation, or allow_insecure_cluster_options',
        );
      inner.only('allow_coalesced_connections', false);
      const cache = inner.within('dns_cache_config', decodeDnsCache);
      if (cache === undefined) inner.fault('dns_cache_config', 'missing-field', 'the cluster needs its cache');
      return cache === undefined ? { kind: 'original-dst' } : { kind: 'dynamic-forward-proxy', cache };
    },
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

export const aggregateType = (clusters: readonly string[]): WireType => ({
  name: 'envoy.clusters.aggregate',
  typed_config: pack(AGGREGATE, { clusters }),
});

/** `named`: as `decodeClusterType`. */
export const forwardProxyType = (cache: DnsCache, named: boolean): WireType => ({
  name: 'envoy.clusters.dynamic_forward_proxy',
  typed_config: pack(FORWARD_PROXY, {
    dns_cache_config: encodeDnsCache(cache),
    allow_insecure_cluster_options: named ? undefined : true,
  }),
});
