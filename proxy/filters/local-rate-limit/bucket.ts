/** A token bucket (envoy.type.v3.TokenBucket) that fills steadily. All it keeps is when it was, or would have been, empty. */
import type { TokenBucket as Row } from '@weft/core/proxy-config';

/**
 * The part of a token that rounding may take: two clocks and a slow rate leave a full bucket at 1 - 1e-9, say. What differs by less is a whole
 * token; over a bucket's life it gives away less than one request in a million.
 */
export const ROUNDING = 1e-6;

export interface Bucket {
  readonly maxTokens: number;
  /** Tokens a ms. */
  readonly rate: number;
  /** Whole tokens at `now`, monotonic ms as everywhere here. */
  remaining(now: number): number;
  /** Takes one; false: there is none. */
  take(now: number): boolean;
  /** ms until there is a token again; 0: there is one. */
  untilNext(now: number): number;
}

export class TokenBucket implements Bucket {
  readonly maxTokens: number;
  readonly rate: number;
  /** Monotonic ms. */
  #emptyAt = Number.NEGATIVE_INFINITY;

  constructor({ maxTokens, tokensPerFill, fillInterval }: Row) {
    this.maxTokens = maxTokens;
    this.rate = tokensPerFill / fillInterval;
  }

  remaining(now: number): number {
    return Math.floor(this.#tokens(now) + ROUNDING);
  }

  take(now: number): boolean {
    const tokens = this.#tokens(now);
    if (tokens < 1 - ROUNDING) return false;
    this.#emptyAt = now - (tokens - 1) / this.rate;
    return true;
  }

  untilNext(now: number): number {
    const tokens = this.#tokens(now);
    return tokens >= 1 - ROUNDING ? 0 : (1 - tokens) / this.rate;
  }

  #tokens(now: number): number {
    return Math.min(this.maxTokens, (now - this.#emptyAt) * this.rate);
  }
}
