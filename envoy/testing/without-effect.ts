/** The only fields that may be read without changing a row. */
/** Fields that are read and change nothing, by message: what they say holds anyway here. */
export const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'envoy.config.accesslog.v3.AccessLog.name': 'the type of the typed_config decides',
  'envoy.config.accesslog.v3.ExtensionFilter.name': 'the type of the typed_config decides',
  'envoy.config.listener.v3.Filter.name': 'the type of the typed_config decides',
  'envoy.config.listener.v3.ListenerFilter.name': 'the type of the typed_config decides',
  'envoy.config.core.v3.TransportSocket.name': 'the type of the typed_config decides',
  'envoy.config.route.v3.RetryPolicy.RetryPriority.name': 'the type of the typed_config decides',
  'envoy.config.route.v3.RetryPolicy.RetryHostPredicate.name': 'the type of the typed_config decides',
  'envoy.config.cluster.v3.Cluster.TransportSocketMatch.name': 'a label',
  'envoy.extensions.load_balancing_policies.peak_ewma.v3alpha.PeakEwma.aggregation_interval':
    'latencies count at once, in the engine that measured them',
  'envoy.extensions.load_balancing_policies.peak_ewma.v3alpha.PeakEwma.max_samples_per_host': 'samples are not kept',
  'envoy.config.bootstrap.v3.Bootstrap.bootstrap_extensions': 'internal listeners need no extension here',
  'envoy.extensions.bootstrap.internal_listener.v3.InternalListener.buffer_size_kb': "the system's buffers of a socket",
  'envoy.config.core.v3.HealthCheck.name': 'a label',
  'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext.max_session_keys': 'no session is resumed',
  'envoy.config.core.v3.HealthCheck.reuse_connection': 'each check has a connection of its own',
  'envoy.config.cluster.v3.Cluster.CustomClusterType.name': 'the type of the typed_config decides',
  'envoy.config.core.v3.TypedExtensionConfig.name': 'the type of the typed_config decides',
  'envoy.config.cluster.v3.LoadBalancingPolicy.policies': 'only the first counts, as in Envoy',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter.name': 'the router has no row',
  'envoy.config.core.v3.ApiConfigSource.set_node_on_first_message_only': 'how the agent is asked, not what for',
  'envoy.config.core.v3.RuntimeDouble.runtime_key': 'the default counts: this key is not asked',
  'envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension.typed_config': 'UUIDs anyway',
  'envoy.config.trace.v3.Tracing.Http.name': 'the type of the typed_config decides',
  'envoy.extensions.filters.http.jwt_authn.v3.JwksAsyncFetch.fast_listener':
    'requests that come before the keys wait for them, a listener does not',
  'envoy.extensions.filters.http.compressor.v3.CompressorPerRoute.disabled': 'the message has nothing else to say here',
  'envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.request_trailer_mode':
    'trailers are not processed: SEND is refused',
  'envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.response_trailer_mode':
    'trailers are not processed: SEND is refused',
  'envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute.disabled':
    'it or a session: one of them is set',
  'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz.validate_mutations':
    'what cannot stand in a message is refused anyway',
  'envoy.config.route.v3.RateLimit.disable_key': 'the default counts: this key is not asked',
  'envoy.config.core.v3.RuntimeFeatureFlag.runtime_key': 'the default counts: this key is not asked',
  'envoy.config.core.v3.RuntimeUInt32.runtime_key': 'the default counts: this key is not asked',
  'envoy.config.accesslog.v3.RuntimeFilter.use_independent_randomness': 'randomness is independent',
  'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector.initial_read_buffer_size':
    'how much Envoy reads first',
  'envoy.config.core.v3.UdpSocketConfig.prefer_gro': 'an offload of the kernel',
  'xds.core.v3.TypedExtensionConfig.name': 'the type of the typed_config decides',
  'envoy.type.matcher.v3.RegexMatcher.google_re2': 'the only engine',
  'envoy.config.core.v3.ConfigSource.path': 'the old spelling of path_config_source, which is there beside it',
  'envoy.config.core.v3.ConfigSource.resource_api_version': 'V3 is the only version',
  'envoy.config.core.v3.ConfigSource.initial_fetch_timeout':
    'for secrets, scopes and runtime refused unless it is the default',
  'envoy.config.bootstrap.v3.LayeredRuntime.layers': 'a layer without keys says nothing',
  'envoy.config.bootstrap.v3.RuntimeLayer.name': 'a label',
};
