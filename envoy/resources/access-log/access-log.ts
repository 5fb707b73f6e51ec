/** Access logs (envoy.config.accesslog.v3): file, stdout and stderr, in Envoy's formats. */
import type { AccessLog } from '@weft/core/proxy-config';
import { pack, type JsonObject, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';

type Wire = Messages['envoy.config.accesslog.v3.AccessLog'];
type Format = Messages['envoy.config.core.v3.SubstitutionFormatString'];
type FileLog = Messages['envoy.extensions.access_loggers.file.v3.FileAccessLog'];

const FILE = 'envoy.extensions.access_loggers.file.v3.FileAccessLog';
const STDOUT = 'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog';
const STDERR = 'envoy.extensions.access_loggers.stream.v3.StderrAccessLog';

const DEFAULT: AccessLog['format'] = { kind: 'default' };

export function decodeAccessLog(cursor: Cursor<Wire>): AccessLog {
  cursor.take('name');
  const log = readingAny<AccessLog>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [FILE]: (inner) => ({ sink: { kind: 'file', path: inner.take('path') ?? '' }, format: decodeFileFormat(inner) }),
    [STDOUT]: (inner) => ({ sink: { kind: 'stdout' }, format: inner.within('log_format', decodeFormat) ?? DEFAULT }),
    [STDERR]: (inner) => ({ sink: { kind: 'stderr' }, format: inner.within('log_format', decodeFormat) ?? DEFAULT }),
  });
  return log ?? { sink: { kind: 'stdout' }, format: DEFAULT };
}

function decodeFileFormat(cursor: Cursor<FileLog>): AccessLog['format'] {
  const text = cursor.take('format');
  if (text !== undefined) return text === '' ? DEFAULT : { kind: 'text', text };
  const json = cursor.take('json_format');
  if (json !== undefined) return jsonFormat(json, cursor, 'json_format');
  return cursor.within('log_format', decodeFormat) ?? DEFAULT;
}

function decodeFormat(cursor: Cursor<Format>): AccessLog['format'] {
  const text = cursor.take('text_format');
  if (text !== undefined) return text === '' ? DEFAULT : { kind: 'text', text };
  const inline = cursor.within('text_format_source', (source) => {
    const value = source.take('inline_string');
    if (value === undefined) source.refuse('unsupported-value', 'only inline_string is supported here');
    return value;
  });
  if (inline !== undefined) return { kind: 'text', text: inline };
  const json = cursor.take('json_format');
  return json === undefined ? DEFAULT : jsonFormat(json, cursor, 'json_format');
}

/** Keys in the order of their code units: the order in which a Struct travels and Envoy writes. */
function jsonFormat<Name extends string>(
  json: JsonObject,
  cursor: Cursor<{ readonly [K in Name]?: unknown }>,
  field: Name,
): AccessLog['format'] {
  const fields = Object.entries(json).map(([key, value]) => {
    if (typeof value !== 'string') {
      cursor.report.fault(cursor.at(field).field(key), 'unsupported-value', 'only texts are supported as values here');
    }
    return [key, String(value)] as const;
  });
  return { kind: 'json', fields: fields.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) };
}

export function encodeAccessLog(log: AccessLog): Wire {
  const log_format = encodeFormat(log.format);
  switch (log.sink.kind) {
    case 'file':
      return { name: 'envoy.access_loggers.file', typed_config: pack(FILE, { path: log.sink.path, log_format }) };
    case 'stdout':
      return { name: 'envoy.access_loggers.stdout', typed_config: pack(STDOUT, { log_format }) };
    case 'stderr':
      return { name: 'envoy.access_loggers.stderr', typed_config: pack(STDERR, { log_format }) };
  }
}

function encodeFormat(format: AccessLog['format']): Format | undefined {
  if (format.kind === 'default') return undefined;
  if (format.kind === 'json') return { json_format: Object.fromEntries(format.fields) };
  return { text_format_source: { inline_string: format.text } };
}
