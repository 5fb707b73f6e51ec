/**
 * envoy.extensions.access_loggers.open_telemetry.v3: log records to a collector of OTLP. `common_config`, which Envoy deprecates, is read as the
 * fields that took its place. Formatters, custom tags and filter state are not taken.
 */
import type { LogFields, LogValue, OtlpLogSink } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { some, unless } from '../base/encoding.ts';
import {
  decodeDetector,
  decodeGrpcExporter,
  decodeHttpExporter,
  encodeDetector,
  encodeExporter,
  onlyExporter,
} from '../base/otlp.ts';
import { BUFFER_BYTES, decodeCommon, FLUSH_INTERVAL } from './grpc.ts';

type Wire = Messages['envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig'];
type AnyValue = Messages['opentelemetry.proto.common.v1.AnyValue'];
type KeyValueList = Messages['opentelemetry.proto.common.v1.KeyValueList'];

export const OPEN_TELEMETRY = 'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig';

export function decodeOtlpLog(cursor: Cursor<Wire>): OtlpLogSink {
  const common = cursor.within('common_config', decodeCommon);
  const logName = cursor.take('log_name') ?? '';
  const flushInterval = takeDuration(cursor, 'buffer_flush_interval', common?.flushInterval ?? FLUSH_INTERVAL);
  return {
    kind: 'otlp',
    exporter: onlyExporter(
      [
        common === undefined ? undefined : { kind: 'grpc', service: common.service },
        cursor.within('grpc_service', decodeGrpcExporter),
        cursor.within('http_service', decodeHttpExporter),
      ],
      cursor,
      'log records',
    ),
    logName: logName === '' ? (common?.logName ?? '') : logName,
    builtinLabels: cursor.take('disable_builtin_labels') !== true,
    detectors: cursor.each('resource_detectors', decodeDetector).flatMap((detector) => detector ?? []),
    resourceAttributes: cursor.within('resource_attributes', decodeFields) ?? [],
    body: cursor.within('body', decodeValue),
    attributes: cursor.within('attributes', decodeFields) ?? [],
    statPrefix: cursor.take('stat_prefix') ?? '',
    flushInterval,
    bufferBytes: cursor.take('buffer_size_bytes') ?? common?.bufferBytes ?? BUFFER_BYTES,
  };
}

const decodeFields = (cursor: Cursor<KeyValueList>): LogFields =>
  cursor.each('values', (pair) => [pair.take('key') ?? '', pair.within('value', decodeValue) ?? ''] as const);

function decodeValue(cursor: Cursor<AnyValue>): LogValue {
  const text = cursor.take('string_value');
  if (text !== undefined) return text;
  const items = cursor.within('array_value', (list) => list.each('values', decodeValue));
  if (items !== undefined) return { kind: 'list', items };
  const fields = cursor.within('kvlist_value', decodeFields);
  if (fields === undefined)
    cursor.refuse('unsupported-value', 'only texts, lists and lists of pairs can be written', 'set string_value');
  return fields === undefined ? '' : { kind: 'object', fields };
}

export const encodeOtlpLog = (sink: OtlpLogSink): NonNullable<Messages['envoy.config.accesslog.v3.AccessLog']> => ({
  name: 'envoy.access_loggers.open_telemetry',
  typed_config: pack(OPEN_TELEMETRY, {
    ...encodeExporter(sink.exporter),
    log_name: sink.logName || undefined,
    disable_builtin_labels: sink.builtinLabels ? undefined : true,
    resource_detectors: some(sink.detectors.map(encodeDetector)),
    resource_attributes: encodeFields(sink.resourceAttributes),
    body: sink.body === undefined ? undefined : encodeValue(sink.body),
    attributes: encodeFields(sink.attributes),
    stat_prefix: sink.statPrefix || undefined,
    buffer_flush_interval: durationUnless(sink.flushInterval, FLUSH_INTERVAL),
    buffer_size_bytes: unless(sink.bufferBytes, BUFFER_BYTES),
  }),
});

const encodeFields = (fields: LogFields): KeyValueList | undefined =>
  fields.length === 0 ? undefined : { values: fields.map(([key, value]) => ({ key, value: encodeValue(value) })) };

function encodeValue(value: LogValue): AnyValue {
  if (typeof value === 'string') return { string_value: value };
  return value.kind === 'list'
    ? { array_value: { values: value.items.map(encodeValue) } }
    : { kvlist_value: encodeFields(value.fields) ?? {} };
}
