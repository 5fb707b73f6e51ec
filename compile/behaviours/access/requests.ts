/** What a rule says of a request, as RBAC permissions over the canonical request. */
import type { HeaderCondition, PathPattern, RequestRow } from '@weft/core/mesh-view';
import type { HeaderMatcher, RbacPermission, StringMatcher } from '@weft/core/proxy-config';

/** All of it must hold. */
export function requestPermission(request: RequestRow): RbacPermission {
  const parts: RbacPermission[] = [];
  const some = <T>(list: readonly T[] | undefined, rule: (item: T) => RbacPermission): void => {
    if (list !== undefined) parts.push(anyOf(list.map(rule)));
  };
  const none = <T>(list: readonly T[], rule: (item: T) => RbacPermission): void => {
    if (list.length > 0) parts.push({ kind: 'not', rule: anyOf(list.map(rule)) });
  };
  some(request.hosts, hostRule);
  none(request.notHosts, hostRule);
  some(request.methods, methodRule);
  none(request.notMethods, methodRule);
  some(request.paths, pathRule);
  none(request.notPaths, pathRule);
  some(request.pathRegexes, pathRegexRule);
  none(request.notPathRegexes, pathRegexRule);
  parts.push(...request.headers.map(headerRule));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: 'and', rules: parts };
}

const anyOf = (rules: readonly RbacPermission[]): RbacPermission =>
  rules.length === 1 && rules[0] !== undefined ? rules[0] : { kind: 'or', rules };

const header = (name: string, match: HeaderMatcher['match'], invert = false): RbacPermission => ({
  kind: 'header',
  header: { name, match, invert, treatMissingAsEmpty: false },
});

const exactly = (value: string, ignoreCase = false): HeaderMatcher['match'] => ({
  kind: 'string',
  matcher: { kind: 'exact', value, ignoreCase },
});

const PORT = '(?::[0-9]{1,5})?';

/** Hosts are compared without their port (nothing else stands behind a `:` there) and in any case (RFC 9110, 4.2.3). */
function hostRule(host: string): RbacPermission {
  if (host.startsWith('*.'))
    return header(':authority', {
      kind: 'string',
      matcher: { kind: 'regex', regex: `(?i).+${host.slice(1).replaceAll('.', '\\.')}${PORT}` },
    });
  const withPort: StringMatcher = { kind: 'prefix', value: `${host}:`, ignoreCase: true };
  return {
    kind: 'or',
    rules: [header(':authority', exactly(host, true)), header(':authority', { kind: 'string', matcher: withPort })],
  };
}

const methodRule = (method: string): RbacPermission => header(':method', exactly(method));

/** A suffix of nothing is every path. Of a path of slashes alone Envoy's merge_slashes leaves two, which are the root as well. */
const pathRule = ({ kind, value }: PathPattern): RbacPermission =>
  kind === 'exact' && value === '/'
    ? pathRegexRule('//?')
    : value === ''
      ? { kind: 'any' }
      : { kind: 'url-path', matcher: { kind, value, ignoreCase: false } };

const pathRegexRule = (regex: string): RbacPermission => ({ kind: 'url-path', matcher: { kind: 'regex', regex } });

function headerRule({ name, value }: HeaderCondition): RbacPermission {
  switch (value.kind) {
    case 'exact':
      return header(name, exactly(value.value));
    case 'regex':
      return header(name, { kind: 'string', matcher: { kind: 'regex', regex: value.regex } });
    case 'present':
      return header(name, { kind: 'present', present: true });
    case 'absent':
      return header(name, { kind: 'present', present: false });
  }
}
