/** For tests: configuration rows with Envoy's defaults. */
import type {
  Cluster,
  FilterChain,
  ForwardAction,
  HeaderMutations,
  HttpConnectionManager,
  Listener,
  RetryPolicy,
  Route,
  RouteAction,
  RouteConfiguration,
  RouteMatch,
  VirtualHost,
} from '@weft/core/proxy-config';
import { PLAIN_ROUTER } from '@weft/core/proxy-config';
import * as rows from '@weft/core/proxy-config/testing';

export const NO_MUTATIONS: HeaderMutations = { requestRemove: [], requestAdd: [], responseRemove: [], responseAdd: [] };

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
  headers: NO_MUTATIONS,
  filterOverrides: [],
  metadata: [],
  source: undefined,
  ...more,
});

export const virtualHost = (routes: readonly Route[], more: Partial<VirtualHost> = {}): VirtualHost => ({
  name: 'all',
  domains: ['*'],
  routes,
  headers: NO_MUTATIONS,
  retryPolicy: undefined,
  requireTls: 'none',
  includeRequestAttemptCount: false,
  includeAttemptCountInResponse: false,
  includeIsTimeoutRetry: false,
  virtualClusters: [],
  filterOverrides: [],
  ...more,
});

export const routeConfiguration = (
  virtualHosts: readonly VirtualHost[],
  more: Partial<RouteConfiguration> = {},
): RouteConfiguration => ({
  name: 'routes',
  virtualHosts,
  headers: NO_MUTATIONS,
  ignorePortInHostMatching: false,
  maxDirectResponseBodySizeBytes: 4096,
  internalOnlyHeaders: [],
  ignorePathParameters: false,
  mostSpecificHeaderMutationsWins: false,
  filterOverrides: [],
  ...more,
});

export const retryPolicy = (retryOn: string, more: Partial<RetryPolicy> = {}): RetryPolicy => ({
  retryOn: retryOn.split(','),
  numRetries: 1,
  perTryTimeout: 0,
  perTryIdleTimeout: 0,
  retriableStatusCodes: [],
  retriableHeaders: [],
  retriableRequestHeaders: [],
  rateLimitedBackOff: undefined,
  backOff: { base: 1, max: 10 },
  avoidPreviousHosts: true,
  hostSelectionAttempts: 1,
  priorityUpdateFrequency: 0,
  ...more,
});

export const managerOf = (
  configuration: RouteConfiguration,
  more: Partial<HttpConnectionManager> = {},
): HttpConnectionManager => ({
  statPrefix: 'test',
  codec: 'auto',
  http1: { acceptHttp10: false, defaultHostForHttp10: '', enableTrailers: false, allowAbsoluteUrl: true },
  http2: {
    maxConcurrentStreams: 100,
    initialStreamWindowSize: 65_536,
    initialConnectionWindowSize: 65_536,
    allowConnect: true,
  },
  routes: { kind: 'inline', configuration },
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
  localReply: undefined,
  appendXForwardedPort: false,
  internalAddresses: undefined,
  router: PLAIN_ROUTER,
  accessLogs: [],
  ...more,
});

export const listenerOf = (manager: HttpConnectionManager): Listener => {
  const chain: FilterChain = {
    name: '',
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
    terminal: { kind: 'http-connection-manager', manager },
    source: undefined,
  };
  return {
    name: 'test',
    address: { kind: 'ip', ip: '127.0.0.1', port: 0 },
    additionalAddresses: [],
    direction: 'unspecified',
    listenerFilters: [],
    listenerFiltersTimeout: 15_000,
    continueOnListenerFiltersTimeout: false,
    filterChains: [chain],
    defaultFilterChain: undefined,
    perConnectionBufferLimitBytes: 1_048_576,
    drainType: 'default',
    enableReusePort: true,
    tcpBacklogSize: 0,
    tcpKeepalive: undefined,
    udp: undefined,
    accessLogs: [],
    apiListener: undefined,
    source: undefined,
  };
};

export const clusterOf = (name: string, more: Partial<Cluster> = {}): Cluster =>
  rows.cluster(name, {
    discovery: { kind: 'static', endpoints: { name, localities: [], overprovisioningFactor: 140 } },
    ...more,
  });
