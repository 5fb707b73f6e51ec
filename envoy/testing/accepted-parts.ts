/** What several of the accepted messages hold. */
export const address = { socket_address: { address: '10.0.0.1', port_value: 80 } };
export const ads = { ads: {}, resource_api_version: 'V3' } as const;
export const file = {
  path_config_source: { path: '/etc/r.yaml', watched_directory: { path: '/etc' } },
  resource_api_version: 'V3',
} as const;
export const secret = {
  name: 's',
  sds_config: {
    api_config_source: {
      api_type: 'GRPC',
      transport_api_version: 'V3',
      grpc_services: [{ envoy_grpc: { cluster_name: 'sds' } }],
    },
    resource_api_version: 'V3',
  },
} as const;
