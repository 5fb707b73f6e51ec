/** Listeners (envoy.config.listener.v3.Listener): where the proxy accepts, and which chain a connection takes. */
import type { TokenBucket } from './http-filter.ts';
import type { AccessLog } from './access-log.ts';
import type { SocketAddress } from './address.ts';
import type { HttpConnectionManager } from './http.ts';
import type { Rbac } from './rbac.ts';
import type { HeaderValueOption } from './route.ts';
import type { StaticMetadata } from './metadata.ts';
import type { Source } from './source.ts';
import type { LbMetadata } from './subset.ts';
import type { DownstreamTransport } from './tls.ts';

export interface Listener {
  readonly name: string;
  /** `internal` with its own name: internal_listener, reached by clusters of the same process and by nobody else. */
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
  /** stat_prefix: the name of its statistics; absent: its address. */
  readonly statPrefix?: string;
  /** ignore_global_conn_limit: its connections do not count towards the process's limit, and are never refused by it. */
  readonly ignoresConnectionLimit?: true;
  /** envoy.resource_limits.listener.NAME.connection_limit of the runtime: the most connections open at once, over all threads; absent: none. */
  readonly connectionLimit?: ListenerConnectionLimit;
  /** reuse_port, default true. */
  readonly enableReusePort: boolean;
  /** tcp_backlog_size: connections that wait for accept; 0: the engine's own. */
  readonly tcpBacklogSize: number;
  /** tcp_keepalive of accepted connections in seconds and probes; undefined: off. */
  readonly tcpKeepalive: TcpKeepalive | undefined;
  readonly accessLogs: readonly AccessLog[];
  /** Proxyless gRPC only (api_listener): the HTTP connection manager stands here and there is no address to bind. */
  readonly apiListener: HttpConnectionManager | undefined;
  /** Set: the address is UDP, and this serves it; there are no filter chains and no listener filters then. */
  readonly udp: UdpProxy | undefined;
  /** Without what says `source`; read by `%METADATA(LISTENER:...)%`; absent: none. */
  readonly metadata?: StaticMetadata;
  readonly source: Source | undefined;
}

/** Counted as the network filter of that kind counts (proxy/workers/limits.ts). */
export interface ListenerConnectionLimit {
  readonly kind: 'connection-limit';
  readonly maxConnections: number;
}

export type ListenerFilter =
  | {
      readonly kind: 'tls-inspector';
      /** max_client_hello_size; a longer ClientHello is refused. Envoy's default, and its most, 16384. */
      readonly maxClientHelloBytes: number;
    }
  | { readonly kind: 'http-inspector' }
  | { readonly kind: 'original-dst' }
  | {
      readonly kind: 'proxy-protocol';
      /** allow_requests_without_proxy_protocol: what does not begin as a header is the caller's own bytes. */
      readonly allowWithout: boolean;
      readonly disallowedVersions: readonly ProxyProtocolVersion[];
      /** stat_prefix; '' without. */
      readonly statPrefix: string;
    };

export type ProxyProtocolVersion = 'v1' | 'v2';

/** envoy.config.core.v3.TcpKeepalive; 0 leaves the system's value. */
export interface TcpKeepalive {
  readonly probes: number;
  readonly time: number;
  readonly interval: number;
}

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
  /** envoy.filters.network.sni_cluster: a tcp-proxy after it goes to the cluster of the server name's name, when there is a server name. */
  | { readonly kind: 'sni-cluster' }
  | {
      readonly kind: 'local-rate-limit';
      readonly statPrefix: string;
      readonly bucket: TokenBucket;
      readonly enabled: boolean;
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

/** What a TCP proxy has that asks for nothing: Envoy's defaults, but of what has a size or a time. */
export const PLAIN_TCP_PROXY = {
  maxConnectAttempts: 1,
  hashSourceIp: false,
  maxConnectionDurationJitter: 0,
  metadataMatch: [],
  tunnel: undefined,
  accessLogs: [],
  earlyRecords: { interval: 0, connected: false },
} as const satisfies Partial<TcpProxy>;

/** Of a chain that has no terminal filter of its own (one in error, a UDP listener): leads nowhere. */
export const NO_TERMINAL: TerminalFilter = {
  kind: 'tcp-proxy',
  proxy: {
    statPrefix: '',
    destination: { kind: 'cluster', cluster: '' },
    idleTimeout: 0,
    maxConnectionDuration: 0,
    ...PLAIN_TCP_PROXY,
  },
};

/** envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy */
export interface TcpProxy {
  readonly statPrefix: string;
  readonly destination:
    | { readonly kind: 'cluster'; readonly cluster: string }
    | {
        readonly kind: 'weighted';
        readonly clusters: readonly {
          readonly cluster: string;
          readonly weight: number;
          /** Beside the proxy's own, and before it. */
          readonly metadataMatch: LbMetadata;
        }[];
      };
  /** metadata_match: the subset of the cluster. */
  readonly metadataMatch: LbMetadata;
  /** tunneling_config: the octets go through an HTTP request; undefined: as they are. */
  readonly tunnel: TcpTunnel | undefined;
  /** idle_timeout in ms; 0: never. Envoy's default 3600000. */
  readonly idleTimeout: number;
  /** max_downstream_connection_duration in ms; 0: none. */
  readonly maxConnectionDuration: number;
  /** max_downstream_connection_duration_jitter_percentage: up to so many percent are added to it. */
  readonly maxConnectionDurationJitter: number;
  /** At least 1; Envoy's default 1. */
  readonly maxConnectAttempts: number;
  /** hash_policy with source_ip: for clusters that balance by hash. */
  readonly hashSourceIp: boolean;
  readonly accessLogs: readonly AccessLog[];
  /** access_log_options: when records are written besides at the end. */
  readonly earlyRecords: {
    /** access_log_flush_interval in ms, while it is open; 0: not. */
    readonly interval: number;
    /** flush_access_log_on_connected: when the endpoint was reached. */
    readonly connected: boolean;
  };
}

/** envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig; the cluster's protocol says whether by HTTP/1.1 or HTTP/2. */
export interface TcpTunnel {
  /** With command operators: whom CONNECT names, `host:port`, or the host of POST. */
  readonly hostname: string;
  /** use_post: the path of a POST in place of CONNECT; undefined: CONNECT. Envoy's default path is /. */
  readonly postPath: string | undefined;
  readonly headersToAdd: readonly HeaderValueOption[];
}

/** envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig with the listener's udp_listener_config. */
export interface UdpProxy {
  readonly statPrefix: string;
  readonly cluster: string;
  /** idle_timeout in ms, after which a session ends; Envoy's default 60000. */
  readonly idleTimeout: number;
  readonly hashPolicy:
    | { readonly kind: 'none' }
    | { readonly kind: 'source-ip' }
    | { readonly kind: 'key'; readonly key: string };
  /** use_per_packet_load_balancing: an endpoint is picked for every datagram, not for every session. */
  readonly perPacketLoadBalancing: boolean;
  /** max_rx_datagram_size of either side: longer datagrams are dropped. Envoy's default 1500. */
  readonly maxDatagramBytes: number;
  readonly maxUpstreamDatagramBytes: number;
  /** One record a session. */
  readonly accessLogs: readonly AccessLog[];
}
