/** HTTPHeaderFilter (Gateway API): `set` overwrites, `add` appends, `remove` removes; names in lower case, values literal. */
import type { HttpFilterRow, NameValue } from '@weft/core/mesh-view';
import type { HeaderMutations, HeaderValueOption } from '@weft/core/proxy-config';

export const NO_MUTATIONS: HeaderMutations = { requestRemove: [], requestAdd: [], responseRemove: [], responseAdd: [] };

export function headerMutations(filters: readonly HttpFilterRow[]): HeaderMutations {
  const of = (kind: 'request-headers' | 'response-headers'): [remove: string[], add: HeaderValueOption[]] => {
    const changes = filters.flatMap((filter) => (filter.kind === kind ? [filter.change] : []));
    return [
      changes.flatMap((change) => change.remove),
      changes.flatMap((change) => [
        ...change.set.map((header) => option(header, 'overwrite-if-exists-or-add')),
        ...change.add.map((header) => option(header, 'append-if-exists-or-add')),
      ]),
    ];
  };
  const [requestRemove, requestAdd] = of('request-headers');
  const [responseRemove, responseAdd] = of('response-headers');
  return { requestRemove, requestAdd, responseRemove, responseAdd };
}

/** `%` begins a command operator in Envoy's header values; a literal one is doubled. */
const option = ({ name, value }: NameValue, append: HeaderValueOption['append']): HeaderValueOption => ({
  name: name.toLowerCase(),
  value: value.replaceAll('%', '%%'),
  append,
  keepEmptyValue: true,
});
