/**
 * When the newest certificate of each registration ends. Every restart of a workload is a new registration, so ends that are long over are
 * forgotten: what it holds is bounded by the certificates that are valid or ended lately.
 */
import type { WallClock } from '@weft/core/kernel';

/** ms after its end for which a certificate is still told of: a workload that could not renew stays visible. */
const REMEMBERED = 3_600_000;
/** Entries below which nobody looks for old ones. */
const SMALL = 64;

export class CertificateEnds {
  readonly #clock: WallClock;
  /** ms since the epoch. */
  readonly #ends = new Map<string, number>();
  #sweepAt = SMALL;

  constructor(clock: WallClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#ends.size;
  }

  get(registration: string): number | undefined {
    return this.#ends.get(registration);
  }

  /** It says that it has one, which may have been issued before this process started. */
  held(registration: string, notAfter: number): void {
    if (!this.#ends.has(registration)) this.set(registration, notAfter);
  }

  set(registration: string, notAfter: number): void {
    this.#ends.set(registration, notAfter);
    if (this.#ends.size < this.#sweepAt) return;
    const before = this.#clock.now() - REMEMBERED;
    for (const [name, end] of this.#ends) if (end < before) this.#ends.delete(name);
    this.#sweepAt = Math.max(SMALL, 2 * this.#ends.size);
  }
}
