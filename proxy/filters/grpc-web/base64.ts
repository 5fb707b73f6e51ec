/** Base64 of gRPC-Web's text form, as streams: groups of four may end in padding anywhere (PROTOCOL-WEB), nothing else is lenient. */
import { Buffer } from 'node:buffer';
import { latin1Text } from '../../http/octets.ts';

const NONE = new Uint8Array(0);
/** Groups of RFC 4648, 4: padding only at the end of a group, unused bits zero. */
const GROUPS = /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)*$/;

export class Base64Decoder {
  #rest = '';

  /** The octets of all groups that are complete; undefined: this is no base64. At most three characters are kept. */
  decode(bytes: Uint8Array): Uint8Array | undefined {
    const text = this.#rest + latin1Text(bytes, 0, bytes.length);
    const whole = text.length - (text.length % 4);
    this.#rest = text.slice(whole);
    if (whole === 0) return NONE;
    const groups = text.slice(0, whole);
    if (!GROUPS.test(groups)) return undefined;
    const parts: Uint8Array[] = [];
    for (let start = 0; start < groups.length; ) {
      const padding = groups.indexOf('=', start);
      const end = padding < 0 ? groups.length : padding + 4 - (padding % 4);
      const part = groups.slice(start, end);
      const octets = Buffer.from(part, 'base64');
      if (padding >= 0 && octets.toString('base64') !== part) return undefined;
      parts.push(octets);
      start = end;
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  /** Nothing waits for the rest of its group. */
  get complete(): boolean {
    return this.#rest === '';
  }
}

export const encodeBase64 = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'), 'latin1');

/** Encodes a stream of gRPC messages with padding at the end of each message, as Envoy does, keeping at most two octets. */
export class MessageEncoder {
  #rest: Uint8Array = NONE;
  /** Octets of the message's prefix (flags and length) seen so far, the length they say, and octets of the message to come. */
  #prefix = 0;
  #length = 0;
  #left = 0;

  encode(bytes: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    let start = 0;
    while (start < bytes.length) {
      const end = this.#endOfMessage(bytes, start);
      parts.push(this.#group(bytes.subarray(start, end), this.#prefix === 0));
      start = end;
    }
    return parts.length === 1 ? (parts[0] ?? NONE) : Buffer.concat(parts);
  }

  /** Where the message at hand ends within `bytes`, or their end. The length it says is a number, never memory. */
  #endOfMessage(bytes: Uint8Array, start: number): number {
    let at = start;
    while (this.#prefix < 5 && at < bytes.length) {
      if (this.#prefix > 0) this.#length = this.#length * 256 + (bytes[at] ?? 0);
      this.#prefix += 1;
      at += 1;
      if (this.#prefix === 5) this.#left = this.#length;
    }
    if (this.#prefix < 5) return at;
    const taken = Math.min(this.#left, bytes.length - at);
    this.#left -= taken;
    if (this.#left === 0) {
      this.#prefix = 0;
      this.#length = 0;
    }
    return at + taken;
  }

  #group(bytes: Uint8Array, ends: boolean): Uint8Array {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const whole = ends ? all.length : all.length - (all.length % 3);
    this.#rest = Uint8Array.from(all.subarray(whole));
    return encodeBase64(all.subarray(0, whole));
  }
}
