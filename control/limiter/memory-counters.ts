/** Counters of one process: they are lost with it. */
import type { MonotonicClock } from '@weft/core/kernel';
import { type Count, countOf, type Counters, fits, passes, raised, type Take } from './counters.ts';

interface Counter {
  level: number;
  /** ms of the clock: when `level` was true. */
  since: number;
  /** ms of the clock: the end of its window; of a sliding limit when it is empty. */
  until: number;
}

export interface MemoryOptions {
  readonly clock: MonotonicClock;
  /** Counters that are held at most. Beyond that the one that was touched least lately is forgotten, and its count begins anew. */
  readonly most: number;
}

export class MemoryCounters implements Counters {
  readonly #counters = new Map<string, Counter>();
  readonly #clock: MonotonicClock;
  readonly #most: number;
  /** Counters that were forgotten before their time. */
  forgotten = 0;

  constructor({ clock, most }: MemoryOptions) {
    this.#clock = clock;
    this.#most = most;
  }

  get size(): number {
    return this.#counters.size;
  }

  take(takes: readonly Take[]): Promise<readonly Count[]> {
    const now = this.#clock.now();
    const counters = takes.map((take) => this.#counter(take, now));
    const level = (index: number): number => counters[index]?.level ?? 0;
    const fitting = takes.map((take, index) => fits(take, level(index)));
    const counted = passes(takes, fitting);
    return Promise.resolve(
      takes.map((take, index): Count => {
        const counter = counters[index];
        const isFitting = fitting[index] === true;
        if (counter === undefined) return countOf(take, isFitting, 0, 0);
        if (counted && isFitting) counter.level = raised(take, counter.level);
        if (take.limit.algorithm === 'sliding') counter.until = now + counter.level;
        return countOf(take, isFitting, counter.level, counter.until - now);
      }),
    );
  }

  stop(): void {
    this.#counters.clear();
  }

  /** As it is now, and last in the map: what was touched least lately comes first. */
  #counter({ key: who, limit: { algorithm, per } }: Take, now: number): Counter {
    const key = `${algorithm} ${per} ${who}`;
    const known = this.#counters.get(key);
    if (known === undefined && this.#counters.size >= this.#most) this.#forget(now);
    const counter = known ?? { level: 0, since: now, until: 0 };
    this.#counters.delete(key);
    this.#counters.set(key, counter);
    if (algorithm === 'sliding') counter.level = Math.max(0, counter.level - (now - counter.since));
    else if (counter.until <= now) {
      counter.level = 0;
      counter.until = (Math.floor(now / per) + 1) * per;
    }
    counter.since = now;
    return counter;
  }

  #forget(now: number): void {
    for (const [key, { until }] of this.#counters) {
      this.#counters.delete(key);
      if (until > now) this.forgotten += 1;
      return;
    }
  }
}
