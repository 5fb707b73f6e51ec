/** The bootstraps that are measured, read by our engine and by Envoy alike: routing by path and header, metrics on, TLS where asked. */
import type { Certificates } from './certificates.ts';

const TYPES = 'type.googleapis.com/envoy.extensions';
const HCM = `${TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager`;
const ROUTER = {
  name: 'envoy.filters.http.router',
  typed_config: { '@type': `${TYPES}.filters.http.router.v3.Router` },
};

export interface BenchBootstrap {
  readonly port: number;
  readonly backend: number;
  readonly adminPath: string;
  /** What the listener carries; `http` unless said. */
  readonly protocol?: 'http' | 'tcp';
  /** The clusters are dialled by HTTP/2 without TLS. */
  readonly http2?: boolean | undefined;
  /** JSON access log to this file; undefined: none. */
  readonly accessLog?: string | undefined;
  /** The listener demands client certificates. */
  readonly listenTls?: Certificates | undefined;
  /** ALPN of both TLS sides, best first; with HTTP/2 among it the dialling side lets it choose. `http/1.1` unless said. */
  readonly alpn?: readonly string[];
  /** The cluster is dialled with a client certificate. */
  readonly dialTls?: Certificates | undefined;
  /** Clusters beside those in use, each with ten endpoints and a route of its own; 0 unless said. */
  readonly moreClusters?: number;
  /** Instead of the usual routes. */
  readonly routes?: readonly object[];
  /** HTTP filters before the router; none unless said. */
  readonly filters?: readonly object[];
  /** The connection manager's `tracing`; a port of loopback where a cluster `collector` that speaks HTTP/2 has its endpoint. */
  readonly tracing?: object | undefined;
  readonly collector?: number | undefined;
}

const address = (port: number, host = '127.0.0.1'): object => ({ socket_address: { address: host, port_value: port } });
const endpoint = (port: number, host?: string): object => ({ endpoint: { address: address(port, host) } });

const commonTls = (certificates: Certificates, alpn: readonly string[]): object => ({
  tls_certificates: [
    { certificate_chain: { filename: certificates.chain }, private_key: { filename: certificates.key } },
  ],
  validation_context: {
    trusted_ca: { filename: certificates.roots },
    match_typed_subject_alt_names: [{ san_type: 'URI', matcher: { prefix: 'spiffe://bench.test/' } }],
  },
  alpn_protocols: alpn,
});

const transport = (
  kind: 'Downstream' | 'Upstream',
  certificates: Certificates | undefined,
  alpn: readonly string[] = ['http/1.1'],
): object =>
  certificates === undefined
    ? {}
    : {
        transport_socket: {
          name: 'envoy.transport_sockets.tls',
          typed_config: {
            '@type': `${TYPES}.transport_sockets.tls.v3.${kind}TlsContext`,
            common_tls_context: commonTls(certificates, alpn),
            ...(kind === 'Downstream' ? { require_client_certificate: true } : { sni: 'bench.test' }),
          },
        },
      };

const chosen = (config: object | undefined): object =>
  config === undefined
    ? {}
    : {
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
            '@type': `${TYPES}.upstreams.http.v3.HttpProtocolOptions`,
            ...config,
          },
        },
      };

const cluster = (
  name: string,
  endpoints: readonly object[],
  tls?: Certificates,
  alpn?: readonly string[],
  http2 = false,
): object => ({
  name,
  type: 'STATIC',
  lb_policy: 'LEAST_REQUEST',
  circuit_breakers: {
    thresholds: [{ max_connections: 100_000, max_pending_requests: 100_000, max_requests: 100_000 }],
  },
  load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: endpoints }] },
  ...transport('Upstream', tls, alpn),
  ...chosen(
    http2 ? { explicit_http_config: { http2_protocol_options: {} } } : tls && alpn ? { auto_config: {} } : undefined,
  ),
});

const jsonLog = (file: string): object => ({
  access_log: [
    {
      name: 'envoy.access_loggers.file',
      typed_config: {
        '@type': `${TYPES}.access_loggers.file.v3.FileAccessLog`,
        path: file,
        log_format: {
          json_format: {
            start_time: '%START_TIME%',
            method: '%REQ(:METHOD)%',
            path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
            status: '%RESPONSE_CODE%',
            flags: '%RESPONSE_FLAGS%',
            duration: '%DURATION%',
            upstream: '%UPSTREAM_HOST%',
          },
        },
      },
    },
  ],
});

const routes = (more: readonly string[]): readonly object[] => [
  {
    match: { prefix: '/api/', headers: [{ name: 'x-canary', string_match: { exact: 'yes' } }] },
    route: { cluster: 'canary' },
  },
  { match: { path: '/health' }, direct_response: { status: 200 } },
  { match: { prefix: '/api/' }, route: { cluster: 'main' } },
  ...more.map((name) => ({ match: { prefix: `/${name}/` }, route: { cluster: name } })),
];

const httpFilter = (
  { accessLog, filters = [], routes: own, tracing }: BenchBootstrap,
  more: readonly string[],
): object => ({
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: {
    '@type': HCM,
    stat_prefix: 'bench',
    http_filters: [...filters, ROUTER],
    ...(accessLog === undefined ? {} : jsonLog(accessLog)),
    ...(tracing === undefined ? {} : { tracing }),
    route_config: { name: 'bench', virtual_hosts: [{ name: 'all', domains: ['*'], routes: own ?? routes(more) }] },
  },
});

const TCP_FILTER = {
  name: 'envoy.filters.network.tcp_proxy',
  typed_config: { '@type': `${TYPES}.filters.network.tcp_proxy.v3.TcpProxy`, stat_prefix: 'bench', cluster: 'main' },
};

export function benchBootstrap(conf: BenchBootstrap): object {
  const more = Array.from({ length: conf.moreClusters ?? 0 }, (_, index) => `more-${index}`);
  const filter = conf.protocol === 'tcp' ? TCP_FILTER : httpFilter(conf, more);
  return {
    node: { id: 'bench', cluster: 'bench' },
    admin: { address: { pipe: { path: conf.adminPath } } },
    static_resources: {
      listeners: [
        {
          name: 'bench',
          address: address(conf.port),
          filter_chains: [{ filters: [filter], ...transport('Downstream', conf.listenTls, conf.alpn) }],
        },
      ],
      clusters: [
        ...['main', 'canary'].map((name) =>
          cluster(name, [endpoint(conf.backend)], conf.dialTls, conf.alpn, conf.http2),
        ),
        ...(conf.collector === undefined
          ? []
          : [cluster('collector', [endpoint(conf.collector)], undefined, undefined, true)]),
        ...more.map((name, index) =>
          cluster(
            name,
            Array.from({ length: 10 }, (_, host) => endpoint(80, `10.1.${index}.${host + 1}`)),
          ),
        ),
      ],
    },
  };
}
