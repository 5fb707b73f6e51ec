/**
 * A token bucket that the engines of one process share: the moment when it was empty, as the bits of a float64, moves on by compare and exchange, so
 * that no two engines take one token. It must never be used by an engine that is alone, and never wait.
 */
import type { TokenBucket as Row } from '@weft/core/proxy-config';
import type { SharedBuckets } from '../../ports.ts';
import { ROUNDING, type Bucket } from './bucket.ts';

const moment = new Float64Array(1);
const bits = new BigInt64Array(moment.buffer);

export class SharedTokenBucket implements Bucket {
  readonly maxTokens: number;
  readonly rate: number;
  readonly #cells: BigInt64Array;
  readonly #cell: number;
  /** ms between this engine's clock and that of the cells. */
  readonly #shift: number;

  constructor({ maxTokens, tokensPerFill, fillInterval }: Row, { cells, shift }: SharedBuckets, cell: number) {
    this.maxTokens = maxTokens;
    this.rate = tokensPerFill / fillInterval;
    this.#cells = cells;
    this.#cell = cell;
    this.#shift = shift;
  }

  remaining(now: number): number {
    return Math.max(0, Math.floor(this.#tokens(now + this.#shift, Atomics.load(this.#cells, this.#cell)) + ROUNDING));
  }

  take(now: number): boolean {
    const shared = now + this.#shift;
    let seen = Atomics.load(this.#cells, this.#cell);
    for (;;) {
      const tokens = this.#tokens(shared, seen);
      if (tokens < 1 - ROUNDING) return false;
      moment[0] = shared - (tokens - 1) / this.rate;
      const before = Atomics.compareExchange(this.#cells, this.#cell, seen, bits[0] as bigint);
      if (before === seen) return true;
      seen = before;
    }
  }

  untilNext(now: number): number {
    const tokens = this.#tokens(now + this.#shift, Atomics.load(this.#cells, this.#cell));
    return tokens >= 1 - ROUNDING ? 0 : (1 - tokens) / this.rate;
  }

  /** Below 0 where another engine, whose clock was read later, took the last one. */
  #tokens(now: number, emptyAt: bigint): number {
    bits[0] = emptyAt;
    return Math.min(this.maxTokens, (now - (moment[0] as number)) * this.rate);
  }
}

/** Memory of so many full buckets. */
export function allocateBuckets(count: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT);
  new Float64Array(buffer).fill(Number.NEGATIVE_INFINITY);
  return buffer;
}
