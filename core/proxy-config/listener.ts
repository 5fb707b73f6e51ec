/** Listeners (envoy.config.listener.v3.Listener): where the proxy accepts, and which chain a connection takes. */
import type { AccessLog } from './access-log.ts';
import type { SocketAddress } from './address.ts';
import type { HttpConnectionManager } from './http.ts';
import type { Rbac } from './rbac.ts';
import type { Source } from './source.ts';
import type { DownstreamTransport } from './tls.ts';

export interface Listener {
  readonly name: string;
  readonly address: SocketAddress;
  /** Further addresses of the same listener (additional_addresses), e.g. the other loopback. */
  readonly additionalAddresses: readonly SocketAddress[];
  /** traffic_direction; names the metrics' reporter. */
  readonly direction: 'unspecified' | 'inbound' | 'outbound';
  readonly listenerFilters: readonly ListenerFilter[];
  /** listener_filters_timeout in ms; 0 waits for ever. Envoy's default 15000. */
  readonly listenerFiltersTimeout: number;
  readonly continueOnListenerFiltersTimeout: boolean;
  /** The most specific match wins, by Envoy's order: port, IP, server name, transport protocol, ALPN, source. */
  readonly filterChains: readonly FilterChain[];
  readonly defaultFilterChain: FilterChain | undefined;
  /** per_connection_buffer_limit_bytes; Envoy's default 1 MiB. */
  readonly perConnectionBufferLimitBytes: number;
  readonly drainType: 'default' | 'modify-only';
  /** reuse_port, default true. */
  readonly enableReusePort: boolean;
  readonly accessLogs: readonly AccessLog[];
  /** Proxyless gRPC only (api_listener): the HTTP connection manager stands here and there is no address to bind. */
  readonly apiListener: HttpConnectionManager | undefined;
  readonly source: Source | undefined;
}

export type ListenerFilter =
  | { readonly kind: 'tls-inspector' }
  | { readonly kind: 'http-inspector' }
  | { readonly kind: 'original-dst' }
  | { readonly kind: 'proxy-protocol' };

export interface FilterChainMatch {
  /** 0 or undefined: any. */
  readonly destinationPort: number | undefined;
  readonly prefixRanges: readonly string[];
  /** Lower case; `*.example.com` wildcards; empty: any. */
  readonly serverNames: readonly string[];
  /** '' any, else what a listener filter detected. */
  readonly transportProtocol: '' | 'raw_buffer' | 'tls';
  readonly applicationProtocols: readonly string[];
  readonly sourceType: 'any' | 'same-ip-or-loopback' | 'external';
  readonly sourcePrefixRanges: readonly string[];
  readonly sourcePorts: readonly number[];
}

/** Matches every connection: Envoy's message with no field set. */
export const ANY_CONNECTION: FilterChainMatch = {
  destinationPort: undefined,
  prefixRanges: [],
  serverNames: [],
  transportProtocol: '',
  applicationProtocols: [],
  sourceType: 'any',
  sourcePrefixRanges: [],
  sourcePorts: [],
};

export interface FilterChain {
  readonly name: string;
  readonly match: FilterChainMatch;
  readonly transport: DownstreamTransport;
  /** transport_socket_connect_timeout in ms; 0: none. */
  readonly transportConnectTimeout: number;
  /** Run in order before the terminal filter. */
  readonly networkFilters: readonly NetworkFilter[];
  readonly terminal: TerminalFilter;
  readonly source: Source | undefined;
}

export type NetworkFilter =
  | {
      readonly kind: 'rbac';
      readonly statPrefix: string;
      readonly rules: Rbac | undefined;
      readonly shadowRules: Rbac | undefined;
    }
  | {
      readonly kind: 'connection-limit';
      readonly statPrefix: string;
      readonly maxConnections: number;
      readonly delay: number;
    };

export type TerminalFilter =
  | { readonly kind: 'http-connection-manager'; readonly manager: HttpConnectionManager }
  | { readonly kind: 'tcp-proxy'; readonly proxy: TcpProxy };

/** envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy */
export interface TcpProxy {
  readonly statPrefix: string;
  readonly destination:
    | { readonly kind: 'cluster'; readonly cluster: string }
    | {
        readonly kind: 'weighted';
        readonly clusters: readonly { readonly cluster: string; readonly weight: number }[];
      };
  /** idle_timeout in ms; 0: never. Envoy's default 3600000. */
  readonly idleTimeout: number;
  /** max_downstream_connection_duration in ms; 0: none. */
  readonly maxConnectionDuration: number;
  /** At least 1; Envoy's default 1. */
  readonly maxConnectAttempts: number;
  readonly accessLogs: readonly AccessLog[];
}
