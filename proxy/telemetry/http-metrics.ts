/** Envoy's `http.<prefix>.downstream_*` statistics, taken from finished exchanges. */
import type { FilterChain } from '@weft/core/proxy-config';
import type { Counter, ExchangeRecord } from '../ports.ts';
import { ResponseFlag } from '../response-flags.ts';
import type { Histogram, Registry } from './registry.ts';
import { StatScope } from './scope.ts';

interface ManagerStats {
  readonly total: Counter;
  readonly classes: readonly Counter[];
  readonly time: Histogram;
  readonly received: Counter;
  readonly sent: Counter;
  readonly resets: Counter;
  readonly completed: Counter;
  readonly direct: Counter;
  readonly noRoute: Counter;
  readonly noCluster: Counter;
}

const UNROUTED = ResponseFlag.noRouteFound | ResponseFlag.noClusterFound;

export class HttpMetrics {
  readonly #registry: Registry;
  readonly #byChain = new WeakMap<FilterChain, ManagerStats>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  record(record: ExchangeRecord): void {
    const chain = record.downstream.filterChain;
    let stats = this.#byChain.get(chain);
    if (stats === undefined) {
      stats = this.#make(chain);
      this.#byChain.set(chain, stats);
    }
    stats.total.add(1);
    if (record.status === 0) stats.resets.add(1);
    else if (record.healthCheck !== true) {
      stats.classes[Math.floor(record.status / 100) - 1]?.add(1);
      stats.completed.add(1);
    }
    if (record.details === 'direct_response') stats.direct.add(1);
    else if ((record.flags & UNROUTED) !== 0)
      ((record.flags & ResponseFlag.noRouteFound) === 0 ? stats.noCluster : stats.noRoute).add(1);
    stats.time.observe(record.duration);
    stats.received.add(record.bytesReceived);
    stats.sent.add(record.bytesSent);
  }

  #make(chain: FilterChain): ManagerStats {
    const prefix = chain.terminal.kind === 'http-connection-manager' ? chain.terminal.manager.statPrefix : '';
    const scope = httpScope(this.#registry, prefix);
    return {
      total: scope.counter('downstream_rq_total'),
      classes: [1, 2, 3, 4, 5].map((digit) => scope.statusClass('downstream_rq', digit)),
      time: scope.histogram('downstream_rq_time'),
      received: scope.counter('downstream_rq_rx_body_bytes_total'),
      sent: scope.counter('downstream_rq_tx_body_bytes_total'),
      resets: scope.counter('downstream_rq_rx_reset'),
      completed: scope.counter('downstream_rq_completed'),
      direct: scope.counter('rq_direct_response'),
      noRoute: scope.counter('no_route'),
      noCluster: scope.counter('no_cluster'),
    };
  }
}

export const httpScope = (registry: Registry, prefix: string): StatScope =>
  new StatScope(registry, `http.${prefix}.`, 'envoy_http_', [['envoy_http_conn_manager_prefix', prefix]]);
