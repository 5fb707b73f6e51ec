/** Everything a matched route means for an exchange, compiled beside the route table: mutations, retries, hashing, upgrades. */
import { CompiledRoute, RouteTable } from '@weft/core/decide';
import type { ForwardAction, HeaderMutations, LbMetadata, RouteConfiguration } from '@weft/core/proxy-config';
import type { CompiledRoutes } from '../ports.ts';
import { compileMutations, type MutationStep } from './header-mutations.ts';
import { CompiledRetryPolicy } from './retry-policy.ts';

export interface WeightedPlan {
  readonly cluster: string;
  readonly weight: number;
  /** The route's, with the cluster's own values over them. */
  readonly metadataMatch: LbMetadata;
  readonly request: readonly MutationStep[];
  readonly response: readonly MutationStep[];
}

export interface RoutePlan {
  readonly compiled: CompiledRoute;
  /** In the order they are applied: route, virtual host, table (reversed when the most specific wins). */
  readonly request: readonly MutationStep[];
  readonly response: readonly MutationStep[];
  /** The forward action; undefined for redirects and direct responses. */
  readonly forward: ForwardAction | undefined;
  readonly retry: CompiledRetryPolicy | undefined;
  readonly weighted: readonly WeightedPlan[];
  /** Upgrade types by this route's own word; absent: the connection manager decides. */
  readonly upgrades: ReadonlyMap<string, boolean>;
}

export class RoutePlans implements CompiledRoutes {
  readonly name: string;
  readonly table: RouteTable;
  readonly #plans: readonly RoutePlan[];

  constructor(configuration: RouteConfiguration, report: (fault: string) => void) {
    this.name = configuration.name;
    this.table = new RouteTable(configuration, report);
    this.#plans = this.table.routes.map((compiled) => planOf(compiled, configuration, report));
  }

  planOf(compiled: CompiledRoute): RoutePlan {
    return this.#plans[compiled.ordinal] as RoutePlan;
  }
}

function planOf(
  compiled: CompiledRoute,
  configuration: RouteConfiguration,
  report: (fault: string) => void,
): RoutePlan {
  const { route, virtualHost } = compiled;
  const say = (fault: string): void => report(`route ${route.name === '' ? compiled.ordinal : route.name}: ${fault}`);
  const levels: HeaderMutations[] = [route.headers, virtualHost.headers, configuration.headers];
  if (configuration.mostSpecificHeaderMutationsWins) levels.reverse();
  const steps = levels.map((level) => compileMutations(level, say));
  const forward = route.action.kind === 'forward' ? route.action : undefined;
  const policy = forward?.retryPolicy ?? virtualHost.retryPolicy;
  return {
    compiled,
    request: steps.flatMap(({ request }) => (request === undefined ? [] : [request])),
    response: steps.flatMap(({ response }) => (response === undefined ? [] : [response])),
    forward,
    retry:
      forward === undefined || policy === undefined || policy.numRetries === 0
        ? undefined
        : new CompiledRetryPolicy(policy),
    weighted:
      forward?.target.kind === 'weighted'
        ? forward.target.clusters.map(({ cluster, weight, metadataMatch, headers }) => {
            const { request, response } = compileMutations(headers, say);
            return {
              cluster,
              weight,
              metadataMatch: merged(forward.metadataMatch, metadataMatch),
              request: request === undefined ? [] : [request],
              response: response === undefined ? [] : [response],
            };
          })
        : [],
    upgrades: new Map((forward?.upgrades ?? []).map(({ type, enabled }) => [type.toLowerCase(), enabled])),
  };
}

/** Both, sorted by key; `own` wins. */
function merged(base: LbMetadata, own: LbMetadata): LbMetadata {
  if (own.length === 0) return base;
  return [...new Map([...base, ...own])].sort(([a], [b]) => (a < b ? -1 : 1));
}
