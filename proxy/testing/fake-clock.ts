/** A clock that tests move by hand; both of core/kernel's ports at once. Only tests import it. */
import type { MonotonicClock, Timer, WallClock } from '@weft/core/kernel';

interface Waiting {
  readonly at: number;
  readonly callback: () => void;
}

export class FakeClock implements MonotonicClock, WallClock {
  #now: number;
  readonly #waiting = new Set<Waiting>();

  constructor(now = 1000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  get pending(): number {
    return this.#waiting.size;
  }

  after(delayMs: number, callback: () => void): Timer {
    const entry = { at: this.#now + Math.max(0, delayMs), callback };
    this.#waiting.add(entry);
    return { cancel: () => void this.#waiting.delete(entry) };
  }

  /** Runs everything that becomes due, in the order of time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let first: Waiting | undefined;
      for (const entry of this.#waiting)
        if (entry.at <= end && (first === undefined || entry.at < first.at)) first = entry;
      if (first === undefined) break;
      this.#waiting.delete(first);
      this.#now = Math.max(this.#now, first.at);
      first.callback();
    }
    this.#now = end;
  }
}
