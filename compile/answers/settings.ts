/** What holds for a request or a backend, in words, each with who said it. */
import { parsePortKey } from '@weft/core/mesh-view';
import type {
  ArrivalBoundsRow,
  FailoverRow,
  FaultRow,
  ForwardedForRow,
  ProcessorRow,
  ProxyHeadersRow,
  RateLimitRow,
} from '@weft/core/mesh-view';
import type {
  OwnDetection,
  Cluster,
  FaultFilter,
  ForwardAction,
  Fraction,
  HealthCheck,
  RetryPolicy,
  Route,
  WeightedCluster,
} from '@weft/core/proxy-config';
import type { EffectiveConf } from '../behaviours/index.ts';
import { type Failures, failuresOf } from '../behaviours/response-classes/index.ts';
import { askedOfFilter } from '../names.ts';
import type { Setting } from './explanation.ts';

/** What a route's rule states itself, which goes before any policy. */
export interface RuleSays {
  /** Source of the match that took the request. */
  readonly source: string | undefined;
  /** Sources of what it states; undefined: it does not. */
  readonly timeouts: string | undefined;
  readonly retry: string | undefined;
}

/** Of the whole request. */
export function routeSettings(action: ForwardAction, rule: RuleSays, conf: EffectiveConf): Setting[] {
  const { origins } = conf;
  const timeouts = rule.timeouts ?? origins.timeouts;
  const retries = rule.retry ?? origins.retries;
  const { timeout, retryPolicy } = action;
  const settings: Setting[] = [{ name: 'timeout', value: duration(timeout), source: timeouts }];
  if (action.idleTimeout !== undefined)
    settings.push({ name: 'stream idle timeout', value: duration(action.idleTimeout), source: timeouts });
  if (retryPolicy !== undefined && retryPolicy.numRetries > 0) {
    const codes = retryPolicy.retriableStatusCodes;
    const on = retryPolicy.retryOn.map((word) =>
      word === 'retriable-status-codes' ? codes.join(', ') : word === 'retriable-headers' ? UNSEEN : word,
    );
    settings.push({
      name: 'retries',
      value: `${retryPolicy.numRetries} on ${on.join(', ')}${methodsOf(retryPolicy)}`,
      source: retries,
    });
  }
  // A try has its limit also where it is the only one.
  if (action.hedges === true)
    settings.push({ name: 'hedging', value: 'a late try goes on beside the next', source: conf.origins.retries });
  if (retryPolicy !== undefined && retryPolicy.perTryTimeout > 0)
    settings.push({ name: 'timeout of a try', value: duration(retryPolicy.perTryTimeout), source: timeouts });
  for (const mirror of action.mirrors)
    settings.push({ name: 'mirror', value: mirror.cluster || `named by ${mirror.clusterHeader}`, source: rule.source });
  return settings;
}

/** The only header of answers that is looked at (UNSEEN_ANSWER). */
const UNSEEN = "a called proxy's word that no application saw it";

/** Which methods alone are tried again. */
function methodsOf({ retriableRequestHeaders }: RetryPolicy): string {
  const methods = retriableRequestHeaders.flatMap(({ match }) =>
    match.kind === 'string' && match.matcher.kind === 'exact' ? [match.matcher.value] : [],
  );
  return methods.length === 0 ? '' : `, for ${methods.join(', ')}`;
}

/** Of the filters that a route switches on: what goes wrong on purpose, what is counted. */
export function filterSettings(
  { filterOverrides }: Route,
  fault: FaultRow | undefined,
  limit: RateLimitRow | undefined,
): Setting[] {
  const settings: Setting[] = [];
  for (const { filter, config } of filterOverrides)
    if (askedOfFilter(filter) !== undefined) {
      const asked = askedOfFilter(filter) ?? '';
      const source = asked.includes('#') ? asked : `Extension/${asked}`;
      settings.push({ name: 'asks a service', value: 'its answer is not known here', source });
    } else if (config?.kind === 'fault')
      settings.push({ name: 'fault', value: faultWords(config), source: fault?.source });
    else if (config?.kind === 'local-rate-limit' && limit !== undefined) settings.push(...limitSettings(limit));
  return settings;
}

