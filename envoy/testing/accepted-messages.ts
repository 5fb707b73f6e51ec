/** Messages that every decoder accepts and that reach each of the supported message types: a base to change one field of. */
import { filters } from './accepted-filters.ts';
import { routes } from './accepted-routes.ts';
import { pack, type AnyMessage, type MessageName, type Messages } from '../tables/index.ts';

const matcher = { exact: 'v' };
const address = { socket_address: { address: '10.0.0.1', port_value: 80 } };
const ads = { ads: {}, resource_api_version: 'V3' } as const;
const secret = {
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

const rbac: Messages['envoy.config.rbac.v3.RBAC'] = {
  policies: new Map([
    [
      'p',
      {
        permissions: [
          { and_rules: { rules: [{ destination_port: 80 }, { destination_port_range: { start: 1, end: 2 } }] } },
          { destination_ip: { address_prefix: '10.0.0.0', prefix_len: 8 } },
          { not_rule: { requested_server_name: matcher } },
        ],
        principals: [{ authenticated: { principal_name: matcher } }, { or_ids: { ids: [{ any: true }] } }],
      },
    ],
  ]),
};

const compared = { comparison: { op: 'GE', value: { default_value: 5, runtime_key: 'k' } } } as const;
const logFilters: readonly Messages['envoy.config.accesslog.v3.AccessLogFilter'][] = [
  { status_code_filter: compared },
  { duration_filter: compared },
  { runtime_filter: { runtime_key: 'k', percent_sampled: { numerator: 5 } } },
  { or_filter: { filters: [{ not_health_check_filter: {} }, { response_flag_filter: { flags: ['UF'] } }] } },
  { header_filter: { header: { name: 'h', string_match: matcher } } },
  { grpc_status_filter: { statuses: ['OK'] } },
];

const manager: Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'] = {
  stat_prefix: 'm',
  route_config: routes,
  http_filters: [
    ...filters(rbac).map((typed_config, index) => ({ name: `f${index}`, typed_config })),
    { name: 'router', typed_config: pack('envoy.extensions.filters.http.router.v3.Router', {}) },
  ],
  common_http_protocol_options: { idle_timeout: { seconds: 7 } },
  http_protocol_options: { accept_http_10: true },
  http2_protocol_options: { max_concurrent_streams: 7 },
  request_id_extension: {
    typed_config: pack('envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig', {}),
  },
  local_reply_config: {
    mappers: [
      {
        filter: { not_health_check_filter: {} },
        body: { inline_string: 'x' },
        body_format_override: { text_format_source: { inline_string: 'x' } },
        headers_to_add: [{ header: { key: 'a', value: 'b' } }],
      },
    ],
    body_format: { json_format: { a: 'b' } },
  },
  set_current_client_cert_details: { uri: true },
  upgrade_configs: [{ upgrade_type: 'websocket' }],
  access_log: [
    {
      name: 'a',
      filter: { and_filter: { filters: logFilters } },
      typed_config: pack('envoy.extensions.access_loggers.file.v3.FileAccessLog', {
        path: '/dev/null',
        log_format: { text_format_source: { inline_string: 'x' } },
      }),
    },
    {
      name: 'b',
      typed_config: pack('envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', {
        log_format: { json_format: { a: 'b' } },
      }),
    },
  ],
};

