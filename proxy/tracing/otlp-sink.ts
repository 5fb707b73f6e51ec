/** Spans to a collector by OpenTelemetry's protocol: TraceService/Export over gRPC, or a POST of the same message over HTTP. */
import type { OpenTelemetryTracer } from '@weft/core/proxy-config';
import type { ServiceMessages, Span, SpanResource } from '@weft/core/services';
import type { Call, GrpcCallHandler, HttpAnswer, HttpCallHandler, ServiceCalls } from '../calls/port.ts';
import type { SpanSink } from './span-queue.ts';

const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const TIMEOUT = 10_000;
const MAX_ANSWER = 64 << 10;

export interface OtlpParts {
  readonly calls: ServiceCalls;
  readonly messages: ServiceMessages;
  readonly resource: SpanResource;
}

export function otlpSink(
  exporter: OpenTelemetryTracer['exporter'],
  { calls, messages, resource }: OtlpParts,
): SpanSink {
  const taken = (spans: readonly Span[], answer: Uint8Array): number =>
    Math.max(0, spans.length - messages.rejectedSpans(answer));
  if (exporter.kind === 'grpc') {
    const { service } = exporter;
    const request = {
      service,
      path: PATH,
      metadata: service.initialMetadata,
      timeout: service.timeout ?? TIMEOUT,
    };
    return {
      send(spans, ended): Call {
        const handler: GrpcCallHandler = {
          grpcAnswered: (message) => ended(taken(spans, message)),
          grpcFailed: () => ended(0),
        };
        return calls.unary(request, messages.exportSpans(resource, spans), handler);
      },
    };
  }
  const { service, headers } = exporter;
  const { host, pathname, search } = new URL(service.uri.includes('://') ? service.uri : `http://${service.uri}`);
  return {
    send(spans, ended): Call {
      const handler: HttpCallHandler = {
        httpAnswered: ({ status, body }: HttpAnswer) => ended(status >= 200 && status < 300 ? taken(spans, body) : 0),
        httpFailed: () => ended(0),
      };
      return calls.http(
        {
          cluster: service.cluster,
          method: 'POST',
          authority: host,
          path: pathname + search,
          headers: [['content-type', 'application/x-protobuf'], ...headers],
          body: messages.exportSpans(resource, spans),
          timeout: service.timeout,
          maxBody: MAX_ANSWER,
        },
        handler,
      );
    },
  };
}
