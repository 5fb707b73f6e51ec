/** HTTPRouteMatch as the matchers of a route. */
import type { HttpMatchRow, NamedMatch, TextMatch } from '@weft/core/mesh-view';
import type { HeaderMatcher, QueryParameterMatcher, RouteMatch, StringMatcher } from '@weft/core/proxy-config';
import { escaped } from '../behaviours/rewrite/path.ts';
import type { EngineName } from '../profiles.ts';

export function routeMatch(match: HttpMatchRow, engine: EngineName): RouteMatch {
  // A gRPC call is always a POST (gRPC over HTTP/2), and clients do not see the pseudo-header.
  const stated = match.method !== '' && !(engine === 'grpc' && match.method === 'POST');
  const method = stated ? [header(':method', { kind: 'exact', value: match.method })] : [];
  return {
    path: pathMatch(match, engine),
    headers: [
      ...method,
      ...match.headers.map(({ name, value }) => header(name, value)),
      ...(match.conditions?.headers ?? []),
    ],
    queryParameters: match.queryParameters.map(queryParameter),
    cookies: [],
    tls: undefined,
    dynamicMetadata: [],
    grpc: false,
    fraction: undefined,
  };
}

/** Proxyless clients know prefixes by characters only (gRFC A28): an expression says where an element ends. */
function pathMatch({ path }: HttpMatchRow, engine: EngineName): RouteMatch['path'] {
  const ignoreCase = path.ignoreCase === true;
  const expression = (regex: string): RouteMatch['path'] => ({
    kind: 'regex',
    regex: ignoreCase ? `(?i)${regex}` : regex,
    ignoreCase: false,
  });
  switch (path.kind) {
    case 'exact':
      return { kind: 'exact', value: path.value, ignoreCase };
    case 'regex':
      return expression(path.regex);
    case 'prefix':
      if (engine === 'grpc' && path.value !== '/') return expression(`${escaped(path.value)}(/.*)?`);
      return path.value === '/'
        ? { kind: 'prefix', value: '/', ignoreCase: false }
        : { kind: 'path-separated-prefix', value: path.value, ignoreCase };
  }
}

const stringMatcher = (value: TextMatch): StringMatcher =>
  value.kind === 'exact'
    ? { kind: 'exact', value: value.value, ignoreCase: false }
    : { kind: 'regex', regex: value.regex };

const header = (name: string, value: TextMatch): HeaderMatcher => ({
  name,
  match: { kind: 'string', matcher: stringMatcher(value) },
  invert: false,
  treatMissingAsEmpty: false,
});

const queryParameter = ({ name, value }: NamedMatch): QueryParameterMatcher => ({
  name,
  match: { kind: 'string', matcher: stringMatcher(value) },
});
