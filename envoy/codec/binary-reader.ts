/**
 * The protobuf wire format to messages, by the tables. Every unknown field, doubled singular field, doubled oneof and unknown
 * enumeration value is reported with its path and the rest read on; malformed bytes end the reading.
 * Source: protobuf.dev "Encoding". Stricter than protobuf on purpose: singular fields that stand there twice are refused, not merged.
 */
import { err, ok, type Diagnostic, type Result } from '@weft/core/kernel';
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
import { Path, type Segment } from './path.ts';
import { Report } from './report.ts';
import { readUtf8 } from './utf8.ts';
import { isDefault, wireOf } from './wire-type.ts';

export interface ReadOptions {
  /** What to do with field numbers and enumeration values that the tables do not have. Default `refuse`. */
  readonly unknown?: 'refuse' | 'skip';
  /** Any stays bytes, whatever its type. Default false. */
  readonly keepAny?: boolean;
  /** Messages within messages; default 64. */
  readonly maxDepth?: number;
  /** Default 64 MiB. */
  readonly maxBytes?: number;
}

/** Reads a message of the tables; all findings at once. */
export function readMessage<Name extends MessageName>(
  name: Name,
  bytes: Uint8Array,
  options: ReadOptions = {},
): Result<Messages[Name], readonly Diagnostic[]> {
  const report = new Report();
  const message = readInto(name, bytes, report, options);
  return message === undefined || report.failed ? err(report.diagnostics()) : ok(message);
}

/** The same, reporting to `report`; undefined when the bytes are malformed. */
export function readInto<Name extends MessageName>(
  name: Name,
  bytes: Uint8Array,
  report: Report,
  options: ReadOptions = {},
): Messages[Name] | undefined {
  const type = messageType(name);
  if (type === undefined) throw new TypeError(`${name} is not in the tables`);
  const limit = options.maxBytes ?? 64 * 1024 * 1024;
  if (bytes.length > limit) {
    report.fault(Path.ROOT, 'limit-exceeded', `${bytes.length} bytes are more than ${limit}`);
    return undefined;
  }
  const reader = new BinaryReader(bytes, report, options);
  try {
    return reader.read(type) as Messages[Name];
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
    report.fault(Path.of(reader.path), fault.code, fault.message);
    return undefined;
  }
}

class Malformed extends Error {
  readonly code: 'malformed-bytes' | 'limit-exceeded';
  constructor(message: string, code: 'malformed-bytes' | 'limit-exceeded' = 'malformed-bytes') {
    super(message);
    this.code = code;
  }
}

type Fields = Record<string, unknown>;
const NO_VALUE = Symbol('no value');