/** Who sees what arrives or enters there, and may change it or answer itself. */
export const processedBy = ({ source }: ProcessorRow): Setting => ({
  name: 'asks a service',
  value: 'its answer is not known here',
  source: source.replace('.processing', ''),
});

/** How connections come to a port that takes PROXY headers. */
export const headersTaken = ({ from, source }: ProxyHeadersRow): Setting => ({
  name: 'PROXY header',
  value: `of load balancers at ${from.join(', ')}; whoever else connects is refused`,
  source,
});

/** What the called side bears. */
export function boundSettings(row: ArrivalBoundsRow | undefined): Setting[] {
  if (row === undefined) return [];
  const { connections, streams, requestHeaders, source } = row;
  const settings: Setting[] = [];
  if (connections !== undefined) settings.push({ name: 'connections at a time', value: String(connections), source });
  if (streams !== undefined) settings.push({ name: 'streams of a connection', value: String(streams), source });
  if (requestHeaders !== undefined)
    settings.push({ name: 'time for request heads', value: duration(requestHeaders), source });
  return settings;
}

/** Who is believed about whom a request is from. */
export const believed = ({ from, hops, source }: ForwardedForRow): Setting => ({
  name: 'x-forwarded-for',
  value: `believed from proxies at ${from.join(', ')}${hops === undefined ? '' : `, entry ${hops} from the right`}`,
  source,
});

export const limitSettings = ({ local, global, enforced, source }: RateLimitRow): Setting[] => {
  const shadow = enforced ? '' : ' (shadow)';
  return [
    ...(local === undefined
      ? []
      : [
          {
            name: 'rate limit',
            value: `${local.requests} in ${duration(local.per)}, at most ${local.burst} at once${shadow}`,
            source,
          },
        ]),
    ...(local?.overrides ?? []).map(({ identity, requests, burst }) => ({
      name: 'rate limit',
      value: `of ${identity} instead: ${requests} in ${duration(local?.per ?? 0)}, at most ${burst} at once${shadow}`,
      source,
    })),
    ...(global?.limits ?? []).map(({ limit: { requests, per }, by }) => ({
      name: 'rate limit',
      value: `${requests} in ${duration(per)} for all proxies together${by.length === 0 ? '' : `, by ${by.map(({ kind }) => kind).join(' and ')}`}${shadow}`,
      source,
    })),
  ];
};

function faultWords({ delay, abort, responseRateLimit, headers }: FaultFilter): string {
  const share = ({ numerator, denominator }: Fraction): string => `${(numerator / denominator) * 100} %`;
  const parts = [
    ...(delay?.fixed === undefined ? [] : [`${duration(delay.fixed)} later for ${share(delay.fraction)}`]),
    ...(abort === undefined || abort.status.kind === 'header'
      ? []
      : [`${abort.status.kind === 'grpc' ? 'gRPC status ' : ''}${abort.status.code} for ${share(abort.fraction)}`]),
    ...(responseRateLimit?.fixed === undefined
      ? []
      : [`${responseRateLimit.fixed} KiB/s for ${share(responseRateLimit.fraction)}`]),
  ];
  const whose = headers.length === 0 ? '' : `, where ${headers.map(({ name }) => name).join(' and ')} fits`;
  return `${parts.join(', ')}${whose}`;
}

