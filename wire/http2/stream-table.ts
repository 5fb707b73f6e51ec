/**
 * The open streams of a connection by id. Not a `Map`: one from which every request takes what it put there builds its table anew all the time, and V8's
 * discarded tables point to their successors, so that what they hold outlives the collections of the young generation (docs/performance.md). Ids come in
 * order and most streams are short, so that an id's low bits are nearly always a free place.
 */

interface WithId {
  readonly id: number;
}

const FIRST_PLACES = 16;
const MOST_PLACES = 256;

export class StreamTable<Stream extends WithId> {
  /** Twice as many as streams in it, so that a search ends soon: linear, whatever ids a peer chooses, over 128 streams at most. */
  #places: (Stream | undefined)[] = new Array<Stream | undefined>(FIRST_PLACES).fill(undefined);
  #mask = FIRST_PLACES - 1;
  #placed = 0;
  /** Those beyond. */
  #more: Map<number, Stream> | undefined;

  get size(): number {
    return this.#more === undefined ? this.#placed : this.#placed + this.#more.size;
  }

  get(id: number): Stream | undefined {
    const places = this.#places;
    const mask = this.#mask;
    for (let at = (id >>> 1) & mask; ; at = (at + 1) & mask) {
      const stream = places[at];
      if (stream === undefined) return this.#more?.get(id);
      if (stream.id === id) return stream;
    }
  }

  /** Of an id that is not there. */
  add(stream: Stream): void {
    if (this.#placed * 2 > this.#mask) {
      if (this.#mask + 1 === MOST_PLACES) {
        (this.#more ??= new Map()).set(stream.id, stream);
        return;
      }
      const before = this.#places;
      this.#mask = before.length * 2 - 1;
      this.#places = new Array<Stream | undefined>(before.length * 2).fill(undefined);
      for (const placed of before) if (placed !== undefined) this.#place(placed);
    }
    this.#place(stream);
    this.#placed += 1;
  }

  #place(stream: Stream): void {
    const places = this.#places;
    const mask = this.#mask;
    let at = (stream.id >>> 1) & mask;
    while (places[at] !== undefined) at = (at + 1) & mask;
    places[at] = stream;
  }

  delete(id: number): void {
    const places = this.#places;
    const mask = this.#mask;
    let at = (id >>> 1) & mask;
    for (let stream = places[at]; stream?.id !== id; stream = places[at]) {
      if (stream === undefined) {
        this.#deleteOther(id);
        return;
      }
      at = (at + 1) & mask;
    }
    this.#placed -= 1;
    // Whoever stands behind and was pushed on from here or before moves up, so that a search may end at the first free place.
    let free = at;
    for (;;) {
      at = (at + 1) & mask;
      const stream = places[at];
      if (stream === undefined) break;
      const home = (stream.id >>> 1) & mask;
      if (((at - home) & mask) >= ((at - free) & mask)) {
        places[free] = stream;
        free = at;
      }
    }
    places[free] = undefined;
  }

  #deleteOther(id: number): void {
    if (this.#more?.delete(id) === true && this.#more.size === 0) this.#more = undefined;
  }

  /** A copy, by id: the order in which they came. */
  all(): Stream[] {
    const placed = this.#places.filter((stream) => stream !== undefined);
    return [...placed, ...(this.#more?.values() ?? [])].sort((a, b) => a.id - b.id);
  }
}
