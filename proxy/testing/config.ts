/** Rows of a ProxyConfig with Envoy's defaults, for tests. */
import type {
  Cluster,
  Endpoint,
  EndpointSet,
  FilterChain,
  FilterChainMatch,
  HttpConnectionManager,
  Listener,
  RouteConfiguration,
  TcpProxy,
  TerminalFilter,
} from '@weft/core/proxy-config';

const limits = {
  maxConnections: 1024,
  maxPendingRequests: 1024,
  maxRequests: 1024,
  maxRetries: 3,
  retryBudget: undefined,
  trackRemaining: false,
};

export const noHeaders = { requestRemove: [], requestAdd: [], responseRemove: [], responseAdd: [] };

export const endpoint = (port: number, over: Partial<Endpoint> = {}): Endpoint => ({
  address: { kind: 'ip', ip: '127.0.0.1', port },
  hostname: '',
  health: 'unknown',
  weight: 1,
  workload: undefined,
  ...over,
});

export const endpointSet = (name: string, endpoints: readonly Endpoint[], priority = 0): EndpointSet => ({
  name,
  overprovisioningFactor: 140,
  localities: [{ locality: { region: '', zone: '', subZone: '' }, priority, weight: 0, endpoints }],
});

export const cluster = (name: string, over: Partial<Cluster> = {}): Cluster => ({
  name,
  altStatName: '',
  discovery: { kind: 'eds', serviceName: name },
  connectTimeout: 5000,
  perConnectionBufferLimitBytes: 1_048_576,
  loadBalancing: { kind: 'round-robin', slowStart: undefined },
  panicThreshold: 50,
  circuitBreakers: { default: limits, high: limits },
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
  ...over,
});

export const tcpProxy = (name: string, over: Partial<TcpProxy> = {}): TerminalFilter => ({
  kind: 'tcp-proxy',
  proxy: {
    statPrefix: name,
    destination: { kind: 'cluster', cluster: name },
    idleTimeout: 3_600_000,
    maxConnectionDuration: 0,
    maxConnectAttempts: 1,
    accessLogs: [],
    ...over,
  },
});

export const manager = (
  routes: HttpConnectionManager['routes'],
  over: Partial<HttpConnectionManager> = {},
): TerminalFilter => ({
  kind: 'http-connection-manager',
  manager: {
    statPrefix: 'test',
    codec: 'auto',
    http1: { acceptHttp10: false, defaultHostForHttp10: '', enableTrailers: false, allowAbsoluteUrl: true },
    http2: { maxConcurrentStreams: 100, initialStreamWindowSize: 65_535, initialConnectionWindowSize: 1_048_576 },
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
  },
});

/** Everything to one cluster. */
export const routeTable = (name: string, to: string): RouteConfiguration => ({
  name,
  headers: noHeaders,
  ignorePortInHostMatching: false,
  maxDirectResponseBodySizeBytes: 4096,
  mostSpecificHeaderMutationsWins: false,
  virtualHosts: [
    {
      name: 'all',
      domains: ['*'],
      headers: noHeaders,
      retryPolicy: undefined,
      requireTls: 'none',
      includeRequestAttemptCount: false,
      includeAttemptCountInResponse: false,
      routes: [
        {
          name: 'all',
          match: {
            path: { kind: 'prefix', value: '/', ignoreCase: false },
            headers: [],
            queryParameters: [],
            grpc: false,
            fraction: undefined,
          },
          action: {
            kind: 'forward',
            target: { kind: 'cluster', cluster: to },
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
          headers: noHeaders,
          source: undefined,
        },
      ],
    },
  ],
});

const anyMatch: FilterChainMatch = {
  destinationPort: undefined,
  prefixRanges: [],
  serverNames: [],
  transportProtocol: '',
  applicationProtocols: [],
  sourceType: 'any',
  sourcePrefixRanges: [],
  sourcePorts: [],
};

export const chain = (
  name: string,
  match: Partial<FilterChainMatch> = {},
  over: Partial<FilterChain> = {},
): FilterChain => ({
  name,
  match: { ...anyMatch, ...match },
  transport: { kind: 'plaintext' },
  transportConnectTimeout: 0,
  networkFilters: [],
  terminal: tcpProxy('none'),
  source: undefined,
  ...over,
});

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
  accessLogs: [],
  apiListener: undefined,
  source: undefined,
  ...over,
});
