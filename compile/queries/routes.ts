/** Routes of a service port, in the order of the view's precedence, and the route table that serves them. */
import {
  askedPort,
  type FaultRow,
  type HttpMatchRow,
  type HttpRuleRow,
  limiterOf,
  ONLY,
  parsePortKey,
  meetsEntrance,
  portKey,
  rateLimitOf,
} from '@weft/core/mesh-view';
import type { ForwardAction, Route, RouteConfiguration, VirtualHost } from '@weft/core/proxy-config';
import { BEHAVIOURS, type EffectiveConf, type PortInput, type RouteInput } from '../behaviours/index.ts';
import { NO_MUTATIONS } from '../behaviours/header-modifier/mutations.ts';
import { REQUEST_TIMEOUT, SAFE_RETRY } from '../defaults.ts';
import type { Query, QueryContext } from '../incremental/query.ts';
import { NOBODY, outboundName } from '../names.ts';
import { confOf, consumersAt, effectiveConf, targetsOfPort } from './conf.ts';
import { expanded, type ExpandedEntry } from './expanded.ts';
import { cacheOfService } from './named-hosts.ts';
import { portInput, portOfKey, type PortOf } from './port.ts';
import { proxylessRoute } from './proxyless-route.ts';
import { routeMatch } from './route-match.ts';

export const ANY: HttpMatchRow = { path: { kind: 'prefix', value: '/' }, method: '', headers: [], queryParameters: [] };

/** Without an attached HTTPRoute the port answers for itself; with one, what matches nothing gets 404 (GEP-1426). */
export const portRoutes: Query<PortOf, readonly Route[]> = {
  name: 'port-routes',
  keyOf: portOfKey,
  compute(context, key) {
    const found = portInput(context, key);
    if (found === undefined) return [];
    const callers = key.callers ?? [];
    const port = { ...found, callers };
    const entries = context.read('httpRules', key.port);
    if (entries === undefined) {
      return [routeOf(unrouted(context, port), key.port, port.port.source)];
    }
    const entrance = { scheme: 'http', callers } as const;
    return entries
      .filter(({ match }) => meetsEntrance(match.conditions, entrance))
      .flatMap(expanded)
      .map((entry) => routeOf(routeInput(context, entry, port), key.port, entry.source));
  },
};

export const routeTable: Query<PortOf, RouteConfiguration> = {
  name: 'route-table',
  keyOf: portOfKey,
  compute: (context, key) =>
    routeConfiguration(outboundName(key.port), [
      virtualHost(outboundName(key.port), ['*'], context.ask(portRoutes, key)),
    ]),
};

export const routeInput = (
  context: QueryContext,
  { match, rule, fraction }: ExpandedEntry,
  port: PortInput,
): RouteInput => ({
  ...port,
  conf: aboutRule(context, rule.targets, port),
  match,
  fraction,
  rule,
  leaves: rule.backends.some(
    (backend) => backend.kind === 'service' && context.read('service', backend.service)?.external !== undefined,
  ),
  peersAnswer: rule.backends.every(
    (backend) => backend.kind !== 'service' || peersAnswer(context, portKey(backend.service, backend.port)),
  ),
  namedHosts: cacheOfService(context, context.read('service', port.service)),
  fault: faultOf(context, rule.targets, port),
  ...limitOf(context, rule),
  asks: rule.filters.flatMap((filter) =>
    filter.kind === 'ask'
      ? [{ filter: filter.filter, row: filter.asks, port: askedPort(context, filter.asks), source: filter.source }]
      : [],
  ),
  targets: rule.backends.flatMap((backend) =>
    backend.kind === 'service' ? [confAt(context, portKey(backend.service, backend.port), port.consumers)] : [],
  ),
});

const confAt = (context: QueryContext, port: string, callers: readonly string[] = []): EffectiveConf =>
  context.ask(effectiveConf, { port, callers: consumersAt(context, port, callers) });

/** Of a port without a route: what concerns routes says nothing about it. */
export const unrouted = (context: QueryContext, port: PortInput): RouteInput => ({
  ...port,
  match: ANY,
  fraction: undefined,
  rule: undefined,
  leaves: context.read('service', port.service)?.external !== undefined,
  namedHosts: cacheOfService(context, context.read('service', port.service)),
  peersAnswer: peersAnswer(context, portKey(port.service, port.port.port)),
  fault: faultOf(context, [], port),
  rateLimit: undefined,
  limiter: undefined,
  asks: [],
  targets: [port.conf],
});

