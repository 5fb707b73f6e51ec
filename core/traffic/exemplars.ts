/**
 * Traced requests as examples of a histogram's buckets: the last one of each bucket that `le` shows. Nothing is made for requests that are not
 * traced. Bounded: one a bucket and row; those older than EXEMPLAR_AGE are let go when somebody reads.
 */
import type { Exemplar } from '../metrics/index.ts';
import { bucketOf, LAST_BUCKET, PER_OCTAVE } from './durations.ts';

/** ms that an exemplar is shown. */
export const EXEMPLAR_AGE = 600_000;

/** Indices of our fine buckets that `le` shows: every second one from half a millisecond to 16 seconds, every eighth from there. */
const FINE_FIRST = -PER_OCTAVE;
const FINE_LAST = 14 * PER_OCTAVE;

function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

export const SHOWN: readonly number[] = [
  ...range(FINE_FIRST, FINE_LAST, 2),
  ...range(FINE_LAST + PER_OCTAVE, LAST_BUCKET, PER_OCTAVE),
];

/** Which of SHOWN a duration (ms) falls into. */
export function shownBucketOf(duration: number): number {
  const index = bucketOf(duration);
  if (index <= FINE_FIRST) return 0;
  if (index <= FINE_LAST) return Math.ceil((index - FINE_FIRST) / 2);
  return (FINE_LAST - FINE_FIRST) / 2 + Math.ceil((index - FINE_LAST) / PER_OCTAVE);
}

/** Exemplars of one edge that travel, and of one point of a metric that is pushed. */
export const FEW_EXEMPLARS = 4;

/** The newest of each bucket; of more than FEW_EXEMPLARS the slowest, which tell most. */
export function fewExemplars(exemplars: readonly Exemplar[]): readonly Exemplar[] {
  if (exemplars.length <= 1) return exemplars;
  const newest = new Map<number, Exemplar>();
  for (const exemplar of exemplars) {
    const bucket = shownBucketOf(exemplar.value);
    if ((newest.get(bucket)?.at ?? Number.NEGATIVE_INFINITY) <= exemplar.at) newest.set(bucket, exemplar);
  }
  return [...newest.values()].sort((a, b) => b.value - a.value).slice(0, FEW_EXEMPLARS);
}

export class Exemplars {
  readonly #held = new Map<number, Exemplar>();
  readonly #fresh = new Set<number>();

  /** It is the last one of its bucket, unless one that is newer is there. */
  keep(exemplar: Exemplar): void {
    const bucket = shownBucketOf(exemplar.value);
    const known = this.#held.get(bucket);
    if (known !== undefined && known.at > exemplar.at) return;
    this.#held.set(bucket, exemplar);
    this.#fresh.add(bucket);
  }

  /** Those that came since the last call. */
  takeFresh(): Exemplar[] {
    const taken = [...this.#fresh].flatMap((bucket) => this.#held.get(bucket) ?? []);
    this.#fresh.clear();
    return taken;
  }

  /** Lets go of those from before `since` (Unix ms). */
  forget(since: number): void {
    for (const [bucket, { at }] of this.#held) {
      if (at >= since) continue;
      this.#held.delete(bucket);
      this.#fresh.delete(bucket);
    }
  }

  all(): Exemplar[] {
    return [...this.#held.values()];
  }
}
