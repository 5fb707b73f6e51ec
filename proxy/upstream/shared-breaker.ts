/** Circuit breakers of a cluster that several engines of one process serve: the limits are the process's (envoy.config.cluster.v3.CircuitBreakers). */
import type { CircuitBreakerThresholds } from '@weft/core/proxy-config';
import { type BreakerOverflow, budgetOf, type ClusterBreaker } from './circuit-breaker.ts';
import type { Ledger } from './ledger.ts';
import { type RecentRequests, recentRequests } from './recent-requests.ts';

const CONNECTIONS = 0;
const PENDING = 1;
const REQUESTS = 2;
const RETRIES = 3;
const KINDS = 4;
/** Cells of one cluster: both priorities. */
export const BREAKER_CELLS = 2 * KINDS;

export class SharedCircuitBreaker implements ClusterBreaker {
  readonly thresholds: CircuitBreakerThresholds;
  readonly overflow: BreakerOverflow = { connection: 0, pending: 0, request: 0, retry: 0 };
  readonly #ledger: Ledger;
  readonly #base: number;

  /** Of this engine: the others' requests count while they are active. */
  readonly #recent: RecentRequests | undefined;

  constructor(thresholds: CircuitBreakerThresholds, ledger: Ledger, priority: 'default' | 'high', now: () => number) {
    this.#recent = recentRequests(thresholds.retryBudget?.interval ?? 0, now);
    this.thresholds = thresholds;
    this.#ledger = ledger;
    this.#base = priority === 'high' ? KINDS : 0;
  }

  get connections(): number {
    return this.#ledger.total(this.#base + CONNECTIONS);
  }

  get pending(): number {
    return this.#ledger.total(this.#base + PENDING);
  }

  get requests(): number {
    return this.#ledger.total(this.#base + REQUESTS);
  }

  get retries(): number {
    return this.#ledger.total(this.#base + RETRIES);
  }

  get heldConnections(): number {
    return this.#ledger.own(this.#base + CONNECTIONS);
  }

  get canConnect(): boolean {
    return this.connections < this.thresholds.maxConnections;
  }

  tryConnection(): boolean {
    return this.#take(CONNECTIONS, this.thresholds.maxConnections, 'connection');
  }

  takeConnection(): void {
    this.#ledger.take(this.#base + CONNECTIONS, Number.POSITIVE_INFINITY);
  }

  releaseConnection(): void {
    this.#give(CONNECTIONS, 'connection');
  }

  tryPending(): boolean {
    return this.#take(PENDING, this.thresholds.maxPendingRequests, 'pending');
  }

  releasePending(): void {
    this.#give(PENDING, 'pending');
  }

  tryRequest(): boolean {
    const taken = this.#take(REQUESTS, this.thresholds.maxRequests, 'request');
    if (taken) this.#recent?.began();
    return taken;
  }

  releaseRequest(): void {
    this.#give(REQUESTS, 'request');
  }

  tryRetry(): boolean {
    return this.#take(RETRIES, this.maxRetries(), 'retry');
  }

  releaseRetry(): void {
    this.#give(RETRIES, 'retry');
  }

  maxRetries(): number {
    return budgetOf(this.thresholds, Math.max(this.requests, this.#recent?.count ?? 0) + this.pending);
  }

  #take(kind: number, limit: number, what: keyof BreakerOverflow): boolean {
    if (this.#ledger.take(this.#base + kind, limit)) return true;
    this.overflow[what] += 1;
    return false;
  }

  #give(kind: number, what: string): void {
    if (!this.#ledger.give(this.#base + kind)) throw new Error(`circuit breaker: ${what} slot given back twice`);
  }
}
