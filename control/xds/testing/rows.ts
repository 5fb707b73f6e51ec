/** Rows of a ProxyConfig for tests, with Envoy's defaults. */
import type {
  Cluster,
  EndpointSet,
  HeaderMutations,
  HttpConnectionManager,
  Listener,
  ProxyConfig,
  Route,
  RouteConfiguration,
  SocketAddress,
  UpstreamTransport,
} from '@weft/core/proxy-config';
import { proxyConfig, type ProxyConfigRows } from '@weft/core/proxy-config';

const NO_HEADERS: HeaderMutations = { requestRemove: [], requestAdd: [], responseRemove: [], responseAdd: [] };

const THRESHOLDS = {
  maxConnections: 1024,
  maxPendingRequests: 1024,
  maxRequests: 1024,
  maxRetries: 3,
  retryBudget: undefined,
  trackRemaining: false,
};

const HTTP2 = {
  maxConcurrentStreams: 100,
  initialStreamWindowSize: 65_536,
  initialConnectionWindowSize: 1_048_576,
};

/** An EDS cluster in plaintext, its endpoint set named as itself. */
export const cluster = (name: string, changes: Partial<Cluster> = {}): Cluster => ({
  name,
  altStatName: '',
  discovery: { kind: 'eds', serviceName: name },
  connectTimeout: 5000,
  perConnectionBufferLimitBytes: 1_048_576,
  loadBalancing: { kind: 'round-robin', slowStart: undefined },
  panicThreshold: 50,
  circuitBreakers: { default: THRESHOLDS, high: THRESHOLDS },
  outlierDetection: undefined,
  healthChecks: [],
  transport: { kind: 'plaintext' },
  plaintextByEndpoint: false,
  protocol: { kind: 'http1', enableTrailers: true },
  tcpKeepalive: undefined,
  idleTimeout: 3_600_000,
  maxRequestsPerConnection: 0,
  closeConnectionsOnHostHealthFailure: false,
  ignoreHealthOnHostRemoval: false,
  source: undefined,
  ...changes,
});

export const endpointSet = (name: string, ...addresses: readonly SocketAddress[]): EndpointSet => ({
  name,
  localities: [
    {
      locality: { region: '', zone: '', subZone: '' },
      priority: 0,
      weight: 1,
      endpoints: addresses.map((address) => ({
        address,
        hostname: '',
        health: 'unknown',
        weight: 1,
        workload: undefined,
      })),
    },
  ],
  overprovisioningFactor: 140,
});

export const route = (clusterName: string, changes: Partial<Route> = {}): Route => ({
  name: '',
  match: {
    path: { kind: 'prefix', value: '/', ignoreCase: false },
    headers: [],
    queryParameters: [],
    grpc: false,
    fraction: undefined,
  },
  action: {
    kind: 'forward',
    target: { kind: 'cluster', cluster: clusterName },
    clusterNotFoundStatus: 503,
    rewrite: { path: { kind: 'none' }, host: { kind: 'none' }, appendXForwardedHost: false },
    timeout: 15_000,
    idleTimeout: undefined,
    retryPolicy: undefined,
    upgrades: [],
    hashPolicies: [],
    priority: 'default',
    mirrors: [],
  },
  headers: NO_HEADERS,
  source: undefined,
  ...changes,
});

export const routeTable = (
  name: string,
  routes: readonly Route[],
  domains: readonly string[] = ['*'],
): RouteConfiguration => ({
  name,
  virtualHosts: [
    {
      name: 'all',
      domains,
      routes,
      headers: NO_HEADERS,
      retryPolicy: undefined,
      requireTls: 'none',
      includeRequestAttemptCount: false,
      includeAttemptCountInResponse: false,
    },
  ],
  headers: NO_HEADERS,
  ignorePortInHostMatching: false,
  maxDirectResponseBodySizeBytes: 4096,
  mostSpecificHeaderMutationsWins: false,
});

