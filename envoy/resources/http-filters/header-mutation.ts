/** envoy.extensions.filters.http.header_mutation.v3. */
import type { MessageMutations, QueryMutationStep } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { some } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeStep, encodeStep } from '../route/header-steps.ts';

type Wire = Messages['envoy.extensions.filters.http.header_mutation.v3.Mutations'];
type WireQuery = Messages['envoy.config.core.v3.KeyValueMutation'];
type QueryAppend = Extract<QueryMutationStep, { kind: 'append' }>;

export const HEADER_MUTATION = 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation';
export const HEADER_MUTATION_PER_ROUTE = 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute';

const APPEND: EnumTable<
  QueryAppend['append'],
  'APPEND_IF_EXISTS_OR_ADD' | 'ADD_IF_ABSENT' | 'OVERWRITE_IF_EXISTS_OR_ADD' | 'OVERWRITE_IF_EXISTS'
> = [
  ['append-if-exists-or-add', 'APPEND_IF_EXISTS_OR_ADD'],
  ['add-if-absent', 'ADD_IF_ABSENT'],
  ['overwrite-if-exists-or-add', 'OVERWRITE_IF_EXISTS_OR_ADD'],
  ['overwrite-if-exists', 'OVERWRITE_IF_EXISTS'],
];

export const decodeMutations = (cursor: Cursor<Wire>): MessageMutations => ({
  request: cursor.each('request_mutations', decodeStep),
  query: cursor.each('query_parameter_mutations', decodeQuery),
  response: cursor.each('response_mutations', decodeStep),
  requestTrailers: cursor.each('request_trailers_mutations', decodeStep),
  responseTrailers: cursor.each('response_trailers_mutations', decodeStep),
});

function decodeQuery(cursor: Cursor<WireQuery>): QueryMutationStep {
  const append = cursor.within('append', (inner): QueryAppend => {
    const record = inner.within('record', (pair) => {
      const value = pair.take('value');
      if (typeof value !== 'string') pair.fault('value', 'wrong-type', 'a query parameter needs a string');
      return { name: pair.take('key') ?? '', value: typeof value === 'string' ? value : '' };
    });
    if (record === undefined) inner.fault('record', 'missing-field', 'a query parameter needs its record');
    return { kind: 'append', name: '', value: '', ...record, append: takeEnum(inner, 'action', APPEND) };
  });
  if (append !== undefined) return append;
  const name = cursor.take('remove') ?? '';
  if (name === '') cursor.refuse('missing-field', 'neither append nor remove');
  return { kind: 'remove', name };
}

export const encodeMutations = (mutations: MessageMutations): Wire => ({
  request_mutations: some(mutations.request.map(encodeStep)),
  query_parameter_mutations: some(mutations.query.map(encodeQuery)),
  response_mutations: some(mutations.response.map(encodeStep)),
  request_trailers_mutations: some(mutations.requestTrailers.map(encodeStep)),
  response_trailers_mutations: some(mutations.responseTrailers.map(encodeStep)),
});

const encodeQuery = (step: QueryMutationStep): WireQuery =>
  step.kind === 'remove'
    ? { remove: step.name }
    : { append: { record: { key: step.name, value: step.value }, action: enumName(step.append, APPEND) } };
