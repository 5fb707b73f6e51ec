/** The engine's configuration in the ring: the safe values of our compiler (compile/queries/http-manager.ts), every request to one place. */
import { SAFE_MANAGER } from '../attacks/index.ts';
import type { MutualCertificates } from '../grpc-interop/index.ts';
import { FROM } from './seen.ts';

const TYPE = 'type.googleapis.com/envoy.';

/** What is spoken on a hop. `weft/1` is HTTP/2 over mutual TLS between two of our engines. */
export type Protocol = 'http1' | 'http2' | 'weft/1';

export interface RingBootstrap {
  readonly adminPath: string;
  readonly upstream: { readonly port: number; readonly protocol: Protocol };
  /** The first engine says in each request where it came from; those behind it must let that stand. */
  readonly first: boolean;
  /** The hop in front is `weft/1`. */
  readonly listenTls: boolean;
  readonly certificates?: MutualCertificates | undefined;
}

export function ringBootstrap({
  adminPath,
  upstream: { port, protocol },
  first,
  listenTls,
  certificates,
}: RingBootstrap): Record<string, unknown> {
  const next = { endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } };
  return {
    node: { id: 'ring', cluster: 'ring' },
    admin: { address: { pipe: { path: adminPath } } },
    static_resources: {
      listeners: [
        {
          name: 'ring',
          address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
          filter_chains: [
            {
              ...(listenTls ? transport('Downstream', certificates) : {}),
              filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager(first) }],
            },
          ],
        },
      ],
      clusters: [
        {
          name: 'ring',
          type: 'STATIC',
          connect_timeout: '5s',
          circuit_breakers: { thresholds: [{ max_connections: 8192, max_pending_requests: 8192, max_requests: 8192 }] },
          load_assignment: { cluster_name: 'ring', endpoints: [{ lb_endpoints: [next] }] },
          ...options(protocol),
          ...(protocol === 'weft/1' ? transport('Upstream', certificates) : {}),
        },
      ],
    },
  };
}

function options(protocol: Protocol): object {
  if (protocol === 'http1') return {};
  return {
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': `${TYPE}extensions.upstreams.http.v3.HttpProtocolOptions`,
        ...(protocol === 'http2' ? { explicit_http_config: { http2_protocol_options: {} } } : { auto_config: {} }),
      },
    },
  };
}

function transport(kind: 'Downstream' | 'Upstream', certificates: MutualCertificates | undefined): object {
  if (certificates === undefined) throw new Error('weft/1 needs certificates');
  const { chain, key, roots } = certificates;
  return {
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': `${TYPE}extensions.transport_sockets.tls.v3.${kind}TlsContext`,
        common_tls_context: {
          alpn_protocols: kind === 'Upstream' ? ['weft/1', 'http/1.1'] : ['weft/1', 'h2', 'http/1.1'],
          tls_certificates: [{ certificate_chain: { filename: chain }, private_key: { filename: key } }],
          validation_context: {
            trusted_ca: { filename: roots },
            match_typed_subject_alt_names: [{ san_type: 'URI', matcher: { prefix: 'spiffe://interop.test/' } }],
          },
        },
        ...(kind === 'Downstream' ? { require_client_certificate: true } : { sni: 'interop.test' }),
      },
    },
  };
}

const manager = (first: boolean): unknown => ({
  '@type': `${TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
  stat_prefix: 'ring',
  http_filters: [
    { name: 'envoy.filters.http.router', typed_config: { '@type': `${TYPE}extensions.filters.http.router.v3.Router` } },
  ],
  http_protocol_options: { accept_http_10: true, default_host_for_http_10: 'localhost', enable_trailers: true },
  common_http_protocol_options: {
    idle_timeout: '3600s',
    max_headers_count: 100,
    headers_with_underscores_action: 'REJECT_REQUEST',
  },
  ...SAFE_MANAGER,
  route_config: {
    name: 'ring',
    ...(first ? { request_headers_to_add: [FROM_FIELD] } : {}),
    virtual_hosts: [
      { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'ring', timeout: '0s' } }] },
    ],
  },
});

const FROM_FIELD = {
  header: { key: FROM, value: '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%' },
  append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
};
