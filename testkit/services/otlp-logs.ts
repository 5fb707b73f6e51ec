/**
 * Collectors of log records: opentelemetry.proto.collector.logs.v1.LogsService/Export over gRPC, and the same message over HTTP. The attribute
 * `log_name` of the resource, or the parameter `to`, says what becomes of records: `FILE|FIELDS` writes each as a line to that file, with the
 * fields that are named: `body`, `trace`, `span`, `recent`, `names` (of the resource's attributes), `resource/NAME`, `attributes/NAME`.
 */
import { appendFileSync } from 'node:fs';
import { readMessage } from '@weft/envoy/codec';
import type { Messages } from '@weft/envoy/tables';
import type { ServiceAnswer } from './answer.ts';

type KeyValue = Messages['opentelemetry.proto.common.v1.KeyValue'];
type AnyValue = Messages['opentelemetry.proto.common.v1.AnyValue'];
type Fields = Readonly<Record<string, unknown>>;

/** A record in one form, whatever carried it. */
export interface CollectedLog {
  readonly [field: string]: unknown;
  readonly body: unknown;
  readonly trace: string | undefined;
  readonly span: string | undefined;
  readonly resource: Fields;
  readonly attributes: Fields;
}

export function takeExportedLogs(message: Uint8Array): ServiceAnswer {
  takeLogs(message, '');
  return { message: new Uint8Array(0) };
}

export function takeLogs(message: Uint8Array, to: string): void {
  for (const log of otlpLogs(message)) {
    const [file = '', fields = ''] = (to === '' ? String(log.resource['log_name']) : to).split('|');
    const line = fields
      .split(',')
      .map((field) => field.split('/').reduce<unknown>((value, step) => (value as Fields | undefined)?.[step], log));
    appendFileSync(file, `${JSON.stringify(line.map((value) => value ?? null))}\n`);
  }
}

export function otlpLogs(message: Uint8Array): CollectedLog[] {
  const read = readMessage('opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest', message);
  if (!read.ok) return [];
  return (read.value.resource_logs ?? []).flatMap(({ resource, scope_logs: scopes }) =>
    (scopes ?? [])
      .flatMap(({ log_records: records }) => records ?? [])
      .map((record) => ({
        body: valueOf(record.body),
        trace: hex(record.trace_id),
        span: hex(record.span_id),
        recent: Math.abs(Number(record.time_unix_nano) / 1e6 - Date.now()) < 60_000,
        names: (resource?.attributes ?? []).map(({ key }) => key),
        resource: objectOf(resource?.attributes),
        attributes: objectOf(record.attributes),
      })),
  );
}

const objectOf = (list: readonly KeyValue[] | undefined): Fields =>
  Object.fromEntries((list ?? []).map(({ key, value }) => [key ?? '', valueOf(value)]));

function valueOf(value: AnyValue | undefined): unknown {
  if (value?.array_value !== undefined) return (value.array_value.values ?? []).map(valueOf);
  if (value?.kvlist_value !== undefined) return objectOf(value.kvlist_value.values);
  return value?.string_value;
}

const hex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined || bytes.length === 0 ? undefined : Buffer.from(bytes).toString('hex');
