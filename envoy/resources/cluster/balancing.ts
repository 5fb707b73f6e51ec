/** Load balancing (lb_policy with its settings, common_lb_config) and circuit breakers of envoy.config.cluster.v3.Cluster. */
import type { CircuitBreakerThresholds, Cluster, LoadBalancing, SlowStart } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { filled, some, unless, type Encoding } from '../base/encoding.ts';
import {
  ACTIVE_REQUEST_BIAS,
  CHOICE_COUNT,
  MAGLEV_TABLE_SIZE,
  MAXIMUM_RING_SIZE,
  MINIMUM_RING_SIZE,
  PANIC_THRESHOLD,
  RETRY_BUDGET,
  SLOW_START,
  THRESHOLDS,
} from './standards.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster'];
type WireThresholds = Messages['envoy.config.cluster.v3.CircuitBreakers.Thresholds'];
type WireSlowStart = Messages['envoy.config.cluster.v3.Cluster.SlowStartConfig'];

export function takeLoadBalancing(cursor: Cursor<Wire>): LoadBalancing {
  const policy = cursor.take('lb_policy') ?? 'ROUND_ROBIN';
  switch (policy) {
    case 'ROUND_ROBIN': {
      const slowStart = cursor.within('round_robin_lb_config', (lb) => lb.within('slow_start_config', decodeSlowStart));
      return { kind: 'round-robin', slowStart };
    }
    case 'LEAST_REQUEST': {
      const settings = cursor.within('least_request_lb_config', (lb) => ({
        choiceCount: lb.take('choice_count') ?? CHOICE_COUNT,
        activeRequestBias: lb.within('active_request_bias', decodeDouble) ?? ACTIVE_REQUEST_BIAS,
        slowStart: lb.within('slow_start_config', decodeSlowStart),
      }));
      const standard = { choiceCount: CHOICE_COUNT, activeRequestBias: ACTIVE_REQUEST_BIAS, slowStart: undefined };
      return { kind: 'least-request', ...(settings ?? standard) };
    }
    case 'RANDOM':
      return { kind: 'random' };
    case 'RING_HASH': {
      const sizes = cursor.within('ring_hash_lb_config', (lb) => {
        lb.only('hash_function', 'XX_HASH');
        return {
          minimumRingSize: Number(lb.take('minimum_ring_size') ?? MINIMUM_RING_SIZE),
          maximumRingSize: Number(lb.take('maximum_ring_size') ?? MAXIMUM_RING_SIZE),
        };
      });
      return {
        kind: 'ring-hash',
        ...(sizes ?? { minimumRingSize: MINIMUM_RING_SIZE, maximumRingSize: MAXIMUM_RING_SIZE }),
      };
    }
    case 'MAGLEV': {
      const tableSize = cursor.within('maglev_lb_config', (lb) => Number(lb.take('table_size') ?? MAGLEV_TABLE_SIZE));
      return { kind: 'maglev', tableSize: tableSize ?? MAGLEV_TABLE_SIZE };
    }
    case 'CLUSTER_PROVIDED':
      return { kind: 'cluster-provided' };
    case 'LOAD_BALANCING_POLICY_CONFIG':
      cursor.fault('lb_policy', 'unsupported-value', 'load_balancing_policy is not supported here', 'use lb_policy');
      return { kind: 'round-robin', slowStart: undefined };
  }
}

/** A RuntimeDouble's default; the runtime key is taken and has no runtime to ask. */
function decodeDouble(cursor: Cursor<Messages['envoy.config.core.v3.RuntimeDouble']>): number {
  cursor.take('runtime_key');
  return cursor.take('default_value') ?? 0;
}

function decodeSlowStart(cursor: Cursor<WireSlowStart>): SlowStart {
  return {
    window: takeDuration(cursor, 'slow_start_window', SLOW_START.window),
    aggression: cursor.within('aggression', decodeDouble) ?? SLOW_START.aggression,
    minWeightPercent:
      cursor.within('min_weight_percent', (percent) => percent.take('value') ?? 0) ?? SLOW_START.minWeightPercent,
  };
}

