/**
 * The buckets of one filter, or of one downstream connection: one for all requests, and one for each descriptor that is configured. A request
 * needs a token of every bucket that concerns it; the slowest is asked first.
 */
import type { TokenBucket as BucketRow, LocalRateLimitFilter as Row } from '@weft/core/proxy-config';
import type { RateLimitDescriptor } from '@weft/core/services';
import type { SharedBuckets } from '../../ports.ts';
import { type Bucket, TokenBucket } from './bucket.ts';
import { SharedTokenBucket } from './shared-bucket.ts';

export interface Taken {
  readonly passes: boolean;
  /** Whose limits an answer tells; undefined: no bucket was asked. */
  readonly bucket: Bucket | undefined;
}

export class Limiter {
  readonly #all: Bucket | undefined;
  readonly #byDescriptor: ReadonlyMap<string, Bucket>;
  readonly #alwaysAll: boolean;

  /** `shared`: where the buckets of the process are, the common one first; undefined: they are this limiter's own. */
  constructor({ bucket, descriptors }: Row, shared: SharedBuckets | undefined) {
    const make = (row: BucketRow, cell: number): Bucket =>
      shared === undefined ? new TokenBucket(row) : new SharedTokenBucket(row, shared, cell);
    this.#all = bucket === undefined ? undefined : make(bucket, 0);
    this.#byDescriptor = new Map(
      (descriptors?.limits ?? []).map((limit, index) => [keyOf(limit.entries), make(limit.bucket, index + 1)]),
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
