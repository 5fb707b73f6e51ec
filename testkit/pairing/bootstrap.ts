/**
 * The static bootstraps of the runs over every pairing of protocols: a listener for each way a client can speak and each way the backend
 * can, with the safe values our compiler writes (compile/defaults.ts) where they matter here. Real Envoy gets the same files. For two hops
 * a second engine stands before the backends (`peerBootstrap`): its listeners take TLS, and ALPN chooses `weft/1` between two engines of
 * ours (docs/decisions/013-weft-1.md), `h2` between two Envoys.
 */

/** HTTP/1.1 only, HTTP/2 by prior knowledge only, told apart by the first octets, told apart by ALPN. */
export const DOWNSTREAMS = ['h1', 'h2', 'auto', 'tls'] as const;
export type Downstream = (typeof DOWNSTREAMS)[number];
/** HTTP/1.1, HTTP/2 by prior knowledge, over TLS told apart by ALPN. */
export const UPSTREAMS = ['h1', 'h2', 'alpn'] as const;
export type Upstream = (typeof UPSTREAMS)[number];
type Ports = Readonly<Partial<Record<Upstream, number>>>;

/** The name in the certificate. */
export const PAIRING_HOST = 'pairing.test';

/** Paths of PEM files. */
export interface PairingCertificates {
  readonly chain: string;
  readonly key: string;
}

export interface PairingInput {
  /** Ports of the backend for each protocol; there are listeners for those that are given. `alpn` needs certificates. */
  readonly backends: Ports & { readonly h1: number };
  /** Where CONNECT and TCP go, as a raw connection; default: the backend of HTTP/1.1. */
  readonly tunnel?: number;
  /** The same for TLS that is passed through; default: `tunnel`. */
  readonly secureTunnel?: number;
  /** The ports are those of a second engine's listeners (`peerPorts`): TLS to all of them. */
  readonly behindPeer?: boolean;
  /** Without them there are no `tls` listeners. */
  readonly certificates?: PairingCertificates | undefined;
  /** Merged over every connection manager. */
  readonly manager?: Readonly<Record<string, unknown>>;
}

const TYPE = 'type.googleapis.com/envoy.extensions.';
/** The name that clients of the listener `passthrough` ask for. */
export const PASSTHROUGH_NAME = 'through.test';

export const pairingListener = (downstream: Downstream, upstream: Upstream): string => `${downstream}-${upstream}`;

export function pairingBootstrap(input: PairingInput): Record<string, unknown> {
  const downstreams = DOWNSTREAMS.filter((one) => one !== 'tls' || input.certificates !== undefined);
  return {
    node: { id: 'pairing', cluster: 'pairing' },
    static_resources: {
      listeners: [
        ...downstreams.flatMap((down) =>
          upstreamsOf(input).map((up) => managerListener(pairingListener(down, up), down, up, input)),
        ),
        listener('tcp', tcpProxy('tunnel')),
        listener('passthrough', tcpProxy('secure-tunnel'), {
          match: { server_names: [PASSTHROUGH_NAME] },
          inspector: true,
        }),
      ],
      clusters: clusters(input),
    },
  };
}

/** The second engine of two: in front of the backends, behind TLS. */
export function peerBootstrap(
  input: PairingInput & { readonly certificates: PairingCertificates },
): Record<string, unknown> {
  const alpn = ['weft/1', 'h2', 'http/1.1'];
  const tls = transport(input.certificates, alpn);
  return {
    node: { id: 'pairing-peer', cluster: 'pairing' },
    static_resources: {
      listeners: [
        ...upstreamsOf(input).map((up) => managerListener(`peer-${up}`, 'tls', up, input, alpn)),
        listener('peer-tunnel', tcpProxy('tunnel'), { transport: tls }),
        listener('peer-secure-tunnel', tcpProxy('secure-tunnel'), { transport: tls }),
      ],
      clusters: clusters(input),
    },
  };
}

/** What the first of two engines gets for ports. */
export const peerPorts = (
  port: (listener: string) => number,
): Pick<PairingInput, 'backends' | 'tunnel' | 'secureTunnel' | 'behindPeer'> => ({
  backends: { h1: port('peer-h1'), h2: port('peer-h2'), alpn: port('peer-alpn') },
  tunnel: port('peer-tunnel'),
  secureTunnel: port('peer-secure-tunnel'),
  behindPeer: true,
});

const upstreamsOf = ({ backends }: PairingInput): readonly Upstream[] =>
  UPSTREAMS.filter((one) => backends[one] !== undefined);

function clusters(input: PairingInput): readonly unknown[] {
  const { backends, tunnel = backends.h1, secureTunnel = tunnel, certificates, behindPeer = false } = input;
  return [
    ...upstreamsOf(input).map((up) => {
      const secure = behindPeer || up === 'alpn';
      // Between engines ALPN chooses the version, whatever the backend speaks.
      return cluster(up, backends[up] ?? 0, secure ? 'alpn' : up, secure ? certificates : undefined, behindPeer);
    }),
    cluster('tunnel', tunnel, 'h1', behindPeer ? certificates : undefined),
    cluster('secure-tunnel', secureTunnel, 'h1', behindPeer ? certificates : undefined),
  ];
}

