/** Arbitrary route tables. */
import type {
  ForwardAction,
  RetryPolicy,
  Route,
  RouteAction,
  RouteConfiguration,
  VirtualHost,
} from '@weft/core/proxy-config';
import fc from 'fast-check';
import { withRateLimits } from './rate-limits.ts';
import {
  type Arb,
  few,
  flag,
  fraction,
  headerMatcher,
  headerName,
  headers,
  lbMetadata,
  maybe,
  msOrNone,
  name,
  port,
  record,
  regex,
  small,
  some,
  source,
  stringMatcher,
  text,
} from './values.ts';
import { filterOverrides, headerStep } from './http-filters.ts';
import { routeTracing } from './tracing.ts';
import { metadataMatcher, staticMetadata, withMetadata } from './metadata.ts';
import { bodyFormat } from './transport.ts';

export const retryPolicy: Arb<RetryPolicy> = record({
  retryOn: fc.subarray([
    '5xx',
    'gateway-error',
    'connect-failure',
    'reset',
    'retriable-status-codes',
    'unavailable',
    'internal',
  ]),
  numRetries: fc.nat(5),
  perTryTimeout: msOrNone,
  perTryIdleTimeout: msOrNone,
  retriableStatusCodes: few(fc.integer({ min: 400, max: 599 })),
  retriableHeaders: few(headerMatcher),
  retriableRequestHeaders: few(headerMatcher),
  rateLimitedBackOff: maybe(
    record({
      headers: some(
        record({ name: headerName, format: fc.constantFrom('seconds' as const, 'unix-timestamp' as const) }),
      ),
      max: fc.constantFrom(300_000, 1000),
    }),
  ),
  backOff: record({ base: fc.integer({ min: 1, max: 500 }), max: fc.integer({ min: 500, max: 20_000 }) }),
  avoidPreviousHosts: flag,
  hostSelectionAttempts: fc.integer({ min: 1, max: 9 }),
  priorityUpdateFrequency: fc.nat(3),
});

export const forward: Arb<ForwardAction> = record({
  kind: fc.constant('forward' as const),
  target: fc.oneof(
    record({ kind: fc.constant('cluster' as const), cluster: name }),
    record({ kind: fc.constant('cluster-header' as const), header: headerName }),
    record({
      kind: fc.constant('weighted' as const),
      clusters: some(
        record({
          cluster: name,
          clusterHeader: fc.constant(''),
          hostRewrite: fc.constantFrom('', 'host.example.com'),
          weight: small,
          metadataMatch: lbMetadata,
          headers,
          filterOverrides,
        }),
        3,
      ).chain((clusters) =>
        fc.constantFrom(
          clusters,
          clusters.map((entry) => ({ ...entry, cluster: '', clusterHeader: 'x-to' })),
        ),
      ),
      choice: fc.oneof(
        fc.constant({ kind: 'random' as const }),
        fc.constant({ kind: 'hash' as const }),
        record({ kind: fc.constant('header' as const), header: headerName }),
      ),
    }),
  ),
  metadataMatch: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: lbMetadata }),
  clusterNotFoundStatus: fc.constantFrom(503 as const, 404 as const, 500 as const),
  rewrite: record({
    path: fc.oneof(
      fc.constant({ kind: 'none' as const }),
      record({ kind: fc.constant('prefix' as const), value: text.map((path) => `/${path}`) }),
      record({ kind: fc.constant('regex' as const), regex, substitution: text }),
    ),
    host: fc.oneof(
      fc.constant({ kind: 'none' as const }),
      fc.constant({ kind: 'auto' as const }),
      record({ kind: fc.constant('literal' as const), value: name }),
      record({ kind: fc.constant('header' as const), header: headerName }),
      record({ kind: fc.constant('path-regex' as const), regex, substitution: text }),
    ),
    appendXForwardedHost: flag,
  }),
  timeout: msOrNone,
  streamDuration: maybe(
    record({ duration: maybe(msOrNone), grpcHeaderMax: maybe(msOrNone), grpcHeaderOffset: msOrNone }),
  ),
  grpcTimeout: maybe(record({ max: msOrNone, offset: msOrNone })),
  idleTimeout: maybe(msOrNone),
  retryPolicy: maybe(retryPolicy),
  upgrades: fc.uniqueArray(record({ type: fc.constantFrom('websocket', 'h2c'), enabled: flag }), {
    selector: (u) => u.type,
  }),
  hashPolicies: few(
    fc.oneof(
      record({
        kind: fc.constant('header' as const),
        header: headerName,
        rewrite: maybe(record({ regex, substitution: text })),
        terminal: flag,
      }),
      record({
        kind: fc.constant('cookie' as const),
        name,
        ttl: maybe(fc.constantFrom(0, 5000)),
        path: fc.constantFrom('', '/a'),
        attributes: few(record({ name: fc.constant('SameSite'), value: fc.constantFrom('', 'Strict') }), 1),
        terminal: flag,
      }),
      record({ kind: fc.constant('source-ip' as const), terminal: flag }),
      record({ kind: fc.constant('query' as const), parameter: name, terminal: flag }),
    ),
  ),
  priority: fc.constantFrom('default' as const, 'high' as const),
  mirrors: few(
    record({
      cluster: name,
      clusterHeader: fc.constant(''),
      fraction: maybe(fraction),
      marksHost: flag,
      hostRewrite: fc.constantFrom('', 'copy.example.com'),
      request: few(headerStep),
    }).chain((mirror) => fc.constantFrom(mirror, { ...mirror, cluster: '', clusterHeader: 'x-copy-to' })),
  ),
  internalRedirect: maybe(
    record({
      maxRedirects: fc.constantFrom(1, 3),
      codes: fc.constantFrom([302], [301, 307]),
      crossScheme: fc.constantFrom('no' as const, 'safe' as const, 'yes' as const),
      avoidPreviousRoutes: flag,
      allowedRoutes: fc.constantFrom(undefined, [], ['one', 'two']),
      responseHeadersToCopy: fc.constantFrom([], ['x-copied']),
    }),
  ),
});

