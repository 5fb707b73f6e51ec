/**
 * The dynamic table of a decoder (RFC 7541, 2.3.2): field lines one behind the other in one piece of memory, and where each begins. A peer that
 * indexes a field of every message, as with dates, makes no garbage. Memory grows with what is held, to twice the capacity.
 */
import { FIELD_OVERHEAD } from './overhead.ts';

/** Numbers an entry has: where its line begins, its length, the length of its name, and what `field-marks.ts` says of it: the name's hash, the field's, marks. */
const STRIDE = 6;
const FIRST_OCTETS = 512;
const FIRST_ENTRIES = 16;
const NONE = new Uint8Array(0);
const NO_ENTRIES = new Int32Array(0);
/** What a line has beside name and value. */
const LINE_EXTRA = 4;

export class DynamicTable {
  /** Octets that the entries may take by RFC 7541, 4.1. */
  capacity: number;
  /** Octets that they take. */
  size = 0;
  /** Counts changes. */
  generation = 0;
  octets: Uint8Array = NONE;
  #entries: Int32Array = NO_ENTRIES;
  // Entries from #first on, and lines up to #end.
  #first = 0;
  #count = 0;
  #end = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Where the index-th newest entry is, from 1; -1: there is none. Valid until the next `insert`. */
  entry(index: number): number {
    return index > this.#count ? -1 : (this.#first + this.#count - index) * STRIDE;
  }

  start(entry: number): number {
    return this.#entries[entry] as number;
  }

  length(entry: number): number {
    return this.#entries[entry + 1] as number;
  }

  nameLength(entry: number): number {
    return this.#entries[entry + 2] as number;
  }

  nameHash(entry: number): number {
    return this.#entries[entry + 3] as number;
  }

  hash(entry: number): number {
    return this.#entries[entry + 4] as number;
  }

  marks(entry: number): number {
    return this.#entries[entry + 5] as number;
  }

  resize(capacity: number): void {
    this.capacity = capacity;
    this.generation += 1;
    this.#evict(capacity);
  }

  /** `bytes` from `from` on are a line of `length` octets. One that is larger than the capacity leaves the table empty (RFC 7541, 4.4). */
  insert(
    bytes: Uint8Array,
    from: number,
    nameLength: number,
    length: number,
    nameHash: number,
    hash: number,
    marks: number,
  ): void {
    const size = length - LINE_EXTRA + FIELD_OVERHEAD;
    this.generation += 1;
    this.#evict(this.capacity - size);
    if (size > this.capacity) return;
    if (this.octets.length - this.#end < length) this.#makeRoom(length);
    if ((this.#first + this.#count + 1) * STRIDE > this.#entries.length) this.#makeEntries();
    const { octets } = this;
    const start = this.#end;
    for (let i = 0; i < length; i += 1) octets[start + i] = bytes[from + i] as number;
    this.#end = start + length;
    const entries = this.#entries;
    const at = (this.#first + this.#count) * STRIDE;
    entries[at] = start;
    entries[at + 1] = length;
    entries[at + 2] = nameLength;
    entries[at + 3] = nameHash;
    entries[at + 4] = hash;
    entries[at + 5] = marks;
    this.#count += 1;
    this.size += size;
  }

  /** Lets the oldest entries go until at most `size` octets are left. */
  #evict(size: number): void {
    while (this.size > size && this.#count > 0) {
      this.size -= this.length(this.#first * STRIDE) - LINE_EXTRA + FIELD_OVERHEAD;
      this.#first += 1;
      this.#count -= 1;
    }
    if (this.#count > 0) return;
    this.#first = 0;
    this.#end = 0;
  }

  /** Lines move to the front when that gives back half, else to wider memory. */
  #makeRoom(length: number): void {
    const from = this.#count === 0 ? this.#end : this.start(this.#first * STRIDE);
    const held = this.#end - from;
    const old = this.octets;
    if ((held + length) * 2 > old.length) this.octets = new Uint8Array(Math.max(FIRST_OCTETS, (held + length) * 2));
    if (this.octets === old) old.copyWithin(0, from, this.#end);
    else this.octets.set(old.subarray(from, this.#end));
    for (let entry = this.#first; entry < this.#first + this.#count; entry += 1)
      this.#entries[entry * STRIDE] = this.start(entry * STRIDE) - from;
    this.#end = held;
  }

  #makeEntries(): void {
    const old = this.#entries;
    const from = this.#first * STRIDE;
    const to = (this.#first + this.#count) * STRIDE;
    if ((this.#count + 1) * 2 * STRIDE > old.length) {
      this.#entries = new Int32Array(Math.max(FIRST_ENTRIES, (this.#count + 1) * 2) * STRIDE);
      this.#entries.set(old.subarray(from, to));
    } else old.copyWithin(0, from, to);
    this.#first = 0;
  }
}
