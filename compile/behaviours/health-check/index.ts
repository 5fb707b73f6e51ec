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
    initialJitter: wanted.initialJitter === undefined ? 0 : milliseconds(wanted.initialJitter),
    ...jitterOf(wanted, interval),
    check: probeOf(wanted, host),
  };
}

/** Stated in percent it stays so; nobody's word is a number of ms. */
function jitterOf(
  { intervalJitter, intervalJitterPercent }: Wanted,
  interval: number,
): Pick<HealthCheck, 'intervalJitter' | 'intervalJitterPercent'> {
  if (intervalJitter === undefined && intervalJitterPercent === undefined)
    return { intervalJitter: Math.floor(interval * JITTER), intervalJitterPercent: 0 };
  return {
    intervalJitter: intervalJitter === undefined ? 0 : milliseconds(intervalJitter),
    intervalJitterPercent: intervalJitterPercent ?? 0,
  };
}

type Payload = NonNullable<NonNullable<Wanted['tcp']>['send']>;

/** In hexadecimal. */
const octetsOf = ({ text, binary }: Payload): string =>
  [...(text === undefined ? fromBase64(binary ?? '') : new TextEncoder().encode(text))]
    .map((octet) => octet.toString(16).padStart(2, '0'))
    .join('');

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (octet) => octet.charCodeAt(0));

const probeOf = ({ http, grpc, tcp }: Wanted, host: string): HealthCheck['check'] =>
  http === undefined
    ? grpc === undefined
      ? {
          kind: 'tcp',
          send: tcp?.send === undefined ? '' : octetsOf(tcp.send),
          receive: (tcp?.receive ?? []).map(octetsOf),
        }
      : { kind: 'grpc', service: grpc.service, authority: host }
    : {
        kind: 'http',
        method: http.method,
        path: http.path,
        retriableStatuses: [],
        headersToAdd: (http.headers ?? []).map(({ name, value }) => ({ name: name.toLowerCase(), value })),
        headersToRemove: [],
        host: http.host ?? host,
        expectedStatuses: http.statuses.map(({ from, to }) => ({ start: from, end: to + 1 })),
      };
