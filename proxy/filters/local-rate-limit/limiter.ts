/**
 * The buckets of one filter, or of one downstream connection: one for all requests, and one for each descriptor that is configured. A request
 * needs a token of every bucket that concerns it; the slowest is asked first.
 */
import type { LocalRateLimitFilter as Row } from '@weft/core/proxy-config';
import type { RateLimitDescriptor } from '@weft/core/services';
import { TokenBucket } from './bucket.ts';

export interface Taken {
  readonly passes: boolean;
  /** Whose limits an answer tells; undefined: no bucket was asked. */
  readonly bucket: TokenBucket | undefined;
}

export class Limiter {
  readonly #all: TokenBucket | undefined;
  readonly #byDescriptor: ReadonlyMap<string, TokenBucket>;
  readonly #alwaysAll: boolean;

  constructor({ bucket, descriptors }: Row) {
    this.#all = bucket === undefined ? undefined : new TokenBucket(bucket);
    this.#byDescriptor = new Map(
      (descriptors?.limits ?? []).map((limit) => [keyOf(limit.entries), new TokenBucket(limit.bucket)]),
    );
    this.#alwaysAll = descriptors?.alwaysAll ?? true;
  }

  take(asked: readonly RateLimitDescriptor[], now: number): Taken {
    const matched = asked
      .flatMap(({ entries }) => this.#byDescriptor.get(keyOf(entries)) ?? [])
      .toSorted((a, b) => a.rate - b.rate);
    for (const bucket of matched) if (!bucket.take(now)) return { passes: false, bucket };
    const [first] = matched;
    const all = first === undefined || this.#alwaysAll ? this.#all : undefined;
    if (all === undefined) return { passes: true, bucket: first };
    const passes = all.take(now);
    return { passes, bucket: passes ? (first ?? all) : all };
  }
}

const keyOf = (entries: RateLimitDescriptor['entries']): string => JSON.stringify(entries);
