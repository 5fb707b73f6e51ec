/** Arbitrary services that the engine calls, and the filters that ask them. */
import type { CallRetries, ExtAuthzFilter, ExtAuthzOverride, GrpcService, HttpService } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { metadataMatcher } from './metadata.ts';
import { type Arb, few, flag, fraction, headerName, maybe, ms, name, record, stringMatcher, text } from './values.ts';

const kind = <Kind extends string>(value: Kind): Arb<Kind> => fc.constant(value);
const pair = fc.tuple(headerName, text);

export const grpcService: Arb<GrpcService> = record({
  cluster: name,
  authority: fc.constantFrom('', 'a.example'),
  timeout: maybe(ms),
  initialMetadata: few(pair),
  maxReceiveMessageLength: fc.constantFrom(0, 1024),
});

const callRetries: Arb<CallRetries> = record({
  retryOn: fc.constantFrom([], ['reset'], ['connect-failure', 'unavailable']),
  numRetries: fc.integer({ min: 0, max: 9 }),
  backOff: record({ base: fc.constantFrom(1, 25), max: fc.constantFrom(25, 1000) }),
  avoidPreviousHosts: flag,
  hostSelectionAttempts: fc.constantFrom(1, 20),
});

/** Calls of one message for one. */
export const unaryService: Arb<GrpcService> = fc
  .tuple(grpcService, maybe(callRetries))
  .map(([service, retries]) => (retries === undefined ? service : { ...service, retries }));

export const httpService: Arb<HttpService> = record({
  uri: fc.constant('http://a.example/x'),
  cluster: name,
  timeout: ms,
});

const authzService = fc.oneof(
  record({ kind: kind('grpc'), service: unaryService }),
  record({
    kind: kind('http'),
    service: httpService,
    pathPrefix: fc.constantFrom('', '/check'),
    headers: few(pair),
    toUpstream: few(stringMatcher),
    appendedToUpstream: few(stringMatcher),
    toClient: few(stringMatcher),
    toClientOnSuccess: few(stringMatcher),
    toMetadata: few(stringMatcher),
  }),
);

const body = record({ maxBytes: fc.integer({ min: 1, max: 9999 }), partial: flag, asBytes: flag });

export const extAuthz: Arb<ExtAuthzFilter> = record({
  kind: kind('ext-authz'),
  service: authzService,
  failureModeAllow: flag,
  failureModeHeader: flag,
  body: maybe(body),
  clearRouteCache: flag,
  statusOnError: fc.constantFrom(403, 503),
  metadataNamespaces: few(name),
  enabled: fraction,
  denyAtDisable: flag,
  peerCertificate: flag,
  tlsSession: flag,
  statPrefix: fc.constantFrom('', 'own'),
  allowedHeaders: maybe(fc.array(stringMatcher, { minLength: 1, maxLength: 2 })),
  disallowedHeaders: few(stringMatcher),
  takesMetadata: flag,
}).chain((row) =>
  maybe(metadataMatcher).map((enabledMetadata) => (enabledMetadata === undefined ? row : { ...row, enabledMetadata })),
);

export const extAuthzOverride: Arb<ExtAuthzOverride> = fc.oneof(
  fc.constant({
    kind: 'ext-authz' as const,
    disabled: true,
    contextExtensions: [],
    ignoresBody: false,
    body: undefined,
    service: undefined,
  }),
  record({
    kind: kind('ext-authz'),
    disabled: fc.constant(false),
    contextExtensions: fc.constantFrom([], [['a', 'b'] as const, ['c', 'd'] as const]),
    ignoresBody: fc.constant(false),
    body: maybe(body),
    service: maybe(authzService),
  }),
);