const listener: Messages['envoy.config.listener.v3.Listener'] = {
  name: 'l',
  address,
  additional_addresses: [{ address: { pipe: { path: '/run/x' } } }],
  listener_filters: [
    { name: 't', typed_config: pack('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector', {}) },
    { name: 'p', typed_config: pack('envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol', {}) },
  ],
  metadata: { filter_metadata: new Map([['dev.weft', { source: 'Service/a' }]]) },
  filter_chains: [
    {
      filter_chain_match: { destination_port: 80, prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
      transport_socket: {
        name: 't',
        typed_config: pack('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
          common_tls_context: {
            tls_params: { cipher_suites: ['x'] },
            tls_certificates: [{ certificate_chain: { filename: 'c' }, private_key: { filename: 'k' } }],
            validation_context: {
              trusted_ca: { filename: 'r' },
              match_typed_subject_alt_names: [{ san_type: 'URI', matcher }],
              crl: { filename: 'l' },
            },
          },
        }),
      },
      filters: [
        {
          name: 'r',
          typed_config: pack('envoy.extensions.filters.network.rbac.v3.RBAC', { stat_prefix: 's', rules: rbac }),
        },
        { name: 's', typed_config: pack('envoy.extensions.filters.network.sni_cluster.v3.SniCluster', {}) },
        {
          name: 'r',
          typed_config: pack('envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit', {
            stat_prefix: 's',
            token_bucket: { max_tokens: 5, fill_interval: { seconds: 1 } },
            runtime_enabled: { default_value: false, runtime_key: 'k' },
          }),
        },
        {
          name: 'l',
          typed_config: pack('envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit', {
            stat_prefix: 's',
            max_connections: 5,
          }),
        },
        {
          name: 'h',
          typed_config: pack(
            'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            manager,
          ),
        },
      ],
    },
    {
      transport_socket: {
        name: 't',
        typed_config: pack('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
          common_tls_context: {
            tls_certificate_sds_secret_configs: [secret],
            combined_validation_context: {
              default_validation_context: {},
              validation_context_sds_secret_config: secret,
            },
          },
        }),
      },
      filters: [
        {
          name: 't',
          typed_config: pack('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
            stat_prefix: 's',
            weighted_clusters: { clusters: [{ name: 'c', weight: 1 }] },
            hash_policy: [{ source_ip: {} }],
          }),
        },
      ],
    },
    {
      name: 'rds',
      filter_chain_match: { destination_port: 81 },
      filters: [
        {
          name: 'h',
          typed_config: pack('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
            stat_prefix: 'm',
            rds: { config_source: ads, route_config_name: 'r' },
            original_ip_detection_extensions: [
              {
                name: 'x',
                typed_config: pack('envoy.extensions.http.original_ip_detection.xff.v3.XffConfig', {
                  xff_num_trusted_hops: 2,
                }),
              },
            ],
            http_filters: [
              { name: 'router', typed_config: pack('envoy.extensions.filters.http.router.v3.Router', {}) },
            ],
          }),
        },
      ],
    },
  ],
};

const udpListener: Messages['envoy.config.listener.v3.Listener'] = {
  name: 'u',
  address: { socket_address: { protocol: 'UDP', address: '10.0.0.1', port_value: 53 } },
  udp_listener_config: { downstream_socket_config: { max_rx_datagram_size: 9000 } },
  listener_filters: [
    {
      name: 'u',
      typed_config: pack('envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig', {
        stat_prefix: 's',
        matcher: {
          on_no_match: {
            action: {
              name: 'r',
              typed_config: pack('envoy.extensions.filters.udp.udp_proxy.v3.Route', { cluster: 'c' }),
            },
          },
        },
        hash_policies: [{ key: 'k' }],
        upstream_socket_config: { max_rx_datagram_size: 9000 },
      }),
    },
  ],
};

const assignment: Messages['envoy.config.endpoint.v3.ClusterLoadAssignment'] = {
  cluster_name: 'a',
  endpoints: [
    {
      locality: { zone: 'z' },
      lb_endpoints: [
        {
          endpoint: { address, health_check_config: { port_value: 9 } },
          metadata: { filter_metadata: new Map([['dev.weft', { workload: 'a/b' }]]) },
        },
      ],
    },
  ],
  policy: { overprovisioning_factor: 150 },
};

const cluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'c',
  type: 'STATIC',
  load_assignment: assignment,
  lb_policy: 'LEAST_REQUEST',
  least_request_lb_config: {
    active_request_bias: { default_value: 2, runtime_key: 'x' },
    slow_start_config: { slow_start_window: { seconds: 5 }, min_weight_percent: { value: 5 } },
  },
  upstream_bind_config: { source_address: { address: '10.0.0.2', port_value: 0 } },
  circuit_breakers: { thresholds: [{ retry_budget: { budget_percent: { value: 30 } } }] },
  outlier_detection: { interval: { seconds: 3 } },
  health_checks: [
    {
      name: 'check-1',
      timeout: { seconds: 1 },
      interval: { seconds: 1 },
      unhealthy_threshold: 1,
      healthy_threshold: 1,
      http_health_check: {
        path: '/',
        expected_statuses: [{ start: 200, end: 201 }],
        request_headers_to_add: [{ header: { key: 'a', value: 'b' } }],
      },
    },
    {
      name: 'check-2',
      timeout: { seconds: 1 },
      interval: { seconds: 1 },
      unhealthy_threshold: 1,
      healthy_threshold: 1,
      grpc_health_check: {},
    },
    {
      name: 'check-3',
      timeout: { seconds: 1 },
      interval: { seconds: 1 },
      unhealthy_threshold: 1,
      healthy_threshold: 1,
      tcp_health_check: { send: { text: '00' }, receive: [{ text: '01' }] },
    },
  ],
  transport_socket_matches: [
    {
      name: 'p',
      match: { 'dev.weft/transport': 'plaintext' },
      transport_socket: {
        name: 'r',
        typed_config: pack('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer', {}),
      },
    },
  ],
  transport_socket: {
    name: 't',
    typed_config: pack('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      common_tls_context: { validation_context_sds_secret_config: secret },
    }),
  },
  common_lb_config: { healthy_panic_threshold: { value: 10 } },
  upstream_connection_options: { tcp_keepalive: { keepalive_probes: 3 } },
  typed_extension_protocol_options: new Map([
    [
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      pack('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
        common_http_protocol_options: { idle_timeout: { seconds: 9 } },
        explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 9 } },
      }),
    ],
  ]),
};

const prefixedCluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'pp',
  type: 'STATIC',
  load_assignment: assignment,
  transport_socket: {
    name: 'p',
    typed_config: pack('envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport', {
      config: { version: 'V2' },
      transport_socket: {
        name: 'r',
        typed_config: pack('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer', {}),
      },
    }),
  },
};

const edsCluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'e',
  type: 'EDS',
  eds_cluster_config: { eds_config: ads },
  lb_policy: 'RING_HASH',
  lb_subset_config: {
    default_subset: { v: '1' },
    subset_selectors: [{ keys: ['v', 'w'], fallback_policy: 'KEYS_SUBSET', fallback_keys_subset: ['v'] }],
  },
  ring_hash_lb_config: { minimum_ring_size: 5 },
  typed_extension_protocol_options: new Map([
    [
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      pack('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
        use_downstream_protocol_config: { http2_protocol_options: {} },
      }),
    ],
  ]),
};

const autoCluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'auto',
  type: 'STATIC',
  transport_socket: {
    name: 't',
    typed_config: pack('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      common_tls_context: { alpn_protocols: ['h2', 'http/1.1'] },
    }),
  },
  typed_extension_protocol_options: new Map([
    [
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      pack('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
        auto_config: { http_protocol_options: { enable_trailers: true } },
      }),
    ],
  ]),
};

const dnsCluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'd',
  type: 'STRICT_DNS',
  load_assignment: {
    cluster_name: 'd',
    endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 'db', port_value: 1 } } } }] }],
  },
  dns_refresh_rate: { seconds: 9 },
  dns_failure_refresh_rate: { base_interval: { seconds: 2 }, max_interval: { seconds: 200 } },
  dns_lookup_family: 'V4_ONLY',
  respect_dns_ttl: true,
  lb_policy: 'MAGLEV',
  maglev_lb_config: { table_size: 7 },
};

const oldCluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'old',
  common_http_protocol_options: { idle_timeout: { seconds: 9 } },
  http_protocol_options: { enable_trailers: true },
};

const aggregate: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'g',
  lb_policy: 'CLUSTER_PROVIDED',
  cluster_type: {
    name: 'envoy.clusters.aggregate',
    typed_config: pack('envoy.extensions.clusters.aggregate.v3.ClusterConfig', { clusters: ['c'] }),
  },
};

