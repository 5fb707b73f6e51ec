/** The bootstrap that is measured: routing by path and header to one of two clusters, metrics on, no access log unless asked. */
const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const ROUTER = {
  name: 'envoy.filters.http.router',
  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
};

export interface BenchBootstrap {
  readonly port: number;
  readonly backend: number;
  readonly adminPath: string;
  /** JSON access log to this file; undefined: none. */
  readonly accessLog?: string | undefined;
}

const address = (port: number): object => ({ socket_address: { address: '127.0.0.1', port_value: port } });
const cluster = (name: string, port: number): object => ({
  name,
  type: 'STATIC',
  lb_policy: 'LEAST_REQUEST',
  circuit_breakers: {
    thresholds: [{ max_connections: 100_000, max_pending_requests: 100_000, max_requests: 100_000 }],
  },
  load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }] },
});

export function httpBootstrap({ port, backend, adminPath, accessLog }: BenchBootstrap): object {
  const log =
    accessLog === undefined
      ? {}
      : {
          access_log: [
            {
              name: 'envoy.access_loggers.file',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
                path: accessLog,
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
        };
  return {
    node: { id: 'bench', cluster: 'bench' },
    admin: { address: { pipe: { path: adminPath } } },
    static_resources: {
      listeners: [
        {
          name: 'bench',
          address: address(port),
          filter_chains: [
            {
              filters: [
                {
                  name: 'envoy.filters.network.http_connection_manager',
                  typed_config: {
                    '@type': HCM,
                    stat_prefix: 'bench',
                    http_filters: [ROUTER],
                    ...log,
                    route_config: {
                      name: 'bench',
                      virtual_hosts: [
                        {
                          name: 'all',
                          domains: ['*'],
                          routes: [
                            {
                              match: {
                                prefix: '/api/',
                                headers: [{ name: 'x-canary', string_match: { exact: 'yes' } }],
                              },
                              route: { cluster: 'canary' },
                            },
                            { match: { path: '/health' }, direct_response: { status: 200 } },
                            { match: { prefix: '/api/' }, route: { cluster: 'main' } },
                          ],
                        },
                      ],
                    },
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [cluster('main', backend), cluster('canary', backend)],
    },
  };
}
