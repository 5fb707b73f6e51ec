/** How many requests began within the last `interval` ms (RetryBudget.budget_interval), to a sixteenth of it. */
const SLOTS = 16;

export class RecentRequests {
  readonly #width: number;
  readonly #now: () => number;
  readonly #counts = new Uint32Array(SLOTS);
  #slot: number;
  #sum = 0;

  constructor(interval: number, now: () => number) {
    this.#width = interval / SLOTS;
    this.#now = now;
    this.#slot = this.#current();
  }

  get count(): number {
    this.#advance();
    return this.#sum;
  }

  began(): void {
    this.#advance();
    const index = this.#slot % SLOTS;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += 1;
  }

  #current(): number {
    return Math.floor(this.#now() / this.#width);
  }

  /** Slots that were left behind are empty again. */
  #advance(): void {
    const current = this.#current();
    const steps = Math.min(SLOTS, current - this.#slot);
    for (let step = 1; step <= steps; step += 1) {
      const index = (this.#slot + step) % SLOTS;
      this.#sum -= this.#counts[index] ?? 0;
      this.#counts[index] = 0;
    }
    if (current > this.#slot) this.#slot = current;
  }
}

/** Undefined: the budget looks at what is active now. */
export const recentRequests = (interval: number, now: () => number): RecentRequests | undefined =>
  interval === 0 ? undefined : new RecentRequests(interval, now);
