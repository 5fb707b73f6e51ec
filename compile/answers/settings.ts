/** What holds for a request or a backend, in words, each with who said it. */
import type { Cluster, ForwardAction } from '@weft/core/proxy-config';
import type { EffectiveConf } from '../behaviours/index.ts';
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
export function routeSettings(action: ForwardAction, rule: RuleSays, { origins }: EffectiveConf): Setting[] {
  const timeouts = rule.timeouts ?? origins.timeouts;
  const retries = rule.retry ?? origins.retries;
  const { timeout, retryPolicy } = action;
  const settings: Setting[] = [{ name: 'timeout', value: duration(timeout), source: timeouts }];
  if (action.idleTimeout !== undefined)
    settings.push({ name: 'stream idle timeout', value: duration(action.idleTimeout), source: timeouts });
  if (retryPolicy !== undefined && retryPolicy.numRetries > 0) {
    const codes = retryPolicy.retriableStatusCodes;
    const on = retryPolicy.retryOn.map((word) => (word === 'retriable-status-codes' ? codes.join(', ') : word));
    settings.push({
      name: 'retries',
      value: `${retryPolicy.numRetries} on ${on.join(', ')}`,
      source: retries,
    });
    if (retryPolicy.perTryTimeout > 0)
      settings.push({ name: 'timeout of a try', value: duration(retryPolicy.perTryTimeout), source: timeouts });
  }
  for (const mirror of action.mirrors)
    settings.push({ name: 'mirror', value: mirror.cluster || `named by ${mirror.clusterHeader}`, source: rule.source });
  return settings;
}

/** Of the connections to a backend. */
export function clusterSettings(cluster: Cluster, { origins }: EffectiveConf): Setting[] {
  const { maxConnections, maxPendingRequests, maxRequests } = cluster.circuitBreakers.default;
  const settings: Setting[] = [
    { name: 'balancing', value: cluster.loadBalancing.kind, source: origins.balancing },
    { name: 'connect timeout', value: duration(cluster.connectTimeout), source: origins.timeouts },
  ];
  if (origins.limits !== undefined)
    settings.push({
      name: 'limits',
      value: `${maxConnections} connections, ${maxPendingRequests} pending, ${maxRequests} requests`,
      source: origins.limits,
    });
  if (cluster.outlierDetection !== undefined)
    settings.push({
      name: 'ejection',
      value: `every ${duration(cluster.outlierDetection.interval)}, at most ${cluster.outlierDetection.maxEjectionPercent} %`,
      source: origins.outlierEjection,
    });
  for (const { check, interval } of cluster.healthChecks)
    settings.push({
      name: 'health check',
      value: `${check.kind} every ${duration(interval)}`,
      source: origins.healthChecks,
    });
  return settings;
}

/** `0`: without end. */
export function duration(milliseconds: number): string {
  if (milliseconds === 0) return 'none';
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}
