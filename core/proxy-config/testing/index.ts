/** Rows of a ProxyConfig with Envoy's defaults, for the tests of every layer; `over` changes top fields. Never for what a product sends. */
import type {
  Cluster,
  FilterChain,
  HeaderMutations,
  HttpConnectionManager,
  Listener,
  Route,
  RouteConfiguration,
} from '../index.ts';

const THRESHOLDS = {
  maxConnections: 1024,
  maxPendingRequests: 1024,
  maxRequests: 1024,
  maxRetries: 3,
  retryBudget: undefined,
  trackRemaining: false,
};

export const NO_HEADERS: HeaderMutations = { requestRemove: [], requestAdd: [], responseRemove: [], responseAdd: [] };

/** An EDS cluster in plaintext, its endpoint set named as itself. */
export const cluster = (name: string, over: Partial<Cluster> = {}): Cluster => ({
  name,
  altStatName: '',
  discovery: { kind: 'eds', serviceName: name },
  connectTimeout: 5000,
  perConnectionBufferLimitBytes: 1_048_576,
  loadBalancing: { kind: 'round-robin', slowStart: undefined },
  localityWeighted: false,
  subsets: undefined,
  panicThreshold: 50,
  circuitBreakers: { default: THRESHOLDS, high: THRESHOLDS },
  outlierDetection: undefined,
  healthChecks: [],
  transport: { kind: 'plaintext' },
  plaintextByEndpoint: false,
  protocol: { kind: 'http1', enableTrailers: true },
  proxyProtocol: undefined,
  tcpKeepalive: undefined,
  idleTimeout: 3_600_000,
  maxRequestsPerConnection: 0,
  closeConnectionsOnHostHealthFailure: false,
  ignoreHealthOnHostRemoval: false,
  source: undefined,
  ...over,
});

/** Every path to one cluster. */
export const route = (clusterName: string, over: Partial<Route> = {}): Route => ({
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
    metadataMatch: [],
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
  ...over,
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

export const manager = (
  routes: HttpConnectionManager['routes'],
  over: Partial<HttpConnectionManager> = {},
): HttpConnectionManager => ({
  statPrefix: 'test',
  codec: 'auto',
  http1: { acceptHttp10: false, defaultHostForHttp10: '', enableTrailers: false, allowAbsoluteUrl: true },
  http2: {
    maxConcurrentStreams: 100,
    initialStreamWindowSize: 65_535,
    initialConnectionWindowSize: 1_048_576,
    allowConnect: true,
  },
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
  ...over,
});

/** On a free port of loopback. */
export const listener = (
  name: string,
  filterChains: readonly FilterChain[],
  over: Partial<Listener> = {},
): Listener => ({
  name,
  address: { kind: 'ip', ip: '127.0.0.1', port: 0 },
  additionalAddresses: [],
  direction: 'unspecified',
  listenerFilters: [],
  listenerFiltersTimeout: 15_000,
  continueOnListenerFiltersTimeout: false,
  filterChains,
  defaultFilterChain: undefined,
  perConnectionBufferLimitBytes: 1_048_576,
  drainType: 'default',
  enableReusePort: true,
  tcpBacklogSize: 0,
  tcpKeepalive: undefined,
  accessLogs: [],
  apiListener: undefined,
  udp: undefined,
  source: undefined,
  ...over,
});
