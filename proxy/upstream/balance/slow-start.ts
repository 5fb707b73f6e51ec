/** Slow start (envoy.config.cluster.v3.Cluster.SlowStartConfig): a new endpoint's weight grows over its first `window` milliseconds. */
import type { SlowStart } from '@weft/core/proxy-config';
import type { Balanced } from './balancer.ts';

/** Factor in (0, 1] for an endpoint's weight at `now`; 1 without slow start or after the window. */
export function slowStartFactor(conf: SlowStart | undefined, host: Balanced, now: number): number {
  if (conf === undefined || conf.window <= 0) return 1;
  const age = Math.max(1, now - host.since);
  if (age >= conf.window) return 1;
  return Math.max(conf.minWeightPercent / 100, (age / conf.window) ** (1 / conf.aggression), 0.01);
}
