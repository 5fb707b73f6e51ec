/**
 * Counts that the engines of one process share: a row with the totals and a row for each engine with its part, so that the part of an engine that
 * died can be given back. Limits are exact: a place is taken by compare and exchange. It must never be used by an engine that is alone.
 */
export class Ledger {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Int32Array;
  readonly #width: number;
  readonly #own: number;

  /** `own`: this engine's number from 1; 0 only reads. */
  constructor(buffer: SharedArrayBuffer, width: number, own: number) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
    this.#width = width;
    this.#own = own * width;
  }

  static allocate(width: number, engines: number): SharedArrayBuffer {
    return new SharedArrayBuffer((engines + 1) * width * Int32Array.BYTES_PER_ELEMENT);
  }

  total(cell: number): number {
    return Atomics.load(this.#cells, cell);
  }

  own(cell: number): number {
    return this.#cells[this.#own + cell] ?? 0;
  }

  /** A place below `limit`, or false. */
  take(cell: number, limit: number): boolean {
    const cells = this.#cells;
    let seen = Atomics.load(cells, cell);
    while (seen < limit) {
      const before = Atomics.compareExchange(cells, cell, seen, seen + 1);
      if (before === seen) {
        cells[this.#own + cell] = this.own(cell) + 1;
        return true;
      }
      seen = before;
    }
    return false;
  }

  /** False: this engine holds none. */
  give(cell: number): boolean {
    const held = this.own(cell);
    if (held === 0) return false;
    this.#cells[this.#own + cell] = held - 1;
    Atomics.sub(this.#cells, cell, 1);
    return true;
  }

  /** Sets this engine's part. */
  put(cell: number, value: number): void {
    Atomics.add(this.#cells, cell, value - this.own(cell));
    this.#cells[this.#own + cell] = value;
  }

  /** Gives back all that a dead engine held. */
  settle(engine: number): void {
    for (let cell = 0; cell < this.#width; cell += 1) {
      const at = engine * this.#width + cell;
      Atomics.sub(this.#cells, cell, Atomics.exchange(this.#cells, at, 0));
    }
  }
}
