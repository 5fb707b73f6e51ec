/**
 * One series' coarse samples of one block as octets. Fields are columns of BLOCK_SLOTS numbers, NaN where there is none. Whole numbers are
 * kept as differences in variable length, a repeated value as a count, all else as IEEE 754 doubles: an idle counter takes a few octets.
 *
 * Layout: version (1), number of fields, then for each its key (a sign bit, then LEB128), its form (0 whole numbers, 1 doubles) and runs of (length, value)
 * until BLOCK_SLOTS are told; a run's length is 2n for n values and 2n+1 for n absent ones.
 */
import { BLOCK_SLOTS } from './grid.ts';

export type Fields = ReadonlyMap<number, Float64Array>;

/** The same, one by one: a column is good until the next is taken. */
export interface FieldStream extends Iterable<readonly [key: number, values: Float64Array]> {
  readonly size: number;
}

const VERSION = 1;

/** Half of what is exact, so that the difference of two is exact too. */
const LARGEST = 2 ** 52;
const isWhole = (value: number): boolean =>
  Number.isInteger(value) && Math.abs(value) <= LARGEST && !Object.is(value, -0);

/** The octets are good until the next call with that writer. */
export function encodeBlock(fields: FieldStream, writer = new BlockWriter()): Uint8Array {
  writer.clear();
  writer.octet(VERSION);
  writer.natural(fields.size);
  for (const [key, values] of fields) {
    const whole = values.every((value) => Number.isNaN(value) || isWhole(value));
    writer.integer(key);
    writer.octet(whole ? 0 : 1);
    let before = 0;
    for (let at = 0; at < values.length; ) {
      const value = values[at] ?? Number.NaN;
      let end = at + 1;
      while (end < values.length && Object.is(values[end], value)) end += 1;
      writer.natural((end - at) * 2 + (Number.isNaN(value) ? 1 : 0));
      if (!Number.isNaN(value)) {
        if (whole) writer.integer(value - before);
        else writer.double(value);
        before = value;
      }
      at = end;
    }
  }
  return writer.bytes();
}

/** Undefined for octets that are no block of this version: damaged, or of another program. */
export function decodeBlock(bytes: Uint8Array): Map<number, Float64Array> | undefined {
  const reader = new Reader(bytes);
  try {
    if (reader.octet() !== VERSION) return undefined;
    const fields = new Map<number, Float64Array>();
    for (let left = reader.natural(); left > 0; left -= 1) {
      const key = reader.integer();
      const whole = reader.octet() === 0;
      const values = new Float64Array(BLOCK_SLOTS).fill(Number.NaN);
      let before = 0;
      for (let at = 0; at < BLOCK_SLOTS; ) {
        const run = reader.natural();
        const length = Math.floor(run / 2);
        if (length === 0 || at + length > BLOCK_SLOTS) return undefined;
        if (run % 2 === 0) {
          before = whole ? before + reader.integer() : reader.double();
          values.fill(before, at, at + length);
        }
        at += length;
      }
      fields.set(key, values);
    }
    return reader.done ? fields : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Used again and again: a block has tens of thousands of series. */
export class BlockWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  octet(value: number): void {
    this.#room(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** LEB128, by arithmetic: numbers go up to 2^53. */
  natural(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.octet((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.octet(rest);
  }

  /** The sign in front, then LEB128: zigzag would leave 53 bits. */
  integer(value: number): void {
    const size = Math.abs(value);
    const first = (size % 64) + (value < 0 ? 64 : 0);
    const rest = Math.floor(size / 64);
    this.octet(rest > 0 ? first + 128 : first);
    if (rest > 0) this.natural(rest);
  }

  double(value: number): void {
    this.#room(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

class Reader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at === this.#view.byteLength;
  }

  octet(): number {
    const value = this.#view.getUint8(this.#at);
    this.#at += 1;
    return value;
  }

  natural(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const octet = this.octet();
      value += (octet % 128) * scale;
      if (octet < 128) return value;
      if (scale > 2 ** 49) throw new RangeError('a number of more than 53 bits');
    }
  }

  integer(): number {
    const first = this.octet();
    const low = first % 64;
    const size = first >= 128 ? low + this.natural() * 64 : low;
    return first % 128 >= 64 ? -size : size;
  }

  double(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }
}
