/** envoy.config.core.v3.SubstitutionFormatString: text or JSON with command operators. */
import type { BodyFormat, JsonFields, JsonFormat, LogFormat } from '@weft/core/proxy-config';
import type { Path, Report } from '../../codec/index.ts';
import type { JsonObject, JsonValue, Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { decodeTextSource } from '../base/text-source.ts';

type Wire = Messages['envoy.config.core.v3.SubstitutionFormatString'];

const DEFAULT: LogFormat = { kind: 'default' };

export function decodeFormat(cursor: Cursor<Wire>): LogFormat {
  const text = cursor.take('text_format');
  if (text !== undefined) return textFormat(text);
  const source = cursor.within('text_format_source', (inner) => {
    const read = decodeTextSource(inner);
    if (read.kind !== 'inline')
      inner.refuse('unsupported-value', 'only inline_string and inline_bytes are supported here');
    return read.kind === 'inline' ? read.text : '';
  });
  if (source !== undefined) return { kind: 'text', text: source };
  const json = cursor.take('json_format');
  return json === undefined ? DEFAULT : jsonFormat(json, cursor.at('json_format'), cursor.report);
}

export function decodeBodyFormat(cursor: Cursor<Wire>): BodyFormat {
  const format = decodeFormat(cursor);
  if (format.kind === 'default') cursor.refuse('missing-field', 'a body needs its format, as text or JSON');
  return { format, contentType: cursor.take('content_type') ?? '' };
}

export const encodeBodyFormat = ({ format, contentType }: BodyFormat): Wire => ({
  ...encodeFormat(format),
  content_type: contentType || undefined,
});

export const textFormat = (text: string): LogFormat => (text === '' ? DEFAULT : { kind: 'text', text });

export const jsonFormat = (json: JsonObject, path: Path, report: Report): LogFormat => ({
  kind: 'json',
  fields: fieldsOf(json, path, report),
});

/** Keys in the order of their code units: the order in which a Struct travels and Envoy writes. */
function fieldsOf(json: JsonObject, path: Path, report: Report): JsonFields {
  return Object.entries(json)
    .map(([key, value]) => [key, jsonValue(value, path.key(key), report)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function jsonValue(value: JsonValue, path: Path, report: Report): JsonFormat {
  if (value === null || typeof value !== 'object') return value;
  return Array.isArray(value)
    ? { kind: 'list', items: value.map((item: JsonValue, index) => jsonValue(item, path.index(index), report)) }
    : { kind: 'object', fields: fieldsOf(value as JsonObject, path, report) };
}

export function encodeFormat(format: LogFormat): Wire | undefined {
  if (format.kind === 'default') return undefined;
  if (format.kind === 'json') return { json_format: objectOf(format.fields) };
  return { text_format_source: { inline_string: format.text } };
}

const objectOf = (fields: JsonFields): JsonObject =>
  Object.fromEntries(fields.map(([key, value]) => [key, jsonOf(value)]));

function jsonOf(value: JsonFormat): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  return value.kind === 'list' ? value.items.map(jsonOf) : objectOf(value.fields);
}
