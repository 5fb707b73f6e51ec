/**
 * What a connection manager does with a request: the pure decision that explain, plan, tests and replay ask for, made of the same
 * compiled parts as the engine's.
 */
import type {
  FilterOverride,
  ForwardAction,
  HttpConnectionManager,
  HttpFilter,
  Rbac,
  Route,
  RouteConfiguration,
  WeightedCluster,
} from '../proxy-config/index.ts';
import { CompiledRbac } from './access.ts';
import type { ReportFault } from './matchers.ts';
import { locationOfAnswer, redirectLocation } from './redirect.ts';
import type { RequestView } from './request.ts';
import { chooseWeighted, chooseWeightedBy, type CompiledRoute, RouteTable } from './route-table.ts';

export type Decision =
  | { readonly kind: 'no-route' }
  | {
      readonly kind: 'denied';
      readonly filter: string;
      readonly policy: string | undefined;
      readonly source: string | undefined;
    }
  | { readonly kind: 'redirect'; readonly route: Route; readonly status: number; readonly location: string }
  /** `body`: '' where it is read by the engine, and before it is formatted. */
  | {
      readonly kind: 'direct-response';
      readonly route: Route;
      readonly status: number;
      readonly body: string;
      /** undefined: its status has none. */
      readonly location: string | undefined;
    }
  | {
      readonly kind: 'forward';
      readonly route: Route;
      /** '' when a cluster header is missing or all weights are 0: answer `clusterNotFoundStatus`. */
      readonly cluster: string;
      readonly weighted: WeightedCluster | undefined;
      /** Path after rewriting, without query. */
      readonly path: string;
    };

/** The compiled form of one connection manager. Build once, ask often. */
export class Decider {
  readonly table: RouteTable;
  readonly #manager: HttpConnectionManager;
  readonly #overrides: readonly FilterOverride[];
  readonly #report: ReportFault;
  readonly #compiled = new Map<Rbac, CompiledRbac>();

  constructor(manager: HttpConnectionManager, routes: RouteConfiguration, report: ReportFault = () => {}) {
    this.table = new RouteTable(routes, report);
    this.#manager = manager;
    this.#overrides = routes.filterOverrides;
    this.#report = report;
    for (const filter of manager.httpFilters)
      if (filter.kind === 'rbac' && filter.rules !== undefined) this.#rbac(filter.rules);
  }

  #rbac(rules: Rbac): CompiledRbac {
    let compiled = this.#compiled.get(rules);
    if (compiled === undefined) {
      compiled = new CompiledRbac(rules, this.#report);
      this.#compiled.set(rules, compiled);
    }
    return compiled;
  }

  /** What a route says about filters: its own word, its virtual host's, the table's. */
  #levels(matched: CompiledRoute | undefined): readonly FilterOverride[] {
    return matched === undefined
      ? []
      : [...matched.route.filterOverrides, ...matched.virtualHost.filterOverrides, ...this.#overrides];
  }

  /** The access rules in force for a request of that route. */
  #rules(matched: CompiledRoute | undefined): { readonly name: string; readonly rules: Rbac }[] {
    const levels = this.#levels(matched);
    return this.#on(levels).flatMap((filter) => {
      if (filter.kind !== 'rbac') return [];
      const own = levels.find(({ filter: name, config }) => name === filter.name && config?.kind === 'rbac')?.config;
      const rules = own?.kind === 'rbac' ? own.rules : filter.rules;
      return rules === undefined ? [] : [{ name: filter.name, rules }];
    });
  }

  #on(levels: readonly FilterOverride[]): readonly HttpFilter[] {
    return this.#manager.httpFilters.filter(
      ({ name, disabled }) => !(levels.find(({ filter }) => filter === name)?.disabled ?? disabled),
    );
  }

  /** The filters of the chain that a request meets; `roll` as for `decide`. */
  filters(request: RequestView, roll: number): readonly HttpFilter[] {
    return this.#on(this.#levels(this.table.match(request, roll)));
  }

  /** `roll` in [0, 1). Envoy's order: filters see the request with its route before a missing one is answered. */
  decide(request: RequestView, roll: number): Decision {
    const matched = this.table.match(request, roll);
    for (const { name, rules } of this.#rules(matched)) {
      const verdict = this.#rbac(rules).evaluate(request, request);
      if (!verdict.allowed)
        return { kind: 'denied', filter: name, policy: verdict.policy?.name, source: verdict.policy?.source };
    }
    if (matched === undefined) return { kind: 'no-route' };
    const { route, rewritePath } = matched;
    const { action } = route;
    switch (action.kind) {
      case 'redirect':
        return {
          kind: 'redirect',
          route,
          status: action.status,
          location: redirectLocation(action, rewritePath, request),
        };
      case 'direct-response':
        return {
          kind: 'direct-response',
          route,
          status: action.status,
          body: action.body.kind === 'inline' ? action.body.text : '',
          location: locationOfAnswer(action.status, request),
        };
      case 'forward': {
        const { target } = action;
        const path = rewritePath === undefined ? request.path : rewritePath(request.path);
        if (target.kind === 'weighted') {
          const weighted = target.clusters[chosen(target, request, roll)];
          const named =
            weighted?.clusterHeader === '' ? weighted.cluster : request.header(weighted?.clusterHeader ?? '');
          return { kind: 'forward', route, cluster: named ?? '', weighted, path };
        }
        const cluster = target.kind === 'cluster' ? target.cluster : (request.header(target.header) ?? '');
        return { kind: 'forward', route, cluster, weighted: undefined, path };
      }
    }
  }
}

/** By chance also where a hash chooses: only the engine knows it. */
function chosen(
  { clusters, choice }: Extract<ForwardAction['target'], { kind: 'weighted' }>,
  request: RequestView,
  roll: number,
): number {
  const number = choice.kind === 'header' ? wholeNumber(request.header(choice.header)) : undefined;
  return number === undefined ? chooseWeighted(clusters, roll) : chooseWeightedBy(clusters, number);
}

/** A whole number of 64 bits without sign; undefined when the text is none. */
export function wholeNumber(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return undefined;
  const number = BigInt(text);
  return number < 1n << 64n ? number : undefined;
}

/** One decision; for many against the same configuration keep a `Decider`. */
export const decide = (
  manager: HttpConnectionManager,
  routes: RouteConfiguration,
  request: RequestView,
  roll: number,
): Decision => new Decider(manager, routes).decide(request, roll);
