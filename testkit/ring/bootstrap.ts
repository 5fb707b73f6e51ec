/** The engine's configuration in the ring: the safe values of our compiler (compile/queries/http-manager.ts), every request to one place. */
import { SAFE_MANAGER } from '../attacks/index.ts';
import { FROM } from './seen.ts';

const TYPE = 'type.googleapis.com/envoy.';

export interface RingBootstrap {
  readonly adminPath: string;
  /** Listener -> port behind it. */
  readonly upstreams: Readonly<Record<string, number>>;
}

export function ringBootstrap({ adminPath, upstreams }: RingBootstrap): Record<string, unknown> {
  const names = Object.keys(upstreams);
  return {
    node: { id: 'ring', cluster: 'ring' },
    admin: { address: { pipe: { path: adminPath } } },
    static_resources: {
      listeners: names.map((name) => ({
        name,
        address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
        filter_chains: [
          { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager(name) }] },
        ],
      })),
      clusters: names.map((name) => ({
        name,
        type: 'STATIC',
        connect_timeout: '5s',
        circuit_breakers: { thresholds: [{ max_connections: 8192, max_pending_requests: 8192, max_requests: 8192 }] },
        load_assignment: {
          cluster_name: name,
          endpoints: [
            {
              lb_endpoints: [
                {
                  endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: upstreams[name] ?? 0 } } },
                },
              ],
            },
          ],
        },
      })),
    },
  };
}

const manager = (name: string): unknown => ({
  '@type': `${TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
  stat_prefix: name,
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
    name,
    request_headers_to_add: [
      {
        header: { key: FROM, value: '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%' },
        append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
      },
    ],
    virtual_hosts: [
      { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: name, timeout: '0s' } }] },
    ],
  },
});
