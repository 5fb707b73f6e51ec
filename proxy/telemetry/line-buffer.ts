/**
 * Lines of a log as octets (UTF-8), one behind the other in one piece of memory: a line makes no text and no garbage. What is taken is the
 * taker's until it is given back.
 */
import { Buffer } from 'node:buffer';
import { jsonText } from './json-text.ts';

const SLAB = 80 * 1024;
const NONE = Buffer.alloc(0);
const QUOTE = 34;
const BACKSLASH = 92;

export class LineBuffer {
  #slab: Buffer = NONE;
  #at = 0;
  #spare: Buffer | undefined;

  get size(): number {
    return this.#at;
  }

  take(): Buffer {
    const taken = this.#slab.subarray(0, this.#at);
    this.#slab = NONE;
    this.#at = 0;
    return taken;
  }

  /** What was taken is written. */
  give(taken: Buffer): void {
    if (taken.buffer.byteLength === SLAB) this.#spare = Buffer.from(taken.buffer, 0, SLAB);
  }

  /** Forgets what was written since `size` was `size`. */
  truncate(size: number): void {
    this.#at = size;
  }

  #reserve(octets: number): void {
    if (this.#slab.length - this.#at >= octets) return;
    const need = this.#at + octets;
    const wider = need > SLAB ? Buffer.allocUnsafeSlow(need * 2) : (this.#spare ?? Buffer.allocUnsafeSlow(SLAB));
    if (wider === this.#spare) this.#spare = undefined;
    wider.set(this.#slab.subarray(0, this.#at));
    this.#slab = wider;
  }

  octets(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(length);
    const slab = this.#slab;
    const at = this.#at;
    for (let i = 0; i < length; i += 1) slab[at + i] = bytes[i] as number;
    this.#at = at + length;
  }

  /** As it is. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#at += this.#slab.write(text, this.#at);
  }

  /** A JSON string, with no control character in it (`jsonText`). */
  json(text: string): void {
    const { length } = text;
    this.#reserve(length + 2);
    const slab = this.#slab;
    let at = this.#at;
    slab[at++] = QUOTE;
    for (let i = 0; i < length; i += 1) {
      const code = text.charCodeAt(i);
      if (code < 32 || code > 126 || code === QUOTE || code === BACKSLASH) {
        this.text(jsonText(text));
        return;
      }
      slab[at++] = code;
    }
    slab[at++] = QUOTE;
    this.#at = at;
  }

  number(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff) {
      this.text(String(value));
      return;
    }
    let digits = 1;
    for (let limit = 10; limit <= value; limit *= 10) digits += 1;
    this.#reserve(digits);
    const slab = this.#slab;
    let left = value;
    for (let at = this.#at + digits - 1; at >= this.#at; at -= 1) {
      const rest = Math.floor(left / 10);
      slab[at] = 48 + left - rest * 10;
      left = rest;
    }
    this.#at += digits;
  }
}
