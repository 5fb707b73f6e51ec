/**
 * YAML and JSON texts to messages, by the tables (proto3 JSON mapping as Envoy reads it: names in both spellings, enumerations by name
 * or number, Any by `@type`). Every fault at once, each with file, line, column, path and remedy; nothing is ignored.
 */
import { err, ok, type Diagnostic, type Result } from '@weft/core/kernel';
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
import { resolved, type SourceText } from './source.ts';
import { sourceOf, type TextMap, type TextNode, type TextPair, type TextScalar, type TextValue } from './tree.ts';

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

/** Reads a text as that message. */
export function readText<Name extends MessageName>(
  name: Name,
  source: SourceText,
): Result<ReadText<Messages[Name]>, readonly Diagnostic[]> {
  const read = readPartly(name, source);
  return read.faults.length > 0 ? err(read.faults) : ok(read);
}

/** The same, with what could be read in spite of faults; values at fault are left out, a text that is no YAML is an empty message. */
export function readPartly<Name extends MessageName>(name: Name, source: SourceText): PartlyRead<Messages[Name]> {
  const type = messageType(name);
  if (type === undefined) throw new TypeError(`${name} is not in the tables`);
  const locate = (diagnostics: readonly Diagnostic[]): Diagnostic[] => source.locate(diagnostics);
  const syntax = source.syntaxFaults();
  if (syntax.length > 0) return { message: {} as Messages[Name], faults: syntax, locate };
  const reader = new TextReader(source);
  // Null is a message of its own kind only for google.protobuf.Value.
  const message = source.root === null ? undefined : reader.message(type, source.root, Path.ROOT);
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
  message(type: MessageType, given: TextNode | null, path: Path): unknown {
    const node = this.#resolve(given);
    switch (type.form) {
      case 'fields':
        return node?.kind === 'map'
          ? this.#fields(type, node, path)
          : this.#wrong(node, path, `a mapping (${type.name})`);
      case 'any':
        return node?.kind === 'map' ? this.#any(node, path) : this.#wrong(node, path, 'a mapping with @type');
      case 'wrapper':
        return this.#scalar(type.wrapped, node, path);
      case 'struct':
        return node?.kind === 'map' ? this.#json(node, path) : this.#wrong(node, path, 'a mapping');
      case 'list':
        return node?.kind === 'list' ? this.#json(node, path) : this.#wrong(node, path, 'a list');
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
  #resolve(node: TextNode | null): TextValue | null {
    if (node?.kind !== 'alias') return node;
    this.#aliases += 1;
    if (this.#aliases === MAX_ALIASES) {
      this.#fault(node, Path.ROOT, 'limit-exceeded', `more than ${MAX_ALIASES} aliases are followed`);
    }
    return this.#aliases < MAX_ALIASES ? resolved(node) : null;
  }

  #fields(type: MessageType, map: TextMap, path: Path, skip?: string): Fields {
    const message: Fields = {};
    const seen = new Set<Field>();
    const oneofs = new Map<string, string>();
    for (const pair of map.pairs) {
      const { key } = pair;
      if (key === skip) continue;
      const field = type.byName.get(key);
      if (field === undefined) {
        this.#unknownField(type, pair, key, path);
        continue;
      }
      const at = path.field(field.name);
      if (seen.has(field))
        this.#fault(pair, at, 'duplicate-field', 'the key stands there twice', 'keep one of the two');
      seen.add(field);
      const value = this.#resolve(pair.value);
      if (isNull(value) && !(field.kind === 'message' && field.message.form === 'value')) continue;
      if (field.oneof !== undefined) {
        const other = oneofs.get(field.oneof);
        if (other !== undefined && other !== field.name) {
          this.#fault(pair, at, 'oneof-conflict', `${other} and ${field.name} are both set`, 'keep one of the two');
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

  #field(field: Field, node: TextNode | null, path: Path): unknown {
    if (field.mapKey !== undefined) return this.#map(field, node, path);
    if (!field.repeated) return this.#single(field, node, path);
    if (node?.kind !== 'list') return this.#wrong(node, path, 'a list');
    return node.items.flatMap((item, index) => {
      const value = this.#single(field, this.#resolve(item), path.index(index));
      return value === undefined ? [] : [value];
    });
  }

  #map(field: Field, node: TextNode | null, path: Path): unknown {
    if (node?.kind !== 'map') return this.#wrong(node, path, 'a mapping');
    const map = new Map<unknown, unknown>();
    for (const pair of node.pairs) {
      const text = pair.key;
      const key = field.mapKey === 'string' ? text : field.mapKey === 'bool' ? text === 'true' : parseInteger(text);
      const at = path.key(text);
      if (key === undefined) this.#fault(pair, at, 'wrong-type', `the key is no ${field.mapKey}`);
      else if (map.has(key))
        this.#fault(pair, at, 'duplicate-field', 'the key stands there twice', 'keep one of the two');
      const value = this.#single(field, this.#resolve(pair.value), at);
      if (value !== undefined && key !== undefined) map.set(key, value);
    }
    return map;
  }

  #single(field: Field, node: TextNode | null, path: Path): unknown {
    this.#nodes += 1;
    if (this.#nodes === MAX_NODES) this.#fault(node, path, 'limit-exceeded', `more than ${MAX_NODES} nodes`);
    if (this.#nodes >= MAX_NODES) return undefined;
    return field.kind === 'message' ? this.message(field.message, node, path) : this.#scalar(field, node, path);
  }

  #scalar(field: Field, node: TextNode | null, path: Path): unknown {
    if (node?.kind !== 'scalar') return this.#wrong(node, path, nounOf(field));
    const value = plainValue(node);
    switch (field.kind) {
      case 'string':
        if (typeof value === 'string') return value;
        return this.#wrong(node, path, 'a string', `quote it: "${node.source}"`);
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

  #integer(field: Field, node: TextScalar, value: unknown, path: Path): unknown {
    if (node.plain && /^[-+]?0\d/.test(node.source)) {
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
      node.plain && typeof value === 'number' && !Number.isSafeInteger(value) ? node.source : value,
    );
    if (number === undefined) return this.#wrong(node, path, 'a whole number');
    if (fits(field.kind, number)) return number;
    this.#fault(node, path, 'wrong-type', `${number} is outside ${field.kind}`);
    return undefined;
  }

  #enumeration(field: Field, node: TextScalar, value: unknown, path: Path): unknown {
    const type = field.enumeration;
    const name = typeof value === 'number' ? type.names.get(value) : typeof value === 'string' ? value : undefined;
    const number = name === undefined ? undefined : (type.numbers.get(name) ?? inAnyCase(type.numbers, name));
    if (number !== undefined) return type.names.get(number);
    const near = typeof value === 'string' ? nearest(value, type.numbers.keys()) : undefined;
    const known = [...type.numbers.keys()];
    this.#fault(
      node,
      path,
      'unknown-enum-value',
      `${type.name} has no value ${node.source}`,
      near === undefined ? `use one of ${known.slice(0, 12).join(', ')}` : `did you mean ${near}`,
    );
    return undefined;
  }

  #any(map: TextMap, path: Path): AnyMessage | undefined {
    const pair = map.pairs.find((item) => item.key === '@type');
    if (pair === undefined) {
      if (map.pairs.length === 0) return { type_url: '', value: new Uint8Array(0) };
      this.#fault(map, path, 'missing-field', 'an Any needs @type', 'add "@type": type.googleapis.com/...');
      return undefined;
    }
    const url = sourceOf(this.#resolve(pair.value));
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
  #anyValue(type: MessageType, map: TextMap, path: Path): unknown {
    for (const pair of map.pairs) {
      const { key } = pair;
      if (key !== '@type' && key !== 'value') this.#unknownField(type, pair, key, path);
    }
    const value = map.pairs.find((item) => item.key === 'value');
    if (value !== undefined) return this.message(type, value.value, path.field('value'));
    this.#fault(map, path, 'missing-field', `${type.name} in an Any stands under "value"`);
    return undefined;
  }

  /** The message that a TypedStruct describes. */
  #typedStruct(map: TextMap, path: Path): AnyMessage | undefined {
    let url = '';
    let urlNode: TextNode | null = map;
    let value: TextNode | null | undefined;
    for (const pair of map.pairs) {
      const { key } = pair;
      if (key === 'type_url' || key === 'typeUrl') [url, urlNode] = [sourceOf(pair.value), pair.value];
      else if (key === 'value') value = this.#resolve(pair.value);
      else if (key !== '@type') this.#fault(pair, path.field(key), 'unknown-field', `TypedStruct has no field ${key}`);
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

  unknownType(node: TextNode | null, path: Path, url: string): void {
    const name = nameOfTypeUrl(url);
    if (!url.includes('/')) {
      this.#fault(node, path, 'unknown-type', `${url} is no type URL`, `write type.googleapis.com/${name}`);
    } else if (standing(name) === 'named') {
      this.#fault(node, path, 'unsupported-type', `${name} is known to Envoy, not supported here`);
    } else this.#fault(node, path, 'unknown-type', `Envoy 1.40 has no message ${name}`);
  }

  #unknownField(type: MessageType, pair: TextPair, key: string, path: Path): void {
    const near = nearest(key, type.byName.keys());
    this.#fault(
      pair,
      path.field(key),
      'unknown-field',
      `unknown field of ${type.name}`,
      near === undefined ? undefined : `did you mean ${near}`,
    );
  }

  #json(given: TextNode | null, path: Path): JsonValue {
    const node = this.#resolve(given);
    this.#nodes += 1;
    if (this.#nodes >= MAX_NODES) return null;
    if (node?.kind === 'list') return node.items.map((item, index) => this.#json(item, path.index(index)));
    if (node?.kind === 'map') {
      const object = {};
      for (const pair of node.pairs) {
        const { key } = pair;
        if (Object.hasOwn(object, key)) {
          this.#fault(pair, path.key(key), 'duplicate-field', 'the key stands there twice', 'keep one of the two');
        }
        setProperty(object, key, this.#json(pair.value, path.key(key)));
      }
      return object;
    }
    if (node?.kind !== 'scalar') return null;
    const value = plainValue(node);
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    const number = Number(value);
    if (!Number.isFinite(number)) this.#fault(node, path, 'wrong-type', 'a JSON number must be finite');
    return number;
  }

  #parsed<T>(node: TextNode | null, path: Path, parse: (text: string) => T | undefined, wanted: string): T | undefined {
    const value = node?.kind === 'scalar' ? plainValue(node) : undefined;
    const parsed = typeof value === 'string' ? parse(value) : undefined;
    return parsed ?? this.#wrong(node, path, wanted);
  }

  #wrong(node: TextNode | null, path: Path, wanted: string, remedy?: string): undefined {
    this.#fault(node, path, 'wrong-type', `expected ${wanted}, found ${sourceOf(node)}`, remedy);
    return undefined;
  }

  #fault(at: { readonly offset: number } | null, path: Path, code: EnvoyFault, message: string, remedy?: string): void {
    if (this.found.length >= MAX_FAULTS) return;
    const place = { file: this.#source.file, ...this.#source.position(at?.offset ?? 0), path: path.toString() };
    this.found.push({ severity: 'error', code, message, place, remedy });
  }
}

const isNull = (node: TextNode | null): boolean => node === null || (node.kind === 'scalar' && node.value === null);

/** A scalar as Envoy's reader sees it: its YAML 1.1 words for booleans count as such when they are not quoted. */
function plainValue({ value, plain }: TextScalar): TextScalar['value'] {
  return plain && typeof value === 'string' ? (YAML_WORDS.get(value) ?? value) : value;
}

const nounOf = (field: Field): string =>
  field.kind === 'enum'
    ? `a value of ${field.enumeration.name}`
    : field.kind === 'bool'
      ? 'true or false'
      : `a ${field.kind}`;

const snake = (text: string): string => text.replace(/[A-Z]/g, (char) => `_${char.toLowerCase()}`);

/** As Envoy reads its files: the case of a value's name does not count. */
function inAnyCase(numbers: ReadonlyMap<string, number>, name: string): number | undefined {
  const wanted = name.toLowerCase();
  for (const [known, number] of numbers) if (known.toLowerCase() === wanted) return number;
  return undefined;
}
