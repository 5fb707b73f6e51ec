/** Active checks of endpoints: TrafficPolicy `healthChecks` (Envoy: core.v3.HealthCheck). All of them must pass. */
import type { Diagnostic } from '@weft/core/kernel';
import { nameOf, namespaceOf } from '@weft/core/mesh-view';
import type { Cluster, HealthCheck } from '@weft/core/proxy-config';
import { milliseconds } from '../../durations.ts';
import { unsupportedByEngine } from '../../findings.ts';
import { speaksHttp2 } from '../../profiles.ts';
import type { Behaviour, ClusterInput, EffectiveConf, PortInput, RouteInput } from '../behaviour.ts';

type Wanted = NonNullable<EffectiveConf['healthChecks']>[number];

/** Share of the interval by which checks are spread, so that proxies do not ask in step. */
const JITTER = 0.1;

export const healthCheck: Behaviour = {
  name: 'health-check',

  cluster(cluster: Cluster, { service, port, conf: { healthChecks } }: ClusterInput): Cluster {
    const host = `${nameOf(service)}.${namespaceOf(service)}`;
    return healthChecks === undefined
      ? cluster
      : {
          ...cluster,
          healthChecks: healthChecks
            .filter(({ grpc }) => grpc === undefined || speaksHttp2(port.protocol))
            .map((wanted) => checkOf(wanted, host)),
        };
  },

  unsupported(input: RouteInput) {
    const {
      engine,
      conf: { healthChecks, origins },
    } = input;
    if (engine !== 'grpc') return grpcChecks(input);
    return healthChecks === undefined || healthChecks.length === 0
      ? []
      : [unsupportedByEngine('grpc', origins.healthChecks ?? '', 'check endpoints', 'remove it for this service')];
  },
};

/** A check by gRPC of a port that does not speak HTTP/2 could never pass (Envoy refuses such a cluster): it is left out, and said at its field. */
export const grpcChecks = ({ engine, port, conf: { healthChecks = [], origins } }: PortInput): Diagnostic[] =>
  healthChecks.flatMap(({ grpc }, index) =>
    grpc === undefined || speaksHttp2(port.protocol)
      ? []
      : [
          unsupportedByEngine(
            engine,
            `${origins.healthChecks ?? ''}[${index}].grpc`,
            `check endpoints by gRPC on port ${port.port}, which speaks ${port.protocol}`,
            'declare the port as `grpc` or `http2`, or use a `tcp` or an `http` check',
          ),
        ],
  );

function checkOf(wanted: Wanted, host: string): HealthCheck {
  const interval = milliseconds(wanted.interval);
  return {
    timeout: milliseconds(wanted.timeout),
    interval,
    unhealthyThreshold: wanted.unhealthyThreshold,
    healthyThreshold: wanted.healthyThreshold,
    noTrafficInterval: interval,
    unhealthyInterval: interval,
    unhealthyEdgeInterval: interval,
    healthyEdgeInterval: interval,
    noTrafficHealthyInterval: interval,
    initialJitter: 0,
    intervalJitterPercent: 0,
    intervalJitter: Math.floor(interval * JITTER),
    check: probeOf(wanted, host),
  };
}

const probeOf = ({ http, grpc }: Wanted, host: string): HealthCheck['check'] =>
  http === undefined
    ? grpc === undefined
      ? { kind: 'tcp', send: '', receive: [] }
      : { kind: 'grpc', service: grpc.service, authority: host }
    : {
        kind: 'http',
        method: 'GET',
        path: http.path,
        retriableStatuses: [],
        headersToAdd: [],
        headersToRemove: [],
        host: http.host ?? host,
        expectedStatuses: http.statuses.map(({ from, to }) => ({ start: from, end: to + 1 })),
      };
