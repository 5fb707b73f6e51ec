/** Remembers who is over a limit, and until when: so long nobody need ask the counters, which are elsewhere. */
import type { MonotonicClock } from '@weft/core/kernel';
import type { Count, Counters, Take } from './counters.ts';

export interface CacheOptions {
  readonly clock: MonotonicClock;
  /** Entries that are held at most; the oldest goes first. */
  readonly most: number;
}

export class OverLimitCache implements Counters {
  /** Key to the end of it, in ms of the clock. */
  readonly #over = new Map<string, number>();
  readonly #counters: Counters;
  readonly #clock: MonotonicClock;
  readonly #most: number;
  /** Questions that were answered from here. */
  hits = 0;

  constructor(counters: Counters, { clock, most }: CacheOptions) {
    this.#counters = counters;
    this.#clock = clock;
    this.#most = most;
  }

  async take(takes: readonly Take[]): Promise<readonly (Count | undefined)[]> {
    const known = takes.map((take) => this.#known(take));
    if (known.some((count) => count !== undefined)) {
      this.hits += 1;
      return known;
    }
    const counts = await this.#counters.take(takes);
    for (const [index, take] of takes.entries()) this.#learn(take, counts[index]);
    return counts;
  }

  stop(): void {
    this.#over.clear();
    this.#counters.stop();
  }

  #known(take: Take): Count | undefined {
    if (take.limit.shadow || take.hits <= 0) return undefined;
    const key = keyOf(take);
    const until = this.#over.get(key);
    if (until === undefined) return undefined;
    const left = until - this.#clock.now();
    if (left > 0) return { fits: false, remaining: 0, untilReset: left, untilNext: left };
    this.#over.delete(key);
    return undefined;
  }

  #learn(take: Take, count: Count | undefined): void {
    if (count === undefined || count.fits || count.remaining > 0 || take.limit.shadow) return;
    if (this.#over.size >= this.#most) for (const key of this.#over.keys()) if (this.#over.delete(key)) break;
    this.#over.set(keyOf(take), this.#clock.now() + count.untilNext);
  }
}

/** Of another limit nothing is known. */
const keyOf = ({ key, limit: { requests, per, algorithm } }: Take): string => `${requests}/${per}/${algorithm} ${key}`;
