/**
 * The network filter envoy.filters.network.rbac: once a connection, when its transport is established (Envoy waits for the first byte; the verdict
 * is the same), and again when the rules change while it is open. Rules are core/decide's. A refusal closes; the reason goes to our log and counters
 * only.
 */
import { CompiledRbac, type ConnectionView } from '@weft/core/decide';
import type { NetworkFilter } from '@weft/core/proxy-config';
import type { Counter, EngineLog } from '../ports.ts';
import { rbacDetail } from '../rbac-detail.ts';
import type { Registry } from '../telemetry/registry.ts';
import { StatScope } from '../telemetry/scope.ts';
import type { NetworkFilterRuntime, NetworkVerdict } from './filter.ts';

export class RbacFilter implements NetworkFilterRuntime {
  readonly #rules: CompiledRbac | undefined;
  readonly #shadow: CompiledRbac | undefined;
  readonly #allowed: Counter;
  readonly #denied: Counter;
  readonly #shadowAllowed: Counter;
  readonly #shadowDenied: Counter;
  readonly #log: EngineLog;

  /** Calls `report` for an expression that does not compile; such a filter must not be used. */
  constructor(
    conf: Extract<NetworkFilter, { kind: 'rbac' }>,
    registry: Registry,
    log: EngineLog,
    report: (message: string) => void,
  ) {
    this.#rules = conf.rules === undefined ? undefined : new CompiledRbac(conf.rules, report);
    this.#shadow = conf.shadowRules === undefined ? undefined : new CompiledRbac(conf.shadowRules, report);
    const prefix = conf.statPrefix === '' ? '' : `${conf.statPrefix}.`;
    const scope = new StatScope(registry, `${prefix}rbac.`, 'envoy_rbac_', [['envoy_rbac_prefix', conf.statPrefix]]);
    this.#allowed = scope.counter('allowed');
    this.#denied = scope.counter('denied');
    this.#shadowAllowed = scope.counter('shadow_allowed');
    this.#shadowDenied = scope.counter('shadow_denied');
    this.#log = log;
  }

  opened(connection: ConnectionView): NetworkVerdict {
    if (this.#shadow !== undefined) {
      (this.#shadow.evaluate(connection, undefined).allowed ? this.#shadowAllowed : this.#shadowDenied).add(1);
    }
    if (this.#rules === undefined) return 'continue';
    const verdict = this.#rules.evaluate(connection, undefined);
    if (verdict.allowed) {
      this.#allowed.add(1);
      return 'continue';
    }
    this.#deny(connection, verdict, 'connection denied');
    return { closeAfterMs: 0, details: rbacDetail(verdict.policy?.name) };
  }

  /** Counts a refusal only: that it was let in is counted already. */
  judgeAgain(connection: ConnectionView): NetworkVerdict {
    const verdict = this.#rules?.evaluate(connection, undefined);
    if (verdict === undefined || verdict.allowed) return 'continue';
    this.#deny(connection, verdict, 'open connection denied by a new rule');
    return 'close';
  }

  closed(): void {
    // Keeps nothing about open connections.
  }

  #deny(connection: ConnectionView, verdict: ReturnType<CompiledRbac['evaluate']>, message: string): void {
    this.#denied.add(1);
    this.#log.write('rbac', 'warning', message, {
      peer: connection.peer?.uriSans[0] ?? '',
      port: connection.destinationPort,
      policy: verdict.policy?.name ?? 'none',
      source: verdict.policy?.source ?? '',
    });
  }
}
