/**
 * Other services in the place of one: TrafficPolicy `failover` (Envoy: envoy.clusters.aggregate). The cluster that is called stands for those
 * of the service itself and of its stand-ins, each of which keeps its own identities, TLS, limits and checks.
 */
import type { FailoverRow } from '@weft/core/mesh-view';
import { type Cluster, NO_PRECONNECT } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { outboundName, ownName } from '../../names.ts';
import type { Behaviour, ClusterInput, RouteInput } from '../behaviour.ts';

export const failover: Behaviour = {
  name: 'failover',

  /** The name that is called is that of `standingIn`. */
  cluster(cluster: Cluster, { engine, failover: row, key }: ClusterInput): Cluster {
    return engine === 'grpc' || row === undefined ? cluster : { ...cluster, name: ownName(key) };
  },

  unsupported({ engine, failover: row }: RouteInput) {
    return engine !== 'grpc' || row === undefined
      ? []
      : [unsupportedByEngine('grpc', row.source, 'call another service instead', 'use a sidecar')];
  },
};

/**
 * `own`: the cluster of the endpoints of `key`, a port key; `leads`: whether a port key has stand-ins too. Further tries are counted against
 * the budget of the service that was called.
 */
export const standingIn = (own: Cluster, key: string, row: FailoverRow, leads: (key: string) => boolean): Cluster => ({
  ...own,
  name: outboundName(key),
  discovery: {
    kind: 'aggregate',
    clusters: [own.name, ...row.to.map((to) => (leads(to) ? ownName(to) : outboundName(to)))],
  },
  loadBalancing: { kind: 'cluster-provided' },
  // What is spoken is the matter of whoever is chosen; ALPN needs a transport that has it.
  protocol: own.protocol.kind === 'auto' ? { kind: 'http1', enableTrailers: true } : own.protocol,
  localityWeighted: false,
  outlierDetection: undefined,
  errorMatcher: undefined,
  healthChecks: [],
  transport: { kind: 'plaintext' },
  plaintextByEndpoint: false,
  proxyProtocol: undefined,
  tcpKeepalive: undefined,
  preconnect: NO_PRECONNECT,
});
