/** Takes failing endpoints out for a while: TrafficPolicy `outlierEjection` (Envoy: OutlierDetection). Off without a policy. */
import type { Cluster, OutlierDetection } from '@weft/core/proxy-config';
import { milliseconds } from '../../durations.ts';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, ClusterInput, EffectiveConf, RouteInput } from '../behaviour.ts';

type Ejection = NonNullable<EffectiveConf['outlierEjection']>;

/** Envoy's counts and factors, for detectors that are switched off. */
const UNUSED_COUNT = 5;
const UNUSED = { stdevFactor: 1900, threshold: 85, minEndpoints: 5, successRequests: 100, failureRequests: 50 };

export const ejection: Behaviour = {
  name: 'ejection',

  cluster(cluster: Cluster, { conf: { outlierEjection } }: ClusterInput): Cluster {
    return outlierEjection === undefined ? cluster : { ...cluster, outlierDetection: detection(outlierEjection) };
  },

  unsupported({ engine, conf: { outlierEjection, origins } }: RouteInput) {
    if (engine !== 'grpc' || outlierEjection === undefined) return [];
    if (outlierEjection.successRate !== undefined || outlierEjection.failurePercentage !== undefined) return [];
    return [
      unsupportedByEngine(
        'grpc',
        origins.outlierEjection ?? '',
        'eject by failures in a row',
        'add `successRate` or `failurePercentage`',
      ),
    ];
  },
};

function detection(wanted: Ejection): OutlierDetection {
  const { consecutive5xx, consecutiveGatewayErrors, consecutiveConnectFailures, successRate, failurePercentage } =
    wanted;
  return {
    interval: milliseconds(wanted.interval),
    baseEjectionTime: milliseconds(wanted.baseEjectionTime),
    maxEjectionTime: milliseconds(wanted.maxEjectionTime),
    maxEjectionPercent: wanted.maxEjectedPercent,
    maxEjectionTimeJitter: 0,
    consecutive5xx: count(consecutive5xx),
    enforcingConsecutive5xx: enforcing(consecutive5xx),
    consecutiveGatewayFailure: count(consecutiveGatewayErrors),
    enforcingConsecutiveGatewayFailure: enforcing(consecutiveGatewayErrors),
    splitExternalLocalOriginErrors:
      consecutiveConnectFailures > 0 ||
      successRate?.connectFailures === true ||
      failurePercentage?.connectFailures === true,
    consecutiveLocalOriginFailure: count(consecutiveConnectFailures),
    enforcingConsecutiveLocalOriginFailure: enforcing(consecutiveConnectFailures),
    alwaysEjectOne: false,
    returnsWhenChecked: true,
    successRate: {
      enforcing: successRate === undefined ? 0 : 100,
      enforcingLocalOrigin: successRate?.connectFailures === true ? 100 : 0,
      minimumHosts: successRate?.minEndpoints ?? UNUSED.minEndpoints,
      requestVolume: successRate?.minRequests ?? UNUSED.successRequests,
      stdevFactor: successRate?.stdevFactor ?? UNUSED.stdevFactor,
    },
    failurePercentage: {
      enforcing: failurePercentage === undefined ? 0 : 100,
      enforcingLocalOrigin: failurePercentage?.connectFailures === true ? 100 : 0,
      threshold: failurePercentage?.threshold ?? UNUSED.threshold,
      minimumHosts: failurePercentage?.minEndpoints ?? UNUSED.minEndpoints,
      requestVolume: failurePercentage?.minRequests ?? UNUSED.failureRequests,
    },
  };
}

const count = (value: number): number => (value === 0 ? UNUSED_COUNT : value);
const enforcing = (value: number): number => (value === 0 ? 0 : 100);
