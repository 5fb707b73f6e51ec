/** Envoy's `udp.<prefix>.*` statistics of a UDP proxy, and ours of what a single source was refused. */
import type { Counter } from '../ports.ts';
import type { Registry } from '../telemetry/registry.ts';
import { StatScope } from '../telemetry/scope.ts';

export class UdpStats {
  readonly total: Counter;
  readonly received: Counter;
  readonly receivedBytes: Counter;
  readonly receiveErrors: Counter;
  readonly sent: Counter;
  readonly sentBytes: Counter;
  readonly sendErrors: Counter;
  readonly idleTimeout: Counter;
  readonly noRoute: Counter;
  readonly sourceLimited: Counter;

  constructor(registry: Registry, statPrefix: string, active: () => number) {
    const scope = new StatScope(registry, `udp.${statPrefix}.`, 'envoy_udp_', [['envoy_udp_prefix', statPrefix]]);
    this.total = scope.counter('downstream_sess_total');
    this.received = scope.counter('downstream_sess_rx_datagrams');
    this.receivedBytes = scope.counter('downstream_sess_rx_bytes');
    this.receiveErrors = scope.counter('downstream_sess_rx_errors');
    this.sent = scope.counter('downstream_sess_tx_datagrams');
    this.sentBytes = scope.counter('downstream_sess_tx_bytes');
    this.sendErrors = scope.counter('downstream_sess_tx_errors');
    this.idleTimeout = scope.counter('idle_timeout');
    this.noRoute = scope.counter('downstream_sess_no_route');
    this.sourceLimited = scope.counter('downstream_sess_source_limited');
    scope.observed('downstream_sess_active', 'gauge', active);
  }
}
