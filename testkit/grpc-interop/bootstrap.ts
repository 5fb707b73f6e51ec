/** One hop of a gRPC call: a listener `grpc` by prior knowledge or mTLS, and an HTTP/2 cluster in plaintext or mTLS. Real Envoy gets the same. */
import type { MutualCertificates } from './certificates.ts';

export interface HopInput {
  /** Where it goes. */
  readonly to: number;
  readonly listenTls?: MutualCertificates | undefined;
  readonly dialTls?: MutualCertificates | undefined;
  /** Merged over the route action. */
  readonly route?: Readonly<Record<string, unknown>>;
}

const TYPE = 'type.googleapis.com/envoy.extensions.';

export function hopBootstrap({ to, listenTls, dialTls, route = {} }: HopInput): Record<string, unknown> {
  return {
    node: { id: 'interop', cluster: 'interop' },
    static_resources: {
      listeners: [
        {
          name: 'grpc',
          address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
          filter_chains: [{ ...transport('Downstream', listenTls), filters: [manager(route)] }],
        },
      ],
      clusters: [
        {
          name: 'next',
          type: 'STATIC',
          connect_timeout: '5s',
          load_assignment: {
            cluster_name: 'next',
            endpoints: [
              {
                lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: to } } } }],
              },
            ],
          },
          typed_extension_protocol_options: {
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
              '@type': `${TYPE}upstreams.http.v3.HttpProtocolOptions`,
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
          ...transport('Upstream', dialTls),
        },
      ],
    },
  };
}

const manager = (route: Readonly<Record<string, unknown>>): unknown => ({
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: {
    '@type': `${TYPE}filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'grpc',
    http_filters: [
      { name: 'envoy.filters.http.router', typed_config: { '@type': `${TYPE}filters.http.router.v3.Router` } },
    ],
    route_config: {
      name: 'grpc',
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [{ match: { prefix: '/', grpc: {} }, route: { cluster: 'next', timeout: '0s', ...route } }],
        },
      ],
    },
  },
});

function transport(kind: 'Downstream' | 'Upstream', tls: MutualCertificates | undefined): object {
  if (tls === undefined) return {};
  return {
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': `${TYPE}transport_sockets.tls.v3.${kind}TlsContext`,
        common_tls_context: {
          alpn_protocols: ['h2'],
          tls_certificates: [{ certificate_chain: { filename: tls.chain }, private_key: { filename: tls.key } }],
          validation_context: {
            trusted_ca: { filename: tls.roots },
            match_typed_subject_alt_names: [{ san_type: 'URI', matcher: { prefix: 'spiffe://interop.test/' } }],
          },
        },
        ...(kind === 'Downstream' ? { require_client_certificate: true } : { sni: 'interop.test' }),
      },
    },
  };
}
