/** Everything a matched route means for an exchange, compiled beside the route table: mutations, retries, hashing, upgrades. */
import { createRequire } from 'node:module';
import { CompiledRoute, linearRegex, type MetadataView, RouteTable } from '@weft/core/decide';
import {
  type DirectResponseAction,
  type FilterOverride,
  type ForwardAction,
  type Fraction,
  type HeaderMutations,
  type LbMetadata,
  liveFraction,
  type RouteConfiguration,
} from '@weft/core/proxy-config';
import type { CompiledRoutes, EngineCounters, LiveValues } from '../ports.ts';
import { compileMutations, type MutationStep } from './header-mutations.ts';
import { readTextSource } from '../text-source.ts';
import type { compileHashPolicies } from './hash-policy.ts';
import { compileMirror, type MirrorPlan } from './mirror.ts';
import { asksForRetries } from './request-options.ts';
import { CompiledRetryPolicy } from './retry-policy.ts';
import { TrafficStats, VirtualClusters } from './traffic-stats.ts';
import { compileBodyFormat, type ValueFormat } from './value-format.ts';

const require = createRequire(import.meta.url);
/** Loaded with the first route that has one. */
const hashPolicy = () => require('./hash-policy.ts') as typeof import('./hash-policy.ts');

export type WeightedChoice = Extract<ForwardAction['target'], { kind: 'weighted' }>['choice'];

export interface WeightedPlan {
  readonly cluster: string;
  readonly clusterHeader: string;
  readonly hostRewrite: string;
  readonly weight: number;
  /** The route's, with the cluster's own values over them. */
  readonly metadataMatch: LbMetadata;
  readonly request: readonly MutationStep[];
  readonly response: readonly MutationStep[];
  readonly filterOverrides: readonly FilterOverride[];
}

export interface RoutePlan {
  readonly compiled: CompiledRoute;
  /** Undefined: the route says nothing of itself. */
  readonly metadata: MetadataView | undefined;
  /** In the order they are applied: route, virtual host, table (reversed when the most specific wins). */
  readonly request: readonly MutationStep[];
  readonly response: readonly MutationStep[];
  /** The forward action; undefined for redirects and direct responses. */
  readonly forward: ForwardAction | undefined;
  readonly retry: CompiledRetryPolicy | undefined;
  /** Headers that it adds ask for retries. */
  readonly asksForRetries: boolean;
  readonly weighted: readonly WeightedPlan[];
  readonly mirrors: readonly MirrorPlan[];
  /** Of the route's stat_prefix; undefined: it has none. */
  readonly stats: TrafficStats | undefined;
  /** Undefined: the virtual host has none. */
  readonly virtualClusters: VirtualClusters | undefined;
  /** Undefined: the route has no hash policy. */
  readonly hash: ReturnType<typeof compileHashPolicies> | undefined;
  /** The host that the path says; undefined: the route does not ask it. */
  readonly hostOfPath: ((path: string) => string) | undefined;
  /** The direct response's; undefined for other actions. */
  readonly direct: DirectAnswer | undefined;
  /** Upgrade types by this route's own word; absent: the connection manager decides. */
  readonly upgrades: ReadonlyMap<string, boolean>;
}

export interface DirectAnswer {
  readonly body: string;
  /** The body as it is sent; undefined: as it is. */
  readonly format: ValueFormat | undefined;
  readonly headers: readonly (readonly [string, string])[];
}

export class RoutePlans implements CompiledRoutes {
  readonly name: string;
  readonly table: RouteTable;
  /** Undefined: none. */
  readonly internalOnlyHeaders: readonly string[] | undefined;
  readonly plans: readonly RoutePlan[];
  readonly filterOverrides: readonly FilterOverride[];

  constructor(
    configuration: RouteConfiguration,
    counters: EngineCounters,
    report: (fault: string) => void,
    values?: LiveValues,
  ) {
    this.name = configuration.name;
    const { internalOnlyHeaders } = configuration;
    this.internalOnlyHeaders = internalOnlyHeaders.length === 0 ? undefined : internalOnlyHeaders;
    const live = values && ((fraction: Fraction): Fraction => liveFraction(fraction, values.current));
    this.table = new RouteTable(configuration, report, live);
    this.filterOverrides = configuration.filterOverrides;
    this.plans = this.table.routes.map((compiled) => planOf(compiled, configuration, counters, report));
  }

