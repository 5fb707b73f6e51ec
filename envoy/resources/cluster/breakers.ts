/** envoy.config.cluster.v3.CircuitBreakers. */
import type { CircuitBreakerThresholds, Cluster } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { filled, some, unless, type Encoding } from '../base/encoding.ts';
import { RETRY_BUDGET, THRESHOLDS } from './standards.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster'];
type WireThresholds = Messages['envoy.config.cluster.v3.CircuitBreakers.Thresholds'];

export function takeCircuitBreakers(cursor: Cursor<Wire>): Cluster['circuitBreakers'] {
  const found = cursor.within('circuit_breakers', (breakers) => {
    const seen = new Map<string, CircuitBreakerThresholds>();
    breakers.each('thresholds', (thresholds) => {
      const priority = thresholds.take('priority') ?? 'DEFAULT';
      if (seen.has(priority))
        thresholds.refuse('duplicate-field', `thresholds of priority ${priority} stand there twice`);
      seen.set(priority, decodeThresholds(thresholds));
    });
    breakers.each('per_host_thresholds', (thresholds) => {
      const priority = thresholds.take('priority') ?? 'DEFAULT';
      if (!thresholds.has('max_connections'))
        thresholds.fault('max_connections', 'missing-field', 'the only limit that an endpoint has of its own');
      const maxConnectionsPerEndpoint = thresholds.take('max_connections') ?? THRESHOLDS.maxConnectionsPerEndpoint;
      seen.set(priority, { ...(seen.get(priority) ?? THRESHOLDS), maxConnectionsPerEndpoint });
    });
    return seen;
  });
  return { default: found?.get('DEFAULT') ?? THRESHOLDS, high: found?.get('HIGH') ?? THRESHOLDS };
}

const decodeThresholds = (cursor: Cursor<WireThresholds>): CircuitBreakerThresholds => ({
  maxConnections: cursor.take('max_connections') ?? THRESHOLDS.maxConnections,
  maxConnectionsPerEndpoint: THRESHOLDS.maxConnectionsPerEndpoint,
  maxPendingRequests: cursor.take('max_pending_requests') ?? THRESHOLDS.maxPendingRequests,
  maxRequests: cursor.take('max_requests') ?? THRESHOLDS.maxRequests,
  maxRetries: cursor.take('max_retries') ?? THRESHOLDS.maxRetries,
  retryBudget: cursor.within('retry_budget', (budget) => ({
    percent: budget.within('budget_percent', (percent) => percent.take('value') ?? 0) ?? RETRY_BUDGET.percent,
    minRetryConcurrency: budget.take('min_retry_concurrency') ?? RETRY_BUDGET.minRetryConcurrency,
    interval: takeDuration(budget, 'budget_interval', RETRY_BUDGET.interval),
  })),
  trackRemaining: cursor.take('track_remaining') ?? false,
});

export function circuitBreakersField(
  breakers: Cluster['circuitBreakers'],
  encoding: Encoding,
): Wire['circuit_breakers'] {
  const entries = [encodeThresholds(breakers.default, encoding), encodeThresholds(breakers.high, encoding)];
  const [standard, high] = entries;
  const thresholds = [
    ...(standard === undefined ? [] : [standard]),
    ...(high === undefined || encoding.profile.engine === 'grpc' ? [] : [{ priority: 'HIGH' as const, ...high }]),
  ];
  const perHost = (['default', 'high'] as const).flatMap((priority) => {
    const max_connections = unless(breakers[priority].maxConnectionsPerEndpoint, THRESHOLDS.maxConnectionsPerEndpoint);
    if (max_connections === undefined || encoding.profile.engine === 'grpc') return [];
    return [{ ...(priority === 'high' ? { priority: 'HIGH' as const } : {}), max_connections }];
  });
  return filled({ thresholds: some(thresholds), per_host_thresholds: some(perHost) });
}

function encodeThresholds(thresholds: CircuitBreakerThresholds, encoding: Encoding): WireThresholds | undefined {
  const max_requests = unless(thresholds.maxRequests, THRESHOLDS.maxRequests);
  if (encoding.profile.engine === 'grpc') return max_requests === undefined ? undefined : { max_requests };
  const { retryBudget } = thresholds;
  return filled({
    max_connections: unless(thresholds.maxConnections, THRESHOLDS.maxConnections),
    max_pending_requests: unless(thresholds.maxPendingRequests, THRESHOLDS.maxPendingRequests),
    max_requests,
    max_retries: unless(thresholds.maxRetries, THRESHOLDS.maxRetries),
    track_remaining: thresholds.trackRemaining ? true : undefined,
    retry_budget:
      retryBudget === undefined
        ? undefined
        : {
            budget_percent: retryBudget.percent === RETRY_BUDGET.percent ? undefined : { value: retryBudget.percent },
            min_retry_concurrency: unless(retryBudget.minRetryConcurrency, RETRY_BUDGET.minRetryConcurrency),
            budget_interval: durationUnless(retryBudget.interval, RETRY_BUDGET.interval),
          },
  });
}
