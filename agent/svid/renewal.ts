/**
 * When to get the next certificate: at half of the life of the present one, spread by a tenth either way; after a failure by back-off. A
 * state machine: time by injected clocks, certificates by a function. The present certificate stays in use until the next one is there,
 * and an expired one is renewed like any other: the registration key needs no valid certificate.
 */
import type { MonotonicClock, Timer, WallClock } from '@weft/core/kernel';
import { BackOff } from '../back-off/index.ts';

export interface Lifetime {
  /** ms since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface RenewalOptions<T extends Lifetime> {
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  /** From 0 to 1. */
  readonly roll: () => number;
  /** Rejects when there is none to be had now. */
  readonly issue: () => Promise<T>;
  readonly onIssued: (issued: T) => void;
  readonly onFailure: (error: unknown) => void;
}

/** A timer is at most this long: a laptop that slept sees by the wall clock that the time has come. */
const LONGEST_TIMER = 300_000;
const RETRY = { initial: 1000, cap: 60_000 };

export class Renewal<T extends Lifetime> {
  readonly #options: RenewalOptions<T>;
  readonly #backOff: BackOff;
  #timer: Timer | undefined;
  #dueAt = 0;
  #stopped = false;
  #issuing = false;
  #retrying = false;
  /** The one under way is to be followed by another. */
  #again = false;

  constructor(options: RenewalOptions<T>) {
    this.#options = options;
    this.#backOff = new BackOff(RETRY, options.roll);
  }

  /** Gets the first certificate now. */
  start(): void {
    this.#dueAt = this.#options.wall.now();
    this.#look();
  }

  /** Tries at once instead of waiting for the back-off: the control plane was reached again. */
  hurry(): void {
    if (this.#options.wall.now() < this.#dueAt && !this.#retrying) return;
    this.#timer?.cancel();
    this.#renew();
  }

  /** Whatever is left of the present one: the next one is got at a moment within that many ms, so that not all ask at once. */
  renewWithin(ms: number): void {
    this.#dueAt = Math.min(this.#dueAt, this.#options.wall.now() + this.#options.roll() * ms);
    // One under way may have been issued before this was said: what is due stays due after it.
    this.#again = this.#issuing;
    if (this.#issuing) return;
    this.#timer?.cancel();
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #look(): void {
    const rest = this.#dueAt - this.#options.wall.now();
    if (rest <= 0) this.#renew();
    else this.#timer = this.#options.clock.after(Math.min(rest, LONGEST_TIMER), () => this.#look());
  }

  #renew(): void {
    if (this.#stopped || this.#issuing) return;
    this.#issuing = true;
    this.#options.issue().then(
      (issued) => {
        this.#issuing = false;
        if (this.#stopped) return;
        this.#retrying = false;
        this.#backOff.reset();
        this.#dueAt = this.#again ? this.#options.wall.now() : this.#renewAt(issued);
        this.#again = false;
        this.#options.onIssued(issued);
        this.#look();
      },
      (error: unknown) => {
        this.#issuing = false;
        if (this.#stopped) return;
        this.#retrying = true;
        this.#options.onFailure(error);
        this.#timer = this.#options.clock.after(this.#backOff.next(), () => this.#renew());
      },
    );
  }

  /**
   * At least a second from now, whatever the clocks say. Half of what is left, not counted from notBefore, which the authority sets back
   * by a minute: a short life would be half over at its start.
   */
  #renewAt({ notAfter }: Lifetime): number {
    const now = this.#options.wall.now();
    const life = notAfter - now;
    const spread = (this.#options.roll() - 0.5) * 0.2 * life;
    return now + Math.max(1000, life / 2 + spread);
  }
}