class BinaryReader {
  readonly path: Segment[] = [];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #report: Report;
  readonly #skipUnknown: boolean;
  readonly #keepAny: boolean;
  readonly #maxDepth: number;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array, report: Report, options: ReadOptions) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#report = report;
    this.#skipUnknown = options.unknown === 'skip';
    this.#keepAny = options.keepAny ?? false;
    this.#maxDepth = options.maxDepth ?? 64;
  }

  read(type: MessageType): unknown {
    return this.#message(type, this.#bytes.length);
  }

  #message(type: MessageType, end: number): unknown {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) {
      throw new Malformed(`messages are nested deeper than ${this.#maxDepth}`, 'limit-exceeded');
    }
    const value = type.form === 'fields' ? this.#fields(type, end) : this.#special(type, end);
    this.#depth -= 1;
    return value;
  }

  #fields(type: MessageType, end: number): Fields {
    const message: Fields = {};
    let oneofs: Map<string, string> | undefined;
    while (this.#at < end) {
      const tag = this.#size(end);
      const field = type.byNumber.get(tag >>> 3);
      if (field === undefined) {
        this.#unknown(type, tag, end);
        continue;
      }
      const name = field.name;
      if (field.repeated) this.#element(field, tag & 7, message, end);
      else if (field.mapKey !== undefined) this.#entry(field, tag & 7, message, end);
      else {
        if (field.oneof !== undefined) {
          oneofs ??= new Map();
          const other = oneofs.get(field.oneof);
          if (other !== undefined && other !== name) {
            this.#fault('oneof-conflict', `${other} and ${name} are both set`, 'keep one of the two', name);
          }
          oneofs.set(field.oneof, name);
        }
        if (message[name] !== undefined)
          this.#fault('duplicate-field', 'the field stands there twice', undefined, name);
        if (field.kind === 'message') this.path.push(name);
        const value = this.#value(field, tag & 7, end);
        if (field.kind === 'message') this.path.pop();
        if (value !== NO_VALUE && (field.presence || !isDefault(field, value))) message[name] = value;
      }
    }
    return message;
  }

  #element(field: Field, wire: number, message: Fields, end: number): void {
    const known = message[field.name];
    const list: unknown[] = Array.isArray(known) ? known : [];
    if (known === undefined) message[field.name] = list;
    if (wire === 2 && field.kind !== 'message' && field.kind !== 'string' && field.kind !== 'bytes') {
      const stop = this.#length(end);
      while (this.#at < stop) {
        const value = this.#scalar(field, stop);
        if (value !== NO_VALUE) list.push(value);
      }
      return;
    }
    this.path.push(field.name, list.length);
    const value = this.#value(field, wire, end);
    this.path.length -= 2;
    if (value !== NO_VALUE) list.push(value);
  }

  #entry(field: Field, wire: number, message: Fields, end: number): void {
    if (wire !== 2) throw this.#wrongWire(field, wire);
    const stop = this.#length(end);
    const known = message[field.name];
    const map: Map<unknown, unknown> = known instanceof Map ? known : new Map<unknown, unknown>();
    if (known === undefined) message[field.name] = map;
    let key: unknown = field.mapKey === 'string' ? '' : field.mapKey === 'bool' ? false : 0;
    let value: unknown = NO_VALUE;
    while (this.#at < stop) {
      const tag = this.#size(stop);
      if (tag >>> 3 === 1) key = this.#plain(field.mapKey ?? 'string', tag & 7, stop, field.name);
      else if (tag >>> 3 === 2) {
        this.path.push(field.name, { key: String(key) });
        value = this.#value(field, tag & 7, stop);
        this.path.length -= 2;
      } else this.#unknownNumber(tag, stop, `map entry of ${field.name}`);
    }
    if (map.has(key))
      this.#fault(
        'duplicate-field',
        `the key ${JSON.stringify(String(key))} stands there twice`,
        undefined,
        field.name,
      );
    map.set(key, value === NO_VALUE ? emptyOf(field) : value);
  }

  #value(field: Field, wire: number, end: number): unknown {
    if (field.kind !== 'message') {
      if (wire !== wireOf(field.kind)) throw this.#wrongWire(field, wire);
      return this.#scalar(field, end);
    }
    if (wire !== 2) throw this.#wrongWire(field, wire);
    return this.#message(field.message, this.#length(end));
  }

  #plain(kind: Exclude<Field['kind'], 'message' | 'enum'>, wire: number, end: number, name: string): unknown {
    if (wire !== wireOf(kind)) throw new Malformed(`${name}: wire type ${wire} instead of ${wireOf(kind)}`);
    return this.#scalarOf(kind, end);
  }

  #scalar(field: Field, end: number): unknown {
    if (field.kind === 'enum') {
      const number = this.#varint32(end) | 0;
      const name = field.enumeration.names.get(number);
      if (name !== undefined) return name;
      if (!this.#skipUnknown) {
        this.#fault('unknown-enum-value', `${field.enumeration.name} has no value ${number}`, undefined, field.name);
      }
      return NO_VALUE;
    }
    if (field.kind === 'message') throw new TypeError(`${field.name} is no scalar`);
    return this.#scalarOf(field.kind, end);
  }

  #scalarOf(kind: Exclude<Field['kind'], 'message' | 'enum'>, end: number): unknown {
    switch (kind) {
      case 'string': {
        const stop = this.#length(end);
        const text = readUtf8(this.#bytes, this.#at, stop);
        if (text === undefined) throw new Malformed('a string is not UTF-8');
        this.#at = stop;
        return text;
      }
      case 'bytes': {
        const stop = this.#length(end);
        const value = this.#bytes.slice(this.#at, stop);
        this.#at = stop;
        return value;
      }
      case 'bool':
        return this.#varint64(end) !== 0n;
      case 'int32':
        return this.#varint32(end) | 0;
      case 'uint32':
        return this.#varint32(end);
      case 'sint32': {
        const raw = this.#varint32(end);
        return (raw >>> 1) ^ -(raw & 1);
      }
      case 'int64':
        return narrow(BigInt.asIntN(64, this.#varint64(end)));
      case 'uint64':
        return narrow(this.#varint64(end));
      case 'sint64': {
        const raw = this.#varint64(end);
        return narrow(BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n)));
      }
      case 'fixed32':
        return this.#view.getUint32(this.#take(4, end), true);
      case 'sfixed32':
        return this.#view.getInt32(this.#take(4, end), true);
      case 'float':
        return this.#view.getFloat32(this.#take(4, end), true);
      case 'fixed64':
        return narrow(this.#view.getBigUint64(this.#take(8, end), true));
      case 'sfixed64':
        return narrow(this.#view.getBigInt64(this.#take(8, end), true));
      case 'double':
        return this.#view.getFloat64(this.#take(8, end), true);
    }
  }

  #special(type: MessageType, end: number): unknown {
    if (type.form === 'value') return this.#jsonValue(type, end);
    const fields = this.#fields(type, end);
    switch (type.form) {
      case 'wrapper':
        return fields['value'] ?? emptyOf(type.wrapped);
      case 'any':
        return this.#any(fields);
      case 'struct':
        return jsonObject(fields['fields'] instanceof Map ? fields['fields'] : new Map());
      case 'list':
        return fields['values'] ?? [];
      case 'fields':
      case 'duration':
      case 'timestamp':
      case 'mask':
        return fields;
    }
  }

  #jsonValue(type: MessageType, end: number): JsonValue {
    const fields = this.#fields(type, end) as Readonly<Record<string, JsonValue | undefined>>;
    const [name] = Object.keys(fields);
    if (name === undefined || name === 'null_value') return null;
    const value = fields[name] ?? null;
    if (typeof value === 'number' && !Number.isFinite(value))
      this.#fault('invalid-value', 'a JSON number must be finite');
    return value;
  }

  #any(fields: Fields): AnyMessage {
    const url = typeof fields['type_url'] === 'string' ? fields['type_url'] : '';
    const value = fields['value'] instanceof Uint8Array ? fields['value'] : new Uint8Array(0);
    if (url === '' && value.length > 0) this.#fault('missing-field', 'bytes without a type', undefined, 'type_url');
    const type = this.#keepAny ? undefined : messageType(nameOfTypeUrl(url));
    if (type === undefined) return { type_url: url, value };
    const inner = new BinaryReader(value, this.#report, {
      unknown: this.#skipUnknown ? 'skip' : 'refuse',
      maxDepth: this.#maxDepth,
    });
    inner.path.push(...this.path);
    inner.#depth = this.#depth;
    try {
      return { type_url: url, message: inner.read(type) as object };
    } catch (fault) {
      if (fault instanceof Malformed) this.path.splice(0, this.path.length, ...inner.path);
      throw fault;
    }
  }

  #unknown(type: MessageType, tag: number, end: number): void {
    this.#unknownNumber(tag, end, type.name);
  }

  #unknownNumber(tag: number, end: number, owner: string): void {
    const number = tag >>> 3;
    if (number === 0) throw new Malformed('field number 0');
    if (!this.#skipUnknown) {
      this.#fault('unknown-field', `${owner} has no field number ${number} in Envoy 1.40`, undefined, `#${number}`);
    }
    switch (tag & 7) {
      case 0:
        this.#varint64(end);
        return;
      case 1:
        this.#take(8, end);
        return;
      case 2:
        this.#at = this.#length(end);
        return;
      case 5:
        this.#take(4, end);
        return;
      default:
        throw new Malformed(`wire type ${tag & 7} of field number ${number}`);
    }
  }

  #wrongWire(field: Field, wire: number): Malformed {
    this.path.push(field.name);
    return new Malformed(`wire type ${wire} instead of ${wireOf(field.kind)}`);
  }

  #fault(code: Parameters<Report['fault']>[1], message: string, remedy?: string, name?: string): void {
    const path = Path.of(this.path);
    this.#report.fault(name === undefined ? path : path.field(name), code, message, remedy);
  }

  /** A varint that must fit 32 bits: tags and lengths. */
  #size(end: number): number {
    const at = this.#at;
    const value = this.#varint32(end);
    if (this.#at - at > 5 || (this.#at - at === 5 && (this.#bytes[this.#at - 1] ?? 0) > 15)) {
      throw new Malformed(`a tag or length beyond 32 bits at ${at}`);
    }
    return value;
  }

  /** The low 32 bits of a varint of at most ten bytes. */
  #varint32(end: number): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= end) throw new Malformed(`the bytes end within a number at ${this.#at}`);
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Malformed(`a number of more than ten bytes at ${this.#at}`);
  }

  #varint64(end: number): bigint {
    const first = this.#bytes[this.#at] ?? 0x80;
    if (this.#at < end && first < 0x80) {
      this.#at += 1;
      return BigInt(first);
    }
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#at >= end) throw new Malformed(`the bytes end within a number at ${this.#at}`);
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Malformed(`a number of more than ten bytes at ${this.#at}`);
  }

  /** Reads a length; returns where what it measures ends. */
  #length(end: number): number {
    const length = this.#size(end);
    const stop = this.#at + length;
    if (stop > end) throw new Malformed(`a length of ${length} at ${this.#at} passes the end`);
    return stop;
  }

  #take(size: number, end: number): number {
    const at = this.#at;
    if (at + size > end) throw new Malformed(`the bytes end within a number at ${at}`);
    this.#at += size;
    return at;
  }
}

/** What a map entry holds whose value is not there: the default of its type. */
function emptyOf(field: Field): unknown {
  if (field.kind === 'string') return '';
  if (field.kind === 'bytes') return new Uint8Array(0);
  if (field.kind === 'bool') return false;
  if (field.kind === 'enum') return field.enumeration.names.get(0);
  return field.kind === 'message' ? emptyMessage(field.message) : 0;
}

function emptyMessage(type: MessageType): unknown {
  if (type.form === 'wrapper') return emptyOf(type.wrapped);
  if (type.form === 'value') return null;
  if (type.form === 'list') return [];
  return type.form === 'any' ? { type_url: '', value: new Uint8Array(0) } : {};
}

function jsonObject(entries: ReadonlyMap<unknown, unknown>): object {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, String(key), { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

const narrow = (value: bigint): number | bigint =>
  value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
