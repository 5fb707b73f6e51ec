/** How connections are opened: TrafficPolicy `connections` (Envoy: Cluster.preconnect_policy, upstream_proxy_protocol). */
import type { Cluster } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, ClusterInput, RouteInput } from '../behaviour.ts';

export const connections: Behaviour = {
  name: 'connections',

  cluster(cluster: Cluster, { engine, external, port, conf: { connections: wanted } }: ClusterInput): Cluster {
    if (wanted === undefined || engine === 'grpc') return cluster;
    const { preconnect, proxyProtocol } = wanted;
    return {
      ...cluster,
      preconnect:
        preconnect === undefined
          ? cluster.preconnect
          : { perUpstream: preconnect.perEndpointPercent / 100, predictive: preconnect.predictedPercent / 100 },
      proxyProtocol:
        proxyProtocol === undefined || external === undefined || port.protocol === 'udp'
          ? cluster.proxyProtocol
          : proxyProtocol === 'V1'
            ? 'v1'
            : 'v2',
    };
  },

  unsupported({ engine, conf }: RouteInput) {
    if (engine !== 'grpc' || conf.connections === undefined) return [];
    const what = 'open connections as `connections` says';
    return [unsupportedByEngine('grpc', conf.origins.connections ?? '', what, 'use a sidecar')];
  },
};
