/** Header changes (envoy.config.core.v3.HeaderValueOption) of route tables, virtual hosts, routes and weighted clusters. */
import type { HeaderMutations, HeaderValueOption } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { Cursor } from '../base/cursor.ts';
import { some } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';

type Wire = Messages['envoy.config.core.v3.HeaderValueOption'];

interface WireMutations {
  readonly request_headers_to_add?: readonly Wire[] | undefined;
  readonly request_headers_to_remove?: readonly string[] | undefined;
  readonly response_headers_to_add?: readonly Wire[] | undefined;
  readonly response_headers_to_remove?: readonly string[] | undefined;
}

const APPEND: EnumTable<
  HeaderValueOption['append'],
  'APPEND_IF_EXISTS_OR_ADD' | 'ADD_IF_ABSENT' | 'OVERWRITE_IF_EXISTS_OR_ADD' | 'OVERWRITE_IF_EXISTS'
> = [
  ['append-if-exists-or-add', 'APPEND_IF_EXISTS_OR_ADD'],
  ['add-if-absent', 'ADD_IF_ABSENT'],
  ['overwrite-if-exists-or-add', 'OVERWRITE_IF_EXISTS_OR_ADD'],
  ['overwrite-if-exists', 'OVERWRITE_IF_EXISTS'],
];

export function takeHeaders<Message extends WireMutations>(cursor: Cursor<Message>): HeaderMutations {
  const own = cursor as unknown as Cursor<WireMutations>;
  const lower = (name: string): string => name.toLowerCase();
  return {
    requestRemove: (own.take('request_headers_to_remove') ?? []).map(lower),
    requestAdd: own.each('request_headers_to_add', decodeHeaderOption),
    responseRemove: (own.take('response_headers_to_remove') ?? []).map(lower),
    responseAdd: own.each('response_headers_to_add', decodeHeaderOption),
  };
}

export function decodeHeaderOption(cursor: Cursor<Wire>): HeaderValueOption {
  const header = cursor.within('header', (inner) => {
    const name = (inner.take('key') ?? '').toLowerCase();
    if (name === 'host' || name.startsWith(':')) {
      inner.fault('key', 'invalid-value', `${name} cannot be changed by a header rule`, 'use a host or path rewrite');
    }
    return { name, value: inner.take('value') ?? '' };
  });
  const deprecated = cursor.take('append');
  const action = takeEnum(cursor, 'append_action', APPEND);
  if (deprecated !== undefined && action !== 'append-if-exists-or-add') {
    cursor.fault('append', 'oneof-conflict', 'append and append_action are both set', 'keep append_action');
  }
  return {
    name: header?.name ?? '',
    value: header?.value ?? '',
    append: deprecated === false ? 'overwrite-if-exists-or-add' : action,
    keepEmptyValue: cursor.take('keep_empty_value') ?? false,
  };
}

export const encodeHeaders = (mutations: HeaderMutations): WireMutations => ({
  request_headers_to_add: some(mutations.requestAdd.map(encodeHeaderOption)),
  request_headers_to_remove: some(mutations.requestRemove),
  response_headers_to_add: some(mutations.responseAdd.map(encodeHeaderOption)),
  response_headers_to_remove: some(mutations.responseRemove),
});

export const encodeHeaderOption = (option: HeaderValueOption): Wire => ({
  header: { key: option.name, value: option.value },
  append_action: enumName(option.append, APPEND),
  keep_empty_value: option.keepEmptyValue ? true : undefined,
});