const CONNECT = {
  match: { connect_matcher: {} },
  route: { cluster: 'tunnel', timeout: '0s', upgrade_configs: [{ upgrade_type: 'CONNECT', connect_config: {} }] },
};

const CODECS: Readonly<Record<Downstream, string>> = { h1: 'HTTP1', h2: 'HTTP2', auto: 'AUTO', tls: 'AUTO' };

const tcpProxy = (to: string): unknown => ({
  name: 'envoy.filters.network.tcp_proxy',
  typed_config: { '@type': `${TYPE}filters.network.tcp_proxy.v3.TcpProxy`, stat_prefix: to, cluster: to },
});

function listener(
  name: string,
  filter: unknown,
  chain: { readonly transport?: unknown; readonly match?: unknown; readonly inspector?: boolean } = {},
): unknown {
  const inspector = {
    name: 'envoy.filters.listener.tls_inspector',
    typed_config: { '@type': `${TYPE}filters.listener.tls_inspector.v3.TlsInspector` },
  };
  return {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    per_connection_buffer_limit_bytes: 1_048_576,
    ...(chain.inspector === true ? { listener_filters: [inspector] } : {}),
    filter_chains: [
      {
        ...(chain.match === undefined ? {} : { filter_chain_match: chain.match }),
        ...(chain.transport === undefined ? {} : { transport_socket: chain.transport }),
        filters: [filter],
      },
    ],
  };
}

const httpFilter = (name: string, type: string): unknown => ({
  name: `envoy.filters.http.${name}`,
  typed_config: { '@type': `${TYPE}filters.http.${type}` },
});

function managerListener(
  name: string,
  down: Downstream,
  up: Upstream,
  { certificates, manager = {} }: PairingInput,
  alpn = ['h2', 'http/1.1'],
): unknown {
  const filter = {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': `${TYPE}filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: name,
      codec_type: CODECS[down],
      http_protocol_options: { accept_http_10: true, default_host_for_http_10: 'localhost', enable_trailers: true },
      http2_protocol_options: {
        max_concurrent_streams: 100,
        initial_stream_window_size: 65_536,
        initial_connection_window_size: 1_048_576,
        allow_connect: true,
      },
      common_http_protocol_options: { idle_timeout: '3600s', max_headers_count: 100 },
      stream_idle_timeout: '300s',
      delayed_close_timeout: '1s',
      upgrade_configs: [{ upgrade_type: 'websocket' }],
      http_filters: [httpFilter('grpc_web', 'grpc_web.v3.GrpcWeb'), httpFilter('router', 'router.v3.Router')],
      ...manager,
      route_config: {
        name,
        virtual_hosts: [
          {
            name: 'all',
            domains: ['*'],
            routes: [CONNECT, { match: { prefix: '/' }, route: { cluster: up, timeout: '0s' } }],
          },
        ],
      },
    },
  };
  const secure = down === 'tls' && certificates !== undefined;
  return listener(name, filter, secure ? { transport: transport(certificates, alpn) } : {});
}

const transport = ({ chain, key }: PairingCertificates, alpn: readonly string[]): unknown => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': `${TYPE}transport_sockets.tls.v3.DownstreamTlsContext`,
    common_tls_context: {
      alpn_protocols: alpn,
      tls_certificates: [{ certificate_chain: { filename: chain }, private_key: { filename: key } }],
    },
  },
});

const upstreamTransport = ({ chain }: PairingCertificates, alpn: readonly string[]): unknown => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': `${TYPE}transport_sockets.tls.v3.UpstreamTlsContext`,
    sni: PAIRING_HOST,
    common_tls_context: {
      ...(alpn.length === 0 ? {} : { alpn_protocols: alpn }),
      validation_context: { trusted_ca: { filename: chain } },
    },
  },
});

const HTTP2 = { initial_stream_window_size: 65_536, initial_connection_window_size: 1_048_576 };
const PROTOCOLS: Readonly<Record<Upstream, unknown>> = {
  h1: { explicit_http_config: { http_protocol_options: { enable_trailers: true } } },
  h2: { explicit_http_config: { http2_protocol_options: HTTP2 } },
  alpn: { auto_config: { http_protocol_options: { enable_trailers: true }, http2_protocol_options: HTTP2 } },
};

function cluster(
  name: string,
  port: number,
  up: Upstream,
  certificates: PairingCertificates | undefined,
  peer = false,
): unknown {
  const alpn = up !== 'alpn' ? [] : peer ? ['weft/1', 'http/1.1'] : ['h2', 'http/1.1'];
  return {
    name,
    type: 'STATIC',
    connect_timeout: '5s',
    load_assignment: {
      cluster_name: name,
      endpoints: [
        { lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } }] },
      ],
    },
    ...(certificates === undefined ? {} : { transport_socket: upstreamTransport(certificates, alpn) }),
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': `${TYPE}upstreams.http.v3.HttpProtocolOptions`,
        ...(PROTOCOLS[up] as object),
      },
    },
  };
}
