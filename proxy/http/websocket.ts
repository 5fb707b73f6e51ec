/**
 * The one thing in which a WebSocket handshake differs between the versions of HTTP: the key and its digest (RFC 6455, 4) do not exist over
 * HTTP/2 (RFC 8441, 5). Between the two the engine stands in for the side that lacks them. It never looks at frames.
 */
import { createHash, randomBytes } from 'node:crypto';
import { headerName, type HeaderName } from '@weft/wire/http1';
import type { OutgoingRequest } from '../router/upstream-client.ts';
import type { Exchange } from './exchange.ts';

const KEY = 'sec-websocket-key';
const DIGEST = 'sec-websocket-accept';
const KEY_NAME = headerName(KEY) as HeaderName;
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** An HTTP/1.1 backend wants a key where an HTTP/2 client sent none. */
export function completeWebSocketRequest({ upgrade, reader, head }: OutgoingRequest): void {
  if (upgrade === 'websocket' && reader.minor === 2 && !head.edit.has(KEY))
    head.edit.add(KEY, randomBytes(16).toString('base64'));
}

/** An HTTP/1.1 client wants its key's digest where the backend speaks HTTP/2; a digest of a key of ours is not passed on. */
export function completeWebSocketAnswer({ upgrade, reader, head, response }: Exchange): void {
  if (upgrade !== 'websocket') return;
  if (reader.minor === 2) {
    if (reader.head.joined(KEY_NAME) === undefined) response.remove(DIGEST);
    return;
  }
  const key = head.edit.get(KEY);
  if (key === undefined || response.has(DIGEST)) return;
  response.add(
    DIGEST,
    createHash('sha1')
      .update(key + MAGIC, 'latin1')
      .digest('base64'),
  );
}
