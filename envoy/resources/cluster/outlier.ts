/** envoy.config.cluster.v3.OutlierDetection. */
import type { OutlierDetection } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { unless } from '../base/encoding.ts';
import { decodeOwnDetection, encodeOwnDetection } from './own-detection.ts';
import { OUTLIER_DETECTION } from './standards.ts';

type WireOutlier = Messages['envoy.config.cluster.v3.OutlierDetection'];

export function decodeOutlierDetection(cursor: Cursor<WireOutlier>): OutlierDetection {
  const standard = OUTLIER_DETECTION;
  cursor.only('detect_degraded_hosts', false);
  const baseEjectionTime = takeDuration(cursor, 'base_ejection_time', standard.baseEjectionTime);
  const longest = Math.max(standard.maxEjectionTime, baseEjectionTime);
  const maxEjectionTime = takeDuration(cursor, 'max_ejection_time', longest);
  if (maxEjectionTime < baseEjectionTime) {
    cursor.fault('max_ejection_time', 'invalid-value', 'must not be less than base_ejection_time');
  }
  const [own, ...others] = cursor.each('monitors', decodeOwnDetection);
  if (others.length > 0) cursor.fault('monitors', 'unsupported-value', 'one is supported here');
  return {
    ...(own === undefined ? {} : { own }),
    interval: takeDuration(cursor, 'interval', standard.interval),
    baseEjectionTime,
    maxEjectionTime,
    maxEjectionPercent: cursor.take('max_ejection_percent') ?? standard.maxEjectionPercent,
    maxEjectionTimeJitter: takeDuration(cursor, 'max_ejection_time_jitter', standard.maxEjectionTimeJitter),
    consecutive5xx: cursor.take('consecutive_5xx') ?? standard.consecutive5xx,
    enforcingConsecutive5xx: cursor.take('enforcing_consecutive_5xx') ?? standard.enforcingConsecutive5xx,
    consecutiveGatewayFailure: cursor.take('consecutive_gateway_failure') ?? standard.consecutiveGatewayFailure,
    enforcingConsecutiveGatewayFailure:
      cursor.take('enforcing_consecutive_gateway_failure') ?? standard.enforcingConsecutiveGatewayFailure,
    splitExternalLocalOriginErrors:
      cursor.take('split_external_local_origin_errors') ?? standard.splitExternalLocalOriginErrors,
    consecutiveLocalOriginFailure:
      cursor.take('consecutive_local_origin_failure') ?? standard.consecutiveLocalOriginFailure,
    enforcingConsecutiveLocalOriginFailure:
      cursor.take('enforcing_consecutive_local_origin_failure') ?? standard.enforcingConsecutiveLocalOriginFailure,
    alwaysEjectOne: cursor.take('always_eject_one_host') ?? standard.alwaysEjectOne,
    returnsWhenChecked: cursor.take('successful_active_health_check_uneject_host') ?? standard.returnsWhenChecked,
    successRate: {
      enforcing: cursor.take('enforcing_success_rate') ?? standard.successRate.enforcing,
      enforcingLocalOrigin:
        cursor.take('enforcing_local_origin_success_rate') ?? standard.successRate.enforcingLocalOrigin,
      minimumHosts: cursor.take('success_rate_minimum_hosts') ?? standard.successRate.minimumHosts,
      requestVolume: cursor.take('success_rate_request_volume') ?? standard.successRate.requestVolume,
      stdevFactor: cursor.take('success_rate_stdev_factor') ?? standard.successRate.stdevFactor,
    },
    failurePercentage: {
      enforcing: cursor.take('enforcing_failure_percentage') ?? standard.failurePercentage.enforcing,
      enforcingLocalOrigin:
        cursor.take('enforcing_failure_percentage_local_origin') ?? standard.failurePercentage.enforcingLocalOrigin,
      threshold: cursor.take('failure_percentage_threshold') ?? standard.failurePercentage.threshold,
      minimumHosts: cursor.take('failure_percentage_minimum_hosts') ?? standard.failurePercentage.minimumHosts,
      requestVolume: cursor.take('failure_percentage_request_volume') ?? standard.failurePercentage.requestVolume,
    },
  };
}

/** `own`: what is said to our engine alone is said. */
export function encodeOutlierDetection(outlier: OutlierDetection, own = false): WireOutlier {
  const standard = OUTLIER_DETECTION;
  const { successRate, failurePercentage } = outlier;
  return {
    monitors: own && outlier.own !== undefined ? [encodeOwnDetection(outlier.own)] : undefined,
    interval: durationUnless(outlier.interval, standard.interval),
    base_ejection_time: durationUnless(outlier.baseEjectionTime, standard.baseEjectionTime),
    max_ejection_time: durationUnless(
      outlier.maxEjectionTime,
      Math.max(standard.maxEjectionTime, outlier.baseEjectionTime),
    ),
    max_ejection_percent: unless(outlier.maxEjectionPercent, standard.maxEjectionPercent),
    max_ejection_time_jitter: durationUnless(outlier.maxEjectionTimeJitter, standard.maxEjectionTimeJitter),
    consecutive_5xx: unless(outlier.consecutive5xx, standard.consecutive5xx),
    enforcing_consecutive_5xx: unless(outlier.enforcingConsecutive5xx, standard.enforcingConsecutive5xx),
    consecutive_gateway_failure: unless(outlier.consecutiveGatewayFailure, standard.consecutiveGatewayFailure),
    enforcing_consecutive_gateway_failure: unless(
      outlier.enforcingConsecutiveGatewayFailure,
      standard.enforcingConsecutiveGatewayFailure,
    ),
    split_external_local_origin_errors: outlier.splitExternalLocalOriginErrors ? true : undefined,
    consecutive_local_origin_failure: unless(
      outlier.consecutiveLocalOriginFailure,
      standard.consecutiveLocalOriginFailure,
    ),
    enforcing_consecutive_local_origin_failure: unless(
      outlier.enforcingConsecutiveLocalOriginFailure,
      standard.enforcingConsecutiveLocalOriginFailure,
    ),
    always_eject_one_host: outlier.alwaysEjectOne ? true : undefined,
    successful_active_health_check_uneject_host: outlier.returnsWhenChecked ? undefined : false,
    enforcing_local_origin_success_rate: unless(
      successRate.enforcingLocalOrigin,
      standard.successRate.enforcingLocalOrigin,
    ),
    enforcing_failure_percentage_local_origin: unless(
      failurePercentage.enforcingLocalOrigin,
      standard.failurePercentage.enforcingLocalOrigin,
    ),
    enforcing_success_rate: unless(successRate.enforcing, standard.successRate.enforcing),
    success_rate_minimum_hosts: unless(successRate.minimumHosts, standard.successRate.minimumHosts),
    success_rate_request_volume: unless(successRate.requestVolume, standard.successRate.requestVolume),
    success_rate_stdev_factor: unless(successRate.stdevFactor, standard.successRate.stdevFactor),
    enforcing_failure_percentage: unless(failurePercentage.enforcing, standard.failurePercentage.enforcing),
    failure_percentage_threshold: unless(failurePercentage.threshold, standard.failurePercentage.threshold),
    failure_percentage_minimum_hosts: unless(failurePercentage.minimumHosts, standard.failurePercentage.minimumHosts),
    failure_percentage_request_volume: unless(
      failurePercentage.requestVolume,
      standard.failurePercentage.requestVolume,
    ),
  };
}
