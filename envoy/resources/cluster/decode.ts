/** envoy.config.cluster.v3.Cluster to Cluster. */
import { formatIp, parseIp } from '@weft/core/kernel';
import { type Cluster, type EndpointSet, NO_PRECONNECT } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { decodeTimedSource } from '../base/config-source.ts';
import type { Cursor } from '../base/cursor.ts';
import { takeDuration } from '../base/duration.ts';
import { takeEnum } from '../base/enumeration.ts';
import { decodeKeepalive } from '../base/keepalive.ts';
import { takeOwnMetadata } from '../base/metadata.ts';
import { decodeEndpointSet } from '../endpoint/decode.ts';
import { TRANSPORT_KEY } from '../endpoint/standards.ts';
import { decodePrefixed } from '../tls/proxy-protocol.ts';
import { decodeUpstream } from '../tls/transport.ts';
import { takeBalancing } from './balancing.ts';
import { takeCircuitBreakers } from './breakers.ts';
import { decodeHealthCheck } from './health-check.ts';
import { decodeOutlierDetection } from './outlier.ts';
import { takeUpstreamHttp } from './protocol.ts';
import { BUFFER_LIMIT, CONNECT_TIMEOUT, DNS_REFRESH_RATE, OUTLIER_DETECTION } from './standards.ts';
import { decodeClusterType } from './cluster-type.ts';
import { decodeFailureRate, FAMILIES } from './dns-settings.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster'];

export function decodeCluster(cursor: Cursor<Wire>): Cluster {
  const name = cursor.take('name') ?? '';
  checkNames(cursor);
  const { protocol, ...connections } = takeUpstreamHttp(cursor);
  const named = connections.autoSni?.sni === true && connections.autoSni.san;
  const discovery = decodeDiscovery(cursor, name, named);
  const balancing = takeBalancing(cursor);
  const provided = PROVIDED.has(discovery.kind);
  if (provided !== (balancing.loadBalancing.kind === 'cluster-provided')) {
    cursor.fault(
      'lb_policy',
      'invalid-value',
      'ORIGINAL_DST clusters, aggregates and dynamic forward proxies, and only they, need CLUSTER_PROVIDED',
    );
  }
  const outlier = cursor.within('outlier_detection', decodeOutlierDetection);
  const transport = cursor.within('transport_socket', decodePrefixed);
  if (protocol.kind === 'auto' && transport?.transport.kind !== 'tls')
    cursor.fault('typed_extension_protocol_options', 'invalid-value', 'auto_config chooses by ALPN, which needs TLS');
  if (transport?.proxyProtocol !== undefined && cursor.has('transport_socket_matches')) {
    cursor.fault('transport_socket_matches', 'unsupported-field', 'not beside upstream_proxy_protocol');
  }
  if ((transport?.passthroughMetadata ?? []).length > 0 && cursor.has('transport_socket_matches')) {
    cursor.fault('transport_socket_matches', 'unsupported-field', 'not beside internal_upstream');
  }
  return {
    name,
    altStatName: cursor.take('alt_stat_name') ?? '',
    discovery,
    connectTimeout: takeDuration(cursor, 'connect_timeout', CONNECT_TIMEOUT),
    perConnectionBufferLimitBytes: cursor.take('per_connection_buffer_limit_bytes') ?? BUFFER_LIMIT,
    ...balancing,
    circuitBreakers: takeCircuitBreakers(cursor),
    outlierDetection: outlier === undefined ? undefined : { ...OUTLIER_DETECTION, ...outlier },
    healthChecks: cursor.each('health_checks', decodeHealthCheck),
    transport: transport?.transport ?? { kind: 'plaintext' },
    plaintextByEndpoint: takePlaintextByEndpoint(cursor),
    proxyProtocol: transport?.proxyProtocol,
    passthroughMetadata: transport?.passthroughMetadata ?? [],
    protocol,
    tcpKeepalive: cursor.within('upstream_connection_options', (options) =>
      options.within('tcp_keepalive', decodeKeepalive),
    ),
    ...connections,
    waitForWarm: cursor.take('wait_for_warm_on_init') ?? true,
    preconnect: cursor.within('preconnect_policy', decodePreconnect) ?? NO_PRECONNECT,
    poolPerDownstreamConnection: cursor.take('connection_pool_per_downstream_connection') ?? false,
    sourceAddress: cursor.within('upstream_bind_config', decodeSourceAddress) ?? '',
    closeConnectionsOnHostHealthFailure: cursor.take('close_connections_on_host_health_failure') ?? false,
    ignoreHealthOnHostRemoval: cursor.take('ignore_health_on_host_removal') ?? false,
    ...takeOwnMetadata(cursor),
  };
}

const decodePreconnect = (
  cursor: Cursor<Messages['envoy.config.cluster.v3.Cluster.PreconnectPolicy']>,
): Cluster['preconnect'] => ({
  perUpstream: cursor.take('per_upstream_preconnect_ratio') ?? 1,
  predictive: cursor.take('predictive_preconnect_ratio') ?? 1,
});

