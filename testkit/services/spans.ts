/**
 * Collectors of spans: opentelemetry.proto.collector.trace.v1.TraceService/Export over gRPC, the same message over HTTP, and Zipkin's API v2.
 * `FILE|FIELDS` says which fields of each span are written as a line to that file: the service's name says it, or the parameter `to`.
 */
import { appendFileSync } from 'node:fs';
import { readMessage } from '@weft/envoy/codec';
import type { Messages } from '@weft/envoy/tables';
import type { ServiceAnswer } from './answer.ts';

type KeyValue = Messages['opentelemetry.proto.common.v1.KeyValue'];
type Fields = Readonly<Record<string, unknown>>;

export function takeExport(message: Uint8Array): ServiceAnswer {
  takeOtlp(message);
  return { message: new Uint8Array(0) };
}

export function takeOtlp(message: Uint8Array): void {
  for (const span of otlpSpans(message)) write(String(span.resource['service.name']), span);
}

/** A span in one form, whatever carried it. */
export interface CollectedSpan {
  readonly [field: string]: unknown;
  readonly name: string | undefined;
  readonly kind: string | undefined;
  readonly trace: string | undefined;
  readonly id: string | undefined;
  readonly parent: string | undefined;
  readonly resource: Fields;
  readonly tags: Fields;
}

export function otlpSpans(message: Uint8Array): CollectedSpan[] {
  const read = readMessage('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest', message);
  if (!read.ok) return [];
  return (read.value.resource_spans ?? []).flatMap(({ resource, scope_spans: scopes }) => {
    const attributes = texts(resource?.attributes);
    return (scopes ?? [])
      .flatMap(({ spans }) => spans ?? [])
      .map((span) => ({
        name: span.name,
        kind: span.kind,
        trace: hex(span.trace_id),
        id: hex(span.span_id),
        parent: hex(span.parent_span_id),
        state: span.trace_state,
        flags: span.flags,
        error: span.status?.code === 'STATUS_CODE_ERROR',
        took: Number(span.end_time_unix_nano) >= Number(span.start_time_unix_nano),
        recent: Math.abs(Number(span.start_time_unix_nano) / 1e6 - Date.now()) < 60_000,
        resource: attributes,
        tags: texts(span.attributes),
      }));
  });
}

interface ZipkinSpan {
  readonly [field: string]: unknown;
  readonly timestamp: number;
  readonly duration: number;
  readonly tags: Fields;
  readonly localEndpoint: { readonly serviceName: string };
}

export function takeZipkin(body: Uint8Array, to: string): void {
  for (const span of zipkinSpans(body)) write(to, span);
}

export const zipkinSpans = (body: Uint8Array): CollectedSpan[] =>
  (JSON.parse(Buffer.from(body).toString()) as readonly ZipkinSpan[]).map((span) => ({
    ...span,
    name: String(span['name']),
    kind: String(span['kind']),
    id: String(span['id']),
    trace: String(span['traceId']),
    parent: span['parentId'] as string | undefined,
    resource: { 'service.name': span.localEndpoint.serviceName },
    took: span.duration > 0,
    recent: Math.abs(span.timestamp / 1000 - Date.now()) < 60_000,
  }));

/** Fields are parted by commas, the steps into one by `/`; `tags*` are all names of tags in order. */
function write(to: string, span: Fields): void {
  const [file = '', fields = ''] = to.split('|');
  const line = fields.split(',').map((field) => {
    if (field === 'tags*') return Object.keys(span['tags'] as Fields).toSorted();
    return field.split('/').reduce<unknown>((value, step) => (value as Fields | undefined)?.[step], span);
  });
  appendFileSync(file, `${JSON.stringify(line.map((value) => value ?? null))}\n`);
}

const texts = (list: readonly KeyValue[] | undefined): Fields =>
  Object.fromEntries((list ?? []).map(({ key, value }) => [key, value?.string_value ?? '']));

const hex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined || bytes.length === 0 ? undefined : Buffer.from(bytes).toString('hex');
