/** How many requests pass in a time: kind RateLimit (Envoy: local_ratelimit, of HTTP for requests, of the network for connections). */
import type { RateLimitRow } from '@weft/core/mesh-view';
import type { FilterChain, HeaderValueOption, HttpFilter, LocalRateLimitFilter, Route } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { RATE_LIMIT_FILTER } from '../../names.ts';
import type { Behaviour, InboundInput, RouteInput } from '../behaviour.ts';

const ALWAYS = { numerator: 100, denominator: 100 } as const;
const NEVER = { numerator: 0, denominator: 100 } as const;

export const rateLimit: Behaviour = {
  name: 'rate-limit',

  route(route: Route, { rateLimit: row, engine }: RouteInput): Route {
    if (row === undefined || engine === 'grpc') return route;
    const own = { filter: RATE_LIMIT_FILTER, disabled: false, config: limitOf(row) };
    return { ...route, filterOverrides: [...route.filterOverrides, own] };
  },

  inboundChain(chain: FilterChain, { limit }: InboundInput): FilterChain {
    if (limit === undefined) return chain;
    const { terminal } = chain;
    if (terminal.kind === 'tcp-proxy') return limitedConnections(chain, limit);
    const manager = { ...terminal.manager, httpFilters: [...terminal.manager.httpFilters, limitFilter(limit)] };
    return { ...chain, terminal: { ...terminal, manager } };
  },

  unsupported({ engine, rateLimit: row }: RouteInput) {
    return engine !== 'grpc' || row === undefined
      ? []
      : [unsupportedByEngine('grpc', row.source, 'count requests', 'target the service, whose sidecars count')];
  },
};

export const limitFilter = (limit: RateLimitRow): HttpFilter => ({
  ...limitOf(limit),
  name: RATE_LIMIT_FILTER,
  disabled: false,
});

/** Of a chain without requests. */
export function limitedConnections(chain: FilterChain, limit: RateLimitRow): FilterChain {
  const tokens = {
    kind: 'local-rate-limit',
    statPrefix: STATISTICS,
    bucket: bucketOf(limit),
    enabled: true,
  } as const;
  return limit.enforced ? { ...chain, networkFilters: [...chain.networkFilters, tokens] } : chain;
}

const STATISTICS = 'rate_limit';

const bucketOf = ({ local: { requests, per, burst } }: RateLimitRow) => ({
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

const limitOf = (row: RateLimitRow): LocalRateLimitFilter => ({
  ...NO_LIMIT,
  status: row.status,
  bucket: bucketOf(row),
  enforced: row.enforced ? ALWAYS : NEVER,
  responseHeaders: row.headers.map(
    ({ name, value }): HeaderValueOption => ({
      name: name.toLowerCase(),
      value: value.replaceAll('%', '%%'),
      append: 'overwrite-if-exists-or-add',
      keepEmptyValue: true,
    }),
  ),
  tellsLimits: row.tellsLimits,
});