export const manager = (routes: HttpConnectionManager['routes']): HttpConnectionManager => ({
  statPrefix: 'http',
  codec: 'auto',
  http1: { acceptHttp10: false, defaultHostForHttp10: '', enableTrailers: false, allowAbsoluteUrl: true },
  http2: HTTP2,
  routes,
  httpFilters: [],
  upgrades: [],
  timeouts: {
    request: 0,
    requestHeaders: 0,
    streamIdle: 300_000,
    idle: 3_600_000,
    maxConnectionDuration: 0,
    maxStreamDuration: 0,
    drain: 5000,
    delayedClose: 1000,
  },
  maxRequestHeadersKb: 60,
  maxHeadersCount: 100,
  maxRequestsPerConnection: 0,
  useRemoteAddress: false,
  xffNumTrustedHops: 0,
  skipXffAppend: false,
  via: '',
  serverName: 'envoy',
  serverHeaderTransformation: 'overwrite',
  generateRequestId: true,
  preserveExternalRequestId: false,
  alwaysSetRequestIdInResponse: false,
  forwardClientCert: { details: 'sanitize', subject: false, cert: false, chain: false, dns: false, uri: false },
  normalizePath: false,
  mergeSlashes: false,
  pathWithEscapedSlashes: 'keep-unchanged',
  headersWithUnderscores: 'allow',
  stripAnyHostPort: false,
  stripMatchingHostPort: false,
  stripTrailingHostDot: false,
  streamErrorOnInvalidHttpMessage: false,
  accessLogs: [],
});

/** An HTTP listener with one chain, its routes by RDS. */
export const listener = (
  name: string,
  address: SocketAddress,
  routes: string,
  changes: Partial<Listener> = {},
): Listener => ({
  name,
  address,
  additionalAddresses: [],
  direction: 'outbound',
  listenerFilters: [],
  listenerFiltersTimeout: 15_000,
  continueOnListenerFiltersTimeout: false,
  filterChains: [
    {
      name: 'http',
      match: {
        destinationPort: undefined,
        prefixRanges: [],
        serverNames: [],
        transportProtocol: '',
        applicationProtocols: [],
        sourceType: 'any',
        sourcePrefixRanges: [],
        sourcePorts: [],
      },
      transport: { kind: 'plaintext' },
      transportConnectTimeout: 0,
      networkFilters: [],
      terminal: { kind: 'http-connection-manager', manager: manager({ kind: 'rds', name: routes }) },
      source: undefined,
    },
  ],
  defaultFilterChain: undefined,
  perConnectionBufferLimitBytes: 1_048_576,
  drainType: 'default',
  enableReusePort: true,
  accessLogs: [],
  apiListener: undefined,
  source: undefined,
  ...changes,
});

/** For a proxyless gRPC client. */
export const apiListener = (name: string, routes: string): Listener =>
  listener(name, { kind: 'ip', ip: '0.0.0.0', port: 0 }, routes, {
    filterChains: [],
    apiListener: manager({ kind: 'rds', name: routes }),
  });

export const mutualTls = (identity: string, sni: string): UpstreamTransport => ({
  kind: 'tls',
  certificates: [{ kind: 'sds', name: 'default', sdsCluster: 'sds' }],
  validation: {
    trust: { kind: 'sds', name: 'trust/weft.local', sdsCluster: 'sds' },
    subjectAltNames: [{ sanType: 'uri', matcher: { kind: 'exact', value: identity, ignoreCase: false } }],
  },
  sni,
  alpnProtocols: [],
  parameters: { minimumVersion: '1.2', maximumVersion: '1.3', cipherSuites: [] },
});

/** Throws on dangling names: a test that makes them is wrong. */
export function config(rows: ProxyConfigRows): ProxyConfig {
  const made = proxyConfig(rows);
  if (!made.ok) throw new Error(made.error.map(({ message }) => message).join('; '));
  return made.value;
}
