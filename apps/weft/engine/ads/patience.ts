/**
 * How long rows wait for what they name (Envoy's initial_fetch_timeout): each missing thing has its own time, from when it was first missed.
 * What came, and what nobody names any longer, is forgotten, so that the next row that misses it waits again.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';

export class Patience {
  readonly #setting: { readonly timeout: number; readonly clock: MonotonicClock };
  readonly #onGivenUp: () => void;
  readonly #waits = new Map<string, Timer>();
  readonly #givenUp = new Set<string>();
  #stopped = false;

  /** `timeout` in ms. */
  constructor(setting: { readonly timeout: number; readonly clock: MonotonicClock }, onGivenUp: () => void) {
    this.#setting = setting;
    this.#onGivenUp = onGivenUp;
  }

  get givenUp(): ReadonlySet<string> {
    return this.#givenUp;
  }

  /** All that is missing now, with a time of its own in ms where one is stated; 0: it is waited for until it is there. */
  waitFor(missing: ReadonlyMap<string, number | undefined>): void {
    for (const [what, timer] of this.#waits) {
      if (missing.has(what)) continue;
      timer.cancel();
      this.#waits.delete(what);
    }
    for (const what of this.#givenUp) if (!missing.has(what)) this.#givenUp.delete(what);
    if (this.#stopped) return;
    const { clock, timeout } = this.#setting;
    for (const [what, wait = timeout] of missing) {
      if (wait === 0 || this.#waits.has(what) || this.#givenUp.has(what)) continue;
      const late = (): void => {
        this.#waits.delete(what);
        this.#givenUp.add(what);
        this.#onGivenUp();
      };
      this.#waits.set(what, clock.after(wait, late));
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#waits.values()) timer.cancel();
    this.#waits.clear();
  }
}
