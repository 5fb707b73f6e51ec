/** Arbitrary authentication by tokens. */
import type {
  JwtAuthnFilter,
  JwtProvider,
  JwtRequirement,
  JwtRouteRequirement,
  RemoteJwtKeys,
} from '@weft/core/proxy-config';
import fc from 'fast-check';
import { type Arb, few, flag, headerMatcher, headerName, maybe, name, record, stringMatcher, text } from './values.ts';

/** Envoy reads it when it validates. */
const keySet = (letter: string): string => `{"keys":[{"kty":"oct","k":"${letter.repeat(43)}"}]}`;

const PROVIDERS = ['main', 'second'] as const;

const localKeys = fc
  .constantFrom('A', 'B')
  .map((letter) => ({ kind: 'local' as const, source: { kind: 'inline' as const, text: keySet(letter) } }));

const remoteKeys: Arb<RemoteJwtKeys> = record({
  kind: fc.constant('remote' as const),
  service: record({
    uri: fc.constantFrom('https://issuer.example/keys', 'http://10.0.0.1:8080'),
    cluster: name,
    timeout: fc.constantFrom(1000, 5000),
  }),
  cacheDuration: fc.constantFrom(600_000, 5000),
  ahead: maybe(record({ failedRefetch: fc.constantFrom(1000, 5000) })),
  retry: maybe(
    record({
      retries: fc.constantFrom(1, 3),
      backOff: fc.constantFrom({ base: 1000, max: 10_000 }, { base: 5, max: 50 }),
    }),
  ),
});

const provider = (called: string): Arb<JwtProvider> =>
  record({
    name: fc.constant(called),
    issuer: fc.constantFrom('', 'https://issuer.example'),
    audiences: few(text),
    subjects: maybe(stringMatcher),
    requireExpiration: flag,
    maxLifetime: maybe(fc.constantFrom(1000, 3_600_000)),
    keys: fc.oneof(localKeys, remoteKeys),
    fromHeaders: few(record({ name: headerName, prefix: fc.constantFrom('', 'Token ') })),
    fromParameters: few(text),
    fromCookies: few(text),
    forward: flag,
    forwardPayloadHeader: fc.oneof(fc.constant(''), headerName),
    padForwardPayloadHeader: flag,
    claimToHeaders: few(
      record({ header: headerName, path: fc.constantFrom(['sub'], ['org', 'name'], ['org', 'a.b']) }),
    ),
    clearRouteCache: flag,
    payloadInMetadata: fc.constantFrom('', 'claims'),
    headerInMetadata: fc.constantFrom('', 'head'),
    failedStatusInMetadata: fc.constantFrom('', 'failure'),
    spaceDelimitedClaims: few(text),
    clockSkewSeconds: fc.constantFrom(60, 5),
    cache: maybe(record({ tokens: fc.constantFrom(100, 5), longest: fc.constantFrom(4096, 1000) })),
  });

const requirement: Arb<JwtRequirement> = fc.letrec<{ requirement: JwtRequirement }>((tie) => ({
  requirement: fc.oneof(
    { maxDepth: 2 },
    fc.constant({ kind: 'nothing' as const }),
    record({ kind: fc.constant('provider' as const), provider: fc.constantFrom(...PROVIDERS), audiences: few(text) }),
    fc.constant({ kind: 'allow-missing' as const }),
    fc.constant({ kind: 'allow-missing-or-failed' as const }),
    record({
      kind: fc.constantFrom('any' as const, 'all' as const),
      requirements: fc.tuple(tie('requirement'), tie('requirement')),
    }),
  ),
})).requirement;

export const jwtAuthn: Arb<JwtAuthnFilter> = record({
  kind: fc.constant('jwt-authn' as const),
  providers: fc.tuple(...PROVIDERS.map(provider)),
  rules: few(
    record({
      match: record({
        path: record({ kind: fc.constant('prefix' as const), value: text.map((path) => `/${path}`), ignoreCase: flag }),
        headers: few(headerMatcher, 1),
        queryParameters: fc.constant([]),
        cookies: fc.constant([]),
        tls: fc.constant(undefined),
        dynamicMetadata: fc.constant([]),
        grpc: fc.constant(false),
        fraction: fc.constant(undefined),
      }),
      requirement: maybe(requirement),
    }),
  ),
  requirements: fc
    .uniqueArray(record({ name, requirement }), { selector: (one) => one.name, maxLength: 2 })
    .map((made) => made.toSorted((a, b) => (a.name < b.name ? -1 : 1))),
  bypassCorsPreflight: flag,
  stripFailureResponse: flag,
  statPrefix: fc.constantFrom('', 'mine'),
});

export const jwtRoute: Arb<JwtRouteRequirement> = fc.oneof(
  fc.constant({ kind: 'jwt-authn' as const, off: true as const }),
  record({ kind: fc.constant('jwt-authn' as const), off: fc.constant(false as const), requirement: name }),
);
