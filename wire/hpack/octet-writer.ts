/**
 * Output memory of one connection: octets are appended to a slab and taken as a range of it. What was taken is never written again, so it
 * may wait in a socket's queue. A slab is made on the first write and let go when it is used up or `rest` is called: an idle connection
 * holds none.
 */
const SLAB = 16 * 1024;
const NONE = new Uint8Array(0);
/** Copying shorter ranges octet by octet is cheaper than a view and `set`. */
const SHORT = 64;

/** A copy, also of a subclass of Uint8Array whose `slice` is a view. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

export class OctetWriter {
  readonly #allocate: (size: number) => Uint8Array;
  #slab: Uint8Array = NONE;
  #start = 0;
  #at = 0;

  /** `allocate` makes zeroed or unzeroed memory; what it returns decides what `take` returns (its subarray). */
  constructor(allocate: (size: number) => Uint8Array = (size) => new Uint8Array(size)) {
    this.#allocate = allocate;
  }

  /** Octets written since the last `take`. */
  get size(): number {
    return this.#at - this.#start;
  }

  /** The octets written since the last `take`; they are the caller's now. */
  take(): Uint8Array {
    const taken = this.#slab.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return taken;
  }

  /** Forgets what was written since `size` was `size`. */
  truncate(size: number): void {
    this.#at = this.#start + size;
  }

  /** Lets go of the memory. Nothing may be waiting to be taken. */
  rest(): void {
    if (this.#at > this.#start) return;
    this.#slab = NONE;
    this.#start = 0;
    this.#at = 0;
  }

  reserve(octets: number): void {
    if (this.#slab.length - this.#at >= octets) return;
    const pending = this.#at - this.#start;
    const slab = this.#allocate(Math.max(SLAB, (pending + octets) * 2));
    slab.set(this.#slab.subarray(this.#start, this.#at));
    this.#slab = slab;
    this.#start = 0;
    this.#at = pending;
  }

  octet(value: number): void {
    if (this.#at === this.#slab.length) this.reserve(1);
    this.#slab[this.#at] = value;
    this.#at += 1;
  }

  uint24(value: number): void {
    this.reserve(3);
    const slab = this.#slab;
    const at = this.#at;
    slab[at] = value >>> 16;
    slab[at + 1] = value >>> 8;
    slab[at + 2] = value;
    this.#at = at + 3;
  }

  uint32(value: number): void {
    this.reserve(4);
    const slab = this.#slab;
    const at = this.#at;
    slab[at] = value >>> 24;
    slab[at + 1] = value >>> 16;
    slab[at + 2] = value >>> 8;
    slab[at + 3] = value;
    this.#at = at + 4;
  }

  /** Replaces the three octets that stand `back` octets before the end. */
  patch24(back: number, value: number): void {
    const slab = this.#slab;
    const at = this.#at - back;
    slab[at] = value >>> 16;
    slab[at + 1] = value >>> 8;
    slab[at + 2] = value;
  }

  octets(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.reserve(length);
    if (length <= SHORT) {
      const slab = this.#slab;
      let at = this.#at;
      for (let i = start; i < end; i += 1) slab[at++] = bytes[i] as number;
    } else this.#slab.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.#at);
    this.#at += length;
  }

  /** Sets bits of the octet that stands `back` octets before the end. */
  raise(back: number, bits: number): void {
    const at = this.#at - back - 1;
    this.#slab[at] = (this.#slab[at] as number) | bits;
  }

  /** A copy of the last `length` octets. */
  copyOfLast(length: number): Uint8Array {
    return copyOf(this.#slab, this.#at - length, this.#at);
  }
}
