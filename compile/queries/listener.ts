/** What the listeners of all roles share. */
import {
  ANY_CONNECTION,
  PLAIN_TCP_PROXY,
  type FilterChain,
  type HttpConnectionManager,
  type Listener,
  type SocketAddress,
  type TcpProxy,
  type TerminalFilter,
} from '@weft/core/proxy-config';
import {
  CONNECTION_BUFFER_BYTES,
  LISTENER_FILTERS_TIMEOUT,
  MAX_CONNECTIONS,
  MAX_DATAGRAM_BYTES,
  TCP_CONNECT_ATTEMPTS,
  TCP_IDLE_TIMEOUT,
  UDP_IDLE_TIMEOUT,
} from '../defaults.ts';

export interface ListenerOptions {
  readonly name: string;
  /** The first is the listener's own. */
  readonly addresses: readonly [SocketAddress, ...SocketAddress[]];
  readonly direction: 'inbound' | 'outbound';
  readonly chains: readonly FilterChain[];
  readonly source: string | undefined;
}

export const listener = ({ name, addresses, direction, chains, source }: ListenerOptions): Listener => ({
  name,
  address: addresses[0],
  additionalAddresses: addresses.slice(1),
  direction,
  listenerFilters: [],
  listenerFiltersTimeout: LISTENER_FILTERS_TIMEOUT,
  continueOnListenerFiltersTimeout: false,
  filterChains: chains,
  defaultFilterChain: undefined,
  perConnectionBufferLimitBytes: CONNECTION_BUFFER_BYTES,
  drainType: 'default',
  enableReusePort: true,
  tcpBacklogSize: 0,
  tcpKeepalive: undefined,
  udp: undefined,
  accessLogs: [],
  apiListener: undefined,
  source,
});

/** Takes every connection, in plaintext, up to the limit. */
export const chain = (name: string, terminal: TerminalFilter, source: string | undefined): FilterChain => ({
  name,
  match: ANY_CONNECTION,
  transport: { kind: 'plaintext' },
  transportConnectTimeout: 0,
  networkFilters: [{ kind: 'connection-limit', statPrefix: name, maxConnections: MAX_CONNECTIONS, delay: 0 }],
  terminal,
  source,
});

export const http = (manager: HttpConnectionManager): TerminalFilter => ({ kind: 'http-connection-manager', manager });

export const tcp = (statPrefix: string, destination: TcpProxy['destination']): TerminalFilter => ({
  kind: 'tcp-proxy',
  proxy: {
    statPrefix,
    destination,
    idleTimeout: TCP_IDLE_TIMEOUT,
    maxConnectionDuration: 0,
    ...PLAIN_TCP_PROXY,
    maxConnectAttempts: TCP_CONNECT_ATTEMPTS,
  },
});

/** Datagrams to one cluster, a session for each sender. */
export const udp = (made: Listener, statPrefix: string, cluster: string): Listener => ({
  ...made,
  filterChains: [],
  udp: {
    statPrefix,
    cluster,
    idleTimeout: UDP_IDLE_TIMEOUT,
    hashPolicy: { kind: 'none' },
    perPacketLoadBalancing: false,
    maxDatagramBytes: MAX_DATAGRAM_BYTES,
    maxUpstreamDatagramBytes: MAX_DATAGRAM_BYTES,
    accessLogs: [],
  },
});

/** Both loopbacks, IPv4 first. */
export const loopbacks = (port: number): [SocketAddress, SocketAddress] => [
  { kind: 'ip', ip: '127.0.0.1', port },
  { kind: 'ip', ip: '::1', port },
];
