/** Clusters: how a service port is reached. Everything but its endpoints. */
import type { Protocol } from '@weft/core/mesh-view';
import { type Cluster, PLAIN_CLUSTER, PLAIN_ENDPOINT, type UpstreamProtocol } from '@weft/core/proxy-config';
import { BEHAVIOURS, type ClusterInput } from '../behaviours/index.ts';
import {
  CIRCUIT_BREAKERS,
  CONNECT_TIMEOUT,
  CONNECTION_BUFFER_BYTES,
  INBOUND_CIRCUIT_BREAKERS,
  INBOUND_IDLE_TIMEOUT,
  PANIC_THRESHOLD,
  TCP_KEEPALIVE,
  UPSTREAM_IDLE_TIMEOUT,
  HTTP2_OPTIONS,
} from '../defaults.ts';
import type { Query } from '../incremental/query.ts';
import { inboundName, NOBODY, outboundName } from '../names.ts';
import { speaksHttp2 } from '../profiles.ts';
import { portInput, portOfKey, type PortOf } from './port.ts';

/** undefined: the port is gone. */
export const outboundCluster: Query<PortOf, Cluster | undefined> = {
  name: 'cluster',
  keyOf: portOfKey,
  compute(context, key) {
    const port = portInput(context, key);
    if (port === undefined) return undefined;
    const input: ClusterInput = { ...port, key: key.port, identities: context.read('identities', key.port) ?? [] };
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
    return BEHAVIOURS.reduce((sum, behaviour) => behaviour.cluster?.(sum, input) ?? sum, base);
  },
};

const spoken = (protocol: Protocol): UpstreamProtocol =>
  speaksHttp2(protocol) ? { kind: 'http2', options: HTTP2_OPTIONS } : { kind: 'http1', enableTrailers: true };

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

export const EMPTY_CLUSTER: Cluster = {
  name: '',
  ...PLAIN_CLUSTER,
  discovery: { kind: 'original-dst' },
  connectTimeout: CONNECT_TIMEOUT,
  perConnectionBufferLimitBytes: CONNECTION_BUFFER_BYTES,
  loadBalancing: { kind: 'least-request', choiceCount: 2, activeRequestBias: 1, fullScan: false, slowStart: undefined },
  panicThreshold: PANIC_THRESHOLD,
  circuitBreakers: { default: CIRCUIT_BREAKERS, high: CIRCUIT_BREAKERS },
  protocol: { kind: 'http1', enableTrailers: true },
  idleTimeout: UPSTREAM_IDLE_TIMEOUT,
};

/** Of proxyless clients. */
export const NOBODY_CLUSTER: Cluster = {
  ...EMPTY_CLUSTER,
  name: NOBODY,
  discovery: { kind: 'eds', serviceName: NOBODY },
  loadBalancing: { kind: 'round-robin', slowStart: undefined },
  protocol: { kind: 'http2', options: HTTP2_OPTIONS },
};
