/** envoy.extensions.filters.http.buffer.v3. */
import type { BufferFilter } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';

export const BUFFER = 'envoy.extensions.filters.http.buffer.v3.Buffer';
export const BUFFER_PER_ROUTE = 'envoy.extensions.filters.http.buffer.v3.BufferPerRoute';

export const decodeBuffer = (cursor: Cursor<Messages[typeof BUFFER]>): BufferFilter => ({
  kind: 'buffer',
  maxRequestBytes: cursor.take('max_request_bytes') ?? 1,
});

export function decodeBufferPerRoute(cursor: Cursor<Messages[typeof BUFFER_PER_ROUTE]>): BufferFilter {
  const own = cursor.within('buffer', decodeBuffer);
  cursor.take('disabled');
  return own ?? { kind: 'buffer', maxRequestBytes: undefined };
}

export const encodeBuffer = ({ maxRequestBytes }: BufferFilter): Messages[typeof BUFFER] => ({
  max_request_bytes: maxRequestBytes,
});

export const encodeBufferPerRoute = (filter: BufferFilter): Messages[typeof BUFFER_PER_ROUTE] =>
  filter.maxRequestBytes === undefined ? { disabled: true } : { buffer: encodeBuffer(filter) };
