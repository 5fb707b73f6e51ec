/**
 * The static bootstrap of the runs over every pairing of protocols: a listener for each way a client can speak and each way the backend
 * can, with the safe values our compiler writes (compile/defaults.ts) where they matter here. Real Envoy gets the same file.
 */

/** HTTP/1.1 only, HTTP/2 by prior knowledge only, told apart by the first octets, told apart by ALPN. */
export const DOWNSTREAMS = ['h1', 'h2', 'auto', 'tls'] as const;
export type Downstream = (typeof DOWNSTREAMS)[number];
export const UPSTREAMS = ['h1', 'h2'] as const;
export type Upstream = (typeof UPSTREAMS)[number];

/** Paths of PEM files. */
export interface PairingCertificates {
  readonly chain: string;
  readonly key: string;
}

export interface PairingInput {
  /** Ports of the backend for each protocol. */
  readonly backends: Readonly<Record<Upstream, number>>;
  /** Where CONNECT goes, as a raw connection; default: the backend of HTTP/1.1. */
  readonly tunnel?: number;
  /** Without them there are no `tls` listeners. */
  readonly certificates?: PairingCertificates | undefined;
  /** Merged over every connection manager. */
  readonly manager?: Readonly<Record<string, unknown>>;
}

const TYPE = 'type.googleapis.com/envoy.extensions.';

export const pairingListener = (downstream: Downstream, upstream: Upstream): string => `${downstream}-${upstream}`;

export function pairingBootstrap(input: PairingInput): Record<string, unknown> {
  const downstreams = DOWNSTREAMS.filter((one) => one !== 'tls' || input.certificates !== undefined);
  return {
    node: { id: 'pairing', cluster: 'pairing' },
    static_resources: {
      listeners: downstreams.flatMap((down) => UPSTREAMS.map((up) => listener(down, up, input))),
      clusters: [
        ...UPSTREAMS.map((up) => cluster(up, input.backends[up], up)),
        cluster('tunnel', input.tunnel ?? input.backends.h1, 'h1'),
      ],
    },
  };
}

const CONNECT = {
  match: { connect_matcher: {} },
  route: { cluster: 'tunnel', timeout: '0s', upgrade_configs: [{ upgrade_type: 'CONNECT', connect_config: {} }] },
};

const CODECS: Readonly<Record<Downstream, string>> = { h1: 'HTTP1', h2: 'HTTP2', auto: 'AUTO', tls: 'AUTO' };

function listener(down: Downstream, up: Upstream, { certificates, manager = {} }: PairingInput): unknown {
  const name = pairingListener(down, up);
  return {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    per_connection_buffer_limit_bytes: 1_048_576,
    filter_chains: [
      {
        ...(down === 'tls' && certificates !== undefined ? { transport_socket: transport(certificates) } : {}),
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: {
              '@type': `${TYPE}filters.network.http_connection_manager.v3.HttpConnectionManager`,
              stat_prefix: name,
              codec_type: CODECS[down],
              http_protocol_options: {
                accept_http_10: true,
                default_host_for_http_10: 'localhost',
                enable_trailers: true,
              },
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
              http_filters: [
                {
                  name: 'envoy.filters.http.router',
                  typed_config: { '@type': `${TYPE}filters.http.router.v3.Router` },
                },
              ],
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
          },
        ],
      },
    ],
  };
}

const transport = ({ chain, key }: PairingCertificates): unknown => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': `${TYPE}transport_sockets.tls.v3.DownstreamTlsContext`,
    common_tls_context: {
      alpn_protocols: ['h2', 'http/1.1'],
      tls_certificates: [{ certificate_chain: { filename: chain }, private_key: { filename: key } }],
    },
  },
});

function cluster(name: string, port: number, up: Upstream): unknown {
  const explicit =
    up === 'h1'
      ? { http_protocol_options: { enable_trailers: true } }
      : { http2_protocol_options: { initial_stream_window_size: 65_536, initial_connection_window_size: 1_048_576 } };
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
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': `${TYPE}upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: explicit,
      },
    },
  };
}
