/** Telemetry to a collector by OpenTelemetry's protocol: one Export call over gRPC, or one POST of the same message over HTTP, by the engine's own calls. */
import type { OtlpExporter } from '@weft/core/proxy-config';
import type { Call, GrpcCallHandler, HttpAnswer, HttpCallHandler, ServiceCalls } from '../calls/port.ts';

const METHODS = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
} as const;

export type OtlpSignal = keyof typeof METHODS;

/** ms for a message where the configuration does not say it. */
const TIMEOUT = 10_000;
const MAX_ANSWER = 64 << 10;

/** Sends one message; `ended` is called once, later, with the answer's octets, or undefined when the message was not taken. */
export type OtlpClient = (message: Uint8Array, ended: (answer: Uint8Array | undefined) => void) => Call;

export function otlpClient(exporter: OtlpExporter, signal: OtlpSignal, calls: ServiceCalls): OtlpClient {
  if (exporter.kind === 'grpc') {
    const { service } = exporter;
    const request = {
      service,
      path: METHODS[signal],
      metadata: service.initialMetadata,
      timeout: service.timeout ?? TIMEOUT,
    };
    return (message, ended) => {
      const handler: GrpcCallHandler = { grpcAnswered: ended, grpcFailed: () => ended(undefined) };
      return calls.unary(request, message, handler);
    };
  }
  const { service, headers } = exporter;
  const { host, pathname, search } = new URL(service.uri.includes('://') ? service.uri : `http://${service.uri}`);
  return (message, ended) => {
    const handler: HttpCallHandler = {
      httpAnswered: ({ status, body }: HttpAnswer) => ended(status >= 200 && status < 300 ? body : undefined),
      httpFailed: () => ended(undefined),
    };
    return calls.http(
      {
        cluster: service.cluster,
        method: 'POST',
        authority: host,
        path: pathname + search,
        headers: [['content-type', 'application/x-protobuf'], ...headers],
        body: message,
        timeout: service.timeout,
        maxBody: MAX_ANSWER,
      },
      handler,
    );
  };
}
