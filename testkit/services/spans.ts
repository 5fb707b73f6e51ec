/**
 * Collectors of spans: opentelemetry.proto.collector.trace.v1.TraceService/Export over gRPC, the same message over HTTP, and Zipkin's API v2.
 * `FILE|FIELDS` says which fields of each span are written as a line to that file: the service's name says it, or the parameter `to`.
 */
import { appendFileSync } from 'node:fs';
import { readMessage } from '@weft/envoy/codec';
import type { Messages } from '@weft/envoy/tables';
import type { ServiceAnswer } from './index.ts';

type KeyValue = Messages['opentelemetry.proto.common.v1.KeyValue'];
type Fields = Readonly<Record<string, unknown>>;

export function takeExport(message: Uint8Array): ServiceAnswer {
  takeOtlp(message);
  return { message: new Uint8Array(0) };
}

export function takeOtlp(message: Uint8Array): void {
  const read = readMessage('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest', message);
  if (!read.ok) return;
  for (const { resource, scope_spans: scopes } of read.value.resource_spans ?? []) {
    const attributes = texts(resource?.attributes);
    for (const span of (scopes ?? []).flatMap(({ spans }) => spans ?? []))
      write(String(attributes['service.name']), {
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
      });
  }
}

interface ZipkinSpan {
  readonly [field: string]: unknown;
  readonly timestamp: number;
  readonly duration: number;
}

export function takeZipkin(body: Uint8Array, to: string): void {
  const spans = JSON.parse(Buffer.from(body).toString()) as readonly ZipkinSpan[];
  for (const span of spans)
    write(to, {
      ...span,
      trace: span['traceId'],
      parent: span['parentId'],
      took: span.duration > 0,
      recent: Math.abs(span.timestamp / 1000 - Date.now()) < 60_000,
    });
}

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
