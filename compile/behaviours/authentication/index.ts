/**
 * Who asks, by a token: kind Authentication (Envoy: jwt_authn). The payload of a valid token becomes metadata of the request, which
 * access rules ask about. Headers that the application gets from tokens are taken from what callers send first, also where no token is
 * asked for. On a port that carries TCP there are no tokens.
 */
import { NO_MESSAGE_MUTATIONS } from '@weft/core/proxy-config';
import type { AuthenticationRow, ExemptRow, TokenIssuerRow } from '@weft/core/mesh-view';
import type {
  FilterChain,
  HttpFilter,
  JwtAuthnFilter,
  JwtProvider,
  JwtRequirement,
  JwtRule,
  RouteMatch,
} from '@weft/core/proxy-config';
import { JWT_PAYLOAD } from '../../names.ts';
import type { Behaviour, InboundInput } from '../behaviour.ts';

export const authentication: Behaviour = {
  name: 'authentication',

  inboundChain(chain: FilterChain, { tokens }: InboundInput): FilterChain {
    const { terminal } = chain;
    if (tokens === undefined || terminal.kind !== 'http-connection-manager') return chain;
    const filters = tokenFilters(tokens);
    const manager = { ...terminal.manager, httpFilters: [...filters, ...terminal.manager.httpFilters] };
    return { ...chain, terminal: { ...terminal, manager } };
  },
};

/** What takes headers that only tokens may set from requests, and what verifies the tokens. */
export const tokenFilters = (tokens: AuthenticationRow): HttpFilter[] => [
  ...withoutForged(tokens),
  { ...verifier(tokens), name: 'authentication', disabled: false },
];

/** Headers that the application believes, each once, sorted. */
export function headersOfTokens({ issuers }: AuthenticationRow): string[] {
  const headers = issuers.flatMap(({ payloadHeader, claimHeaders }) => [
    ...(payloadHeader === '' ? [] : [payloadHeader]),
    ...claimHeaders.map(({ header }) => header),
  ]);
  return [...new Set(headers)].sort();
}

function withoutForged(tokens: AuthenticationRow): HttpFilter[] {
  const names = headersOfTokens(tokens);
  if (names.length === 0) return [];
  const request = names.map((name) => ({ kind: 'remove', name }) as const);
  return [
    {
      kind: 'header-mutation',
      name: 'authentication/headers',
      disabled: false,
      mutations: { ...NO_MESSAGE_MUTATIONS, request },
      mostSpecificWins: false,
    },
  ];
}

function verifier({ issuers, required, exempt }: AuthenticationRow): JwtAuthnFilter {
  const providers = issuers.map(provider).sort((a, b) => (a.name < b.name ? -1 : 1));
  const each = providers.map(({ name }): JwtRequirement => ({ kind: 'provider', provider: name, audiences: [] }));
  const all: JwtRequirement[] = required ? each : [...each, { kind: 'allow-missing' }];
  const [only] = all;
  const requirement: JwtRequirement =
    all.length === 1 && only !== undefined ? only : { kind: 'any', requirements: all };
  return {
    kind: 'jwt-authn',
    providers,
    rules: [...exempt.flatMap(exemptRules), { match: matching(ANY_PATH), requirement }],
    requirements: [],
    bypassCorsPreflight: true,
    stripFailureResponse: false,
    statPrefix: '',
  };
}

const ANY_PATH = { kind: 'prefix', value: '/' } as const;

const exemptRules = ({ methods, paths }: ExemptRow): JwtRule[] =>
  (paths.length === 0 ? [ANY_PATH] : paths).flatMap((path) =>
    (methods.length === 0 ? [undefined] : methods).map((method) => ({
      match: matching(path, method),
      requirement: undefined,
    })),
  );

const matching = (
  { kind, value }: { readonly kind: 'exact' | 'prefix'; readonly value: string },
  method?: string,
): RouteMatch => ({
  path: { kind, value, ignoreCase: false },
  headers:
    method === undefined
      ? []
      : [
          {
            name: ':method',
            match: { kind: 'string', matcher: { kind: 'exact', value: method, ignoreCase: false } },
            invert: false,
            treatMissingAsEmpty: false,
          },
        ],
  queryParameters: [],
  cookies: [],
  tls: undefined,
  dynamicMetadata: [],
  grpc: false,
  fraction: undefined,
});

/** Verified tokens that a proxy remembers for each issuer, and the longest of them, in octets. */
const CACHE = { tokens: 1000, longest: 4096 };

const provider = (row: TokenIssuerRow): JwtProvider => ({
  name: row.issuer,
  issuer: row.issuer,
  audiences: row.audiences,
  subjects: undefined,
  requireExpiration: row.requireExpiration,
  maxLifetime: row.maxLifetime,
  keys: { kind: 'local', source: { kind: 'inline', text: row.jwks } },
  fromHeaders: row.fromHeaders,
  fromParameters: row.fromParameters,
  fromCookies: row.fromCookies,
  forward: row.forward,
  forwardPayloadHeader: row.payloadHeader,
  padForwardPayloadHeader: false,
  claimToHeaders: row.claimHeaders,
  clearRouteCache: false,
  payloadInMetadata: JWT_PAYLOAD,
  headerInMetadata: '',
  failedStatusInMetadata: '',
  spaceDelimitedClaims: [],
  clockSkewSeconds: row.clockSkew,
  cache: CACHE,
});
