/**
 * A clock that stands still while the octets of one read are worked off: the requests that came together began, and their answers ended, at one moment.
 * About ten questions a request are one a read; what a time says is off by what the work on one read took, well below a millisecond. Outside of that
 * it is exact, so that nothing that waits for a time can see an old one.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { EngineClock } from '../ports.ts';
import { readBegins, readWorkedOff } from './turn-end.ts';

/** Time is never below. */
const UNKNOWN = -1;

export class TurnClock implements EngineClock {
  readonly #clock: MonotonicClock;
  #held = false;
  #moment = UNKNOWN;

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  now(): number {
    if (!this.#held) return this.#clock.now();
    if (this.#moment === UNKNOWN) this.#moment = this.#clock.now();
    return this.#moment;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#clock.after(delayMs, callback);
  }

  hold(): boolean {
    if (this.#held) return false;
    this.#held = true;
    this.#moment = UNKNOWN;
    readBegins();
    return true;
  }

  release(): void {
    this.#held = false;
    readWorkedOff();
  }
}
