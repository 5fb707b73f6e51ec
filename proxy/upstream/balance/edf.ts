/**
 * Earliest-deadline-first schedule, as Envoy uses for weighted endpoints: each pick takes the entry with the smallest deadline and puts it
 * back 1/weight later, so that shares follow weights exactly over time. Weights are asked at every pick, so they may move.
 */
interface Entry<T> {
  deadline: number;
  order: number;
  readonly item: T;
}

export class EdfSchedule<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #weight: (item: T) => number;
  #now = 0;
  #order = 0;

  /** `offset` in [0, 1) shifts the start, so that many proxies do not begin with the same endpoint. */
  constructor(items: readonly T[], weight: (item: T) => number, offset: number) {
    this.#weight = weight;
    for (const item of items) this.#push({ deadline: 1 / weight(item), order: this.#next(), item });
    for (let skip = Math.floor(offset * items.length); skip > 0; skip -= 1) this.pick();
  }

  pick(): T | undefined {
    const top = this.#heap[0];
    if (top === undefined) return undefined;
    this.#now = top.deadline;
    top.deadline = this.#now + 1 / this.#weight(top.item);
    top.order = this.#next();
    this.#sink(0);
    return top.item;
  }

  #next(): number {
    this.#order += 1;
    return this.#order;
  }

  #push(entry: Entry<T>): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(entry, heap[parent])) break;
      const above = heap[parent];
      if (above === undefined) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #sink(start: number): void {
    const heap = this.#heap;
    const entry = heap[start];
    if (entry === undefined) return;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      const left = heap[child];
      if (left === undefined) break;
      let least = left;
      const right = heap[child + 1];
      if (right !== undefined && before(right, left)) {
        child += 1;
        least = right;
      }
      if (!before(least, entry)) break;
      heap[index] = least;
      index = child;
    }
    heap[index] = entry;
  }
}

const before = <T>(a: Entry<T>, b: Entry<T> | undefined): boolean =>
  b !== undefined && (a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order));
