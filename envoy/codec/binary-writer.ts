/**
 * Messages to the protobuf wire format, by the tables. Written from the end to the start into one growing buffer, so that lengths are
 * known without a second pass. Deterministic: fields ascending by number, map entries ascending by key, defaults left out.
 */
import {
  messageType,
  nameOfTypeUrl,
  type Field,
  type JsonObject,
  type JsonValue,
  type MessageName,
  type Messages,
  type MessageType,
} from '../tables/index.ts';
import { EncodeError } from '../errors.ts';
import { writeUtf8 } from './utf8.ts';
import { fits, isDefault, wireOf } from './wire-type.ts';

/** @throws EncodeError when a value cannot stand in its field: a defect of the caller. */
export function writeMessage<Name extends MessageName>(name: Name, message: Messages[Name]): Uint8Array {
  const type = messageType(name);
  if (type === undefined) throw new EncodeError(`${name} is not in the tables`);
  const writer = new BinaryWriter();
  writer.message(type, message);
  return writer.finish();
}

type Fields = Readonly<Record<string, unknown>>;

export class BinaryWriter {
  #bytes: Uint8Array = new Uint8Array(1024);
  #view: DataView = new DataView(this.#bytes.buffer);
  /** The first byte written so far. */
  #at: number = this.#bytes.length;

  finish(): Uint8Array {
    return this.#bytes.slice(this.#at);
  }

  /** Puts the fields of `value` before what is already written. */
  message(type: MessageType, value: unknown): void {
    switch (type.form) {
      case 'wrapper':
        this.#singular(type.wrapped, value);
        return;
      case 'any':
        this.#any(value);
        return;
      case 'struct':
        this.#map(only(type), new Map(Object.entries(value as JsonObject)));
        return;
      case 'list':
        this.#list(only(type), value);
        return;
      case 'value':
        this.#jsonValue(type, value as JsonValue);
        return;
      case 'fields':
      case 'duration':
      case 'timestamp':
      case 'mask':
        this.#fields(type, value);
    }
  }

  /** A length-delimited field of raw bytes, e.g. a message encoded before. */
  raw(number: number, bytes: Uint8Array): void {
    this.#put(bytes);
    this.#tag(number, 2, bytes.length);
  }

