/**
 * Waiting times between attempts: doubling from `initial` to `cap`, each drawn evenly from half to the whole of it, so that many agents that
 * lost the same control plane do not come back in step.
 */
export interface BackOffTimes {
  /** ms. */
  readonly initial: number;
  readonly cap: number;
}

/** A control plane that was restarted is found again within two seconds. */
export const RECONNECT: BackOffTimes = { initial: 100, cap: 2000 };

/** Asking again what was refused: only somebody's action over there can change the answer. */
export const REFUSED: BackOffTimes = { initial: 1000, cap: 30_000 };

export class BackOff {
  readonly #times: BackOffTimes;
  /** From 0 to 1. */
  readonly #roll: () => number;
  #next: number;

  constructor(times: BackOffTimes, roll: () => number) {
    this.#times = times;
    this.#roll = roll;
    this.#next = times.initial;
  }

  /** ms to wait before the next attempt. */
  next(): number {
    const whole = this.#next;
    this.#next = Math.min(this.#times.cap, whole * 2);
    return (whole * (1 + this.#roll())) / 2;
  }

  reset(): void {
    this.#next = this.#times.initial;
  }
}
