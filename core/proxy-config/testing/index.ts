/** Rows of a ProxyConfig with Envoy's defaults, for the tests of every layer; `over` changes top fields. Never for what a product sends. */
import {
  type Cluster,
  type FilterChain,
  type ForwardAction,
  type HeaderMutations,
  type HttpConnectionManager,
  type Listener,
  PLAIN_CLUSTER,
  PLAIN_ROUTER,
  type Route,
  type RouteAction,
  type RouteConfiguration,
  type RouteMatch,
  type VirtualHost,
} from '../index.ts';

const THRESHOLDS = {
  maxConnections: 1024,
  maxConnectionsPerEndpoint: 4_294_967_295,
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
  ...PLAIN_CLUSTER,
  discovery: { kind: 'eds', serviceName: name },
  connectTimeout: 5000,
  perConnectionBufferLimitBytes: 1_048_576,
  loadBalancing: { kind: 'round-robin', slowStart: undefined },
  panicThreshold: 50,
  circuitBreakers: { default: THRESHOLDS, high: THRESHOLDS },
  protocol: { kind: 'http1', enableTrailers: true },
  idleTimeout: 3_600_000,
  ...over,
});

export const matchOf = (path: RouteMatch['path'], more: Partial<RouteMatch> = {}): RouteMatch => ({
  path,
  headers: [],
  queryParameters: [],
  cookies: [],
  tls: undefined,
  dynamicMetadata: [],
  grpc: false,
  fraction: undefined,
  ...more,
});

export const prefix = (value: string, more: Partial<RouteMatch> = {}): RouteMatch =>
  matchOf({ kind: 'prefix', value, ignoreCase: false }, more);

export const forwardTo = (cluster: string, more: Partial<ForwardAction> = {}): ForwardAction => ({
  kind: 'forward',
  target: { kind: 'cluster', cluster },
  metadataMatch: [],
  clusterNotFoundStatus: 503,
  rewrite: { path: { kind: 'none' }, host: { kind: 'none' }, appendXForwardedHost: false },
  timeout: 15_000,
  streamDuration: undefined,
  grpcTimeout: undefined,
  idleTimeout: undefined,
  retryPolicy: undefined,
  upgrades: [],
  hashPolicies: [],
  priority: 'default',
  internalRedirect: undefined,
  mirrors: [],
  ...more,
});

export const routeOf = (match: RouteMatch, action: RouteAction, more: Partial<Route> = {}): Route => ({
  name: '',
  statPrefix: '',
  match,
  action,
  headers: NO_HEADERS,
  filterOverrides: [],
  metadata: [],
  source: undefined,
  ...more,
});

export const virtualHost = (routes: readonly Route[], more: Partial<VirtualHost> = {}): VirtualHost => ({
  name: 'all',
  domains: ['*'],
  routes,
  headers: NO_HEADERS,
  retryPolicy: undefined,
  requireTls: 'none',
  includeRequestAttemptCount: false,
  includeAttemptCountInResponse: false,
  includeIsTimeoutRetry: false,
  virtualClusters: [],
  filterOverrides: [],
  ...more,
});

/** Every path to one cluster. */
export const route = (clusterName: string, over: Partial<Route> = {}): Route =>
  routeOf(prefix('/'), forwardTo(clusterName), over);

export const routeConfiguration = (
  virtualHosts: readonly VirtualHost[],
  more: Partial<RouteConfiguration> = {},
): RouteConfiguration => ({
  name: 'routes',
  virtualHosts,
  headers: NO_HEADERS,
  ignorePortInHostMatching: false,
  maxDirectResponseBodySizeBytes: 4096,
  internalOnlyHeaders: [],
  ignorePathParameters: false,
  mostSpecificHeaderMutationsWins: false,
  filterOverrides: [],
  ...more,
});

export const routeTable = (
  name: string,
  routes: readonly Route[],
  domains: readonly string[] = ['*'],
): RouteConfiguration => routeConfiguration([virtualHost(routes, { domains })], { name });

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
  localReply: undefined,
  appendXForwardedPort: false,
  internalAddresses: undefined,
  router: PLAIN_ROUTER,
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
