/**
 * Envoy's retry priority `previous_priorities`: after every so many tries the priorities that were tried are left out, until none is left;
 * then all count again. One a retried exchange whose policy asks for it.
 */
import type { EndpointRuntime, TriedPriorities } from '../ports.ts';

export class PreviousPriorities implements TriedPriorities {
  readonly #tried: readonly EndpointRuntime[];
  readonly #every: number;
  /** Tries before it do not count any more. */
  #from = 0;

  constructor(tried: readonly EndpointRuntime[], every: number) {
    this.#tried = tried;
    this.#every = every;
  }

  get avoided(): readonly number[] {
    const counted = Math.floor((this.#tried.length - this.#from) / this.#every) * this.#every;
    const seen = this.#tried.slice(this.#from, this.#from + counted).map(({ priority }) => priority);
    return [...new Set(seen)].sort((a, b) => a - b);
  }

  forget(): void {
    this.#from = this.#tried.length;
  }
}
