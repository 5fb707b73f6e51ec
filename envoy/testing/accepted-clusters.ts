/** Clusters that every decoder accepts, and what they consist of. */
import { type AnyMessage, type Messages, pack } from '../tables/index.ts';
import { address, ads, secret, file } from './accepted-parts.ts';

export const assignment: Messages['envoy.config.endpoint.v3.ClusterLoadAssignment'] = {
  cluster_name: 'a',
  endpoints: [
    {
      locality: { zone: 'z' },
      lb_endpoints: [
        {
          endpoint: { address, health_check_config: { port_value: 9 }, additional_addresses: [{ address }] },
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
  circuit_breakers: {
    thresholds: [{ retry_budget: { budget_percent: { value: 30 } } }],
    per_host_thresholds: [{ priority: 'HIGH', max_connections: 3 }],
  },
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
  common_lb_config: {
    healthy_panic_threshold: { value: 10 },
    zone_aware_lb_config: { routing_enabled: { value: 40 } },
  },
  upstream_connection_options: { tcp_keepalive: { keepalive_probes: 3 } },
  typed_extension_protocol_options: new Map([
    [
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      pack('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
        common_http_protocol_options: { idle_timeout: { seconds: 9 } },
        explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 9 } },
        outlier_detection: {
          error_matcher: {
            or_match: {
              rules: [
                {
                  http_response_headers_match: {
                    headers: [{ name: ':status', range_match: { start: 429, end: 430 } }],
                  },
                },
                { and_match: { rules: [{ any_match: true }, { not_match: { any_match: true } }] } },
              ],
            },
          },
        },
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

const internalCluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'i',
  type: 'STATIC',
  load_assignment: {
    cluster_name: 'i',
    endpoints: [
      {
        lb_endpoints: [
          {
            endpoint: { address: { envoy_internal_address: { server_listener_name: 'inner', endpoint_id: 'e' } } },
            metadata: { filter_metadata: new Map([['tunnel', { destination: '10.0.0.1:80' }]]) },
          },
        ],
      },
    ],
  },
  preconnect_policy: { per_upstream_preconnect_ratio: 2 },
  transport_socket: {
    name: 'i',
    typed_config: pack('envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport', {
      passthrough_metadata: [
        { kind: { host: {} }, name: 'tunnel' },
        { kind: { cluster: {} }, name: 'mesh' },
      ],
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
  common_lb_config: { consistent_hashing_lb_config: { hash_balance_factor: 120 }, locality_weighted_lb_config: {} },
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
        upstream_http_protocol_options: { auto_sni: true },
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
  common_lb_config: { consistent_hashing_lb_config: { use_hostname_for_hashing: true } },
};

const oldCluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'old',
  common_http_protocol_options: { idle_timeout: { seconds: 9 } },
  http_protocol_options: { enable_trailers: true },
  upstream_http_protocol_options: { auto_sni: true },
};

export const dnsCacheConfig: Messages['envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig'] = {
  name: 'd',
  dns_refresh_rate: { seconds: 7 },
  dns_min_refresh_rate: { seconds: 2 },
  host_ttl: { seconds: 9 },
  max_hosts: 5,
  dns_failure_refresh_rate: { base_interval: { seconds: 2 }, max_interval: { seconds: 200 } },
  dns_cache_circuit_breaker: { max_pending_requests: 6 },
  dns_query_timeout: { seconds: 3 },
  resolved_address_filter: { ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
};

const aggregate: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'g',
  lb_policy: 'CLUSTER_PROVIDED',
  cluster_type: {
    name: 'envoy.clusters.aggregate',
    typed_config: pack('envoy.extensions.clusters.aggregate.v3.ClusterConfig', { clusters: ['c'] }),
  },
};

const forwardProxy: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'fp',
  lb_policy: 'CLUSTER_PROVIDED',
  cluster_type: {
    name: 'envoy.clusters.dynamic_forward_proxy',
    typed_config: pack('envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig', {
      dns_cache_config: dnsCacheConfig,
      allow_insecure_cluster_options: true,
    }),
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

const policy = (typed: AnyMessage): Messages['envoy.config.cluster.v3.LoadBalancingPolicy'] => ({
  policies: [{ typed_extension_config: { name: 'p', typed_config: typed } }],
});

const extended = (typed: AnyMessage): Messages['envoy.config.cluster.v3.Cluster'] => ({
  name: 'x',
  type: 'EDS',
  eds_cluster_config: { eds_config: ads },
  load_balancing_policy: policy(typed),
});

const fileCluster: Messages['envoy.config.cluster.v3.Cluster'] = {
  name: 'f',
  type: 'EDS',
  eds_cluster_config: { eds_config: file },
};

export const CLUSTERS: readonly Messages['envoy.config.cluster.v3.Cluster'][] = [
  cluster,
  fileCluster,
  prefixedCluster,
  internalCluster,
  edsCluster,
  dnsCluster,
  autoCluster,
  oldCluster,
  aggregate,
  forwardProxy,
  dnsExtension,
  extended(
    pack('envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest', {
      slow_start_config: { slow_start_window: { seconds: 5 } },
    }),
  ),
  extended(pack('envoy.extensions.load_balancing_policies.peak_ewma.v3alpha.PeakEwma', { penalty_value: 5 })),
  extended(
    pack('envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality', {
      endpoint_picking_policy: policy(pack('envoy.extensions.load_balancing_policies.random.v3.Random', {})),
    }),
  ),
  extended(
    pack('envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash', {
      minimum_ring_size: 9,
      consistent_hashing_lb_config: { hash_balance_factor: 120 },
      locality_weighted_lb_config: {},
    }),
  ),
  extended(
    pack('envoy.extensions.load_balancing_policies.maglev.v3.Maglev', {
      table_size: 7,
      consistent_hashing_lb_config: { hash_balance_factor: 120 },
      locality_weighted_lb_config: {},
    }),
  ),
  extended(
    pack('envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin', {
      locality_lb_config: { locality_weighted_lb_config: {} },
    }),
  ),
  extended(
    pack('envoy.extensions.load_balancing_policies.random.v3.Random', {
      locality_lb_config: {
        zone_aware_lb_config: { routing_enabled: { value: 40 }, force_local_zone: { min_size: 2 } },
      },
    }),
  ),
  extended(
    pack('envoy.extensions.load_balancing_policies.subset.v3.Subset', {
      default_subset: { v: '1' },
      subset_selectors: [{ keys: ['v', 'w'], fallback_policy: 'KEYS_SUBSET', fallback_keys_subset: ['v'] }],
      subset_lb_policy: policy(pack('envoy.extensions.load_balancing_policies.random.v3.Random', {})),
    }),
  ),
];
