/** envoy.extensions.filters.http.rbac.v3.RBAC: enforced and shadow rules over the canonical request. Refuses; never changes anything. */
import { CompiledRbac } from '@weft/core/decide';
import type { RbacFilter as RbacRow, RbacPolicy } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, type HttpFilter } from '../filter.ts';

/** Why a request was refused. The details are for logs and metrics, never for the wire. */
interface Refusal {
  readonly details: string;
  /** Source of the rule that refused, '' when none is known. */
  readonly source: string;
}

export class RbacFilter implements HttpFilter {
  readonly #rules: CompiledRbac | undefined;
  readonly #shadow: CompiledRbac | undefined;
  readonly #allowed: Counter;
  readonly #denied: Counter;
  readonly #shadowAllowed: Counter;
  readonly #shadowDenied: Counter;
  readonly #refusals = new Map<RbacPolicy | undefined, Refusal>();
  readonly #runtime: EngineRuntime;

  constructor(filter: RbacRow, runtime: EngineRuntime, statPrefix: string, report: (fault: string) => void) {
    this.#runtime = runtime;
    this.#rules = filter.rules === undefined ? undefined : new CompiledRbac(filter.rules, report);
    this.#shadow = filter.shadowRules === undefined ? undefined : new CompiledRbac(filter.shadowRules, report);
    const counter = (name: string): Counter => runtime.counters.counter(`http.${statPrefix}.rbac.${name}`);
    this.#allowed = counter('allowed');
    this.#denied = counter('denied');
    this.#shadowAllowed = counter('shadow_allowed');
    this.#shadowDenied = counter('shadow_denied');
  }

  onRequest(exchange: Exchange): FilterVerdict {
    const { head } = exchange;
    if (this.#shadow !== undefined) {
      (this.#shadow.evaluate(head, head).allowed ? this.#shadowAllowed : this.#shadowDenied).add(1);
    }
    if (this.#rules === undefined) return CONTINUE;
    const { allowed, policy } = this.#rules.evaluate(head, head);
    if (allowed) {
      this.#allowed.add(1);
      return CONTINUE;
    }
    this.#denied.add(1);
    const refusal = this.#refusal(policy);
    const { log } = this.#runtime;
    if (log.enabled('rbac', 'debug')) {
      log.write('rbac', 'debug', 'request denied', {
        policy: policy?.name ?? '',
        source: refusal.source,
        peer: head.peer?.uriSans[0] ?? '',
        method: head.method,
        path: head.path,
      });
    }
    exchange.decideError('access-denied', refusal.details);
    exchange.source = refusal.source;
    return ANSWERED;
  }

  #refusal(policy: RbacPolicy | undefined): Refusal {
    let refusal = this.#refusals.get(policy);
    if (refusal === undefined) {
      refusal = {
        details: `rbac_access_denied_matched_policy[${policy?.name ?? 'none'}]`,
        source: policy?.source ?? '',
      };
      this.#refusals.set(policy, refusal);
    }
    return refusal;
  }
}
