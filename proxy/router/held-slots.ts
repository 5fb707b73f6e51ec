/**
 * The circuit-breaker slots one exchange holds: waiting for a connection, being on one, trying again. Each is given back exactly once,
 * however often that is asked; giving back what is not held does nothing.
 */
import type { CircuitBreaker, EndpointRuntime } from '../ports.ts';

export class HeldSlots {
  #breaker: CircuitBreaker | undefined;
  #endpoint: EndpointRuntime | undefined;
  #retry = false;
  /** Waits for a connection. */
  waiting = false;

  /** Whose slots are meant from now on; nothing may be held. */
  use(breaker: CircuitBreaker): void {
    this.#breaker = breaker;
  }

  /** False: there is no room to wait. */
  wait(): boolean {
    this.waiting = this.#breaker?.tryPending() === true;
    return this.waiting;
  }

  stopWaiting(): void {
    if (!this.waiting) return;
    this.waiting = false;
    this.#breaker?.releasePending();
  }

  /** A slot for a request on that endpoint, counted there too; false: there is none. */
  takeRequest(endpoint: EndpointRuntime): boolean {
    if (this.#breaker?.tryRequest() !== true) return false;
    this.#endpoint = endpoint;
    endpoint.requestStarted();
    return true;
  }

  /** The slot for a request goes to another holder, which has none and gives it back. */
  handOverRequest(other = new HeldSlots()): HeldSlots {
    other.#breaker = this.#breaker;
    other.#endpoint = this.#endpoint;
    this.#endpoint = undefined;
    return other;
  }

  giveRequest(): void {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return;
    this.#endpoint = undefined;
    this.#breaker?.releaseRequest();
    endpoint.requestEnded();
  }

  /** Kept from the first retry until the exchange leaves the upstream; false: the budget is used up. */
  takeRetry(): boolean {
    if (!this.#retry) this.#retry = this.#breaker?.tryRetry() === true;
    return this.#retry;
  }

  giveRetry(): void {
    if (!this.#retry) return;
    this.#retry = false;
    this.#breaker?.releaseRetry();
  }
}
