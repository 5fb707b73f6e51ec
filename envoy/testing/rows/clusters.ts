/** Arbitrary clusters. */
import {
  type AnswerMatcher,
  type Cluster,
  type DnsCache,
  type HealthCheck,
  type OwnDetection,
  PLAIN_ZONE_AWARE,
  type SubsetBalancing,
} from '@weft/core/proxy-config';
import fc from 'fast-check';
import { withMetadata } from './metadata.ts';
import { endpointSet, endpointsOf } from './endpoints.ts';
import { upstream } from './transport.ts';
import {
  type Arb,
  few,
  flag,
  headerMatcher,
  headerName,
  ipAddress,
  lbMetadata,
  maybe,
  ms,
  msOrNone,
  name,
  namedAddress,
  percent,
  record,
  small,
  source,
  text,
  uint32,
} from './values.ts';

export const thresholds = record({
  maxConnections: fc.constantFrom(1024, 10),
  maxConnectionsPerEndpoint: fc.constantFrom(4_294_967_295, 2),
  maxPendingRequests: fc.constantFrom(1024, 11),
  maxRequests: fc.constantFrom(1024, 12),
  maxRetries: fc.constantFrom(3, 13),
  retryBudget: maybe(
    record({
      percent: fc.constantFrom(20, 50),
      minRetryConcurrency: fc.constantFrom(3, 10),
      interval: fc.constantFrom(0, 500),
    }),
  ),
  trackRemaining: flag,
});

export const healthCheck: Arb<HealthCheck> = record({
  timeout: ms,
  interval: ms,
  unhealthyThreshold: fc.integer({ min: 1, max: 9 }),
  healthyThreshold: fc.integer({ min: 1, max: 9 }),
  noTrafficInterval: ms,
  unhealthyInterval: ms,
  unhealthyEdgeInterval: ms,
  healthyEdgeInterval: ms,
  noTrafficHealthyInterval: ms,
  initialJitter: msOrNone,
  intervalJitterPercent: fc.constantFrom(0, 10),
  intervalJitter: msOrNone,
  check: fc.oneof(
    record({
      kind: fc.constant('http' as const),
      path: text.map((path) => `/${path}`),
      host: fc.constantFrom('', 'h.example.com'),
      method: fc.constantFrom('GET' as const, 'HEAD' as const),
      expectedStatuses: fc.constantFrom([], [{ start: 200, end: 300 }]),
      retriableStatuses: fc.constantFrom([], [{ start: 503, end: 504 }]),
      headersToAdd: few(record({ name: headerName, value: text })),
      headersToRemove: few(headerName),
    }),
    record({ kind: fc.constant('tcp' as const), send: fc.constantFrom('', '00ff'), receive: few(fc.constant('61')) }),
  ),
}) as Arb<HealthCheck>;

const ownDetection = fc.constantFrom<OwnDetection>(
  { grpcFailures: [] },
  { grpcFailures: [2, 14], probes: true },
  { latency: { percentile: 95, threshold: 100, minimumHosts: 1, requestVolume: 10 }, probes: false },
);

export const outlierDetection = record({
  interval: ms,
  baseEjectionTime: ms,
  maxEjectionTime: fc.integer({ min: 10_000_000, max: 20_000_000 }),
  maxEjectionPercent: percent,
  maxEjectionTimeJitter: msOrNone,
  consecutive5xx: uint32,
  enforcingConsecutive5xx: percent,
  consecutiveGatewayFailure: small,
  enforcingConsecutiveGatewayFailure: percent,
  splitExternalLocalOriginErrors: flag,
  consecutiveLocalOriginFailure: small,
  enforcingConsecutiveLocalOriginFailure: percent,
  alwaysEjectOne: flag,
  returnsWhenChecked: flag,
  successRate: record({
    enforcing: percent,
    enforcingLocalOrigin: percent,
    minimumHosts: small,
    requestVolume: small,
    stdevFactor: small,
  }),
  failurePercentage: record({
    enforcing: percent,
    enforcingLocalOrigin: percent,
    threshold: percent,
    minimumHosts: small,
    requestVolume: small,
  }),
}).chain((made) => maybe(ownDetection).map((own) => (own === undefined ? made : { ...made, own })));

export const slowStart = maybe(
  record({ window: ms, aggression: fc.constantFrom(1, 1.5), minWeightPercent: fc.constantFrom(10, 20.5) }),
);

const consistent = record({ useHostname: flag, balanceFactor: fc.constantFrom(0, 150) });

