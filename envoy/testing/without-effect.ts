/** The only fields that may be read without changing a row. */
/** Fields that are read and change nothing, by message: what they say holds anyway here. */
export const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'envoy.config.accesslog.v3.AccessLog.name': 'the type of the typed_config decides',
  'envoy.config.listener.v3.Filter.name': 'the type of the typed_config decides',
  'envoy.config.listener.v3.ListenerFilter.name': 'the type of the typed_config decides',
  'envoy.config.core.v3.TransportSocket.name': 'the type of the typed_config decides',
  'envoy.config.route.v3.RetryPolicy.RetryHostPredicate.name': 'the type of the typed_config decides',
  'envoy.config.cluster.v3.Cluster.TransportSocketMatch.name': 'a label',
  'envoy.config.core.v3.HealthCheck.name': 'a label',
  'envoy.config.core.v3.TypedExtensionConfig.name': 'the type of the typed_config decides',
  'envoy.config.cluster.v3.LoadBalancingPolicy.policies': 'only the first counts, as in Envoy',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter.name': 'the router has no row',
  'envoy.config.core.v3.ApiConfigSource.set_node_on_first_message_only': 'how the agent is asked, not what for',
  'envoy.config.core.v3.RuntimeDouble.runtime_key': 'there is no runtime',
  'envoy.config.core.v3.RuntimeUInt32.runtime_key': 'there is no runtime',
  'envoy.config.core.v3.RuntimeFractionalPercent.runtime_key': 'there is no runtime',
  'envoy.config.accesslog.v3.RuntimeFilter.runtime_key': 'there is no runtime',
  'envoy.config.accesslog.v3.RuntimeFilter.use_independent_randomness': 'randomness is independent',
  'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector.initial_read_buffer_size':
    'how much Envoy reads first',
  'envoy.config.core.v3.UdpSocketConfig.prefer_gro': 'an offload of the kernel',
  'xds.core.v3.TypedExtensionConfig.name': 'the type of the typed_config decides',
  'envoy.type.matcher.v3.RegexMatcher.google_re2': 'the only engine',
  'envoy.config.core.v3.ConfigSource.resource_api_version': 'V3 is the only version',
  'envoy.config.core.v3.ConfigSource.initial_fetch_timeout': 'refused unless it is the default',
  'envoy.config.bootstrap.v3.LayeredRuntime.layers': 'a layer without keys says nothing',
  'envoy.config.bootstrap.v3.RuntimeLayer.name': 'a label',
};
