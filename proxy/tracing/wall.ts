/** Points in time for spans: the wall clock's, with the monotonic clock's steps between its whole milliseconds. */
import type { MonotonicClock, WallClock } from '@weft/core/kernel';

/** Beyond that the wall clock was set, or the clocks drifted apart; ms. */
const APART = 2;

export class FineWall {
  readonly #wall: WallClock;
  readonly #clock: MonotonicClock;
  #offset: number;

  constructor(wall: WallClock, clock: MonotonicClock) {
    this.#wall = wall;
    this.#clock = clock;
    this.#offset = wall.now() - clock.now();
  }

  /** ms since 1970. */
  now(): number {
    const told = this.#wall.now();
    const monotonic = this.#clock.now();
    const fine = monotonic + this.#offset;
    if (fine >= told && fine - told < APART) return fine;
    this.#offset = told - monotonic;
    return told;
  }
}
