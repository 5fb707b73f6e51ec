/** Trailers of a gRPC-Web answer: the last message of its body, with a flag of its own (PROTOCOL-WEB). */
import type { FieldBlock } from '../http1/index.ts';
import { PREFIX_LENGTH } from './message.ts';

const TRAILERS = 0x80;

/** Names in lower case, values octet by octet; dropped fields are left out. */
export function trailerMessage(trailers: FieldBlock): Uint8Array {
  let lines = '';
  for (let index = 0; index < trailers.count; index += 1)
    if (!trailers.dropped(index)) lines += `${trailers.name(index).toLowerCase()}:${trailers.value(index)}\r\n`;
  const message = new Uint8Array(PREFIX_LENGTH + lines.length);
  message[0] = TRAILERS;
  new DataView(message.buffer).setUint32(1, lines.length);
  for (let at = 0; at < lines.length; at += 1) message[PREFIX_LENGTH + at] = lines.charCodeAt(at);
  return message;
}
