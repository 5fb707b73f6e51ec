/** Arbitrary HTTP filters, and what routes say about them. */
import type {
  FilterOverride,
  FilterOverrideConfig,
  HeaderMutationStep,
  HttpFilter,
  LocalDescriptors,
  LocalRateLimitFilter,
  MessageMutations,
  StatefulSessionFilter,
} from '@weft/core/proxy-config';
import fc from 'fast-check';
import { dnsCache } from './clusters.ts';
import { jwtAuthn, jwtRoute } from './jwt-authn.ts';
import { metadataStruct } from './metadata.ts';
import { rateLimitFilter, rateLimitOverride } from './rate-limits.ts';
import { rbac } from './rbac.ts';
import { extAuthz, extAuthzOverride, grpcService } from './services.ts';
import {
  type Arb,
  few,
  flag,
  fraction,
  headerMatcher,
  headerName,
  headerOption,
  maybe,
  ms,
  name,
  record,
  some,
  stringMatcher,
  text,
} from './values.ts';

const kind = <Kind extends string>(value: Kind): Arb<Kind> => fc.constant(value);

const append = fc.constantFrom(
  'append-if-exists-or-add' as const,
  'add-if-absent' as const,
  'overwrite-if-exists-or-add' as const,
  'overwrite-if-exists' as const,
);

export const headerStep = fc.oneof(
  record({ kind: kind('remove'), name: headerName }),
  record({ kind: kind('append'), option: headerOption }),
) as Arb<HeaderMutationStep>;

const mutations = record({
  request: few(headerStep),
  query: few(
    fc.oneof(
      record({ kind: kind('remove'), name: text }),
      record({ kind: kind('append'), name: text, value: text, append }),
    ),
  ),
  response: few(headerStep),
  requestTrailers: few(headerStep),
  responseTrailers: few(headerStep),
}) as Arb<MessageMutations>;

const fault = record({
  kind: kind('fault'),
  delay: maybe(record({ fixed: maybe(ms), fraction })),
  abort: maybe(
    record({
      status: fc.oneof(
        record({ kind: kind('http'), code: fc.integer({ min: 200, max: 599 }) }),
        record({ kind: kind('grpc'), code: fc.nat(16) }),
        record({ kind: kind('header') }),
      ),
      fraction,
      body: fc.constantFrom('fault filter abort', 'sorry'),
    }),
  ),
  upstreamCluster: fc.constantFrom('', 'a'),
  headers: few(headerMatcher),
  downstreamNodes: few(text),
  maxActiveFaults: maybe(fc.nat(9)),
  responseRateLimit: maybe(record({ fixed: maybe(fc.integer({ min: 1, max: 9999 })), fraction })),
  downstreamClusterStats: flag,
});

const faultByKeys = fault.chain((made) =>
  fc.constantFrom(made, { ...made, runtimeKeys: { delayDuration: 'a.delay', maxActiveFaults: 'a.most' } }),
);

const csrf = record({ kind: kind('csrf'), enabled: fraction, shadow: fraction, additionalOrigins: few(stringMatcher) });

const bucket = record({
  maxTokens: fc.nat(9),
  tokensPerFill: fc.integer({ min: 1, max: 9 }),
  fillInterval: fc.integer({ min: 50, max: 100_000 }),
});

const localRateLimit = (filled: Arb<LocalRateLimitFilter['bucket']>): Arb<LocalRateLimitFilter> =>
  withDescriptors(filled);

const descriptors: Arb<LocalDescriptors> = record({
  stage: fc.integer({ min: 0, max: 10 }),
  hostLimits: fc.constantFrom('override' as const, 'include' as const, 'ignore' as const),
  alwaysAll: flag,
  limits: fc.tuple(record({ entries: fc.constantFrom([['k', 'v'] as const], [['k', 'w'] as const]), bucket })),
});

const withDescriptors = (filled: Arb<LocalRateLimitFilter['bucket']>): Arb<LocalRateLimitFilter> =>
  fc
    .tuple(plainLimit(filled), maybe(descriptors))
    .map(([limit, made]) => (made === undefined ? limit : { ...limit, descriptors: made }));

const plainLimit = (filled: Arb<LocalRateLimitFilter['bucket']>): Arb<LocalRateLimitFilter> =>
  record({
    kind: kind('local-rate-limit'),
    statPrefix: name,
    status: fc.constantFrom(429, 503),
    bucket: filled,
    enabled: fraction,
    enforced: fraction,
    requestHeadersWhenNotEnforced: few(headerOption),
    responseHeaders: few(headerOption),
    perConnection: flag,
    tellsLimits: flag,
    resourceExhausted: flag,
  });

