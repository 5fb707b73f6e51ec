/**
 * How many requests pass in a time: kind RateLimit. Local limits are counted by the proxy itself (Envoy: local_ratelimit, of HTTP for requests,
 * of the network for connections), global ones by a limiter (global.ts).
 */
import type { RateLimitRow } from '@weft/core/mesh-view';
import type {
  FilterChain,
  HttpConnectionManager,
  HttpFilter,
  LocalRateLimitFilter,
  Route,
  RouteAction,
} from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { RATE_LIMIT_FILTER } from '../../names.ts';
import type { Behaviour, InboundInput, RouteInput } from '../behaviour.ts';
import { addedHeaders, ALWAYS } from './answer.ts';
import { counted, identityEntry, identityLimit, knowing, overridesOf, ownFilters } from './global.ts';

const NEVER = { numerator: 0, denominator: 100 } as const;

export const rateLimit: Behaviour = {
  name: 'rate-limit',

  route(route: Route, { rateLimit: row, limiter, engine }: RouteInput): Route {
    if (row === undefined || engine === 'grpc') return route;
    const { local, global: shared } = row;
    const own =
      local === undefined ? [] : [{ filter: RATE_LIMIT_FILTER, disabled: false, config: limitOf(row, local) }];
    const overrides = [...own, ...(shared === undefined || limiter === undefined ? [] : overridesOf(row, shared))];
    return {
      ...route,
      action: shared === undefined ? route.action : counted(route.action, row, shared, limiter),
      filterOverrides: [...route.filterOverrides, ...overrides],
    };
  },

  inboundChain(chain: FilterChain, { limit, limiter }: InboundInput): FilterChain {
    if (limit === undefined) return chain;
    const { terminal } = chain;
    if (terminal.kind === 'tcp-proxy') return limitedConnections(chain, limit);
    const filters = limitFilters(limit, limiter);
    const manager = { ...terminal.manager, httpFilters: [...terminal.manager.httpFilters, ...filters] };
    return { ...chain, terminal: { ...terminal, manager: withCounts(manager, limit, limiter) } };
  },

  unsupported({ engine, rateLimit: row }: RouteInput) {
    return engine !== 'grpc' || row === undefined
      ? []
      : [unsupportedByEngine('grpc', row.source, 'count requests', 'target the service, whose sidecars count')];
  },
};

/** Of a chain that they always hold for. `limiter`: port key of who counts; undefined: nobody. */
export function limitFilters(row: RateLimitRow, limiter: string | undefined): readonly HttpFilter[] {
  const { local, global: shared } = row;
  return [
    ...(local === undefined ? [] : localFilters(row, local)),
    ...(shared === undefined || limiter === undefined ? [] : ownFilters(row, shared, limiter)),
  ];
}

function localFilters(row: RateLimitRow, local: Local): readonly HttpFilter[] {
  const filter = { ...limitOf(row, local), name: RATE_LIMIT_FILTER, disabled: false };
  const { overrides, per } = local;
  if (overrides === undefined) return [filter];
  const limits = overrides.map((one) => ({
    entries: [identityEntry(one.identity)],
    bucket: bucketOf({ ...one, per }),
  }));
  return knowing({
    ...filter,
    descriptors: { stage: OVERRIDE_STAGE, hostLimits: 'override', alwaysAll: false, limits },
  });
}

/** Beside those of global limits (global.ts). */
const OVERRIDE_STAGE = 2;

/** Of a chain without requests. */
export function limitedConnections(chain: FilterChain, { local, enforced }: RateLimitRow): FilterChain {
  if (local === undefined || !enforced) return chain;
  const bucket = bucketOf(local);
  const tokens = { kind: 'local-rate-limit', statPrefix: STATISTICS, bucket, enabled: true } as const;
  return { ...chain, networkFilters: [...chain.networkFilters, tokens] };
}

/** The routes of an inbound chain are its own. */
function withCounts(
  manager: HttpConnectionManager,
  limit: RateLimitRow,
  limiter: string | undefined,
): HttpConnectionManager {
  const { local, global: shared } = limit;
  const overrides = local?.overrides !== undefined;
  if ((shared === undefined && !overrides) || manager.routes.kind !== 'inline') return manager;
  const { configuration } = manager.routes;
  const told = (action: RouteAction): RouteAction => {
    const made = shared === undefined ? action : counted(action, limit, shared, limiter);
    return overrides && made.kind === 'forward'
      ? { ...made, rateLimits: [...(made.rateLimits ?? []), identityLimit(OVERRIDE_STAGE)] }
      : made;
  };
  const virtualHosts = configuration.virtualHosts.map((host) => ({
    ...host,
    routes: host.routes.map((route) => ({ ...route, action: told(route.action) })),
  }));
  return { ...manager, routes: { kind: 'inline', configuration: { ...configuration, virtualHosts } } };
}

const STATISTICS = 'rate_limit';

type Local = NonNullable<RateLimitRow['local']>;

const bucketOf = ({ requests, per, burst }: Pick<Local, 'requests' | 'per' | 'burst'>) => ({
  maxTokens: burst,
  tokensPerFill: requests,
  fillInterval: per,
});

/** What a filter is that no route has switched on. */
export const NO_LIMIT: LocalRateLimitFilter = {
  kind: 'local-rate-limit',
  statPrefix: STATISTICS,
  status: 429,
  bucket: undefined,
  enabled: ALWAYS,
  enforced: ALWAYS,
  requestHeadersWhenNotEnforced: [],
  responseHeaders: [],
  perConnection: false,
  tellsLimits: false,
  resourceExhausted: true,
};

const limitOf = (row: RateLimitRow, local: Local): LocalRateLimitFilter => ({
  ...NO_LIMIT,
  status: row.status,
  bucket: bucketOf(local),
  enforced: row.enforced ? ALWAYS : NEVER,
  responseHeaders: addedHeaders(row),
  tellsLimits: row.tellsLimits,
});
