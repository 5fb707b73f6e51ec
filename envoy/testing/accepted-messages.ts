/** Messages that every decoder accepts and that reach each of the supported message types: a base to change one field of. */
import { assignment, CLUSTERS } from './accepted-clusters.ts';
import { filters } from './accepted-filters.ts';
import { address, ads, secret } from './accepted-parts.ts';
import { inlineScope, routes, scope } from './accepted-routes.ts';
import { tracing } from './accepted-tracing.ts';
import { type JsonObject, pack, type MessageName, type Messages } from '../tables/index.ts';

const matcher = { exact: 'v' };
const metadata = { filter: 'n', path: [{ key: 'a' }], value: { string_match: matcher } };

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

const httpRbac: typeof rbac = {
  policies: new Map([
    [
      'p',
      {
        permissions: [{ metadata }],
        principals: [
          { sourced_metadata: { metadata_matcher: { ...metadata, invert: true }, metadata_source: 'ROUTE' } },
        ],
      },
    ],
  ]),
};

const compared = { comparison: { op: 'GE', value: { default_value: 5, runtime_key: 'k' } } } as const;
const serviceLog: Messages['envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig'] = {
  log_name: 'l',
  grpc_service: {
    envoy_grpc: { cluster_name: 'c', authority: 'a', max_receive_message_length: 9 },
    timeout: { seconds: 1 },
    initial_metadata: [{ key: 'k', value: 'v' }],
  },
  transport_api_version: 'V3',
  buffer_flush_interval: { seconds: 2 },
  buffer_size_bytes: 5,
};

const logFilters: readonly Messages['envoy.config.accesslog.v3.AccessLogFilter'][] = [
  { status_code_filter: compared },
  { duration_filter: compared },
  { runtime_filter: { runtime_key: 'k', percent_sampled: { numerator: 5 } } },
  { or_filter: { filters: [{ not_health_check_filter: {} }, { response_flag_filter: { flags: ['UF'] } }] } },
  { header_filter: { header: { name: 'h', string_match: matcher } } },
  { grpc_status_filter: { statuses: ['OK'] } },
  { metadata_filter: { matcher: metadata } },
  { log_type_filter: { types: ['DownstreamEnd'] } },
  {
    extension_filter: {
      name: 'cel',
      typed_config: pack('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', {
        expression: 'response.code >= 500',
      }),
    },
  },
];

const manager: Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'] = {
  stat_prefix: 'm',
  original_ip_detection_extensions: [
    {
      name: 'c',
      typed_config: pack('envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig', {
        header_name: 'x-real-client',
        reject_with_status: { code: 'BadRequest' },
      }),
    },
  ],
  route_config: routes,
  http_filters: [
    ...[...filters(rbac), ...filters(httpRbac).slice(0, 1)].map((typed_config, index) => ({
      name: `f${index}`,
      typed_config,
    })),
    { name: 'router', typed_config: pack('envoy.extensions.filters.http.router.v3.Router', {}) },
  ],
  internal_address_config: { cidr_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
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
  tracing: tracing(0),
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
    {
      name: 'c',
      typed_config: pack('envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig', {
        common_config: serviceLog,
        additional_request_headers_to_log: ['a'],
        additional_response_headers_to_log: ['b'],
        additional_response_trailers_to_log: ['grpc-status'],
      }),
    },
    {
      name: 'd',
      typed_config: pack('envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig', {
        common_config: serviceLog,
      }),
    },
    {
      name: 'e',
      typed_config: pack('envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', {
        http_service: {
          http_uri: { uri: 'http://h/v1/logs', cluster: 'c', timeout: { seconds: 1 } },
          request_headers_to_add: [{ header: { key: 'a', value: 'b' } }],
        },
        log_name: 'l',
        disable_builtin_labels: true,
        resource_detectors: [
          {
            name: 'e',
            typed_config: pack(
              'envoy.extensions.tracers.opentelemetry.resource_detectors.v3.EnvironmentResourceDetectorConfig',
              {},
            ),
          },
        ],
        resource_attributes: { values: [{ key: 'a', value: { string_value: 'b' } }] },
        body: { kvlist_value: { values: [{ key: 'a', value: { array_value: { values: [{ string_value: 'b' }] } } }] } },
        attributes: { values: [{ key: 'a', value: { string_value: 'b' } }] },
        stat_prefix: 's',
        buffer_flush_interval: { seconds: 2 },
        buffer_size_bytes: 5,
      }),
    },
    {
      name: 'f',
      typed_config: pack('envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', {
        grpc_service: { envoy_grpc: { cluster_name: 'c' } },
      }),
    },
    {
      name: 'g',
      typed_config: pack('envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', {
        common_config: serviceLog,
      }),
    },
  ],
};

