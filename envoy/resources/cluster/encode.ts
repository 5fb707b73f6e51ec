/** Cluster to envoy.config.cluster.v3.Cluster. */
import type { Cluster, OutlierDetection } from '@weft/core/proxy-config';
import type { ClientProfile } from '../../profile/index.ts';
import type { Messages } from '../../tables/index.ts';
import { sourceOf } from '../base/config-source.ts';
import { durationUnless, fromMilliseconds } from '../base/duration.ts';
import { Encoding, filled, some, unless, type Encoded } from '../base/encoding.ts';
import { enumName } from '../base/enumeration.ts';
import { encodeKeepalive } from '../base/keepalive.ts';
import { routeMetadata } from '../base/metadata.ts';
import { endpointSetMessage } from '../endpoint/encode.ts';
import { TRANSPORT_KEY } from '../endpoint/standards.ts';
import { encodePrefixed } from '../tls/proxy-protocol.ts';
import { RAW_BUFFER } from '../tls/transport.ts';
import { balancingFields } from './balancing.ts';
import { circuitBreakersField } from './breakers.ts';
import { aggregateType, forwardProxyType } from './cluster-type.ts';
import { FAMILIES } from './dns-settings.ts';
import { encodeClusterForGrpc } from './encode-grpc.ts';
import { encodeHealthCheck } from './health-check.ts';
import { encodeOutlierDetection } from './outlier.ts';
import { upstreamHttpField } from './protocol.ts';
import { BUFFER_LIMIT, CONNECT_TIMEOUT, DNS_REFRESH_RATE } from './standards.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster'];

export function encodeCluster(cluster: Cluster, profile: ClientProfile): Encoded<Wire> {
  const encoding = new Encoding(profile, `clusters[${cluster.name}]`);
  const message =
    profile.engine === 'grpc' ? encodeClusterForGrpc(cluster, encoding) : clusterMessage(cluster, encoding);
  return { message: encoding.check('envoy.config.cluster.v3.Cluster', message), diagnostics: encoding.diagnostics() };
}

function clusterMessage(cluster: Cluster, encoding: Encoding): Wire {
  const { tcpKeepalive: keepalive } = cluster;
  return {
    transport_socket_matches: cluster.plaintextByEndpoint
      ? [{ name: 'plaintext', match: { [TRANSPORT_KEY]: 'plaintext' }, transport_socket: RAW_BUFFER }]
      : undefined,
    name: cluster.name,
    alt_stat_name: cluster.altStatName || undefined,
    ...discoveryFields(cluster, encoding),
    connect_timeout: durationUnless(cluster.connectTimeout, CONNECT_TIMEOUT),
    per_connection_buffer_limit_bytes: unless(cluster.perConnectionBufferLimitBytes, BUFFER_LIMIT),
    ...balancingFields(cluster, encoding),
    health_checks: some(
      cluster.healthChecks.map((check, index, all) =>
        encodeHealthCheck(check, all.length > 1 ? `check-${index}` : undefined),
      ),
    ),
    circuit_breakers: circuitBreakersField(cluster.circuitBreakers, encoding),
    typed_extension_protocol_options: upstreamHttpField(cluster),
    outlier_detection:
      cluster.outlierDetection === undefined ? undefined : outlierField(cluster.outlierDetection, encoding),
    transport_socket: encodePrefixed(cluster),
    metadata: routeMetadata(cluster),
    upstream_connection_options: keepalive === undefined ? undefined : { tcp_keepalive: encodeKeepalive(keepalive) },
    preconnect_policy: preconnectField(cluster.preconnect),
    connection_pool_per_downstream_connection: cluster.poolPerDownstreamConnection ? true : undefined,
    upstream_bind_config:
      cluster.sourceAddress === '' ? undefined : { source_address: { address: cluster.sourceAddress, port_value: 0 } },
    close_connections_on_host_health_failure: cluster.closeConnectionsOnHostHealthFailure ? true : undefined,
    wait_for_warm_on_init: cluster.waitForWarm ? undefined : false,
    ignore_health_on_host_removal: cluster.ignoreHealthOnHostRemoval ? true : undefined,
  };
}

function outlierField(outlier: OutlierDetection, encoding: Encoding): Wire['outlier_detection'] {
  const isOurs = encoding.profile.engine === 'weft';
  if (outlier.own !== undefined && !isOurs)
    for (const word of Object.keys(outlier.own))
      encoding.cannotSay(`outlierDetection.own.${word}`, 'Envoy has no such detection');
  return encodeOutlierDetection(outlier, isOurs);
}

const preconnectField = ({ perUpstream, predictive }: Cluster['preconnect']): Wire['preconnect_policy'] =>
  filled({
    per_upstream_preconnect_ratio: unless(perUpstream, 1),
    predictive_preconnect_ratio: unless(predictive, 1),
  });

export function discoveryFields(cluster: Cluster, encoding: Encoding): Partial<Wire> {
  const { discovery } = cluster;
  switch (discovery.kind) {
    case 'eds':
      return {
        type: 'EDS',
        eds_cluster_config: {
          eds_config: sourceOf(discovery.file, discovery.fetchTimeout),
          service_name: unless(discovery.serviceName, cluster.name),
        },
      };
    case 'original-dst':
      return { type: 'ORIGINAL_DST' };
    case 'aggregate':
      if (encoding.profile.engine === 'grpc')
        encoding.cannotSay('discovery', 'clusters of clusters are not told to gRPC clients', 'error');
      return { cluster_type: aggregateType(discovery.clusters) };
    case 'dynamic-forward-proxy':
      if (encoding.profile.engine === 'grpc')
        encoding.cannotSay('discovery', 'gRPC clients resolve no hosts of requests', 'error');
      return {
        cluster_type: forwardProxyType(discovery.cache, cluster.autoSni?.sni === true && cluster.autoSni.san),
      };
    case 'static':
      return { type: 'STATIC', load_assignment: endpointSetMessage(discovery.endpoints, encoding) };
    case 'strict-dns':
    case 'logical-dns':
      return {
        type: discovery.kind === 'strict-dns' ? 'STRICT_DNS' : 'LOGICAL_DNS',
        load_assignment: endpointSetMessage(discovery.endpoints, encoding),
        dns_refresh_rate:
          discovery.refreshRate === DNS_REFRESH_RATE ? undefined : fromMilliseconds(discovery.refreshRate),
        dns_failure_refresh_rate:
          discovery.failureRefreshRate === undefined
            ? undefined
            : {
                base_interval: fromMilliseconds(discovery.failureRefreshRate.base),
                max_interval: fromMilliseconds(discovery.failureRefreshRate.max),
              },
        respect_dns_ttl: discovery.respectTtl ? true : undefined,
        dns_jitter: durationUnless(discovery.jitter, 0),
        dns_lookup_family: enumName(discovery.family, FAMILIES),
      };
  }
}
