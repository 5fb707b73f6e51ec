/** opentelemetry.proto.collector.trace.v1: ExportTraceServiceRequest and its answer. */
import type { Span, SpanResource } from '@weft/core/services';
import { readMessage, writeMessage } from '../codec/index.ts';
import type { Messages } from '../tables/index.ts';
import { lengthPrefix } from './length-prefix.ts';
import { pairOf } from './otlp-values.ts';
import { encodeSpan, IS_REMOTE } from './span-writer.ts';

type WireSpan = Messages['opentelemetry.proto.trace.v1.Span'];

/** ResourceSpans, ScopeSpans and Span, by their numbers. */
const [RESOURCE_SPANS, SCOPE_SPANS, SPANS] = [1, 2, 2];

export function encodeSpans(resource: SpanResource, spans: readonly Span[]): Uint8Array {
  const own = writeMessage('opentelemetry.proto.trace.v1.ResourceSpans', {
    resource: { attributes: resource.attributes.map(pairOf) },
  });
  const scope = writeMessage('opentelemetry.proto.trace.v1.ScopeSpans', { scope: { name: 'weft' } });
  const encoded = spans.map(encodeSpan);
  const prefixes = encoded.map(({ length }) => lengthPrefix(SPANS, length));
  const size = encoded.reduce((sum, { length }, index) => sum + length + (prefixes[index]?.length ?? 0), scope.length);
  const scoped = lengthPrefix(SCOPE_SPANS, size);
  const whole = own.length + scoped.length + size;
  const head = lengthPrefix(RESOURCE_SPANS, whole);
  const message = new Uint8Array(head.length + whole);
  let at = 0;
  const put = (octets: ArrayLike<number>): void => {
    message.set(octets, at);
    at += octets.length;
  };
  for (const part of [head, own, scoped, scope]) put(part);
  for (const [index, span] of encoded.entries()) {
    put(prefixes[index] ?? []);
    put(span);
  }
  return message;
}

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
