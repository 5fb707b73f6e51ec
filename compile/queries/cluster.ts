/** Clusters: how a service port is reached. Everything but its endpoints. */
import type { Protocol } from '@weft/core/mesh-view';
import { type Cluster, PLAIN_ENDPOINT, type UpstreamProtocol } from '@weft/core/proxy-config';
import { namedByCallers } from '../behaviours/external/index.ts';
import { BEHAVIOURS, type ClusterInput } from '../behaviours/index.ts';
import { INBOUND_CIRCUIT_BREAKERS, INBOUND_IDLE_TIMEOUT, TCP_KEEPALIVE, HTTP2_OPTIONS } from '../defaults.ts';
import type { Query } from '../incremental/query.ts';
import { inboundName, NOBODY, outboundName } from '../names.ts';
import { EMPTY_CLUSTER } from './cluster-defaults.ts';
import { cacheOfHosts, cacheOfService } from './named-hosts.ts';
import { speaksHttp2 } from '../profiles.ts';
import { portInput, portOfKey, type PortOf } from './port.ts';

/** undefined: the port is gone. */
export const outboundCluster: Query<PortOf, Cluster | undefined> = {
  name: 'cluster',
  keyOf: portOfKey,
  compute(context, key) {
    const port = portInput(context, key);
    if (port === undefined) return undefined;
    const input: ClusterInput = {
      ...port,
      key: key.port,
      identities: context.read('identities', key.port) ?? [],
    };
    const name = outboundName(key.port);
    const base: Cluster = {
      ...EMPTY_CLUSTER,
      name,
      discovery: { kind: 'eds', serviceName: name },
      // Our engine can set the time alone (Node); the number and interval of probes are then the system's.
      tcpKeepalive: key.engine === 'weft' ? { ...TCP_KEEPALIVE, probes: 0, interval: 0 } : TCP_KEEPALIVE,
      protocol: spoken(port.port.protocol),
      source: port.port.source,
    };
    const made = BEHAVIOURS.reduce((sum, behaviour) => behaviour.cluster?.(sum, input) ?? sum, base);
    const row = context.read('service', port.service);
    const cache =
      key.engine === 'grpc' ? undefined : key.out === true ? cacheOfHosts(context, row) : cacheOfService(context, row);
    return cache === undefined ? made : namedByCallers(made, cache, port.backendTls);
  },
};

const spoken = (protocol: Protocol): UpstreamProtocol =>
  speaksHttp2(protocol)
    ? { kind: 'http2', options: HTTP2_OPTIONS }
    : protocol === 'auto'
      ? { kind: 'downstream', options: HTTP2_OPTIONS }
      : { kind: 'http1', enableTrailers: true };

export interface ApplicationPort {
  readonly port: number;
  readonly protocol: Protocol;
}

/** The application itself, behind its own sidecar, by the port it listens on: it is spoken to in its own protocol. */
export const inboundCluster: Query<ApplicationPort, Cluster> = {
  name: 'inbound-cluster',
  keyOf: ({ port, protocol }) => `${protocol} ${port}`,
  compute(_context, { port, protocol }) {
    const name = inboundName(port);
    return {
      ...EMPTY_CLUSTER,
      name,
      protocol: spoken(protocol),
      circuitBreakers: { default: INBOUND_CIRCUIT_BREAKERS, high: INBOUND_CIRCUIT_BREAKERS },
      idleTimeout: INBOUND_IDLE_TIMEOUT,
      discovery: {
        kind: 'static',
        endpoints: {
          name,
          overprovisioningFactor: 140,
          localities: [
            {
              locality: { region: '', zone: '', subZone: '' },
              priority: 0,
              weight: 0,
              endpoints: [
                {
                  address: { kind: 'ip', ip: '127.0.0.1', port },
                  ...PLAIN_ENDPOINT,
                },
              ],
            },
          ],
        },
      },
    };
  },
};

/** Of proxyless clients. */
export const NOBODY_CLUSTER: Cluster = {
  ...EMPTY_CLUSTER,
  name: NOBODY,
  discovery: { kind: 'eds', serviceName: NOBODY },
  loadBalancing: { kind: 'round-robin', slowStart: undefined },
  protocol: { kind: 'http2', options: HTTP2_OPTIONS },
};
