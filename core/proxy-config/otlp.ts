/** OpenTelemetry's protocol towards a collector: how it is called, and whose telemetry it is. */
import type { GrpcService, HttpService } from './service.ts';

/** OTLP over gRPC (the services' Export calls), or a POST of the same messages. */
export type OtlpExporter =
  | { readonly kind: 'grpc'; readonly service: GrpcService }
  | {
      readonly kind: 'http';
      readonly service: HttpService;
      readonly headers: readonly (readonly [name: string, value: string])[];
    };

/** envoy.tracers.opentelemetry.resource_detectors: what tells attributes of the resource. */
export type ResourceDetector =
  /** OTEL_RESOURCE_ATTRIBUTES of the process. */
  | { readonly kind: 'environment' }
  | { readonly kind: 'static'; readonly attributes: readonly (readonly [string, string])[] };
