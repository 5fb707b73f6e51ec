/** The network filter envoy.filters.network.connection_limit: at most `maxConnections` open at once through this filter chain, over all engines of the process. */
import type { NetworkFilter } from '@weft/core/proxy-config';
import type { Counter } from '../ports.ts';
import type { Ledger } from '../upstream/ledger.ts';
import type { Registry } from '../telemetry/registry.ts';
import { StatScope } from '../telemetry/scope.ts';
import type { NetworkFilterRuntime, NetworkVerdict } from './filter.ts';

export class ConnectionLimit implements NetworkFilterRuntime {
  readonly #maxConnections: number;
  readonly #refusal: NetworkVerdict;
  readonly #limited: Counter;
  /** Where the process counts; undefined: this engine is alone. */
  readonly #ledger: Ledger | undefined;
  #open = 0;

  constructor(conf: Extract<NetworkFilter, { kind: 'connection-limit' }>, registry: Registry, ledger?: Ledger) {
    this.#ledger = ledger;
    this.#maxConnections = conf.maxConnections;
    this.#refusal = conf.delay > 0 ? { closeAfterMs: conf.delay } : 'close';
    const scope = new StatScope(registry, `connection_limit.${conf.statPrefix}.`, 'envoy_connection_limit_', [
      ['envoy_connection_limit_prefix', conf.statPrefix],
    ]);
    this.#limited = scope.counter('limited_connections');
    scope.observed('active_connections', 'gauge', () => this.#open);
  }

  opened(): NetworkVerdict {
    const full =
      this.#ledger === undefined ? this.#open >= this.#maxConnections : !this.#ledger.take(0, this.#maxConnections);
    if (full) {
      this.#limited.add(1);
      return this.#refusal;
    }
    this.#open += 1;
    return 'continue';
  }

  judgeAgain(): NetworkVerdict {
    return 'continue';
  }

  closed(): void {
    this.#open -= 1;
    this.#ledger?.give(0);
  }
}
