/** Takes failing endpoints out for a while: TrafficPolicy `outlierEjection` (Envoy: OutlierDetection). Off without a policy. */
import type { Cluster, OutlierDetection, OwnDetection } from '@weft/core/proxy-config';
import { milliseconds } from '../../durations.ts';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, ClusterInput, EffectiveConf, RouteInput } from '../behaviour.ts';

type Ejection = NonNullable<EffectiveConf['outlierEjection']>;

/** Envoy's counts and factors, for detectors that are switched off. */
const UNUSED_COUNT = 5;
const UNUSED = { stdevFactor: 1900, threshold: 85, minEndpoints: 5, successRequests: 100, failureRequests: 50 };

export const ejection: Behaviour = {
  name: 'ejection',

  cluster(cluster: Cluster, { engine, conf: { outlierEjection } }: ClusterInput): Cluster {
    if (outlierEjection === undefined) return cluster;
    const own = engine === 'weft' ? ownDetection(outlierEjection) : {};
    const made = detection(outlierEjection);
    return { ...cluster, outlierDetection: Object.keys(own).length === 0 ? made : { ...made, own } };
  },

  unsupported({ engine, conf: { outlierEjection, origins } }: RouteInput) {
    if (engine === 'weft' || outlierEjection === undefined) return [];
    const ours = [
      ...(outlierEjection.latency === undefined ? [] : [['latency', 'eject by latency'] as const]),
      ...(outlierEjection.probe === true ? [['probe', 'let one request decide after an ejection'] as const] : []),
    ].map(([field, what]) =>
      unsupportedByEngine(engine, `${origins.outlierEjection ?? ''}.${field}`, what, 'use Weft’s engine'),
    );
    if (engine === 'envoy') return ours;
    if (outlierEjection.successRate !== undefined || outlierEjection.failurePercentage !== undefined) return ours;
    return [
      ...ours,
      unsupportedByEngine(
        'grpc',
        origins.outlierEjection ?? '',
        'eject by failures in a row',
        'add `successRate` or `failurePercentage`',
      ),
    ];
  },
};

const ownDetection = ({ latency, probe }: Ejection): OwnDetection => ({
  ...(latency === undefined
    ? {}
    : {
        latency: {
          percentile: latency.percentile,
          threshold: milliseconds(latency.threshold),
          minimumHosts: latency.minEndpoints,
          requestVolume: latency.minRequests,
        },
      }),
  ...(probe === true ? { probes: true } : {}),
});

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
