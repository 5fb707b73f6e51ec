/**
 * Numbers of all counters, gauges and histogram buckets in one typed array: adding to one is an index and an addition, and a rate of
 * exposition costs no garbage. Cells of removed clusters are used again. It must never hand out a cell twice at a time.
 */
export class Cells {
  #values = new Float64Array(256);
  #used = 0;
  readonly #free = new Map<number, number[]>();

  /** First index of `count` neighbouring cells, all 0. */
  take(count: number): number {
    const again = this.#free.get(count)?.pop();
    if (again !== undefined) return again;
    const first = this.#used;
    this.#used += count;
    if (this.#used > this.#values.length) {
      const larger = new Float64Array(Math.max(this.#used, this.#values.length * 2));
      larger.set(this.#values);
      this.#values = larger;
    }
    return first;
  }

  give(first: number, count: number): void {
    this.#values.fill(0, first, first + count);
    const list = this.#free.get(count);
    if (list === undefined) this.#free.set(count, [first]);
    else list.push(first);
  }

  add(index: number, amount: number): void {
    this.#values[index] = (this.#values[index] ?? 0) + amount;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  get(index: number): number {
    return this.#values[index] ?? 0;
  }
}
