/**
 * Output memory of one connection: octets are appended to a slab and taken as a range of it. What was taken is written again only when the
 * `Sink` says that it holds none of it any more, so it may wait in a socket's queue. A slab is taken from `SlabPool` on the first write and
 * goes back when it is used up or `rest` is called: an idle connection holds none. New memory for each write would cost more than the writing:
 * the collector is called by the octets that it cannot see into.
 */
const SLAB = 16 * 1024;
/** Of a connection with much to say: what leaves at once, and a frame more. */
const LARGE_SLAB = 256 * 1024;
const NONE = new Uint8Array(0);
/** Copying shorter ranges octet by octet is cheaper than a view and `set`. */
const SHORT = 64;
/** Slabs that nobody uses are kept up to so many. */
const MAX_SMALL = 64;
const MAX_LARGE = 4;
/** Slabs of one connection that wait for its sink to let go; others are the collector's. */
const MAX_USED = 4;

/** As `subarray`, without asking a subclass of Uint8Array for one of its own, which takes longer than to copy a kilobyte. */
const rangeOf = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);

/** A copy, also of a subclass of Uint8Array whose `slice` is a view. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

/** Where the taken octets go. */
export interface Sink {
  /** It holds none of the octets that it was ever given. */
  readonly holdsNone: boolean;
}

/** Slabs of two sizes that the connections of an event loop hand on to each other. */
export class SlabPool {
  readonly #allocate: (size: number) => Uint8Array;
  readonly #small: Uint8Array[] = [];
  readonly #large: Uint8Array[] = [];

  /** `allocate` makes zeroed or unzeroed memory; what it returns decides what `OctetWriter.take` returns (its subarray). */
  constructor(allocate: (size: number) => Uint8Array = (size) => new Uint8Array(size)) {
    this.#allocate = allocate;
  }

  /** At least so many octets. */
  take(octets: number): Uint8Array {
    if (octets <= SLAB) return this.#small.pop() ?? this.#allocate(SLAB);
    if (octets <= LARGE_SLAB) return this.#large.pop() ?? this.#allocate(LARGE_SLAB);
    return this.#allocate(octets * 2);
  }

  /** Nobody holds any of it. */
  give(slab: Uint8Array): void {
    if (slab.length === SLAB && this.#small.length < MAX_SMALL) this.#small.push(slab);
    else if (slab.length === LARGE_SLAB && this.#large.length < MAX_LARGE) this.#large.push(slab);
  }
}

export class OctetWriter {
  readonly #slabs: SlabPool;
  #sink: Sink | undefined;
  #slab: Uint8Array = NONE;
  #start = 0;
  #at = 0;
  /** Used up, and maybe still held by the sink. */
  #used: Uint8Array[] = [];

  constructor(slabs: SlabPool = new SlabPool()) {
    this.#slabs = slabs;
  }

  /** Whoever gets what is taken. Without one nothing is written again. */
  set sink(sink: Sink) {
    this.#sink = sink;
  }

  /** Octets written since the last `take`. */
  get size(): number {
    return this.#at - this.#start;
  }

  /** The octets written since the last `take`: the sink's until it holds none. */
  take(): Uint8Array {
    const taken = this.#slab.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return taken;
  }

  /** What was taken is with the sink. If it holds none of it any more, the slabs are free for others. */
  given(): void {
    if (this.#slab === NONE && this.#used.length === 0) return;
    if (this.#start !== this.#at || this.#sink?.holdsNone !== true) return;
    this.#slabs.give(this.#slab);
    this.#forget();
    if (this.#used.length > 0) this.#giveBack();
  }

  #giveBack(): void {
    for (const slab of this.#used) this.#slabs.give(slab);
    this.#used.length = 0;
  }

  #forget(): void {
    this.#slab = NONE;
    this.#start = 0;
    this.#at = 0;
  }

  /** Forgets what was written since `size` was `size`. */
  truncate(size: number): void {
    this.#at = this.#start + size;
  }

  /** Lets go of the memory, whoever holds it. Nothing may be waiting to be taken. */
  rest(): void {
    if (this.#at > this.#start) return;
    this.given();
    this.#forget();
    if (this.#used.length > 0) this.#used.length = 0;
  }

  reserve(octets: number): void {
    if (this.#slab.length - this.#at < octets) this.#renew(octets);
  }

  #renew(octets: number): void {
    const old = this.#slab;
    const pending = this.#at - this.#start;
    const free = this.#sink?.holdsNone === true;
    if (free && this.#used.length > 0) this.#giveBack();
    if (free && old.length - pending >= octets) old.copyWithin(0, this.#start, this.#at);
    else {
      const slab = this.#slabs.take(pending + octets);
      if (pending > 0) slab.set(old.subarray(this.#start, this.#at));
      // Where nothing was taken from, nobody holds any of it.
      if (free || this.#start === 0) this.#slabs.give(old);
      else if (this.#used.length < MAX_USED) this.#used.push(old);
      this.#slab = slab;
    }
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
    } else this.#slab.set(rangeOf(bytes, start, end), this.#at);
    this.#at += length;
  }

  /** One octet a character. */
  text(text: string): void {
    const { length } = text;
    this.reserve(length);
    const slab = this.#slab;
    const at = this.#at;
    for (let i = 0; i < length; i += 1) slab[at + i] = text.charCodeAt(i);
    this.#at = at + length;
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
