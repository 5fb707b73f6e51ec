/** Fake clocks for tests: time moves only when the test says so. */
import type { MonotonicClock, Timer, WallClock } from '@weft/core/kernel';

interface Pending {
  at: number;
  order: number;
  callback: () => void;
}

/** A monotonic and a wall clock that advance together; timers run in the order they are due, then in the order they were set. */
export class FakeClock implements MonotonicClock {
  #now = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();
  /** ms since the epoch at monotonic 0. */
  readonly #epoch: number;

  constructor(epoch = 1_800_000_000_000) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#now;
  }

  get wall(): WallClock {
    return { now: () => this.#epoch + this.#now };
  }

  after(delayMs: number, callback: () => void): Timer {
    const pending: Pending = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** How many timers wait: a leak shows here. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Moves time forward by `ms`, running every timer that falls due on the way, those set meanwhile included. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let next: Pending | undefined;
      for (const pending of this.#pending) {
        if (pending.at > end) continue;
        if (next === undefined || pending.at < next.at || (pending.at === next.at && pending.order < next.order))
          next = pending;
      }
      if (next === undefined) break;
      this.#pending.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }
}
