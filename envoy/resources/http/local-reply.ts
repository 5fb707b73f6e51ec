/** envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig. */
import type { LocalReply, LocalReplyMapper } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { decodeLogFilter, encodeLogFilter } from '../access-log/filter.ts';
import { decodeBodyFormat, encodeBodyFormat } from '../access-log/format.ts';
import type { Cursor } from '../base/cursor.ts';
import { some, unless } from '../base/encoding.ts';
import { decodeTextSource, encodeTextSource } from '../base/text-source.ts';
import { decodeHeaderOption, encodeHeaderOption } from '../route/index.ts';

type Wire = Messages['envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig'];
type WireMapper = Messages['envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper'];

export const decodeLocalReply = (cursor: Cursor<Wire>): LocalReply => ({
  mappers: cursor.each('mappers', decodeMapper),
  format: cursor.within('body_format', decodeBodyFormat),
});

function decodeMapper(cursor: Cursor<WireMapper>): LocalReplyMapper {
  const filter = cursor.within('filter', decodeLogFilter);
  if (filter === undefined) cursor.fault('filter', 'missing-field', 'a mapper needs its filter');
  return {
    filter: filter ?? { kind: 'not-health-check' },
    status: cursor.take('status_code') ?? 0,
    body: cursor.within('body', decodeTextSource),
    format: cursor.within('body_format_override', decodeBodyFormat),
    headers: cursor.each('headers_to_add', decodeHeaderOption),
  };
}

export const encodeLocalReply = (reply: LocalReply): Wire => ({
  mappers: some(reply.mappers.map(encodeMapper)),
  body_format: reply.format === undefined ? undefined : encodeBodyFormat(reply.format),
});

const encodeMapper = (mapper: LocalReplyMapper): WireMapper => ({
  filter: encodeLogFilter(mapper.filter),
  status_code: unless(mapper.status, 0),
  body: mapper.body === undefined ? undefined : encodeTextSource(mapper.body),
  body_format_override: mapper.format === undefined ? undefined : encodeBodyFormat(mapper.format),
  headers_to_add: some(mapper.headers.map(encodeHeaderOption)),
});
