/** Envoy 1.40's standard values of clusters. Milliseconds, bytes, percent. */
import type {
  CircuitBreakerThresholds,
  OutlierDetection,
  PeakEwma,
  RetryBudget,
  SlowStart,
} from '@weft/core/proxy-config';

export const CONNECT_TIMEOUT = 5000;
export const BUFFER_LIMIT = 1_048_576;
export const DNS_REFRESH_RATE = 5000;
export const PANIC_THRESHOLD = 50;
export const IDLE_TIMEOUT = 3_600_000;
export const CHOICE_COUNT = 2;
export const ACTIVE_REQUEST_BIAS = 1;
export const MINIMUM_RING_SIZE = 1024;
export const MAXIMUM_RING_SIZE = 8_388_608;
export const MAGLEV_TABLE_SIZE = 65_537;
export const NO_TRAFFIC_INTERVAL = 60_000;

export const SLOW_START: SlowStart = { window: 0, aggression: 1, minWeightPercent: 10 };

export const THRESHOLDS: CircuitBreakerThresholds = {
  maxConnections: 1024,
  maxConnectionsPerEndpoint: 4_294_967_295,
  maxPendingRequests: 1024,
  maxRequests: 1024,
  maxRetries: 3,
  retryBudget: undefined,
  trackRemaining: false,
};
export const RETRY_BUDGET: RetryBudget = { percent: 20, minRetryConcurrency: 3, interval: 0 };
export const PEAK_EWMA: PeakEwma = { kind: 'peak-ewma', decayTime: 10_000, defaultRtt: 10, penalty: 1_000_000 };

export const OUTLIER_DETECTION: OutlierDetection = {
  interval: 10_000,
  baseEjectionTime: 30_000,
  maxEjectionTime: 300_000,
  maxEjectionPercent: 10,
  maxEjectionTimeJitter: 0,
  consecutive5xx: 5,
  enforcingConsecutive5xx: 100,
  consecutiveGatewayFailure: 5,
  enforcingConsecutiveGatewayFailure: 0,
  splitExternalLocalOriginErrors: false,
  consecutiveLocalOriginFailure: 5,
  enforcingConsecutiveLocalOriginFailure: 100,
  alwaysEjectOne: false,
  returnsWhenChecked: true,
  successRate: { enforcing: 100, enforcingLocalOrigin: 100, minimumHosts: 5, requestVolume: 100, stdevFactor: 1900 },
  failurePercentage: { enforcing: 0, enforcingLocalOrigin: 0, threshold: 85, minimumHosts: 5, requestVolume: 50 },
};
