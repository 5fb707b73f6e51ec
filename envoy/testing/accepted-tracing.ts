/** Tracing that every decoder accepts, by each exporter and tracer. */
import { pack, type Messages } from '../tables/index.ts';

type Wire = Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing'];

const metadata_key = { key: 'n', path: [{ key: 'a' }] };
const SAMPLERS = 'envoy.extensions.tracers.opentelemetry.samplers.v3';
const DETECTORS = 'envoy.extensions.tracers.opentelemetry.resource_detectors.v3';

const ratio = {
  name: 'r',
  typed_config: pack(`${SAMPLERS}.TraceIdRatioBasedSamplerConfig`, { sampling_percentage: { numerator: 5 } }),
};

const PROVIDERS: readonly NonNullable<Wire['provider']>[] = [
  {
    name: 'p',
    typed_config: pack('envoy.config.trace.v3.OpenTelemetryConfig', {
      grpc_service: { envoy_grpc: { cluster_name: 'c' } },
      service_name: 's',
      resource_detectors: [
        { name: 'e', typed_config: pack(`${DETECTORS}.EnvironmentResourceDetectorConfig`, {}) },
        {
          name: 's',
          typed_config: pack(`${DETECTORS}.StaticConfigResourceDetectorConfig`, { attributes: new Map([['a', 'b']]) }),
        },
      ],
      sampler: {
        name: 'p',
        typed_config: pack(`${SAMPLERS}.ParentBasedSamplerConfig`, { wrapped_sampler: ratio }),
      },
    }),
  },
  {
    name: 'p',
    typed_config: pack('envoy.config.trace.v3.OpenTelemetryConfig', {
      http_service: {
        http_uri: { uri: 'http://h/v1/traces', cluster: 'c', timeout: { seconds: 1 } },
        request_headers_to_add: [{ header: { key: 'a', value: 'b' } }],
      },
      sampler: { name: 'a', typed_config: pack(`${SAMPLERS}.AlwaysOnSamplerConfig`, {}) },
    }),
  },
  {
    name: 'p',
    typed_config: pack('envoy.config.trace.v3.ZipkinConfig', {
      collector_cluster: 'c',
      collector_endpoint: '/api/v2/spans',
      collector_endpoint_version: 'HTTP_JSON',
    }),
  },
];

export const tracing = (provider: number): Wire => ({
  random_sampling: { value: 5 },
  custom_tags: [
    { tag: 'a', literal: { value: 'v' } },
    { tag: 'b', environment: { name: 'V', default_value: 'd' } },
    { tag: 'c', request_header: { name: 'h', default_value: 'd' } },
    { tag: 'd', metadata: { kind: { request: {} }, metadata_key, default_value: 'd' } },
    { tag: 'e', metadata: { kind: { route: {} }, metadata_key } },
    { tag: 'f', metadata: { kind: { cluster: {} }, metadata_key } },
    { tag: 'g', metadata: { kind: { host: {} }, metadata_key } },
    { tag: 'h', value: '%REQ(a)%' },
  ],
  provider: PROVIDERS[provider],
});
