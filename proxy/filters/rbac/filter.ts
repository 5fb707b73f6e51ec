/** envoy.extensions.filters.http.rbac.v3.RBAC: enforced and shadow rules over the canonical request. Refuses; never changes anything. */
import type { Rbac, RbacFilter as RbacRow, RbacPolicy } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { EngineRuntime } from '../../ports.ts';
import { rbacDetail } from '../../rbac-detail.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, type HttpFilter } from '../filter.ts';
import { RbacJudge } from './judge.ts';
import type { FilterMaker } from '../index.ts';

/** Why a request was refused. The details are for logs and metrics, never for the wire. */
interface Refusal {
  readonly details: string;
  /** Source of the rule that refused, '' when none is known. */
  readonly source: string;
}

export class RbacFilter implements HttpFilter {
  readonly #rules: RbacJudge | undefined;
  readonly #shadow: RbacJudge | undefined;
  readonly #refusals = new Map<RbacPolicy | undefined, Refusal>();
  readonly #runtime: EngineRuntime;

  constructor(filter: RbacRow, runtime: EngineRuntime, statPrefix: string, report: (fault: string) => void) {
    this.#runtime = runtime;
    const judge = (rules: Rbac | undefined, kind: 'enforced' | 'shadow'): RbacJudge | undefined =>
      rules === undefined ? undefined : new RbacJudge(rules, kind, filter, runtime, statPrefix, report);
    this.#rules = judge(filter.rules, 'enforced');
    this.#shadow = judge(filter.shadowRules, 'shadow');
  }

  onRequest(exchange: Exchange): FilterVerdict {
    const { head } = exchange;
    this.#shadow?.judge(head);
    if (this.#rules === undefined) return CONTINUE;
    const { allowed, policy } = this.#rules.judge(head);
    if (allowed) return CONTINUE;
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
        details: rbacDetail(policy?.name),
        source: policy?.source ?? '',
      };
      this.#refusals.set(policy, refusal);
    }
    return refusal;
  }
}

export const make: FilterMaker<'rbac'> = (row, [own], { runtime, statPrefix, report }) =>
  new RbacFilter(own ?? row, runtime, statPrefix, report);
