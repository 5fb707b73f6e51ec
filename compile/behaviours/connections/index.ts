/** How connections are opened: TrafficPolicy `connections` (Envoy: Cluster.preconnect_policy, upstream_proxy_protocol, tcp_keepalive). */
import type { Diagnostic } from '@weft/core/kernel';
import type { Cluster } from '@weft/core/proxy-config';
import { TCP_KEEPALIVE } from '../../defaults.ts';
import { milliseconds } from '../../durations.ts';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, ClusterInput, EffectiveConf, PortInput, RouteInput } from '../behaviour.ts';

type Wanted = NonNullable<EffectiveConf['connections']>;

export const connections: Behaviour = {
  name: 'connections',

  cluster(cluster: Cluster, { engine, external, port, conf: { connections: wanted } }: ClusterInput): Cluster {
    if (wanted === undefined || engine === 'grpc') return cluster;
    const { preconnect, proxyProtocol, tcpKeepalive } = wanted;
    return {
      ...cluster,
      preconnect:
        preconnect === undefined
          ? cluster.preconnect
          : { perUpstream: preconnect.perEndpointPercent / 100, predictive: preconnect.predictedPercent / 100 },
      tcpKeepalive: tcpKeepalive === undefined ? cluster.tcpKeepalive : keepalive(tcpKeepalive, engine),
      proxyProtocol:
        proxyProtocol === undefined || external === undefined || port.protocol === 'udp'
          ? cluster.proxyProtocol
          : proxyProtocol === 'V1'
            ? 'v1'
            : 'v2',
    };
  },

  unsupported(input: RouteInput) {
    const { engine, conf } = input;
    if (engine !== 'grpc') return fixedProbes(input);
    if (conf.connections === undefined) return [];
    const what = 'open connections as `connections` says';
    return [unsupportedByEngine('grpc', conf.origins.connections ?? '', what, 'use a sidecar')];
  },
};

/** Our engine can set the time alone (Node); the number and interval of probes are then the system's. */
function keepalive(
  { time, interval, probes }: NonNullable<Wanted['tcpKeepalive']>,
  engine: ClusterInput['engine'],
): Cluster['tcpKeepalive'] {
  const seconds = milliseconds(time) / 1000;
  if (seconds === 0) return undefined;
  if (engine === 'weft') return { time: seconds, interval: 0, probes: 0 };
  return {
    time: seconds,
    interval: interval === undefined ? TCP_KEEPALIVE.interval : milliseconds(interval) / 1000,
    probes: probes ?? TCP_KEEPALIVE.probes,
  };
}

export const fixedProbes = ({ engine, conf: { connections: wanted, origins } }: PortInput): Diagnostic[] =>
  engine !== 'weft'
    ? []
    : (['interval', 'probes'] as const).flatMap((field) =>
        wanted?.tcpKeepalive?.[field] === undefined
          ? []
          : [
              unsupportedByEngine(
                'weft',
                `${origins.connections ?? ''}.tcpKeepalive.${field}`,
                'set how often probes are sent: the system’s numbers hold',
                'remove it, or use Envoy',
              ),
            ],
      );
