/** Access logs (envoy.config.accesslog.v3): file, stdout and stderr, in Envoy's formats, and services. */
import type { AccessLog, GrpcLogSink, LogFormat, OtlpLogSink } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { decodeLogFilter, encodeLogFilter } from './filter.ts';
import { decodeFormat, encodeFormat, jsonFormat, textFormat } from './format.ts';
import { decodeHttpGrpc, decodeTcpGrpc, encodeGrpcSink, HTTP_GRPC, TCP_GRPC } from './grpc.ts';
import { decodeOtlpLog, encodeOtlpLog, OPEN_TELEMETRY } from './open-telemetry.ts';

type Wire = Messages['envoy.config.accesslog.v3.AccessLog'];
type FileLog = Messages['envoy.extensions.access_loggers.file.v3.FileAccessLog'];

const FILE = 'envoy.extensions.access_loggers.file.v3.FileAccessLog';
const STDOUT = 'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog';
const STDERR = 'envoy.extensions.access_loggers.stream.v3.StderrAccessLog';

const DEFAULT: LogFormat = { kind: 'default' };

export function decodeAccessLog(cursor: Cursor<Wire>): AccessLog {
  cursor.take('name');
  type Written = Omit<AccessLog, 'filter'>;
  const toService = (sink: GrpcLogSink | OtlpLogSink | undefined): Written => ({
    sink: sink ?? { kind: 'stdout' },
    format: DEFAULT,
  });
  const log = readingAny<Written>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [FILE]: (inner) => ({ sink: { kind: 'file', path: inner.take('path') ?? '' }, format: decodeFileFormat(inner) }),
    [STDOUT]: (inner) => ({ sink: { kind: 'stdout' }, format: inner.within('log_format', decodeFormat) ?? DEFAULT }),
    [HTTP_GRPC]: (inner) => toService(decodeHttpGrpc(inner)),
    [TCP_GRPC]: (inner) => toService(decodeTcpGrpc(inner)),
    [OPEN_TELEMETRY]: (inner) => toService(decodeOtlpLog(inner)),
    [STDERR]: (inner) => ({ sink: { kind: 'stderr' }, format: inner.within('log_format', decodeFormat) ?? DEFAULT }),
  });
  return {
    ...(log ?? { sink: { kind: 'stdout' }, format: DEFAULT }),
    filter: cursor.within('filter', decodeLogFilter),
  };
}

function decodeFileFormat(cursor: Cursor<FileLog>): LogFormat {
  const text = cursor.take('format');
  if (text !== undefined) return textFormat(text);
  for (const field of ['json_format', 'typed_json_format'] as const) {
    const json = cursor.take(field);
    if (json !== undefined) return jsonFormat(json, cursor.at(field), cursor.report);
  }
  return cursor.within('log_format', decodeFormat) ?? DEFAULT;
}

export const encodeAccessLog = (log: AccessLog): Wire => ({
  ...encodeSink(log),
  filter: log.filter === undefined ? undefined : encodeLogFilter(log.filter),
});

function encodeSink({ sink, format }: AccessLog): Wire {
  const log_format = encodeFormat(format);
  switch (sink.kind) {
    case 'grpc':
      return encodeGrpcSink(sink);
    case 'otlp':
      return encodeOtlpLog(sink);
    case 'file':
      return { name: 'envoy.access_loggers.file', typed_config: pack(FILE, { path: sink.path, log_format }) };
    case 'stdout':
      return { name: 'envoy.access_loggers.stdout', typed_config: pack(STDOUT, { log_format }) };
    case 'stderr':
      return { name: 'envoy.access_loggers.stderr', typed_config: pack(STDERR, { log_format }) };
  }
}