const zoneAware = record({
  routingEnabled: fc.constantFrom(100, 0, 40),
  minClusterSize: fc.constantFrom(6, 0),
  failTrafficOnPanic: flag,
  forceLocalZone: fc.constantFrom(0, 1, 3),
  byWeight: flag,
});

export const balancing = fc.oneof(
  record({ kind: fc.constant('round-robin' as const), slowStart }),
  record({
    kind: fc.constant('least-request' as const),
    choiceCount: fc.integer({ min: 2, max: 5 }),
    activeRequestBias: fc.constantFrom(1, 0.5),
    fullScan: flag,
    slowStart,
  }),
  fc.constant({ kind: 'random' as const }),
  record({
    kind: fc.constant('ring-hash' as const),
    minimumRingSize: fc.constantFrom(1024, 2048),
    maximumRingSize: fc.constantFrom(8_388_608, 4096),
    hashFunction: fc.constantFrom('xx-hash', 'murmur-hash-2'),
    consistent,
  }),
  record({
    kind: fc.constant('peak-ewma' as const),
    decayTime: fc.constantFrom(10_000, 500),
    defaultRtt: fc.constantFrom(10, 40),
    penalty: fc.constantFrom(1_000_000, 7.5),
  }),
  record({ kind: fc.constant('maglev' as const), tableSize: fc.constantFrom(65_537, 251), consistent }),
);

export const dns = <Kind extends string>(kind: Kind, count: number) =>
  record({
    kind: fc.constant(kind),
    endpoints: endpointsOf(fc.oneof(namedAddress, ipAddress), name, count),
    refreshRate: fc.constantFrom(5000, 60_000),
    failureRefreshRate: maybe(record({ base: fc.constant(2000), max: fc.constantFrom(2000, 60_000) })),
    respectTtl: flag,
    jitter: fc.constantFrom(0, 1500),
    family: fc.constantFrom('auto', 'v4-only', 'v6-only', 'v4-preferred', 'all'),
  });

const range = fc.constantFrom('10.0.0.0/8', '169.254.0.0/16', 'fe80::/10');

export const dnsCache = record({
  name,
  family: fc.constantFrom('auto', 'v4-only', 'v6-only', 'v4-preferred', 'all'),
  refreshRate: fc.constantFrom(60_000, 1000),
  minRefreshRate: fc.constantFrom(5000, 1000),
  failureRefreshRate: maybe(record({ base: fc.constant(2000), max: fc.constantFrom(2000, 60_000) })),
  hostTtl: fc.constantFrom(300_000, 10_000),
  maxHosts: fc.constantFrom(1024, 5),
  maxPendingRequests: fc.constantFrom(1024, 5),
  queryTimeout: fc.constantFrom(5000, 0, 700),
  refused: maybe(record({ ranges: fc.array(range, { minLength: 1, maxLength: 2 }), inverted: flag })),
}) as Arb<DnsCache>;

export const discovery = fc.oneof(
  record({ kind: fc.constant('eds' as const), serviceName: name }),
  record({ kind: fc.constant('static' as const), endpoints: endpointSet }),
  dns('strict-dns' as const, 0),
  dns('logical-dns' as const, 1),
  fc.constant({ kind: 'original-dst' as const }),
  record({ kind: fc.constant('dynamic-forward-proxy' as const), cache: dnsCache }),
  record({ kind: fc.constant('aggregate' as const), clusters: fc.constantFrom(['one'], ['one', 'two']) }),
);

const selector = fc.oneof(
  record({
    keys: fc.constantFrom(['stage'], ['stage', 'v'], ['v', 'zone']),
    fallback: record({ kind: fc.constantFrom('cluster', 'no-fallback', 'any-endpoint', 'default-subset') }),
  }),
  fc.constant({ keys: ['stage', 'v', 'zone'], fallback: { kind: 'keys-subset', keys: ['stage', 'v'] } }),
);

export const subsetBalancing = record({
  fallback: fc.constantFrom('no-fallback', 'any-endpoint', 'default-subset'),
  defaultSubset: lbMetadata,
  selectors: fc.uniqueArray(selector, { selector: ({ keys }) => keys.join(), minLength: 1, maxLength: 3 }),
}) as Arb<SubsetBalancing>;

const http2Options = record({
  maxConcurrentStreams: fc.constantFrom(1024, 200),
  initialStreamWindowSize: fc.constantFrom(16_777_216, 65_536),
  initialConnectionWindowSize: fc.constantFrom(25_165_824, 65_536),
  allowConnect: fc.boolean(),
});

