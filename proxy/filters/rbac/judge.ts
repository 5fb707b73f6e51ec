/** One set of access rules of an RBAC filter with what it counts and makes known of requests; enforced and shadow rules are one each. */
import { CompiledRbac } from '@weft/core/decide';
import type { MetadataStruct, Rbac, RbacFilter, RbacPolicy } from '@weft/core/proxy-config';
import type { RequestHead } from '../../http/request-head.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';

const NAMESPACE = 'envoy.filters.http.rbac';
const LOGGED: MetadataStruct = { access_log_hint: true };
const NOT_LOGGED: MetadataStruct = { access_log_hint: false };

export type Verdict = ReturnType<CompiledRbac['evaluate']>;

export class RbacJudge {
  readonly #rules: CompiledRbac;
  readonly #kind: 'enforced' | 'shadow';
  readonly #statPrefix: string;
  readonly #allowed: Counter;
  readonly #denied: Counter;
  readonly #counter: (name: string) => Counter;
  readonly #perRule: boolean;
  readonly #known = new Map<RbacPolicy | undefined, MetadataStruct>();
  readonly #policies = new Map<RbacPolicy, Counter>();
  readonly #logs: boolean;

  constructor(
    rules: Rbac,
    kind: 'enforced' | 'shadow',
    filter: RbacFilter,
    runtime: EngineRuntime,
    managerPrefix: string,
    report: (fault: string) => void,
  ) {
    this.#rules = new CompiledRbac(rules, report);
    this.#kind = kind;
    this.#perRule = filter.perRuleStats;
    this.#logs = kind === 'enforced' && rules.action === 'LOG';
    this.#statPrefix = kind === 'enforced' ? filter.statPrefix : filter.shadowStatPrefix;
    const scope = `http.${managerPrefix}.rbac.${this.#statPrefix === '' ? '' : `${this.#statPrefix}.`}`;
    this.#counter = (name) => runtime.counters.counter(scope + name);
    this.#allowed = this.#counter(this.#named('allowed'));
    this.#denied = this.#counter(this.#named('denied'));
  }

  judge(head: RequestHead): Verdict {
    const verdict = this.#rules.evaluate(head, head);
    (verdict.allowed ? this.#allowed : this.#denied).add(1);
    if (this.#perRule && verdict.policy !== undefined) this.#policy(verdict.policy, verdict.allowed).add(1);
    head.addMetadata(NAMESPACE, this.#result(verdict));
    if (this.#logs) head.addMetadata('envoy.common', verdict.policy === undefined ? NOT_LOGGED : LOGGED);
    return verdict;
  }

  #named(result: string): string {
    return this.#kind === 'enforced' ? result : `shadow_${result}`;
  }

  /** A policy always decides alike. */
  #policy(policy: RbacPolicy, allowed: boolean): Counter {
    let counter = this.#policies.get(policy);
    if (counter === undefined) {
      counter = this.#counter(`policy.${policy.name}.${this.#named(allowed ? 'allowed' : 'denied')}`);
      this.#policies.set(policy, counter);
    }
    return counter;
  }

  #result({ allowed, policy }: Verdict): MetadataStruct {
    let known = this.#known.get(policy);
    if (known === undefined) {
      const prefix = `${this.#statPrefix}${this.#kind}_`;
      const result = { [`${prefix}engine_result`]: allowed ? 'allowed' : 'denied' };
      known = policy === undefined ? result : { [`${prefix}effective_policy_id`]: policy.name, ...result };
      this.#known.set(policy, known);
    }
    return known;
  }
}
