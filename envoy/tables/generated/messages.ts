// Made by scripts/envoy-tables: do not edit. The types of Envoy's messages as envoy/codec holds them.
import type { AnyMessage, JsonObject, JsonValue } from '../message.ts';

export interface Messages {
  'envoy.admin.v3.BootstrapConfigDump': {
    readonly bootstrap?: Messages['envoy.config.bootstrap.v3.Bootstrap'] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
  };
  'envoy.admin.v3.ClustersConfigDump': {
    readonly version_info?: string | undefined;
    readonly static_clusters?: readonly (Messages['envoy.admin.v3.ClustersConfigDump.StaticCluster'])[] | undefined;
    readonly dynamic_active_clusters?: readonly (Messages['envoy.admin.v3.ClustersConfigDump.DynamicCluster'])[] | undefined;
    readonly dynamic_warming_clusters?: readonly (Messages['envoy.admin.v3.ClustersConfigDump.DynamicCluster'])[] | undefined;
  };
  'envoy.admin.v3.ClustersConfigDump.DynamicCluster': {
    readonly version_info?: string | undefined;
    readonly cluster?: Messages['google.protobuf.Any'] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly error_state?: Messages['envoy.admin.v3.UpdateFailureState'] | undefined;
    readonly client_status?: Enums['envoy.admin.v3.ClientResourceStatus'] | undefined;
  };
  'envoy.admin.v3.ClustersConfigDump.StaticCluster': {
    readonly cluster?: Messages['google.protobuf.Any'] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
  };
  'envoy.admin.v3.ConfigDump': {
    readonly configs?: readonly (Messages['google.protobuf.Any'])[] | undefined;
  };
  'envoy.admin.v3.EndpointsConfigDump': {
    readonly static_endpoint_configs?: readonly (Messages['envoy.admin.v3.EndpointsConfigDump.StaticEndpointConfig'])[] | undefined;
    readonly dynamic_endpoint_configs?: readonly (Messages['envoy.admin.v3.EndpointsConfigDump.DynamicEndpointConfig'])[] | undefined;
  };
  'envoy.admin.v3.EndpointsConfigDump.DynamicEndpointConfig': {
    readonly version_info?: string | undefined;
    readonly endpoint_config?: Messages['google.protobuf.Any'] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly error_state?: Messages['envoy.admin.v3.UpdateFailureState'] | undefined;
    readonly client_status?: Enums['envoy.admin.v3.ClientResourceStatus'] | undefined;
  };
  'envoy.admin.v3.EndpointsConfigDump.StaticEndpointConfig': {
    readonly endpoint_config?: Messages['google.protobuf.Any'] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
  };
  'envoy.admin.v3.ListenersConfigDump': {
    readonly version_info?: string | undefined;
    readonly static_listeners?: readonly (Messages['envoy.admin.v3.ListenersConfigDump.StaticListener'])[] | undefined;
    readonly dynamic_listeners?: readonly (Messages['envoy.admin.v3.ListenersConfigDump.DynamicListener'])[] | undefined;
  };
  'envoy.admin.v3.ListenersConfigDump.DynamicListener': {
    readonly name?: string | undefined;
    readonly active_state?: Messages['envoy.admin.v3.ListenersConfigDump.DynamicListenerState'] | undefined;
    readonly warming_state?: Messages['envoy.admin.v3.ListenersConfigDump.DynamicListenerState'] | undefined;
    readonly draining_state?: Messages['envoy.admin.v3.ListenersConfigDump.DynamicListenerState'] | undefined;
    readonly error_state?: Messages['envoy.admin.v3.UpdateFailureState'] | undefined;
    readonly client_status?: Enums['envoy.admin.v3.ClientResourceStatus'] | undefined;
  };
  'envoy.admin.v3.ListenersConfigDump.DynamicListenerState': {
    readonly version_info?: string | undefined;
    readonly listener?: Messages['google.protobuf.Any'] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
  };
  'envoy.admin.v3.ListenersConfigDump.StaticListener': {
    readonly listener?: Messages['google.protobuf.Any'] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
  };
  'envoy.admin.v3.RoutesConfigDump': {
    readonly static_route_configs?: readonly (Messages['envoy.admin.v3.RoutesConfigDump.StaticRouteConfig'])[] | undefined;
    readonly dynamic_route_configs?: readonly (Messages['envoy.admin.v3.RoutesConfigDump.DynamicRouteConfig'])[] | undefined;
  };
  'envoy.admin.v3.RoutesConfigDump.DynamicRouteConfig': {
    readonly version_info?: string | undefined;
    readonly route_config?: Messages['google.protobuf.Any'] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly error_state?: Messages['envoy.admin.v3.UpdateFailureState'] | undefined;
    readonly client_status?: Enums['envoy.admin.v3.ClientResourceStatus'] | undefined;
  };
  'envoy.admin.v3.RoutesConfigDump.StaticRouteConfig': {
    readonly route_config?: Messages['google.protobuf.Any'] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
  };
  'envoy.admin.v3.ScopedRoutesConfigDump': {
    readonly inline_scoped_route_configs?: readonly (Messages['envoy.admin.v3.ScopedRoutesConfigDump.InlineScopedRouteConfigs'])[] | undefined;
    readonly dynamic_scoped_route_configs?: readonly (Messages['envoy.admin.v3.ScopedRoutesConfigDump.DynamicScopedRouteConfigs'])[] | undefined;
  };
  'envoy.admin.v3.ScopedRoutesConfigDump.DynamicScopedRouteConfigs': {
    readonly name?: string | undefined;
    readonly version_info?: string | undefined;
    readonly scoped_route_configs?: readonly (Messages['google.protobuf.Any'])[] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly error_state?: Messages['envoy.admin.v3.UpdateFailureState'] | undefined;
    readonly client_status?: Enums['envoy.admin.v3.ClientResourceStatus'] | undefined;
  };
  'envoy.admin.v3.ScopedRoutesConfigDump.InlineScopedRouteConfigs': {
    readonly name?: string | undefined;
    readonly scoped_route_configs?: readonly (Messages['google.protobuf.Any'])[] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
  };
  'envoy.admin.v3.SecretsConfigDump': {
    readonly static_secrets?: readonly (Messages['envoy.admin.v3.SecretsConfigDump.StaticSecret'])[] | undefined;
    readonly dynamic_active_secrets?: readonly (Messages['envoy.admin.v3.SecretsConfigDump.DynamicSecret'])[] | undefined;
    readonly dynamic_warming_secrets?: readonly (Messages['envoy.admin.v3.SecretsConfigDump.DynamicSecret'])[] | undefined;
  };
  'envoy.admin.v3.SecretsConfigDump.DynamicSecret': {
    readonly name?: string | undefined;
    readonly version_info?: string | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly secret?: Messages['google.protobuf.Any'] | undefined;
    readonly error_state?: Messages['envoy.admin.v3.UpdateFailureState'] | undefined;
    readonly client_status?: Enums['envoy.admin.v3.ClientResourceStatus'] | undefined;
  };
  'envoy.admin.v3.SecretsConfigDump.StaticSecret': {
    readonly name?: string | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly secret?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.admin.v3.UpdateFailureState': {
    readonly failed_configuration?: Messages['google.protobuf.Any'] | undefined;
    readonly last_update_attempt?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly details?: string | undefined;
    readonly version_info?: string | undefined;
  };
  'envoy.config.accesslog.v3.AccessLog': {
    readonly name?: string | undefined;
    readonly filter?: Messages['envoy.config.accesslog.v3.AccessLogFilter'] | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.accesslog.v3.AccessLogFilter': {
    readonly status_code_filter?: Messages['envoy.config.accesslog.v3.StatusCodeFilter'] | undefined;
    readonly duration_filter?: Messages['envoy.config.accesslog.v3.DurationFilter'] | undefined;
    readonly not_health_check_filter?: Messages['envoy.config.accesslog.v3.NotHealthCheckFilter'] | undefined;
    readonly traceable_filter?: Messages['envoy.config.accesslog.v3.TraceableFilter'] | undefined;
    readonly runtime_filter?: Messages['envoy.config.accesslog.v3.RuntimeFilter'] | undefined;
    readonly and_filter?: Messages['envoy.config.accesslog.v3.AndFilter'] | undefined;
    readonly or_filter?: Messages['envoy.config.accesslog.v3.OrFilter'] | undefined;
    readonly header_filter?: Messages['envoy.config.accesslog.v3.HeaderFilter'] | undefined;
    readonly response_flag_filter?: Messages['envoy.config.accesslog.v3.ResponseFlagFilter'] | undefined;
    readonly grpc_status_filter?: Messages['envoy.config.accesslog.v3.GrpcStatusFilter'] | undefined;
    readonly extension_filter?: Messages['envoy.config.accesslog.v3.ExtensionFilter'] | undefined;
    readonly metadata_filter?: Messages['envoy.config.accesslog.v3.MetadataFilter'] | undefined;
    readonly log_type_filter?: Messages['envoy.config.accesslog.v3.LogTypeFilter'] | undefined;
  };
  'envoy.config.accesslog.v3.AndFilter': {
    readonly filters?: readonly (Messages['envoy.config.accesslog.v3.AccessLogFilter'])[] | undefined;
  };
  'envoy.config.accesslog.v3.ComparisonFilter': {
    readonly op?: Enums['envoy.config.accesslog.v3.ComparisonFilter.Op'] | undefined;
    readonly value?: Messages['envoy.config.core.v3.RuntimeUInt32'] | undefined;
  };
  'envoy.config.accesslog.v3.DurationFilter': {
    readonly comparison?: Messages['envoy.config.accesslog.v3.ComparisonFilter'] | undefined;
  };
  'envoy.config.accesslog.v3.ExtensionFilter': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.accesslog.v3.GrpcStatusFilter': {
    readonly statuses?: readonly (Enums['envoy.config.accesslog.v3.GrpcStatusFilter.Status'])[] | undefined;
    readonly exclude?: boolean | undefined;
  };
  'envoy.config.accesslog.v3.HeaderFilter': {
    readonly header?: Messages['envoy.config.route.v3.HeaderMatcher'] | undefined;
  };
  'envoy.config.accesslog.v3.LogTypeFilter': {
    readonly types?: readonly (Enums['envoy.data.accesslog.v3.AccessLogType'])[] | undefined;
    readonly exclude?: boolean | undefined;
  };
  'envoy.config.accesslog.v3.MetadataFilter': {
    readonly matcher?: Messages['envoy.type.matcher.v3.MetadataMatcher'] | undefined;
    readonly match_if_key_not_found?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.accesslog.v3.NotHealthCheckFilter': {
  };
  'envoy.config.accesslog.v3.OrFilter': {
    readonly filters?: readonly (Messages['envoy.config.accesslog.v3.AccessLogFilter'])[] | undefined;
  };
  'envoy.config.accesslog.v3.ResponseFlagFilter': {
    readonly flags?: readonly (string)[] | undefined;
  };
  'envoy.config.accesslog.v3.RuntimeFilter': {
    readonly runtime_key?: string | undefined;
    readonly percent_sampled?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
    readonly use_independent_randomness?: boolean | undefined;
  };
  'envoy.config.accesslog.v3.StatusCodeFilter': {
    readonly comparison?: Messages['envoy.config.accesslog.v3.ComparisonFilter'] | undefined;
  };
  'envoy.config.accesslog.v3.TraceableFilter': {
  };
  'envoy.config.bootstrap.v3.Admin': {
    readonly access_log?: readonly (Messages['envoy.config.accesslog.v3.AccessLog'])[] | undefined;
    readonly access_log_path?: string | undefined;
    readonly profile_path?: string | undefined;
    readonly address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly socket_options?: readonly (Messages['envoy.config.core.v3.SocketOption'])[] | undefined;
    readonly ignore_global_conn_limit?: boolean | undefined;
    readonly allow_paths?: readonly (Messages['envoy.type.matcher.v3.StringMatcher'])[] | undefined;
  };
  'envoy.config.bootstrap.v3.Bootstrap': {
    readonly node?: Messages['envoy.config.core.v3.Node'] | undefined;
    readonly node_context_params?: readonly (string)[] | undefined;
    readonly static_resources?: Messages['envoy.config.bootstrap.v3.Bootstrap.StaticResources'] | undefined;
    readonly dynamic_resources?: Messages['envoy.config.bootstrap.v3.Bootstrap.DynamicResources'] | undefined;
    readonly cluster_manager?: Messages['envoy.config.bootstrap.v3.ClusterManager'] | undefined;
    readonly hds_config?: Messages['envoy.config.core.v3.ApiConfigSource'] | undefined;
    readonly flags_path?: string | undefined;
    readonly stats_sinks?: readonly (Messages['envoy.config.metrics.v3.StatsSink'])[] | undefined;
    readonly deferred_stat_options?: Messages['envoy.config.bootstrap.v3.Bootstrap.DeferredStatOptions'] | undefined;
    readonly stats_config?: Messages['envoy.config.metrics.v3.StatsConfig'] | undefined;
    readonly stats_flush_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly stats_flush_on_admin?: boolean | undefined;
    readonly stats_eviction_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly watchdog?: Messages['envoy.config.bootstrap.v3.Watchdog'] | undefined;
    readonly watchdogs?: Messages['envoy.config.bootstrap.v3.Watchdogs'] | undefined;
    readonly tracing?: Messages['envoy.config.trace.v3.Tracing'] | undefined;
    readonly layered_runtime?: Messages['envoy.config.bootstrap.v3.LayeredRuntime'] | undefined;
    readonly admin?: Messages['envoy.config.bootstrap.v3.Admin'] | undefined;
    readonly overload_manager?: Messages['envoy.config.overload.v3.OverloadManager'] | undefined;
    readonly enable_dispatcher_stats?: boolean | undefined;
    readonly header_prefix?: string | undefined;
    readonly stats_server_version_override?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly use_tcp_for_dns_lookups?: boolean | undefined;
    readonly dns_resolution_config?: Messages['envoy.config.core.v3.DnsResolutionConfig'] | undefined;
    readonly typed_dns_resolver_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly bootstrap_extensions?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly fatal_actions?: readonly (Messages['envoy.config.bootstrap.v3.FatalAction'])[] | undefined;
    readonly config_sources?: readonly (Messages['envoy.config.core.v3.ConfigSource'])[] | undefined;
    readonly default_config_source?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly default_socket_interface?: string | undefined;
    readonly certificate_provider_instances?: ReadonlyMap<string, Messages['envoy.config.core.v3.TypedExtensionConfig']> | undefined;
    readonly inline_headers?: readonly (Messages['envoy.config.bootstrap.v3.CustomInlineHeader'])[] | undefined;
    readonly perf_tracing_file_path?: string | undefined;
    readonly default_regex_engine?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly xds_delegate_extension?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly xds_config_tracker_extension?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly listener_manager?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly application_log_config?: Messages['envoy.config.bootstrap.v3.Bootstrap.ApplicationLogConfig'] | undefined;
    readonly grpc_async_client_manager_config?: Messages['envoy.config.bootstrap.v3.Bootstrap.GrpcAsyncClientManagerConfig'] | undefined;
    readonly memory_allocator_manager?: Messages['envoy.config.bootstrap.v3.MemoryAllocatorManager'] | undefined;
    readonly enable_worker_cpu_affinity?: boolean | undefined;
  };
  'envoy.config.bootstrap.v3.Bootstrap.ApplicationLogConfig': {
    readonly log_format?: Messages['envoy.config.bootstrap.v3.Bootstrap.ApplicationLogConfig.LogFormat'] | undefined;
  };
  'envoy.config.bootstrap.v3.Bootstrap.ApplicationLogConfig.LogFormat': {
    readonly json_format?: Messages['google.protobuf.Struct'] | undefined;
    readonly text_format?: string | undefined;
  };
  'envoy.config.bootstrap.v3.Bootstrap.DeferredStatOptions': {
    readonly enable_deferred_creation_stats?: boolean | undefined;
  };
  'envoy.config.bootstrap.v3.Bootstrap.DynamicResources': {
    readonly lds_config?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly lds_resources_locator?: string | undefined;
    readonly cds_config?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly cds_resources_locator?: string | undefined;
    readonly ads_config?: Messages['envoy.config.core.v3.ApiConfigSource'] | undefined;
  };
  'envoy.config.bootstrap.v3.Bootstrap.GrpcAsyncClientManagerConfig': {
    readonly max_cached_entry_idle_duration?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.bootstrap.v3.Bootstrap.StaticResources': {
    readonly listeners?: readonly (Messages['envoy.config.listener.v3.Listener'])[] | undefined;
    readonly clusters?: readonly (Messages['envoy.config.cluster.v3.Cluster'])[] | undefined;
    readonly secrets?: readonly (Messages['envoy.extensions.transport_sockets.tls.v3.Secret'])[] | undefined;
  };
  'envoy.config.bootstrap.v3.ClusterManager': {
    readonly local_cluster_name?: string | undefined;
    readonly outlier_detection?: Messages['envoy.config.bootstrap.v3.ClusterManager.OutlierDetection'] | undefined;
    readonly upstream_bind_config?: Messages['envoy.config.core.v3.BindConfig'] | undefined;
    readonly load_stats_config?: Messages['envoy.config.core.v3.ApiConfigSource'] | undefined;
    readonly enable_deferred_cluster_creation?: boolean | undefined;
  };
  'envoy.config.bootstrap.v3.ClusterManager.OutlierDetection': {
    readonly event_log_path?: string | undefined;
    readonly event_service?: Messages['envoy.config.core.v3.EventServiceConfig'] | undefined;
  };
  'envoy.config.bootstrap.v3.CustomInlineHeader': {
    readonly inline_header_name?: string | undefined;
    readonly inline_header_type?: Enums['envoy.config.bootstrap.v3.CustomInlineHeader.InlineHeaderType'] | undefined;
  };
  'envoy.config.bootstrap.v3.FatalAction': {
    readonly config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
  };
  'envoy.config.bootstrap.v3.LayeredRuntime': {
    readonly layers?: readonly (Messages['envoy.config.bootstrap.v3.RuntimeLayer'])[] | undefined;
  };
  'envoy.config.bootstrap.v3.MemoryAllocatorManager': {
    readonly bytes_to_release?: number | bigint | undefined;
    readonly memory_release_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly soft_memory_limit_bytes?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly max_per_cpu_cache_size_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_unfreed_memory_bytes?: number | bigint | undefined;
  };
  'envoy.config.bootstrap.v3.RuntimeLayer': {
    readonly name?: string | undefined;
    readonly static_layer?: Messages['google.protobuf.Struct'] | undefined;
    readonly disk_layer?: Messages['envoy.config.bootstrap.v3.RuntimeLayer.DiskLayer'] | undefined;
    readonly admin_layer?: Messages['envoy.config.bootstrap.v3.RuntimeLayer.AdminLayer'] | undefined;
    readonly rtds_layer?: Messages['envoy.config.bootstrap.v3.RuntimeLayer.RtdsLayer'] | undefined;
  };
  'envoy.config.bootstrap.v3.RuntimeLayer.AdminLayer': {
  };
  'envoy.config.bootstrap.v3.RuntimeLayer.DiskLayer': {
    readonly symlink_root?: string | undefined;
    readonly subdirectory?: string | undefined;
    readonly append_service_cluster?: boolean | undefined;
  };
  'envoy.config.bootstrap.v3.RuntimeLayer.RtdsLayer': {
    readonly name?: string | undefined;
    readonly rtds_config?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
  };
  'envoy.config.bootstrap.v3.Watchdog': {
    readonly actions?: readonly (Messages['envoy.config.bootstrap.v3.Watchdog.WatchdogAction'])[] | undefined;
    readonly miss_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly megamiss_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly kill_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_kill_timeout_jitter?: Messages['google.protobuf.Duration'] | undefined;
    readonly multikill_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly multikill_threshold?: Messages['envoy.type.v3.Percent'] | undefined;
  };
  'envoy.config.bootstrap.v3.Watchdog.WatchdogAction': {
    readonly config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly event?: Enums['envoy.config.bootstrap.v3.Watchdog.WatchdogAction.WatchdogEvent'] | undefined;
  };
  'envoy.config.bootstrap.v3.Watchdogs': {
    readonly main_thread_watchdog?: Messages['envoy.config.bootstrap.v3.Watchdog'] | undefined;
    readonly worker_watchdog?: Messages['envoy.config.bootstrap.v3.Watchdog'] | undefined;
  };
  'envoy.config.cluster.v3.CircuitBreakers': {
    readonly thresholds?: readonly (Messages['envoy.config.cluster.v3.CircuitBreakers.Thresholds'])[] | undefined;
    readonly per_host_thresholds?: readonly (Messages['envoy.config.cluster.v3.CircuitBreakers.Thresholds'])[] | undefined;
  };
  'envoy.config.cluster.v3.CircuitBreakers.Thresholds': {
    readonly priority?: Enums['envoy.config.core.v3.RoutingPriority'] | undefined;
    readonly max_connections?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_pending_requests?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_requests?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_retries?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly retry_budget?: Messages['envoy.config.cluster.v3.CircuitBreakers.Thresholds.RetryBudget'] | undefined;
    readonly track_remaining?: boolean | undefined;
    readonly max_connection_pools?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.cluster.v3.CircuitBreakers.Thresholds.RetryBudget': {
    readonly budget_percent?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly budget_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly min_retry_concurrency?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster': {
    readonly transport_socket_matches?: readonly (Messages['envoy.config.cluster.v3.Cluster.TransportSocketMatch'])[] | undefined;
    readonly transport_socket_matcher?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly name?: string | undefined;
    readonly alt_stat_name?: string | undefined;
    readonly stats_matcher?: Messages['envoy.config.metrics.v3.StatsMatcher'] | undefined;
    readonly type?: Enums['envoy.config.cluster.v3.Cluster.DiscoveryType'] | undefined;
    readonly cluster_type?: Messages['envoy.config.cluster.v3.Cluster.CustomClusterType'] | undefined;
    readonly eds_cluster_config?: Messages['envoy.config.cluster.v3.Cluster.EdsClusterConfig'] | undefined;
    readonly connect_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly per_connection_buffer_limit_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly per_connection_buffer_high_watermark_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly lb_policy?: Enums['envoy.config.cluster.v3.Cluster.LbPolicy'] | undefined;
    readonly load_assignment?: Messages['envoy.config.endpoint.v3.ClusterLoadAssignment'] | undefined;
    readonly health_checks?: readonly (Messages['envoy.config.core.v3.HealthCheck'])[] | undefined;
    readonly max_requests_per_connection?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly circuit_breakers?: Messages['envoy.config.cluster.v3.CircuitBreakers'] | undefined;
    readonly upstream_http_protocol_options?: Messages['envoy.config.core.v3.UpstreamHttpProtocolOptions'] | undefined;
    readonly common_http_protocol_options?: Messages['envoy.config.core.v3.HttpProtocolOptions'] | undefined;
    readonly http_protocol_options?: Messages['envoy.config.core.v3.Http1ProtocolOptions'] | undefined;
    readonly http2_protocol_options?: Messages['envoy.config.core.v3.Http2ProtocolOptions'] | undefined;
    readonly typed_extension_protocol_options?: ReadonlyMap<string, Messages['google.protobuf.Any']> | undefined;
    readonly dns_refresh_rate?: Messages['google.protobuf.Duration'] | undefined;
    readonly dns_jitter?: Messages['google.protobuf.Duration'] | undefined;
    readonly dns_failure_refresh_rate?: Messages['envoy.config.cluster.v3.Cluster.RefreshRate'] | undefined;
    readonly respect_dns_ttl?: boolean | undefined;
    readonly dns_lookup_family?: Enums['envoy.config.cluster.v3.Cluster.DnsLookupFamily'] | undefined;
    readonly dns_resolvers?: readonly (Messages['envoy.config.core.v3.Address'])[] | undefined;
    readonly use_tcp_for_dns_lookups?: boolean | undefined;
    readonly dns_resolution_config?: Messages['envoy.config.core.v3.DnsResolutionConfig'] | undefined;
    readonly typed_dns_resolver_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly wait_for_warm_on_init?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly outlier_detection?: Messages['envoy.config.cluster.v3.OutlierDetection'] | undefined;
    readonly cleanup_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly upstream_bind_config?: Messages['envoy.config.core.v3.BindConfig'] | undefined;
    readonly lb_subset_config?: Messages['envoy.config.cluster.v3.Cluster.LbSubsetConfig'] | undefined;
    readonly ring_hash_lb_config?: Messages['envoy.config.cluster.v3.Cluster.RingHashLbConfig'] | undefined;
    readonly maglev_lb_config?: Messages['envoy.config.cluster.v3.Cluster.MaglevLbConfig'] | undefined;
    readonly original_dst_lb_config?: Messages['envoy.config.cluster.v3.Cluster.OriginalDstLbConfig'] | undefined;
    readonly least_request_lb_config?: Messages['envoy.config.cluster.v3.Cluster.LeastRequestLbConfig'] | undefined;
    readonly round_robin_lb_config?: Messages['envoy.config.cluster.v3.Cluster.RoundRobinLbConfig'] | undefined;
    readonly common_lb_config?: Messages['envoy.config.cluster.v3.Cluster.CommonLbConfig'] | undefined;
    readonly transport_socket?: Messages['envoy.config.core.v3.TransportSocket'] | undefined;
    readonly metadata?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly protocol_selection?: Enums['envoy.config.cluster.v3.Cluster.ClusterProtocolSelection'] | undefined;
    readonly upstream_connection_options?: Messages['envoy.config.cluster.v3.UpstreamConnectionOptions'] | undefined;
    readonly close_connections_on_host_health_failure?: boolean | undefined;
    readonly ignore_health_on_host_removal?: boolean | undefined;
    readonly filters?: readonly (Messages['envoy.config.cluster.v3.Filter'])[] | undefined;
    readonly load_balancing_policy?: Messages['envoy.config.cluster.v3.LoadBalancingPolicy'] | undefined;
    readonly lrs_server?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly lrs_report_endpoint_metrics?: readonly (string)[] | undefined;
    readonly track_timeout_budgets?: boolean | undefined;
    readonly upstream_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly track_cluster_stats?: Messages['envoy.config.cluster.v3.TrackClusterStats'] | undefined;
    readonly preconnect_policy?: Messages['envoy.config.cluster.v3.Cluster.PreconnectPolicy'] | undefined;
    readonly connection_pool_per_downstream_connection?: boolean | undefined;
    readonly queuing_policies?: Messages['envoy.config.cluster.v3.Cluster.QueuingPolicies'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.CommonLbConfig': {
    readonly healthy_panic_threshold?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly zone_aware_lb_config?: Messages['envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig'] | undefined;
    readonly locality_weighted_lb_config?: Messages['envoy.config.cluster.v3.Cluster.CommonLbConfig.LocalityWeightedLbConfig'] | undefined;
    readonly update_merge_window?: Messages['google.protobuf.Duration'] | undefined;
    readonly ignore_new_hosts_until_first_hc?: boolean | undefined;
    readonly close_connections_on_host_set_change?: boolean | undefined;
    readonly consistent_hashing_lb_config?: Messages['envoy.config.cluster.v3.Cluster.CommonLbConfig.ConsistentHashingLbConfig'] | undefined;
    readonly override_host_status?: Messages['envoy.config.core.v3.HealthStatusSet'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.CommonLbConfig.ConsistentHashingLbConfig': {
    readonly use_hostname_for_hashing?: boolean | undefined;
    readonly hash_balance_factor?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.CommonLbConfig.LocalityWeightedLbConfig': {
  };
  'envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig': {
    readonly routing_enabled?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly min_cluster_size?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly fail_traffic_on_panic?: boolean | undefined;
  };
  'envoy.config.cluster.v3.Cluster.CustomClusterType': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.EdsClusterConfig': {
    readonly eds_config?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly service_name?: string | undefined;
  };
  'envoy.config.cluster.v3.Cluster.LbSubsetConfig': {
    readonly fallback_policy?: Enums['envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetFallbackPolicy'] | undefined;
    readonly default_subset?: Messages['google.protobuf.Struct'] | undefined;
    readonly subset_selectors?: readonly (Messages['envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector'])[] | undefined;
    readonly locality_weight_aware?: boolean | undefined;
    readonly scale_locality_weight?: boolean | undefined;
    readonly panic_mode_any?: boolean | undefined;
    readonly list_as_any?: boolean | undefined;
    readonly metadata_fallback_policy?: Enums['envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetMetadataFallbackPolicy'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector': {
    readonly keys?: readonly (string)[] | undefined;
    readonly single_host_per_subset?: boolean | undefined;
    readonly fallback_policy?: Enums['envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector.LbSubsetSelectorFallbackPolicy'] | undefined;
    readonly fallback_keys_subset?: readonly (string)[] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.LeastRequestLbConfig': {
    readonly choice_count?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly active_request_bias?: Messages['envoy.config.core.v3.RuntimeDouble'] | undefined;
    readonly slow_start_config?: Messages['envoy.config.cluster.v3.Cluster.SlowStartConfig'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.MaglevLbConfig': {
    readonly table_size?: Messages['google.protobuf.UInt64Value'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.OriginalDstLbConfig': {
    readonly use_http_header?: boolean | undefined;
    readonly http_header_name?: string | undefined;
    readonly upstream_port_override?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly metadata_key?: Messages['envoy.type.metadata.v3.MetadataKey'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.PreconnectPolicy': {
    readonly per_upstream_preconnect_ratio?: Messages['google.protobuf.DoubleValue'] | undefined;
    readonly predictive_preconnect_ratio?: Messages['google.protobuf.DoubleValue'] | undefined;
    readonly preconnect_enabled_metadata?: Messages['envoy.type.matcher.v3.MetadataMatcher'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.QueuingPolicies': {
    readonly pending_rq_policy?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.RefreshRate': {
    readonly base_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_interval?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.RingHashLbConfig': {
    readonly minimum_ring_size?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly hash_function?: Enums['envoy.config.cluster.v3.Cluster.RingHashLbConfig.HashFunction'] | undefined;
    readonly maximum_ring_size?: Messages['google.protobuf.UInt64Value'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.RoundRobinLbConfig': {
    readonly slow_start_config?: Messages['envoy.config.cluster.v3.Cluster.SlowStartConfig'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.SlowStartConfig': {
    readonly slow_start_window?: Messages['google.protobuf.Duration'] | undefined;
    readonly aggression?: Messages['envoy.config.core.v3.RuntimeDouble'] | undefined;
    readonly min_weight_percent?: Messages['envoy.type.v3.Percent'] | undefined;
  };
  'envoy.config.cluster.v3.Cluster.TransportSocketMatch': {
    readonly name?: string | undefined;
    readonly match?: Messages['google.protobuf.Struct'] | undefined;
    readonly transport_socket?: Messages['envoy.config.core.v3.TransportSocket'] | undefined;
  };
  'envoy.config.cluster.v3.Filter': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
    readonly config_discovery?: Messages['envoy.config.core.v3.ExtensionConfigSource'] | undefined;
  };
  'envoy.config.cluster.v3.LoadBalancingPolicy': {
    readonly policies?: readonly (Messages['envoy.config.cluster.v3.LoadBalancingPolicy.Policy'])[] | undefined;
  };
  'envoy.config.cluster.v3.LoadBalancingPolicy.Policy': {
    readonly typed_extension_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
  };
  'envoy.config.cluster.v3.OutlierDetection': {
    readonly consecutive_5xx?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly base_ejection_time?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_ejection_percent?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly enforcing_consecutive_5xx?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly enforcing_success_rate?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly success_rate_minimum_hosts?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly success_rate_request_volume?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly success_rate_stdev_factor?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly consecutive_gateway_failure?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly enforcing_consecutive_gateway_failure?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly split_external_local_origin_errors?: boolean | undefined;
    readonly consecutive_local_origin_failure?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly enforcing_consecutive_local_origin_failure?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly enforcing_local_origin_success_rate?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly failure_percentage_threshold?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly enforcing_failure_percentage?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly enforcing_failure_percentage_local_origin?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly failure_percentage_minimum_hosts?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly failure_percentage_request_volume?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_ejection_time?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_ejection_time_jitter?: Messages['google.protobuf.Duration'] | undefined;
    readonly successful_active_health_check_uneject_host?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly monitors?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly always_eject_one_host?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly detect_degraded_hosts?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.cluster.v3.TrackClusterStats': {
    readonly timeout_budgets?: boolean | undefined;
    readonly request_response_sizes?: boolean | undefined;
    readonly per_endpoint_stats?: boolean | undefined;
  };
  'envoy.config.cluster.v3.UpstreamConnectionOptions': {
    readonly tcp_keepalive?: Messages['envoy.config.core.v3.TcpKeepalive'] | undefined;
    readonly set_local_interface_name_on_upstream_connections?: boolean | undefined;
    readonly happy_eyeballs_config?: Messages['envoy.config.cluster.v3.UpstreamConnectionOptions.HappyEyeballsConfig'] | undefined;
  };
  'envoy.config.cluster.v3.UpstreamConnectionOptions.HappyEyeballsConfig': {
    readonly first_address_family_version?: Enums['envoy.config.cluster.v3.UpstreamConnectionOptions.FirstAddressFamilyVersion'] | undefined;
    readonly first_address_family_count?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.common.key_value.v3.KeyValueStoreConfig': {
    readonly config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
  };
  'envoy.config.common.matcher.v3.HttpGenericBodyMatch': {
    readonly bytes_limit?: number | undefined;
    readonly patterns?: readonly (Messages['envoy.config.common.matcher.v3.HttpGenericBodyMatch.GenericTextMatch'])[] | undefined;
  };
  'envoy.config.common.matcher.v3.HttpGenericBodyMatch.GenericTextMatch': {
    readonly string_match?: string | undefined;
    readonly binary_match?: Uint8Array | undefined;
  };
  'envoy.config.common.matcher.v3.HttpHeadersMatch': {
    readonly headers?: readonly (Messages['envoy.config.route.v3.HeaderMatcher'])[] | undefined;
  };
  'envoy.config.common.matcher.v3.MatchPredicate': {
    readonly or_match?: Messages['envoy.config.common.matcher.v3.MatchPredicate.MatchSet'] | undefined;
    readonly and_match?: Messages['envoy.config.common.matcher.v3.MatchPredicate.MatchSet'] | undefined;
    readonly not_match?: Messages['envoy.config.common.matcher.v3.MatchPredicate'] | undefined;
    readonly any_match?: boolean | undefined;
    readonly http_request_headers_match?: Messages['envoy.config.common.matcher.v3.HttpHeadersMatch'] | undefined;
    readonly http_request_trailers_match?: Messages['envoy.config.common.matcher.v3.HttpHeadersMatch'] | undefined;
    readonly http_response_headers_match?: Messages['envoy.config.common.matcher.v3.HttpHeadersMatch'] | undefined;
    readonly http_response_trailers_match?: Messages['envoy.config.common.matcher.v3.HttpHeadersMatch'] | undefined;
    readonly http_request_generic_body_match?: Messages['envoy.config.common.matcher.v3.HttpGenericBodyMatch'] | undefined;
    readonly http_response_generic_body_match?: Messages['envoy.config.common.matcher.v3.HttpGenericBodyMatch'] | undefined;
  };
  'envoy.config.common.matcher.v3.MatchPredicate.MatchSet': {
    readonly rules?: readonly (Messages['envoy.config.common.matcher.v3.MatchPredicate'])[] | undefined;
  };
  'envoy.config.common.mutation_rules.v3.HeaderMutation': {
    readonly remove?: string | undefined;
    readonly append?: Messages['envoy.config.core.v3.HeaderValueOption'] | undefined;
    readonly remove_on_match?: Messages['envoy.config.common.mutation_rules.v3.HeaderMutation.RemoveOnMatch'] | undefined;
  };
  'envoy.config.common.mutation_rules.v3.HeaderMutation.RemoveOnMatch': {
    readonly key_matcher?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
  };
  'envoy.config.common.mutation_rules.v3.HeaderMutationRules': {
    readonly allow_all_routing?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly allow_envoy?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly disallow_system?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly disallow_all?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly allow_expression?: Messages['envoy.type.matcher.v3.RegexMatcher'] | undefined;
    readonly disallow_expression?: Messages['envoy.type.matcher.v3.RegexMatcher'] | undefined;
    readonly disallow_is_error?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.core.v3.Address': {
    readonly socket_address?: Messages['envoy.config.core.v3.SocketAddress'] | undefined;
    readonly pipe?: Messages['envoy.config.core.v3.Pipe'] | undefined;
    readonly envoy_internal_address?: Messages['envoy.config.core.v3.EnvoyInternalAddress'] | undefined;
  };
  'envoy.config.core.v3.AggregatedConfigSource': {
  };
  'envoy.config.core.v3.AlternateProtocolsCacheOptions': {
    readonly name?: string | undefined;
    readonly max_entries?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly key_value_store_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly prepopulated_entries?: readonly (Messages['envoy.config.core.v3.AlternateProtocolsCacheOptions.AlternateProtocolsCacheEntry'])[] | undefined;
    readonly canonical_suffixes?: readonly (string)[] | undefined;
  };
  'envoy.config.core.v3.AlternateProtocolsCacheOptions.AlternateProtocolsCacheEntry': {
    readonly hostname?: string | undefined;
    readonly port?: number | undefined;
  };
  'envoy.config.core.v3.ApiConfigSource': {
    readonly api_type?: Enums['envoy.config.core.v3.ApiConfigSource.ApiType'] | undefined;
    readonly transport_api_version?: Enums['envoy.config.core.v3.ApiVersion'] | undefined;
    readonly cluster_names?: readonly (string)[] | undefined;
    readonly grpc_services?: readonly (Messages['envoy.config.core.v3.GrpcService'])[] | undefined;
    readonly refresh_delay?: Messages['google.protobuf.Duration'] | undefined;
    readonly request_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly rate_limit_settings?: Messages['envoy.config.core.v3.RateLimitSettings'] | undefined;
    readonly set_node_on_first_message_only?: boolean | undefined;
    readonly config_validators?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
  };
  'envoy.config.core.v3.BackoffStrategy': {
    readonly base_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_interval?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.core.v3.BindConfig': {
    readonly source_address?: Messages['envoy.config.core.v3.SocketAddress'] | undefined;
    readonly freebind?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly socket_options?: readonly (Messages['envoy.config.core.v3.SocketOption'])[] | undefined;
    readonly extra_source_addresses?: readonly (Messages['envoy.config.core.v3.ExtraSourceAddress'])[] | undefined;
    readonly additional_source_addresses?: readonly (Messages['envoy.config.core.v3.SocketAddress'])[] | undefined;
    readonly local_address_selector?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly validate_network_namespaces?: boolean | undefined;
  };
  'envoy.config.core.v3.BuildVersion': {
    readonly version?: Messages['envoy.type.v3.SemanticVersion'] | undefined;
    readonly metadata?: Messages['google.protobuf.Struct'] | undefined;
  };
  'envoy.config.core.v3.CelExpressionConfig': {
    readonly enable_string_conversion?: boolean | undefined;
    readonly enable_string_concat?: boolean | undefined;
    readonly enable_string_functions?: boolean | undefined;
  };
  'envoy.config.core.v3.CidrRange': {
    readonly address_prefix?: string | undefined;
    readonly prefix_len?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.core.v3.ConfigSource': {
    readonly authorities?: readonly (Messages['xds.core.v3.Authority'])[] | undefined;
    readonly path?: string | undefined;
    readonly path_config_source?: Messages['envoy.config.core.v3.PathConfigSource'] | undefined;
    readonly api_config_source?: Messages['envoy.config.core.v3.ApiConfigSource'] | undefined;
    readonly ads?: Messages['envoy.config.core.v3.AggregatedConfigSource'] | undefined;
    readonly self?: Messages['envoy.config.core.v3.SelfConfigSource'] | undefined;
    readonly initial_fetch_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly resource_api_version?: Enums['envoy.config.core.v3.ApiVersion'] | undefined;
  };
  'envoy.config.core.v3.ControlPlane': {
    readonly identifier?: string | undefined;
  };
  'envoy.config.core.v3.DataSource': {
    readonly filename?: string | undefined;
    readonly inline_bytes?: Uint8Array | undefined;
    readonly inline_string?: string | undefined;
    readonly environment_variable?: string | undefined;
    readonly watched_directory?: Messages['envoy.config.core.v3.WatchedDirectory'] | undefined;
  };
  'envoy.config.core.v3.DnsResolutionConfig': {
    readonly resolvers?: readonly (Messages['envoy.config.core.v3.Address'])[] | undefined;
    readonly dns_resolver_options?: Messages['envoy.config.core.v3.DnsResolverOptions'] | undefined;
  };
  'envoy.config.core.v3.DnsResolverOptions': {
    readonly use_tcp_for_dns_lookups?: boolean | undefined;
    readonly no_default_search_domain?: boolean | undefined;
  };
  'envoy.config.core.v3.EnvoyInternalAddress': {
    readonly server_listener_name?: string | undefined;
    readonly endpoint_id?: string | undefined;
  };
  'envoy.config.core.v3.EventServiceConfig': {
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
  };
  'envoy.config.core.v3.Extension': {
    readonly name?: string | undefined;
    readonly category?: string | undefined;
    readonly type_descriptor?: string | undefined;
    readonly version?: Messages['envoy.config.core.v3.BuildVersion'] | undefined;
    readonly disabled?: boolean | undefined;
    readonly type_urls?: readonly (string)[] | undefined;
  };
  'envoy.config.core.v3.ExtensionConfigSource': {
    readonly config_source?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly default_config?: Messages['google.protobuf.Any'] | undefined;
    readonly apply_default_config_without_warming?: boolean | undefined;
    readonly type_urls?: readonly (string)[] | undefined;
  };
  'envoy.config.core.v3.ExtraSourceAddress': {
    readonly address?: Messages['envoy.config.core.v3.SocketAddress'] | undefined;
    readonly socket_options?: Messages['envoy.config.core.v3.SocketOptionsOverride'] | undefined;
  };
  'envoy.config.core.v3.GrpcMethodList': {
    readonly services?: readonly (Messages['envoy.config.core.v3.GrpcMethodList.Service'])[] | undefined;
  };
  'envoy.config.core.v3.GrpcMethodList.Service': {
    readonly name?: string | undefined;
    readonly method_names?: readonly (string)[] | undefined;
  };
  'envoy.config.core.v3.GrpcService': {
    readonly envoy_grpc?: Messages['envoy.config.core.v3.GrpcService.EnvoyGrpc'] | undefined;
    readonly google_grpc?: Messages['envoy.config.core.v3.GrpcService.GoogleGrpc'] | undefined;
    readonly timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly initial_metadata?: readonly (Messages['envoy.config.core.v3.HeaderValue'])[] | undefined;
    readonly retry_policy?: Messages['envoy.config.core.v3.RetryPolicy'] | undefined;
  };
  'envoy.config.core.v3.GrpcService.EnvoyGrpc': {
    readonly cluster_name?: string | undefined;
    readonly authority?: string | undefined;
    readonly retry_policy?: Messages['envoy.config.core.v3.RetryPolicy'] | undefined;
    readonly max_receive_message_length?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly skip_envoy_headers?: boolean | undefined;
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc': {
    readonly target_uri?: string | undefined;
    readonly channel_credentials?: Messages['envoy.config.core.v3.GrpcService.GoogleGrpc.ChannelCredentials'] | undefined;
    readonly channel_credentials_plugin?: readonly (Messages['google.protobuf.Any'])[] | undefined;
    readonly call_credentials?: readonly (Messages['envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials'])[] | undefined;
    readonly call_credentials_plugin?: readonly (Messages['google.protobuf.Any'])[] | undefined;
    readonly stat_prefix?: string | undefined;
    readonly credentials_factory_name?: string | undefined;
    readonly config?: Messages['google.protobuf.Struct'] | undefined;
    readonly per_stream_buffer_limit_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly channel_args?: Messages['envoy.config.core.v3.GrpcService.GoogleGrpc.ChannelArgs'] | undefined;
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials': {
    readonly access_token?: string | undefined;
    readonly google_compute_engine?: Messages['google.protobuf.Empty'] | undefined;
    readonly google_refresh_token?: string | undefined;
    readonly service_account_jwt_access?: Messages['envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials.ServiceAccountJWTAccessCredentials'] | undefined;
    readonly google_iam?: Messages['envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials.GoogleIAMCredentials'] | undefined;
    readonly from_plugin?: Messages['envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials.MetadataCredentialsFromPlugin'] | undefined;
    readonly sts_service?: Messages['envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials.StsService'] | undefined;
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials.GoogleIAMCredentials': {
    readonly authorization_token?: string | undefined;
    readonly authority_selector?: string | undefined;
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials.MetadataCredentialsFromPlugin': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials.ServiceAccountJWTAccessCredentials': {
    readonly json_key?: string | undefined;
    readonly token_lifetime_seconds?: number | bigint | undefined;
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials.StsService': {
    readonly token_exchange_service_uri?: string | undefined;
    readonly resource?: string | undefined;
    readonly audience?: string | undefined;
    readonly scope?: string | undefined;
    readonly requested_token_type?: string | undefined;
    readonly subject_token_path?: string | undefined;
    readonly subject_token_type?: string | undefined;
    readonly actor_token_path?: string | undefined;
    readonly actor_token_type?: string | undefined;
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc.ChannelArgs': {
    readonly args?: ReadonlyMap<string, Messages['envoy.config.core.v3.GrpcService.GoogleGrpc.ChannelArgs.Value']> | undefined;
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc.ChannelArgs.Value': {
    readonly string_value?: string | undefined;
    readonly int_value?: number | bigint | undefined;
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc.ChannelCredentials': {
    readonly ssl_credentials?: Messages['envoy.config.core.v3.GrpcService.GoogleGrpc.SslCredentials'] | undefined;
    readonly google_default?: Messages['google.protobuf.Empty'] | undefined;
    readonly local_credentials?: Messages['envoy.config.core.v3.GrpcService.GoogleGrpc.GoogleLocalCredentials'] | undefined;
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc.GoogleLocalCredentials': {
  };
  'envoy.config.core.v3.GrpcService.GoogleGrpc.SslCredentials': {
    readonly root_certs?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly private_key?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly cert_chain?: Messages['envoy.config.core.v3.DataSource'] | undefined;
  };
  'envoy.config.core.v3.HeaderMap': {
    readonly headers?: readonly (Messages['envoy.config.core.v3.HeaderValue'])[] | undefined;
  };
  'envoy.config.core.v3.HeaderValue': {
    readonly key?: string | undefined;
    readonly value?: string | undefined;
    readonly raw_value?: Uint8Array | undefined;
  };
  'envoy.config.core.v3.HeaderValueOption': {
    readonly header?: Messages['envoy.config.core.v3.HeaderValue'] | undefined;
    readonly append?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly append_action?: Enums['envoy.config.core.v3.HeaderValueOption.HeaderAppendAction'] | undefined;
    readonly keep_empty_value?: boolean | undefined;
  };
  'envoy.config.core.v3.HealthCheck': {
    readonly name?: string | undefined;
    readonly timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly initial_jitter?: Messages['google.protobuf.Duration'] | undefined;
    readonly interval_jitter?: Messages['google.protobuf.Duration'] | undefined;
    readonly interval_jitter_percent?: number | undefined;
    readonly unhealthy_threshold?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly healthy_threshold?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly alt_port?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly reuse_connection?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly http_health_check?: Messages['envoy.config.core.v3.HealthCheck.HttpHealthCheck'] | undefined;
    readonly tcp_health_check?: Messages['envoy.config.core.v3.HealthCheck.TcpHealthCheck'] | undefined;
    readonly grpc_health_check?: Messages['envoy.config.core.v3.HealthCheck.GrpcHealthCheck'] | undefined;
    readonly custom_health_check?: Messages['envoy.config.core.v3.HealthCheck.CustomHealthCheck'] | undefined;
    readonly no_traffic_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly no_traffic_healthy_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly unhealthy_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly unhealthy_edge_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly healthy_edge_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly event_log_path?: string | undefined;
    readonly event_logger?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly event_service?: Messages['envoy.config.core.v3.EventServiceConfig'] | undefined;
    readonly always_log_health_check_failures?: boolean | undefined;
    readonly always_log_health_check_success?: boolean | undefined;
    readonly tls_options?: Messages['envoy.config.core.v3.HealthCheck.TlsOptions'] | undefined;
    readonly transport_socket_match_criteria?: Messages['google.protobuf.Struct'] | undefined;
  };
  'envoy.config.core.v3.HealthCheck.CustomHealthCheck': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.core.v3.HealthCheck.GrpcHealthCheck': {
    readonly service_name?: string | undefined;
    readonly authority?: string | undefined;
    readonly initial_metadata?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
  };
  'envoy.config.core.v3.HealthCheck.HttpHealthCheck': {
    readonly host?: string | undefined;
    readonly path?: string | undefined;
    readonly send?: Messages['envoy.config.core.v3.HealthCheck.Payload'] | undefined;
    readonly receive?: readonly (Messages['envoy.config.core.v3.HealthCheck.Payload'])[] | undefined;
    readonly response_buffer_size?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly request_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly request_headers_to_remove?: readonly (string)[] | undefined;
    readonly expected_statuses?: readonly (Messages['envoy.type.v3.Int64Range'])[] | undefined;
    readonly retriable_statuses?: readonly (Messages['envoy.type.v3.Int64Range'])[] | undefined;
    readonly codec_client_type?: Enums['envoy.type.v3.CodecClientType'] | undefined;
    readonly use_alpn_protocol?: boolean | undefined;
    readonly service_name_matcher?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly method?: Enums['envoy.config.core.v3.RequestMethod'] | undefined;
  };
  'envoy.config.core.v3.HealthCheck.Payload': {
    readonly text?: string | undefined;
    readonly binary?: Uint8Array | undefined;
  };
  'envoy.config.core.v3.HealthCheck.TcpHealthCheck': {
    readonly send?: Messages['envoy.config.core.v3.HealthCheck.Payload'] | undefined;
    readonly receive?: readonly (Messages['envoy.config.core.v3.HealthCheck.Payload'])[] | undefined;
    readonly proxy_protocol_config?: Messages['envoy.config.core.v3.ProxyProtocolConfig'] | undefined;
  };
  'envoy.config.core.v3.HealthCheck.TlsOptions': {
    readonly alpn_protocols?: readonly (string)[] | undefined;
  };
  'envoy.config.core.v3.HealthStatusSet': {
    readonly statuses?: readonly (Enums['envoy.config.core.v3.HealthStatus'])[] | undefined;
  };
  'envoy.config.core.v3.Http1ProtocolOptions': {
    readonly allow_absolute_url?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly accept_http_10?: boolean | undefined;
    readonly default_host_for_http_10?: string | undefined;
    readonly header_key_format?: Messages['envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat'] | undefined;
    readonly enable_trailers?: boolean | undefined;
    readonly allow_chunked_length?: boolean | undefined;
    readonly override_stream_error_on_invalid_http_message?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly send_fully_qualified_url?: boolean | undefined;
    readonly use_balsa_parser?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly allow_custom_methods?: boolean | undefined;
    readonly ignore_http_11_upgrade?: readonly (Messages['envoy.type.matcher.v3.StringMatcher'])[] | undefined;
  };
  'envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat': {
    readonly proper_case_words?: Messages['envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat.ProperCaseWords'] | undefined;
    readonly stateful_formatter?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
  };
  'envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat.ProperCaseWords': {
  };
  'envoy.config.core.v3.Http2ProtocolOptions': {
    readonly hpack_table_size?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_concurrent_streams?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly initial_stream_window_size?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly initial_connection_window_size?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly allow_connect?: boolean | undefined;
    readonly allow_metadata?: boolean | undefined;
    readonly max_outbound_frames?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_outbound_control_frames?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_consecutive_inbound_frames_with_empty_payload?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_inbound_priority_frames_per_stream?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_inbound_window_update_frames_per_data_frame_sent?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly stream_error_on_invalid_http_messaging?: boolean | undefined;
    readonly override_stream_error_on_invalid_http_message?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly custom_settings_parameters?: readonly (Messages['envoy.config.core.v3.Http2ProtocolOptions.SettingsParameter'])[] | undefined;
    readonly connection_keepalive?: Messages['envoy.config.core.v3.KeepaliveSettings'] | undefined;
    readonly use_oghttp2_codec?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly max_metadata_size?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly enable_huffman_encoding?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly max_header_field_size_kb?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly disallow_obs_text?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly stream_reset_burst?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly stream_reset_rate?: Messages['google.protobuf.UInt64Value'] | undefined;
  };
  'envoy.config.core.v3.Http2ProtocolOptions.SettingsParameter': {
    readonly identifier?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly value?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.core.v3.Http3ProtocolOptions': {
    readonly quic_protocol_options?: Messages['envoy.config.core.v3.QuicProtocolOptions'] | undefined;
    readonly override_stream_error_on_invalid_http_message?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly allow_extended_connect?: boolean | undefined;
    readonly allow_metadata?: boolean | undefined;
    readonly disable_qpack?: boolean | undefined;
    readonly disable_connection_flow_control_for_streams?: boolean | undefined;
    readonly disallow_obs_text?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.core.v3.HttpProtocolOptions': {
    readonly idle_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_connection_duration?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_connection_duration_jitter?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly max_headers_count?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_response_headers_kb?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_stream_duration?: Messages['google.protobuf.Duration'] | undefined;
    readonly headers_with_underscores_action?: Enums['envoy.config.core.v3.HttpProtocolOptions.HeadersWithUnderscoresAction'] | undefined;
    readonly max_requests_per_connection?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.core.v3.HttpService': {
    readonly http_uri?: Messages['envoy.config.core.v3.HttpUri'] | undefined;
    readonly request_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly formatters?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
  };
  'envoy.config.core.v3.HttpUri': {
    readonly uri?: string | undefined;
    readonly cluster?: string | undefined;
    readonly timeout?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.core.v3.JsonFormatOptions': {
    readonly sort_properties?: boolean | undefined;
  };
  'envoy.config.core.v3.KeepaliveSettings': {
    readonly interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly interval_jitter?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly connection_idle_interval?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.core.v3.KeyValue': {
    readonly key?: string | undefined;
    readonly value?: Uint8Array | undefined;
  };
  'envoy.config.core.v3.KeyValueAppend': {
    readonly record?: Messages['envoy.config.core.v3.KeyValuePair'] | undefined;
    readonly entry?: Messages['envoy.config.core.v3.KeyValue'] | undefined;
    readonly action?: Enums['envoy.config.core.v3.KeyValueAppend.KeyValueAppendAction'] | undefined;
  };
  'envoy.config.core.v3.KeyValueMutation': {
    readonly append?: Messages['envoy.config.core.v3.KeyValueAppend'] | undefined;
    readonly remove?: string | undefined;
  };
  'envoy.config.core.v3.KeyValuePair': {
    readonly key?: string | undefined;
    readonly value?: Messages['google.protobuf.Value'] | undefined;
  };
  'envoy.config.core.v3.Locality': {
    readonly region?: string | undefined;
    readonly zone?: string | undefined;
    readonly sub_zone?: string | undefined;
  };
  'envoy.config.core.v3.Metadata': {
    readonly filter_metadata?: ReadonlyMap<string, Messages['google.protobuf.Struct']> | undefined;
    readonly typed_filter_metadata?: ReadonlyMap<string, Messages['google.protobuf.Any']> | undefined;
  };
  'envoy.config.core.v3.Node': {
    readonly id?: string | undefined;
    readonly cluster?: string | undefined;
    readonly metadata?: Messages['google.protobuf.Struct'] | undefined;
    readonly dynamic_parameters?: ReadonlyMap<string, Messages['xds.core.v3.ContextParams']> | undefined;
    readonly locality?: Messages['envoy.config.core.v3.Locality'] | undefined;
    readonly user_agent_name?: string | undefined;
    readonly user_agent_version?: string | undefined;
    readonly user_agent_build_version?: Messages['envoy.config.core.v3.BuildVersion'] | undefined;
    readonly extensions?: readonly (Messages['envoy.config.core.v3.Extension'])[] | undefined;
    readonly client_features?: readonly (string)[] | undefined;
    readonly listening_addresses?: readonly (Messages['envoy.config.core.v3.Address'])[] | undefined;
  };
  'envoy.config.core.v3.PathConfigSource': {
    readonly path?: string | undefined;
    readonly watched_directory?: Messages['envoy.config.core.v3.WatchedDirectory'] | undefined;
    readonly poll_interval?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.core.v3.Pipe': {
    readonly path?: string | undefined;
    readonly mode?: number | undefined;
  };
  'envoy.config.core.v3.ProxyProtocolConfig': {
    readonly version?: Enums['envoy.config.core.v3.ProxyProtocolConfig.Version'] | undefined;
    readonly pass_through_tlvs?: Messages['envoy.config.core.v3.ProxyProtocolPassThroughTLVs'] | undefined;
    readonly added_tlvs?: readonly (Messages['envoy.config.core.v3.TlvEntry'])[] | undefined;
  };
  'envoy.config.core.v3.ProxyProtocolPassThroughTLVs': {
    readonly match_type?: Enums['envoy.config.core.v3.ProxyProtocolPassThroughTLVs.PassTLVsMatchType'] | undefined;
    readonly tlv_type?: readonly (number)[] | undefined;
  };
  'envoy.config.core.v3.QueryParameter': {
    readonly key?: string | undefined;
    readonly value?: string | undefined;
  };
  'envoy.config.core.v3.QuicKeepAliveSettings': {
    readonly max_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly initial_interval?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.core.v3.QuicProtocolOptions': {
    readonly max_concurrent_streams?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly initial_stream_window_size?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly initial_connection_window_size?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly num_timeouts_to_trigger_port_migration?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly connection_keepalive?: Messages['envoy.config.core.v3.QuicKeepAliveSettings'] | undefined;
    readonly connection_options?: string | undefined;
    readonly client_connection_options?: string | undefined;
    readonly idle_network_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_packet_length?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly client_packet_writer?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly connection_migration?: Messages['envoy.config.core.v3.QuicProtocolOptions.ConnectionMigrationSettings'] | undefined;
    readonly memory_reduction_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly enable_scone?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.core.v3.QuicProtocolOptions.ConnectionMigrationSettings': {
    readonly migrate_idle_connections?: Messages['envoy.config.core.v3.QuicProtocolOptions.ConnectionMigrationSettings.MigrateIdleConnectionSettings'] | undefined;
    readonly max_time_on_non_default_network?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.core.v3.QuicProtocolOptions.ConnectionMigrationSettings.MigrateIdleConnectionSettings': {
    readonly max_idle_time_before_migration?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.core.v3.RateLimitSettings': {
    readonly max_tokens?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly fill_rate?: Messages['google.protobuf.DoubleValue'] | undefined;
  };
  'envoy.config.core.v3.RetryPolicy': {
    readonly retry_back_off?: Messages['envoy.config.core.v3.BackoffStrategy'] | undefined;
    readonly num_retries?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly retry_on?: string | undefined;
    readonly retry_priority?: Messages['envoy.config.core.v3.RetryPolicy.RetryPriority'] | undefined;
    readonly retry_host_predicate?: readonly (Messages['envoy.config.core.v3.RetryPolicy.RetryHostPredicate'])[] | undefined;
    readonly host_selection_retry_max_attempts?: number | bigint | undefined;
  };
  'envoy.config.core.v3.RetryPolicy.RetryHostPredicate': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.core.v3.RetryPolicy.RetryPriority': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.core.v3.RuntimeDouble': {
    readonly default_value?: number | undefined;
    readonly runtime_key?: string | undefined;
  };
  'envoy.config.core.v3.RuntimeFeatureFlag': {
    readonly default_value?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly runtime_key?: string | undefined;
  };
  'envoy.config.core.v3.RuntimeFractionalPercent': {
    readonly default_value?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
    readonly runtime_key?: string | undefined;
  };
  'envoy.config.core.v3.RuntimeUInt32': {
    readonly default_value?: number | undefined;
    readonly runtime_key?: string | undefined;
  };
  'envoy.config.core.v3.RuntimeUInt64': {
    readonly default_value?: number | bigint | undefined;
    readonly runtime_key?: string | undefined;
  };
  'envoy.config.core.v3.SchemeHeaderTransformation': {
    readonly scheme_to_overwrite?: string | undefined;
    readonly match_upstream?: boolean | undefined;
  };
  'envoy.config.core.v3.SelfConfigSource': {
    readonly transport_api_version?: Enums['envoy.config.core.v3.ApiVersion'] | undefined;
  };
  'envoy.config.core.v3.SocketAddress': {
    readonly protocol?: Enums['envoy.config.core.v3.SocketAddress.Protocol'] | undefined;
    readonly address?: string | undefined;
    readonly port_value?: number | undefined;
    readonly named_port?: string | undefined;
    readonly resolver_name?: string | undefined;
    readonly ipv4_compat?: boolean | undefined;
    readonly network_namespace_filepath?: string | undefined;
  };
  'envoy.config.core.v3.SocketCmsgHeaders': {
    readonly level?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly type?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly expected_size?: number | undefined;
  };
  'envoy.config.core.v3.SocketOption': {
    readonly description?: string | undefined;
    readonly level?: number | bigint | undefined;
    readonly name?: number | bigint | undefined;
    readonly int_value?: number | bigint | undefined;
    readonly buf_value?: Uint8Array | undefined;
    readonly state?: Enums['envoy.config.core.v3.SocketOption.SocketState'] | undefined;
    readonly type?: Messages['envoy.config.core.v3.SocketOption.SocketType'] | undefined;
    readonly ip_version?: Enums['envoy.config.core.v3.SocketOption.SocketIpVersion'] | undefined;
  };
  'envoy.config.core.v3.SocketOption.SocketType': {
    readonly stream?: Messages['envoy.config.core.v3.SocketOption.SocketType.Stream'] | undefined;
    readonly datagram?: Messages['envoy.config.core.v3.SocketOption.SocketType.Datagram'] | undefined;
  };
  'envoy.config.core.v3.SocketOption.SocketType.Datagram': {
  };
  'envoy.config.core.v3.SocketOption.SocketType.Stream': {
  };
  'envoy.config.core.v3.SocketOptionsOverride': {
    readonly socket_options?: readonly (Messages['envoy.config.core.v3.SocketOption'])[] | undefined;
  };
  'envoy.config.core.v3.SubstitutionFormatString': {
    readonly text_format?: string | undefined;
    readonly json_format?: Messages['google.protobuf.Struct'] | undefined;
    readonly text_format_source?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly omit_empty_values?: boolean | undefined;
    readonly content_type?: string | undefined;
    readonly formatters?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly json_format_options?: Messages['envoy.config.core.v3.JsonFormatOptions'] | undefined;
  };
  'envoy.config.core.v3.TcpKeepalive': {
    readonly keepalive_probes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly keepalive_time?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly keepalive_interval?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.core.v3.TlvEntry': {
    readonly type?: number | undefined;
    readonly value?: Uint8Array | undefined;
    readonly format_string?: Messages['envoy.config.core.v3.SubstitutionFormatString'] | undefined;
  };
  'envoy.config.core.v3.TransportSocket': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.core.v3.TypedExtensionConfig': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.core.v3.UdpSocketConfig': {
    readonly max_rx_datagram_size?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly prefer_gro?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.core.v3.UpstreamHttpProtocolOptions': {
    readonly auto_sni?: boolean | undefined;
    readonly auto_san_validation?: boolean | undefined;
    readonly override_auto_sni_header?: string | undefined;
  };
  'envoy.config.core.v3.WatchedDirectory': {
    readonly path?: string | undefined;
    readonly watch_modify?: boolean | undefined;
  };
  'envoy.config.endpoint.v3.ClusterLoadAssignment': {
    readonly cluster_name?: string | undefined;
    readonly endpoints?: readonly (Messages['envoy.config.endpoint.v3.LocalityLbEndpoints'])[] | undefined;
    readonly named_endpoints?: ReadonlyMap<string, Messages['envoy.config.endpoint.v3.Endpoint']> | undefined;
    readonly policy?: Messages['envoy.config.endpoint.v3.ClusterLoadAssignment.Policy'] | undefined;
  };
  'envoy.config.endpoint.v3.ClusterLoadAssignment.Policy': {
    readonly drop_overloads?: readonly (Messages['envoy.config.endpoint.v3.ClusterLoadAssignment.Policy.DropOverload'])[] | undefined;
    readonly overprovisioning_factor?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly endpoint_stale_after?: Messages['google.protobuf.Duration'] | undefined;
    readonly weighted_priority_health?: boolean | undefined;
  };
  'envoy.config.endpoint.v3.ClusterLoadAssignment.Policy.DropOverload': {
    readonly category?: string | undefined;
    readonly drop_percentage?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
  };
  'envoy.config.endpoint.v3.Endpoint': {
    readonly address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly health_check_config?: Messages['envoy.config.endpoint.v3.Endpoint.HealthCheckConfig'] | undefined;
    readonly hostname?: string | undefined;
    readonly additional_addresses?: readonly (Messages['envoy.config.endpoint.v3.Endpoint.AdditionalAddress'])[] | undefined;
    readonly observability_name?: string | undefined;
  };
  'envoy.config.endpoint.v3.Endpoint.AdditionalAddress': {
    readonly address?: Messages['envoy.config.core.v3.Address'] | undefined;
  };
  'envoy.config.endpoint.v3.Endpoint.HealthCheckConfig': {
    readonly port_value?: number | undefined;
    readonly hostname?: string | undefined;
    readonly address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly disable_active_health_check?: boolean | undefined;
  };
  'envoy.config.endpoint.v3.LbEndpoint': {
    readonly endpoint?: Messages['envoy.config.endpoint.v3.Endpoint'] | undefined;
    readonly endpoint_name?: string | undefined;
    readonly health_status?: Enums['envoy.config.core.v3.HealthStatus'] | undefined;
    readonly metadata?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly load_balancing_weight?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.endpoint.v3.LedsClusterLocalityConfig': {
    readonly leds_config?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly leds_collection_name?: string | undefined;
  };
  'envoy.config.endpoint.v3.LocalityLbEndpoints': {
    readonly locality?: Messages['envoy.config.core.v3.Locality'] | undefined;
    readonly metadata?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly lb_endpoints?: readonly (Messages['envoy.config.endpoint.v3.LbEndpoint'])[] | undefined;
    readonly load_balancer_endpoints?: Messages['envoy.config.endpoint.v3.LocalityLbEndpoints.LbEndpointList'] | undefined;
    readonly leds_cluster_locality_config?: Messages['envoy.config.endpoint.v3.LedsClusterLocalityConfig'] | undefined;
    readonly load_balancing_weight?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly priority?: number | undefined;
    readonly proximity?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.endpoint.v3.LocalityLbEndpoints.LbEndpointList': {
    readonly lb_endpoints?: readonly (Messages['envoy.config.endpoint.v3.LbEndpoint'])[] | undefined;
  };
  'envoy.config.listener.v3.AdditionalAddress': {
    readonly address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly socket_options?: Messages['envoy.config.core.v3.SocketOptionsOverride'] | undefined;
    readonly tcp_keepalive?: Messages['envoy.config.core.v3.TcpKeepalive'] | undefined;
  };
  'envoy.config.listener.v3.ApiListener': {
    readonly api_listener?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.listener.v3.Filter': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
    readonly config_discovery?: Messages['envoy.config.core.v3.ExtensionConfigSource'] | undefined;
  };
  'envoy.config.listener.v3.FilterChain': {
    readonly filter_chain_match?: Messages['envoy.config.listener.v3.FilterChainMatch'] | undefined;
    readonly filters?: readonly (Messages['envoy.config.listener.v3.Filter'])[] | undefined;
    readonly use_proxy_proto?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly metadata?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly transport_socket?: Messages['envoy.config.core.v3.TransportSocket'] | undefined;
    readonly transport_socket_connect_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly name?: string | undefined;
  };
  'envoy.config.listener.v3.FilterChainMatch': {
    readonly destination_port?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly prefix_ranges?: readonly (Messages['envoy.config.core.v3.CidrRange'])[] | undefined;
    readonly address_suffix?: string | undefined;
    readonly suffix_len?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly direct_source_prefix_ranges?: readonly (Messages['envoy.config.core.v3.CidrRange'])[] | undefined;
    readonly source_type?: Enums['envoy.config.listener.v3.FilterChainMatch.ConnectionSourceType'] | undefined;
    readonly source_prefix_ranges?: readonly (Messages['envoy.config.core.v3.CidrRange'])[] | undefined;
    readonly source_ports?: readonly (number)[] | undefined;
    readonly server_names?: readonly (string)[] | undefined;
    readonly transport_protocol?: string | undefined;
    readonly application_protocols?: readonly (string)[] | undefined;
  };
  'envoy.config.listener.v3.Listener': {
    readonly name?: string | undefined;
    readonly address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly additional_addresses?: readonly (Messages['envoy.config.listener.v3.AdditionalAddress'])[] | undefined;
    readonly stat_prefix?: string | undefined;
    readonly stats_matcher?: Messages['envoy.config.metrics.v3.StatsMatcher'] | undefined;
    readonly filter_chains?: readonly (Messages['envoy.config.listener.v3.FilterChain'])[] | undefined;
    readonly fcds_config?: Messages['envoy.config.listener.v3.Listener.FcdsConfig'] | undefined;
    readonly filter_chain_matcher?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly use_original_dst?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly default_filter_chain?: Messages['envoy.config.listener.v3.FilterChain'] | undefined;
    readonly per_connection_buffer_limit_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly per_connection_buffer_high_watermark_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly metadata?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly deprecated_v1?: Messages['envoy.config.listener.v3.Listener.DeprecatedV1'] | undefined;
    readonly drain_type?: Enums['envoy.config.listener.v3.Listener.DrainType'] | undefined;
    readonly listener_filters?: readonly (Messages['envoy.config.listener.v3.ListenerFilter'])[] | undefined;
    readonly listener_filters_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly continue_on_listener_filters_timeout?: boolean | undefined;
    readonly transparent?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly freebind?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly socket_options?: readonly (Messages['envoy.config.core.v3.SocketOption'])[] | undefined;
    readonly tcp_fast_open_queue_length?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly traffic_direction?: Enums['envoy.config.core.v3.TrafficDirection'] | undefined;
    readonly udp_listener_config?: Messages['envoy.config.listener.v3.UdpListenerConfig'] | undefined;
    readonly api_listener?: Messages['envoy.config.listener.v3.ApiListener'] | undefined;
    readonly connection_balance_config?: Messages['envoy.config.listener.v3.Listener.ConnectionBalanceConfig'] | undefined;
    readonly reuse_port?: boolean | undefined;
    readonly enable_reuse_port?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly access_log?: readonly (Messages['envoy.config.accesslog.v3.AccessLog'])[] | undefined;
    readonly tcp_backlog_size?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_connections_to_accept_per_socket_event?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly bind_to_port?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly internal_listener?: Messages['envoy.config.listener.v3.Listener.InternalListenerConfig'] | undefined;
    readonly enable_mptcp?: boolean | undefined;
    readonly ignore_global_conn_limit?: boolean | undefined;
    readonly bypass_overload_manager?: boolean | undefined;
    readonly tcp_keepalive?: Messages['envoy.config.core.v3.TcpKeepalive'] | undefined;
  };
  'envoy.config.listener.v3.Listener.ConnectionBalanceConfig': {
    readonly exact_balance?: Messages['envoy.config.listener.v3.Listener.ConnectionBalanceConfig.ExactBalance'] | undefined;
    readonly extend_balance?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly cpu_locality_balance?: Messages['envoy.config.listener.v3.Listener.ConnectionBalanceConfig.CpuLocalityBalance'] | undefined;
  };
  'envoy.config.listener.v3.Listener.ConnectionBalanceConfig.CpuLocalityBalance': {
  };
  'envoy.config.listener.v3.Listener.ConnectionBalanceConfig.ExactBalance': {
  };
  'envoy.config.listener.v3.Listener.DeprecatedV1': {
    readonly bind_to_port?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.listener.v3.Listener.FcdsConfig': {
    readonly name?: string | undefined;
    readonly config_source?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
  };
  'envoy.config.listener.v3.Listener.InternalListenerConfig': {
  };
  'envoy.config.listener.v3.ListenerFilter': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
    readonly config_discovery?: Messages['envoy.config.core.v3.ExtensionConfigSource'] | undefined;
    readonly filter_disabled?: Messages['envoy.config.listener.v3.ListenerFilterChainMatchPredicate'] | undefined;
  };
  'envoy.config.listener.v3.ListenerFilterChainMatchPredicate': {
    readonly or_match?: Messages['envoy.config.listener.v3.ListenerFilterChainMatchPredicate.MatchSet'] | undefined;
    readonly and_match?: Messages['envoy.config.listener.v3.ListenerFilterChainMatchPredicate.MatchSet'] | undefined;
    readonly not_match?: Messages['envoy.config.listener.v3.ListenerFilterChainMatchPredicate'] | undefined;
    readonly any_match?: boolean | undefined;
    readonly destination_port_range?: Messages['envoy.type.v3.Int32Range'] | undefined;
  };
  'envoy.config.listener.v3.ListenerFilterChainMatchPredicate.MatchSet': {
    readonly rules?: readonly (Messages['envoy.config.listener.v3.ListenerFilterChainMatchPredicate'])[] | undefined;
  };
  'envoy.config.listener.v3.QuicProtocolOptions': {
    readonly quic_protocol_options?: Messages['envoy.config.core.v3.QuicProtocolOptions'] | undefined;
    readonly idle_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly crypto_handshake_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly enabled?: Messages['envoy.config.core.v3.RuntimeFeatureFlag'] | undefined;
    readonly packets_to_read_to_connection_count_ratio?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly crypto_stream_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly proof_source_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly connection_id_generator_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly server_preferred_address_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly send_disable_active_migration?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly connection_debug_visitor_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly save_cmsg_config?: readonly (Messages['envoy.config.core.v3.SocketCmsgHeaders'])[] | undefined;
    readonly reject_new_connections?: boolean | undefined;
    readonly max_sessions_per_event_loop?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.listener.v3.UdpListenerConfig': {
    readonly downstream_socket_config?: Messages['envoy.config.core.v3.UdpSocketConfig'] | undefined;
    readonly quic_options?: Messages['envoy.config.listener.v3.QuicProtocolOptions'] | undefined;
    readonly udp_packet_packet_writer_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
  };
  'envoy.config.metrics.v3.HistogramBucketSettings': {
    readonly match?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly buckets?: readonly (number)[] | undefined;
    readonly bins?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.metrics.v3.StatsConfig': {
    readonly stats_tags?: readonly (Messages['envoy.config.metrics.v3.TagSpecifier'])[] | undefined;
    readonly use_all_default_tags?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly stats_matcher?: Messages['envoy.config.metrics.v3.StatsMatcher'] | undefined;
    readonly histogram_bucket_settings?: readonly (Messages['envoy.config.metrics.v3.HistogramBucketSettings'])[] | undefined;
    readonly allow_default_tag_overrides?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.metrics.v3.StatsMatcher': {
    readonly reject_all?: boolean | undefined;
    readonly exclusion_list?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
    readonly inclusion_list?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
  };
  'envoy.config.metrics.v3.StatsSink': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.metrics.v3.TagSpecifier': {
    readonly tag_name?: string | undefined;
    readonly regex?: string | undefined;
    readonly fixed_value?: string | undefined;
  };
  'envoy.config.overload.v3.BufferFactoryConfig': {
    readonly minimum_account_to_track_power_of_two?: number | undefined;
  };
  'envoy.config.overload.v3.LoadShedPoint': {
    readonly name?: string | undefined;
    readonly triggers?: readonly (Messages['envoy.config.overload.v3.Trigger'])[] | undefined;
  };
  'envoy.config.overload.v3.OverloadAction': {
    readonly name?: string | undefined;
    readonly triggers?: readonly (Messages['envoy.config.overload.v3.Trigger'])[] | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.overload.v3.OverloadManager': {
    readonly refresh_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly resource_monitors?: readonly (Messages['envoy.config.overload.v3.ResourceMonitor'])[] | undefined;
    readonly actions?: readonly (Messages['envoy.config.overload.v3.OverloadAction'])[] | undefined;
    readonly loadshed_points?: readonly (Messages['envoy.config.overload.v3.LoadShedPoint'])[] | undefined;
    readonly buffer_factory_config?: Messages['envoy.config.overload.v3.BufferFactoryConfig'] | undefined;
  };
  'envoy.config.overload.v3.ResourceMonitor': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.overload.v3.ScaledTrigger': {
    readonly scaling_threshold?: number | undefined;
    readonly saturation_threshold?: number | undefined;
  };
  'envoy.config.overload.v3.ThresholdTrigger': {
    readonly value?: number | undefined;
  };
  'envoy.config.overload.v3.Trigger': {
    readonly name?: string | undefined;
    readonly threshold?: Messages['envoy.config.overload.v3.ThresholdTrigger'] | undefined;
    readonly scaled?: Messages['envoy.config.overload.v3.ScaledTrigger'] | undefined;
  };
  'envoy.config.ratelimit.v3.RateLimitServiceConfig': {
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
    readonly transport_api_version?: Enums['envoy.config.core.v3.ApiVersion'] | undefined;
  };
  'envoy.config.rbac.v3.Permission': {
    readonly and_rules?: Messages['envoy.config.rbac.v3.Permission.Set'] | undefined;
    readonly or_rules?: Messages['envoy.config.rbac.v3.Permission.Set'] | undefined;
    readonly any?: boolean | undefined;
    readonly header?: Messages['envoy.config.route.v3.HeaderMatcher'] | undefined;
    readonly url_path?: Messages['envoy.type.matcher.v3.PathMatcher'] | undefined;
    readonly destination_ip?: Messages['envoy.config.core.v3.CidrRange'] | undefined;
    readonly destination_port?: number | undefined;
    readonly destination_port_range?: Messages['envoy.type.v3.Int32Range'] | undefined;
    readonly metadata?: Messages['envoy.type.matcher.v3.MetadataMatcher'] | undefined;
    readonly not_rule?: Messages['envoy.config.rbac.v3.Permission'] | undefined;
    readonly requested_server_name?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly matcher?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly uri_template?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly sourced_metadata?: Messages['envoy.config.rbac.v3.SourcedMetadata'] | undefined;
  };
  'envoy.config.rbac.v3.Permission.Set': {
    readonly rules?: readonly (Messages['envoy.config.rbac.v3.Permission'])[] | undefined;
  };
  'envoy.config.rbac.v3.Policy': {
    readonly permissions?: readonly (Messages['envoy.config.rbac.v3.Permission'])[] | undefined;
    readonly principals?: readonly (Messages['envoy.config.rbac.v3.Principal'])[] | undefined;
    readonly condition?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
    readonly checked_condition?: Messages['google.api.expr.v1alpha1.CheckedExpr'] | undefined;
    readonly cel_config?: Messages['envoy.config.core.v3.CelExpressionConfig'] | undefined;
  };
  'envoy.config.rbac.v3.Principal': {
    readonly and_ids?: Messages['envoy.config.rbac.v3.Principal.Set'] | undefined;
    readonly or_ids?: Messages['envoy.config.rbac.v3.Principal.Set'] | undefined;
    readonly any?: boolean | undefined;
    readonly authenticated?: Messages['envoy.config.rbac.v3.Principal.Authenticated'] | undefined;
    readonly source_ip?: Messages['envoy.config.core.v3.CidrRange'] | undefined;
    readonly direct_remote_ip?: Messages['envoy.config.core.v3.CidrRange'] | undefined;
    readonly remote_ip?: Messages['envoy.config.core.v3.CidrRange'] | undefined;
    readonly header?: Messages['envoy.config.route.v3.HeaderMatcher'] | undefined;
    readonly url_path?: Messages['envoy.type.matcher.v3.PathMatcher'] | undefined;
    readonly metadata?: Messages['envoy.type.matcher.v3.MetadataMatcher'] | undefined;
    readonly filter_state?: Messages['envoy.type.matcher.v3.FilterStateMatcher'] | undefined;
    readonly not_id?: Messages['envoy.config.rbac.v3.Principal'] | undefined;
    readonly sourced_metadata?: Messages['envoy.config.rbac.v3.SourcedMetadata'] | undefined;
    readonly custom?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
  };
  'envoy.config.rbac.v3.Principal.Authenticated': {
    readonly principal_name?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
  };
  'envoy.config.rbac.v3.Principal.Set': {
    readonly ids?: readonly (Messages['envoy.config.rbac.v3.Principal'])[] | undefined;
  };
  'envoy.config.rbac.v3.RBAC': {
    readonly action?: Enums['envoy.config.rbac.v3.RBAC.Action'] | undefined;
    readonly policies?: ReadonlyMap<string, Messages['envoy.config.rbac.v3.Policy']> | undefined;
    readonly audit_logging_options?: Messages['envoy.config.rbac.v3.RBAC.AuditLoggingOptions'] | undefined;
  };
  'envoy.config.rbac.v3.RBAC.AuditLoggingOptions': {
    readonly audit_condition?: Enums['envoy.config.rbac.v3.RBAC.AuditLoggingOptions.AuditCondition'] | undefined;
    readonly logger_configs?: readonly (Messages['envoy.config.rbac.v3.RBAC.AuditLoggingOptions.AuditLoggerConfig'])[] | undefined;
  };
  'envoy.config.rbac.v3.RBAC.AuditLoggingOptions.AuditLoggerConfig': {
    readonly audit_logger?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly is_optional?: boolean | undefined;
  };
  'envoy.config.rbac.v3.SourcedMetadata': {
    readonly metadata_matcher?: Messages['envoy.type.matcher.v3.MetadataMatcher'] | undefined;
    readonly metadata_source?: Enums['envoy.config.rbac.v3.MetadataSource'] | undefined;
  };
  'envoy.config.route.v3.ClusterSpecifierPlugin': {
    readonly extension?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly is_optional?: boolean | undefined;
  };
  'envoy.config.route.v3.CookieMatcher': {
    readonly name?: string | undefined;
    readonly string_match?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly invert_match?: boolean | undefined;
  };
  'envoy.config.route.v3.CorsPolicy': {
    readonly allow_origin_string_match?: readonly (Messages['envoy.type.matcher.v3.StringMatcher'])[] | undefined;
    readonly allow_methods?: string | undefined;
    readonly allow_headers?: string | undefined;
    readonly expose_headers?: string | undefined;
    readonly max_age?: string | undefined;
    readonly allow_credentials?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly filter_enabled?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly shadow_enabled?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly allow_private_network_access?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly forward_not_matching_preflights?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.route.v3.Decorator': {
    readonly operation?: string | undefined;
    readonly propagate?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.route.v3.DirectResponseAction': {
    readonly status?: number | undefined;
    readonly body?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly body_format?: Messages['envoy.config.core.v3.SubstitutionFormatString'] | undefined;
  };
  'envoy.config.route.v3.FilterAction': {
    readonly action?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.route.v3.FilterConfig': {
    readonly config?: Messages['google.protobuf.Any'] | undefined;
    readonly is_optional?: boolean | undefined;
    readonly disabled?: boolean | undefined;
  };
  'envoy.config.route.v3.HeaderMatcher': {
    readonly name?: string | undefined;
    readonly exact_match?: string | undefined;
    readonly safe_regex_match?: Messages['envoy.type.matcher.v3.RegexMatcher'] | undefined;
    readonly range_match?: Messages['envoy.type.v3.Int64Range'] | undefined;
    readonly present_match?: boolean | undefined;
    readonly prefix_match?: string | undefined;
    readonly suffix_match?: string | undefined;
    readonly contains_match?: string | undefined;
    readonly string_match?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly invert_match?: boolean | undefined;
    readonly treat_missing_header_as_empty?: boolean | undefined;
  };
  'envoy.config.route.v3.HedgePolicy': {
    readonly initial_requests?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly additional_request_chance?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
    readonly hedge_on_per_try_timeout?: boolean | undefined;
  };
  'envoy.config.route.v3.InternalRedirectPolicy': {
    readonly max_internal_redirects?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly redirect_response_codes?: readonly (number)[] | undefined;
    readonly predicates?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly allow_cross_scheme_redirect?: boolean | undefined;
    readonly response_headers_to_copy?: readonly (string)[] | undefined;
  };
  'envoy.config.route.v3.NonForwardingAction': {
  };
  'envoy.config.route.v3.QueryParameterMatcher': {
    readonly name?: string | undefined;
    readonly string_match?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly present_match?: boolean | undefined;
  };
  'envoy.config.route.v3.RateLimit': {
    readonly stage?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly disable_key?: string | undefined;
    readonly actions?: readonly (Messages['envoy.config.route.v3.RateLimit.Action'])[] | undefined;
    readonly limit?: Messages['envoy.config.route.v3.RateLimit.Override'] | undefined;
    readonly hits_addend?: Messages['envoy.config.route.v3.RateLimit.HitsAddend'] | undefined;
    readonly apply_on_stream_done?: boolean | undefined;
    readonly x_ratelimit_option?: Enums['envoy.config.route.v3.RateLimit.XRateLimitOption'] | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action': {
    readonly source_cluster?: Messages['envoy.config.route.v3.RateLimit.Action.SourceCluster'] | undefined;
    readonly destination_cluster?: Messages['envoy.config.route.v3.RateLimit.Action.DestinationCluster'] | undefined;
    readonly request_headers?: Messages['envoy.config.route.v3.RateLimit.Action.RequestHeaders'] | undefined;
    readonly query_parameters?: Messages['envoy.config.route.v3.RateLimit.Action.QueryParameters'] | undefined;
    readonly remote_address?: Messages['envoy.config.route.v3.RateLimit.Action.RemoteAddress'] | undefined;
    readonly generic_key?: Messages['envoy.config.route.v3.RateLimit.Action.GenericKey'] | undefined;
    readonly header_value_match?: Messages['envoy.config.route.v3.RateLimit.Action.HeaderValueMatch'] | undefined;
    readonly dynamic_metadata?: Messages['envoy.config.route.v3.RateLimit.Action.DynamicMetaData'] | undefined;
    readonly metadata?: Messages['envoy.config.route.v3.RateLimit.Action.MetaData'] | undefined;
    readonly extension?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly masked_remote_address?: Messages['envoy.config.route.v3.RateLimit.Action.MaskedRemoteAddress'] | undefined;
    readonly query_parameter_value_match?: Messages['envoy.config.route.v3.RateLimit.Action.QueryParameterValueMatch'] | undefined;
    readonly remote_address_match?: Messages['envoy.config.route.v3.RateLimit.Action.RemoteAddressMatch'] | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action.DestinationCluster': {
  };
  'envoy.config.route.v3.RateLimit.Action.DynamicMetaData': {
    readonly descriptor_key?: string | undefined;
    readonly metadata_key?: Messages['envoy.type.metadata.v3.MetadataKey'] | undefined;
    readonly default_value?: string | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action.GenericKey': {
    readonly descriptor_value?: string | undefined;
    readonly default_value?: string | undefined;
    readonly descriptor_key?: string | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action.HeaderValueMatch': {
    readonly descriptor_value?: string | undefined;
    readonly default_value?: string | undefined;
    readonly descriptor_key?: string | undefined;
    readonly expect_match?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly headers?: readonly (Messages['envoy.config.route.v3.HeaderMatcher'])[] | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action.MaskedRemoteAddress': {
    readonly v4_prefix_mask_len?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly v6_prefix_mask_len?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action.MetaData': {
    readonly descriptor_key?: string | undefined;
    readonly metadata_key?: Messages['envoy.type.metadata.v3.MetadataKey'] | undefined;
    readonly default_value?: string | undefined;
    readonly source?: Enums['envoy.config.route.v3.RateLimit.Action.MetaData.Source'] | undefined;
    readonly skip_if_absent?: boolean | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action.QueryParameterValueMatch': {
    readonly descriptor_value?: string | undefined;
    readonly default_value?: string | undefined;
    readonly descriptor_key?: string | undefined;
    readonly expect_match?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly query_parameters?: readonly (Messages['envoy.config.route.v3.QueryParameterMatcher'])[] | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action.QueryParameters': {
    readonly query_parameter_name?: string | undefined;
    readonly descriptor_key?: string | undefined;
    readonly skip_if_absent?: boolean | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action.RemoteAddress': {
  };
  'envoy.config.route.v3.RateLimit.Action.RemoteAddressMatch': {
    readonly descriptor_value?: string | undefined;
    readonly descriptor_key?: string | undefined;
    readonly default_value?: string | undefined;
    readonly address_matcher?: Messages['envoy.type.matcher.v3.AddressMatcher'] | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action.RequestHeaders': {
    readonly header_name?: string | undefined;
    readonly descriptor_key?: string | undefined;
    readonly skip_if_absent?: boolean | undefined;
  };
  'envoy.config.route.v3.RateLimit.Action.SourceCluster': {
  };
  'envoy.config.route.v3.RateLimit.HitsAddend': {
    readonly number?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly format?: string | undefined;
    readonly is_negative_hits?: boolean | undefined;
  };
  'envoy.config.route.v3.RateLimit.Override': {
    readonly dynamic_metadata?: Messages['envoy.config.route.v3.RateLimit.Override.DynamicMetadata'] | undefined;
    readonly rate_limit?: Messages['envoy.config.route.v3.RateLimit.Override.RateLimitOverride'] | undefined;
  };
  'envoy.config.route.v3.RateLimit.Override.DynamicMetadata': {
    readonly metadata_key?: Messages['envoy.type.metadata.v3.MetadataKey'] | undefined;
  };
  'envoy.config.route.v3.RateLimit.Override.RateLimitOverride': {
    readonly requests_per_unit?: number | undefined;
    readonly unit?: Enums['envoy.type.v3.RateLimitUnit'] | undefined;
  };
  'envoy.config.route.v3.RedirectAction': {
    readonly https_redirect?: boolean | undefined;
    readonly scheme_redirect?: string | undefined;
    readonly host_redirect?: string | undefined;
    readonly port_redirect?: number | undefined;
    readonly path_redirect?: string | undefined;
    readonly prefix_rewrite?: string | undefined;
    readonly regex_rewrite?: Messages['envoy.type.matcher.v3.RegexMatchAndSubstitute'] | undefined;
    readonly path_rewrite?: string | undefined;
    readonly response_code?: Enums['envoy.config.route.v3.RedirectAction.RedirectResponseCode'] | undefined;
    readonly strip_query?: boolean | undefined;
  };
  'envoy.config.route.v3.RetryPolicy': {
    readonly retry_on?: string | undefined;
    readonly num_retries?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly per_try_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly per_try_idle_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly retry_priority?: Messages['envoy.config.route.v3.RetryPolicy.RetryPriority'] | undefined;
    readonly retry_host_predicate?: readonly (Messages['envoy.config.route.v3.RetryPolicy.RetryHostPredicate'])[] | undefined;
    readonly retry_options_predicates?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly host_selection_retry_max_attempts?: number | bigint | undefined;
    readonly retriable_status_codes?: readonly (number)[] | undefined;
    readonly retry_back_off?: Messages['envoy.config.route.v3.RetryPolicy.RetryBackOff'] | undefined;
    readonly rate_limited_retry_back_off?: Messages['envoy.config.route.v3.RetryPolicy.RateLimitedRetryBackOff'] | undefined;
    readonly retriable_headers?: readonly (Messages['envoy.config.route.v3.HeaderMatcher'])[] | undefined;
    readonly retriable_request_headers?: readonly (Messages['envoy.config.route.v3.HeaderMatcher'])[] | undefined;
    readonly refresh_cluster_on_retry?: boolean | undefined;
  };
  'envoy.config.route.v3.RetryPolicy.RateLimitedRetryBackOff': {
    readonly reset_headers?: readonly (Messages['envoy.config.route.v3.RetryPolicy.ResetHeader'])[] | undefined;
    readonly max_interval?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.route.v3.RetryPolicy.ResetHeader': {
    readonly name?: string | undefined;
    readonly format?: Enums['envoy.config.route.v3.RetryPolicy.ResetHeaderFormat'] | undefined;
  };
  'envoy.config.route.v3.RetryPolicy.RetryBackOff': {
    readonly base_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_interval?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.route.v3.RetryPolicy.RetryHostPredicate': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.route.v3.RetryPolicy.RetryPriority': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.route.v3.Route': {
    readonly name?: string | undefined;
    readonly match?: Messages['envoy.config.route.v3.RouteMatch'] | undefined;
    readonly route?: Messages['envoy.config.route.v3.RouteAction'] | undefined;
    readonly redirect?: Messages['envoy.config.route.v3.RedirectAction'] | undefined;
    readonly direct_response?: Messages['envoy.config.route.v3.DirectResponseAction'] | undefined;
    readonly filter_action?: Messages['envoy.config.route.v3.FilterAction'] | undefined;
    readonly non_forwarding_action?: Messages['envoy.config.route.v3.NonForwardingAction'] | undefined;
    readonly metadata?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly decorator?: Messages['envoy.config.route.v3.Decorator'] | undefined;
    readonly typed_per_filter_config?: ReadonlyMap<string, Messages['google.protobuf.Any']> | undefined;
    readonly request_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly request_headers_to_remove?: readonly (string)[] | undefined;
    readonly response_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly response_headers_to_remove?: readonly (string)[] | undefined;
    readonly tracing?: Messages['envoy.config.route.v3.Tracing'] | undefined;
    readonly per_request_buffer_limit_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly stat_prefix?: string | undefined;
    readonly request_body_buffer_limit?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly route_specifiers?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
  };
  'envoy.config.route.v3.RouteAction': {
    readonly cluster?: string | undefined;
    readonly cluster_header?: string | undefined;
    readonly weighted_clusters?: Messages['envoy.config.route.v3.WeightedCluster'] | undefined;
    readonly cluster_specifier_plugin?: string | undefined;
    readonly inline_cluster_specifier_plugin?: Messages['envoy.config.route.v3.ClusterSpecifierPlugin'] | undefined;
    readonly cluster_not_found_response_code?: Enums['envoy.config.route.v3.RouteAction.ClusterNotFoundResponseCode'] | undefined;
    readonly metadata_match?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly prefix_rewrite?: string | undefined;
    readonly regex_rewrite?: Messages['envoy.type.matcher.v3.RegexMatchAndSubstitute'] | undefined;
    readonly path_rewrite_policy?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly path_rewrite?: string | undefined;
    readonly host_rewrite_literal?: string | undefined;
    readonly auto_host_rewrite?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly host_rewrite_header?: string | undefined;
    readonly host_rewrite_path_regex?: Messages['envoy.type.matcher.v3.RegexMatchAndSubstitute'] | undefined;
    readonly host_rewrite?: string | undefined;
    readonly append_x_forwarded_host?: boolean | undefined;
    readonly timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly idle_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly flush_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly early_data_policy?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly retry_policy?: Messages['envoy.config.route.v3.RetryPolicy'] | undefined;
    readonly retry_policy_typed_config?: Messages['google.protobuf.Any'] | undefined;
    readonly request_mirror_policies?: readonly (Messages['envoy.config.route.v3.RouteAction.RequestMirrorPolicy'])[] | undefined;
    readonly priority?: Enums['envoy.config.core.v3.RoutingPriority'] | undefined;
    readonly rate_limits?: readonly (Messages['envoy.config.route.v3.RateLimit'])[] | undefined;
    readonly include_vh_rate_limits?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly hash_policy?: readonly (Messages['envoy.config.route.v3.RouteAction.HashPolicy'])[] | undefined;
    readonly cors?: Messages['envoy.config.route.v3.CorsPolicy'] | undefined;
    readonly max_grpc_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly grpc_timeout_offset?: Messages['google.protobuf.Duration'] | undefined;
    readonly upgrade_configs?: readonly (Messages['envoy.config.route.v3.RouteAction.UpgradeConfig'])[] | undefined;
    readonly internal_redirect_policy?: Messages['envoy.config.route.v3.InternalRedirectPolicy'] | undefined;
    readonly internal_redirect_action?: Enums['envoy.config.route.v3.RouteAction.InternalRedirectAction'] | undefined;
    readonly max_internal_redirects?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly hedge_policy?: Messages['envoy.config.route.v3.HedgePolicy'] | undefined;
    readonly max_stream_duration?: Messages['envoy.config.route.v3.RouteAction.MaxStreamDuration'] | undefined;
  };
  'envoy.config.route.v3.RouteAction.HashPolicy': {
    readonly header?: Messages['envoy.config.route.v3.RouteAction.HashPolicy.Header'] | undefined;
    readonly cookie?: Messages['envoy.config.route.v3.RouteAction.HashPolicy.Cookie'] | undefined;
    readonly connection_properties?: Messages['envoy.config.route.v3.RouteAction.HashPolicy.ConnectionProperties'] | undefined;
    readonly query_parameter?: Messages['envoy.config.route.v3.RouteAction.HashPolicy.QueryParameter'] | undefined;
    readonly filter_state?: Messages['envoy.config.route.v3.RouteAction.HashPolicy.FilterState'] | undefined;
    readonly terminal?: boolean | undefined;
  };
  'envoy.config.route.v3.RouteAction.HashPolicy.ConnectionProperties': {
    readonly source_ip?: boolean | undefined;
  };
  'envoy.config.route.v3.RouteAction.HashPolicy.Cookie': {
    readonly name?: string | undefined;
    readonly ttl?: Messages['google.protobuf.Duration'] | undefined;
    readonly path?: string | undefined;
    readonly attributes?: readonly (Messages['envoy.config.route.v3.RouteAction.HashPolicy.CookieAttribute'])[] | undefined;
  };
  'envoy.config.route.v3.RouteAction.HashPolicy.CookieAttribute': {
    readonly name?: string | undefined;
    readonly value?: string | undefined;
  };
  'envoy.config.route.v3.RouteAction.HashPolicy.FilterState': {
    readonly key?: string | undefined;
  };
  'envoy.config.route.v3.RouteAction.HashPolicy.Header': {
    readonly header_name?: string | undefined;
    readonly regex_rewrite?: Messages['envoy.type.matcher.v3.RegexMatchAndSubstitute'] | undefined;
  };
  'envoy.config.route.v3.RouteAction.HashPolicy.QueryParameter': {
    readonly name?: string | undefined;
  };
  'envoy.config.route.v3.RouteAction.MaxStreamDuration': {
    readonly max_stream_duration?: Messages['google.protobuf.Duration'] | undefined;
    readonly grpc_timeout_header_max?: Messages['google.protobuf.Duration'] | undefined;
    readonly grpc_timeout_header_offset?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.config.route.v3.RouteAction.RequestMirrorPolicy': {
    readonly cluster?: string | undefined;
    readonly cluster_header?: string | undefined;
    readonly runtime_fraction?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly trace_sampled?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly disable_shadow_host_suffix_append?: boolean | undefined;
    readonly request_headers_mutations?: readonly (Messages['envoy.config.common.mutation_rules.v3.HeaderMutation'])[] | undefined;
    readonly host_rewrite_literal?: string | undefined;
  };
  'envoy.config.route.v3.RouteAction.UpgradeConfig': {
    readonly upgrade_type?: string | undefined;
    readonly enabled?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly connect_config?: Messages['envoy.config.route.v3.RouteAction.UpgradeConfig.ConnectConfig'] | undefined;
  };
  'envoy.config.route.v3.RouteAction.UpgradeConfig.ConnectConfig': {
    readonly proxy_protocol_config?: Messages['envoy.config.core.v3.ProxyProtocolConfig'] | undefined;
    readonly allow_post?: boolean | undefined;
  };
  'envoy.config.route.v3.RouteConfiguration': {
    readonly name?: string | undefined;
    readonly virtual_hosts?: readonly (Messages['envoy.config.route.v3.VirtualHost'])[] | undefined;
    readonly vhds?: Messages['envoy.config.route.v3.Vhds'] | undefined;
    readonly internal_only_headers?: readonly (string)[] | undefined;
    readonly response_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly response_headers_to_remove?: readonly (string)[] | undefined;
    readonly request_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly request_headers_to_remove?: readonly (string)[] | undefined;
    readonly most_specific_header_mutations_wins?: boolean | undefined;
    readonly validate_clusters?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly max_direct_response_body_size_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly cluster_specifier_plugins?: readonly (Messages['envoy.config.route.v3.ClusterSpecifierPlugin'])[] | undefined;
    readonly request_mirror_policies?: readonly (Messages['envoy.config.route.v3.RouteAction.RequestMirrorPolicy'])[] | undefined;
    readonly ignore_port_in_host_matching?: boolean | undefined;
    readonly vhost_header?: string | undefined;
    readonly ignore_path_parameters_in_path_matching?: boolean | undefined;
    readonly typed_per_filter_config?: ReadonlyMap<string, Messages['google.protobuf.Any']> | undefined;
    readonly metadata?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly route_specifiers?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
  };
  'envoy.config.route.v3.RouteMatch': {
    readonly prefix?: string | undefined;
    readonly path?: string | undefined;
    readonly safe_regex?: Messages['envoy.type.matcher.v3.RegexMatcher'] | undefined;
    readonly connect_matcher?: Messages['envoy.config.route.v3.RouteMatch.ConnectMatcher'] | undefined;
    readonly path_separated_prefix?: string | undefined;
    readonly path_match_policy?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly case_sensitive?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly runtime_fraction?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly headers?: readonly (Messages['envoy.config.route.v3.HeaderMatcher'])[] | undefined;
    readonly query_parameters?: readonly (Messages['envoy.config.route.v3.QueryParameterMatcher'])[] | undefined;
    readonly cookies?: readonly (Messages['envoy.config.route.v3.CookieMatcher'])[] | undefined;
    readonly grpc?: Messages['envoy.config.route.v3.RouteMatch.GrpcRouteMatchOptions'] | undefined;
    readonly tls_context?: Messages['envoy.config.route.v3.RouteMatch.TlsContextMatchOptions'] | undefined;
    readonly dynamic_metadata?: readonly (Messages['envoy.type.matcher.v3.MetadataMatcher'])[] | undefined;
    readonly filter_state?: readonly (Messages['envoy.type.matcher.v3.FilterStateMatcher'])[] | undefined;
  };
  'envoy.config.route.v3.RouteMatch.ConnectMatcher': {
  };
  'envoy.config.route.v3.RouteMatch.GrpcRouteMatchOptions': {
  };
  'envoy.config.route.v3.RouteMatch.TlsContextMatchOptions': {
    readonly presented?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly validated?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.route.v3.ScopedRouteConfiguration': {
    readonly on_demand?: boolean | undefined;
    readonly name?: string | undefined;
    readonly route_configuration_name?: string | undefined;
    readonly route_configuration?: Messages['envoy.config.route.v3.RouteConfiguration'] | undefined;
    readonly key?: Messages['envoy.config.route.v3.ScopedRouteConfiguration.Key'] | undefined;
  };
  'envoy.config.route.v3.ScopedRouteConfiguration.Key': {
    readonly fragments?: readonly (Messages['envoy.config.route.v3.ScopedRouteConfiguration.Key.Fragment'])[] | undefined;
  };
  'envoy.config.route.v3.ScopedRouteConfiguration.Key.Fragment': {
    readonly string_key?: string | undefined;
  };
  'envoy.config.route.v3.Tracing': {
    readonly client_sampling?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
    readonly random_sampling?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
    readonly overall_sampling?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
    readonly custom_tags?: readonly (Messages['envoy.type.tracing.v3.CustomTag'])[] | undefined;
    readonly operation?: string | undefined;
    readonly upstream_operation?: string | undefined;
  };
  'envoy.config.route.v3.Vhds': {
    readonly config_source?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
  };
  'envoy.config.route.v3.VirtualCluster': {
    readonly headers?: readonly (Messages['envoy.config.route.v3.HeaderMatcher'])[] | undefined;
    readonly name?: string | undefined;
  };
  'envoy.config.route.v3.VirtualHost': {
    readonly name?: string | undefined;
    readonly domains?: readonly (string)[] | undefined;
    readonly routes?: readonly (Messages['envoy.config.route.v3.Route'])[] | undefined;
    readonly matcher?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly require_tls?: Enums['envoy.config.route.v3.VirtualHost.TlsRequirementType'] | undefined;
    readonly virtual_clusters?: readonly (Messages['envoy.config.route.v3.VirtualCluster'])[] | undefined;
    readonly rate_limits?: readonly (Messages['envoy.config.route.v3.RateLimit'])[] | undefined;
    readonly request_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly request_headers_to_remove?: readonly (string)[] | undefined;
    readonly response_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly response_headers_to_remove?: readonly (string)[] | undefined;
    readonly cors?: Messages['envoy.config.route.v3.CorsPolicy'] | undefined;
    readonly typed_per_filter_config?: ReadonlyMap<string, Messages['google.protobuf.Any']> | undefined;
    readonly include_request_attempt_count?: boolean | undefined;
    readonly include_attempt_count_in_response?: boolean | undefined;
    readonly retry_policy?: Messages['envoy.config.route.v3.RetryPolicy'] | undefined;
    readonly retry_policy_typed_config?: Messages['google.protobuf.Any'] | undefined;
    readonly hedge_policy?: Messages['envoy.config.route.v3.HedgePolicy'] | undefined;
    readonly include_is_timeout_retry_header?: boolean | undefined;
    readonly per_request_buffer_limit_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly request_body_buffer_limit?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly request_mirror_policies?: readonly (Messages['envoy.config.route.v3.RouteAction.RequestMirrorPolicy'])[] | undefined;
    readonly metadata?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly route_specifiers?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
  };
  'envoy.config.route.v3.WeightedCluster': {
    readonly clusters?: readonly (Messages['envoy.config.route.v3.WeightedCluster.ClusterWeight'])[] | undefined;
    readonly total_weight?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly runtime_key_prefix?: string | undefined;
    readonly header_name?: string | undefined;
    readonly use_hash_policy?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.route.v3.WeightedCluster.ClusterWeight': {
    readonly name?: string | undefined;
    readonly cluster_header?: string | undefined;
    readonly weight?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly metadata_match?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly request_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly request_headers_to_remove?: readonly (string)[] | undefined;
    readonly response_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly response_headers_to_remove?: readonly (string)[] | undefined;
    readonly typed_per_filter_config?: ReadonlyMap<string, Messages['google.protobuf.Any']> | undefined;
    readonly host_rewrite_literal?: string | undefined;
  };
  'envoy.config.trace.v3.OpenTelemetryConfig': {
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
    readonly http_service?: Messages['envoy.config.core.v3.HttpService'] | undefined;
    readonly exporter?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly service_name?: string | undefined;
    readonly resource_detectors?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly sampler?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly max_cache_size?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly set_telemetry_sdk_resource_attributes?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly set_service_name_resource_attribute?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly set_instrumentation_scope?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.config.trace.v3.Tracing': {
    readonly http?: Messages['envoy.config.trace.v3.Tracing.Http'] | undefined;
  };
  'envoy.config.trace.v3.Tracing.Http': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.config.trace.v3.ZipkinConfig': {
    readonly collector_cluster?: string | undefined;
    readonly collector_endpoint?: string | undefined;
    readonly trace_id_128bit?: boolean | undefined;
    readonly shared_span_context?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly collector_endpoint_version?: Enums['envoy.config.trace.v3.ZipkinConfig.CollectorEndpointVersion'] | undefined;
    readonly collector_hostname?: string | undefined;
    readonly split_spans_for_request?: boolean | undefined;
    readonly trace_context_option?: Enums['envoy.config.trace.v3.ZipkinConfig.TraceContextOption'] | undefined;
    readonly collector_service?: Messages['envoy.config.core.v3.HttpService'] | undefined;
    readonly timestamp_trace_ids?: boolean | undefined;
  };
  'envoy.data.accesslog.v3.AccessLogCommon': {
    readonly sample_rate?: number | undefined;
    readonly downstream_remote_address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly downstream_local_address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly tls_properties?: Messages['envoy.data.accesslog.v3.TLSProperties'] | undefined;
    readonly start_time?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly time_to_last_rx_byte?: Messages['google.protobuf.Duration'] | undefined;
    readonly time_to_first_upstream_tx_byte?: Messages['google.protobuf.Duration'] | undefined;
    readonly time_to_last_upstream_tx_byte?: Messages['google.protobuf.Duration'] | undefined;
    readonly time_to_first_upstream_rx_byte?: Messages['google.protobuf.Duration'] | undefined;
    readonly time_to_last_upstream_rx_byte?: Messages['google.protobuf.Duration'] | undefined;
    readonly time_to_first_downstream_tx_byte?: Messages['google.protobuf.Duration'] | undefined;
    readonly time_to_last_downstream_tx_byte?: Messages['google.protobuf.Duration'] | undefined;
    readonly upstream_remote_address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly upstream_local_address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly upstream_cluster?: string | undefined;
    readonly response_flags?: Messages['envoy.data.accesslog.v3.ResponseFlags'] | undefined;
    readonly metadata?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly upstream_transport_failure_reason?: string | undefined;
    readonly route_name?: string | undefined;
    readonly downstream_direct_remote_address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly filter_state_objects?: ReadonlyMap<string, Messages['google.protobuf.Any']> | undefined;
    readonly custom_tags?: ReadonlyMap<string, string> | undefined;
    readonly duration?: Messages['google.protobuf.Duration'] | undefined;
    readonly upstream_request_attempt_count?: number | undefined;
    readonly connection_termination_details?: string | undefined;
    readonly stream_id?: string | undefined;
    readonly intermediate_log_entry?: boolean | undefined;
    readonly downstream_transport_failure_reason?: string | undefined;
    readonly downstream_wire_bytes_sent?: number | bigint | undefined;
    readonly downstream_wire_bytes_received?: number | bigint | undefined;
    readonly upstream_wire_bytes_sent?: number | bigint | undefined;
    readonly upstream_wire_bytes_received?: number | bigint | undefined;
    readonly access_log_type?: Enums['envoy.data.accesslog.v3.AccessLogType'] | undefined;
  };
  'envoy.data.accesslog.v3.ConnectionProperties': {
    readonly received_bytes?: number | bigint | undefined;
    readonly sent_bytes?: number | bigint | undefined;
  };
  'envoy.data.accesslog.v3.HTTPAccessLogEntry': {
    readonly common_properties?: Messages['envoy.data.accesslog.v3.AccessLogCommon'] | undefined;
    readonly protocol_version?: Enums['envoy.data.accesslog.v3.HTTPAccessLogEntry.HTTPVersion'] | undefined;
    readonly request?: Messages['envoy.data.accesslog.v3.HTTPRequestProperties'] | undefined;
    readonly response?: Messages['envoy.data.accesslog.v3.HTTPResponseProperties'] | undefined;
  };
  'envoy.data.accesslog.v3.HTTPRequestProperties': {
    readonly request_method?: Enums['envoy.config.core.v3.RequestMethod'] | undefined;
    readonly scheme?: string | undefined;
    readonly authority?: string | undefined;
    readonly port?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly path?: string | undefined;
    readonly user_agent?: string | undefined;
    readonly referer?: string | undefined;
    readonly forwarded_for?: string | undefined;
    readonly request_id?: string | undefined;
    readonly original_path?: string | undefined;
    readonly request_headers_bytes?: number | bigint | undefined;
    readonly request_body_bytes?: number | bigint | undefined;
    readonly request_headers?: ReadonlyMap<string, string> | undefined;
    readonly upstream_header_bytes_sent?: number | bigint | undefined;
    readonly downstream_header_bytes_received?: number | bigint | undefined;
  };
  'envoy.data.accesslog.v3.HTTPResponseProperties': {
    readonly response_code?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly response_headers_bytes?: number | bigint | undefined;
    readonly response_body_bytes?: number | bigint | undefined;
    readonly response_headers?: ReadonlyMap<string, string> | undefined;
    readonly response_trailers?: ReadonlyMap<string, string> | undefined;
    readonly response_code_details?: string | undefined;
    readonly upstream_header_bytes_received?: number | bigint | undefined;
    readonly downstream_header_bytes_sent?: number | bigint | undefined;
  };
  'envoy.data.accesslog.v3.ResponseFlags': {
    readonly failed_local_healthcheck?: boolean | undefined;
    readonly no_healthy_upstream?: boolean | undefined;
    readonly upstream_request_timeout?: boolean | undefined;
    readonly local_reset?: boolean | undefined;
    readonly upstream_remote_reset?: boolean | undefined;
    readonly upstream_connection_failure?: boolean | undefined;
    readonly upstream_connection_termination?: boolean | undefined;
    readonly upstream_overflow?: boolean | undefined;
    readonly no_route_found?: boolean | undefined;
    readonly delay_injected?: boolean | undefined;
    readonly fault_injected?: boolean | undefined;
    readonly rate_limited?: boolean | undefined;
    readonly unauthorized_details?: Messages['envoy.data.accesslog.v3.ResponseFlags.Unauthorized'] | undefined;
    readonly rate_limit_service_error?: boolean | undefined;
    readonly downstream_connection_termination?: boolean | undefined;
    readonly upstream_retry_limit_exceeded?: boolean | undefined;
    readonly stream_idle_timeout?: boolean | undefined;
    readonly invalid_envoy_request_headers?: boolean | undefined;
    readonly downstream_protocol_error?: boolean | undefined;
    readonly upstream_max_stream_duration_reached?: boolean | undefined;
    readonly response_from_cache_filter?: boolean | undefined;
    readonly no_filter_config_found?: boolean | undefined;
    readonly duration_timeout?: boolean | undefined;
    readonly upstream_protocol_error?: boolean | undefined;
    readonly no_cluster_found?: boolean | undefined;
    readonly overload_manager?: boolean | undefined;
    readonly dns_resolution_failure?: boolean | undefined;
    readonly downstream_remote_reset?: boolean | undefined;
  };
  'envoy.data.accesslog.v3.ResponseFlags.Unauthorized': {
    readonly reason?: Enums['envoy.data.accesslog.v3.ResponseFlags.Unauthorized.Reason'] | undefined;
  };
  'envoy.data.accesslog.v3.TCPAccessLogEntry': {
    readonly common_properties?: Messages['envoy.data.accesslog.v3.AccessLogCommon'] | undefined;
    readonly connection_properties?: Messages['envoy.data.accesslog.v3.ConnectionProperties'] | undefined;
  };
  'envoy.data.accesslog.v3.TLSProperties': {
    readonly tls_version?: Enums['envoy.data.accesslog.v3.TLSProperties.TLSVersion'] | undefined;
    readonly tls_cipher_suite?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly tls_sni_hostname?: string | undefined;
    readonly local_certificate_properties?: Messages['envoy.data.accesslog.v3.TLSProperties.CertificateProperties'] | undefined;
    readonly peer_certificate_properties?: Messages['envoy.data.accesslog.v3.TLSProperties.CertificateProperties'] | undefined;
    readonly tls_session_id?: string | undefined;
    readonly ja3_fingerprint?: string | undefined;
  };
  'envoy.data.accesslog.v3.TLSProperties.CertificateProperties': {
    readonly subject_alt_name?: readonly (Messages['envoy.data.accesslog.v3.TLSProperties.CertificateProperties.SubjectAltName'])[] | undefined;
    readonly subject?: string | undefined;
    readonly issuer?: string | undefined;
  };
  'envoy.data.accesslog.v3.TLSProperties.CertificateProperties.SubjectAltName': {
    readonly uri?: string | undefined;
    readonly dns?: string | undefined;
  };
  'envoy.extensions.access_loggers.file.v3.FileAccessLog': {
    readonly path?: string | undefined;
    readonly format?: string | undefined;
    readonly json_format?: Messages['google.protobuf.Struct'] | undefined;
    readonly typed_json_format?: Messages['google.protobuf.Struct'] | undefined;
    readonly log_format?: Messages['envoy.config.core.v3.SubstitutionFormatString'] | undefined;
  };
  'envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter': {
    readonly expression?: string | undefined;
    readonly cel_config?: Messages['envoy.config.core.v3.CelExpressionConfig'] | undefined;
  };
  'envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig': {
    readonly log_name?: string | undefined;
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
    readonly transport_api_version?: Enums['envoy.config.core.v3.ApiVersion'] | undefined;
    readonly buffer_flush_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly buffer_size_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly filter_state_objects_to_log?: readonly (string)[] | undefined;
    readonly grpc_stream_retry_policy?: Messages['envoy.config.core.v3.RetryPolicy'] | undefined;
    readonly custom_tags?: readonly (Messages['envoy.type.tracing.v3.CustomTag'])[] | undefined;
  };
  'envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig': {
    readonly common_config?: Messages['envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig'] | undefined;
    readonly additional_request_headers_to_log?: readonly (string)[] | undefined;
    readonly additional_response_headers_to_log?: readonly (string)[] | undefined;
    readonly additional_response_trailers_to_log?: readonly (string)[] | undefined;
  };
  'envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig': {
    readonly common_config?: Messages['envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig'] | undefined;
  };
  'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig': {
    readonly common_config?: Messages['envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig'] | undefined;
    readonly http_service?: Messages['envoy.config.core.v3.HttpService'] | undefined;
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
    readonly disable_builtin_labels?: boolean | undefined;
    readonly resource_attributes?: Messages['opentelemetry.proto.common.v1.KeyValueList'] | undefined;
    readonly resource_detectors?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly body?: Messages['opentelemetry.proto.common.v1.AnyValue'] | undefined;
    readonly attributes?: Messages['opentelemetry.proto.common.v1.KeyValueList'] | undefined;
    readonly stat_prefix?: string | undefined;
    readonly formatters?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly log_name?: string | undefined;
    readonly buffer_flush_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly buffer_size_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly filter_state_objects_to_log?: readonly (string)[] | undefined;
    readonly custom_tags?: readonly (Messages['envoy.type.tracing.v3.CustomTag'])[] | undefined;
  };
  'envoy.extensions.access_loggers.stream.v3.StderrAccessLog': {
    readonly log_format?: Messages['envoy.config.core.v3.SubstitutionFormatString'] | undefined;
  };
  'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog': {
    readonly log_format?: Messages['envoy.config.core.v3.SubstitutionFormatString'] | undefined;
  };
  'envoy.extensions.bootstrap.internal_listener.v3.InternalListener': {
    readonly buffer_size_kb?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.clusters.aggregate.v3.ClusterConfig': {
    readonly clusters?: readonly (string)[] | undefined;
  };
  'envoy.extensions.clusters.dns.v3.DnsCluster': {
    readonly dns_refresh_rate?: Messages['google.protobuf.Duration'] | undefined;
    readonly dns_failure_refresh_rate?: Messages['envoy.extensions.clusters.dns.v3.DnsCluster.RefreshRate'] | undefined;
    readonly respect_dns_ttl?: boolean | undefined;
    readonly dns_jitter?: Messages['google.protobuf.Duration'] | undefined;
    readonly typed_dns_resolver_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly dns_lookup_family?: Enums['envoy.extensions.clusters.common.dns.v3.DnsLookupFamily'] | undefined;
    readonly all_addresses_in_single_endpoint?: boolean | undefined;
    readonly dns_min_refresh_rate?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.extensions.clusters.dns.v3.DnsCluster.RefreshRate': {
    readonly base_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_interval?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig': {
    readonly dns_cache_config?: Messages['envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig'] | undefined;
    readonly sub_clusters_config?: Messages['envoy.extensions.clusters.dynamic_forward_proxy.v3.SubClustersConfig'] | undefined;
    readonly allow_insecure_cluster_options?: boolean | undefined;
    readonly allow_coalesced_connections?: boolean | undefined;
  };
  'envoy.extensions.clusters.dynamic_forward_proxy.v3.SubClustersConfig': {
    readonly lb_policy?: Enums['envoy.config.cluster.v3.Cluster.LbPolicy'] | undefined;
    readonly max_sub_clusters?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly sub_cluster_ttl?: Messages['google.protobuf.Duration'] | undefined;
    readonly preresolve_clusters?: readonly (Messages['envoy.config.core.v3.SocketAddress'])[] | undefined;
    readonly dns_cluster_config?: Messages['envoy.extensions.clusters.dns.v3.DnsCluster'] | undefined;
  };
  'envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheCircuitBreakers': {
    readonly max_pending_requests?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig': {
    readonly name?: string | undefined;
    readonly dns_lookup_family?: Enums['envoy.config.cluster.v3.Cluster.DnsLookupFamily'] | undefined;
    readonly dns_refresh_rate?: Messages['google.protobuf.Duration'] | undefined;
    readonly dns_min_refresh_rate?: Messages['google.protobuf.Duration'] | undefined;
    readonly host_ttl?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_hosts?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly disable_dns_refresh_on_failure?: boolean | undefined;
    readonly dns_failure_refresh_rate?: Messages['envoy.config.cluster.v3.Cluster.RefreshRate'] | undefined;
    readonly dns_cache_circuit_breaker?: Messages['envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheCircuitBreakers'] | undefined;
    readonly use_tcp_for_dns_lookups?: boolean | undefined;
    readonly dns_resolution_config?: Messages['envoy.config.core.v3.DnsResolutionConfig'] | undefined;
    readonly typed_dns_resolver_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly preresolve_hostnames?: readonly (Messages['envoy.config.core.v3.SocketAddress'])[] | undefined;
    readonly dns_query_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly key_value_config?: Messages['envoy.config.common.key_value.v3.KeyValueStoreConfig'] | undefined;
    readonly resolved_address_filter?: Messages['envoy.type.matcher.v3.AddressMatcher'] | undefined;
  };
  'envoy.extensions.common.ratelimit.v3.LocalClusterRateLimit': {
  };
  'envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor': {
    readonly entries?: readonly (Messages['envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry'])[] | undefined;
    readonly token_bucket?: Messages['envoy.type.v3.TokenBucket'] | undefined;
    readonly shadow_mode?: boolean | undefined;
  };
  'envoy.extensions.common.ratelimit.v3.RateLimitDescriptor': {
    readonly entries?: readonly (Messages['envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry'])[] | undefined;
    readonly limit?: Messages['envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.RateLimitOverride'] | undefined;
    readonly hits_addend?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly is_negative_hits?: boolean | undefined;
  };
  'envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.Entry': {
    readonly key?: string | undefined;
    readonly value?: string | undefined;
  };
  'envoy.extensions.common.ratelimit.v3.RateLimitDescriptor.RateLimitOverride': {
    readonly requests_per_unit?: number | undefined;
    readonly unit?: Enums['envoy.type.v3.RateLimitUnit'] | undefined;
    readonly unit_multiplier?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.compression.brotli.compressor.v3.Brotli': {
    readonly quality?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly encoder_mode?: Enums['envoy.extensions.compression.brotli.compressor.v3.Brotli.EncoderMode'] | undefined;
    readonly window_bits?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly input_block_bits?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly chunk_size?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly disable_literal_context_modeling?: boolean | undefined;
  };
  'envoy.extensions.compression.brotli.decompressor.v3.Brotli': {
    readonly disable_ring_buffer_reallocation?: boolean | undefined;
    readonly chunk_size?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.compression.gzip.compressor.v3.Gzip': {
    readonly memory_level?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly compression_level?: Enums['envoy.extensions.compression.gzip.compressor.v3.Gzip.CompressionLevel'] | undefined;
    readonly compression_strategy?: Enums['envoy.extensions.compression.gzip.compressor.v3.Gzip.CompressionStrategy'] | undefined;
    readonly window_bits?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly chunk_size?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.compression.gzip.decompressor.v3.Gzip': {
    readonly window_bits?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly chunk_size?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_inflate_ratio?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.compression.zstd.compressor.v3.Zstd': {
    readonly compression_level?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly enable_checksum?: boolean | undefined;
    readonly strategy?: Enums['envoy.extensions.compression.zstd.compressor.v3.Zstd.Strategy'] | undefined;
    readonly dictionary?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly chunk_size?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.compression.zstd.decompressor.v3.Zstd': {
    readonly dictionaries?: readonly (Messages['envoy.config.core.v3.DataSource'])[] | undefined;
    readonly chunk_size?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.filters.common.fault.v3.FaultDelay': {
    readonly fixed_delay?: Messages['google.protobuf.Duration'] | undefined;
    readonly header_delay?: Messages['envoy.extensions.filters.common.fault.v3.FaultDelay.HeaderDelay'] | undefined;
    readonly percentage?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
  };
  'envoy.extensions.filters.common.fault.v3.FaultDelay.HeaderDelay': {
  };
  'envoy.extensions.filters.common.fault.v3.FaultRateLimit': {
    readonly fixed_limit?: Messages['envoy.extensions.filters.common.fault.v3.FaultRateLimit.FixedLimit'] | undefined;
    readonly header_limit?: Messages['envoy.extensions.filters.common.fault.v3.FaultRateLimit.HeaderLimit'] | undefined;
    readonly percentage?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
  };
  'envoy.extensions.filters.common.fault.v3.FaultRateLimit.FixedLimit': {
    readonly limit_kbps?: number | bigint | undefined;
  };
  'envoy.extensions.filters.common.fault.v3.FaultRateLimit.HeaderLimit': {
  };
  'envoy.extensions.filters.http.buffer.v3.Buffer': {
    readonly max_request_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.filters.http.buffer.v3.BufferPerRoute': {
    readonly disabled?: boolean | undefined;
    readonly buffer?: Messages['envoy.extensions.filters.http.buffer.v3.Buffer'] | undefined;
  };
  'envoy.extensions.filters.http.compressor.v3.Compressor': {
    readonly content_length?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly content_type?: readonly (string)[] | undefined;
    readonly disable_on_etag_header?: boolean | undefined;
    readonly remove_accept_encoding_header?: boolean | undefined;
    readonly runtime_enabled?: Messages['envoy.config.core.v3.RuntimeFeatureFlag'] | undefined;
    readonly compressor_library?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly request_direction_config?: Messages['envoy.extensions.filters.http.compressor.v3.Compressor.RequestDirectionConfig'] | undefined;
    readonly response_direction_config?: Messages['envoy.extensions.filters.http.compressor.v3.Compressor.ResponseDirectionConfig'] | undefined;
    readonly choose_first?: boolean | undefined;
  };
  'envoy.extensions.filters.http.compressor.v3.Compressor.CommonDirectionConfig': {
    readonly enabled?: Messages['envoy.config.core.v3.RuntimeFeatureFlag'] | undefined;
    readonly min_content_length?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly content_type?: readonly (string)[] | undefined;
    readonly content_type_matcher?: readonly (Messages['envoy.type.matcher.v3.StringMatcher'])[] | undefined;
  };
  'envoy.extensions.filters.http.compressor.v3.Compressor.RequestDirectionConfig': {
    readonly common_config?: Messages['envoy.extensions.filters.http.compressor.v3.Compressor.CommonDirectionConfig'] | undefined;
  };
  'envoy.extensions.filters.http.compressor.v3.Compressor.ResponseDirectionConfig': {
    readonly common_config?: Messages['envoy.extensions.filters.http.compressor.v3.Compressor.CommonDirectionConfig'] | undefined;
    readonly disable_on_etag_header?: boolean | undefined;
    readonly weaken_etag_on_compress?: boolean | undefined;
    readonly remove_accept_encoding_header?: boolean | undefined;
    readonly uncompressible_response_codes?: readonly (number)[] | undefined;
    readonly status_header_enabled?: boolean | undefined;
  };
  'envoy.extensions.filters.http.compressor.v3.CompressorOverrides': {
    readonly response_direction_config?: Messages['envoy.extensions.filters.http.compressor.v3.ResponseDirectionOverrides'] | undefined;
    readonly compressor_library?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
  };
  'envoy.extensions.filters.http.compressor.v3.CompressorPerRoute': {
    readonly disabled?: boolean | undefined;
    readonly overrides?: Messages['envoy.extensions.filters.http.compressor.v3.CompressorOverrides'] | undefined;
  };
  'envoy.extensions.filters.http.compressor.v3.ResponseDirectionOverrides': {
    readonly remove_accept_encoding_header?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.filters.http.cors.v3.Cors': {
  };
  'envoy.extensions.filters.http.cors.v3.CorsPolicy': {
    readonly allow_origin_string_match?: readonly (Messages['envoy.type.matcher.v3.StringMatcher'])[] | undefined;
    readonly allow_methods?: string | undefined;
    readonly allow_headers?: string | undefined;
    readonly expose_headers?: string | undefined;
    readonly max_age?: string | undefined;
    readonly allow_credentials?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly filter_enabled?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly shadow_enabled?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly allow_private_network_access?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly forward_not_matching_preflights?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.filters.http.csrf.v3.CsrfPolicy': {
    readonly filter_enabled?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly shadow_enabled?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly additional_origins?: readonly (Messages['envoy.type.matcher.v3.StringMatcher'])[] | undefined;
  };
  'envoy.extensions.filters.http.decompressor.v3.Decompressor': {
    readonly decompressor_library?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly request_direction_config?: Messages['envoy.extensions.filters.http.decompressor.v3.Decompressor.RequestDirectionConfig'] | undefined;
    readonly response_direction_config?: Messages['envoy.extensions.filters.http.decompressor.v3.Decompressor.ResponseDirectionConfig'] | undefined;
  };
  'envoy.extensions.filters.http.decompressor.v3.Decompressor.CommonDirectionConfig': {
    readonly enabled?: Messages['envoy.config.core.v3.RuntimeFeatureFlag'] | undefined;
    readonly ignore_no_transform_header?: boolean | undefined;
  };
  'envoy.extensions.filters.http.decompressor.v3.Decompressor.RequestDirectionConfig': {
    readonly common_config?: Messages['envoy.extensions.filters.http.decompressor.v3.Decompressor.CommonDirectionConfig'] | undefined;
    readonly advertise_accept_encoding?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.filters.http.decompressor.v3.Decompressor.ResponseDirectionConfig': {
    readonly common_config?: Messages['envoy.extensions.filters.http.decompressor.v3.Decompressor.CommonDirectionConfig'] | undefined;
  };
  'envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig': {
    readonly dns_cache_config?: Messages['envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig'] | undefined;
    readonly sub_cluster_config?: Messages['envoy.extensions.filters.http.dynamic_forward_proxy.v3.SubClusterConfig'] | undefined;
    readonly save_upstream_address?: boolean | undefined;
    readonly allow_dynamic_host_from_filter_state?: boolean | undefined;
  };
  'envoy.extensions.filters.http.dynamic_forward_proxy.v3.SubClusterConfig': {
    readonly cluster_init_timeout?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.extensions.filters.http.ext_authz.v3.AuthorizationRequest': {
    readonly allowed_headers?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
    readonly headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValue'])[] | undefined;
  };
  'envoy.extensions.filters.http.ext_authz.v3.AuthorizationResponse': {
    readonly allowed_upstream_headers?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
    readonly allowed_upstream_headers_to_append?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
    readonly allowed_client_headers?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
    readonly allowed_client_headers_on_success?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
    readonly dynamic_metadata_from_headers?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
  };
  'envoy.extensions.filters.http.ext_authz.v3.BufferSettings': {
    readonly max_request_bytes?: number | undefined;
    readonly allow_partial_message?: boolean | undefined;
    readonly pack_as_bytes?: boolean | undefined;
  };
  'envoy.extensions.filters.http.ext_authz.v3.CheckSettings': {
    readonly context_extensions?: ReadonlyMap<string, string> | undefined;
    readonly disable_request_body_buffering?: boolean | undefined;
    readonly with_request_body?: Messages['envoy.extensions.filters.http.ext_authz.v3.BufferSettings'] | undefined;
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
    readonly http_service?: Messages['envoy.extensions.filters.http.ext_authz.v3.HttpService'] | undefined;
    readonly emit_client_span?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz': {
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
    readonly http_service?: Messages['envoy.extensions.filters.http.ext_authz.v3.HttpService'] | undefined;
    readonly transport_api_version?: Enums['envoy.config.core.v3.ApiVersion'] | undefined;
    readonly failure_mode_allow?: boolean | undefined;
    readonly failure_mode_allow_header_add?: boolean | undefined;
    readonly with_request_body?: Messages['envoy.extensions.filters.http.ext_authz.v3.BufferSettings'] | undefined;
    readonly clear_route_cache?: boolean | undefined;
    readonly clear_route_cache_headers?: readonly (string)[] | undefined;
    readonly status_on_error?: Messages['envoy.type.v3.HttpStatus'] | undefined;
    readonly validate_mutations?: boolean | undefined;
    readonly metadata_context_namespaces?: readonly (string)[] | undefined;
    readonly typed_metadata_context_namespaces?: readonly (string)[] | undefined;
    readonly route_metadata_context_namespaces?: readonly (string)[] | undefined;
    readonly route_typed_metadata_context_namespaces?: readonly (string)[] | undefined;
    readonly filter_enabled?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly filter_enabled_metadata?: Messages['envoy.type.matcher.v3.MetadataMatcher'] | undefined;
    readonly deny_at_disable?: Messages['envoy.config.core.v3.RuntimeFeatureFlag'] | undefined;
    readonly include_peer_certificate?: boolean | undefined;
    readonly stat_prefix?: string | undefined;
    readonly bootstrap_metadata_labels_key?: string | undefined;
    readonly allowed_headers?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
    readonly disallowed_headers?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
    readonly include_tls_session?: boolean | undefined;
    readonly charge_cluster_response_stats?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly encode_raw_headers?: boolean | undefined;
    readonly decoder_header_mutation_rules?: Messages['envoy.config.common.mutation_rules.v3.HeaderMutationRules'] | undefined;
    readonly enable_dynamic_metadata_ingestion?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly filter_metadata?: Messages['google.protobuf.Struct'] | undefined;
    readonly emit_filter_state_stats?: boolean | undefined;
    readonly max_denied_response_body_bytes?: number | undefined;
    readonly enforce_response_header_limits?: boolean | undefined;
    readonly shadow_mode?: boolean | undefined;
    readonly emit_client_span?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute': {
    readonly disabled?: boolean | undefined;
    readonly check_settings?: Messages['envoy.extensions.filters.http.ext_authz.v3.CheckSettings'] | undefined;
  };
  'envoy.extensions.filters.http.ext_authz.v3.HttpService': {
    readonly server_uri?: Messages['envoy.config.core.v3.HttpUri'] | undefined;
    readonly path_prefix?: string | undefined;
    readonly path_override?: string | undefined;
    readonly authorization_request?: Messages['envoy.extensions.filters.http.ext_authz.v3.AuthorizationRequest'] | undefined;
    readonly authorization_response?: Messages['envoy.extensions.filters.http.ext_authz.v3.AuthorizationResponse'] | undefined;
    readonly retry_policy?: Messages['envoy.config.core.v3.RetryPolicy'] | undefined;
  };
  'envoy.extensions.filters.http.ext_proc.v3.ExtProcHttpService': {
    readonly http_service?: Messages['envoy.config.core.v3.HttpService'] | undefined;
  };
  'envoy.extensions.filters.http.ext_proc.v3.ExtProcOverrides': {
    readonly processing_mode?: Messages['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode'] | undefined;
    readonly async_mode?: boolean | undefined;
    readonly request_attributes?: readonly (string)[] | undefined;
    readonly response_attributes?: readonly (string)[] | undefined;
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
    readonly metadata_options?: Messages['envoy.extensions.filters.http.ext_proc.v3.MetadataOptions'] | undefined;
    readonly grpc_initial_metadata?: readonly (Messages['envoy.config.core.v3.HeaderValue'])[] | undefined;
    readonly failure_mode_allow?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly processing_request_modifier?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly emit_client_span?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute': {
    readonly disabled?: boolean | undefined;
    readonly overrides?: Messages['envoy.extensions.filters.http.ext_proc.v3.ExtProcOverrides'] | undefined;
  };
  'envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor': {
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
    readonly http_service?: Messages['envoy.extensions.filters.http.ext_proc.v3.ExtProcHttpService'] | undefined;
    readonly failure_mode_allow?: boolean | undefined;
    readonly processing_mode?: Messages['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode'] | undefined;
    readonly request_attributes?: readonly (string)[] | undefined;
    readonly response_attributes?: readonly (string)[] | undefined;
    readonly message_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly stat_prefix?: string | undefined;
    readonly mutation_rules?: Messages['envoy.config.common.mutation_rules.v3.HeaderMutationRules'] | undefined;
    readonly max_message_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly forward_rules?: Messages['envoy.extensions.filters.http.ext_proc.v3.HeaderForwardingRules'] | undefined;
    readonly filter_metadata?: Messages['google.protobuf.Struct'] | undefined;
    readonly allow_mode_override?: boolean | undefined;
    readonly disable_immediate_response?: boolean | undefined;
    readonly metadata_options?: Messages['envoy.extensions.filters.http.ext_proc.v3.MetadataOptions'] | undefined;
    readonly observability_mode?: boolean | undefined;
    readonly disable_clear_route_cache?: boolean | undefined;
    readonly route_cache_action?: Enums['envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor.RouteCacheAction'] | undefined;
    readonly deferred_close_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly send_body_without_waiting_for_header_response?: boolean | undefined;
    readonly allowed_override_modes?: readonly (Messages['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode'])[] | undefined;
    readonly processing_request_modifier?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly on_processing_response?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly status_on_error?: Messages['envoy.type.v3.HttpStatus'] | undefined;
    readonly allow_content_length_header?: boolean | undefined;
    readonly emit_client_span?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.filters.http.ext_proc.v3.HeaderForwardingRules': {
    readonly allowed_headers?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
    readonly disallowed_headers?: Messages['envoy.type.matcher.v3.ListStringMatcher'] | undefined;
  };
  'envoy.extensions.filters.http.ext_proc.v3.MetadataOptions': {
    readonly forwarding_namespaces?: Messages['envoy.extensions.filters.http.ext_proc.v3.MetadataOptions.MetadataNamespaces'] | undefined;
    readonly receiving_namespaces?: Messages['envoy.extensions.filters.http.ext_proc.v3.MetadataOptions.MetadataNamespaces'] | undefined;
    readonly cluster_metadata_forwarding_namespaces?: Messages['envoy.extensions.filters.http.ext_proc.v3.MetadataOptions.MetadataNamespaces'] | undefined;
  };
  'envoy.extensions.filters.http.ext_proc.v3.MetadataOptions.MetadataNamespaces': {
    readonly untyped?: readonly (string)[] | undefined;
    readonly typed?: readonly (string)[] | undefined;
  };
  'envoy.extensions.filters.http.ext_proc.v3.ProcessingMode': {
    readonly request_header_mode?: Enums['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.HeaderSendMode'] | undefined;
    readonly response_header_mode?: Enums['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.HeaderSendMode'] | undefined;
    readonly request_body_mode?: Enums['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode'] | undefined;
    readonly response_body_mode?: Enums['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode'] | undefined;
    readonly request_trailer_mode?: Enums['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.HeaderSendMode'] | undefined;
    readonly response_trailer_mode?: Enums['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.HeaderSendMode'] | undefined;
  };
  'envoy.extensions.filters.http.fault.v3.FaultAbort': {
    readonly http_status?: number | undefined;
    readonly grpc_status?: number | undefined;
    readonly header_abort?: Messages['envoy.extensions.filters.http.fault.v3.FaultAbort.HeaderAbort'] | undefined;
    readonly percentage?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
    readonly response_body?: string | undefined;
  };
  'envoy.extensions.filters.http.fault.v3.FaultAbort.HeaderAbort': {
  };
  'envoy.extensions.filters.http.fault.v3.HTTPFault': {
    readonly delay?: Messages['envoy.extensions.filters.common.fault.v3.FaultDelay'] | undefined;
    readonly abort?: Messages['envoy.extensions.filters.http.fault.v3.FaultAbort'] | undefined;
    readonly upstream_cluster?: string | undefined;
    readonly headers?: readonly (Messages['envoy.config.route.v3.HeaderMatcher'])[] | undefined;
    readonly downstream_nodes?: readonly (string)[] | undefined;
    readonly max_active_faults?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly response_rate_limit?: Messages['envoy.extensions.filters.common.fault.v3.FaultRateLimit'] | undefined;
    readonly delay_percent_runtime?: string | undefined;
    readonly abort_percent_runtime?: string | undefined;
    readonly delay_duration_runtime?: string | undefined;
    readonly abort_http_status_runtime?: string | undefined;
    readonly max_active_faults_runtime?: string | undefined;
    readonly response_rate_limit_percent_runtime?: string | undefined;
    readonly abort_grpc_status_runtime?: string | undefined;
    readonly disable_downstream_cluster_stats?: boolean | undefined;
    readonly filter_metadata?: Messages['google.protobuf.Struct'] | undefined;
  };
  'envoy.extensions.filters.http.grpc_stats.v3.FilterConfig': {
    readonly emit_filter_state?: boolean | undefined;
    readonly individual_method_stats_allowlist?: Messages['envoy.config.core.v3.GrpcMethodList'] | undefined;
    readonly stats_for_all_methods?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly enable_upstream_stats?: boolean | undefined;
    readonly replace_dots_in_grpc_service_name?: boolean | undefined;
  };
  'envoy.extensions.filters.http.grpc_web.v3.GrpcWeb': {
  };
  'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation': {
    readonly mutations?: Messages['envoy.extensions.filters.http.header_mutation.v3.Mutations'] | undefined;
    readonly most_specific_header_mutations_wins?: boolean | undefined;
  };
  'envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute': {
    readonly mutations?: Messages['envoy.extensions.filters.http.header_mutation.v3.Mutations'] | undefined;
  };
  'envoy.extensions.filters.http.header_mutation.v3.Mutations': {
    readonly request_mutations?: readonly (Messages['envoy.config.common.mutation_rules.v3.HeaderMutation'])[] | undefined;
    readonly query_parameter_mutations?: readonly (Messages['envoy.config.core.v3.KeyValueMutation'])[] | undefined;
    readonly response_mutations?: readonly (Messages['envoy.config.common.mutation_rules.v3.HeaderMutation'])[] | undefined;
    readonly response_trailers_mutations?: readonly (Messages['envoy.config.common.mutation_rules.v3.HeaderMutation'])[] | undefined;
    readonly request_trailers_mutations?: readonly (Messages['envoy.config.common.mutation_rules.v3.HeaderMutation'])[] | undefined;
    readonly formatters?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
  };
  'envoy.extensions.filters.http.health_check.v3.HealthCheck': {
    readonly pass_through_mode?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly cache_time?: Messages['google.protobuf.Duration'] | undefined;
    readonly cluster_min_healthy_percentages?: ReadonlyMap<string, Messages['envoy.type.v3.Percent']> | undefined;
    readonly headers?: readonly (Messages['envoy.config.route.v3.HeaderMatcher'])[] | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.ExtractOnlyWithoutValidation': {
    readonly verification_status_header?: string | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.FilterStateRule': {
    readonly name?: string | undefined;
    readonly requires?: ReadonlyMap<string, Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement']> | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwksAsyncFetch': {
    readonly fast_listener?: boolean | undefined;
    readonly failed_refetch_duration?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication': {
    readonly providers?: ReadonlyMap<string, Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtProvider']> | undefined;
    readonly rules?: readonly (Messages['envoy.extensions.filters.http.jwt_authn.v3.RequirementRule'])[] | undefined;
    readonly filter_state_rules?: Messages['envoy.extensions.filters.http.jwt_authn.v3.FilterStateRule'] | undefined;
    readonly bypass_cors_preflight?: boolean | undefined;
    readonly requirement_map?: ReadonlyMap<string, Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement']> | undefined;
    readonly strip_failure_response?: boolean | undefined;
    readonly stat_prefix?: string | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwtCacheConfig': {
    readonly jwt_cache_size?: number | undefined;
    readonly jwt_max_token_size?: number | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader': {
    readonly header_name?: string | undefined;
    readonly claim_name?: string | undefined;
    readonly claim_path?: readonly (Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader.PathSegment'])[] | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader.PathSegment': {
    readonly key?: string | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwtHeader': {
    readonly name?: string | undefined;
    readonly value_prefix?: string | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider': {
    readonly issuer?: string | undefined;
    readonly audiences?: readonly (string)[] | undefined;
    readonly subjects?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly require_expiration?: boolean | undefined;
    readonly max_lifetime?: Messages['google.protobuf.Duration'] | undefined;
    readonly remote_jwks?: Messages['envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks'] | undefined;
    readonly local_jwks?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly forward?: boolean | undefined;
    readonly from_headers?: readonly (Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtHeader'])[] | undefined;
    readonly from_params?: readonly (string)[] | undefined;
    readonly from_cookies?: readonly (string)[] | undefined;
    readonly forward_payload_header?: string | undefined;
    readonly pad_forward_payload_header?: boolean | undefined;
    readonly payload_in_metadata?: string | undefined;
    readonly normalize_payload_in_metadata?: Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtProvider.NormalizePayload'] | undefined;
    readonly header_in_metadata?: string | undefined;
    readonly failed_status_in_metadata?: string | undefined;
    readonly clock_skew_seconds?: number | undefined;
    readonly jwt_cache_config?: Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtCacheConfig'] | undefined;
    readonly claim_to_headers?: readonly (Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader'])[] | undefined;
    readonly clear_route_cache?: boolean | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider.NormalizePayload': {
    readonly space_delimited_claims?: readonly (string)[] | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement': {
    readonly provider_name?: string | undefined;
    readonly provider_and_audiences?: Messages['envoy.extensions.filters.http.jwt_authn.v3.ProviderWithAudiences'] | undefined;
    readonly requires_any?: Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementOrList'] | undefined;
    readonly requires_all?: Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementAndList'] | undefined;
    readonly allow_missing_or_failed?: Messages['google.protobuf.Empty'] | undefined;
    readonly allow_missing?: Messages['google.protobuf.Empty'] | undefined;
    readonly extract_only_without_validation?: Messages['envoy.extensions.filters.http.jwt_authn.v3.ExtractOnlyWithoutValidation'] | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementAndList': {
    readonly requirements?: readonly (Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement'])[] | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.JwtRequirementOrList': {
    readonly requirements?: readonly (Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement'])[] | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig': {
    readonly disabled?: boolean | undefined;
    readonly requirement_name?: string | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.ProviderWithAudiences': {
    readonly provider_name?: string | undefined;
    readonly audiences?: readonly (string)[] | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks': {
    readonly http_uri?: Messages['envoy.config.core.v3.HttpUri'] | undefined;
    readonly cache_duration?: Messages['google.protobuf.Duration'] | undefined;
    readonly async_fetch?: Messages['envoy.extensions.filters.http.jwt_authn.v3.JwksAsyncFetch'] | undefined;
    readonly retry_policy?: Messages['envoy.config.core.v3.RetryPolicy'] | undefined;
  };
  'envoy.extensions.filters.http.jwt_authn.v3.RequirementRule': {
    readonly match?: Messages['envoy.config.route.v3.RouteMatch'] | undefined;
    readonly requires?: Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement'] | undefined;
    readonly requirement_name?: string | undefined;
  };
  'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit': {
    readonly stat_prefix?: string | undefined;
    readonly status?: Messages['envoy.type.v3.HttpStatus'] | undefined;
    readonly token_bucket?: Messages['envoy.type.v3.TokenBucket'] | undefined;
    readonly filter_enabled?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly filter_enforced?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly request_headers_to_add_when_not_enforced?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly response_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly descriptors?: readonly (Messages['envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor'])[] | undefined;
    readonly stage?: number | undefined;
    readonly local_rate_limit_per_downstream_connection?: boolean | undefined;
    readonly local_cluster_rate_limit?: Messages['envoy.extensions.common.ratelimit.v3.LocalClusterRateLimit'] | undefined;
    readonly enable_x_ratelimit_headers?: Enums['envoy.extensions.common.ratelimit.v3.XRateLimitHeadersRFCVersion'] | undefined;
    readonly vh_rate_limits?: Enums['envoy.extensions.common.ratelimit.v3.VhRateLimitsOptions'] | undefined;
    readonly always_consume_default_token_bucket?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly rate_limited_as_resource_exhausted?: boolean | undefined;
    readonly rate_limits?: readonly (Messages['envoy.config.route.v3.RateLimit'])[] | undefined;
    readonly max_dynamic_descriptors?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly enable_retry_after_header?: boolean | undefined;
  };
  'envoy.extensions.filters.http.on_demand.v3.OnDemand': {
    readonly odcds?: Messages['envoy.extensions.filters.http.on_demand.v3.OnDemandCds'] | undefined;
  };
  'envoy.extensions.filters.http.on_demand.v3.OnDemandCds': {
    readonly source?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly resources_locator?: string | undefined;
    readonly timeout?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.extensions.filters.http.on_demand.v3.PerRouteConfig': {
    readonly odcds?: Messages['envoy.extensions.filters.http.on_demand.v3.OnDemandCds'] | undefined;
  };
  'envoy.extensions.filters.http.peak_ewma.v3alpha.PeakEwmaConfig': {
  };
  'envoy.extensions.filters.http.ratelimit.v3.RateLimit': {
    readonly domain?: string | undefined;
    readonly stage?: number | undefined;
    readonly request_type?: string | undefined;
    readonly timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly failure_mode_deny?: boolean | undefined;
    readonly rate_limited_as_resource_exhausted?: boolean | undefined;
    readonly rate_limit_service?: Messages['envoy.config.ratelimit.v3.RateLimitServiceConfig'] | undefined;
    readonly enable_x_ratelimit_headers?: Enums['envoy.extensions.filters.http.ratelimit.v3.RateLimit.XRateLimitHeadersRFCVersion'] | undefined;
    readonly disable_x_envoy_ratelimited_header?: boolean | undefined;
    readonly rate_limited_status?: Messages['envoy.type.v3.HttpStatus'] | undefined;
    readonly response_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly status_on_error?: Messages['envoy.type.v3.HttpStatus'] | undefined;
    readonly stat_prefix?: string | undefined;
    readonly filter_enabled?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly filter_enforced?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly failure_mode_deny_percent?: Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined;
    readonly rate_limits?: readonly (Messages['envoy.config.route.v3.RateLimit'])[] | undefined;
    readonly metadata_namespace?: string | undefined;
    readonly enable_retry_after_header?: boolean | undefined;
  };
  'envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute': {
    readonly vh_rate_limits?: Enums['envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute.VhRateLimitsOptions'] | undefined;
    readonly override_option?: Enums['envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute.OverrideOptions'] | undefined;
    readonly rate_limits?: readonly (Messages['envoy.config.route.v3.RateLimit'])[] | undefined;
    readonly domain?: string | undefined;
  };
  'envoy.extensions.filters.http.rbac.v3.RBAC': {
    readonly rules?: Messages['envoy.config.rbac.v3.RBAC'] | undefined;
    readonly rules_stat_prefix?: string | undefined;
    readonly matcher?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly shadow_rules?: Messages['envoy.config.rbac.v3.RBAC'] | undefined;
    readonly shadow_matcher?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly shadow_rules_stat_prefix?: string | undefined;
    readonly track_per_rule_stats?: boolean | undefined;
  };
  'envoy.extensions.filters.http.rbac.v3.RBACPerRoute': {
    readonly rbac?: Messages['envoy.extensions.filters.http.rbac.v3.RBAC'] | undefined;
  };
  'envoy.extensions.filters.http.router.v3.Router': {
    readonly dynamic_stats?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly start_child_span?: boolean | undefined;
    readonly upstream_log?: readonly (Messages['envoy.config.accesslog.v3.AccessLog'])[] | undefined;
    readonly upstream_log_options?: Messages['envoy.extensions.filters.http.router.v3.Router.UpstreamAccessLogOptions'] | undefined;
    readonly suppress_envoy_headers?: boolean | undefined;
    readonly strict_check_headers?: readonly (string)[] | undefined;
    readonly respect_expected_rq_timeout?: boolean | undefined;
    readonly suppress_grpc_request_failure_code_stats?: boolean | undefined;
    readonly upstream_http_filters?: readonly (Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter'])[] | undefined;
    readonly reject_connect_request_early_data?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.filters.http.router.v3.Router.UpstreamAccessLogOptions': {
    readonly flush_upstream_log_on_upstream_stream?: boolean | undefined;
    readonly upstream_log_flush_interval?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.extensions.filters.http.set_metadata.v3.Config': {
    readonly metadata_namespace?: string | undefined;
    readonly value?: Messages['google.protobuf.Struct'] | undefined;
    readonly metadata?: readonly (Messages['envoy.extensions.filters.http.set_metadata.v3.Metadata'])[] | undefined;
  };
  'envoy.extensions.filters.http.set_metadata.v3.Metadata': {
    readonly metadata_namespace?: string | undefined;
    readonly allow_overwrite?: boolean | undefined;
    readonly value?: Messages['google.protobuf.Struct'] | undefined;
    readonly typed_value?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.extensions.filters.http.stateful_session.v3.StatefulSession': {
    readonly session_state?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly strict?: boolean | undefined;
    readonly stat_prefix?: string | undefined;
    readonly status_on_strict_destination_not_found?: number | undefined;
  };
  'envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute': {
    readonly disabled?: boolean | undefined;
    readonly stateful_session?: Messages['envoy.extensions.filters.http.stateful_session.v3.StatefulSession'] | undefined;
  };
  'envoy.extensions.filters.listener.http_inspector.v3.HttpInspector': {
  };
  'envoy.extensions.filters.listener.original_dst.v3.OriginalDst': {
  };
  'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol': {
    readonly rules?: readonly (Messages['envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.Rule'])[] | undefined;
    readonly allow_requests_without_proxy_protocol?: boolean | undefined;
    readonly pass_through_tlvs?: Messages['envoy.config.core.v3.ProxyProtocolPassThroughTLVs'] | undefined;
    readonly disallowed_versions?: readonly (Enums['envoy.config.core.v3.ProxyProtocolConfig.Version'])[] | undefined;
    readonly stat_prefix?: string | undefined;
    readonly tlv_location?: Enums['envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.TlvLocation'] | undefined;
  };
  'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.KeyValuePair': {
    readonly metadata_namespace?: string | undefined;
    readonly key?: string | undefined;
    readonly value_string_encoding?: Enums['envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.KeyValuePair.ValueStringEncoding'] | undefined;
  };
  'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.Rule': {
    readonly tlv_type?: number | undefined;
    readonly on_tlv_present?: Messages['envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.KeyValuePair'] | undefined;
  };
  'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector': {
    readonly enable_ja3_fingerprinting?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly enable_ja4_fingerprinting?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly initial_read_buffer_size?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly close_connection_on_client_hello_parsing_errors?: boolean | undefined;
    readonly max_client_hello_size?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit': {
    readonly stat_prefix?: string | undefined;
    readonly max_connections?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly delay?: Messages['google.protobuf.Duration'] | undefined;
    readonly runtime_enabled?: Messages['envoy.config.core.v3.RuntimeFeatureFlag'] | undefined;
  };
  'envoy.extensions.filters.network.ext_authz.v3.ExtAuthz': {
    readonly stat_prefix?: string | undefined;
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
    readonly failure_mode_allow?: boolean | undefined;
    readonly include_peer_certificate?: boolean | undefined;
    readonly transport_api_version?: Enums['envoy.config.core.v3.ApiVersion'] | undefined;
    readonly filter_enabled_metadata?: Messages['envoy.type.matcher.v3.MetadataMatcher'] | undefined;
    readonly bootstrap_metadata_labels_key?: string | undefined;
    readonly include_tls_session?: boolean | undefined;
    readonly send_tls_alert_on_denial?: boolean | undefined;
    readonly metadata_context_namespaces?: readonly (string)[] | undefined;
    readonly typed_metadata_context_namespaces?: readonly (string)[] | undefined;
    readonly shadow_mode?: boolean | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.ForwardProtoConfig': {
    readonly https_destination_ports?: readonly (number)[] | undefined;
    readonly http_destination_ports?: readonly (number)[] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': {
    readonly codec_type?: Enums['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType'] | undefined;
    readonly stat_prefix?: string | undefined;
    readonly rds?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.Rds'] | undefined;
    readonly route_config?: Messages['envoy.config.route.v3.RouteConfiguration'] | undefined;
    readonly scoped_routes?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes'] | undefined;
    readonly http_filters?: readonly (Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter'])[] | undefined;
    readonly add_user_agent?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly tracing?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing'] | undefined;
    readonly common_http_protocol_options?: Messages['envoy.config.core.v3.HttpProtocolOptions'] | undefined;
    readonly http1_safe_max_connection_duration?: boolean | undefined;
    readonly http_protocol_options?: Messages['envoy.config.core.v3.Http1ProtocolOptions'] | undefined;
    readonly http2_protocol_options?: Messages['envoy.config.core.v3.Http2ProtocolOptions'] | undefined;
    readonly http3_protocol_options?: Messages['envoy.config.core.v3.Http3ProtocolOptions'] | undefined;
    readonly server_name?: string | undefined;
    readonly server_header_transformation?: Enums['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation'] | undefined;
    readonly scheme_header_transformation?: Messages['envoy.config.core.v3.SchemeHeaderTransformation'] | undefined;
    readonly max_request_headers_kb?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly stream_idle_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly stream_flush_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly request_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly request_headers_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly drain_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly drain_timeout_jitter?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly delayed_close_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly access_log?: readonly (Messages['envoy.config.accesslog.v3.AccessLog'])[] | undefined;
    readonly access_log_flush_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly flush_access_log_on_new_request?: boolean | undefined;
    readonly access_log_options?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.HcmAccessLogOptions'] | undefined;
    readonly use_remote_address?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly xff_num_trusted_hops?: number | undefined;
    readonly original_ip_detection_extensions?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly early_header_mutation_extensions?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly internal_address_config?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.InternalAddressConfig'] | undefined;
    readonly skip_xff_append?: boolean | undefined;
    readonly via?: string | undefined;
    readonly generate_request_id?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly preserve_external_request_id?: boolean | undefined;
    readonly always_set_request_id_in_response?: boolean | undefined;
    readonly forward_client_cert_details?: Enums['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails'] | undefined;
    readonly set_current_client_cert_details?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails'] | undefined;
    readonly forward_client_cert_matcher?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly proxy_100_continue?: boolean | undefined;
    readonly represent_ipv4_remote_address_as_ipv4_mapped_ipv6?: boolean | undefined;
    readonly upgrade_configs?: readonly (Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig'])[] | undefined;
    readonly normalize_path?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly merge_slashes?: boolean | undefined;
    readonly path_with_escaped_slashes_action?: Enums['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction'] | undefined;
    readonly request_id_extension?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension'] | undefined;
    readonly local_reply_config?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig'] | undefined;
    readonly strip_matching_host_port?: boolean | undefined;
    readonly strip_any_host_port?: boolean | undefined;
    readonly stream_error_on_invalid_http_message?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly path_normalization_options?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathNormalizationOptions'] | undefined;
    readonly strip_trailing_host_dot?: boolean | undefined;
    readonly proxy_status_config?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ProxyStatusConfig'] | undefined;
    readonly typed_header_validation_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly append_x_forwarded_port?: boolean | undefined;
    readonly append_local_overload?: boolean | undefined;
    readonly add_proxy_protocol_connection_state?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly forward_proto_config?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.ForwardProtoConfig'] | undefined;
    readonly record_route_resolution_stats?: boolean | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.HcmAccessLogOptions': {
    readonly access_log_flush_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly flush_access_log_on_new_request?: boolean | undefined;
    readonly flush_log_on_tunnel_successfully_established?: boolean | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.InternalAddressConfig': {
    readonly unix_sockets?: boolean | undefined;
    readonly cidr_ranges?: readonly (Messages['envoy.config.core.v3.CidrRange'])[] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathNormalizationOptions': {
    readonly forwarding_transformation?: Messages['envoy.type.http.v3.PathTransformation'] | undefined;
    readonly http_filter_transformation?: Messages['envoy.type.http.v3.PathTransformation'] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ProxyStatusConfig': {
    readonly remove_details?: boolean | undefined;
    readonly remove_connection_termination_details?: boolean | undefined;
    readonly remove_response_flags?: boolean | undefined;
    readonly set_recommended_response_code?: boolean | undefined;
    readonly use_node_id?: boolean | undefined;
    readonly literal_proxy_name?: string | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails': {
    readonly subject?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly cert?: boolean | undefined;
    readonly chain?: boolean | undefined;
    readonly dns?: boolean | undefined;
    readonly uri?: boolean | undefined;
    readonly issuer?: boolean | undefined;
    readonly format?: Enums['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertFormat'] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing': {
    readonly client_sampling?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly random_sampling?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly overall_sampling?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly verbose?: boolean | undefined;
    readonly max_path_tag_length?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly custom_tags?: readonly (Messages['envoy.type.tracing.v3.CustomTag'])[] | undefined;
    readonly provider?: Messages['envoy.config.trace.v3.Tracing.Http'] | undefined;
    readonly spawn_upstream_span?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly operation?: string | undefined;
    readonly upstream_operation?: string | undefined;
    readonly no_context_propagation?: boolean | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig': {
    readonly upgrade_type?: string | undefined;
    readonly filters?: readonly (Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter'])[] | undefined;
    readonly enabled?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
    readonly config_discovery?: Messages['envoy.config.core.v3.ExtensionConfigSource'] | undefined;
    readonly is_optional?: boolean | undefined;
    readonly disabled?: boolean | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig': {
    readonly mappers?: readonly (Messages['envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper'])[] | undefined;
    readonly body_format?: Messages['envoy.config.core.v3.SubstitutionFormatString'] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.Rds': {
    readonly config_source?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly route_config_name?: string | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension': {
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper': {
    readonly filter?: Messages['envoy.config.accesslog.v3.AccessLogFilter'] | undefined;
    readonly status_code?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly body?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly body_format_override?: Messages['envoy.config.core.v3.SubstitutionFormatString'] | undefined;
    readonly headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.ScopedRds': {
    readonly scoped_rds_config_source?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly srds_resources_locator?: string | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.ScopedRouteConfigurationsList': {
    readonly scoped_route_configurations?: readonly (Messages['envoy.config.route.v3.ScopedRouteConfiguration'])[] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes': {
    readonly name?: string | undefined;
    readonly scope_key_builder?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes.ScopeKeyBuilder'] | undefined;
    readonly rds_config_source?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly scoped_route_configurations_list?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRouteConfigurationsList'] | undefined;
    readonly scoped_rds?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRds'] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes.ScopeKeyBuilder': {
    readonly fragments?: readonly (Messages['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes.ScopeKeyBuilder.FragmentBuilder'])[] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes.ScopeKeyBuilder.FragmentBuilder': {
    readonly header_value_extractor?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes.ScopeKeyBuilder.FragmentBuilder.HeaderValueExtractor'] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes.ScopeKeyBuilder.FragmentBuilder.HeaderValueExtractor': {
    readonly name?: string | undefined;
    readonly element_separator?: string | undefined;
    readonly index?: number | undefined;
    readonly element?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes.ScopeKeyBuilder.FragmentBuilder.HeaderValueExtractor.KvElement'] | undefined;
  };
  'envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes.ScopeKeyBuilder.FragmentBuilder.HeaderValueExtractor.KvElement': {
    readonly separator?: string | undefined;
    readonly key?: string | undefined;
  };
  'envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit': {
    readonly stat_prefix?: string | undefined;
    readonly token_bucket?: Messages['envoy.type.v3.TokenBucket'] | undefined;
    readonly runtime_enabled?: Messages['envoy.config.core.v3.RuntimeFeatureFlag'] | undefined;
    readonly share_key?: string | undefined;
  };
  'envoy.extensions.filters.network.rbac.v3.RBAC': {
    readonly rules?: Messages['envoy.config.rbac.v3.RBAC'] | undefined;
    readonly matcher?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly shadow_rules?: Messages['envoy.config.rbac.v3.RBAC'] | undefined;
    readonly shadow_matcher?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly shadow_rules_stat_prefix?: string | undefined;
    readonly stat_prefix?: string | undefined;
    readonly enforcement_type?: Enums['envoy.extensions.filters.network.rbac.v3.RBAC.EnforcementType'] | undefined;
    readonly delay_deny?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.extensions.filters.network.sni_cluster.v3.SniCluster': {
  };
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy': {
    readonly stat_prefix?: string | undefined;
    readonly cluster?: string | undefined;
    readonly weighted_clusters?: Messages['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster'] | undefined;
    readonly on_demand?: Messages['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.OnDemand'] | undefined;
    readonly metadata_match?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly idle_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly downstream_idle_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly upstream_idle_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly access_log?: readonly (Messages['envoy.config.accesslog.v3.AccessLog'])[] | undefined;
    readonly max_connect_attempts?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly backoff_options?: Messages['envoy.config.core.v3.BackoffStrategy'] | undefined;
    readonly hash_policy?: readonly (Messages['envoy.type.v3.HashPolicy'])[] | undefined;
    readonly tunneling_config?: Messages['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig'] | undefined;
    readonly max_downstream_connection_duration?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_downstream_connection_duration_jitter_percentage?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly access_log_flush_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly flush_access_log_on_connected?: boolean | undefined;
    readonly access_log_options?: Messages['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TcpAccessLogOptions'] | undefined;
    readonly proxy_protocol_tlvs?: readonly (Messages['envoy.config.core.v3.TlvEntry'])[] | undefined;
    readonly proxy_protocol_tlv_merge_policy?: Enums['envoy.extensions.filters.network.tcp_proxy.v3.ProxyProtocolTlvMergePolicy'] | undefined;
    readonly upstream_connect_mode?: Enums['envoy.extensions.filters.network.tcp_proxy.v3.UpstreamConnectMode'] | undefined;
    readonly max_early_data_bytes?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly check_drain_close?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.OnDemand': {
    readonly odcds_config?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
    readonly resources_locator?: string | undefined;
    readonly timeout?: Messages['google.protobuf.Duration'] | undefined;
  };
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TcpAccessLogOptions': {
    readonly access_log_flush_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly flush_access_log_on_connected?: boolean | undefined;
    readonly flush_access_log_on_start?: boolean | undefined;
  };
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig': {
    readonly hostname?: string | undefined;
    readonly use_post?: boolean | undefined;
    readonly headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly propagate_response_headers?: boolean | undefined;
    readonly post_path?: string | undefined;
    readonly propagate_response_trailers?: boolean | undefined;
    readonly request_id_extension?: Messages['envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension'] | undefined;
    readonly request_id_header?: string | undefined;
    readonly request_id_metadata_key?: string | undefined;
    readonly formatters?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
  };
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster': {
    readonly clusters?: readonly (Messages['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight'])[] | undefined;
  };
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight': {
    readonly name?: string | undefined;
    readonly weight?: number | undefined;
    readonly metadata_match?: Messages['envoy.config.core.v3.Metadata'] | undefined;
  };
  'envoy.extensions.filters.udp.udp_proxy.v3.Route': {
    readonly cluster?: string | undefined;
  };
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig': {
    readonly stat_prefix?: string | undefined;
    readonly cluster?: string | undefined;
    readonly matcher?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly idle_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly use_original_src_ip?: boolean | undefined;
    readonly hash_policies?: readonly (Messages['envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.HashPolicy'])[] | undefined;
    readonly upstream_socket_config?: Messages['envoy.config.core.v3.UdpSocketConfig'] | undefined;
    readonly use_per_packet_load_balancing?: boolean | undefined;
    readonly access_log?: readonly (Messages['envoy.config.accesslog.v3.AccessLog'])[] | undefined;
    readonly proxy_access_log?: readonly (Messages['envoy.config.accesslog.v3.AccessLog'])[] | undefined;
    readonly session_filters?: readonly (Messages['envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.SessionFilter'])[] | undefined;
    readonly tunneling_config?: Messages['envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.UdpTunnelingConfig'] | undefined;
    readonly access_log_options?: Messages['envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.UdpAccessLogOptions'] | undefined;
  };
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.HashPolicy': {
    readonly source_ip?: boolean | undefined;
    readonly key?: string | undefined;
  };
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.SessionFilter': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
    readonly config_discovery?: Messages['envoy.config.core.v3.ExtensionConfigSource'] | undefined;
  };
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.UdpAccessLogOptions': {
    readonly access_log_flush_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly flush_access_log_on_tunnel_connected?: boolean | undefined;
  };
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.UdpTunnelingConfig': {
    readonly proxy_host?: string | undefined;
    readonly proxy_port?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly target_host?: string | undefined;
    readonly default_target_port?: number | undefined;
    readonly use_post?: boolean | undefined;
    readonly post_path?: string | undefined;
    readonly retry_options?: Messages['envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.UdpTunnelingConfig.RetryOptions'] | undefined;
    readonly headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly buffer_options?: Messages['envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.UdpTunnelingConfig.BufferOptions'] | undefined;
    readonly propagate_response_headers?: boolean | undefined;
    readonly propagate_response_trailers?: boolean | undefined;
    readonly formatters?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
  };
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.UdpTunnelingConfig.BufferOptions': {
    readonly max_buffered_datagrams?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly max_buffered_bytes?: Messages['google.protobuf.UInt64Value'] | undefined;
  };
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.UdpTunnelingConfig.RetryOptions': {
    readonly max_connect_attempts?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly backoff_options?: Messages['envoy.config.core.v3.BackoffStrategy'] | undefined;
  };
  'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation': {
    readonly mutations?: readonly (Messages['envoy.config.common.mutation_rules.v3.HeaderMutation'])[] | undefined;
  };
  'envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig': {
    readonly forward_reason_phrase?: boolean | undefined;
    readonly formatter_type_on_envoy_headers?: Enums['envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig.FormatterTypeOnEnvoyHeaders'] | undefined;
  };
  'envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig': {
    readonly header_name?: string | undefined;
    readonly allow_extension_to_set_address_as_trusted?: boolean | undefined;
    readonly reject_with_status?: Messages['envoy.type.v3.HttpStatus'] | undefined;
  };
  'envoy.extensions.http.original_ip_detection.xff.v3.XffConfig': {
    readonly xff_num_trusted_hops?: number | undefined;
    readonly xff_trusted_cidrs?: Messages['envoy.extensions.http.original_ip_detection.xff.v3.XffTrustedCidrs'] | undefined;
    readonly skip_xff_append?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.http.original_ip_detection.xff.v3.XffTrustedCidrs': {
    readonly cidrs?: readonly (Messages['envoy.config.core.v3.CidrRange'])[] | undefined;
  };
  'envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState': {
    readonly cookie?: Messages['envoy.type.http.v3.Cookie'] | undefined;
  };
  'envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState': {
    readonly name?: string | undefined;
  };
  'envoy.extensions.internal_redirect.allow_listed_routes.v3.AllowListedRoutesConfig': {
    readonly allowed_route_names?: readonly (string)[] | undefined;
  };
  'envoy.extensions.internal_redirect.previous_routes.v3.PreviousRoutesConfig': {
  };
  'envoy.extensions.internal_redirect.safe_cross_scheme.v3.SafeCrossSchemeConfig': {
  };
  'envoy.extensions.load_balancing_policies.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin': {
    readonly enable_oob_load_report?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly oob_reporting_period?: Messages['google.protobuf.Duration'] | undefined;
    readonly blackout_period?: Messages['google.protobuf.Duration'] | undefined;
    readonly weight_expiration_period?: Messages['google.protobuf.Duration'] | undefined;
    readonly weight_update_period?: Messages['google.protobuf.Duration'] | undefined;
    readonly error_utilization_penalty?: Messages['google.protobuf.FloatValue'] | undefined;
    readonly metric_names_for_computing_utilization?: readonly (string)[] | undefined;
    readonly slow_start_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.SlowStartConfig'] | undefined;
    readonly oob_reporting_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.OrcaOobReportingConfig'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided': {
  };
  'envoy.extensions.load_balancing_policies.common.v3.ConsistentHashingLbConfig': {
    readonly use_hostname_for_hashing?: boolean | undefined;
    readonly hash_balance_factor?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly hash_policy?: readonly (Messages['envoy.config.route.v3.RouteAction.HashPolicy'])[] | undefined;
  };
  'envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig': {
    readonly zone_aware_lb_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig'] | undefined;
    readonly locality_weighted_lb_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.LocalityWeightedLbConfig'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.LocalityWeightedLbConfig': {
  };
  'envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig': {
    readonly routing_enabled?: Messages['envoy.type.v3.Percent'] | undefined;
    readonly min_cluster_size?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly fail_traffic_on_panic?: boolean | undefined;
    readonly force_locality_direct_routing?: boolean | undefined;
    readonly force_local_zone?: Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig.ForceLocalZone'] | undefined;
    readonly locality_basis?: Enums['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig.LocalityBasis'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig.ForceLocalZone': {
    readonly min_size?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.common.v3.OrcaOobReportingConfig': {
    readonly port_value?: number | undefined;
    readonly authority?: string | undefined;
    readonly transport_socket_match_criteria?: Messages['google.protobuf.Struct'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.common.v3.SlowStartConfig': {
    readonly slow_start_window?: Messages['google.protobuf.Duration'] | undefined;
    readonly aggression?: Messages['envoy.config.core.v3.RuntimeDouble'] | undefined;
    readonly min_weight_percent?: Messages['envoy.type.v3.Percent'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest': {
    readonly choice_count?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly active_request_bias?: Messages['envoy.config.core.v3.RuntimeDouble'] | undefined;
    readonly slow_start_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.SlowStartConfig'] | undefined;
    readonly locality_lb_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig'] | undefined;
    readonly enable_full_scan?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly selection_method?: Enums['envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest.SelectionMethod'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.maglev.v3.Maglev': {
    readonly table_size?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly consistent_hashing_lb_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.ConsistentHashingLbConfig'] | undefined;
    readonly locality_weighted_lb_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.LocalityWeightedLbConfig'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.peak_ewma.v3alpha.PeakEwma': {
    readonly decay_time?: Messages['google.protobuf.Duration'] | undefined;
    readonly aggregation_interval?: Messages['google.protobuf.Duration'] | undefined;
    readonly max_samples_per_host?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly default_rtt?: Messages['google.protobuf.Duration'] | undefined;
    readonly penalty_value?: Messages['google.protobuf.DoubleValue'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.random.v3.Random': {
    readonly locality_lb_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash': {
    readonly hash_function?: Enums['envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash.HashFunction'] | undefined;
    readonly minimum_ring_size?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly maximum_ring_size?: Messages['google.protobuf.UInt64Value'] | undefined;
    readonly use_hostname_for_hashing?: boolean | undefined;
    readonly hash_balance_factor?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly consistent_hashing_lb_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.ConsistentHashingLbConfig'] | undefined;
    readonly locality_weighted_lb_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.LocalityWeightedLbConfig'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin': {
    readonly slow_start_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.SlowStartConfig'] | undefined;
    readonly locality_lb_config?: Messages['envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.subset.v3.Subset': {
    readonly fallback_policy?: Enums['envoy.extensions.load_balancing_policies.subset.v3.Subset.LbSubsetFallbackPolicy'] | undefined;
    readonly default_subset?: Messages['google.protobuf.Struct'] | undefined;
    readonly subset_selectors?: readonly (Messages['envoy.extensions.load_balancing_policies.subset.v3.Subset.LbSubsetSelector'])[] | undefined;
    readonly allow_redundant_keys?: boolean | undefined;
    readonly locality_weight_aware?: boolean | undefined;
    readonly scale_locality_weight?: boolean | undefined;
    readonly panic_mode_any?: boolean | undefined;
    readonly list_as_any?: boolean | undefined;
    readonly metadata_fallback_policy?: Enums['envoy.extensions.load_balancing_policies.subset.v3.Subset.LbSubsetMetadataFallbackPolicy'] | undefined;
    readonly subset_lb_policy?: Messages['envoy.config.cluster.v3.LoadBalancingPolicy'] | undefined;
  };
  'envoy.extensions.load_balancing_policies.subset.v3.Subset.LbSubsetSelector': {
    readonly keys?: readonly (string)[] | undefined;
    readonly single_host_per_subset?: boolean | undefined;
    readonly fallback_policy?: Enums['envoy.extensions.load_balancing_policies.subset.v3.Subset.LbSubsetSelector.LbSubsetSelectorFallbackPolicy'] | undefined;
    readonly fallback_keys_subset?: readonly (string)[] | undefined;
  };
  'envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality': {
    readonly endpoint_picking_policy?: Messages['envoy.config.cluster.v3.LoadBalancingPolicy'] | undefined;
  };
  'envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig': {
    readonly path_template?: string | undefined;
  };
  'envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig': {
    readonly path_template_rewrite?: string | undefined;
  };
  'envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig': {
    readonly pack_trace_reason?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly use_request_id_for_trace_sampling?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.resource_monitors.cgroup_memory.v3.CgroupMemoryConfig': {
    readonly max_memory_bytes?: number | bigint | undefined;
  };
  'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig': {
    readonly max_active_downstream_connections?: number | bigint | undefined;
  };
  'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig': {
    readonly max_heap_size_bytes?: number | bigint | undefined;
    readonly max_heap_size_bytes_runtime?: Messages['envoy.config.core.v3.RuntimeUInt64'] | undefined;
  };
  'envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate': {
  };
  'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate': {
  };
  'envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig': {
    readonly update_frequency?: number | undefined;
  };
  'envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig': {
    readonly grpc_service?: Messages['envoy.config.core.v3.GrpcService'] | undefined;
    readonly http_service?: Messages['envoy.config.core.v3.HttpService'] | undefined;
    readonly resource_detectors?: readonly (Messages['envoy.config.core.v3.TypedExtensionConfig'])[] | undefined;
    readonly report_counters_as_deltas?: boolean | undefined;
    readonly report_histograms_as_deltas?: boolean | undefined;
    readonly emit_tags_as_attributes?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly use_tag_extracted_name?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly prefix?: string | undefined;
    readonly custom_metric_conversions?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly max_data_points_per_request?: number | undefined;
  };
  'envoy.extensions.tracers.opentelemetry.resource_detectors.v3.EnvironmentResourceDetectorConfig': {
  };
  'envoy.extensions.tracers.opentelemetry.resource_detectors.v3.StaticConfigResourceDetectorConfig': {
    readonly attributes?: ReadonlyMap<string, string> | undefined;
  };
  'envoy.extensions.tracers.opentelemetry.samplers.v3.AlwaysOnSamplerConfig': {
  };
  'envoy.extensions.tracers.opentelemetry.samplers.v3.ParentBasedSamplerConfig': {
    readonly wrapped_sampler?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
  };
  'envoy.extensions.tracers.opentelemetry.samplers.v3.TraceIdRatioBasedSamplerConfig': {
    readonly sampling_percentage?: Messages['envoy.type.v3.FractionalPercent'] | undefined;
  };
  'envoy.extensions.transport_sockets.http_11_proxy.v3.Http11ProxyUpstreamTransport': {
    readonly transport_socket?: Messages['envoy.config.core.v3.TransportSocket'] | undefined;
    readonly default_proxy_address?: Messages['envoy.config.core.v3.Address'] | undefined;
  };
  'envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport': {
    readonly passthrough_metadata?: readonly (Messages['envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport.MetadataValueSource'])[] | undefined;
    readonly transport_socket?: Messages['envoy.config.core.v3.TransportSocket'] | undefined;
  };
  'envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport.MetadataValueSource': {
    readonly kind?: Messages['envoy.type.metadata.v3.MetadataKind'] | undefined;
    readonly name?: string | undefined;
  };
  'envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport': {
    readonly config?: Messages['envoy.config.core.v3.ProxyProtocolConfig'] | undefined;
    readonly transport_socket?: Messages['envoy.config.core.v3.TransportSocket'] | undefined;
    readonly allow_unspecified_address?: boolean | undefined;
    readonly tlv_as_pool_key?: boolean | undefined;
  };
  'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer': {
  };
  'envoy.extensions.transport_sockets.tls.v3.CertificateProviderPluginInstance': {
    readonly instance_name?: string | undefined;
    readonly certificate_name?: string | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext': {
    readonly trusted_ca?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly ca_certificate_provider_instance?: Messages['envoy.extensions.transport_sockets.tls.v3.CertificateProviderPluginInstance'] | undefined;
    readonly system_root_certs?: Messages['envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.SystemRootCerts'] | undefined;
    readonly watched_directory?: Messages['envoy.config.core.v3.WatchedDirectory'] | undefined;
    readonly verify_certificate_spki?: readonly (string)[] | undefined;
    readonly verify_certificate_hash?: readonly (string)[] | undefined;
    readonly match_typed_subject_alt_names?: readonly (Messages['envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher'])[] | undefined;
    readonly match_subject_alt_names?: readonly (Messages['envoy.type.matcher.v3.StringMatcher'])[] | undefined;
    readonly require_signed_certificate_timestamp?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly crl?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly allow_expired_certificate?: boolean | undefined;
    readonly trust_chain_verification?: Enums['envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.TrustChainVerification'] | undefined;
    readonly custom_validator_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly only_verify_leaf_cert_crl?: boolean | undefined;
    readonly max_verify_depth?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly suppress_client_ca_list?: boolean | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.SystemRootCerts': {
  };
  'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext': {
    readonly tls_params?: Messages['envoy.extensions.transport_sockets.tls.v3.TlsParameters'] | undefined;
    readonly tls_certificates?: readonly (Messages['envoy.extensions.transport_sockets.tls.v3.TlsCertificate'])[] | undefined;
    readonly tls_certificate_sds_secret_configs?: readonly (Messages['envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig'])[] | undefined;
    readonly tls_certificate_provider_instance?: Messages['envoy.extensions.transport_sockets.tls.v3.CertificateProviderPluginInstance'] | undefined;
    readonly custom_tls_certificate_selector?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly tls_certificate_certificate_provider?: Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProvider'] | undefined;
    readonly tls_certificate_certificate_provider_instance?: Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProviderInstance'] | undefined;
    readonly validation_context?: Messages['envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext'] | undefined;
    readonly validation_context_sds_secret_config?: Messages['envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig'] | undefined;
    readonly combined_validation_context?: Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext'] | undefined;
    readonly validation_context_certificate_provider?: Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProvider'] | undefined;
    readonly validation_context_certificate_provider_instance?: Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProviderInstance'] | undefined;
    readonly alpn_protocols?: readonly (string)[] | undefined;
    readonly custom_handshaker?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly key_log?: Messages['envoy.extensions.transport_sockets.tls.v3.TlsKeyLog'] | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProvider': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProviderInstance': {
    readonly instance_name?: string | undefined;
    readonly certificate_name?: string | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext': {
    readonly default_validation_context?: Messages['envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext'] | undefined;
    readonly validation_context_sds_secret_config?: Messages['envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig'] | undefined;
    readonly validation_context_certificate_provider?: Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProvider'] | undefined;
    readonly validation_context_certificate_provider_instance?: Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProviderInstance'] | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext': {
    readonly common_tls_context?: Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext'] | undefined;
    readonly require_client_certificate?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly require_sni?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly session_ticket_keys?: Messages['envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys'] | undefined;
    readonly session_ticket_keys_sds_secret_config?: Messages['envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig'] | undefined;
    readonly disable_stateless_session_resumption?: boolean | undefined;
    readonly disable_stateful_session_resumption?: boolean | undefined;
    readonly session_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly ocsp_staple_policy?: Enums['envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext.OcspStaplePolicy'] | undefined;
    readonly full_scan_certs_on_sni_mismatch?: Messages['google.protobuf.BoolValue'] | undefined;
    readonly prefer_client_ciphers?: boolean | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.GenericSecret': {
    readonly secret?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly secrets?: ReadonlyMap<string, Messages['envoy.config.core.v3.DataSource']> | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.PrivateKeyProvider': {
    readonly provider_name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
    readonly fallback?: boolean | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig': {
    readonly name?: string | undefined;
    readonly sds_config?: Messages['envoy.config.core.v3.ConfigSource'] | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.Secret': {
    readonly name?: string | undefined;
    readonly tls_certificate?: Messages['envoy.extensions.transport_sockets.tls.v3.TlsCertificate'] | undefined;
    readonly session_ticket_keys?: Messages['envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys'] | undefined;
    readonly validation_context?: Messages['envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext'] | undefined;
    readonly generic_secret?: Messages['envoy.extensions.transport_sockets.tls.v3.GenericSecret'] | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher': {
    readonly san_type?: Enums['envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType'] | undefined;
    readonly matcher?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly oid?: string | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.TlsCertificate': {
    readonly certificate_chain?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly private_key?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly pkcs12?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly watched_directory?: Messages['envoy.config.core.v3.WatchedDirectory'] | undefined;
    readonly private_key_provider?: Messages['envoy.extensions.transport_sockets.tls.v3.PrivateKeyProvider'] | undefined;
    readonly password?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly ocsp_staple?: Messages['envoy.config.core.v3.DataSource'] | undefined;
    readonly signed_certificate_timestamp?: readonly (Messages['envoy.config.core.v3.DataSource'])[] | undefined;
    readonly tls_params?: Messages['envoy.extensions.transport_sockets.tls.v3.TlsParameters'] | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.TlsKeyLog': {
    readonly path?: string | undefined;
    readonly local_address_range?: readonly (Messages['envoy.config.core.v3.CidrRange'])[] | undefined;
    readonly remote_address_range?: readonly (Messages['envoy.config.core.v3.CidrRange'])[] | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.TlsParameters': {
    readonly tls_minimum_protocol_version?: Enums['envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol'] | undefined;
    readonly tls_maximum_protocol_version?: Enums['envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol'] | undefined;
    readonly cipher_suites?: readonly (string)[] | undefined;
    readonly ecdh_curves?: readonly (string)[] | undefined;
    readonly signature_algorithms?: readonly (string)[] | undefined;
    readonly compliance_policies?: readonly (Enums['envoy.extensions.transport_sockets.tls.v3.TlsParameters.CompliancePolicy'])[] | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys': {
    readonly keys?: readonly (Messages['envoy.config.core.v3.DataSource'])[] | undefined;
  };
  'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext': {
    readonly common_tls_context?: Messages['envoy.extensions.transport_sockets.tls.v3.CommonTlsContext'] | undefined;
    readonly sni?: string | undefined;
    readonly auto_host_sni?: boolean | undefined;
    readonly auto_sni_san_validation?: boolean | undefined;
    readonly allow_renegotiation?: boolean | undefined;
    readonly max_session_keys?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly enforce_rsa_key_usage?: Messages['google.protobuf.BoolValue'] | undefined;
  };
  'envoy.extensions.upstreams.http.generic.v3.GenericConnectionPoolProto': {
  };
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
    readonly common_http_protocol_options?: Messages['envoy.config.core.v3.HttpProtocolOptions'] | undefined;
    readonly upstream_http_protocol_options?: Messages['envoy.config.core.v3.UpstreamHttpProtocolOptions'] | undefined;
    readonly explicit_http_config?: Messages['envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig'] | undefined;
    readonly use_downstream_protocol_config?: Messages['envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UseDownstreamHttpConfig'] | undefined;
    readonly auto_config?: Messages['envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig'] | undefined;
    readonly http_filters?: readonly (Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter'])[] | undefined;
    readonly header_validation_config?: Messages['envoy.config.core.v3.TypedExtensionConfig'] | undefined;
    readonly outlier_detection?: Messages['envoy.extensions.upstreams.http.v3.HttpProtocolOptions.OutlierDetection'] | undefined;
    readonly request_mirror_policies?: readonly (Messages['envoy.config.route.v3.RouteAction.RequestMirrorPolicy'])[] | undefined;
    readonly hash_policy?: readonly (Messages['envoy.config.route.v3.RouteAction.HashPolicy'])[] | undefined;
    readonly retry_policy?: Messages['envoy.config.route.v3.RetryPolicy'] | undefined;
  };
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig': {
    readonly http_protocol_options?: Messages['envoy.config.core.v3.Http1ProtocolOptions'] | undefined;
    readonly http2_protocol_options?: Messages['envoy.config.core.v3.Http2ProtocolOptions'] | undefined;
    readonly http3_protocol_options?: Messages['envoy.config.core.v3.Http3ProtocolOptions'] | undefined;
    readonly alternate_protocols_cache_options?: Messages['envoy.config.core.v3.AlternateProtocolsCacheOptions'] | undefined;
  };
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig': {
    readonly http_protocol_options?: Messages['envoy.config.core.v3.Http1ProtocolOptions'] | undefined;
    readonly http2_protocol_options?: Messages['envoy.config.core.v3.Http2ProtocolOptions'] | undefined;
    readonly http3_protocol_options?: Messages['envoy.config.core.v3.Http3ProtocolOptions'] | undefined;
  };
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions.OutlierDetection': {
    readonly error_matcher?: Messages['envoy.config.common.matcher.v3.MatchPredicate'] | undefined;
  };
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UseDownstreamHttpConfig': {
    readonly http_protocol_options?: Messages['envoy.config.core.v3.Http1ProtocolOptions'] | undefined;
    readonly http2_protocol_options?: Messages['envoy.config.core.v3.Http2ProtocolOptions'] | undefined;
    readonly http3_protocol_options?: Messages['envoy.config.core.v3.Http3ProtocolOptions'] | undefined;
  };
  'envoy.service.accesslog.v3.StreamAccessLogsMessage': {
    readonly identifier?: Messages['envoy.service.accesslog.v3.StreamAccessLogsMessage.Identifier'] | undefined;
    readonly http_logs?: Messages['envoy.service.accesslog.v3.StreamAccessLogsMessage.HTTPAccessLogEntries'] | undefined;
    readonly tcp_logs?: Messages['envoy.service.accesslog.v3.StreamAccessLogsMessage.TCPAccessLogEntries'] | undefined;
  };
  'envoy.service.accesslog.v3.StreamAccessLogsMessage.HTTPAccessLogEntries': {
    readonly log_entry?: readonly (Messages['envoy.data.accesslog.v3.HTTPAccessLogEntry'])[] | undefined;
  };
  'envoy.service.accesslog.v3.StreamAccessLogsMessage.Identifier': {
    readonly node?: Messages['envoy.config.core.v3.Node'] | undefined;
    readonly log_name?: string | undefined;
  };
  'envoy.service.accesslog.v3.StreamAccessLogsMessage.TCPAccessLogEntries': {
    readonly log_entry?: readonly (Messages['envoy.data.accesslog.v3.TCPAccessLogEntry'])[] | undefined;
  };
  'envoy.service.accesslog.v3.StreamAccessLogsResponse': {
  };
  'envoy.service.auth.v3.AttributeContext': {
    readonly source?: Messages['envoy.service.auth.v3.AttributeContext.Peer'] | undefined;
    readonly destination?: Messages['envoy.service.auth.v3.AttributeContext.Peer'] | undefined;
    readonly request?: Messages['envoy.service.auth.v3.AttributeContext.Request'] | undefined;
    readonly context_extensions?: ReadonlyMap<string, string> | undefined;
    readonly metadata_context?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly route_metadata_context?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly tls_session?: Messages['envoy.service.auth.v3.AttributeContext.TLSSession'] | undefined;
  };
  'envoy.service.auth.v3.AttributeContext.HttpRequest': {
    readonly id?: string | undefined;
    readonly method?: string | undefined;
    readonly headers?: ReadonlyMap<string, string> | undefined;
    readonly header_map?: Messages['envoy.config.core.v3.HeaderMap'] | undefined;
    readonly path?: string | undefined;
    readonly host?: string | undefined;
    readonly scheme?: string | undefined;
    readonly query?: string | undefined;
    readonly fragment?: string | undefined;
    readonly size?: number | bigint | undefined;
    readonly protocol?: string | undefined;
    readonly body?: string | undefined;
    readonly raw_body?: Uint8Array | undefined;
  };
  'envoy.service.auth.v3.AttributeContext.Peer': {
    readonly address?: Messages['envoy.config.core.v3.Address'] | undefined;
    readonly service?: string | undefined;
    readonly labels?: ReadonlyMap<string, string> | undefined;
    readonly principal?: string | undefined;
    readonly certificate?: string | undefined;
  };
  'envoy.service.auth.v3.AttributeContext.Request': {
    readonly time?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly http?: Messages['envoy.service.auth.v3.AttributeContext.HttpRequest'] | undefined;
  };
  'envoy.service.auth.v3.AttributeContext.TLSSession': {
    readonly sni?: string | undefined;
  };
  'envoy.service.auth.v3.CheckRequest': {
    readonly attributes?: Messages['envoy.service.auth.v3.AttributeContext'] | undefined;
  };
  'envoy.service.auth.v3.CheckResponse': {
    readonly status?: Messages['google.rpc.Status'] | undefined;
    readonly denied_response?: Messages['envoy.service.auth.v3.DeniedHttpResponse'] | undefined;
    readonly ok_response?: Messages['envoy.service.auth.v3.OkHttpResponse'] | undefined;
    readonly error_response?: Messages['envoy.service.auth.v3.DeniedHttpResponse'] | undefined;
    readonly dynamic_metadata?: Messages['google.protobuf.Struct'] | undefined;
  };
  'envoy.service.auth.v3.DeniedHttpResponse': {
    readonly status?: Messages['envoy.type.v3.HttpStatus'] | undefined;
    readonly headers?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly body?: string | undefined;
  };
  'envoy.service.auth.v3.OkHttpResponse': {
    readonly headers?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly headers_to_remove?: readonly (string)[] | undefined;
    readonly dynamic_metadata?: Messages['google.protobuf.Struct'] | undefined;
    readonly response_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly query_parameters_to_set?: readonly (Messages['envoy.config.core.v3.QueryParameter'])[] | undefined;
    readonly query_parameters_to_remove?: readonly (string)[] | undefined;
  };
  'envoy.service.discovery.v3.DeltaDiscoveryRequest': {
    readonly node?: Messages['envoy.config.core.v3.Node'] | undefined;
    readonly type_url?: string | undefined;
    readonly resource_names_subscribe?: readonly (string)[] | undefined;
    readonly resource_names_unsubscribe?: readonly (string)[] | undefined;
    readonly resource_locators_subscribe?: readonly (Messages['envoy.service.discovery.v3.ResourceLocator'])[] | undefined;
    readonly resource_locators_unsubscribe?: readonly (Messages['envoy.service.discovery.v3.ResourceLocator'])[] | undefined;
    readonly initial_resource_versions?: ReadonlyMap<string, string> | undefined;
    readonly response_nonce?: string | undefined;
    readonly error_detail?: Messages['google.rpc.Status'] | undefined;
  };
  'envoy.service.discovery.v3.DeltaDiscoveryResponse': {
    readonly system_version_info?: string | undefined;
    readonly resources?: readonly (Messages['envoy.service.discovery.v3.Resource'])[] | undefined;
    readonly type_url?: string | undefined;
    readonly removed_resources?: readonly (string)[] | undefined;
    readonly removed_resource_names?: readonly (Messages['envoy.service.discovery.v3.ResourceName'])[] | undefined;
    readonly nonce?: string | undefined;
    readonly control_plane?: Messages['envoy.config.core.v3.ControlPlane'] | undefined;
    readonly resource_errors?: readonly (Messages['envoy.service.discovery.v3.ResourceError'])[] | undefined;
  };
  'envoy.service.discovery.v3.DiscoveryRequest': {
    readonly version_info?: string | undefined;
    readonly node?: Messages['envoy.config.core.v3.Node'] | undefined;
    readonly resource_names?: readonly (string)[] | undefined;
    readonly resource_locators?: readonly (Messages['envoy.service.discovery.v3.ResourceLocator'])[] | undefined;
    readonly type_url?: string | undefined;
    readonly response_nonce?: string | undefined;
    readonly error_detail?: Messages['google.rpc.Status'] | undefined;
  };
  'envoy.service.discovery.v3.DiscoveryResponse': {
    readonly version_info?: string | undefined;
    readonly resources?: readonly (Messages['google.protobuf.Any'])[] | undefined;
    readonly canary?: boolean | undefined;
    readonly type_url?: string | undefined;
    readonly nonce?: string | undefined;
    readonly control_plane?: Messages['envoy.config.core.v3.ControlPlane'] | undefined;
    readonly resource_errors?: readonly (Messages['envoy.service.discovery.v3.ResourceError'])[] | undefined;
  };
  'envoy.service.discovery.v3.DynamicParameterConstraints': {
    readonly constraint?: Messages['envoy.service.discovery.v3.DynamicParameterConstraints.SingleConstraint'] | undefined;
    readonly or_constraints?: Messages['envoy.service.discovery.v3.DynamicParameterConstraints.ConstraintList'] | undefined;
    readonly and_constraints?: Messages['envoy.service.discovery.v3.DynamicParameterConstraints.ConstraintList'] | undefined;
    readonly not_constraints?: Messages['envoy.service.discovery.v3.DynamicParameterConstraints'] | undefined;
  };
  'envoy.service.discovery.v3.DynamicParameterConstraints.ConstraintList': {
    readonly constraints?: readonly (Messages['envoy.service.discovery.v3.DynamicParameterConstraints'])[] | undefined;
  };
  'envoy.service.discovery.v3.DynamicParameterConstraints.SingleConstraint': {
    readonly key?: string | undefined;
    readonly value?: string | undefined;
    readonly exists?: Messages['envoy.service.discovery.v3.DynamicParameterConstraints.SingleConstraint.Exists'] | undefined;
  };
  'envoy.service.discovery.v3.DynamicParameterConstraints.SingleConstraint.Exists': {
  };
  'envoy.service.discovery.v3.Resource': {
    readonly name?: string | undefined;
    readonly resource_name?: Messages['envoy.service.discovery.v3.ResourceName'] | undefined;
    readonly aliases?: readonly (string)[] | undefined;
    readonly version?: string | undefined;
    readonly resource?: Messages['google.protobuf.Any'] | undefined;
    readonly ttl?: Messages['google.protobuf.Duration'] | undefined;
    readonly cache_control?: Messages['envoy.service.discovery.v3.Resource.CacheControl'] | undefined;
    readonly metadata?: Messages['envoy.config.core.v3.Metadata'] | undefined;
  };
  'envoy.service.discovery.v3.Resource.CacheControl': {
    readonly do_not_cache?: boolean | undefined;
  };
  'envoy.service.discovery.v3.ResourceError': {
    readonly resource_name?: Messages['envoy.service.discovery.v3.ResourceName'] | undefined;
    readonly error_detail?: Messages['google.rpc.Status'] | undefined;
  };
  'envoy.service.discovery.v3.ResourceLocator': {
    readonly name?: string | undefined;
    readonly dynamic_parameters?: ReadonlyMap<string, string> | undefined;
  };
  'envoy.service.discovery.v3.ResourceName': {
    readonly name?: string | undefined;
    readonly dynamic_parameter_constraints?: Messages['envoy.service.discovery.v3.DynamicParameterConstraints'] | undefined;
  };
  'envoy.service.ext_proc.v3.BodyMutation': {
    readonly body?: Uint8Array | undefined;
    readonly clear_body?: boolean | undefined;
    readonly streamed_response?: Messages['envoy.service.ext_proc.v3.StreamedBodyResponse'] | undefined;
  };
  'envoy.service.ext_proc.v3.BodyResponse': {
    readonly response?: Messages['envoy.service.ext_proc.v3.CommonResponse'] | undefined;
  };
  'envoy.service.ext_proc.v3.CommonResponse': {
    readonly status?: Enums['envoy.service.ext_proc.v3.CommonResponse.ResponseStatus'] | undefined;
    readonly header_mutation?: Messages['envoy.service.ext_proc.v3.HeaderMutation'] | undefined;
    readonly body_mutation?: Messages['envoy.service.ext_proc.v3.BodyMutation'] | undefined;
    readonly trailers?: Messages['envoy.config.core.v3.HeaderMap'] | undefined;
    readonly clear_route_cache?: boolean | undefined;
  };
  'envoy.service.ext_proc.v3.GrpcStatus': {
    readonly status?: number | undefined;
  };
  'envoy.service.ext_proc.v3.HeaderMutation': {
    readonly set_headers?: readonly (Messages['envoy.config.core.v3.HeaderValueOption'])[] | undefined;
    readonly remove_headers?: readonly (string)[] | undefined;
  };
  'envoy.service.ext_proc.v3.HeadersResponse': {
    readonly response?: Messages['envoy.service.ext_proc.v3.CommonResponse'] | undefined;
  };
  'envoy.service.ext_proc.v3.HttpBody': {
    readonly body?: Uint8Array | undefined;
    readonly end_of_stream?: boolean | undefined;
    readonly end_of_stream_without_message?: boolean | undefined;
    readonly grpc_message_compressed?: boolean | undefined;
    readonly drain_complete?: boolean | undefined;
  };
  'envoy.service.ext_proc.v3.HttpHeaders': {
    readonly headers?: Messages['envoy.config.core.v3.HeaderMap'] | undefined;
    readonly attributes?: ReadonlyMap<string, Messages['google.protobuf.Struct']> | undefined;
    readonly end_of_stream?: boolean | undefined;
  };
  'envoy.service.ext_proc.v3.HttpTrailers': {
    readonly trailers?: Messages['envoy.config.core.v3.HeaderMap'] | undefined;
  };
  'envoy.service.ext_proc.v3.ImmediateResponse': {
    readonly status?: Messages['envoy.type.v3.HttpStatus'] | undefined;
    readonly headers?: Messages['envoy.service.ext_proc.v3.HeaderMutation'] | undefined;
    readonly body?: Uint8Array | undefined;
    readonly grpc_status?: Messages['envoy.service.ext_proc.v3.GrpcStatus'] | undefined;
    readonly details?: string | undefined;
  };
  'envoy.service.ext_proc.v3.ProcessingRequest': {
    readonly request_headers?: Messages['envoy.service.ext_proc.v3.HttpHeaders'] | undefined;
    readonly response_headers?: Messages['envoy.service.ext_proc.v3.HttpHeaders'] | undefined;
    readonly request_body?: Messages['envoy.service.ext_proc.v3.HttpBody'] | undefined;
    readonly response_body?: Messages['envoy.service.ext_proc.v3.HttpBody'] | undefined;
    readonly request_trailers?: Messages['envoy.service.ext_proc.v3.HttpTrailers'] | undefined;
    readonly response_trailers?: Messages['envoy.service.ext_proc.v3.HttpTrailers'] | undefined;
    readonly metadata_context?: Messages['envoy.config.core.v3.Metadata'] | undefined;
    readonly attributes?: ReadonlyMap<string, Messages['google.protobuf.Struct']> | undefined;
    readonly observability_mode?: boolean | undefined;
    readonly protocol_config?: Messages['envoy.service.ext_proc.v3.ProtocolConfiguration'] | undefined;
    readonly flow_control_init?: Messages['envoy.service.ext_proc.v3.ProcessingRequest.FlowControlInit'] | undefined;
    readonly client_window_update?: Messages['envoy.service.ext_proc.v3.ProcessingRequest.ClientWindowUpdate'] | undefined;
  };
  'envoy.service.ext_proc.v3.ProcessingRequest.ClientWindowUpdate': {
    readonly window_increment_sidestream_to_upstream?: number | bigint | undefined;
    readonly window_increment_sidestream_to_downstream?: number | bigint | undefined;
  };
  'envoy.service.ext_proc.v3.ProcessingRequest.FlowControlInit': {
    readonly initial_window_downstream_to_sidestream?: number | bigint | undefined;
    readonly initial_window_sidestream_to_upstream?: number | bigint | undefined;
    readonly initial_window_upstream_to_sidestream?: number | bigint | undefined;
    readonly initial_window_sidestream_to_downstream?: number | bigint | undefined;
  };
  'envoy.service.ext_proc.v3.ProcessingResponse': {
    readonly request_headers?: Messages['envoy.service.ext_proc.v3.HeadersResponse'] | undefined;
    readonly response_headers?: Messages['envoy.service.ext_proc.v3.HeadersResponse'] | undefined;
    readonly request_body?: Messages['envoy.service.ext_proc.v3.BodyResponse'] | undefined;
    readonly response_body?: Messages['envoy.service.ext_proc.v3.BodyResponse'] | undefined;
    readonly request_trailers?: Messages['envoy.service.ext_proc.v3.TrailersResponse'] | undefined;
    readonly response_trailers?: Messages['envoy.service.ext_proc.v3.TrailersResponse'] | undefined;
    readonly immediate_response?: Messages['envoy.service.ext_proc.v3.ImmediateResponse'] | undefined;
    readonly streamed_immediate_response?: Messages['envoy.service.ext_proc.v3.StreamedImmediateResponse'] | undefined;
    readonly dynamic_metadata?: Messages['google.protobuf.Struct'] | undefined;
    readonly typed_dynamic_metadata?: ReadonlyMap<string, Messages['google.protobuf.Any']> | undefined;
    readonly mode_override?: Messages['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode'] | undefined;
    readonly request_drain?: boolean | undefined;
    readonly request_drain_requests?: boolean | undefined;
    readonly request_drain_responses?: boolean | undefined;
    readonly override_message_timeout?: Messages['google.protobuf.Duration'] | undefined;
    readonly server_window_update?: Messages['envoy.service.ext_proc.v3.ProcessingResponse.ServerWindowUpdate'] | undefined;
  };
  'envoy.service.ext_proc.v3.ProcessingResponse.ServerWindowUpdate': {
    readonly window_increment_downstream_to_sidestream?: number | bigint | undefined;
    readonly window_increment_upstream_to_sidestream?: number | bigint | undefined;
  };
  'envoy.service.ext_proc.v3.ProtocolConfiguration': {
    readonly request_body_mode?: Enums['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode'] | undefined;
    readonly response_body_mode?: Enums['envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode'] | undefined;
    readonly send_body_without_waiting_for_header_response?: boolean | undefined;
  };
  'envoy.service.ext_proc.v3.StreamedBodyResponse': {
    readonly body?: Uint8Array | undefined;
    readonly end_of_stream?: boolean | undefined;
    readonly end_of_stream_without_message?: boolean | undefined;
    readonly grpc_message_compressed?: boolean | undefined;
    readonly drain_complete?: boolean | undefined;
  };
  'envoy.service.ext_proc.v3.StreamedImmediateResponse': {
    readonly headers_response?: Messages['envoy.service.ext_proc.v3.HttpHeaders'] | undefined;
    readonly body_response?: Messages['envoy.service.ext_proc.v3.StreamedBodyResponse'] | undefined;
    readonly trailers_response?: Messages['envoy.config.core.v3.HeaderMap'] | undefined;
  };
  'envoy.service.ext_proc.v3.TrailersResponse': {
    readonly header_mutation?: Messages['envoy.service.ext_proc.v3.HeaderMutation'] | undefined;
  };
  'envoy.service.ratelimit.v3.RateLimitRequest': {
    readonly domain?: string | undefined;
    readonly descriptors?: readonly (Messages['envoy.extensions.common.ratelimit.v3.RateLimitDescriptor'])[] | undefined;
    readonly hits_addend?: number | undefined;
  };
  'envoy.service.ratelimit.v3.RateLimitResponse': {
    readonly overall_code?: Enums['envoy.service.ratelimit.v3.RateLimitResponse.Code'] | undefined;
    readonly statuses?: readonly (Messages['envoy.service.ratelimit.v3.RateLimitResponse.DescriptorStatus'])[] | undefined;
    readonly response_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValue'])[] | undefined;
    readonly request_headers_to_add?: readonly (Messages['envoy.config.core.v3.HeaderValue'])[] | undefined;
    readonly raw_body?: Uint8Array | undefined;
    readonly dynamic_metadata?: Messages['google.protobuf.Struct'] | undefined;
    readonly quota?: Messages['envoy.service.ratelimit.v3.RateLimitResponse.Quota'] | undefined;
  };
  'envoy.service.ratelimit.v3.RateLimitResponse.DescriptorStatus': {
    readonly code?: Enums['envoy.service.ratelimit.v3.RateLimitResponse.Code'] | undefined;
    readonly current_limit?: Messages['envoy.service.ratelimit.v3.RateLimitResponse.RateLimit'] | undefined;
    readonly limit_remaining?: number | undefined;
    readonly duration_until_reset?: Messages['google.protobuf.Duration'] | undefined;
    readonly quota?: Messages['envoy.service.ratelimit.v3.RateLimitResponse.Quota'] | undefined;
  };
  'envoy.service.ratelimit.v3.RateLimitResponse.Quota': {
    readonly requests?: number | undefined;
    readonly valid_until?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly id?: string | undefined;
  };
  'envoy.service.ratelimit.v3.RateLimitResponse.RateLimit': {
    readonly name?: string | undefined;
    readonly requests_per_unit?: number | undefined;
    readonly unit?: Enums['envoy.service.ratelimit.v3.RateLimitResponse.RateLimit.Unit'] | undefined;
    readonly unit_multiplier?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.service.runtime.v3.Runtime': {
    readonly name?: string | undefined;
    readonly layer?: Messages['google.protobuf.Struct'] | undefined;
  };
  'envoy.service.status.v3.ClientConfig': {
    readonly node?: Messages['envoy.config.core.v3.Node'] | undefined;
    readonly xds_config?: readonly (Messages['envoy.service.status.v3.PerXdsConfig'])[] | undefined;
    readonly generic_xds_configs?: readonly (Messages['envoy.service.status.v3.ClientConfig.GenericXdsConfig'])[] | undefined;
    readonly client_scope?: string | undefined;
  };
  'envoy.service.status.v3.ClientConfig.GenericXdsConfig': {
    readonly type_url?: string | undefined;
    readonly name?: string | undefined;
    readonly version_info?: string | undefined;
    readonly xds_config?: Messages['google.protobuf.Any'] | undefined;
    readonly last_updated?: Messages['google.protobuf.Timestamp'] | undefined;
    readonly config_status?: Enums['envoy.service.status.v3.ConfigStatus'] | undefined;
    readonly client_status?: Enums['envoy.admin.v3.ClientResourceStatus'] | undefined;
    readonly error_state?: Messages['envoy.admin.v3.UpdateFailureState'] | undefined;
    readonly is_static_resource?: boolean | undefined;
  };
  'envoy.service.status.v3.ClientStatusRequest': {
    readonly node_matchers?: readonly (Messages['envoy.type.matcher.v3.NodeMatcher'])[] | undefined;
    readonly node?: Messages['envoy.config.core.v3.Node'] | undefined;
    readonly exclude_resource_contents?: boolean | undefined;
  };
  'envoy.service.status.v3.ClientStatusResponse': {
    readonly config?: readonly (Messages['envoy.service.status.v3.ClientConfig'])[] | undefined;
  };
  'envoy.service.status.v3.PerXdsConfig': {
    readonly status?: Enums['envoy.service.status.v3.ConfigStatus'] | undefined;
    readonly client_status?: Enums['envoy.service.status.v3.ClientConfigStatus'] | undefined;
    readonly listener_config?: Messages['envoy.admin.v3.ListenersConfigDump'] | undefined;
    readonly cluster_config?: Messages['envoy.admin.v3.ClustersConfigDump'] | undefined;
    readonly route_config?: Messages['envoy.admin.v3.RoutesConfigDump'] | undefined;
    readonly scoped_route_config?: Messages['envoy.admin.v3.ScopedRoutesConfigDump'] | undefined;
    readonly endpoint_config?: Messages['envoy.admin.v3.EndpointsConfigDump'] | undefined;
  };
  'envoy.type.http.v3.Cookie': {
    readonly name?: string | undefined;
    readonly ttl?: Messages['google.protobuf.Duration'] | undefined;
    readonly path?: string | undefined;
    readonly attributes?: readonly (Messages['envoy.type.http.v3.CookieAttribute'])[] | undefined;
  };
  'envoy.type.http.v3.CookieAttribute': {
    readonly name?: string | undefined;
    readonly value?: string | undefined;
  };
  'envoy.type.http.v3.PathTransformation': {
    readonly operations?: readonly (Messages['envoy.type.http.v3.PathTransformation.Operation'])[] | undefined;
  };
  'envoy.type.http.v3.PathTransformation.Operation': {
    readonly normalize_path_rfc_3986?: Messages['envoy.type.http.v3.PathTransformation.Operation.NormalizePathRFC3986'] | undefined;
    readonly merge_slashes?: Messages['envoy.type.http.v3.PathTransformation.Operation.MergeSlashes'] | undefined;
  };
  'envoy.type.http.v3.PathTransformation.Operation.MergeSlashes': {
  };
  'envoy.type.http.v3.PathTransformation.Operation.NormalizePathRFC3986': {
  };
  'envoy.type.matcher.v3.AddressMatcher': {
    readonly ranges?: readonly (Messages['xds.core.v3.CidrRange'])[] | undefined;
    readonly invert_match?: boolean | undefined;
  };
  'envoy.type.matcher.v3.DoubleMatcher': {
    readonly range?: Messages['envoy.type.v3.DoubleRange'] | undefined;
    readonly exact?: number | undefined;
  };
  'envoy.type.matcher.v3.FilterStateMatcher': {
    readonly key?: string | undefined;
    readonly string_match?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly address_match?: Messages['envoy.type.matcher.v3.AddressMatcher'] | undefined;
  };
  'envoy.type.matcher.v3.ListMatcher': {
    readonly one_of?: Messages['envoy.type.matcher.v3.ValueMatcher'] | undefined;
  };
  'envoy.type.matcher.v3.ListStringMatcher': {
    readonly patterns?: readonly (Messages['envoy.type.matcher.v3.StringMatcher'])[] | undefined;
  };
  'envoy.type.matcher.v3.MetadataMatcher': {
    readonly filter?: string | undefined;
    readonly path?: readonly (Messages['envoy.type.matcher.v3.MetadataMatcher.PathSegment'])[] | undefined;
    readonly value?: Messages['envoy.type.matcher.v3.ValueMatcher'] | undefined;
    readonly invert?: boolean | undefined;
  };
  'envoy.type.matcher.v3.MetadataMatcher.PathSegment': {
    readonly key?: string | undefined;
  };
  'envoy.type.matcher.v3.NodeMatcher': {
    readonly node_id?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly node_metadatas?: readonly (Messages['envoy.type.matcher.v3.StructMatcher'])[] | undefined;
  };
  'envoy.type.matcher.v3.OrMatcher': {
    readonly value_matchers?: readonly (Messages['envoy.type.matcher.v3.ValueMatcher'])[] | undefined;
  };
  'envoy.type.matcher.v3.PathMatcher': {
    readonly path?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
  };
  'envoy.type.matcher.v3.RegexMatchAndSubstitute': {
    readonly pattern?: Messages['envoy.type.matcher.v3.RegexMatcher'] | undefined;
    readonly substitution?: string | undefined;
  };
  'envoy.type.matcher.v3.RegexMatcher': {
    readonly google_re2?: Messages['envoy.type.matcher.v3.RegexMatcher.GoogleRE2'] | undefined;
    readonly regex?: string | undefined;
  };
  'envoy.type.matcher.v3.RegexMatcher.GoogleRE2': {
    readonly max_program_size?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'envoy.type.matcher.v3.StringMatcher': {
    readonly exact?: string | undefined;
    readonly prefix?: string | undefined;
    readonly suffix?: string | undefined;
    readonly safe_regex?: Messages['envoy.type.matcher.v3.RegexMatcher'] | undefined;
    readonly contains?: string | undefined;
    readonly custom?: Messages['xds.core.v3.TypedExtensionConfig'] | undefined;
    readonly ignore_case?: boolean | undefined;
  };
  'envoy.type.matcher.v3.StructMatcher': {
    readonly path?: readonly (Messages['envoy.type.matcher.v3.StructMatcher.PathSegment'])[] | undefined;
    readonly value?: Messages['envoy.type.matcher.v3.ValueMatcher'] | undefined;
  };
  'envoy.type.matcher.v3.StructMatcher.PathSegment': {
    readonly key?: string | undefined;
  };
  'envoy.type.matcher.v3.ValueMatcher': {
    readonly null_match?: Messages['envoy.type.matcher.v3.ValueMatcher.NullMatch'] | undefined;
    readonly double_match?: Messages['envoy.type.matcher.v3.DoubleMatcher'] | undefined;
    readonly string_match?: Messages['envoy.type.matcher.v3.StringMatcher'] | undefined;
    readonly bool_match?: boolean | undefined;
    readonly present_match?: boolean | undefined;
    readonly list_match?: Messages['envoy.type.matcher.v3.ListMatcher'] | undefined;
    readonly or_match?: Messages['envoy.type.matcher.v3.OrMatcher'] | undefined;
  };
  'envoy.type.matcher.v3.ValueMatcher.NullMatch': {
  };
  'envoy.type.metadata.v3.MetadataKey': {
    readonly key?: string | undefined;
    readonly path?: readonly (Messages['envoy.type.metadata.v3.MetadataKey.PathSegment'])[] | undefined;
  };
  'envoy.type.metadata.v3.MetadataKey.PathSegment': {
    readonly key?: string | undefined;
    readonly index?: number | undefined;
  };
  'envoy.type.metadata.v3.MetadataKind': {
    readonly request?: Messages['envoy.type.metadata.v3.MetadataKind.Request'] | undefined;
    readonly route?: Messages['envoy.type.metadata.v3.MetadataKind.Route'] | undefined;
    readonly cluster?: Messages['envoy.type.metadata.v3.MetadataKind.Cluster'] | undefined;
    readonly host?: Messages['envoy.type.metadata.v3.MetadataKind.Host'] | undefined;
  };
  'envoy.type.metadata.v3.MetadataKind.Cluster': {
  };
  'envoy.type.metadata.v3.MetadataKind.Host': {
  };
  'envoy.type.metadata.v3.MetadataKind.Request': {
  };
  'envoy.type.metadata.v3.MetadataKind.Route': {
  };
  'envoy.type.tracing.v3.CustomTag': {
    readonly tag?: string | undefined;
    readonly literal?: Messages['envoy.type.tracing.v3.CustomTag.Literal'] | undefined;
    readonly environment?: Messages['envoy.type.tracing.v3.CustomTag.Environment'] | undefined;
    readonly request_header?: Messages['envoy.type.tracing.v3.CustomTag.Header'] | undefined;
    readonly metadata?: Messages['envoy.type.tracing.v3.CustomTag.Metadata'] | undefined;
    readonly value?: string | undefined;
    readonly value_type?: Enums['envoy.type.tracing.v3.CustomTag.ValueType'] | undefined;
  };
  'envoy.type.tracing.v3.CustomTag.Environment': {
    readonly name?: string | undefined;
    readonly default_value?: string | undefined;
  };
  'envoy.type.tracing.v3.CustomTag.Header': {
    readonly name?: string | undefined;
    readonly default_value?: string | undefined;
  };
  'envoy.type.tracing.v3.CustomTag.Literal': {
    readonly value?: string | undefined;
  };
  'envoy.type.tracing.v3.CustomTag.Metadata': {
    readonly kind?: Messages['envoy.type.metadata.v3.MetadataKind'] | undefined;
    readonly metadata_key?: Messages['envoy.type.metadata.v3.MetadataKey'] | undefined;
    readonly default_value?: string | undefined;
  };
  'envoy.type.v3.DoubleRange': {
    readonly start?: number | undefined;
    readonly end?: number | undefined;
  };
  'envoy.type.v3.FractionalPercent': {
    readonly numerator?: number | undefined;
    readonly denominator?: Enums['envoy.type.v3.FractionalPercent.DenominatorType'] | undefined;
  };
  'envoy.type.v3.HashPolicy': {
    readonly source_ip?: Messages['envoy.type.v3.HashPolicy.SourceIp'] | undefined;
    readonly filter_state?: Messages['envoy.type.v3.HashPolicy.FilterState'] | undefined;
  };
  'envoy.type.v3.HashPolicy.FilterState': {
    readonly key?: string | undefined;
  };
  'envoy.type.v3.HashPolicy.SourceIp': {
  };
  'envoy.type.v3.HttpStatus': {
    readonly code?: Enums['envoy.type.v3.StatusCode'] | undefined;
  };
  'envoy.type.v3.Int32Range': {
    readonly start?: number | undefined;
    readonly end?: number | undefined;
  };
  'envoy.type.v3.Int64Range': {
    readonly start?: number | bigint | undefined;
    readonly end?: number | bigint | undefined;
  };
  'envoy.type.v3.Percent': {
    readonly value?: number | undefined;
  };
  'envoy.type.v3.SemanticVersion': {
    readonly major_number?: number | undefined;
    readonly minor_number?: number | undefined;
    readonly patch?: number | undefined;
  };
  'envoy.type.v3.TokenBucket': {
    readonly max_tokens?: number | undefined;
    readonly tokens_per_fill?: Messages['google.protobuf.UInt32Value'] | undefined;
    readonly fill_interval?: Messages['google.protobuf.Duration'] | undefined;
  };
  'google.api.expr.v1alpha1.CheckedExpr': {
    readonly reference_map?: ReadonlyMap<number | bigint, Messages['google.api.expr.v1alpha1.Reference']> | undefined;
    readonly type_map?: ReadonlyMap<number | bigint, Messages['google.api.expr.v1alpha1.Type']> | undefined;
    readonly source_info?: Messages['google.api.expr.v1alpha1.SourceInfo'] | undefined;
    readonly expr_version?: string | undefined;
    readonly expr?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
  };
  'google.api.expr.v1alpha1.Constant': {
    readonly null_value?: Enums['google.protobuf.NullValue'] | undefined;
    readonly bool_value?: boolean | undefined;
    readonly int64_value?: number | bigint | undefined;
    readonly uint64_value?: number | bigint | undefined;
    readonly double_value?: number | undefined;
    readonly string_value?: string | undefined;
    readonly bytes_value?: Uint8Array | undefined;
    readonly duration_value?: Messages['google.protobuf.Duration'] | undefined;
    readonly timestamp_value?: Messages['google.protobuf.Timestamp'] | undefined;
  };
  'google.api.expr.v1alpha1.Expr': {
    readonly id?: number | bigint | undefined;
    readonly const_expr?: Messages['google.api.expr.v1alpha1.Constant'] | undefined;
    readonly ident_expr?: Messages['google.api.expr.v1alpha1.Expr.Ident'] | undefined;
    readonly select_expr?: Messages['google.api.expr.v1alpha1.Expr.Select'] | undefined;
    readonly call_expr?: Messages['google.api.expr.v1alpha1.Expr.Call'] | undefined;
    readonly list_expr?: Messages['google.api.expr.v1alpha1.Expr.CreateList'] | undefined;
    readonly struct_expr?: Messages['google.api.expr.v1alpha1.Expr.CreateStruct'] | undefined;
    readonly comprehension_expr?: Messages['google.api.expr.v1alpha1.Expr.Comprehension'] | undefined;
  };
  'google.api.expr.v1alpha1.Expr.Call': {
    readonly target?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
    readonly function?: string | undefined;
    readonly args?: readonly (Messages['google.api.expr.v1alpha1.Expr'])[] | undefined;
  };
  'google.api.expr.v1alpha1.Expr.Comprehension': {
    readonly iter_var?: string | undefined;
    readonly iter_var2?: string | undefined;
    readonly iter_range?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
    readonly accu_var?: string | undefined;
    readonly accu_init?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
    readonly loop_condition?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
    readonly loop_step?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
    readonly result?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
  };
  'google.api.expr.v1alpha1.Expr.CreateList': {
    readonly elements?: readonly (Messages['google.api.expr.v1alpha1.Expr'])[] | undefined;
    readonly optional_indices?: readonly (number)[] | undefined;
  };
  'google.api.expr.v1alpha1.Expr.CreateStruct': {
    readonly message_name?: string | undefined;
    readonly entries?: readonly (Messages['google.api.expr.v1alpha1.Expr.CreateStruct.Entry'])[] | undefined;
  };
  'google.api.expr.v1alpha1.Expr.CreateStruct.Entry': {
    readonly id?: number | bigint | undefined;
    readonly field_key?: string | undefined;
    readonly map_key?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
    readonly value?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
    readonly optional_entry?: boolean | undefined;
  };
  'google.api.expr.v1alpha1.Expr.Ident': {
    readonly name?: string | undefined;
  };
  'google.api.expr.v1alpha1.Expr.Select': {
    readonly operand?: Messages['google.api.expr.v1alpha1.Expr'] | undefined;
    readonly field?: string | undefined;
    readonly test_only?: boolean | undefined;
  };
  'google.api.expr.v1alpha1.Reference': {
    readonly name?: string | undefined;
    readonly overload_id?: readonly (string)[] | undefined;
    readonly value?: Messages['google.api.expr.v1alpha1.Constant'] | undefined;
  };
  'google.api.expr.v1alpha1.SourceInfo': {
    readonly syntax_version?: string | undefined;
    readonly location?: string | undefined;
    readonly line_offsets?: readonly (number)[] | undefined;
    readonly positions?: ReadonlyMap<number | bigint, number> | undefined;
    readonly macro_calls?: ReadonlyMap<number | bigint, Messages['google.api.expr.v1alpha1.Expr']> | undefined;
    readonly extensions?: readonly (Messages['google.api.expr.v1alpha1.SourceInfo.Extension'])[] | undefined;
  };
  'google.api.expr.v1alpha1.SourceInfo.Extension': {
    readonly id?: string | undefined;
    readonly affected_components?: readonly (Enums['google.api.expr.v1alpha1.SourceInfo.Extension.Component'])[] | undefined;
    readonly version?: Messages['google.api.expr.v1alpha1.SourceInfo.Extension.Version'] | undefined;
  };
  'google.api.expr.v1alpha1.SourceInfo.Extension.Version': {
    readonly major?: number | bigint | undefined;
    readonly minor?: number | bigint | undefined;
  };
  'google.api.expr.v1alpha1.Type': {
    readonly dyn?: Messages['google.protobuf.Empty'] | undefined;
    readonly null?: Enums['google.protobuf.NullValue'] | undefined;
    readonly primitive?: Enums['google.api.expr.v1alpha1.Type.PrimitiveType'] | undefined;
    readonly wrapper?: Enums['google.api.expr.v1alpha1.Type.PrimitiveType'] | undefined;
    readonly well_known?: Enums['google.api.expr.v1alpha1.Type.WellKnownType'] | undefined;
    readonly list_type?: Messages['google.api.expr.v1alpha1.Type.ListType'] | undefined;
    readonly map_type?: Messages['google.api.expr.v1alpha1.Type.MapType'] | undefined;
    readonly function?: Messages['google.api.expr.v1alpha1.Type.FunctionType'] | undefined;
    readonly message_type?: string | undefined;
    readonly type_param?: string | undefined;
    readonly type?: Messages['google.api.expr.v1alpha1.Type'] | undefined;
    readonly error?: Messages['google.protobuf.Empty'] | undefined;
    readonly abstract_type?: Messages['google.api.expr.v1alpha1.Type.AbstractType'] | undefined;
  };
  'google.api.expr.v1alpha1.Type.AbstractType': {
    readonly name?: string | undefined;
    readonly parameter_types?: readonly (Messages['google.api.expr.v1alpha1.Type'])[] | undefined;
  };
  'google.api.expr.v1alpha1.Type.FunctionType': {
    readonly result_type?: Messages['google.api.expr.v1alpha1.Type'] | undefined;
    readonly arg_types?: readonly (Messages['google.api.expr.v1alpha1.Type'])[] | undefined;
  };
  'google.api.expr.v1alpha1.Type.ListType': {
    readonly elem_type?: Messages['google.api.expr.v1alpha1.Type'] | undefined;
  };
  'google.api.expr.v1alpha1.Type.MapType': {
    readonly key_type?: Messages['google.api.expr.v1alpha1.Type'] | undefined;
    readonly value_type?: Messages['google.api.expr.v1alpha1.Type'] | undefined;
  };
  'google.protobuf.Any': AnyMessage;
  'google.protobuf.BoolValue': boolean;
  'google.protobuf.BytesValue': Uint8Array;
  'google.protobuf.DoubleValue': number;
  'google.protobuf.Duration': {
    readonly seconds?: number | bigint | undefined;
    readonly nanos?: number | undefined;
  };
  'google.protobuf.Empty': {
  };
  'google.protobuf.FieldMask': {
    readonly paths?: readonly (string)[] | undefined;
  };
  'google.protobuf.FloatValue': number;
  'google.protobuf.Int32Value': number;
  'google.protobuf.Int64Value': number | bigint;
  'google.protobuf.ListValue': readonly JsonValue[];
  'google.protobuf.StringValue': string;
  'google.protobuf.Struct': JsonObject;
  'google.protobuf.Timestamp': {
    readonly seconds?: number | bigint | undefined;
    readonly nanos?: number | undefined;
  };
  'google.protobuf.UInt32Value': number;
  'google.protobuf.UInt64Value': number | bigint;
  'google.protobuf.Value': JsonValue;
  'google.rpc.Status': {
    readonly code?: number | undefined;
    readonly message?: string | undefined;
    readonly details?: readonly (Messages['google.protobuf.Any'])[] | undefined;
  };
  'opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess': {
    readonly rejected_log_records?: number | bigint | undefined;
    readonly error_message?: string | undefined;
  };
  'opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest': {
    readonly resource_logs?: readonly (Messages['opentelemetry.proto.logs.v1.ResourceLogs'])[] | undefined;
  };
  'opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse': {
    readonly partial_success?: Messages['opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess'] | undefined;
  };
  'opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess': {
    readonly rejected_data_points?: number | bigint | undefined;
    readonly error_message?: string | undefined;
  };
  'opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest': {
    readonly resource_metrics?: readonly (Messages['opentelemetry.proto.metrics.v1.ResourceMetrics'])[] | undefined;
  };
  'opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse': {
    readonly partial_success?: Messages['opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess'] | undefined;
  };
  'opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess': {
    readonly rejected_spans?: number | bigint | undefined;
    readonly error_message?: string | undefined;
  };
  'opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest': {
    readonly resource_spans?: readonly (Messages['opentelemetry.proto.trace.v1.ResourceSpans'])[] | undefined;
  };
  'opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse': {
    readonly partial_success?: Messages['opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess'] | undefined;
  };
  'opentelemetry.proto.common.v1.AnyValue': {
    readonly string_value?: string | undefined;
    readonly bool_value?: boolean | undefined;
    readonly int_value?: number | bigint | undefined;
    readonly double_value?: number | undefined;
    readonly array_value?: Messages['opentelemetry.proto.common.v1.ArrayValue'] | undefined;
    readonly kvlist_value?: Messages['opentelemetry.proto.common.v1.KeyValueList'] | undefined;
    readonly bytes_value?: Uint8Array | undefined;
    readonly string_value_strindex?: number | undefined;
  };
  'opentelemetry.proto.common.v1.ArrayValue': {
    readonly values?: readonly (Messages['opentelemetry.proto.common.v1.AnyValue'])[] | undefined;
  };
  'opentelemetry.proto.common.v1.EntityRef': {
    readonly schema_url?: string | undefined;
    readonly type?: string | undefined;
    readonly id_keys?: readonly (string)[] | undefined;
    readonly description_keys?: readonly (string)[] | undefined;
  };
  'opentelemetry.proto.common.v1.InstrumentationScope': {
    readonly name?: string | undefined;
    readonly version?: string | undefined;
    readonly attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly dropped_attributes_count?: number | undefined;
  };
  'opentelemetry.proto.common.v1.KeyValue': {
    readonly key?: string | undefined;
    readonly value?: Messages['opentelemetry.proto.common.v1.AnyValue'] | undefined;
    readonly key_strindex?: number | undefined;
  };
  'opentelemetry.proto.common.v1.KeyValueList': {
    readonly values?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
  };
  'opentelemetry.proto.logs.v1.LogRecord': {
    readonly time_unix_nano?: number | bigint | undefined;
    readonly observed_time_unix_nano?: number | bigint | undefined;
    readonly severity_number?: Enums['opentelemetry.proto.logs.v1.SeverityNumber'] | undefined;
    readonly severity_text?: string | undefined;
    readonly body?: Messages['opentelemetry.proto.common.v1.AnyValue'] | undefined;
    readonly attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly dropped_attributes_count?: number | undefined;
    readonly flags?: number | undefined;
    readonly trace_id?: Uint8Array | undefined;
    readonly span_id?: Uint8Array | undefined;
    readonly event_name?: string | undefined;
  };
  'opentelemetry.proto.logs.v1.ResourceLogs': {
    readonly resource?: Messages['opentelemetry.proto.resource.v1.Resource'] | undefined;
    readonly scope_logs?: readonly (Messages['opentelemetry.proto.logs.v1.ScopeLogs'])[] | undefined;
    readonly schema_url?: string | undefined;
  };
  'opentelemetry.proto.logs.v1.ScopeLogs': {
    readonly scope?: Messages['opentelemetry.proto.common.v1.InstrumentationScope'] | undefined;
    readonly log_records?: readonly (Messages['opentelemetry.proto.logs.v1.LogRecord'])[] | undefined;
    readonly schema_url?: string | undefined;
  };
  'opentelemetry.proto.metrics.v1.Exemplar': {
    readonly filtered_attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly time_unix_nano?: number | bigint | undefined;
    readonly as_double?: number | undefined;
    readonly as_int?: number | bigint | undefined;
    readonly span_id?: Uint8Array | undefined;
    readonly trace_id?: Uint8Array | undefined;
  };
  'opentelemetry.proto.metrics.v1.ExponentialHistogram': {
    readonly data_points?: readonly (Messages['opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint'])[] | undefined;
    readonly aggregation_temporality?: Enums['opentelemetry.proto.metrics.v1.AggregationTemporality'] | undefined;
  };
  'opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint': {
    readonly attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly start_time_unix_nano?: number | bigint | undefined;
    readonly time_unix_nano?: number | bigint | undefined;
    readonly count?: number | bigint | undefined;
    readonly sum?: number | undefined;
    readonly scale?: number | undefined;
    readonly zero_count?: number | bigint | undefined;
    readonly positive?: Messages['opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets'] | undefined;
    readonly negative?: Messages['opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets'] | undefined;
    readonly flags?: number | undefined;
    readonly exemplars?: readonly (Messages['opentelemetry.proto.metrics.v1.Exemplar'])[] | undefined;
    readonly min?: number | undefined;
    readonly max?: number | undefined;
    readonly zero_threshold?: number | undefined;
  };
  'opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets': {
    readonly offset?: number | undefined;
    readonly bucket_counts?: readonly (number | bigint)[] | undefined;
  };
  'opentelemetry.proto.metrics.v1.Gauge': {
    readonly data_points?: readonly (Messages['opentelemetry.proto.metrics.v1.NumberDataPoint'])[] | undefined;
  };
  'opentelemetry.proto.metrics.v1.Histogram': {
    readonly data_points?: readonly (Messages['opentelemetry.proto.metrics.v1.HistogramDataPoint'])[] | undefined;
    readonly aggregation_temporality?: Enums['opentelemetry.proto.metrics.v1.AggregationTemporality'] | undefined;
  };
  'opentelemetry.proto.metrics.v1.HistogramDataPoint': {
    readonly attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly start_time_unix_nano?: number | bigint | undefined;
    readonly time_unix_nano?: number | bigint | undefined;
    readonly count?: number | bigint | undefined;
    readonly sum?: number | undefined;
    readonly bucket_counts?: readonly (number | bigint)[] | undefined;
    readonly explicit_bounds?: readonly (number)[] | undefined;
    readonly exemplars?: readonly (Messages['opentelemetry.proto.metrics.v1.Exemplar'])[] | undefined;
    readonly flags?: number | undefined;
    readonly min?: number | undefined;
    readonly max?: number | undefined;
  };
  'opentelemetry.proto.metrics.v1.Metric': {
    readonly name?: string | undefined;
    readonly description?: string | undefined;
    readonly unit?: string | undefined;
    readonly gauge?: Messages['opentelemetry.proto.metrics.v1.Gauge'] | undefined;
    readonly sum?: Messages['opentelemetry.proto.metrics.v1.Sum'] | undefined;
    readonly histogram?: Messages['opentelemetry.proto.metrics.v1.Histogram'] | undefined;
    readonly exponential_histogram?: Messages['opentelemetry.proto.metrics.v1.ExponentialHistogram'] | undefined;
    readonly summary?: Messages['opentelemetry.proto.metrics.v1.Summary'] | undefined;
    readonly metadata?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
  };
  'opentelemetry.proto.metrics.v1.NumberDataPoint': {
    readonly attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly start_time_unix_nano?: number | bigint | undefined;
    readonly time_unix_nano?: number | bigint | undefined;
    readonly as_double?: number | undefined;
    readonly as_int?: number | bigint | undefined;
    readonly exemplars?: readonly (Messages['opentelemetry.proto.metrics.v1.Exemplar'])[] | undefined;
    readonly flags?: number | undefined;
  };
  'opentelemetry.proto.metrics.v1.ResourceMetrics': {
    readonly resource?: Messages['opentelemetry.proto.resource.v1.Resource'] | undefined;
    readonly scope_metrics?: readonly (Messages['opentelemetry.proto.metrics.v1.ScopeMetrics'])[] | undefined;
    readonly schema_url?: string | undefined;
  };
  'opentelemetry.proto.metrics.v1.ScopeMetrics': {
    readonly scope?: Messages['opentelemetry.proto.common.v1.InstrumentationScope'] | undefined;
    readonly metrics?: readonly (Messages['opentelemetry.proto.metrics.v1.Metric'])[] | undefined;
    readonly schema_url?: string | undefined;
  };
  'opentelemetry.proto.metrics.v1.Sum': {
    readonly data_points?: readonly (Messages['opentelemetry.proto.metrics.v1.NumberDataPoint'])[] | undefined;
    readonly aggregation_temporality?: Enums['opentelemetry.proto.metrics.v1.AggregationTemporality'] | undefined;
    readonly is_monotonic?: boolean | undefined;
  };
  'opentelemetry.proto.metrics.v1.Summary': {
    readonly data_points?: readonly (Messages['opentelemetry.proto.metrics.v1.SummaryDataPoint'])[] | undefined;
  };
  'opentelemetry.proto.metrics.v1.SummaryDataPoint': {
    readonly attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly start_time_unix_nano?: number | bigint | undefined;
    readonly time_unix_nano?: number | bigint | undefined;
    readonly count?: number | bigint | undefined;
    readonly sum?: number | undefined;
    readonly quantile_values?: readonly (Messages['opentelemetry.proto.metrics.v1.SummaryDataPoint.ValueAtQuantile'])[] | undefined;
    readonly flags?: number | undefined;
  };
  'opentelemetry.proto.metrics.v1.SummaryDataPoint.ValueAtQuantile': {
    readonly quantile?: number | undefined;
    readonly value?: number | undefined;
  };
  'opentelemetry.proto.resource.v1.Resource': {
    readonly attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly dropped_attributes_count?: number | undefined;
    readonly entity_refs?: readonly (Messages['opentelemetry.proto.common.v1.EntityRef'])[] | undefined;
  };
  'opentelemetry.proto.trace.v1.ResourceSpans': {
    readonly resource?: Messages['opentelemetry.proto.resource.v1.Resource'] | undefined;
    readonly scope_spans?: readonly (Messages['opentelemetry.proto.trace.v1.ScopeSpans'])[] | undefined;
    readonly schema_url?: string | undefined;
  };
  'opentelemetry.proto.trace.v1.ScopeSpans': {
    readonly scope?: Messages['opentelemetry.proto.common.v1.InstrumentationScope'] | undefined;
    readonly spans?: readonly (Messages['opentelemetry.proto.trace.v1.Span'])[] | undefined;
    readonly schema_url?: string | undefined;
  };
  'opentelemetry.proto.trace.v1.Span': {
    readonly trace_id?: Uint8Array | undefined;
    readonly span_id?: Uint8Array | undefined;
    readonly trace_state?: string | undefined;
    readonly parent_span_id?: Uint8Array | undefined;
    readonly flags?: number | undefined;
    readonly name?: string | undefined;
    readonly kind?: Enums['opentelemetry.proto.trace.v1.Span.SpanKind'] | undefined;
    readonly start_time_unix_nano?: number | bigint | undefined;
    readonly end_time_unix_nano?: number | bigint | undefined;
    readonly attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly dropped_attributes_count?: number | undefined;
    readonly events?: readonly (Messages['opentelemetry.proto.trace.v1.Span.Event'])[] | undefined;
    readonly dropped_events_count?: number | undefined;
    readonly links?: readonly (Messages['opentelemetry.proto.trace.v1.Span.Link'])[] | undefined;
    readonly dropped_links_count?: number | undefined;
    readonly status?: Messages['opentelemetry.proto.trace.v1.Status'] | undefined;
  };
  'opentelemetry.proto.trace.v1.Span.Event': {
    readonly time_unix_nano?: number | bigint | undefined;
    readonly name?: string | undefined;
    readonly attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly dropped_attributes_count?: number | undefined;
  };
  'opentelemetry.proto.trace.v1.Span.Link': {
    readonly trace_id?: Uint8Array | undefined;
    readonly span_id?: Uint8Array | undefined;
    readonly trace_state?: string | undefined;
    readonly attributes?: readonly (Messages['opentelemetry.proto.common.v1.KeyValue'])[] | undefined;
    readonly dropped_attributes_count?: number | undefined;
    readonly flags?: number | undefined;
  };
  'opentelemetry.proto.trace.v1.Status': {
    readonly message?: string | undefined;
    readonly code?: Enums['opentelemetry.proto.trace.v1.Status.StatusCode'] | undefined;
  };
  'udpa.type.v1.TypedStruct': {
    readonly type_url?: string | undefined;
    readonly value?: Messages['google.protobuf.Struct'] | undefined;
  };
  'xds.core.v3.Authority': {
    readonly name?: string | undefined;
  };
  'xds.core.v3.CidrRange': {
    readonly address_prefix?: string | undefined;
    readonly prefix_len?: Messages['google.protobuf.UInt32Value'] | undefined;
  };
  'xds.core.v3.ContextParams': {
    readonly params?: ReadonlyMap<string, string> | undefined;
  };
  'xds.core.v3.TypedExtensionConfig': {
    readonly name?: string | undefined;
    readonly typed_config?: Messages['google.protobuf.Any'] | undefined;
  };
  'xds.type.matcher.v3.Matcher': {
    readonly matcher_list?: Messages['xds.type.matcher.v3.Matcher.MatcherList'] | undefined;
    readonly matcher_tree?: Messages['xds.type.matcher.v3.Matcher.MatcherTree'] | undefined;
    readonly on_no_match?: Messages['xds.type.matcher.v3.Matcher.OnMatch'] | undefined;
  };
  'xds.type.matcher.v3.Matcher.MatcherList': {
    readonly matchers?: readonly (Messages['xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher'])[] | undefined;
  };
  'xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher': {
    readonly predicate?: Messages['xds.type.matcher.v3.Matcher.MatcherList.Predicate'] | undefined;
    readonly on_match?: Messages['xds.type.matcher.v3.Matcher.OnMatch'] | undefined;
  };
  'xds.type.matcher.v3.Matcher.MatcherList.Predicate': {
    readonly single_predicate?: Messages['xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate'] | undefined;
    readonly or_matcher?: Messages['xds.type.matcher.v3.Matcher.MatcherList.Predicate.PredicateList'] | undefined;
    readonly and_matcher?: Messages['xds.type.matcher.v3.Matcher.MatcherList.Predicate.PredicateList'] | undefined;
    readonly not_matcher?: Messages['xds.type.matcher.v3.Matcher.MatcherList.Predicate'] | undefined;
  };
  'xds.type.matcher.v3.Matcher.MatcherList.Predicate.PredicateList': {
    readonly predicate?: readonly (Messages['xds.type.matcher.v3.Matcher.MatcherList.Predicate'])[] | undefined;
  };
  'xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate': {
    readonly input?: Messages['xds.core.v3.TypedExtensionConfig'] | undefined;
    readonly value_match?: Messages['xds.type.matcher.v3.StringMatcher'] | undefined;
    readonly custom_match?: Messages['xds.core.v3.TypedExtensionConfig'] | undefined;
  };
  'xds.type.matcher.v3.Matcher.MatcherTree': {
    readonly input?: Messages['xds.core.v3.TypedExtensionConfig'] | undefined;
    readonly exact_match_map?: Messages['xds.type.matcher.v3.Matcher.MatcherTree.MatchMap'] | undefined;
    readonly prefix_match_map?: Messages['xds.type.matcher.v3.Matcher.MatcherTree.MatchMap'] | undefined;
    readonly custom_match?: Messages['xds.core.v3.TypedExtensionConfig'] | undefined;
  };
  'xds.type.matcher.v3.Matcher.MatcherTree.MatchMap': {
    readonly map?: ReadonlyMap<string, Messages['xds.type.matcher.v3.Matcher.OnMatch']> | undefined;
  };
  'xds.type.matcher.v3.Matcher.OnMatch': {
    readonly matcher?: Messages['xds.type.matcher.v3.Matcher'] | undefined;
    readonly action?: Messages['xds.core.v3.TypedExtensionConfig'] | undefined;
    readonly keep_matching?: boolean | undefined;
  };
  'xds.type.matcher.v3.RegexMatcher': {
    readonly google_re2?: Messages['xds.type.matcher.v3.RegexMatcher.GoogleRE2'] | undefined;
    readonly regex?: string | undefined;
  };
  'xds.type.matcher.v3.RegexMatcher.GoogleRE2': {
  };
  'xds.type.matcher.v3.StringMatcher': {
    readonly exact?: string | undefined;
    readonly prefix?: string | undefined;
    readonly suffix?: string | undefined;
    readonly safe_regex?: Messages['xds.type.matcher.v3.RegexMatcher'] | undefined;
    readonly contains?: string | undefined;
    readonly custom?: Messages['xds.core.v3.TypedExtensionConfig'] | undefined;
    readonly ignore_case?: boolean | undefined;
  };
  'xds.type.v3.TypedStruct': {
    readonly type_url?: string | undefined;
    readonly value?: Messages['google.protobuf.Struct'] | undefined;
  };
}

export interface Enums {
  'envoy.admin.v3.ClientResourceStatus': 'UNKNOWN' | 'REQUESTED' | 'DOES_NOT_EXIST' | 'ACKED' | 'NACKED' | 'RECEIVED_ERROR' | 'TIMEOUT';
  'envoy.config.accesslog.v3.ComparisonFilter.Op': 'EQ' | 'GE' | 'LE' | 'NE';
  'envoy.config.accesslog.v3.GrpcStatusFilter.Status': 'OK' | 'CANCELED' | 'UNKNOWN' | 'INVALID_ARGUMENT' | 'DEADLINE_EXCEEDED' | 'NOT_FOUND' | 'ALREADY_EXISTS' | 'PERMISSION_DENIED' | 'RESOURCE_EXHAUSTED' | 'FAILED_PRECONDITION' | 'ABORTED' | 'OUT_OF_RANGE' | 'UNIMPLEMENTED' | 'INTERNAL' | 'UNAVAILABLE' | 'DATA_LOSS' | 'UNAUTHENTICATED';
  'envoy.config.bootstrap.v3.CustomInlineHeader.InlineHeaderType': 'REQUEST_HEADER' | 'REQUEST_TRAILER' | 'RESPONSE_HEADER' | 'RESPONSE_TRAILER';
  'envoy.config.bootstrap.v3.Watchdog.WatchdogAction.WatchdogEvent': 'UNKNOWN' | 'KILL' | 'MULTIKILL' | 'MEGAMISS' | 'MISS';
  'envoy.config.cluster.v3.Cluster.ClusterProtocolSelection': 'USE_CONFIGURED_PROTOCOL' | 'USE_DOWNSTREAM_PROTOCOL';
  'envoy.config.cluster.v3.Cluster.DiscoveryType': 'STATIC' | 'STRICT_DNS' | 'LOGICAL_DNS' | 'EDS' | 'ORIGINAL_DST';
  'envoy.config.cluster.v3.Cluster.DnsLookupFamily': 'AUTO' | 'V4_ONLY' | 'V6_ONLY' | 'V4_PREFERRED' | 'ALL';
  'envoy.config.cluster.v3.Cluster.LbPolicy': 'ROUND_ROBIN' | 'LEAST_REQUEST' | 'RING_HASH' | 'RANDOM' | 'MAGLEV' | 'CLUSTER_PROVIDED' | 'LOAD_BALANCING_POLICY_CONFIG';
  'envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetFallbackPolicy': 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET';
  'envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetMetadataFallbackPolicy': 'METADATA_NO_FALLBACK' | 'FALLBACK_LIST';
  'envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector.LbSubsetSelectorFallbackPolicy': 'NOT_DEFINED' | 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET' | 'KEYS_SUBSET';
  'envoy.config.cluster.v3.Cluster.RingHashLbConfig.HashFunction': 'XX_HASH' | 'MURMUR_HASH_2';
  'envoy.config.cluster.v3.UpstreamConnectionOptions.FirstAddressFamilyVersion': 'DEFAULT' | 'V4' | 'V6' | 'PIPE' | 'INTERNAL';
  'envoy.config.core.v3.ApiConfigSource.ApiType': 'DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE' | 'REST' | 'GRPC' | 'DELTA_GRPC' | 'AGGREGATED_GRPC' | 'AGGREGATED_DELTA_GRPC';
  'envoy.config.core.v3.ApiVersion': 'AUTO' | 'V2' | 'V3';
  'envoy.config.core.v3.HeaderValueOption.HeaderAppendAction': 'APPEND_IF_EXISTS_OR_ADD' | 'ADD_IF_ABSENT' | 'OVERWRITE_IF_EXISTS_OR_ADD' | 'OVERWRITE_IF_EXISTS';
  'envoy.config.core.v3.HealthStatus': 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY' | 'DRAINING' | 'TIMEOUT' | 'DEGRADED';
  'envoy.config.core.v3.HttpProtocolOptions.HeadersWithUnderscoresAction': 'ALLOW' | 'REJECT_REQUEST' | 'DROP_HEADER';
  'envoy.config.core.v3.KeyValueAppend.KeyValueAppendAction': 'APPEND_IF_EXISTS_OR_ADD' | 'ADD_IF_ABSENT' | 'OVERWRITE_IF_EXISTS_OR_ADD' | 'OVERWRITE_IF_EXISTS';
  'envoy.config.core.v3.ProxyProtocolConfig.Version': 'V1' | 'V2';
  'envoy.config.core.v3.ProxyProtocolPassThroughTLVs.PassTLVsMatchType': 'INCLUDE_ALL' | 'INCLUDE';
  'envoy.config.core.v3.RequestMethod': 'METHOD_UNSPECIFIED' | 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'CONNECT' | 'OPTIONS' | 'TRACE' | 'PATCH';
  'envoy.config.core.v3.RoutingPriority': 'DEFAULT' | 'HIGH';
  'envoy.config.core.v3.SocketAddress.Protocol': 'TCP' | 'UDP';
  'envoy.config.core.v3.SocketOption.SocketIpVersion': 'SOCKET_IP_VERSION_UNSPECIFIED' | 'SOCKET_IP_VERSION_IPV4' | 'SOCKET_IP_VERSION_IPV6';
  'envoy.config.core.v3.SocketOption.SocketState': 'STATE_PREBIND' | 'STATE_BOUND' | 'STATE_LISTENING';
  'envoy.config.core.v3.TrafficDirection': 'UNSPECIFIED' | 'INBOUND' | 'OUTBOUND';
  'envoy.config.listener.v3.FilterChainMatch.ConnectionSourceType': 'ANY' | 'SAME_IP_OR_LOOPBACK' | 'EXTERNAL';
  'envoy.config.listener.v3.Listener.DrainType': 'DEFAULT' | 'MODIFY_ONLY';
  'envoy.config.rbac.v3.MetadataSource': 'DYNAMIC' | 'ROUTE';
  'envoy.config.rbac.v3.RBAC.Action': 'ALLOW' | 'DENY' | 'LOG';
  'envoy.config.rbac.v3.RBAC.AuditLoggingOptions.AuditCondition': 'NONE' | 'ON_DENY' | 'ON_ALLOW' | 'ON_DENY_AND_ALLOW';
  'envoy.config.route.v3.RateLimit.Action.MetaData.Source': 'DYNAMIC' | 'ROUTE_ENTRY' | 'CLUSTER_ENTRY' | 'CLUSTER_LOCALITY_ENTRY';
  'envoy.config.route.v3.RateLimit.XRateLimitOption': 'UNSPECIFIED' | 'OFF' | 'DRAFT_VERSION_03';
  'envoy.config.route.v3.RedirectAction.RedirectResponseCode': 'MOVED_PERMANENTLY' | 'FOUND' | 'SEE_OTHER' | 'TEMPORARY_REDIRECT' | 'PERMANENT_REDIRECT';
  'envoy.config.route.v3.RetryPolicy.ResetHeaderFormat': 'SECONDS' | 'UNIX_TIMESTAMP';
  'envoy.config.route.v3.RouteAction.ClusterNotFoundResponseCode': 'SERVICE_UNAVAILABLE' | 'NOT_FOUND' | 'INTERNAL_SERVER_ERROR';
  'envoy.config.route.v3.RouteAction.InternalRedirectAction': 'PASS_THROUGH_INTERNAL_REDIRECT' | 'HANDLE_INTERNAL_REDIRECT';
  'envoy.config.route.v3.VirtualHost.TlsRequirementType': 'NONE' | 'EXTERNAL_ONLY' | 'ALL';
  'envoy.config.trace.v3.ZipkinConfig.CollectorEndpointVersion': 'DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE' | 'HTTP_JSON' | 'HTTP_PROTO' | 'GRPC';
  'envoy.config.trace.v3.ZipkinConfig.TraceContextOption': 'USE_B3' | 'USE_B3_WITH_W3C_PROPAGATION';
  'envoy.data.accesslog.v3.AccessLogType': 'NotSet' | 'TcpUpstreamConnected' | 'TcpPeriodic' | 'TcpConnectionStart' | 'TcpConnectionEnd' | 'DownstreamStart' | 'DownstreamPeriodic' | 'DownstreamEnd' | 'UpstreamPoolReady' | 'UpstreamPeriodic' | 'UpstreamEnd' | 'DownstreamTunnelSuccessfullyEstablished' | 'UdpTunnelUpstreamConnected' | 'UdpPeriodic' | 'UdpSessionEnd';
  'envoy.data.accesslog.v3.HTTPAccessLogEntry.HTTPVersion': 'PROTOCOL_UNSPECIFIED' | 'HTTP10' | 'HTTP11' | 'HTTP2' | 'HTTP3';
  'envoy.data.accesslog.v3.ResponseFlags.Unauthorized.Reason': 'REASON_UNSPECIFIED' | 'EXTERNAL_SERVICE';
  'envoy.data.accesslog.v3.TLSProperties.TLSVersion': 'VERSION_UNSPECIFIED' | 'TLSv1' | 'TLSv1_1' | 'TLSv1_2' | 'TLSv1_3';
  'envoy.extensions.clusters.common.dns.v3.DnsLookupFamily': 'UNSPECIFIED' | 'AUTO' | 'V4_ONLY' | 'V6_ONLY' | 'V4_PREFERRED' | 'ALL';
  'envoy.extensions.common.ratelimit.v3.VhRateLimitsOptions': 'OVERRIDE' | 'INCLUDE' | 'IGNORE';
  'envoy.extensions.common.ratelimit.v3.XRateLimitHeadersRFCVersion': 'OFF' | 'DRAFT_VERSION_03';
  'envoy.extensions.compression.brotli.compressor.v3.Brotli.EncoderMode': 'DEFAULT' | 'GENERIC' | 'TEXT' | 'FONT';
  'envoy.extensions.compression.gzip.compressor.v3.Gzip.CompressionLevel': 'DEFAULT_COMPRESSION' | 'BEST_SPEED' | 'COMPRESSION_LEVEL_1' | 'COMPRESSION_LEVEL_2' | 'COMPRESSION_LEVEL_3' | 'COMPRESSION_LEVEL_4' | 'COMPRESSION_LEVEL_5' | 'COMPRESSION_LEVEL_6' | 'COMPRESSION_LEVEL_7' | 'COMPRESSION_LEVEL_8' | 'COMPRESSION_LEVEL_9' | 'BEST_COMPRESSION';
  'envoy.extensions.compression.gzip.compressor.v3.Gzip.CompressionStrategy': 'DEFAULT_STRATEGY' | 'FILTERED' | 'HUFFMAN_ONLY' | 'RLE' | 'FIXED';
  'envoy.extensions.compression.zstd.compressor.v3.Zstd.Strategy': 'DEFAULT' | 'FAST' | 'DFAST' | 'GREEDY' | 'LAZY' | 'LAZY2' | 'BTLAZY2' | 'BTOPT' | 'BTULTRA' | 'BTULTRA2';
  'envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor.RouteCacheAction': 'DEFAULT' | 'CLEAR' | 'RETAIN';
  'envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode': 'NONE' | 'STREAMED' | 'BUFFERED' | 'BUFFERED_PARTIAL' | 'FULL_DUPLEX_STREAMED' | 'GRPC';
  'envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.HeaderSendMode': 'DEFAULT' | 'SEND' | 'SKIP';
  'envoy.extensions.filters.http.ratelimit.v3.RateLimit.XRateLimitHeadersRFCVersion': 'OFF' | 'DRAFT_VERSION_03';
  'envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute.OverrideOptions': 'DEFAULT' | 'OVERRIDE_POLICY' | 'INCLUDE_POLICY' | 'IGNORE_POLICY';
  'envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute.VhRateLimitsOptions': 'OVERRIDE' | 'INCLUDE' | 'IGNORE';
  'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.KeyValuePair.ValueStringEncoding': 'UNSPECIFIED' | 'SANITIZED_UTF8' | 'BASE64';
  'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.TlvLocation': 'DYNAMIC_METADATA' | 'FILTER_STATE';
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType': 'AUTO' | 'HTTP1' | 'HTTP2' | 'HTTP3';
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails': 'SANITIZE' | 'FORWARD_ONLY' | 'APPEND_FORWARD' | 'SANITIZE_SET' | 'ALWAYS_FORWARD_ONLY';
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertFormat': 'TEXT' | 'JSON';
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction': 'IMPLEMENTATION_SPECIFIC_DEFAULT' | 'KEEP_UNCHANGED' | 'REJECT_REQUEST' | 'UNESCAPE_AND_REDIRECT' | 'UNESCAPE_AND_FORWARD';
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation': 'OVERWRITE' | 'APPEND_IF_ABSENT' | 'PASS_THROUGH';
  'envoy.extensions.filters.network.rbac.v3.RBAC.EnforcementType': 'ONE_TIME_ON_FIRST_BYTE' | 'CONTINUOUS';
  'envoy.extensions.filters.network.tcp_proxy.v3.ProxyProtocolTlvMergePolicy': 'ADD_IF_ABSENT' | 'OVERWRITE_BY_TYPE_IF_EXISTS_OR_ADD' | 'APPEND_IF_EXISTS_OR_ADD';
  'envoy.extensions.filters.network.tcp_proxy.v3.UpstreamConnectMode': 'IMMEDIATE' | 'ON_DOWNSTREAM_DATA' | 'ON_DOWNSTREAM_TLS_HANDSHAKE';
  'envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig.FormatterTypeOnEnvoyHeaders': 'DEFAULT' | 'PROPER_CASE';
  'envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig.LocalityBasis': 'HEALTHY_HOSTS_NUM' | 'HEALTHY_HOSTS_WEIGHT';
  'envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest.SelectionMethod': 'N_CHOICES' | 'FULL_SCAN';
  'envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash.HashFunction': 'DEFAULT_HASH' | 'XX_HASH' | 'MURMUR_HASH_2';
  'envoy.extensions.load_balancing_policies.subset.v3.Subset.LbSubsetFallbackPolicy': 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET';
  'envoy.extensions.load_balancing_policies.subset.v3.Subset.LbSubsetMetadataFallbackPolicy': 'METADATA_NO_FALLBACK' | 'FALLBACK_LIST';
  'envoy.extensions.load_balancing_policies.subset.v3.Subset.LbSubsetSelector.LbSubsetSelectorFallbackPolicy': 'NOT_DEFINED' | 'NO_FALLBACK' | 'ANY_ENDPOINT' | 'DEFAULT_SUBSET' | 'KEYS_SUBSET';
  'envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.TrustChainVerification': 'VERIFY_TRUST_CHAIN' | 'ACCEPT_UNTRUSTED';
  'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext.OcspStaplePolicy': 'LENIENT_STAPLING' | 'STRICT_STAPLING' | 'MUST_STAPLE';
  'envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType': 'SAN_TYPE_UNSPECIFIED' | 'EMAIL' | 'DNS' | 'URI' | 'IP_ADDRESS' | 'OTHER_NAME';
  'envoy.extensions.transport_sockets.tls.v3.TlsParameters.CompliancePolicy': 'FIPS_202205' | 'CNSA2_202603' | 'CNSA1_202603';
  'envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol': 'TLS_AUTO' | 'TLSv1_0' | 'TLSv1_1' | 'TLSv1_2' | 'TLSv1_3';
  'envoy.service.ext_proc.v3.CommonResponse.ResponseStatus': 'CONTINUE' | 'CONTINUE_AND_REPLACE';
  'envoy.service.ratelimit.v3.RateLimitResponse.Code': 'UNKNOWN' | 'OK' | 'OVER_LIMIT';
  'envoy.service.ratelimit.v3.RateLimitResponse.RateLimit.Unit': 'UNKNOWN' | 'SECOND' | 'MINUTE' | 'HOUR' | 'DAY' | 'WEEK' | 'MONTH' | 'YEAR';
  'envoy.service.status.v3.ClientConfigStatus': 'CLIENT_UNKNOWN' | 'CLIENT_REQUESTED' | 'CLIENT_ACKED' | 'CLIENT_NACKED' | 'CLIENT_RECEIVED_ERROR';
  'envoy.service.status.v3.ConfigStatus': 'UNKNOWN' | 'SYNCED' | 'NOT_SENT' | 'STALE' | 'ERROR';
  'envoy.type.tracing.v3.CustomTag.ValueType': 'UNSPECIFIED' | 'STRING' | 'INT' | 'DOUBLE' | 'BOOL';
  'envoy.type.v3.CodecClientType': 'HTTP1' | 'HTTP2' | 'HTTP3';
  'envoy.type.v3.FractionalPercent.DenominatorType': 'HUNDRED' | 'TEN_THOUSAND' | 'MILLION';
  'envoy.type.v3.RateLimitUnit': 'UNKNOWN' | 'SECOND' | 'MINUTE' | 'HOUR' | 'DAY' | 'MONTH' | 'YEAR';
  'envoy.type.v3.StatusCode': 'Empty' | 'Continue' | 'OK' | 'Created' | 'Accepted' | 'NonAuthoritativeInformation' | 'NoContent' | 'ResetContent' | 'PartialContent' | 'MultiStatus' | 'AlreadyReported' | 'IMUsed' | 'MultipleChoices' | 'MovedPermanently' | 'Found' | 'SeeOther' | 'NotModified' | 'UseProxy' | 'TemporaryRedirect' | 'PermanentRedirect' | 'BadRequest' | 'Unauthorized' | 'PaymentRequired' | 'Forbidden' | 'NotFound' | 'MethodNotAllowed' | 'NotAcceptable' | 'ProxyAuthenticationRequired' | 'RequestTimeout' | 'Conflict' | 'Gone' | 'LengthRequired' | 'PreconditionFailed' | 'PayloadTooLarge' | 'URITooLong' | 'UnsupportedMediaType' | 'RangeNotSatisfiable' | 'ExpectationFailed' | 'MisdirectedRequest' | 'UnprocessableEntity' | 'Locked' | 'FailedDependency' | 'UpgradeRequired' | 'PreconditionRequired' | 'TooManyRequests' | 'RequestHeaderFieldsTooLarge' | 'InternalServerError' | 'NotImplemented' | 'BadGateway' | 'ServiceUnavailable' | 'GatewayTimeout' | 'HTTPVersionNotSupported' | 'VariantAlsoNegotiates' | 'InsufficientStorage' | 'LoopDetected' | 'NotExtended' | 'NetworkAuthenticationRequired';
  'google.api.expr.v1alpha1.SourceInfo.Extension.Component': 'COMPONENT_UNSPECIFIED' | 'COMPONENT_PARSER' | 'COMPONENT_TYPE_CHECKER' | 'COMPONENT_RUNTIME';
  'google.api.expr.v1alpha1.Type.PrimitiveType': 'PRIMITIVE_TYPE_UNSPECIFIED' | 'BOOL' | 'INT64' | 'UINT64' | 'DOUBLE' | 'STRING' | 'BYTES';
  'google.api.expr.v1alpha1.Type.WellKnownType': 'WELL_KNOWN_TYPE_UNSPECIFIED' | 'ANY' | 'TIMESTAMP' | 'DURATION';
  'google.protobuf.NullValue': 'NULL_VALUE';
  'opentelemetry.proto.logs.v1.SeverityNumber': 'SEVERITY_NUMBER_UNSPECIFIED' | 'SEVERITY_NUMBER_TRACE' | 'SEVERITY_NUMBER_TRACE2' | 'SEVERITY_NUMBER_TRACE3' | 'SEVERITY_NUMBER_TRACE4' | 'SEVERITY_NUMBER_DEBUG' | 'SEVERITY_NUMBER_DEBUG2' | 'SEVERITY_NUMBER_DEBUG3' | 'SEVERITY_NUMBER_DEBUG4' | 'SEVERITY_NUMBER_INFO' | 'SEVERITY_NUMBER_INFO2' | 'SEVERITY_NUMBER_INFO3' | 'SEVERITY_NUMBER_INFO4' | 'SEVERITY_NUMBER_WARN' | 'SEVERITY_NUMBER_WARN2' | 'SEVERITY_NUMBER_WARN3' | 'SEVERITY_NUMBER_WARN4' | 'SEVERITY_NUMBER_ERROR' | 'SEVERITY_NUMBER_ERROR2' | 'SEVERITY_NUMBER_ERROR3' | 'SEVERITY_NUMBER_ERROR4' | 'SEVERITY_NUMBER_FATAL' | 'SEVERITY_NUMBER_FATAL2' | 'SEVERITY_NUMBER_FATAL3' | 'SEVERITY_NUMBER_FATAL4';
  'opentelemetry.proto.metrics.v1.AggregationTemporality': 'AGGREGATION_TEMPORALITY_UNSPECIFIED' | 'AGGREGATION_TEMPORALITY_DELTA' | 'AGGREGATION_TEMPORALITY_CUMULATIVE';
  'opentelemetry.proto.trace.v1.Span.SpanKind': 'SPAN_KIND_UNSPECIFIED' | 'SPAN_KIND_INTERNAL' | 'SPAN_KIND_SERVER' | 'SPAN_KIND_CLIENT' | 'SPAN_KIND_PRODUCER' | 'SPAN_KIND_CONSUMER';
  'opentelemetry.proto.trace.v1.Status.StatusCode': 'STATUS_CODE_UNSET' | 'STATUS_CODE_OK' | 'STATUS_CODE_ERROR';
}
