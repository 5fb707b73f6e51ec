/** Messages to JSON values (proto3 JSON mapping with protobuf field names, as Envoy's config_dump writes them). */
import { EncodeError } from '../errors.ts';
import {
  messageType,
  nameOfTypeUrl,
  type AnyMessage,
  type Field,
  type JsonValue,
  type MessageName,
  type Messages,
  type MessageType,
} from '../tables/index.ts';
import { formatBase64, formatProtoDuration, formatTimestamp, setProperty } from './scalars.ts';

/** Fields ascending by number, maps by key; 64-bit numbers are texts. */
export function toJson<Name extends MessageName>(name: Name, message: Messages[Name]): JsonValue {
  const type = messageType(name);
  if (type === undefined) throw new EncodeError(`${name} is not in the tables`);
  return messageToJson(type, message);
}

function messageToJson(type: MessageType, value: unknown): JsonValue {
  switch (type.form) {
    case 'fields':
      return fieldsToJson(type, value as Readonly<Record<string, unknown>>);
    case 'any':
      return anyToJson(value as AnyMessage);
    case 'wrapper':
      return scalarToJson(type.wrapped, value);
    case 'duration':
      return formatProtoDuration(value as Messages['google.protobuf.Duration']);
    case 'timestamp':
      return formatTimestamp(value as Messages['google.protobuf.Timestamp']);
    case 'mask':
      return ((value as Messages['google.protobuf.FieldMask']).paths ?? []).map(camel).join(',');
    case 'struct':
    case 'value':
    case 'list':
      return value as JsonValue;
  }
}

function fieldsToJson(type: MessageType, fields: Readonly<Record<string, unknown>>): JsonValue {
  const object = {};
  for (const field of type.fields) {
    const value = fields[field.name];
    if (value !== undefined) setProperty(object, field.name, fieldToJson(field, value));
  }
  return object;
}

function fieldToJson(field: Field, value: unknown): JsonValue {
  if (value instanceof Map) {
    const object = {};
    const entries = [...(value as ReadonlyMap<string | number | bigint, unknown>)];
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    for (const [key, entry] of entries) setProperty(object, String(key), singleToJson(field, entry));
    return object;
  }
  return field.repeated
    ? (value as readonly unknown[]).map((item) => singleToJson(field, item))
    : singleToJson(field, value);
}

const singleToJson = (field: Field, value: unknown): JsonValue =>
  field.kind === 'message' ? messageToJson(field.message, value) : scalarToJson(field, value);

function scalarToJson(field: Field, value: unknown): JsonValue {
  if (value instanceof Uint8Array) return formatBase64(value);
  if (typeof value === 'bigint' || (typeof value === 'number' && field.kind.endsWith('64'))) return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  throw new EncodeError(`${field.name}: ${String(value)} is no ${field.kind}`);
}

function anyToJson(any: AnyMessage): JsonValue {
  const type = messageType(nameOfTypeUrl(any.type_url));
  const object = {};
  if (any.type_url !== '') setProperty(object, '@type', any.type_url);
  if (type === undefined || any.message === undefined) {
    if (any.value !== undefined && any.value.length > 0) setProperty(object, 'value', formatBase64(any.value));
    return object;
  }
  const inner = messageToJson(type, any.message);
  if (type.form === 'fields') Object.assign(object, inner);
  else setProperty(object, 'value', inner);
  return object;
}

const camel = (text: string): string => text.replace(/_(.)/g, (_, char: string) => char.toUpperCase());
