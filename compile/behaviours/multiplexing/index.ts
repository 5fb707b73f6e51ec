/**
 * TrafficPolicy `multiplexing`: between two of our engines exchanges travel as HTTP/2 streams over few connections (ALPN `weft/1`), whatever
 * the application speaks. The caller offers it beside HTTP/1.1, the called side takes it; an Envoy at either end chooses what it knows.
 * A service that speaks HTTP/2 itself travels as HTTP/2 in any case. Limits that count connections or requests a connection mean
 * connections of one exchange at a time: where one is set, the hop stays HTTP/1.1.
 */
import type { Cluster, FilterChain, Listener } from '@weft/core/proxy-config';
import { HTTP2_OPTIONS } from '../../defaults.ts';
import type { Behaviour, ClusterInput, InboundInput } from '../behaviour.ts';

/** As Linkerd's: the name tells the peer, HTTP/2 is what is spoken. */
const ALPN = 'weft/1';

export const multiplexing: Behaviour = {
  name: 'multiplexing',

  cluster(cluster: Cluster, { engine, port, conf }: ClusterInput): Cluster {
    const { transport, protocol } = cluster;
    if (engine !== 'weft' || port.protocol !== 'http' || transport.kind !== 'tls' || protocol.kind !== 'http1')
      return cluster;
    if (conf.multiplexing?.mode === 'Disabled' || countsConnections(conf.limits)) return cluster;
    return {
      ...cluster,
      protocol: {
        kind: 'auto',
        enableTrailers: protocol.enableTrailers,
        options: {
          ...HTTP2_OPTIONS,
          maxConcurrentStreams: conf.limits?.streamsPerConnection ?? HTTP2_OPTIONS.maxConcurrentStreams,
        },
      },
      transport: { ...transport, alpnProtocols: [ALPN, 'http/1.1'] },
    };
  },

  /** On a port of protocol `auto` the version tells what the application speaks: it stays what the caller used. */
  inboundListener(listener: Listener, { engine, port }: InboundInput): Listener {
    return engine === 'weft' && port.protocol !== 'auto'
      ? { ...listener, filterChains: listener.filterChains.map(offering) }
      : listener;
  },
};

const countsConnections = (limits: ClusterInput['conf']['limits']): boolean =>
  limits?.connections !== undefined || (limits?.requestsPerConnection ?? 0) > 0;

const offering = (chain: FilterChain): FilterChain =>
  chain.transport.kind === 'tls' && chain.terminal.kind === 'http-connection-manager'
    ? { ...chain, transport: { ...chain.transport, alpnProtocols: [ALPN, ...chain.transport.alpnProtocols] } }
    : chain;