  #fields(type: MessageType, value: unknown): void {
    if (typeof value !== 'object' || value === null) throw new EncodeError(`${type.name}: not an object`);
    const fields = value as Fields;
    for (let i = type.fields.length - 1; i >= 0; i -= 1) {
      const field = type.fields[i] as Field;
      const present = fields[field.name];
      if (present === undefined) continue;
      if (field.repeated) this.#list(field, present);
      else if (field.mapKey !== undefined) this.#map(field, present);
      else this.#singular(field, present);
    }
  }

  #singular(field: Field, value: unknown): void {
    if (!field.presence && isDefault(field, value)) return;
    this.#field(field, value);
  }

  #field(field: Field, value: unknown): void {
    const before = this.#used();
    if (field.kind === 'message') {
      this.message(field.message, value);
      this.#varint(this.#used() - before);
    } else this.#scalar(field, value);
    this.#varint((field.number << 3) | wireOf(field.kind));
  }

  #list(field: Field, list: unknown): void {
    if (!Array.isArray(list)) throw new EncodeError(`${field.name}: not a list`);
    if (list.length === 0) return;
    const before = this.#used();
    for (let i = list.length - 1; i >= 0; i -= 1) {
      if (field.packed) this.#scalar(field, list[i]);
      else this.#field(field, list[i]);
    }
    if (field.packed) this.#tag(field.number, 2, this.#used() - before);
  }

  #map(field: Field, value: unknown): void {
    if (!(value instanceof Map)) throw new EncodeError(`${field.name}: not a Map`);
    const entries = [...(value as ReadonlyMap<string | number | bigint, unknown>)];
    entries.sort(([a], [b]) => (a < b ? 1 : a > b ? -1 : 0));
    const keyKind = field.mapKey ?? 'string';
    for (const [key, entry] of entries) {
      const before = this.#used();
      if (field.kind === 'message') {
        const inside = this.#used();
        this.message(field.message, entry);
        this.#varint(this.#used() - inside);
      } else this.#scalar(field, entry);
      this.#varint(16 | wireOf(field.kind));
      this.#scalarOf(keyKind, key, field.name);
      this.#varint(8 | wireOf(keyKind));
      this.#tag(field.number, 2, this.#used() - before);
    }
  }

  #any(value: unknown): void {
    const {
      type_url: url,
      message,
      value: bytes,
    } = value as { type_url: string; message?: unknown; value?: Uint8Array };
    if (message !== undefined) {
      const type = messageType(nameOfTypeUrl(url));
      if (type === undefined) throw new EncodeError(`${url} is not in the tables`);
      const before = this.#used();
      this.message(type, message);
      if (this.#used() !== before) this.#tag(2, 2, this.#used() - before);
    } else if (bytes !== undefined && bytes.length > 0) this.raw(2, bytes);
    if (url !== '') {
      const size = this.#text(url);
      this.#tag(1, 2, size);
    }
  }

  #jsonValue(type: MessageType, value: JsonValue): void {
    const name =
      value === null
        ? 'null_value'
        : typeof value === 'number'
          ? 'number_value'
          : typeof value === 'string'
            ? 'string_value'
            : typeof value === 'boolean'
              ? 'bool_value'
              : Array.isArray(value)
                ? 'list_value'
                : 'struct_value';
    const field = type.byName.get(name);
    if (field === undefined) throw new EncodeError(`${type.name} has no ${name}`);
    this.#field(field, value === null ? 'NULL_VALUE' : value);
  }

  #scalar(field: Field, value: unknown): void {
    if (field.kind === 'enum') {
      const number = typeof value === 'string' ? field.enumeration.numbers.get(value) : undefined;
      if (number === undefined)
        throw new EncodeError(`${field.name}: ${String(value)} is no ${field.enumeration.name}`);
      this.#varint(number);
    } else if (field.kind !== 'message') this.#scalarOf(field.kind, value, field.name);
  }

  #scalarOf(kind: Exclude<Field['kind'], 'message' | 'enum'>, value: unknown, name: string): void {
    switch (kind) {
      case 'string':
        if (typeof value !== 'string') break;
        this.#varint(this.#text(value));
        return;
      case 'bytes':
        if (!(value instanceof Uint8Array)) break;
        this.#put(value);
        this.#varint(value.length);
        return;
      case 'bool':
        if (typeof value !== 'boolean') break;
        this.#varint(value ? 1 : 0);
        return;
      case 'float':
      case 'double': {
        if (typeof value !== 'number') break;
        const at = this.#reserve(kind === 'double' ? 8 : 4);
        if (kind === 'double') this.#view.setFloat64(at, value, true);
        else this.#view.setFloat32(at, value, true);
        return;
      }
      case 'int32':
      case 'uint32':
      case 'sint32':
      case 'fixed32':
      case 'sfixed32':
      case 'int64':
      case 'uint64':
      case 'sint64':
      case 'fixed64':
      case 'sfixed64':
        if (!fits(kind, value)) break;
        this.#integer(kind, value);
        return;
    }
    throw new EncodeError(`${name}: ${String(value)} is no ${kind}`);
  }

  #integer(kind: string, value: number | bigint): void {
    switch (kind) {
      case 'sint32':
      case 'sint64': {
        const big = BigInt(value);
        this.#varint64(BigInt.asUintN(64, (big << 1n) ^ (big >> 63n)));
        return;
      }
      case 'fixed32':
      case 'sfixed32':
        this.#fixed32(Number(value) >>> 0);
        return;
      case 'fixed64':
      case 'sfixed64':
        this.#fixed64(BigInt.asUintN(64, BigInt(value)));
        return;
      default:
        if (typeof value === 'number' && value >= 0 && value <= 0x7fffffff) this.#varint(value);
        else this.#varint64(BigInt.asUintN(64, BigInt(value)));
    }
  }

  /** Writes the text and returns its length in bytes. */
  #text(text: string): number {
    const size = text.length;
    const at = this.#reserve(size);
    for (let i = 0; i < size; i += 1) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        this.#at += size;
        if (!text.isWellFormed()) throw new EncodeError('a string with a lone surrogate');
        const bytes = writeUtf8(text);
        this.#put(bytes);
        return bytes.length;
      }
      this.#bytes[at + i] = code;
    }
    return size;
  }

  #tag(number: number, wire: number, length: number): void {
    this.#varint(length);
    this.#varint((number << 3) | wire);
  }

  #put(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** An unsigned number below 2^31, or a negative 32-bit one as protobuf writes it (ten bytes). */
  #varint(value: number): void {
    if (value < 0) {
      this.#varint64(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    if (value < 0x80) {
      const at = this.#reserve(1);
      this.#bytes[at] = value;
      return;
    }
    const size = value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
    let at = this.#reserve(size);
    let rest = value;
    for (let i = 1; i < size; i += 1) {
      this.#bytes[at] = (rest & 0x7f) | 0x80;
      at += 1;
      rest >>>= 7;
    }
    this.#bytes[at] = rest;
  }

  #varint64(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 0x80n) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#put(Uint8Array.from(bytes));
  }

  /** Room first: making it may replace the view. */
  #fixed32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  #fixed64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, value, true);
  }

  /** How many bytes are written. */
  #used(): number {
    return this.#bytes.length - this.#at;
  }

  /** Makes room before what is written; returns where it starts. */
  #reserve(size: number): number {
    if (this.#at < size) {
      const used = this.#used();
      const bigger = new Uint8Array(Math.max(this.#bytes.length * 2, used + size));
      bigger.set(this.#bytes.subarray(this.#at), bigger.length - used);
      this.#at = bigger.length - used;
      this.#bytes = bigger;
      this.#view = new DataView(bigger.buffer);
    }
    this.#at -= size;
    return this.#at;
  }
}

function only(type: MessageType): Field {
  const [field] = type.fields;
  if (field === undefined) throw new EncodeError(`${type.name} has no field`);
  return field;
}
