/**
 * Token buckets by caller. Bounded: beyond `maxCallers` the callers that were quiet longest are forgotten, and a full table of active
 * ones shares one last bucket, so that a flood of addresses costs neither memory nor opens the gate.
 */
import type { MonotonicClock } from '@weft/core/kernel';

export interface RateLimit {
  /** Calls that may come at once. */
  readonly burst: number;
  /** Calls a second in the long run. */
  readonly perSecond: number;
  readonly maxCallers: number;
}

interface Bucket {
  level: number;
  at: number;
}

export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: MonotonicClock;
  readonly #buckets = new Map<string, Bucket>();
  readonly #overflow: Bucket;

  constructor(limit: RateLimit, clock: MonotonicClock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#overflow = { level: limit.burst, at: clock.now() };
  }

  /** Whether `caller` may make one more call now; counts it. */
  take(caller: string): boolean {
    const bucket = this.#bucket(caller);
    const now = this.#clock.now();
    bucket.level = Math.min(this.#limit.burst, bucket.level + ((now - bucket.at) / 1000) * this.#limit.perSecond);
    bucket.at = now;
    if (bucket.level < 1) return false;
    bucket.level -= 1;
    return true;
  }

  #bucket(caller: string): Bucket {
    const known = this.#buckets.get(caller);
    if (known !== undefined) {
      this.#buckets.delete(caller);
      this.#buckets.set(caller, known);
      return known;
    }
    const oldest = this.#buckets.entries().next();
    if (this.#buckets.size >= this.#limit.maxCallers && oldest.done !== true) {
      const [name, bucket] = oldest.value;
      const idleSeconds = (this.#clock.now() - bucket.at) / 1000;
      if (bucket.level + idleSeconds * this.#limit.perSecond < this.#limit.burst) return this.#overflow;
      this.#buckets.delete(name);
    }
    const made = { level: this.#limit.burst, at: this.#clock.now() };
    this.#buckets.set(caller, made);
    return made;
  }
}
