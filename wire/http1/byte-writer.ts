/**
 * Writes messages into slabs: `begin`, write, `take` the octets written since. What was taken is never written again, so it may wait
 * in a socket's queue; a slab is given up when it is full. One writer serves a whole event loop, as nothing is written across turns.
 */
const SLAB = 64 * 1024;
/** Copying shorter ranges octet by octet is cheaper than a view and `set`. */
const SHORT = 48;

export class ByteWriter {
  readonly #allocate: (size: number) => Uint8Array;
  #slab: Uint8Array;
  #start = 0;
  #at = 0;

  /** `allocate` makes zeroed or unzeroed memory; what it returns decides what `take` returns (its subarray). */
  constructor(allocate: (size: number) => Uint8Array = (size) => new Uint8Array(size)) {
    this.#allocate = allocate;
    this.#slab = allocate(SLAB);
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

  /** Forgets what was written since the last `take`. */
  discard(): void {
    this.#at = this.#start;
  }

  #reserve(octets: number): void {
    if (this.#slab.length - this.#at >= octets) return;
    const pending = this.#at - this.#start;
    const slab = this.#allocate(Math.max(SLAB, (pending + octets) * 2));
    slab.set(this.#slab.subarray(this.#start, this.#at));
    this.#slab = slab;
    this.#start = 0;
    this.#at = pending;
  }

  /** `text` holds no character above 255 (higher ones lose their upper bits). */
  text(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const slab = this.#slab;
    let at = this.#at;
    for (let i = 0; i < length; i += 1) slab[at++] = text.charCodeAt(i);
    this.#at = at;
  }

  octets(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#reserve(length);
    const slab = this.#slab;
    if (length <= SHORT) {
      let at = this.#at;
      for (let i = start; i < end; i += 1) slab[at++] = bytes[i] as number;
    } else slab.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length), this.#at);
    this.#at += length;
  }

  crlf(): void {
    this.#reserve(2);
    this.#slab[this.#at] = 13;
    this.#slab[this.#at + 1] = 10;
    this.#at += 2;
  }

  /** A whole number from 0 in decimal. */
  decimal(value: number): void {
    this.text(String(value));
  }

  /** A field line. Name and value must have been checked: nothing here stops a line break. */
  field(name: string, value: string): void {
    this.text(name);
    this.text(': ');
    this.text(value);
    this.crlf();
  }

  /** One chunk (RFC 9112, 7.1); nothing for an empty slice, as that would end the body. */
  chunk(bytes: Uint8Array, start: number, end: number): void {
    if (end <= start) return;
    this.chunkHead(end - start);
    this.octets(bytes, start, end);
    this.crlf();
  }

  /** The line before `size` octets of chunk data; `crlf` must follow the data. */
  chunkHead(size: number): void {
    this.text(size.toString(16));
    this.crlf();
  }
}
