/** envoy.config.trace.v3.OpenTelemetryConfig and ZipkinConfig: who gets the spans of a connection manager. */
import type { OpenTelemetryTracer, TraceSampler, TracingProvider, ZipkinTracer } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { some, unless } from '../base/encoding.ts';
import { decodeFractionalPercent, encodeFractionalPercent } from '../base/matcher.ts';
import {
  decodeDetector,
  decodeGrpcExporter,
  decodeHttpExporter,
  encodeDetector,
  encodeExporter,
  onlyExporter,
} from '../base/otlp.ts';
import { TYPED_STRUCT } from '../base/typed-struct.ts';
import { decodeMeshSampler, encodeMeshSampler } from './mesh-sampler.ts';

type Extension = Messages['envoy.config.core.v3.TypedExtensionConfig'];
type Http = Messages['envoy.config.trace.v3.Tracing.Http'];
type OpenTelemetry = Messages['envoy.config.trace.v3.OpenTelemetryConfig'];
type Zipkin = Messages['envoy.config.trace.v3.ZipkinConfig'];

const OPEN_TELEMETRY = 'envoy.config.trace.v3.OpenTelemetryConfig';
const ZIPKIN = 'envoy.config.trace.v3.ZipkinConfig';
const SAMPLERS = 'envoy.extensions.tracers.opentelemetry.samplers.v3';
const MAX_CACHE_SIZE = 1024;

export function decodeProvider(cursor: Cursor<Http>): TracingProvider | undefined {
  cursor.take('name');
  return readingAny<TracingProvider | undefined>(
    cursor.take('typed_config'),
    cursor.at('typed_config'),
    cursor.report,
    {
      [OPEN_TELEMETRY]: decodeOpenTelemetry,
      [ZIPKIN]: decodeZipkin,
    },
  );
}

function decodeOpenTelemetry(cursor: Cursor<OpenTelemetry>): OpenTelemetryTracer {
  const exporter = onlyExporter(
    [cursor.within('grpc_service', decodeGrpcExporter), cursor.within('http_service', decodeHttpExporter)],
    cursor,
    'spans',
  );
  cursor.only('set_telemetry_sdk_resource_attributes', true);
  cursor.only('set_service_name_resource_attribute', true);
  cursor.only('set_instrumentation_scope', true);
  return {
    kind: 'opentelemetry',
    exporter,
    serviceName: cursor.take('service_name') ?? '',
    detectors: cursor.each('resource_detectors', decodeDetector).flatMap((detector) => detector ?? []),
    sampler: cursor.within('sampler', decodeSampler),
    maxCacheSize: cursor.take('max_cache_size') ?? MAX_CACHE_SIZE,
  };
}

function decodeSampler(cursor: Cursor<Extension>): TraceSampler {
  cursor.take('name');
  const sampler = readingAny<TraceSampler>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [`${SAMPLERS}.AlwaysOnSamplerConfig`]: (): TraceSampler => ({ kind: 'always-on' }),
    [`${SAMPLERS}.TraceIdRatioBasedSamplerConfig`]: (ratio): TraceSampler => ({
      kind: 'trace-id-ratio',
      fraction: ratio.within('sampling_percentage', decodeFractionalPercent) ?? { numerator: 0, denominator: 100 },
    }),
    [`${SAMPLERS}.ParentBasedSamplerConfig`]: (parent): TraceSampler => ({
      kind: 'parent-based',
      root: parent.within('wrapped_sampler', decodeSampler) ?? missingRoot(parent),
    }),
    [TYPED_STRUCT]: decodeMeshSampler,
  });
  return sampler ?? { kind: 'always-on' };
}

function missingRoot(
  cursor: Cursor<Messages['envoy.extensions.tracers.opentelemetry.samplers.v3.ParentBasedSamplerConfig']>,
): TraceSampler {
  cursor.fault('wrapped_sampler', 'missing-field', 'what decides where there is no parent');
  return { kind: 'always-on' };
}

function decodeZipkin(cursor: Cursor<Zipkin>): ZipkinTracer {
  cursor.only('collector_endpoint_version', 'HTTP_JSON');
  if (!cursor.has('collector_endpoint_version'))
    cursor.fault('collector_endpoint_version', 'missing-field', 'spans go as JSON v2 here', 'set HTTP_JSON');
  const cluster = cursor.take('collector_cluster') ?? '';
  const endpoint = cursor.take('collector_endpoint') ?? '';
  if (cluster === '') cursor.fault('collector_cluster', 'missing-field', 'who gets the spans');
  if (endpoint === '') cursor.fault('collector_endpoint', 'missing-field', 'the path that spans are posted to');
  return {
    kind: 'zipkin',
    cluster,
    endpoint,
    hostname: cursor.take('collector_hostname') ?? '',
    traceId128bit: cursor.take('trace_id_128bit') ?? false,
    sharedSpanContext: cursor.take('shared_span_context') ?? true,
    w3c: cursor.take('trace_context_option') === 'USE_B3_WITH_W3C_PROPAGATION',
  };
}

export function encodeProvider(provider: TracingProvider): Http {
  return provider.kind === 'zipkin'
    ? {
        name: 'envoy.tracers.zipkin',
        typed_config: pack(ZIPKIN, {
          collector_cluster: provider.cluster,
          collector_endpoint: provider.endpoint,
          collector_endpoint_version: 'HTTP_JSON',
          collector_hostname: provider.hostname || undefined,
          trace_id_128bit: provider.traceId128bit ? true : undefined,
          shared_span_context: unless(provider.sharedSpanContext, true),
          trace_context_option: provider.w3c ? 'USE_B3_WITH_W3C_PROPAGATION' : undefined,
        }),
      }
    : { name: 'envoy.tracers.opentelemetry', typed_config: pack(OPEN_TELEMETRY, openTelemetry(provider)) };
}

const openTelemetry = ({ exporter, ...tracer }: OpenTelemetryTracer): OpenTelemetry => ({
  ...encodeExporter(exporter),
  service_name: tracer.serviceName || undefined,
  resource_detectors: some(tracer.detectors.map(encodeDetector)),
  sampler: tracer.sampler === undefined ? undefined : encodeSampler(tracer.sampler),
  max_cache_size: unless(tracer.maxCacheSize, MAX_CACHE_SIZE),
});

function encodeSampler(sampler: TraceSampler): Extension {
  switch (sampler.kind) {
    case 'mesh':
      return encodeMeshSampler(sampler);
    case 'always-on':
      return {
        name: 'envoy.tracers.opentelemetry.samplers.always_on',
        typed_config: pack(`${SAMPLERS}.AlwaysOnSamplerConfig`, {}),
      };
    case 'trace-id-ratio':
      return {
        name: 'envoy.tracers.opentelemetry.samplers.trace_id_ratio_based',
        typed_config: pack(`${SAMPLERS}.TraceIdRatioBasedSamplerConfig`, {
          sampling_percentage: encodeFractionalPercent(sampler.fraction),
        }),
      };
    case 'parent-based':
      return {
        name: 'envoy.tracers.opentelemetry.samplers.parent_based',
        typed_config: pack(`${SAMPLERS}.ParentBasedSamplerConfig`, { wrapped_sampler: encodeSampler(sampler.root) }),
      };
  }
}
