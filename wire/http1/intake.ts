/**
 * The bytes a reader has been given and not yet consumed. Bytes are borrowed from the caller as long as possible; a remainder that
 * must outlive the call is copied once into a buffer of the reader's own.
 */
const EMPTY = new Uint8Array(0);
/** Octets: a small head. Slow clients by the thousand each hold one. */
const FIRST_CAPACITY = 1024;

export class Intake {
  bytes: Uint8Array = EMPTY;
  /** Unconsumed octets are bytes[at, end). */
  at = 0;
  end = 0;
  #own = false;

  /** Appends bytes[start, end). What is still unconsumed moves together with it into an own buffer; `at` tells the new place. */
  feed(bytes: Uint8Array, start: number, end: number): void {
    const left = this.end - this.at;
    if (left === 0) {
      this.bytes = bytes;
      this.at = start;
      this.end = end;
      this.#own = false;
      return;
    }
    const need = left + end - start;
    if (!this.#own || this.end + end - start > this.bytes.length) {
      const wider = new Uint8Array(Math.max(FIRST_CAPACITY, need * 2));
      wider.set(this.bytes.subarray(this.at, this.end));
      this.bytes = wider;
      this.at = 0;
      this.end = left;
      this.#own = true;
    }
    this.bytes.set(bytes.subarray(start, end), this.end);
    this.end += end - start;
  }

  /** Makes the unconsumed octets from `from` on the reader's own: the caller may reuse its buffer afterwards. `at` tells the new place. */
  retain(from: number): void {
    this.at = from;
    if (from === this.end) {
      this.bytes = EMPTY;
      this.at = 0;
      this.end = 0;
      this.#own = false;
      return;
    }
    if (this.#own) return;
    const left = this.end - from;
    const own = new Uint8Array(Math.max(FIRST_CAPACITY, left * 2));
    own.set(this.bytes.subarray(from, this.end));
    this.bytes = own;
    this.at = 0;
    this.end = left;
    this.#own = true;
  }
}
