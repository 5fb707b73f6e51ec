/** Base64 of gRPC-Web's text form, as streams: groups of four may end in padding anywhere (PROTOCOL-WEB), nothing else is lenient. */
import { PREFIX_LENGTH } from './message.ts';

const NONE = new Uint8Array(0);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING = 0x3d;
/** Value of an octet's character; -1: none. */
const VALUES = new Int8Array(256).fill(-1);
const CHARACTERS = new Uint8Array(64);
for (let value = 0; value < 64; value += 1) {
  const character = ALPHABET.charCodeAt(value);
  VALUES[character] = value;
  CHARACTERS[value] = character;
}

/** Groups of RFC 4648, 4: padding only at the end of a group, unused bits zero. */
export class Base64Decoder {
  /** Of the group at hand. */
  #bits = 0;
  #characters = 0;
  #padding = 0;

  /** The octets of all groups that are complete; undefined: this is no base64, and nothing more may be asked. At most three characters are kept. */
  decode(bytes: Uint8Array): Uint8Array | undefined {
    const out = new Uint8Array(Math.floor((this.#characters + bytes.length) / 4) * 3);
    let size = 0;
    for (const octet of bytes) {
      const value = VALUES[octet] as number;
      if (value >= 0 && this.#padding === 0) this.#bits = (this.#bits << 6) | value;
      else if (octet === PADDING && this.#characters >= 2) {
        this.#bits <<= 6;
        this.#padding += 1;
      } else return undefined;
      this.#characters += 1;
      if (this.#characters < 4) continue;
      const bits = this.#bits;
      if ((this.#padding === 1 && (bits & 0xff) !== 0) || (this.#padding === 2 && (bits & 0xffff) !== 0))
        return undefined;
      out[size] = bits >> 16;
      out[size + 1] = bits >> 8;
      out[size + 2] = bits;
      size += 3 - this.#padding;
      this.#bits = 0;
      this.#characters = 0;
      this.#padding = 0;
    }
    return size === out.length ? out : out.slice(0, size);
  }

  /** Nothing waits for the rest of its group. */
  get complete(): boolean {
    return this.#characters === 0;
  }
}

export function encodeBase64(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let size = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const bits = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    out[size] = CHARACTERS[bits >> 18] as number;
    out[size + 1] = CHARACTERS[(bits >> 12) & 63] as number;
    out[size + 2] = left > 1 ? (CHARACTERS[(bits >> 6) & 63] as number) : PADDING;
    out[size + 3] = left > 2 ? (CHARACTERS[bits & 63] as number) : PADDING;
    size += 4;
  }
  return out;
}

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
    return parts.length === 1 ? (parts[0] ?? NONE) : joined(parts);
  }

  /** Where the message at hand ends within `bytes`, or their end. The length it says is a number, never memory. */
  #endOfMessage(bytes: Uint8Array, start: number): number {
    let at = start;
    while (this.#prefix < PREFIX_LENGTH && at < bytes.length) {
      if (this.#prefix > 0) this.#length = this.#length * 256 + (bytes[at] ?? 0);
      this.#prefix += 1;
      at += 1;
      if (this.#prefix === PREFIX_LENGTH) this.#left = this.#length;
    }
    if (this.#prefix < PREFIX_LENGTH) return at;
    const taken = Math.min(this.#left, bytes.length - at);
    this.#left -= taken;
    if (this.#left === 0) {
      this.#prefix = 0;
      this.#length = 0;
    }
    return at + taken;
  }

  #group(bytes: Uint8Array, ends: boolean): Uint8Array {
    const all = this.#rest.length === 0 ? bytes : joined([this.#rest, bytes]);
    const whole = ends ? all.length : all.length - (all.length % 3);
    this.#rest = all.slice(whole);
    return encodeBase64(all.subarray(0, whole));
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
