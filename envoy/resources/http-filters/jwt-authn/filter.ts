/** envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication. Rules by filter state are refused: there is none here. */
import type { JwtAuthnFilter, JwtProvider, JwtRequirement, JwtRule, RouteMatch } from '@weft/core/proxy-config';
import type { Messages } from '../../../tables/index.ts';
import { reading, type Cursor } from '../../base/cursor.ts';
import { some, type Encoding } from '../../base/encoding.ts';
import { decodeMatch, encodeMatch } from '../../route/match.ts';
import { decodeProvider, encodeProvider } from './provider.ts';
import { decodeRequirement, encodeRequirement } from './requirement.ts';

type Wire = Messages[typeof JWT_AUTHN];
type WireRule = Messages['envoy.extensions.filters.http.jwt_authn.v3.RequirementRule'];

export const JWT_AUTHN = 'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication';

/** Envoy looks at nothing but path, headers and query of a rule's match. */
const NOT_LOOKED_AT = [
  'runtime_fraction',
  'cookies',
  'grpc',
  'tls_context',
  'dynamic_metadata',
  'filter_state',
] as const;

const EVERY_PATH: RouteMatch = {
  path: { kind: 'prefix', value: '/', ignoreCase: false },
  headers: [],
  queryParameters: [],
  cookies: [],
  tls: undefined,
  dynamicMetadata: [],
  grpc: false,
  fraction: undefined,
};

export function decodeJwtAuthn(cursor: Cursor<Wire>): JwtAuthnFilter {
  const providers: JwtProvider[] = [];
  for (const [name, provider] of cursor.take('providers') ?? [])
    providers.push(
      reading(provider, cursor.at('providers').key(name), cursor.report, (inner) => decodeProvider(name, inner)),
    );
  const names = new Set(providers.map(({ name }) => name));
  const requirements: { name: string; requirement: JwtRequirement }[] = [];
  for (const [name, wire] of cursor.take('requirement_map') ?? []) {
    const path = cursor.at('requirement_map').key(name);
    const requirement = reading(wire, path, cursor.report, (inner) => decodeRequirement(inner, names, 1));
    requirements.push({ name, requirement });
  }
  return {
    kind: 'jwt-authn',
    providers: providers.toSorted(byName),
    rules: cursor.each('rules', (rule) => decodeRule(rule, names, requirements)),
    requirements: requirements.toSorted(byName),
    bypassCorsPreflight: cursor.take('bypass_cors_preflight') ?? false,
    stripFailureResponse: cursor.take('strip_failure_response') ?? false,
    statPrefix: cursor.take('stat_prefix') ?? '',
  };
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

function decodeRule(
  cursor: Cursor<WireRule>,
  providers: ReadonlySet<string>,
  requirements: JwtAuthnFilter['requirements'],
): JwtRule {
  const match = cursor.within('match', (inner) => {
    for (const field of NOT_LOOKED_AT)
      if (inner.has(field)) inner.fault(field, 'unsupported-field', 'not looked at in a rule about tokens');
    return decodeMatch(inner);
  });
  const own = cursor.within('requires', (inner) => decodeRequirement(inner, providers, 1));
  const name = cursor.take('requirement_name');
  const named = requirements.find((requirement) => requirement.name === name);
  if (name !== undefined && named === undefined)
    cursor.fault('requirement_name', 'invalid-value', `requirement_map has no ${name}`);
  return { match: match ?? EVERY_PATH, requirement: own ?? named?.requirement };
}

export const encodeJwtAuthn = (filter: JwtAuthnFilter, encoding: Encoding, path: string): Wire => ({
  providers: map(filter.providers.map((provider) => [provider.name, encodeProvider(provider)])),
  rules: some(
    filter.rules.map(({ match, requirement }, index) => ({
      match: encodeMatch(match, encoding, `${path}.rules[${index}].match`),
      requires: requirement === undefined ? undefined : encodeRequirement(requirement),
    })),
  ),
  requirement_map: map(filter.requirements.map(({ name, requirement }) => [name, encodeRequirement(requirement)])),
  bypass_cors_preflight: filter.bypassCorsPreflight ? true : undefined,
  strip_failure_response: filter.stripFailureResponse ? true : undefined,
  stat_prefix: filter.statPrefix || undefined,
});

const map = <Value>(entries: readonly (readonly [string, Value])[]): ReadonlyMap<string, Value> | undefined =>
  entries.length === 0 ? undefined : new Map(entries);
