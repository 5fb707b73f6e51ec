/**
 * envoy.config.cluster.v3.CircuitBreakers: limits on what one cluster may have open at once, for one routing priority. A plain counter
 * machine; it must never be asked to give back what was not taken (that is a defect and throws).
 */
import type { CircuitBreakerThresholds } from '@weft/core/proxy-config';
import type { CircuitBreaker } from '../ports.ts';
import { type RecentRequests, recentRequests } from './recent-requests.ts';

export interface BreakerOverflow {
  connection: number;
  pending: number;
  request: number;
  retry: number;
}

/** What a cluster and its statistics see of a breaker, whether its counts are this engine's or the process's. */
export interface ClusterBreaker extends CircuitBreaker {
  readonly thresholds: CircuitBreakerThresholds;
  readonly connections: number;
  readonly pending: number;
  readonly requests: number;
  readonly retries: number;
  /** Connections of this engine alone. */
  readonly heldConnections: number;
  /** How often this engine was refused. */
  readonly overflow: BreakerOverflow;
  tryConnection(): boolean;
  /** Takes a place above the limit; given back as any. */
  takeConnection(): void;
  releaseConnection(): void;
  maxRetries(): number;
}

export class ClusterCircuitBreaker implements ClusterBreaker {
  readonly thresholds: CircuitBreakerThresholds;
  connections = 0;
  pending = 0;
  requests = 0;
  retries = 0;
  /** How often each limit refused. */
  readonly overflow: BreakerOverflow = { connection: 0, pending: 0, request: 0, retry: 0 };

  readonly #recent: RecentRequests | undefined;

  /** `now`: monotonic ms, for a budget that looks back. */
  constructor(thresholds: CircuitBreakerThresholds, now: () => number) {
    this.thresholds = thresholds;
    this.#recent = recentRequests(thresholds.retryBudget?.interval ?? 0, now);
  }

  get heldConnections(): number {
    return this.connections;
  }

  get canConnect(): boolean {
    return this.connections < this.thresholds.maxConnections;
  }

  tryConnection(): boolean {
    if (!this.canConnect) {
      this.overflow.connection += 1;
      return false;
    }
    this.connections += 1;
    return true;
  }

  takeConnection(): void {
    this.connections += 1;
  }

  releaseConnection(): void {
    this.connections = given(this.connections, 'connection');
  }

  tryPending(): boolean {
    if (this.pending >= this.thresholds.maxPendingRequests) {
      this.overflow.pending += 1;
      return false;
    }
    this.pending += 1;
    return true;
  }

  releasePending(): void {
    this.pending = given(this.pending, 'pending');
  }

  tryRequest(): boolean {
    if (this.requests >= this.thresholds.maxRequests) {
      this.overflow.request += 1;
      return false;
    }
    this.requests += 1;
    this.#recent?.began();
    return true;
  }

  releaseRequest(): void {
    this.requests = given(this.requests, 'request');
  }

  tryRetry(): boolean {
    if (this.retries >= this.maxRetries()) {
      this.overflow.retry += 1;
      return false;
    }
    this.retries += 1;
    return true;
  }

  releaseRetry(): void {
    this.retries = given(this.retries, 'retry');
  }

  maxRetries(): number {
    return budgetOf(this.thresholds, Math.max(this.requests, this.#recent?.count ?? 0) + this.pending);
  }
}

/** The fixed limit of retries, or the budget's share of `active`, never below its minimum. */
export function budgetOf({ retryBudget: budget, maxRetries }: CircuitBreakerThresholds, active: number): number {
  if (budget === undefined) return maxRetries;
  return Math.max(Math.floor((active * budget.percent) / 100), budget.minRetryConcurrency);
}

function given(count: number, what: string): number {
  if (count === 0) throw new Error(`circuit breaker: ${what} slot given back twice`);
  return count - 1;
}