const dnsExtension: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'dx',
  cluster_type: {
    name: 'envoy.cluster.dns',
    typed_config: pack('envoy.extensions.clusters.dns.v3.DnsCluster', {
      dns_failure_refresh_rate: { base_interval: { seconds: 2 }, max_interval: { seconds: 200 } },
    }),
  },
  load_assignment: {
    cluster_name: 'dx',
    endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 'db', port_value: 1 } } } }] }],
  },
};

const extended = (policy: AnyMessage): Messages['envoy.config.cluster.v3.Cluster'] => ({
  name: 'x',
  type: 'EDS',
  eds_cluster_config: { eds_config: ads },
  load_balancing_policy: { policies: [{ typed_extension_config: { name: 'p', typed_config: policy } }] },
});

const bootstrap: Messages['envoy.config.bootstrap.v3.Bootstrap'] = {
  node: { id: 'n', locality: { zone: 'z' } },
  admin: { address },
  static_resources: {
    clusters: [{ name: 'xds' }],
    secrets: [
      {
        name: 's',
        tls_certificate: { certificate_chain: { inline_string: 'c' }, private_key: { inline_string: 'k' } },
      },
      { name: 'r', validation_context: { trusted_ca: { inline_string: 'r' } } },
    ],
  },
  dynamic_resources: {
    ads_config: {
      api_type: 'GRPC',
      transport_api_version: 'V3',
      grpc_services: [{ envoy_grpc: { cluster_name: 'xds' } }],
    },
    lds_config: ads,
    cds_config: ads,
  },
  stats_config: { stats_tags: [{ tag_name: 't', regex: 'a' }] },
  layered_runtime: { layers: [{ name: 'l', static_layer: { 'overload.global_downstream_max_connections': 5 } }] },
  overload_manager: {
    refresh_interval: { nanos: 250_000_000 },
    resource_monitors: [
      {
        name: 'envoy.resource_monitors.fixed_heap',
        typed_config: pack('envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig', {
          max_heap_size_bytes: 1_000_000,
        }),
      },
      {
        name: 'envoy.resource_monitors.cgroup_memory',
        typed_config: pack('envoy.extensions.resource_monitors.cgroup_memory.v3.CgroupMemoryConfig', {
          max_memory_bytes: 1_000_000,
        }),
      },
      {
        name: 'envoy.resource_monitors.global_downstream_max_connections',
        typed_config: pack('envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig', {
          max_active_downstream_connections: 5,
        }),
      },
    ],
    actions: [
      {
        name: 'envoy.overload_actions.stop_accepting_requests',
        triggers: [{ name: 'envoy.resource_monitors.fixed_heap', threshold: { value: 0.9 } }],
      },
    ],
  },
};

export const ACCEPTED: readonly (readonly [MessageName, object])[] = [
  ['envoy.config.listener.v3.Listener', listener],
  ['envoy.config.listener.v3.Listener', udpListener],
  ['envoy.config.route.v3.RouteConfiguration', routes],
  ['envoy.config.cluster.v3.Cluster', cluster],
  ['envoy.config.cluster.v3.Cluster', prefixedCluster],
  ['envoy.config.cluster.v3.Cluster', edsCluster],
  ['envoy.config.cluster.v3.Cluster', dnsCluster],
  ['envoy.config.cluster.v3.Cluster', autoCluster],
  ['envoy.config.cluster.v3.Cluster', oldCluster],
  ['envoy.config.cluster.v3.Cluster', aggregate],
  ['envoy.config.cluster.v3.Cluster', dnsExtension],
  [
    'envoy.config.cluster.v3.Cluster',
    extended(
      pack('envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest', {
        slow_start_config: { slow_start_window: { seconds: 5 } },
      }),
    ),
  ],
  [
    'envoy.config.cluster.v3.Cluster',
    extended(pack('envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash', { minimum_ring_size: 9 })),
  ],
  [
    'envoy.config.cluster.v3.Cluster',
    extended(pack('envoy.extensions.load_balancing_policies.maglev.v3.Maglev', { table_size: 7 })),
  ],
  ['envoy.config.endpoint.v3.ClusterLoadAssignment', assignment],
  ['envoy.config.bootstrap.v3.Bootstrap', bootstrap],
];
