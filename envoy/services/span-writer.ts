/**
 * opentelemetry.proto.trace.v1.Span, octet by octet: what the tables' writer makes of it, in a fraction of the time, since a span has thirty
 * attributes that are almost all ASCII. One writer is used again for message after message.
 */
import type { Span } from '@weft/core/services';
import { writeUtf8 } from '../codec/utf8.ts';

/** W3C's sampled flag; whether the parent is remote is known; it is (SpanFlags). */
const SAMPLED = 0x01;
const HAS_IS_REMOTE = 0x100;
export const IS_REMOTE = 0x200;

/** Tags: number of the field and wire type. */
const [VARINT, FIXED64, OCTETS, FIXED32] = [0, 1, 2, 5];
const tag = (field: number, type: number): number => (field << 3) | type;
const TRACE_ID = tag(1, OCTETS);
const SPAN_ID = tag(2, OCTETS);
const TRACE_STATE = tag(3, OCTETS);
const PARENT_ID = tag(4, OCTETS);
const NAME = tag(5, OCTETS);
const KIND = tag(6, VARINT);
const START = tag(7, FIXED64);
const END = tag(8, FIXED64);
const ATTRIBUTES = tag(9, OCTETS);
const STATUS = tag(15, OCTETS);
const FLAGS = tag(16, FIXED32);
const KEY = tag(1, OCTETS);
const VALUE = tag(2, OCTETS);
const STRING_VALUE = tag(1, OCTETS);
const STATUS_CODE = tag(3, VARINT);
const ERROR = 2;
const [SERVER, CLIENT] = [2, 3];
const MILLION = 1_000_000;
const HIGH = 2 ** 32;

const sizeOfLength = (length: number): number => (length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 5);

class SpanWriter {
  #bytes = new Uint8Array(16_384);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  /** A copy of what it holds; it is empty then. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#end);
    this.#end = 0;
    return taken;
  }

  span(span: Span): void {
    this.#hex(TRACE_ID, span.traceId);
    this.#hex(SPAN_ID, span.spanId);
    if (span.traceState !== '') this.#text(TRACE_STATE, span.traceState);
    if (span.parentId !== '') this.#hex(PARENT_ID, span.parentId);
    if (span.name !== '') this.#text(NAME, span.name);
    this.#room(64);
    this.#varint(KIND);
    this.#varint(span.kind === 'server' ? SERVER : CLIENT);
    this.#time(START, span.start);
    this.#time(END, span.start + Math.max(0, span.duration));
    for (const [key, value] of span.attributes) this.#attribute(key, value);
    this.#room(16);
    if (span.error) for (const octet of [STATUS, 2, STATUS_CODE, ERROR]) this.#varint(octet);
    this.#varint(FLAGS);
    const remote = span.remoteParent ? IS_REMOTE : 0;
    this.#view.setUint32(this.#end, (span.unsampled === true ? 0 : SAMPLED) | HAS_IS_REMOTE | remote, true);
    this.#end += 4;
  }

  /** Short ASCII, which nearly all of them are, whose lengths take an octet each; else `#other`. */
  #attribute(key: string, value: string): void {
    const [keySize, valueSize] = [key.length, value.length];
    const size = keySize + valueSize + 6;
    this.#room(size + 2);
    const bytes = this.#bytes;
    let end = this.#end;
    if (size < 0x80 && keySize > 0) {
      bytes[end] = ATTRIBUTES;
      bytes[end + 1] = size;
      bytes[end + 2] = KEY;
      bytes[end + 3] = keySize;
      end += 4;
      let all = 0;
      for (let at = 0; at < keySize; at += 1) {
        const unit = key.charCodeAt(at);
        all |= unit;
        bytes[end + at] = unit;
      }
      end += keySize;
      bytes[end] = VALUE;
      bytes[end + 1] = valueSize + 2;
      bytes[end + 2] = STRING_VALUE;
      bytes[end + 3] = valueSize;
      end += 4;
      for (let at = 0; at < valueSize; at += 1) {
        const unit = value.charCodeAt(at);
        all |= unit;
        bytes[end + at] = unit;
      }
      if (all < 0x80) {
        this.#end = end + valueSize;
        return;
      }
    }
    this.#other(writeUtf8(key), writeUtf8(value));
  }

  #other(key: Uint8Array, value: Uint8Array): void {
    const anySize = 1 + sizeOfLength(value.length) + value.length;
    const keySize = key.length === 0 ? 0 : 1 + sizeOfLength(key.length) + key.length;
    const size = keySize + 1 + sizeOfLength(anySize) + anySize;
    this.#room(size + 16);
    this.#varint(ATTRIBUTES);
    this.#varint(size);
    if (key.length > 0) this.#octets(KEY, key);
    this.#varint(VALUE);
    this.#varint(anySize);
    this.#octets(STRING_VALUE, value);
  }

  #text(field: number, text: string): void {
    const begin = this.#end;
    this.#room(text.length + 16);
    this.#varint(field);
    this.#varint(text.length);
    if (this.#ascii(text)) return;
    this.#end = begin;
    this.#octets(field, writeUtf8(text));
  }

  /** False: it is none, and what was written of it must be taken back. There is room. */
  #ascii(text: string): boolean {
    const bytes = this.#bytes;
    let end = this.#end;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit > 0x7f) return false;
      bytes[end] = unit;
      end += 1;
    }
    this.#end = end;
    return true;
  }

  #octets(field: number, octets: Uint8Array): void {
    this.#room(octets.length + 16);
    this.#varint(field);
    this.#varint(octets.length);
    this.#bytes.set(octets, this.#end);
    this.#end += octets.length;
  }

  #hex(field: number, hex: string): void {
    const length = hex.length >> 1;
    this.#room(length + 16);
    this.#varint(field);
    this.#varint(length);
    for (let at = 0; at < length; at += 1) {
      this.#bytes[this.#end] = (digit(hex.charCodeAt(2 * at)) << 4) | digit(hex.charCodeAt(2 * at + 1));
      this.#end += 1;
    }
  }

  /** Whole microseconds: a double holds no more of a date. */
  #time(field: number, ms: number): void {
    const micros = Math.round(ms * 1000);
    if (micros === 0) return;
    const seconds = Math.floor(micros / MILLION);
    const nanos = (micros - seconds * MILLION) * 1000;
    // seconds * 10^9 + nanos in two halves, each of whole numbers that a double holds.
    const [high, low] = [Math.floor(seconds / 65_536), seconds % 65_536];
    const lowNanos = low * 1e9 + nanos;
    const shifted = high * 1e9;
    const lower = (shifted % 65_536) * 65_536 + (lowNanos % HIGH);
    const upper = Math.floor(shifted / 65_536) + Math.floor(lowNanos / HIGH) + Math.floor(lower / HIGH);
    this.#varint(field);
    this.#view.setUint32(this.#end, lower % HIGH, true);
    this.#view.setUint32(this.#end + 4, upper % HIGH, true);
    this.#end += 8;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#end] = (rest & 127) | 128;
      this.#end += 1;
      rest >>>= 7;
    }
    this.#bytes[this.#end] = rest;
    this.#end += 1;
  }

  #room(octets: number): void {
    if (this.#end + octets <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#end + octets));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Lower or upper case. */
const digit = (unit: number): number => (unit <= 0x39 ? unit - 0x30 : (unit | 0x20) - 0x57);

const writer = new SpanWriter();

export function encodeSpan(span: Span): Uint8Array {
  writer.span(span);
  return writer.take();
}
