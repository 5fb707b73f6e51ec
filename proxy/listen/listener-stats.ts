/** Envoy's `listener.<address>.*` statistics of one listener. */
import type { Counter } from '../ports.ts';
import type { Gauge, Registry } from '../telemetry/registry.ts';
import { StatScope } from '../telemetry/scope.ts';
import { ENVOY_STAT, type TlsRefusal } from '../transport/index.ts';

export class ListenerStats {
  readonly scope: StatScope;
  readonly total: Counter;
  readonly active: Gauge;
  readonly destroyed: Counter;
  readonly preActive: Gauge;
  readonly preTimeout: Counter;
  readonly noChain: Counter;
  readonly overflow: Counter;
  readonly shed: Counter;
  readonly handshakes: Counter;
  readonly #registry: Registry;

  constructor(registry: Registry, address: string) {
    const label = address.replaceAll(':', '_');
    const scope = new StatScope(registry, `listener.${label}.`, 'envoy_listener_', [['envoy_listener_address', label]]);
    this.scope = scope;
    this.#registry = registry;
    this.total = scope.counter('downstream_cx_total');
    this.active = scope.gauge('downstream_cx_active');
    this.destroyed = scope.counter('downstream_cx_destroy');
    this.preActive = scope.gauge('downstream_pre_cx_active');
    this.preTimeout = scope.counter('downstream_pre_cx_timeout');
    this.noChain = scope.counter('no_filter_chain_match');
    this.overflow = scope.counter('downstream_cx_overflow');
    this.shed = scope.counter('downstream_cx_overload_reject');
    this.handshakes = scope.counter('ssl.handshake');
  }

  refused(reason: TlsRefusal): void {
    this.scope.counter(ENVOY_STAT[reason]).add(1);
    this.#registry.counter('weft_tls_refused_total', [['reason', reason]]).add(1);
  }
}
