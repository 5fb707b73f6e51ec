/** Requests worth asking about a service port: one for each thing that its routes and the access rules behind it tell apart. */
import type { HttpMatchRow, MeshView, RequestRow } from '@weft/core/mesh-view';
import type { HeaderMatcher } from '@weft/core/proxy-config';
import { behindPort } from './balancers.ts';
import { GET_ROOT, type StatedRequest } from './question.ts';

/** So many a port. */
const MOST = 24;

export function probesOf(views: readonly MeshView[], port: string): StatedRequest[] {
  const probes = new Map<string, StatedRequest>();
  const add = (probe: StatedRequest): void => {
    const key = JSON.stringify(probe);
    if (probes.size < MOST && !probes.has(key)) probes.set(key, probe);
  };
  add(GET_ROOT);
  for (const view of views) {
    for (const { match } of view.httpRules.get(port) ?? []) matched(match).forEach(add);
    for (const row of requestRows(view, port)) ruled(row).forEach(add);
  }
  return [...probes.values()];
}

/** Requests that a match takes; none where it asks by expression. */
export function matched(match: HttpMatchRow): StatedRequest[] {
  if (match.path.kind === 'regex') return [];
  const exact = (list: HttpMatchRow['headers']): { name: string; value: string }[] =>
    list.flatMap(({ name, value }) => (value.kind === 'exact' ? [{ name, value: value.value }] : []));
  const headers = exact(match.headers);
  const parameters = exact(match.queryParameters);
  const further = conditional(match.conditions?.headers ?? []);
  if (
    headers.length < match.headers.length ||
    parameters.length < match.queryParameters.length ||
    further === undefined
  )
    return [];
  const query = parameters.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('&');
  const at = (path: string): StatedRequest => ({
    method: match.method === '' ? 'GET' : match.method,
    path: query === '' ? path : `${path}?${query}`,
    headers: [...headers, ...further],
  });
  const { kind, value } = match.path;
  return kind === 'prefix' && value !== '/' ? [at(value), at(`${value}/x`)] : [at(value)];
}

/** Headers that meet them; undefined: one is an expression, or a name is asked for twice. What a header must not be, it is not where it is not there. */
function conditional(asked: readonly HeaderMatcher[]): { name: string; value: string }[] | undefined {
  const found = new Map<string, string>();
  for (const { name, match, invert } of asked) {
    if (invert || (match.kind === 'present' && !match.present)) continue;
    const value =
      match.kind === 'present'
        ? 'x'
        : match.kind === 'range'
          ? String(match.start > Number.MIN_SAFE_INTEGER ? match.start : match.end - 1)
          : match.matcher.kind === 'regex'
            ? undefined
            : match.matcher.value;
    if (value === undefined || found.has(name)) return undefined;
    found.set(name, value);
  }
  return [...found].map(([name, value]) => ({ name, value }));
}

function* requestRows(view: MeshView, port: string): Iterable<RequestRow> {
  for (const endpoint of behindPort(view, port))
    for (const policy of view.accessPolicies.get(endpoint.workload) ?? [])
      for (const rule of policy.rules)
        for (const { request } of rule.to ?? []) if (request !== undefined) yield request;
}

/** A request that the rule speaks of, and the same with another method. */
function ruled({ methods, paths, notPaths, headers }: RequestRow): StatedRequest[] {
  const stated = headers.flatMap(({ name, value }) => {
    if (value.kind === 'exact') return [{ name, value: value.value }];
    return value.kind === 'present' ? [{ name, value: 'x' }] : [];
  });
  const texts = [...(paths ?? []), ...notPaths].map(({ kind, value }) =>
    kind === 'suffix' ? `/x${value}` : kind === 'prefix' ? `${value}x` : value,
  );
  return (methods ?? ['GET', 'POST']).flatMap((method) =>
    (texts.length === 0 ? ['/'] : texts).map((path) => ({ method, path, headers: stated })),
  );
}