const httpRbac = record({
  kind: kind('rbac'),
  rules: maybe(rbac(true)),
  shadowRules: maybe(rbac(true)),
  statPrefix: fc.constantFrom('', 'live_'),
  shadowStatPrefix: fc.constantFrom('', 'trial_'),
  perRuleStats: flag,
});

const chunkSize = fc.constantFrom(4096, 8192);

const compressor = record({
  kind: kind('compressor'),
  libraryName: name,
  library: fc.oneof(
    record({
      encoding: kind('gzip'),
      level: fc.constantFrom(undefined, 1, 9),
      memoryLevel: fc.constantFrom(5, 9),
      strategy: fc.nat(4),
      windowBits: fc.constantFrom(12, 15),
      chunkSize,
    }),
    record({
      encoding: kind('br'),
      quality: fc.constantFrom(3, 11),
      windowBits: fc.constantFrom(18, 24),
      inputBlockBits: fc.constantFrom(24, 16),
      mode: fc.constantFrom('generic' as const, 'text' as const, 'font' as const),
      chunkSize,
    }),
    record({ encoding: kind('zstd'), level: fc.constantFrom(3, 9), checksum: flag, strategy: fc.nat(9), chunkSize }),
  ),
  enabled: flag,
  minContentLength: fc.constantFrom(30, 99),
  contentTypes: fc.constantFrom(['text/html'], ['a/b', 'c/d']),
  disableOnEtag: flag,
  removeAcceptEncoding: flag,
  uncompressibleStatuses: fc.constantFrom([], [201]),
  chooseFirst: flag,
});

const healthCheck = record({ kind: kind('health-check'), headers: few(headerMatcher) }).chain((check) =>
  fc
    .oneof(
      record({ passThrough: fc.constant(true), cacheTime: fc.constantFrom(0, 500), clusters: fc.constant([]) }),
      record({
        passThrough: fc.constant(false),
        cacheTime: fc.constant(0),
        clusters: fc.constantFrom(
          [],
          [
            { cluster: 'a', percent: 20.5 },
            { cluster: 'b', percent: 0 },
          ],
        ),
      }),
    )
    .map((mode) => ({ ...check, ...mode })),
);

const grpcStats = record({
  kind: kind('grpc-stats'),
  methods: fc.oneof(
    fc.constant({ kind: 'all' as const }),
    record({ kind: kind('listed'), services: few(record({ name, methods: some(name) })) }),
  ),
  replaceDots: flag,
});

const sessionState = fc.oneof(
  record({ kind: kind('header'), name: headerName }),
  record({
    kind: kind('cookie'),
    name,
    ttl: fc.constantFrom(0, 5000),
    path: fc.constantFrom('', '/a'),
    attributes: few(record({ name: fc.constant('SameSite'), value: fc.constantFrom('', 'Strict') }), 1),
  }),
);

const statefulSession = (state: Arb<StatefulSessionFilter['state']>): Arb<StatefulSessionFilter> =>
  record({
    kind: kind('stateful-session'),
    state,
    strict: flag,
    statPrefix: fc.constantFrom('', 'own'),
    notFoundStatus: fc.constantFrom(0, 502),
  });

const decompressorDirection = record({ enabled: flag, ignoreNoTransform: flag });

const decompressor = record({
  kind: kind('decompressor'),
  libraryName: name,
  library: fc.oneof(
    record({
      encoding: kind('gzip'),
      windowBits: fc.constantFrom(15, 12),
      chunkSize,
      maxRatio: fc.constantFrom(100, 20),
    }),
    record({ encoding: fc.constantFrom('br' as const, 'zstd' as const), chunkSize }),
  ),
  request: decompressorDirection,
  advertises: flag,
  response: decompressorDirection,
});

const onDemand = record({ kind: kind('on-demand'), clusterTimeout: maybe(fc.constantFrom(5000, 700)) });

const forwardProxy = record({ kind: kind('dynamic-forward-proxy'), cache: dnsCache });

const bodyProcessing = fc.constantFrom('none', 'streamed', 'buffered', 'buffered-partial');
const processingModes = record({
  requestHeaders: flag,
  responseHeaders: flag,
  requestBody: bodyProcessing,
  responseBody: bodyProcessing,
  requestTrailers: flag,
  responseTrailers: flag,
});

