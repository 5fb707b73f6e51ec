/** opentelemetry.proto.collector.trace.v1: ExportTraceServiceRequest and its answer. */
import type { Span, SpanResource } from '@weft/core/services';
import { readMessage, writeMessage } from '../codec/index.ts';
import type { Messages } from '../tables/index.ts';

type WireSpan = Messages['opentelemetry.proto.trace.v1.Span'];
type KeyValue = Messages['opentelemetry.proto.common.v1.KeyValue'];

/** W3C's sampled flag; whether the parent is remote is known; it is (SpanFlags). */
const SAMPLED = 0x01;
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

export const encodeSpans = (resource: SpanResource, spans: readonly Span[]): Uint8Array =>
  writeMessage('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest', {
    resource_spans: [
      {
        resource: { attributes: resource.attributes.map(attribute) },
        scope_spans: [{ scope: { name: 'weft' }, spans: spans.map(wireOf) }],
      },
    ],
  });

const attribute = ([key, value]: readonly [string, string]): KeyValue => ({ key, value: { string_value: value } });

const wireOf = (span: Span): WireSpan => ({
  trace_id: octets(span.traceId),
  span_id: octets(span.spanId),
  trace_state: span.traceState || undefined,
  parent_span_id: span.parentId === '' ? undefined : octets(span.parentId),
  flags: (span.unsampled === true ? 0 : SAMPLED) | HAS_IS_REMOTE | (span.remoteParent ? IS_REMOTE : 0),
  name: span.name,
  kind: span.kind === 'server' ? 'SPAN_KIND_SERVER' : 'SPAN_KIND_CLIENT',
  start_time_unix_nano: nanoseconds(span.start),
  end_time_unix_nano: nanoseconds(span.start + Math.max(0, span.duration)),
  attributes: span.attributes.map(attribute),
  status: span.error ? { code: 'STATUS_CODE_ERROR' } : undefined,
});

/** Whole microseconds: a double holds no more of a date. */
const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n;

function octets(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function readRejectedSpans(answer: Uint8Array): number {
  const read = readMessage('opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse', answer);
  return read.ok ? Number(read.value.partial_success?.rejected_spans ?? 0) : 0;
}