/** Envoy wants several health checks told apart by their names. */
function checkNames(cursor: Cursor<Wire>): void {
  const names = (cursor.take('health_checks') ?? []).map((check) => check.name ?? '');
  if (names.length < 2) return;
  names.forEach((name, index) => {
    const path = cursor.at('health_checks').index(index);
    if (name === '') cursor.report.fault(path, 'missing-field', 'one of several health checks needs a name');
    else if (names.indexOf(name) < index)
      cursor.report.fault(path, 'duplicate-name', `two health checks are named ${name}`);
  });
}

/** upstream_bind_config: one address, any port. */
function decodeSourceAddress(cursor: Cursor<Messages['envoy.config.core.v3.BindConfig']>): string {
  cursor.only('freebind', false);
  const address = cursor.within('source_address', (source) => {
    source.only('protocol', 'TCP');
    const text = source.take('address') ?? '';
    const parsed = parseIp(text);
    if (parsed === undefined) source.fault('address', 'invalid-value', `${text} is no IP address`);
    if ((source.take('port_value') ?? 0) !== 0)
      source.fault('port_value', 'unsupported-value', 'only 0 is supported here: connections share no port');
    return parsed === undefined ? '' : formatIp(parsed);
  });
  return address === undefined || address === '0.0.0.0' || address === '::' ? '' : address;
}

/** Those that know their endpoints by themselves. */
const PROVIDED: ReadonlySet<Cluster['discovery']['kind']> = new Set([
  'original-dst',
  'aggregate',
  'dynamic-forward-proxy',
]);

function decodeDiscovery(cursor: Cursor<Wire>, name: string, named: boolean): Cluster['discovery'] {
  const own = cursor.within('cluster_type', (type) => decodeClusterType(type, cursor, name, named));
  if (own !== undefined) return own;
  const type = cursor.take('type') ?? 'STATIC';
  if (type === 'EDS') {
    const service = cursor.within('eds_cluster_config', (eds) => {
      if (!eds.has('eds_config'))
        eds.fault('eds_config', 'missing-field', 'an EDS cluster needs its source', 'set eds_config: {ads: {}}');
      const source = eds.within('eds_config', decodeTimedSource);
      return { serviceName: eds.take('service_name') || name, ...source };
    });
    if (service === undefined) cursor.fault('eds_cluster_config', 'missing-field', 'an EDS cluster needs it');
    return { kind: 'eds', serviceName: name, ...service };
  }
  if (type === 'ORIGINAL_DST') return { kind: 'original-dst' };
  const dns = type !== 'STATIC';
  const set = cursor.within('load_assignment', (assignment) => decodeEndpointSet(assignment, dns));
  if (set === undefined && dns) {
    cursor.fault('load_assignment', 'missing-field', `a ${type} cluster needs its endpoints`);
  }
  const endpoints: EndpointSet = set ?? { name, localities: [], overprovisioningFactor: 140 };
  if (type === 'STATIC') return { kind: 'static', endpoints };
  const count = endpoints.localities.reduce((sum, locality) => sum + locality.endpoints.length, 0);
  if (type === 'LOGICAL_DNS' && count !== 1) {
    cursor.fault('load_assignment', 'invalid-value', `a LOGICAL_DNS cluster has exactly one endpoint, not ${count}`);
  }
  return {
    kind: type === 'STRICT_DNS' ? 'strict-dns' : 'logical-dns',
    endpoints,
    refreshRate: takeDuration(cursor, 'dns_refresh_rate', DNS_REFRESH_RATE),
    failureRefreshRate: cursor.within('dns_failure_refresh_rate', decodeFailureRate),
    respectTtl: cursor.take('respect_dns_ttl') ?? false,
    jitter: takeDuration(cursor, 'dns_jitter', 0),
    family: takeEnum(cursor, 'dns_lookup_family', FAMILIES),
  };
}

/** transport_socket_matches: only the one by which endpoints that speak plaintext are reached without TLS. */
function takePlaintextByEndpoint(cursor: Cursor<Wire>): boolean {
  const matches = cursor.each('transport_socket_matches', (match) => {
    match.take('name');
    const criteria = Object.entries(match.take('match') ?? {});
    const [key, value] = criteria[0] ?? [];
    if (criteria.length !== 1 || key !== TRANSPORT_KEY || value !== 'plaintext') {
      match.fault('match', 'unsupported-value', `only {${TRANSPORT_KEY}: plaintext} is supported here`);
    }
    const transport = match.within('transport_socket', decodeUpstream);
    if (transport === undefined) match.fault('transport_socket', 'missing-field', 'a match needs its transport socket');
    if (transport?.kind === 'tls')
      match.fault('transport_socket', 'unsupported-value', 'only raw_buffer is supported here');
    return true;
  });
  if (matches.length > 1)
    cursor.fault('transport_socket_matches', 'unsupported-value', 'only one match is supported here');
  return matches.length > 0;
}