/** Of the connections to a backend. */
export function clusterSettings(
  cluster: Cluster,
  { origins, retryBudget: budget, connections, limits, responseClasses }: EffectiveConf,
  /** Whether its port carries HTTP. */
  requests: boolean,
): Setting[] {
  const { maxConnections, maxPendingRequests, maxRequests } = cluster.circuitBreakers.default;
  const settings: Setting[] = [
    { name: 'balancing', value: cluster.loadBalancing.kind, source: origins.balancing },
    { name: 'connect timeout', value: duration(cluster.connectTimeout), source: origins.timeouts },
  ];
  if (origins.limits !== undefined)
    settings.push({
      name: 'limits',
      value: `${maxConnections} connections, ${maxPendingRequests} pending, ${maxRequests} requests${streamsOf(cluster, limits)}`,
      source: origins.limits,
    });
  if (connections?.tcpKeepalive !== undefined)
    settings.push({
      name: 'TCP keepalive',
      value: cluster.tcpKeepalive === undefined ? 'none' : `after ${cluster.tcpKeepalive.time}s without an octet`,
      source: origins.connections,
    });
  // Ports that carry HTTP are not tunnelled.
  if (connections?.tunnel !== undefined && !requests)
    settings.push({
      name: 'tunnel',
      value: `${connections.tunnel.protocol} to ${connections.tunnel.targetHost}:${connections.tunnel.targetPort}`,
      source: `${origins.connections ?? ''}.tunnel`,
    });
  const { retryBudget } = cluster.circuitBreakers.default;
  if (budget !== undefined && retryBudget !== undefined)
    settings.push({
      name: 'retry budget',
      value: `${retryBudget.percent} % of requests, at least ${retryBudget.minRetryConcurrency} at a time`,
      source: budget.source,
    });
  if (cluster.outlierDetection !== undefined)
    settings.push({
      name: 'ejection',
      value: `every ${duration(cluster.outlierDetection.interval)}, at most ${cluster.outlierDetection.maxEjectionPercent} %${ownWords(cluster.outlierDetection.own)}`,
      source: origins.outlierEjection,
    });
  if (cluster.errorMatcher !== undefined)
    settings.push({
      name: 'response classes',
      value: `failed: ${failureWords(failuresOf(responseClasses))}`,
      source: origins.responseClasses,
    });
  for (const { check, interval } of cluster.healthChecks)
    settings.push({
      name: 'health check',
      value: `${checkWords(check)} every ${duration(interval)}`,
      source: origins.healthChecks,
    });
  return settings;
}

const ownWords = ({ latency, probes }: OwnDetection = {}): string =>
  `${latency === undefined ? '' : `, where answers at ${latency.percentile} % take longer than ${duration(latency.threshold)}`}${probes === true ? ', back after one request that passed' : ''}`;

/** `HTTP 429, 500-599, gRPC 2, 4` */
function failureWords({ statuses, grpc }: Failures): string {
  const words = (name: string, list: Failures['grpc']): string =>
    list.length === 0
      ? ''
      : `${name} ${list.map(({ start, end }) => (end - start === 1 ? String(start) : `${start}-${end - 1}`)).join(', ')}`;
  return [words('HTTP', statuses), words('gRPC', grpc)].filter((text) => text !== '').join(', ') || 'nothing';
}

/** Who answers in the place of a backend. */
export const standInSettings = (row: FailoverRow | undefined): Setting[] =>
  row === undefined
    ? []
    : [
        {
          name: 'failover',
          value: `to ${row.to.map(portWords).join(', then ')}, where too few endpoints are healthy`,
          source: row.source,
        },
      ];

const portWords = (key: string): string => {
  const { service, port } = parsePortKey(key);
  return `${service}:${port}`;
};

function checkWords(check: HealthCheck['check']): string {
  if (check.kind === 'http') {
    const names = check.headersToAdd.map(({ name }) => name);
    return `http ${check.method} ${check.path}${names.length === 0 ? '' : ` with ${names.join(', ')}`}`;
  }
  return check.kind === 'tcp' && check.receive.length > 0 ? 'tcp by what comes back' : check.kind;
}

const streamsOf = ({ protocol }: Cluster, limits: EffectiveConf['limits']): string =>
  limits?.streamsPerConnection === undefined || protocol.kind === 'http1'
    ? ''
    : `, ${protocol.options.maxConcurrentStreams} streams of a connection`;

/** By what requests stay with an endpoint; a backend's own goes before its rule's. */
export function sessionSettings(
  route: Route,
  weighted: WeightedCluster | undefined,
  source: string | undefined,
): Setting[] {
  const overrides = [...(weighted?.filterOverrides ?? []), ...route.filterOverrides];
  for (const { config } of overrides)
    if (config?.kind === 'stateful-session' && config.state !== undefined) {
      const { kind, name } = config.state;
      return [{ name: 'session', value: `by the ${kind} ${name}`, source }];
    }
  return [];
}

/** `0`: without end. */
export function duration(milliseconds: number): string {
  if (milliseconds === 0) return 'none';
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}
