/** Seeded choices: the same seed and index give the same payload on every machine. */
export class Roll {
  #state: number;

  constructor(seed: number, index: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
    for (let turn = 0; turn < 4; turn += 1) this.#next();
  }

  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    return this.#next() % limit;
  }

  chance(probability: number): boolean {
    return this.#next() < probability * 2 ** 32;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }

  octet(): string {
    return String.fromCharCode(this.chance(0.6) ? this.pick(SHARP) : this.below(256));
  }
}

/** Octets that decide where something ends. */
const SHARP = [0, 9, 10, 11, 12, 13, 32, 34, 35, 44, 45, 47, 48, 58, 59, 61, 63, 64, 92, 95, 127, 128, 255];