export function loadBalancingFields(balancing: LoadBalancing, encoding: Encoding): Partial<Wire> {
  if (encoding.profile.engine === 'grpc') return loadBalancingForGrpc(balancing, encoding);
  switch (balancing.kind) {
    case 'round-robin': {
      const { slowStart } = balancing;
      if (slowStart === undefined) return {};
      return { round_robin_lb_config: { slow_start_config: encodeSlowStart(slowStart) } };
    }
    case 'least-request':
      return {
        lb_policy: 'LEAST_REQUEST',
        least_request_lb_config: filled({
          choice_count: unless(balancing.choiceCount, CHOICE_COUNT),
          active_request_bias: double(
            balancing.activeRequestBias,
            ACTIVE_REQUEST_BIAS,
            'least_request.active_request_bias',
          ),
          slow_start_config: balancing.slowStart === undefined ? undefined : encodeSlowStart(balancing.slowStart),
        }),
      };
    case 'random':
      return { lb_policy: 'RANDOM' };
    case 'ring-hash':
      return {
        lb_policy: 'RING_HASH',
        ring_hash_lb_config: filled({
          minimum_ring_size: unless(balancing.minimumRingSize, MINIMUM_RING_SIZE),
          maximum_ring_size: unless(balancing.maximumRingSize, MAXIMUM_RING_SIZE),
        }),
      };
    case 'maglev':
      return {
        lb_policy: 'MAGLEV',
        maglev_lb_config: filled({ table_size: unless(balancing.tableSize, MAGLEV_TABLE_SIZE) }),
      };
    case 'cluster-provided':
      return { lb_policy: 'CLUSTER_PROVIDED' };
  }
}

/** gRPC takes ROUND_ROBIN and RING_HASH by name; what else there is becomes the former. */
function loadBalancingForGrpc(balancing: LoadBalancing, encoding: Encoding): Partial<Wire> {
  if (balancing.kind === 'ring-hash') {
    const { minimumRingSize, maximumRingSize } = balancing;
    return {
      lb_policy: 'RING_HASH',
      ring_hash_lb_config: { minimum_ring_size: minimumRingSize, maximum_ring_size: maximumRingSize },
    };
  }
  if (balancing.kind !== 'round-robin')
    encoding.cannotSay('loadBalancing', `gRPC clients get round-robin for ${balancing.kind}`);
  else if (balancing.slowStart !== undefined)
    encoding.cannotSay('loadBalancing.slowStart', 'gRPC clients have no slow start');
  return {};
}

/** Envoy wants a runtime key beside each default. */
const double = (
  value: number,
  standard: number,
  key: string,
): Messages['envoy.config.core.v3.RuntimeDouble'] | undefined =>
  value === standard ? undefined : { default_value: value, runtime_key: `dev.weft.${key}` };

const encodeSlowStart = (slowStart: SlowStart): WireSlowStart => ({
  slow_start_window: durationUnless(slowStart.window, SLOW_START.window),
  aggression: double(slowStart.aggression, SLOW_START.aggression, 'slow_start.aggression'),
  min_weight_percent:
    slowStart.minWeightPercent === SLOW_START.minWeightPercent ? undefined : { value: slowStart.minWeightPercent },
});

export const takePanicThreshold = (cursor: Cursor<Wire>): number =>
  cursor.within('common_lb_config', (common) =>
    common.within('healthy_panic_threshold', (percent) => percent.take('value') ?? 0),
  ) ?? PANIC_THRESHOLD;

export const panicThresholdField = (percent: number): Wire['common_lb_config'] =>
  percent === PANIC_THRESHOLD ? undefined : { healthy_panic_threshold: { value: percent } };

export function takeCircuitBreakers(cursor: Cursor<Wire>): Cluster['circuitBreakers'] {
  const found = cursor.within('circuit_breakers', (breakers) => {
    const seen = new Map<string, CircuitBreakerThresholds>();
    breakers.each('thresholds', (thresholds) => {
      const priority = thresholds.take('priority') ?? 'DEFAULT';
      if (seen.has(priority))
        thresholds.refuse('duplicate-field', `thresholds of priority ${priority} stand there twice`);
      seen.set(priority, decodeThresholds(thresholds));
    });
    return seen;
  });
  return { default: found?.get('DEFAULT') ?? THRESHOLDS, high: found?.get('HIGH') ?? THRESHOLDS };
}

const decodeThresholds = (cursor: Cursor<WireThresholds>): CircuitBreakerThresholds => ({
  maxConnections: cursor.take('max_connections') ?? THRESHOLDS.maxConnections,
  maxPendingRequests: cursor.take('max_pending_requests') ?? THRESHOLDS.maxPendingRequests,
  maxRequests: cursor.take('max_requests') ?? THRESHOLDS.maxRequests,
  maxRetries: cursor.take('max_retries') ?? THRESHOLDS.maxRetries,
  retryBudget: cursor.within('retry_budget', (budget) => ({
    percent: budget.within('budget_percent', (percent) => percent.take('value') ?? 0) ?? RETRY_BUDGET.percent,
    minRetryConcurrency: budget.take('min_retry_concurrency') ?? RETRY_BUDGET.minRetryConcurrency,
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
  return thresholds.length === 0 ? undefined : { thresholds: some(thresholds) };
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
          },
  });
}