const NO_LOCALITIES = { localityWeighted: false, zoneAware: PLAIN_ZONE_AWARE };

const answerMatcher: Arb<AnswerMatcher> = fc.letrec<{ matcher: AnswerMatcher }>((tie) => ({
  matcher: fc.oneof(
    { maxDepth: 2 },
    fc.constant({ kind: 'any' as const }),
    record({ kind: fc.constant('headers' as const), headers: few(headerMatcher, 1) }),
    record({ kind: fc.constant('not' as const), rule: tie('matcher') }),
    record({
      kind: fc.constantFrom('or' as const, 'and' as const),
      rules: fc.array(tie('matcher'), { minLength: 2, maxLength: 2 }),
    }),
  ),
})).matcher;

export const cluster: Arb<Cluster> = record({
  name,
  altStatName: fc.constantFrom('', 'short'),
  discovery,
  connectTimeout: ms,
  perConnectionBufferLimitBytes: fc.constantFrom(1_048_576, 32_768),
  loadBalancing: balancing,
  localityWeighted: flag,
  zoneAware,
  subsets: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: subsetBalancing }),
  overrideHostStatuses: fc.subarray(['unknown', 'healthy', 'unhealthy', 'draining', 'timeout', 'degraded'] as const, {
    minLength: 1,
  }),
  panicThreshold: fc.constantFrom(50, 0, 12.5),
  circuitBreakers: record({ default: thresholds, high: thresholds }),
  outlierDetection: maybe(outlierDetection),
  healthChecks: few(healthCheck),
  transport: upstream,
  plaintextByEndpoint: flag,
  passthroughMetadata: fc.constantFrom([], [], [{ of: 'endpoint' as const, namespace: 'tunnel' }]),
  proxyProtocol: fc.constantFrom(undefined, undefined, 'v1' as const, 'v2' as const),
  protocol: fc.oneof(
    record({ kind: fc.constant('http1' as const), enableTrailers: flag }),
    record({ kind: fc.constantFrom('http2' as const, 'downstream' as const), options: http2Options }),
    record({ kind: fc.constant('auto' as const), enableTrailers: flag, options: http2Options }),
  ),
  tcpKeepalive: maybe(record({ probes: fc.nat(9), time: fc.nat(300), interval: fc.nat(60) })),
  idleTimeout: msOrNone,
  maxRequestsPerConnection: fc.constantFrom(0, 100),
  preconnect: record({ perUpstream: fc.constantFrom(1, 1.5, 3), predictive: fc.constantFrom(1, 2) }),
  poolPerDownstreamConnection: flag,
  autoSni: maybe(
    fc.oneof(
      record({ sni: fc.constant(true), san: flag, header: fc.constantFrom('', 'x-host') }),
      record({ sni: flag, san: fc.constant(true), header: fc.constant('') }),
    ),
  ),
  maxConnectionDuration: msOrNone,
  ignoreUncheckedEndpoints: flag,
  closeConnectionsOnChange: flag,
  waitForWarm: flag,
  sourceAddress: fc.constantFrom('', '127.0.0.1', '::1'),
  closeConnectionsOnHostHealthFailure: flag,
  ignoreHealthOnHostRemoval: flag,
  source: source,
})
  .chain((made) => withMetadata(made))
  .chain((made) =>
    maybe(answerMatcher).map((errorMatcher) => (errorMatcher === undefined ? made : { ...made, errorMatcher })),
  )
  .map((made) =>
    ['original-dst', 'aggregate', 'dynamic-forward-proxy'].includes(made.discovery.kind)
      ? { ...made, loadBalancing: { kind: 'cluster-provided' as const }, ...NO_LOCALITIES, subsets: undefined }
      : made,
  )
  // Whoever weighs localities or hashes knows no zones.
  .map((made) =>
    made.localityWeighted || ['ring-hash', 'maglev', 'peak-ewma'].includes(made.loadBalancing.kind)
      ? { ...made, zoneAware: PLAIN_ZONE_AWARE }
      : made,
  )
  .map((made) =>
    made.protocol.kind === 'auto' && made.transport.kind === 'plaintext'
      ? { ...made, protocol: { kind: 'http2' as const, options: made.protocol.options } }
      : made,
  )
  .map((made) =>
    made.passthroughMetadata.length > 0
      ? { ...made, proxyProtocol: undefined, plaintextByEndpoint: false }
      : made.proxyProtocol === undefined
        ? made
        : { ...made, plaintextByEndpoint: false },
  ) as Arb<Cluster>;
