/** A token bucket against floods: what a peer may do `burst` times at once and `perSecond` times a second in the long run. */
import type { MonotonicClock } from '@weft/core/kernel';

export class Budget {
  readonly #clock: MonotonicClock;
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #since: number;

  constructor(clock: MonotonicClock, burst: number, perSecond: number) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#since = clock.now();
  }

  /** Something good was done: one more is allowed, up to `burst`. */
  earn(): void {
    if (this.#left < this.#burst) this.#left += 1;
  }

  /** False: it was done too often. */
  spend(): boolean {
    if (this.#left < 1) {
      const now = this.#clock.now();
      this.#left = Math.min(this.#burst, this.#left + ((now - this.#since) / 1000) * this.#perSecond);
      this.#since = now;
      if (this.#left < 1) return false;
    }
    this.#left -= 1;
    return true;
  }
}