const listener: Messages['envoy.config.listener.v3.Listener'] = {
  stat_prefix: 'p',
  ignore_global_conn_limit: true,
  name: 'l',
  address,
  additional_addresses: [{ address: { pipe: { path: '/run/x' } } }],
  listener_filters: [
    { name: 't', typed_config: pack('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector', {}) },
    { name: 'p', typed_config: pack('envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol', {}) },
  ],
  metadata: {
    filter_metadata: new Map<string, JsonObject>([
      ['dev.weft', { source: 'Service/a' }],
      ['n', { a: 1 }],
    ]),
  },
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
            weighted_clusters: {
              clusters: [
                { name: 'c', weight: 1, metadata_match: { filter_metadata: new Map([['envoy.lb', { v: '2' }]]) } },
              ],
            },
            hash_policy: [{ source_ip: {} }],
            access_log_options: {
              access_log_flush_interval: { seconds: 1 },
              flush_access_log_on_connected: true,
            },
            metadata_match: { filter_metadata: new Map([['envoy.lb', { v: '1' }]]) },
            max_downstream_connection_duration_jitter_percentage: { value: 5 },
            tunneling_config: {
              hostname: 'h:1',
              use_post: true,
              headers_to_add: [{ header: { key: 'a', value: 'b' } }],
            },
          }),
        },
      ],
    },
    {
      name: 'scoped',
      filter_chain_match: { destination_port: 82 },
      filters: [
        {
          name: 'h',
          typed_config: pack('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
            tracing: tracing(1),
            stat_prefix: 'm',
            scoped_routes: {
              name: 's',
              rds_config_source: ads,
              scope_key_builder: {
                fragments: [
                  { header_value_extractor: { name: 'h', element_separator: ',', index: 1 } },
                  { header_value_extractor: { name: 'h', element: { separator: '=', key: 'k' } } },
                ],
              },
              scoped_route_configurations_list: { scoped_route_configurations: [inlineScope] },
            },
            http_filters: [
              { name: 'router', typed_config: pack('envoy.extensions.filters.http.router.v3.Router', {}) },
            ],
          }),
        },
      ],
    },
    {
      name: 'srds',
      filter_chain_match: { destination_port: 83 },
      filters: [
        {
          name: 'h',
          typed_config: pack('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
            tracing: tracing(2),
            stat_prefix: 'm',
            scoped_routes: {
              name: 's',
              rds_config_source: ads,
              scope_key_builder: {
                fragments: [
                  { header_value_extractor: { name: 'h', element_separator: ',', index: 1 } },
                  { header_value_extractor: { name: 'h', element: { separator: '=', key: 'k' } } },
                ],
              },
              scoped_rds: { scoped_rds_config_source: ads },
            },
            http_filters: [
              { name: 'router', typed_config: pack('envoy.extensions.filters.http.router.v3.Router', {}) },
            ],
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
            scheme_header_transformation: { scheme_to_overwrite: 'https' },
            early_header_mutation_extensions: [
              {
                name: 'e',
                typed_config: pack('envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation', {
                  mutations: [{ remove: 'x' }],
                }),
              },
            ],
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

const internalListener: Messages['envoy.config.listener.v3.Listener'] = {
  name: 'inner',
  internal_listener: {},
  filter_chains: [
    {
      filters: [
        {
          name: 't',
          typed_config: pack('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
            stat_prefix: 'inner',
            cluster: 'c',
          }),
        },
      ],
    },
  ],
};

const bootstrap: Messages['envoy.config.bootstrap.v3.Bootstrap'] = {
  node: { id: 'n', locality: { zone: 'z' } },
  admin: { address, allow_paths: [{ prefix: '/' }] },
  bootstrap_extensions: [
    {
      name: 'envoy.bootstrap.internal_listener',
      typed_config: pack('envoy.extensions.bootstrap.internal_listener.v3.InternalListener', {}),
    },
  ],
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
  stats_config: { stats_tags: [{ tag_name: 't', regex: '(a)' }] },
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
  ['envoy.config.listener.v3.Listener', internalListener],
  ['envoy.config.route.v3.RouteConfiguration', routes],
  ['envoy.config.route.v3.ScopedRouteConfiguration', scope],
  ...CLUSTERS.map((message) => ['envoy.config.cluster.v3.Cluster', message] as const),
  ['envoy.config.endpoint.v3.ClusterLoadAssignment', assignment],
  ['envoy.config.bootstrap.v3.Bootstrap', bootstrap],
];
