/** Arbitrary limits of routes, and the filter that asks a service about them. */
import type { RateLimit, RateLimitAction, RateLimitFilter, RateLimitOverride } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { unaryService } from './services.ts';
import {
  type Arb,
  few,
  flag,
  fraction,
  headerMatcher,
  headerName,
  headerOption,
  ms,
  name,
  record,
  some,
  text,
} from './values.ts';

const kind = <Kind extends string>(value: Kind): Arb<Kind> => fc.constant(value);

const action: Arb<RateLimitAction> = fc.oneof(
  record({ kind: kind('source-cluster') }),
  record({ kind: kind('destination-cluster') }),
  record({ kind: kind('remote-address') }),
  record({ kind: kind('request-header'), name: headerName, key: text, skipIfAbsent: flag }),
  record({ kind: kind('query-parameter'), name: text, key: text, skipIfAbsent: flag }),
  record({
    kind: kind('masked-remote-address'),
    v4: fc.integer({ min: 1, max: 32 }),
    v6: fc.integer({ min: 1, max: 128 }),
  }),
  record({ kind: kind('generic-key'), key: fc.constantFrom('generic_key', 'k'), value: text }),
  record({
    kind: kind('header-value-match'),
    key: fc.constantFrom('header_match', 'k'),
    value: text,
    expectMatch: flag,
    headers: some(headerMatcher),
  }),
  record({
    kind: kind('query-value-match'),
    key: fc.constantFrom('query_match', 'k'),
    value: text,
    expectMatch: flag,
    parameters: fc.constant([{ name: 'q', match: { kind: 'present' as const, present: true } }]),
  }),
  record({
    kind: kind('metadata'),
    key: text,
    source: fc.constantFrom('dynamic' as const, 'route' as const),
    namespace: name,
    path: some(text),
    fallback: fc.constantFrom('', 'f'),
    skipIfAbsent: flag,
  }),
);

const limit: Arb<RateLimit> = record({ stage: fc.integer({ min: 0, max: 10 }), actions: some(action) });

/** Absent where there is none. */
export const withRateLimits = <Row extends object>(
  arb: Arb<Row>,
): Arb<Row & { readonly rateLimits?: readonly RateLimit[] }> =>
  fc
    .tuple(arb, fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: few(limit) }))
    .map(([row, rateLimits]) => (rateLimits.length === 0 ? row : { ...row, rateLimits }));

export const rateLimitFilter: Arb<RateLimitFilter> = record({
  kind: kind('rate-limit'),
  domain: name,
  stage: fc.integer({ min: 0, max: 10 }),
  requests: fc.constantFrom('both' as const, 'internal' as const, 'external' as const),
  timeout: ms,
  failureModeDeny: flag,
  statusOnError: fc.constantFrom(500, 503),
  service: unaryService.map((service) => ({ ...service, timeout: undefined })),
  status: fc.constantFrom(429, 503),
  resourceExhausted: flag,
  tellsLimits: flag,
  marksLimited: flag,
  responseHeaders: few(headerOption),
  statPrefix: fc.constantFrom('', 'own'),
  enabled: fraction,
  enforced: fraction,
});

export const rateLimitOverride: Arb<RateLimitOverride> = record({
  kind: kind('rate-limit'),
  hostLimits: fc.constantFrom('override' as const, 'include' as const, 'ignore' as const),
  domain: fc.constantFrom('', 'other'),
});
