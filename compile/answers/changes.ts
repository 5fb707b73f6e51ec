/** What the calling proxy changes of a request before it sends it on: the called proxy's rules see it so. */
import type { ForwardAction, HeaderValueOption, Route, WeightedCluster } from '@weft/core/proxy-config';
import type { Changes } from './explanation.ts';
import type { StatedRequest } from './question.ts';

/** undefined: nothing. `outside`: the host outside the mesh that it goes to. Envoy's order: an entry of weighted clusters goes before its route; of each, removals go first. */
export function changesOf(
  route: Route,
  { rewrite }: ForwardAction,
  weighted: WeightedCluster | undefined,
  outside: string | undefined,
): Changes | undefined {
  const levels = [weighted?.headers, route.headers].filter((level) => level !== undefined);
  const host =
    rewrite.host.kind === 'literal' ? rewrite.host.value : rewrite.host.kind === 'auto' ? outside : undefined;
  const headers = levels.flatMap(({ requestRemove, requestAdd }): Changes['headers'] => [
    ...requestRemove.map((name) => ({ kind: 'remove' as const, name })),
    ...requestAdd.map(stated),
  ]);
  return host === undefined && headers.length === 0 ? undefined : { host, headers };
}

/** Values are literal in what is compiled here: a percent sign is doubled. */
const stated = ({ name, value, append }: HeaderValueOption): Changes['headers'][number] => ({
  kind: append === 'append-if-exists-or-add' ? 'add' : 'set',
  name,
  value: value.replaceAll('%%', '%'),
});

export function changed(request: StatedRequest, changes: Changes | undefined): StatedRequest {
  if (changes === undefined) return request;
  let headers = request.headers;
  for (const change of changes.headers) {
    if (change.kind !== 'add') headers = headers.filter(({ name }) => name !== change.name);
    if (change.kind !== 'remove') headers = [...headers, { name: change.name, value: change.value }];
  }
  const { host } = changes;
  return host === undefined
    ? { ...request, headers }
    : { ...request, headers: [...headers.filter(({ name }) => name !== 'host'), { name: 'host', value: host }] };
}
