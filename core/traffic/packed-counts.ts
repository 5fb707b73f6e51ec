/**
 * Counts of many edges in one piece of memory: about a hundred octets a row, where objects take a thousand. Written once, then read row by row;
 * `GatheredCounts` says what a row holds. Naturals are LEB128, doubles IEEE 754 (little endian), texts numbers of `texts`.
 */
import { textOctets } from '../kernel/index.ts';

/** What another thread needs of it. */
export interface PackedParts {
  readonly bytes: Uint8Array;
  /** Where rows begin. */
  readonly offsets: readonly number[];
  readonly texts: readonly string[];
}

/** Octets of a table without rows, and of a row or text beside its own. */
const EMPTY_OCTETS = 1024;
const ROW_OCTETS = 16;

const scratch = new DataView(new ArrayBuffer(8));

export class PackedCounts {
  #bytes: Uint8Array;
  #end: number;
  readonly #offsets: number[];
  readonly #texts: string[];
  readonly #numbers = new Map<string, number>();
  #textOctets = 0;

  constructor({ bytes, offsets, texts }: PackedParts = { bytes: new Uint8Array(256), offsets: [], texts: [] }) {
    this.#bytes = bytes;
    this.#end = offsets.length === 0 ? 0 : bytes.length;
    this.#offsets = [...offsets];
    this.#texts = [...texts];
  }

  get rows(): number {
    return this.#offsets.length;
  }

  /** What it takes in memory. */
  get octets(): number {
    return EMPTY_OCTETS + this.#bytes.length + ROW_OCTETS * this.#offsets.length + this.#textOctets;
  }

  /** Octets of rows and texts so far: what grows by a row is that row's. */
  get written(): number {
    return this.#end + ROW_OCTETS * this.#offsets.length + this.#textOctets;
  }

  /** No octet more than rows take. */
  parts(): PackedParts {
    return { bytes: this.#bytes.slice(0, this.#end), offsets: this.#offsets, texts: this.#texts };
  }

  /** A row begins. */
  begin(): void {
    this.#offsets.push(this.#end);
  }

  natural(value: number): void {
    this.#room(16);
    let left = value;
    while (left >= 128) {
      this.#bytes[this.#end] = (left % 128) | 128;
      this.#end += 1;
      left = Math.floor(left / 128);
    }
    this.#bytes[this.#end] = left;
    this.#end += 1;
  }

  double(value: number): void {
    this.#room(8);
    scratch.setFloat64(0, value, true);
    for (let at = 0; at < 8; at += 1) this.#bytes[this.#end + at] = scratch.getUint8(at);
    this.#end += 8;
  }

  text(value: string): void {
    let known = this.#numbers.get(value);
    if (known === undefined) {
      known = this.#texts.length;
      this.#texts.push(value);
      this.#textOctets += ROW_OCTETS + textOctets(value);
      this.#numbers.set(value, known);
    }
    this.natural(known);
  }

  /** Nothing is written any more. */
  done(): void {
    this.#bytes = this.#bytes.slice(0, this.#end);
    this.#numbers.clear();
  }

  row(index: number): PackedRow {
    return new PackedRow(this.#bytes, this.#offsets[index] ?? this.#end, this.#texts);
  }

  #room(octets: number): void {
    if (this.#end + octets <= this.#bytes.length) return;
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads what was written of one row, in the same order. */
export class PackedRow {
  readonly #bytes: Uint8Array;
  readonly #texts: readonly string[];
  #at: number;

  constructor(bytes: Uint8Array, at: number, texts: readonly string[]) {
    this.#bytes = bytes;
    this.#texts = texts;
    this.#at = at;
  }

  natural(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const octet = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      if (octet < 128) return value + octet * scale;
      value += (octet & 127) * scale;
    }
  }

  double(): number {
    for (let at = 0; at < 8; at += 1) scratch.setUint8(at, this.#bytes[this.#at + at] ?? 0);
    this.#at += 8;
    return scratch.getFloat64(0, true);
  }

  text(): string {
    return this.#texts[this.natural()] ?? '';
  }
}
