/**
 * Reads a TLS ClientHello without consuming it (RFC 8446 4.1.2, RFC 6066 3, RFC 7301 3.1): the server name and the protocols a client
 * offers. Pure; it must never read more than `MAX_CLIENT_HELLO_BYTES` nor believe a length it cannot see.
 */
export const MAX_CLIENT_HELLO_BYTES = 65_536;

export type ClientHello =
  /** More bytes are needed to tell. */
  | { readonly kind: 'incomplete' }
  /** Not a TLS handshake record. */
  | { readonly kind: 'not-tls' }
  /** It began as TLS and is malformed or too long. */
  | { readonly kind: 'malformed' }
  | {
      readonly kind: 'hello';
      /** Lower case, '' without. */
      readonly serverName: string;
      readonly protocols: readonly string[];
    };

const INCOMPLETE: ClientHello = { kind: 'incomplete' };
const NOT_TLS: ClientHello = { kind: 'not-tls' };
const MALFORMED: ClientHello = { kind: 'malformed' };

/** `limit`: bytes of the longest handshake message that is read, at most `MAX_CLIENT_HELLO_BYTES`. */
export function readClientHello(bytes: Uint8Array, limit = MAX_CLIENT_HELLO_BYTES): ClientHello {
  if (bytes.length === 0) return INCOMPLETE;
  if (bytes[0] !== 22) return NOT_TLS;
  if (bytes.length > 1 && bytes[1] !== 3) return NOT_TLS;
  const message = readMessage(bytes, limit);
  if (message === 'incomplete') return bytes.length >= 2 * limit ? MALFORMED : INCOMPLETE;
  return message === 'malformed' ? MALFORMED : readBody(message);
}

/** Records over which one message may be spread; 64 KiB need four. */
const MAX_RECORDS = 64;
const HEAD = 4;

/**
 * The body of the handshake message at the front, joined from its records. What stands behind it is not looked at, so that it changes nothing;
 * nothing is copied before the message is whole, since this is asked again with each octet that comes.
 */
function readMessage(bytes: Uint8Array, limit: number): Uint8Array | 'incomplete' | 'malformed' {
  const parts: Uint8Array[] = [];
  const head: number[] = [];
  let total = 0;
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = u16(bytes, at + 3);
    if (bytes[at] !== 22 || length === 0 || length > 16_384 + 256 || parts.length === MAX_RECORDS) return 'malformed';
    const part = bytes.subarray(at + 5, at + 5 + length);
    for (let i = 0; i < part.length && head.length < HEAD; i += 1) head.push(part[i] as number);
    if (head.length > 0 && head[0] !== 1) return 'malformed';
    parts.push(part);
    total += part.length;
    at += 5 + length;
    if (head.length < HEAD) continue;
    const whole = HEAD + (((head[1] as number) << 16) | ((head[2] as number) << 8) | (head[3] as number));
    if (whole > limit) return 'malformed';
    if (total >= whole) return joined(parts, total).subarray(HEAD, whole);
  }
  return 'incomplete';
}

function joined(parts: readonly Uint8Array[], total: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(total);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function readBody(body: Uint8Array): ClientHello {
  let at = 2 + 32;
  at += 1 + (body[at] ?? 0);
  if (at + 2 > body.length) return MALFORMED;
  at += 2 + u16(body, at);
  if (at + 1 > body.length) return MALFORMED;
  at += 1 + (body[at] ?? 0);
  if (at === body.length) return { kind: 'hello', serverName: '', protocols: [] };
  if (at + 2 > body.length) return MALFORMED;
  const end = at + 2 + u16(body, at);
  if (end !== body.length) return MALFORMED;
  at += 2;
  let serverName: string | undefined = '';
  let protocols: readonly string[] | undefined = [];
  while (at < end) {
    if (at + 4 > end) return MALFORMED;
    const type = u16(body, at);
    const length = u16(body, at + 2);
    at += 4;
    if (at + length > end) return MALFORMED;
    const extension = body.subarray(at, at + length);
    if (type === 0) serverName = readServerName(extension);
    else if (type === 16) protocols = readProtocols(extension);
    if (serverName === undefined || protocols === undefined) return MALFORMED;
    at += length;
  }
  return { kind: 'hello', serverName, protocols };
}

function readServerName(extension: Uint8Array): string | undefined {
  if (extension.length < 5 || u16(extension, 0) !== extension.length - 2 || extension[2] !== 0) return undefined;
  const length = u16(extension, 3);
  if (length === 0 || length > 255 || 5 + length > extension.length) return undefined;
  return hostName(extension.subarray(5, 5 + length));
}

/** Printable ASCII in lower case, else undefined. */
function hostName(bytes: Uint8Array): string | undefined {
  let text = '';
  for (const byte of bytes) {
    if (byte <= 32 || byte >= 127) return undefined;
    text += String.fromCharCode(byte);
  }
  return text.toLowerCase();
}

function readProtocols(extension: Uint8Array): string[] | undefined {
  if (extension.length < 2 || u16(extension, 0) !== extension.length - 2) return undefined;
  const protocols: string[] = [];
  let at = 2;
  while (at < extension.length) {
    const length = extension[at] ?? 0;
    at += 1;
    if (length === 0 || at + length > extension.length) return undefined;
    protocols.push(String.fromCharCode(...extension.subarray(at, at + length)));
    at += length;
  }
  return protocols;
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
