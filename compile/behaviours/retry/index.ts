/**
 * Further tries: HTTPRouteRule.retry (GEP-1731), TrafficPolicy `retries`, XBackendTrafficPolicy `retryConstraint` (Envoy: RetryPolicy, HedgePolicy, retry_budget). What no application can
 * have seen is tried again under every policy but one that says 0 attempts.
 */
import { type Cluster, type HeaderMatcher, type RetryPolicy, type Route, UNSEEN_ANSWER } from '@weft/core/proxy-config';
import { SAFE_RETRY } from '../../defaults.ts';
import { milliseconds } from '../../durations.ts';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, ClusterInput, EffectiveConf, RouteInput } from '../behaviour.ts';
import { failedHeaders, failuresOf } from '../response-classes/index.ts';

/** Envoy counts a try that took too long as a reset: it has no word of its own for it. */
const WORDS = {
  ConnectFailure: 'connect-failure',
  RefusedStream: 'refused-stream',
  Reset: 'reset',
  GatewayError: 'gateway-error',
  ServerError: '5xx',
  Failure: 'retriable-headers',
  Cancelled: 'cancelled',
  DeadlineExceeded: 'deadline-exceeded',
  Internal: 'internal',
  ResourceExhausted: 'resource-exhausted',
  Unavailable: 'unavailable',
} as const;

/** Envoy's ratio when only the first wait is given. */
const MAX_BACKOFF_FACTOR = 10;

export const retry: Behaviour = {
  name: 'retry',

  route(route: Route, { rule, conf, engine, peersAnswer }: RouteInput): Route {
    if (route.action.kind !== 'forward') return route;
    const stated = policyOf(rule, conf) ?? route.action.retryPolicy;
    // A proxyless client looks at no header.
    const policy = peersAnswer && engine !== 'grpc' ? withUnseenAnswers(stated) : stated;
    if (policy === route.action.retryPolicy) return route;
    const hedges = conf.retries?.hedging === true ? { hedges: true as const } : {};
    return { ...route, action: { ...route.action, retryPolicy: policy, ...hedges } };
  },

  cluster(cluster: Cluster, { conf }: ClusterInput): Cluster {
    if (conf.retryBudget === undefined) return cluster;
    const { percent, minConcurrent, interval } = conf.retryBudget;
    const retryBudget = { percent, minRetryConcurrency: minConcurrent, interval };
    const { circuitBreakers } = cluster;
    return {
      ...cluster,
      circuitBreakers: {
        default: { ...circuitBreakers.default, retryBudget },
        high: { ...circuitBreakers.high, retryBudget },
      },
    };
  },

  unsupported({ engine, rule, conf, targets }: RouteInput) {
    if (engine !== 'grpc') return [];
    if (rule?.retry !== undefined) return [byStatusAlone(`${rule.source}.retry`, 'retry by HTTP status')];
    const { retries, origins } = conf;
    const constraints = [...new Set(targets.flatMap(({ retryBudget }) => retryBudget?.source ?? []))]
      .filter((source) => source.endsWith('.retryConstraint'))
      .map((source) => byStatusAlone(source, 'bound retries by `retryConstraint`'));
    if (retries === undefined) return constraints;
    const at = (field: string): string => `${origins.retries ?? ''}.${field}`;
    const others = (['budget', 'hedging', 'methods', 'retryAfter'] as const).filter(
      (field) => retries[field] !== undefined,
    );
    return [
      ...constraints,
      ...(retries.conditions.every((word) => !HTTP_ALONE.has(word))
        ? []
        : [byStatusAlone(at('conditions'), 'retry by HTTP conditions')]),
      ...(retries.codes === undefined ? [] : [byStatusAlone(at('codes'), 'retry by HTTP status')]),
      ...others.map((field) => byStatusAlone(at(field), `retry by \`${field}\``)),
    ];
  },
};

/** Not said by a gRPC status. What no server has seen, gRPC tries again by itself (gRFC A6, transparent retries). */
const HTTP_ALONE: ReadonlySet<keyof typeof WORDS> = new Set(['Reset', 'GatewayError', 'ServerError', 'Failure']);

const byStatusAlone = (source: string, what: string) =>
  unsupportedByEngine('grpc', source, what, 'name gRPC statuses as conditions, or use a sidecar');

const method = (value: string): HeaderMatcher => ({
  name: ':method',
  match: { kind: 'string', matcher: { kind: 'exact', value, ignoreCase: false } },
  invert: false,
  treatMissingAsEmpty: false,
});

/** What the called side's proxy says that no application has seen is tried again as a connection that failed. */
const withUnseenAnswers = (policy: RetryPolicy | undefined): RetryPolicy | undefined =>
  policy === undefined || policy.numRetries === 0
    ? policy
    : {
        ...policy,
        retryOn: [...new Set([...policy.retryOn, 'retriable-headers'])],
        retriableHeaders: [...policy.retriableHeaders, UNSEEN_ANSWER],
      };

function policyOf(rule: RouteInput['rule'], { retries, responseClasses }: EffectiveConf): RetryPolicy | undefined {
  const own = rule?.retry;
  if (own === undefined && retries === undefined) return undefined;
  const words = own === undefined ? (retries?.conditions ?? []).map((word) => WORDS[word]) : ['reset'];
  const codes = own?.codes ?? retries?.codes ?? [];
  const base = own?.backoff ?? (retries?.backoff === undefined ? undefined : milliseconds(retries.backoff.base));
  const max =
    own?.backoff === undefined && retries?.backoff !== undefined
      ? milliseconds(retries.backoff.max)
      : (base ?? SAFE_RETRY.backOff.base) * MAX_BACKOFF_FACTOR;
  return {
    ...SAFE_RETRY,
    retryOn: [...new Set([...SAFE_RETRY.retryOn, ...words, ...(codes.length > 0 ? ['retriable-status-codes'] : [])])],
    numRetries: own?.attempts ?? retries?.attempts ?? SAFE_RETRY.numRetries,
    retriableStatusCodes: [...new Set(codes)].sort((a, b) => a - b),
    retriableHeaders: words.includes(WORDS.Failure) ? failedHeaders(failuresOf(responseClasses)) : [],
    backOff: { base: base ?? SAFE_RETRY.backOff.base, max },
    retriableRequestHeaders: (retries?.methods ?? []).map(method),
    rateLimitedBackOff:
      retries?.retryAfter === undefined
        ? undefined
        : { headers: [{ name: 'retry-after', format: 'seconds' }], max: milliseconds(retries.retryAfter.max) },
  };
}
