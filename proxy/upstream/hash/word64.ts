/**
 * A register of 64 bits for hash functions: arithmetic modulo 2^64 in two halves of 32 bits, since BigInt allocates at every step. It changes
 * in place; results leave by `value`.
 */
import type { Hash64 } from './hash64.ts';

export class Word64 {
  /** Both signed, as bit operations leave them. */
  high = 0;
  low = 0;

  set(high: number, low: number): this {
    this.high = high | 0;
    this.low = low | 0;
    return this;
  }

  add(high: number, low: number): this {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.high = (this.high + high + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    this.low = sum | 0;
    return this;
  }

  exclusiveOr(high: number, low: number): this {
    this.high ^= high;
    this.low ^= low;
    return this;
  }

  multiply(high: number, low: number): this {
    const a = this.low;
    const a0 = a & 0xffff;
    const a1 = a >>> 16;
    const b0 = low & 0xffff;
    const b1 = low >>> 16;
    const middle = a1 * b0 + ((a0 * b0) >>> 16);
    const carry = a0 * b1 + (middle & 0xffff);
    const upper = a1 * b1 + (middle >>> 16) + (carry >>> 16);
    this.high = (upper + Math.imul(this.high, low) + Math.imul(a, high)) | 0;
    this.low = Math.imul(a, low);
    return this;
  }

  /** Left, by 1 to 31 bits. */
  rotate(bits: number): this {
    const { high, low } = this;
    this.high = (high << bits) | (low >>> (32 - bits));
    this.low = (low << bits) | (high >>> (32 - bits));
    return this;
  }

  /** x ^ (x >>> bits), for 1 to 63 bits. */
  mixShifted(bits: number): this {
    const { high, low } = this;
    if (bits < 32) {
      this.low = low ^ ((low >>> bits) | (high << (32 - bits)));
      this.high = high ^ (high >>> bits);
    } else this.low = low ^ (bits === 32 ? high : high >>> (bits - 32));
    return this;
  }

  get value(): Hash64 {
    return { high: this.high >>> 0, low: this.low >>> 0 };
  }
}