/** What is said about the rule and its route goes before what is said about the port; what is said about a Gateway, after its service. */
const aboutRule = (
  context: QueryContext,
  targets: readonly string[],
  { service, port, conf, edge = [], consumers: callers = [] }: PortInput,
): EffectiveConf =>
  [...targets, ...edge].some((target) => context.read('trafficPolicies', target) !== undefined)
    ? confOf(context, portKey(service, port.port), { targets, edge, callers })
    : conf;

/** A proxy takes from its application's answers what proxies alone say (own-answers.ts); by mutual TLS it is known who answers. */
function peersAnswer(context: QueryContext, port: string): boolean {
  return [port, ...(context.read('failover', port)?.to ?? [])].every((key) => {
    const service = context.read('service', parsePortKey(key).service);
    if (service === undefined || service.external !== undefined) return false;
    const mtls = context.read('portMtls', key)?.mode ?? (service.home ?? context.read('mesh', ONLY))?.mtls;
    if (mtls === 'disabled') return false;
    return context.read('backendTls', key) === undefined && context.read('direct', key) === undefined;
  });
}

/** The most specific target that has one. */
function faultOf(
  context: QueryContext,
  targets: readonly string[],
  { service, port, edge, callers }: PortInput,
): FaultRow | undefined {
  for (const target of [...targets, ...targetsOfPort(service, port.port, edge)]) {
    const row = context.read('faults', target)?.[0];
    if (row !== undefined) return callers === undefined ? row : ofCallers(row, callers);
  }
  return undefined;
}

function ofCallers(row: FaultRow, callers: readonly string[]): FaultRow {
  const faults = row.faults.filter(({ from }) => from === undefined || callers.includes(from));
  return faults.length === row.faults.length ? row : { ...row, faults };
}

function limitOf(context: QueryContext, rule: HttpRuleRow): Pick<RouteInput, 'rateLimit' | 'limiter'> {
  const rateLimit = rateLimitOf(context, rule);
  return { rateLimit, limiter: rateLimit === undefined ? undefined : limiterOf(context, rateLimit) };
}

export function routeOf(input: RouteInput, key: string, source: string): Route {
  const base: Route = {
    name: source,
    statPrefix: '',
    match: { ...routeMatch(input.match, input.engine), fraction: input.fraction },
    action: forwardTo(outboundName(key)),
    headers: NO_MUTATIONS,
    filterOverrides: [],
    metadata: [],
    source,
  };
  const made = BEHAVIOURS.reduce((sum, behaviour) => behaviour.route?.(sum, input) ?? sum, base);
  return input.engine === 'grpc' ? proxylessRoute(made, forwardTo(NOBODY)) : made;
}

export const forwardTo = (cluster: string): ForwardAction => ({
  kind: 'forward',
  target: { kind: 'cluster', cluster },
  metadataMatch: [],
  clusterNotFoundStatus: 503,
  rewrite: { path: { kind: 'none' }, host: { kind: 'none' }, appendXForwardedHost: false },
  timeout: REQUEST_TIMEOUT,
  streamDuration: undefined,
  grpcTimeout: undefined,
  idleTimeout: undefined,
  retryPolicy: SAFE_RETRY,
  upgrades: [],
  hashPolicies: [],
  priority: 'default',
  internalRedirect: undefined,
  mirrors: [],
});

export const routeConfiguration = (name: string, virtualHosts: readonly VirtualHost[]): RouteConfiguration => ({
  name,
  virtualHosts,
  headers: NO_MUTATIONS,
  ignorePortInHostMatching: false,
  maxDirectResponseBodySizeBytes: 4096,
  internalOnlyHeaders: [],
  ignorePathParameters: false,
  mostSpecificHeaderMutationsWins: false,
  filterOverrides: [],
});

export const virtualHost = (name: string, domains: readonly string[], routes: readonly Route[]): VirtualHost => ({
  name,
  domains,
  routes,
  headers: NO_MUTATIONS,
  retryPolicy: undefined,
  requireTls: 'none',
  includeRequestAttemptCount: false,
  includeAttemptCountInResponse: false,
  includeIsTimeoutRetry: false,
  virtualClusters: [],
  filterOverrides: [],
});