const mutationRules = record({
  allowEnvoy: flag,
  disallowSystem: flag,
  disallowAll: flag,
  allow: maybe(fc.constantFrom('x-.*', 'a')),
  disallow: maybe(fc.constantFrom('x-.*', 'a')),
  disallowIsError: flag,
});

const extProc = record({
  kind: kind('ext-proc'),
  service: grpcService,
  failureModeAllow: flag,
  modes: processingModes,
  messageTimeout: fc.constantFrom(200, 0, 3000),
  maxMessageTimeout: fc.constantFrom(0, 3000),
  statPrefix: fc.oneof(fc.constant(''), name),
  allowModeOverride: flag,
  allowedOverrideModes: few(processingModes.map((modes) => ({ ...modes, requestHeaders: true }))),
  mutationRules: maybe(mutationRules),
  requestAttributes: fc.subarray(['request.path', 'source.address']),
  responseAttributes: fc.subarray(['response.code', 'upstream.port']),
  disableImmediateResponse: flag,
  routeCache: fc.constantFrom('default', 'clear', 'retain'),
  statusOnError: fc.constantFrom(500, 503),
  allowedHeaders: maybe(some(stringMatcher)),
  disallowedHeaders: few(stringMatcher),
});

const extProcOverride = fc.oneof(
  record({
    kind: kind('ext-proc'),
    disabled: fc.constant(true),
    modes: fc.constant(undefined),
    service: fc.constant(undefined),
    failureModeAllow: fc.constant(undefined),
    initialMetadata: fc.constant([]),
  }),
  record({
    kind: kind('ext-proc'),
    disabled: fc.constant(false),
    modes: maybe(processingModes),
    service: maybe(grpcService),
    failureModeAllow: maybe(flag),
    initialMetadata: few(fc.tuple(headerName, fc.constant('v'))),
  }),
);

const config = fc.oneof(
  onDemand,
  forwardProxy,
  extProc,
  httpRbac,
  record({ kind: kind('grpc-web') }),
  faultByKeys,
  record({ kind: kind('header-mutation'), mutations, mostSpecificWins: flag }),
  record({ kind: kind('cors') }),
  record({ kind: kind('buffer'), maxRequestBytes: fc.integer({ min: 1, max: 99_999 }) }),
  csrf,
  localRateLimit(maybe(bucket)),
  compressor,
  extAuthz,
  rateLimitFilter,
  healthCheck,
  jwtAuthn,
  grpcStats,
  decompressor,
  statefulSession(maybe(sessionState)),
  record({
    kind: kind('set-metadata'),
    entries: few(record({ namespace: name, value: metadataStruct, overwrites: flag })),
  }),
);

export const httpFilter = fc
  .tuple(config, name, flag)
  .map(([made, called, disabled]) => ({ ...made, name: called, disabled })) as Arb<HttpFilter>;

const overrideConfig = fc.oneof(
  onDemand,
  extProcOverride,
  httpRbac,
  faultByKeys,
  record({ kind: kind('header-mutation'), mutations }),
  record({
    kind: kind('cors'),
    allowOrigins: few(stringMatcher),
    allowMethods: fc.constantFrom('', 'GET,POST'),
    allowHeaders: fc.constantFrom('', '*'),
    exposeHeaders: fc.constantFrom('', 'x-a'),
    maxAge: fc.constantFrom('', '60'),
    allowCredentials: maybe(flag),
    allowPrivateNetworkAccess: maybe(flag),
    forwardNotMatchingPreflights: maybe(flag),
    enabled: fraction,
    shadow: fraction,
  }),
  record({ kind: kind('buffer'), maxRequestBytes: maybe(fc.integer({ min: 1, max: 99_999 })) }),
  csrf,
  localRateLimit(bucket),
  extAuthzOverride,
  rateLimitOverride,
  record({ kind: kind('compressor') }),
  jwtRoute,
  statefulSession(sessionState),
) as Arb<FilterOverrideConfig>;

const override: Arb<FilterOverride> = fc.oneof(
  record({ filter: name, disabled: fc.constant(true), config: fc.constant(undefined) }),
  record({ filter: name, disabled: fc.constant(false), config: maybe(overrideConfig) }),
);

/** Each filter once, by name. */
export const filterOverrides: Arb<readonly FilterOverride[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(override, { selector: ({ filter }) => filter, maxLength: 2 })
      .map((made) => made.toSorted((a, b) => (a.filter < b.filter ? -1 : 1))),
  },
);
