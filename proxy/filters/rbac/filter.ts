/** envoy.extensions.filters.http.rbac.v3.RBAC: enforced and shadow rules over the canonical request. Refuses; never changes anything. */
import { CompiledRbac } from '@weft/core/decide';
import type { HttpFilter, RbacPolicy } from '@weft/core/proxy-config';
import type { RequestHead } from '../../http/request-head.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';
import type { FilterRefusal, RequestFilter } from '../index.ts';

export class RbacFilter implements RequestFilter {
  readonly #rules: CompiledRbac | undefined;
  readonly #shadow: CompiledRbac | undefined;
  readonly #allowed: Counter;
  readonly #denied: Counter;
  readonly #shadowAllowed: Counter;
  readonly #shadowDenied: Counter;
  readonly #refusals = new Map<RbacPolicy | undefined, FilterRefusal>();
  readonly #runtime: EngineRuntime;

  constructor(
    filter: Extract<HttpFilter, { kind: 'rbac' }>,
    runtime: EngineRuntime,
    statPrefix: string,
    report: (fault: string) => void,
  ) {
    this.#runtime = runtime;
    this.#rules = filter.rules === undefined ? undefined : new CompiledRbac(filter.rules, report);
    this.#shadow = filter.shadowRules === undefined ? undefined : new CompiledRbac(filter.shadowRules, report);
    const counter = (name: string): Counter => runtime.counters.counter(`http.${statPrefix}.rbac.${name}`);
    this.#allowed = counter('allowed');
    this.#denied = counter('denied');
    this.#shadowAllowed = counter('shadow_allowed');
    this.#shadowDenied = counter('shadow_denied');
  }

  onRequest(head: RequestHead): FilterRefusal | undefined {
    if (this.#shadow !== undefined) {
      (this.#shadow.evaluate(head, head).allowed ? this.#shadowAllowed : this.#shadowDenied).add(1);
    }
    if (this.#rules === undefined) return undefined;
    const { allowed, policy } = this.#rules.evaluate(head, head);
    if (allowed) {
      this.#allowed.add(1);
      return undefined;
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
    return refusal;
  }

  #refusal(policy: RbacPolicy | undefined): FilterRefusal {
    let refusal = this.#refusals.get(policy);
    if (refusal === undefined) {
      refusal = {
        error: 'access-denied',
        details: `rbac_access_denied_matched_policy[${policy?.name ?? 'none'}]`,
        source: policy?.source ?? '',
      };
      this.#refusals.set(policy, refusal);
    }
    return refusal;
  }
}
