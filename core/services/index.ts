/**
 * What the engine's filters ask services and are told, and its access logs tell, in our words: the engine knows these records, envoy/services their messages, and
 * apps bring the two together. Plain data; nothing here decides.
 */
import type { LogEntry, LogIdentifier } from './access-log.ts';
import type { CheckQuestion, CheckVerdict } from './authorization.ts';
import type { LogFields } from '../proxy-config/index.ts';
import type { OtlpLogRecord } from './otlp-log.ts';
import type { ProcessingQuestion, ProcessingVerdict } from './processing.ts';
import type { Span, SpanResource } from './tracing.ts';
import type { RateLimitQuestion, RateLimitVerdict } from './rate-limit.ts';

export * from './access-log.ts';
export * from './authorization.ts';
export * from './processing.ts';
export * from './limit.ts';
export * from './otlp-log.ts';
export * from './otlp-metrics.ts';
export * from './rate-limit.ts';
export * from './tracing.ts';

/** The messages of services as octets. A message that cannot be read is undefined: the service answered with something else. */
export interface ServiceMessages {
  /** envoy.service.auth.v3.CheckRequest */
  checkRequest(question: CheckQuestion): Uint8Array;
  /** envoy.service.auth.v3.CheckResponse */
  checkVerdict(bytes: Uint8Array): CheckVerdict | undefined;
  /** envoy.service.ext_proc.v3.ProcessingRequest */
  processingRequest(question: ProcessingQuestion): Uint8Array;
  /** envoy.service.ext_proc.v3.ProcessingResponse */
  processingVerdict(bytes: Uint8Array): ProcessingVerdict | undefined;
  /** envoy.service.ratelimit.v3.RateLimitRequest */
  rateLimitRequest(question: RateLimitQuestion): Uint8Array;
  /** envoy.service.ratelimit.v3.RateLimitResponse */
  rateLimitVerdict(bytes: Uint8Array): RateLimitVerdict | undefined;
  /** envoy.data.accesslog.v3.HTTPAccessLogEntry or TCPAccessLogEntry */
  accessLogEntry(kind: 'http' | 'tcp', entry: LogEntry): Uint8Array;
  /** envoy.service.accesslog.v3.StreamAccessLogsMessage of entries of that kind; `identifier`: it is the first of its stream. */
  accessLogMessage(
    kind: 'http' | 'tcp',
    entries: readonly Uint8Array[],
    identifier: LogIdentifier | undefined,
  ): Uint8Array;
  /** opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest */
  exportSpans(resource: SpanResource, spans: readonly Span[]): Uint8Array;
  /** opentelemetry.proto.logs.v1.LogRecord */
  logRecord(record: OtlpLogRecord): Uint8Array;
  /** opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest of such records. */
  exportLogs(resource: LogFields, records: readonly Uint8Array[]): Uint8Array;
  /** How many of them an ExportLogsServiceResponse says were not taken; 0 of octets that are none. */
  rejectedLogs(answer: Uint8Array): number;
  /** How many of them an ExportTraceServiceResponse says were not taken; 0 of octets that are none. */
  rejectedSpans(answer: Uint8Array): number;
}
