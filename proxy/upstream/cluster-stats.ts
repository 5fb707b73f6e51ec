/** Envoy's `cluster.<name>.*` statistics of one cluster; handles are made once, a request costs a few additions. */
import type { Counter } from '../ports.ts';
import type { Gauge, Histogram, Registry } from '../telemetry/registry.ts';
import { StatScope } from '../telemetry/scope.ts';
import { ENVOY_STAT, type TlsRefusal } from '../transport/index.ts';
import type { ClusterBreaker } from './circuit-breaker.ts';
import type { DetectionOutcome, EjectionCause } from './outlier-detector.ts';
import type { SubsetCounts } from './subsets.ts';

export class ClusterStats {
  readonly scope: StatScope;
  /** Under way by this engine. */
  activeRequests = 0;
  readonly #requests: Counter;
  readonly #requestsActive: Gauge;
  readonly #requestTime: Histogram;
  readonly #timeouts: Counter;
  readonly #connections: Counter;
  readonly #connectionsActive: Gauge;
  readonly #connectionsDestroyed: Counter;
  readonly #connectFailures: Counter;
  readonly #connectTimeouts: Counter;
  readonly #overflow: Counter;
  readonly #none: Counter;
  readonly #completed: Counter;
  readonly #classes: readonly Counter[];
  readonly #codes: (Counter | undefined)[] = [];

  constructor(registry: Registry, name: string) {
    const scope = new StatScope(registry, `cluster.${name}.`, 'envoy_cluster_', [['envoy_cluster_name', name]]);
    this.scope = scope;
    this.#requests = scope.counter('upstream_rq_total');
    this.#requestsActive = scope.gauge('upstream_rq_active');
    this.#requestTime = scope.histogram('upstream_rq_time');
    this.#timeouts = scope.counter('upstream_rq_timeout');
    this.#connections = scope.counter('upstream_cx_total');
    this.#connectionsActive = scope.gauge('upstream_cx_active');
    this.#connectionsDestroyed = scope.counter('upstream_cx_destroy');
    this.#connectFailures = scope.counter('upstream_cx_connect_fail');
    this.#connectTimeouts = scope.counter('upstream_cx_connect_timeout');
    this.#overflow = scope.counter('upstream_cx_overflow');
    this.#none = scope.counter('upstream_cx_none_healthy');
    this.#completed = scope.counter('upstream_rq_completed');
    this.#classes = [1, 2, 3, 4, 5].map((digit) => scope.statusClass('upstream_rq', digit));
  }

  /** Gauges that are read when asked for. */
  observe(breakers: { readonly default: ClusterBreaker; readonly high: ClusterBreaker }): void {
    for (const [priority, breaker] of [
      ['default', breakers.default],
      ['high', breakers.high],
    ] as const) {
      const limit = breaker.thresholds;
      const stat = (name: string, read: () => number): void =>
        this.scope.observed(`circuit_breakers.${priority}.${name}`, 'gauge', read);
      stat('cx_open', () => Number(!breaker.canConnect));
      stat('rq_open', () => Number(breaker.requests >= limit.maxRequests));
      stat('rq_pending_open', () => Number(breaker.pending >= limit.maxPendingRequests));
      stat('rq_retry_open', () => Number(breaker.retries >= breaker.maxRetries()));
      if (!limit.trackRemaining) continue;
      stat('remaining_cx', () => Math.max(0, limit.maxConnections - breaker.connections));
      stat('remaining_rq', () => Math.max(0, limit.maxRequests - breaker.requests));
      stat('remaining_pending', () => Math.max(0, limit.maxPendingRequests - breaker.pending));
      stat('remaining_retries', () => Math.max(0, breaker.maxRetries() - breaker.retries));
    }
    const { default: normal, high } = breakers;
    this.scope.observed('upstream_rq_pending_active', 'gauge', () => normal.pending + high.pending);
    this.scope.observed(
      'upstream_rq_pending_overflow',
      'counter',
      () => normal.overflow.pending + high.overflow.pending + normal.overflow.request + high.overflow.request,
    );
    this.scope.observed('upstream_rq_retry_overflow', 'counter', () => normal.overflow.retry + high.overflow.retry);
  }

  /** `lb_subsets_*`; only clusters with subsets have them. */
  subsets(): SubsetCounts {
    const selected = this.scope.counter('lb_subsets_selected');
    const fallback = this.scope.counter('lb_subsets_fallback');
    return { selected: () => selected.add(1), fallback: () => fallback.add(1) };
  }

  requestStarted(): void {
    this.activeRequests += 1;
    this.#requests.add(1);
    this.#requestsActive.add(1);
  }

  requestEnded(): void {
    this.activeRequests -= 1;
    this.#requestsActive.add(-1);
  }

  status(code: number, durationMs: number): void {
    this.#completed.add(1);
    this.#classes[Math.floor(code / 100) - 1]?.add(1);
    if (code >= 100 && code < 600) (this.#codes[code] ??= this.scope.status('upstream_rq', code)).add(1);
    this.#requestTime.observe(durationMs);
  }

  /** Of an answer that was not passed on: Envoy counts it apart. */
  retriedStatus(code: number): void {
    this.scope.counter('retry.upstream_rq_completed').add(1);
    this.scope.statusClass('retry.upstream_rq', Math.floor(code / 100)).add(1);
    this.scope.status('retry.upstream_rq', code).add(1);
  }

  requestTimedOut(): void {
    this.#timeouts.add(1);
  }

  connectionOpened(): void {
    this.#connections.add(1);
    this.#connectionsActive.add(1);
  }

  connectionClosed(): void {
    this.#connectionsActive.add(-1);
    this.#connectionsDestroyed.add(1);
  }

  connectFailed(timeout: boolean): void {
    (timeout ? this.#connectTimeouts : this.#connectFailures).add(1);
  }

  overflow(): void {
    this.#overflow.add(1);
  }

  noneHealthy(): void {
    this.#none.add(1);
  }

  refusedPeer(reason: TlsRefusal): void {
    this.scope.counter(ENVOY_STAT[reason]).add(1);
  }

  ejection(cause: EjectionCause, outcome: DetectionOutcome): void {
    const count = (stat: string): void => this.scope.counter(`outlier_detection.ejections_${stat}`).add(1);
    count(`detected_${cause}`);
    if (outcome === 'overflow') count('overflow');
    if (outcome !== 'enforced') return;
    count(`enforced_${cause}`);
    count('enforced_total');
  }
}
