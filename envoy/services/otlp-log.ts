/** opentelemetry.proto.collector.logs.v1: ExportLogsServiceRequest and its answer. */
import type { LogFields } from '@weft/core/proxy-config';
import type { OtlpLogRecord } from '@weft/core/services';
import { readMessage, writeMessage } from '../codec/index.ts';
import { lengthPrefix } from './length-prefix.ts';
import { anyValue, nanoseconds, octets, pairOf } from './otlp-values.ts';

const RECORD = 'opentelemetry.proto.logs.v1.LogRecord';

export const encodeLogRecord = ({ time, body, attributes, traceId, spanId }: OtlpLogRecord): Uint8Array =>
  writeMessage(RECORD, {
    time_unix_nano: nanoseconds(time),
    body: body === undefined ? undefined : anyValue(body),
    attributes: attributes.map(pairOf),
    trace_id: traceId === '' ? undefined : octets(traceId),
    span_id: spanId === '' ? undefined : octets(spanId),
  });

/** Numbers of the fields ExportLogsServiceRequest.resource_logs, ResourceLogs.resource and .scope_logs, ScopeLogs.log_records. */
const RESOURCE_LOGS = 1;
const RESOURCE = 1;
const SCOPE_LOGS = 2;
const LOG_RECORDS = 2;

/** Records are octets already; around them stand only lengths. */
export function encodeLogs(resource: LogFields, records: readonly Uint8Array[]): Uint8Array {
  const whose = writeMessage('opentelemetry.proto.resource.v1.Resource', { attributes: resource.map(pairOf) });
  const prefixes = records.map((record) => lengthPrefix(LOG_RECORDS, record.length));
  const held = records.reduce((sum, record, index) => sum + record.length + (prefixes[index]?.length ?? 0), 0);
  const resourceHead = lengthPrefix(RESOURCE, whose.length);
  const scopeHead = lengthPrefix(SCOPE_LOGS, held);
  const size = resourceHead.length + whose.length + scopeHead.length + held;
  const head = lengthPrefix(RESOURCE_LOGS, size);
  const message = new Uint8Array(head.length + size);
  let at = 0;
  const put = (part: ArrayLike<number>): void => {
    message.set(part, at);
    at += part.length;
  };
  for (const part of [head, resourceHead, whose, scopeHead]) put(part);
  for (const [index, record] of records.entries()) {
    put(prefixes[index] ?? []);
    put(record);
  }
  return message;
}

export function readRejectedLogs(answer: Uint8Array): number {
  const read = readMessage('opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse', answer, {
    unknown: 'skip',
  });
  return read.ok ? Number(read.value.partial_success?.rejected_log_records ?? 0) : 0;
}
