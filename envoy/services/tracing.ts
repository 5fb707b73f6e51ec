/** opentelemetry.proto.collector.trace.v1: ExportTraceServiceRequest and its answer. */
import type { Span, SpanResource } from '@weft/core/services';
import { readMessage, writeMessage } from '../codec/index.ts';
import type { Messages } from '../tables/index.ts';
import { nanoseconds, octets, pairOf } from './otlp-values.ts';

type WireSpan = Messages['opentelemetry.proto.trace.v1.Span'];

/** W3C's sampled flag; whether the parent is remote is known; it is (SpanFlags). */
const SAMPLED = 0x01;
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

export const encodeSpans = (resource: SpanResource, spans: readonly Span[]): Uint8Array =>
  writeMessage('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest', {
    resource_spans: [
      {
        resource: { attributes: resource.attributes.map(pairOf) },
        scope_spans: [{ scope: { name: 'weft' }, spans: spans.map(wireOf) }],
      },
    ],
  });

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
  attributes: span.attributes.map(pairOf),
  status: span.error ? { code: 'STATUS_CODE_ERROR' } : undefined,
});

export function readRejectedSpans(answer: Uint8Array): number {
  const read = readMessage('opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse', answer, {
    unknown: 'skip',
  });
  return read.ok ? Number(read.value.partial_success?.rejected_spans ?? 0) : 0;
}

/** The spans of a message, of kinds that proxies make; undefined: it cannot be read. */
export function readSpans(message: Uint8Array): readonly Span[] | undefined {
  const read = readMessage('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest', message, {
    unknown: 'skip',
  });
  if (!read.ok) return undefined;
  return (read.value.resource_spans ?? []).flatMap(({ scope_spans: scopes }) =>
    (scopes ?? []).flatMap(({ spans }) => (spans ?? []).flatMap(spanOf)),
  );
}

const TRACE_OCTETS = 16;
const SPAN_OCTETS = 8;
const hexOf = (bytes: Uint8Array | undefined): string =>
  [...(bytes ?? [])].map((octet) => octet.toString(16).padStart(2, '0')).join('');

function spanOf(span: WireSpan): Span[] {
  const { trace_id: trace, span_id: id, parent_span_id: parent } = span;
  if (trace?.length !== TRACE_OCTETS || id?.length !== SPAN_OCTETS) return [];
  const start = Number(span.start_time_unix_nano ?? 0) / 1e6;
  return [
    {
      traceId: hexOf(trace),
      spanId: hexOf(id),
      parentId: parent?.length === SPAN_OCTETS ? hexOf(parent) : '',
      remoteParent: ((span.flags ?? 0) & IS_REMOTE) !== 0,
      traceState: span.trace_state ?? '',
      name: span.name ?? '',
      kind: span.kind === 'SPAN_KIND_CLIENT' ? 'client' : 'server',
      start,
      duration: Math.max(0, Number(span.end_time_unix_nano ?? 0) / 1e6 - start),
      attributes: (span.attributes ?? []).map(({ key, value }) => [key ?? '', value?.string_value ?? ''] as const),
      error: span.status?.code === 'STATUS_CODE_ERROR',
    },
  ];
}
