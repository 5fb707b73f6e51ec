/**
 * YAML and JSON texts to messages, by the tables (proto3 JSON mapping as Envoy reads it: names in both spellings, enumerations by name
 * or number, Any by `@type`). Every fault at once, each with file, line, column, path and remedy; nothing is ignored.
 */
import { err, ok, type Diagnostic, type Result } from '@weft/core/kernel';
import { isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml';
import {
  messageType,
  nameOfTypeUrl,
  standing,
  typeUrl,
  type AnyMessage,
  type Field,
  type JsonValue,
  type MessageName,
  type Messages,
  type MessageType,
} from '../tables/index.ts';
import { MAX_FAULTS, Path } from '../codec/index.ts';
import { fits, isDefault } from '../codec/wire-type.ts';
import type { EnvoyFault } from '../errors.ts';
import { keyText, SourceText, startOf } from './document.ts';
import { nearest } from './nearest.ts';
import {
  parseBase64,
  parseFloating,
  parseInteger,
  parseProtoDuration,
  parseTimestamp,
  setProperty,
  YAML_WORDS,
} from './scalars.ts';

/** Nodes that one text may have when its aliases are followed. */
const MAX_NODES = 2_000_000;
/** Aliases that may be followed: what an alias bomb would need is far more. */
const MAX_ALIASES = 10_000;
const TYPED_STRUCTS = new Set(['xds.type.v3.TypedStruct', 'udpa.type.v1.TypedStruct']);

export interface ReadText<Message> {
  readonly message: Message;
  /** Gives findings that know only a path their file, line and column. */
  locate(diagnostics: readonly Diagnostic[]): Diagnostic[];
}

/** What could be read of a text, and every fault in it. */
export interface PartlyRead<Message> extends ReadText<Message> {
  readonly faults: readonly Diagnostic[];
}

/** Reads a text as that message. `file` is named in the findings. */
export function readText<Name extends MessageName>(
  name: Name,
  text: string,
  file: string,
): Result<ReadText<Messages[Name]>, readonly Diagnostic[]> {
  const read = readPartly(name, text, file);
  return read.faults.length > 0 ? err(read.faults) : ok(read);
}

/** The same, with what could be read in spite of faults; values at fault are left out, a text that is no YAML is an empty message. */
export function readPartly<Name extends MessageName>(
  name: Name,
  text: string,
  file: string,
): PartlyRead<Messages[Name]> {
  const type = messageType(name);
  if (type === undefined) throw new TypeError(`${name} is not in the tables`);
  const source = new SourceText(text, file);
  const locate = (diagnostics: readonly Diagnostic[]): Diagnostic[] => source.locate(diagnostics);
  const syntax = source.syntaxFaults();
  if (syntax.length > 0) return { message: {} as Messages[Name], faults: syntax, locate };
  const reader = new TextReader(source);
  const contents = source.document.contents;
  // Null is a message of its own kind only for google.protobuf.Value.
  const message = contents === null ? undefined : reader.message(type, contents, Path.ROOT);
  return { message: (message === undefined ? {} : message) as Messages[Name], faults: reader.found, locate };
}

type Fields = Record<string, unknown>;

class TextReader {
  readonly found: Diagnostic[] = [];
  readonly #source: SourceText;
  #nodes = 0;
  #aliases = 0;

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** The message in `node`; undefined after a finding. */
  message(type: MessageType, given: unknown, path: Path): unknown {
    const node = this.#resolve(given);
    switch (type.form) {
      case 'fields':
        return isMap(node) ? this.#fields(type, node, path) : this.#wrong(node, path, `a mapping (${type.name})`);
      case 'any':
        return isMap(node) ? this.#any(node, path) : this.#wrong(node, path, 'a mapping with @type');
      case 'wrapper':
        return this.#scalar(type.wrapped, node, path);
      case 'struct':
        return isMap(node) ? this.#json(node, path) : this.#wrong(node, path, 'a mapping');
      case 'list':
        return isSeq(node) ? this.#json(node, path) : this.#wrong(node, path, 'a list');
      case 'value':
        return this.#json(node, path);
      case 'duration':
        return this.#parsed(node, path, parseProtoDuration, 'a duration such as 1.5s');
      case 'timestamp':
        return this.#parsed(node, path, parseTimestamp, 'a time such as 2026-01-02T03:04:05Z');
      case 'mask':
        return this.#parsed(
          node,
          path,
          (text) => ({ paths: text === '' ? [] : text.split(',').map(snake) }),
          'field paths',
        );
    }
  }

  /** The node that an alias stands for, or the node itself. */
  #resolve(node: unknown): unknown {
    if (!isAlias(node)) return node;
    this.#aliases += 1;
    if (this.#aliases === MAX_ALIASES) {
      this.#fault(node, Path.ROOT, 'limit-exceeded', `more than ${MAX_ALIASES} aliases are followed`);
    }
    return this.#aliases < MAX_ALIASES ? this.#source.resolve(node) : null;
  }

  #fields(type: MessageType, map: YAMLMap, path: Path, skip?: string): Fields {
    const message: Fields = {};
    const seen = new Map<Field, Pair>();
    const oneofs = new Map<string, string>();
    for (const pair of map.items) {
      const key = keyText(pair.key);
      if (key === skip) continue;
      const field = type.byName.get(key);
      if (field === undefined) {
        this.#unknownField(type, pair, key, path);
        continue;
      }
      const at = path.field(field.name);
      if (seen.has(field))
        this.#fault(pair.key, at, 'duplicate-field', 'the key stands there twice', 'keep one of the two');
      seen.set(field, pair);
      const value = this.#resolve(pair.value);
      if (isNull(value) && !(field.kind === 'message' && field.message.form === 'value')) continue;
      if (field.oneof !== undefined) {
        const other = oneofs.get(field.oneof);
        if (other !== undefined && other !== field.name) {
          this.#fault(pair.key, at, 'oneof-conflict', `${other} and ${field.name} are both set`, 'keep one of the two');
        }
        oneofs.set(field.oneof, field.name);
      }
      const read = this.#field(field, value, at);
      if (read === undefined) continue;
      const empty = Array.isArray(read) ? read.length === 0 : read instanceof Map && read.size === 0;
      if (field.repeated || field.mapKey !== undefined ? !empty : field.presence || !isDefault(field, read)) {
        message[field.name] = read;
      }
    }
    return message;
  }

  #field(field: Field, node: unknown, path: Path): unknown {
    if (field.mapKey !== undefined) return this.#map(field, node, path);
    if (!field.repeated) return this.#single(field, node, path);
    if (!isSeq(node)) return this.#wrong(node, path, 'a list');
    return node.items.flatMap((item, index) => {
      const value = this.#single(field, this.#resolve(item), path.index(index));
      return value === undefined ? [] : [value];
    });
  }

  #map(field: Field, node: unknown, path: Path): unknown {
    if (!isMap(node)) return this.#wrong(node, path, 'a mapping');
    const map = new Map<unknown, unknown>();
    for (const pair of node.items) {
      const text = keyText(pair.key);
      const key = field.mapKey === 'string' ? text : field.mapKey === 'bool' ? text === 'true' : parseInteger(text);
      const at = path.key(text);
      if (key === undefined) this.#fault(pair.key, at, 'wrong-type', `the key is no ${field.mapKey}`);
      else if (map.has(key))
        this.#fault(pair.key, at, 'duplicate-field', 'the key stands there twice', 'keep one of the two');
      const value = this.#single(field, this.#resolve(pair.value), at);
      if (value !== undefined && key !== undefined) map.set(key, value);
    }
    return map;
  }

  #single(field: Field, node: unknown, path: Path): unknown {
    this.#nodes += 1;
    if (this.#nodes === MAX_NODES) this.#fault(node, path, 'limit-exceeded', `more than ${MAX_NODES} nodes`);
    if (this.#nodes >= MAX_NODES) return undefined;
    return field.kind === 'message' ? this.message(field.message, node, path) : this.#scalar(field, node, path);
  }

  #scalar(field: Field, node: unknown, path: Path): unknown {
    if (!isScalar(node)) return this.#wrong(node, path, nounOf(field));
    const value = plainValue(node);
    switch (field.kind) {
      case 'string':
        if (typeof value === 'string') return value;
        return this.#wrong(node, path, 'a string', `quote it: "${keyText(node)}"`);
      case 'bool':
        return typeof value === 'boolean' ? value : this.#wrong(node, path, 'true or false');
      case 'bytes': {
        const bytes = typeof value === 'string' ? parseBase64(value) : undefined;
        return bytes ?? this.#wrong(node, path, 'base64');
      }
      case 'enum':
        return this.#enumeration(field, node, value, path);
      case 'float':
      case 'double':
        return parseFloating(value) ?? this.#wrong(node, path, 'a number');
      case 'message':
        return undefined;
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
        return this.#integer(field, node, value, path);
    }
  }

  #integer(field: Field, node: Scalar, value: unknown, path: Path): unknown {
    if (isPlain(node) && /^[-+]?0\d/.test(keyText(node))) {
      this.#fault(
        node,
        path,
        'invalid-value',
        'a leading zero means octal to Envoy and decimal to others',
        'drop the zero',
      );
      return undefined;
    }
    const number = parseInteger(
      isPlain(node) && typeof value === 'number' && !Number.isSafeInteger(value) ? keyText(node) : value,
    );
    if (number === undefined) return this.#wrong(node, path, 'a whole number');
    if (fits(field.kind, number)) return number;
    this.#fault(node, path, 'wrong-type', `${number} is outside ${field.kind}`);
    return undefined;
  }

  #enumeration(field: Field, node: Scalar, value: unknown, path: Path): unknown {
    const type = field.enumeration;
    const name = typeof value === 'number' ? type.names.get(value) : typeof value === 'string' ? value : undefined;
    const number = name === undefined ? undefined : type.numbers.get(name);
    if (number !== undefined) return type.names.get(number);
    const near = typeof value === 'string' ? nearest(value, type.numbers.keys()) : undefined;
    const known = [...type.numbers.keys()];
    this.#fault(
      node,
      path,
      'unknown-enum-value',
      `${type.name} has no value ${keyText(node)}`,
      near === undefined ? `use one of ${known.slice(0, 12).join(', ')}` : `did you mean ${near}`,
    );
    return undefined;
  }

  #any(map: YAMLMap, path: Path): AnyMessage | undefined {
    const pair = map.items.find((item) => keyText(item.key) === '@type');
    if (pair === undefined) {
      if (map.items.length === 0) return { type_url: '', value: new Uint8Array(0) };
      this.#fault(map, path, 'missing-field', 'an Any needs @type', 'add "@type": type.googleapis.com/...');
      return undefined;
    }
    const url = keyText(this.#resolve(pair.value));
    const name = nameOfTypeUrl(url);
    const type = messageType(name);
    if (type === undefined || !url.includes('/')) {
      this.unknownType(pair.value, path, url);
      return undefined;
    }
    if (TYPED_STRUCTS.has(name)) return this.#typedStruct(map, path);
    const message = type.form === 'fields' ? this.#fields(type, map, path, '@type') : this.#anyValue(type, map, path);
    return message === undefined ? undefined : { type_url: typeUrl(name), message: message as object };
  }

  /** An Any of a message with a JSON form of its own keeps it under `value`. */
  #anyValue(type: MessageType, map: YAMLMap, path: Path): unknown {
    for (const pair of map.items) {
      const key = keyText(pair.key);
      if (key !== '@type' && key !== 'value') this.#unknownField(type, pair, key, path);
    }
    const value = map.items.find((item) => keyText(item.key) === 'value');
    if (value !== undefined) return this.message(type, value.value, path.field('value'));
    this.#fault(map, path, 'missing-field', `${type.name} in an Any stands under "value"`);
    return undefined;
  }

  /** The message that a TypedStruct describes. */
  #typedStruct(map: YAMLMap, path: Path): AnyMessage | undefined {
    let url = '';
    let urlNode: unknown = map;
    let value: unknown;
    for (const pair of map.items) {
      const key = keyText(pair.key);
      if (key === 'type_url' || key === 'typeUrl') [url, urlNode] = [keyText(pair.value), pair.value];
      else if (key === 'value') value = this.#resolve(pair.value);
      else if (key !== '@type')
        this.#fault(pair.key, path.field(key), 'unknown-field', `TypedStruct has no field ${key}`);
    }
    const name = nameOfTypeUrl(url);
    const type = messageType(name);
    if (type === undefined) {
      this.unknownType(urlNode, path, url);
      return undefined;
    }
    const message = value === undefined ? {} : this.message(type, value, path);
    return message === undefined ? undefined : { type_url: typeUrl(name), message: message as object };
  }

  unknownType(node: unknown, path: Path, url: string): void {
    const name = nameOfTypeUrl(url);
    if (!url.includes('/')) {
      this.#fault(node, path, 'unknown-type', `${url} is no type URL`, `write type.googleapis.com/${name}`);
    } else if (standing(name) === 'named') {
      this.#fault(node, path, 'unsupported-type', `${name} is known to Envoy, not supported here`);
    } else this.#fault(node, path, 'unknown-type', `Envoy 1.40 has no message ${name}`);
  }

  #unknownField(type: MessageType, pair: Pair, key: string, path: Path): void {
    const near = nearest(key, type.byName.keys());
    this.#fault(
      pair.key,
      path.field(key),
      'unknown-field',
      `unknown field of ${type.name}`,
      near === undefined ? undefined : `did you mean ${near}`,
    );
  }

  #json(given: unknown, path: Path): JsonValue {
    const node = this.#resolve(given);
    this.#nodes += 1;
    if (this.#nodes >= MAX_NODES) return null;
    if (isSeq(node)) return node.items.map((item, index) => this.#json(item, path.index(index)));
    if (isMap(node)) {
      const object = {};
      for (const pair of node.items) {
        const key = keyText(pair.key);
        if (Object.hasOwn(object, key)) {
          this.#fault(pair.key, path.key(key), 'duplicate-field', 'the key stands there twice', 'keep one of the two');
        }
        setProperty(object, key, this.#json(pair.value, path.key(key)));
      }
      return object;
    }
    if (!isScalar(node)) return null;
    const value = plainValue(node);
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    const number = Number(value);
    if (!Number.isFinite(number)) this.#fault(node, path, 'wrong-type', 'a JSON number must be finite');
    return number;
  }

  #parsed<T>(node: unknown, path: Path, parse: (text: string) => T | undefined, wanted: string): T | undefined {
    const value = isScalar(node) ? plainValue(node) : undefined;
    const parsed = typeof value === 'string' ? parse(value) : undefined;
    return parsed ?? this.#wrong(node, path, wanted);
  }

  #wrong(node: unknown, path: Path, wanted: string, remedy?: string): undefined {
    const what = isMap(node) ? 'a mapping' : isSeq(node) ? 'a list' : isScalar(node) ? keyText(node) : 'nothing';
    this.#fault(node, path, 'wrong-type', `expected ${wanted}, found ${what}`, remedy);
    return undefined;
  }

  #fault(node: unknown, path: Path, code: EnvoyFault, message: string, remedy?: string): void {
    if (this.found.length >= MAX_FAULTS) return;
    const place = { file: this.#source.file, ...this.#source.position(startOf(node)), path: path.toString() };
    this.found.push({ severity: 'error', code, message, place, remedy });
  }
}

const isPlain = (node: Scalar): boolean => node.type === 'PLAIN' || node.type === undefined;

const isNull = (node: unknown): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null);

/** A scalar as Envoy's reader sees it: its YAML 1.1 words for booleans count as such when they are not quoted. */
function plainValue(node: Scalar): null | boolean | number | bigint | string {
  const value = node.value;
  if (typeof value === 'string' && isPlain(node)) return YAML_WORDS.get(value) ?? value;
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint')
    return value;
  return String(value);
}

const nounOf = (field: Field): string =>
  field.kind === 'enum'
    ? `a value of ${field.enumeration.name}`
    : field.kind === 'bool'
      ? 'true or false'
      : `a ${field.kind}`;

const snake = (text: string): string => text.replace(/[A-Z]/g, (char) => `_${char.toLowerCase()}`);