  planOf(compiled: CompiledRoute): RoutePlan {
    return this.plans[compiled.ordinal] as RoutePlan;
  }
}

function planOf(
  compiled: CompiledRoute,
  configuration: RouteConfiguration,
  counters: EngineCounters,
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
    metadata: route.metadata.length === 0 ? undefined : new Map(route.metadata),
    request: steps.flatMap(({ request }) => (request === undefined ? [] : [request])),
    response: steps.flatMap(({ response }) => (response === undefined ? [] : [response])),
    forward,
    retry: forward === undefined || policy === undefined ? undefined : new CompiledRetryPolicy(policy, say),
    asksForRetries: levels.some(({ requestAdd }) => requestAdd.some(({ name }) => asksForRetries(name))),
    weighted:
      forward?.target.kind === 'weighted'
        ? forward.target.clusters.map(
            ({ cluster, clusterHeader, hostRewrite, weight, metadataMatch, headers, filterOverrides }) => {
              const { request, response } = compileMutations(headers, say);
              return {
                cluster,
                clusterHeader,
                hostRewrite,
                weight,
                metadataMatch: merged(forward.metadataMatch, metadataMatch),
                request: request === undefined ? [] : [request],
                response: response === undefined ? [] : [response],
                filterOverrides,
              };
            },
          )
        : [],
    stats:
      route.statPrefix === ''
        ? undefined
        : new TrafficStats(counters, `vhost.${virtualHost.name}.route.${route.statPrefix}`),
    virtualClusters:
      virtualHost.virtualClusters.length === 0 ? undefined : new VirtualClusters(virtualHost, counters, say),
    mirrors: (forward?.mirrors ?? []).map((mirror) => compileMirror(mirror, say)),
    hash:
      forward === undefined || forward.hashPolicies.length === 0
        ? undefined
        : hashPolicy().compileHashPolicies(forward.hashPolicies, say),
    hostOfPath: compileHostOfPath(forward, say),
    direct: route.action.kind === 'direct-response' ? compileDirect(route.action, configuration, say) : undefined,
    upgrades: new Map((forward?.upgrades ?? []).map(({ type, enabled }) => [type.toLowerCase(), enabled])),
  };
}

/** Both, sorted by key; `own` wins. */
function merged(base: LbMetadata, own: LbMetadata): LbMetadata {
  if (own.length === 0) return base;
  return [...new Map([...base, ...own])].sort(([a], [b]) => (a < b ? -1 : 1));
}

function compileHostOfPath(
  forward: ForwardAction | undefined,
  report: (fault: string) => void,
): ((path: string) => string) | undefined {
  const host = forward?.rewrite.host;
  if (host?.kind !== 'path-regex') return undefined;
  const regex = linearRegex(host.regex);
  if (regex === undefined) report(`host rewrite: ${JSON.stringify(host.regex)} is not RE2 syntax`);
  return regex === undefined ? undefined : (path) => regex.replace(path, host.substitution);
}

function compileDirect(
  action: DirectResponseAction,
  configuration: RouteConfiguration,
  report: (fault: string) => void,
): DirectAnswer {
  const source = readTextSource(action.body);
  if ('fault' in source) report(`direct response: ${source.fault}`);
  const body = 'text' in source ? source.text : '';
  if (Buffer.byteLength(body) > configuration.maxDirectResponseBodySizeBytes)
    report(`direct response: the body is longer than ${configuration.maxDirectResponseBodySizeBytes} bytes`);
  if (action.bodyFormat === undefined) return { body, format: undefined, headers: [] };
  const compiled = compileBodyFormat(action.bodyFormat);
  if ('fault' in compiled) {
    report(`direct response: ${compiled.fault}`);
    return { body, format: undefined, headers: [] };
  }
  return { body, format: compiled.format, headers: [['content-type', compiled.contentType]] };
}
