/** Arbitrary HTTP connection managers. */
import type { HttpConnectionManager } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { headerStep, httpFilter } from './http-filters.ts';
import { routesNamed } from './routes.ts';
import { scopedRoutes } from './scopes.ts';
import { tracing } from './tracing.ts';
import { accessLog, bodyFormat, logFilter } from './transport.ts';
import { type Arb, cidr, few, flag, headerOption, maybe, msOrNone, name, record, some } from './values.ts';

const plain: Arb<HttpConnectionManager> = record({
  statPrefix: name,
  codec: fc.constantFrom('auto' as const, 'http1' as const, 'http2' as const),
  http1: record({
    acceptHttp10: flag,
    defaultHostForHttp10: fc.constantFrom('', 'default.example.com'),
    enableTrailers: flag,
    allowAbsoluteUrl: flag,
  }),
  http2: record({
    maxConcurrentStreams: fc.constantFrom(1024, 100),
    initialStreamWindowSize: fc.constantFrom(16_777_216, 65_536),
    initialConnectionWindowSize: fc.constantFrom(25_165_824, 1_048_576),
    allowConnect: fc.boolean(),
  }),
  routes: fc.oneof(
    { weight: 3, arbitrary: record({ kind: fc.constant('rds' as const), name }) },
    { weight: 1, arbitrary: record({ kind: fc.constant('rds' as const), name, fetchTimeout: fc.nat(14_999) }) },
    {
      weight: 3,
      arbitrary: record({
        kind: fc.constant('inline' as const),
        configuration: routesNamed(fc.constantFrom('', 'local')),
      }),
    },
    { weight: 1, arbitrary: scopedRoutes },
  ),
  httpFilters: few(httpFilter, 2),
  upgrades: fc.subarray(['connect', 'websocket']),
  timeouts: record({
    request: msOrNone,
    requestHeaders: msOrNone,
    streamIdle: msOrNone,
    idle: msOrNone,
    maxConnectionDuration: msOrNone,
    maxStreamDuration: msOrNone,
    drain: msOrNone,
    delayedClose: msOrNone,
  }),
  maxRequestHeadersKb: fc.constantFrom(60, 96),
  maxHeadersCount: fc.constantFrom(100, 7),
  maxRequestsPerConnection: fc.constantFrom(0, 1000),
  useRemoteAddress: flag,
  xffNumTrustedHops: fc.nat(2),
  skipXffAppend: flag,
  via: fc.constantFrom('', 'weft'),
  serverName: fc.constantFrom('envoy', 'weft'),
  serverHeaderTransformation: fc.constantFrom(
    'overwrite' as const,
    'append-if-absent' as const,
    'pass-through' as const,
  ),
  generateRequestId: flag,
  preserveExternalRequestId: flag,
  alwaysSetRequestIdInResponse: flag,
  forwardClientCert: record({
    details: fc.constantFrom('sanitize', 'forward-only', 'append-forward', 'sanitize-set', 'always-forward-only'),
    subject: flag,
    cert: flag,
    chain: flag,
    dns: flag,
    uri: flag,
  }),
  normalizePath: flag,
  mergeSlashes: flag,
  pathWithEscapedSlashes: fc.constantFrom(
    'keep-unchanged',
    'reject-request',
    'unescape-and-redirect',
    'unescape-and-forward',
  ),
  headersWithUnderscores: fc.constantFrom('allow', 'reject-request', 'drop-header'),
  stripAnyHostPort: flag,
  stripMatchingHostPort: fc.constant(false),
  stripTrailingHostDot: flag,
  appendXForwardedPort: flag,
  internalAddresses: maybe(record({ ranges: few(cidr), unixSockets: flag })),
  router: record({
    dynamicStats: flag,
    suppressEnvoyHeaders: flag,
    strictCheckHeaders: fc.subarray(['x-envoy-max-retries', 'x-envoy-retry-on']),
    respectExpectedTimeout: flag,
  }),
  localReply: maybe(
    record({
      mappers: few(
        record({
          filter: logFilter,
          status: fc.constantFrom(0, 503),
          body: maybe(fc.constant({ kind: 'inline' as const, text: 'sorry' })),
          format: maybe(bodyFormat),
          headers: few(headerOption),
        }),
        1,
      ),
      format: maybe(bodyFormat),
    }),
  ),
  accessLogs: few(accessLog),
}) as Arb<HttpConnectionManager>;

export const manager: Arb<HttpConnectionManager> = plain.chain((made) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(made) },
    { weight: 1, arbitrary: some(headerStep, 2).map((earlyMutations) => ({ ...made, earlyMutations })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(undefined, 400, 429).map((rejectStatus) => ({
        ...made,
        useRemoteAddress: false,
        xffNumTrustedHops: 0,
        clientHeader: { name: 'x-real-client', rejectStatus },
      })),
    },
    {
      weight: 1,
      arbitrary: flag.map((append) => ({
        ...made,
        useRemoteAddress: false,
        xffNumTrustedHops: 0,
        forwardedFor: { trusted: ['192.0.2.0/24', '2001:db8::/32'], append },
      })),
    },
    { weight: 2, arbitrary: tracing.map((row) => ({ ...made, tracing: row })) },
    {
      weight: 1,
      arbitrary: flag.map((packTraceReason) => ({ ...made, requestIds: { packTraceReason, decideSampling: false } })),
    },
  ),
);