const hedging: Arb<ForwardAction> = forward.chain((made) => fc.constantFrom(made, { ...made, hedges: true as const }));

export const action: Arb<RouteAction> = fc.oneof(
  { weight: 3, arbitrary: withRateLimits(hedging) },
  {
    weight: 1,
    arbitrary: record({
      kind: fc.constant('redirect' as const),
      scheme: fc.constantFrom('https', 'http', undefined),
      host: maybe(name),
      port: maybe(port),
      path: fc.oneof(
        fc.constant({ kind: 'keep' as const }),
        record({ kind: fc.constantFrom('full' as const, 'prefix' as const), value: text.map((path) => `/${path}`) }),
        record({ kind: fc.constant('regex' as const), regex, substitution: text }),
      ),
      status: fc.constantFrom(301 as const, 302 as const, 303 as const, 307 as const, 308 as const),
      stripQuery: flag,
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      kind: fc.constant('direct-response' as const),
      status: fc.integer({ min: 200, max: 599 }),
      body: fc.oneof(fc.constant(''), text).map((body) => ({ kind: 'inline' as const, text: body })),
      bodyFormat: maybe(bodyFormat),
    }),
  },
);

export const route: Arb<Route> = (
  record({
    name: fc.oneof(fc.constant(''), name),
    statPrefix: fc.oneof(fc.constant(''), name),
    match: record({
      path: fc.oneof(
        record({
          kind: fc.constantFrom('prefix' as const, 'exact' as const),
          value: text.map((path) => `/${path}`),
          ignoreCase: flag,
        }),
        record({
          kind: fc.constant('path-separated-prefix' as const),
          value: name.map((path) => `/${path}`),
          ignoreCase: flag,
        }),
        record({ kind: fc.constant('regex' as const), regex, ignoreCase: fc.constant(false) }),
        fc.constant({ kind: 'template' as const, template: '/a/{b}/{c=x/*}/**' }),
        fc.constant({ kind: 'connect' as const }),
      ),
      headers: few(headerMatcher),
      cookies: few(record({ name, matcher: stringMatcher, invert: flag }), 1),
      tls: fc.constantFrom(
        undefined,
        { presented: true, validated: undefined },
        { presented: undefined, validated: false },
      ),
      queryParameters: few(
        record({
          name,
          match: fc.oneof(
            record({ kind: fc.constant('string' as const), matcher: stringMatcher }),
            record({ kind: fc.constant('present' as const), present: flag }),
          ),
        }),
        1,
      ),
      dynamicMetadata: few(metadataMatcher, 1),
      grpc: flag,
      fraction: maybe(fraction),
    }),
    action,
    headers,
    filterOverrides,
    metadata: staticMetadata,
    source: source,
  }) as Arb<Route>
)
  .chain((made) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(made) },
      { weight: 1, arbitrary: routeTracing.map((row) => ({ ...made, tracing: row })) },
      { weight: 1, arbitrary: flag.map((propagate) => ({ ...made, decorator: { operation: 'o', propagate } })) },
    ),
  )
  .map((made) => fitting(made));

/** What Envoy refuses together: a prefix rewrite beside a path that is no prefix or text. */
export function fitting(made: Route): Route {
  const rewrites = made.action.kind === 'forward' && made.action.rewrite.path.kind === 'prefix';
  const redirects = made.action.kind === 'redirect' && made.action.path.kind === 'prefix';
  const { kind } = made.match.path;
  if (kind === 'template' && made.action.kind === 'forward') {
    const rewrite = { ...made.action.rewrite, path: { kind: 'template' as const, template: '/n/{c}/{b}' } };
    return { ...made, action: { ...made.action, rewrite } };
  }
  const plain = kind !== 'regex' && kind !== 'connect' && kind !== 'template';
  if (plain || !(rewrites || redirects)) return made;
  return { ...made, match: { ...made.match, path: { kind: 'prefix', value: '/', ignoreCase: false } } };
}

export const virtualHost = (id: number): Arb<VirtualHost> =>
  record({
    name: fc.constant(`host-${id}`),
    domains: fc.constantFrom(
      [`h${id}.example.com`],
      [`*.h${id}.example.com`, `h${id}.*`],
      ...(id === 0 ? [['*']] : [[`x${id}`]]),
    ),
    routes: few(route, 3),
    headers,
    retryPolicy: maybe(retryPolicy),
    requireTls: fc.constantFrom('none' as const, 'external-only' as const, 'all' as const),
    includeRequestAttemptCount: flag,
    includeAttemptCountInResponse: flag,
    includeIsTimeoutRetry: flag,
    virtualClusters: few(record({ name, headers: some(headerMatcher) }), 1),
    filterOverrides,
  }).chain((made) => withMetadata(made));

export const routesNamed = (given: Arb<string>): Arb<RouteConfiguration> =>
  record({
    name: given,
    virtualHosts: fc.oneof(
      fc.constant([]),
      fc.tuple(withRateLimits(virtualHost(0))),
      fc.tuple(virtualHost(0), virtualHost(1)),
    ) as Arb<VirtualHost[]>,
    headers,
    ignorePortInHostMatching: flag,
    maxDirectResponseBodySizeBytes: fc.constantFrom(4096, 100_000),
    internalOnlyHeaders: few(headerName),
    ignorePathParameters: flag,
    mostSpecificHeaderMutationsWins: flag,
    filterOverrides,
  });

export const routeConfiguration: Arb<RouteConfiguration> = routesNamed(name);
