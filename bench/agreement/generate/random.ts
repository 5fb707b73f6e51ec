/** Numbers that a seed decides: the same seed, the same sequence. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 to `most`, both included. */
  upTo(most: number): number {
    return Math.floor(this.next() * (most + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  one<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('nothing to choose from');
    return list[this.upTo(list.length - 1)] as T;
  }

  some<T>(list: readonly T[], least: number, most: number): T[] {
    const left = [...list];
    const chosen: T[] = [];
    for (let count = least + this.upTo(most - least); count > 0 && left.length > 0; count -= 1)
      chosen.push(...left.splice(this.upTo(left.length - 1), 1));
    return chosen;
  }
}
