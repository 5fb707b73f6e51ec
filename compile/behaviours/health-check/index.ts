/** Active checks of endpoints: TrafficPolicy `healthChecks` (Envoy: core.v3.HealthCheck). All of them must pass. */
import { nameOf, namespaceOf } from '@weft/core/mesh-view';
import type { Cluster, HealthCheck } from '@weft/core/proxy-config';
import { milliseconds } from '../../durations.ts';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, ClusterInput, EffectiveConf, RouteInput } from '../behaviour.ts';

type Wanted = NonNullable<EffectiveConf['healthChecks']>[number];

/** Share of the interval by which checks are spread, so that proxies do not ask in step. */
const JITTER = 0.1;

export const healthCheck: Behaviour = {
  name: 'health-check',

  cluster(cluster: Cluster, { service, conf: { healthChecks } }: ClusterInput): Cluster {
    const host = `${nameOf(service)}.${namespaceOf(service)}`;
    return healthChecks === undefined
      ? cluster
      : { ...cluster, healthChecks: healthChecks.map((wanted) => checkOf(wanted, host)) };
  },

  unsupported({ engine, conf: { healthChecks, origins } }: RouteInput) {
    return engine !== 'grpc' || healthChecks === undefined || healthChecks.length === 0
      ? []
      : [unsupportedByEngine('grpc', origins.healthChecks ?? '', 'check endpoints', 'remove it for this service')];
  },
};

function checkOf(wanted: Wanted, host: string): HealthCheck {
  const interval = milliseconds(wanted.interval);
  return {
    timeout: milliseconds(wanted.timeout),
    interval,
    unhealthyThreshold: wanted.unhealthyThreshold,
    healthyThreshold: wanted.healthyThreshold,
    noTrafficInterval: interval,
    intervalJitter: Math.floor(interval * JITTER),
    check: probeOf(wanted, host),
  };
}

function probeOf({ http, grpc }: Wanted, host: string): HealthCheck['check'] {
  if (http !== undefined) {
    return {
      kind: 'http',
      path: http.path,
      host: http.host ?? host,
      expectedStatuses: http.statuses.map(({ from, to }) => ({ start: from, end: to + 1 })),
    };
  }
  return grpc === undefined ? { kind: 'tcp' } : { kind: 'grpc', service: grpc.service, authority: host };
}
