/** MT19937 (Matsumoto and Nishimura, 1998): numbers of 32 bits that a seed alone decides. Not for secrets. */
const SIZE = 624;
const PERIOD = 397;

export class MersenneTwister {
  readonly #state = new Uint32Array(SIZE);
  #index = SIZE;

  /** The low 32 bits of `seed` count. */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < SIZE; i += 1) {
      const before = state[i - 1] ?? 0;
      state[i] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + i;
    }
  }

  next(): number {
    if (this.#index === SIZE) this.#twist();
    let word = this.#state[this.#index] ?? 0;
    this.#index += 1;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c_5680;
    word ^= (word << 15) & 0xefc6_0000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** Uniform in [0, limit): numbers beyond the last whole multiple are drawn again. */
  below(limit: number): number {
    const step = Math.floor(0x1_0000_0000 / limit);
    let number = limit;
    while (number >= limit) number = Math.floor(this.next() / step);
    return number;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < SIZE; i += 1) {
      const mixed = ((state[i] ?? 0) & 0x8000_0000) | ((state[(i + 1) % SIZE] ?? 0) & 0x7fff_ffff);
      const odd = (mixed & 1) === 0 ? 0 : 0x9908_b0df;
      state[i] = (state[(i + PERIOD) % SIZE] ?? 0) ^ (mixed >>> 1) ^ odd;
    }
    this.#index = 0;
  }
}
