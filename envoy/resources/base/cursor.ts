/**
 * Reads one message and knows which of its fields were taken: what is left over at the end is refused with its path. A decoder that
 * forgets a field therefore refuses it; it cannot ignore it.
 */
import { Path, type Report } from '../../codec/index.ts';
import type { EnvoyFault } from '../../errors.ts';
import {
  nameOfTypeUrl,
  unpack,
  type AnyMessage,
  type JsonValue,
  type MessageName,
  type Messages,
} from '../../tables/index.ts';

/** The entry type of a repeated field. */
type Item<List> = NonNullable<List> extends readonly (infer Entry)[] ? Entry : never;
type FieldOf<Message> = keyof Message & string;

export class Cursor<Message extends object> {
  readonly path: Path;
  readonly report: Report;
  readonly #message: Message;
  readonly #taken = new Set<string>();

  constructor(message: Message, path: Path, report: Report) {
    this.#message = message;
    this.path = path;
    this.report = report;
  }

  at(field: FieldOf<Message>): Path {
    return this.path.field(field);
  }

  /** The field's value; it counts as understood from now on. */
  take<Name extends FieldOf<Message>>(field: Name): Message[Name] {
    this.#taken.add(field);
    return this.#message[field];
  }

  has(field: FieldOf<Message>): boolean {
    return this.#message[field] !== undefined;
  }

  /** The message in `field`, read by `decode`; undefined when absent. */
  within<Name extends FieldOf<Message>, Value>(
    field: Name,
    decode: (cursor: Cursor<NonNullable<Message[Name]> & object>) => Value,
  ): Value | undefined {
    const inner = this.take(field);
    if (inner === undefined || inner === null) return undefined;
    return reading(inner as NonNullable<Message[Name]> & object, this.at(field), this.report, decode);
  }

  /** Each message of a repeated field. */
  each<Name extends FieldOf<Message>, Value>(
    field: Name,
    decode: (cursor: Cursor<Item<Message[Name]> & object>, index: number) => Value,
  ): Value[] {
    const list = (this.take(field) ?? []) as readonly (Item<Message[Name]> & object)[];
    return list.map((inner, index) =>
      reading(inner, this.at(field).index(index), this.report, (cursor) => decode(cursor, index)),
    );
  }

  /** Accepts `field` when it is absent or says what holds without it. */
  only<Name extends FieldOf<Message>>(field: Name, value: NonNullable<Message[Name]>): void {
    const present = this.take(field);
    if (present === undefined || present === value) return;
    this.fault(field, 'unsupported-value', `only ${String(value)} is supported here`);
  }

  fault(field: FieldOf<Message>, code: EnvoyFault, message: string, remedy?: string): void {
    this.report.fault(this.at(field), code, message, remedy);
  }

  /** The message as a whole is at fault. */
  refuse(code: EnvoyFault, message: string, remedy?: string): void {
    this.report.fault(this.path, code, message, remedy);
  }

  /** Refuses every field that was not taken. */
  close(): void {
    for (const [name, value] of Object.entries(this.#message)) {
      if (value === undefined || this.#taken.has(name)) continue;
      this.report.fault(this.path.field(name), 'unsupported-field', 'known to Envoy, not supported here');
    }
  }
}

/** Reads `message` by `decode` and refuses what it left over. */
export function reading<Message extends object, Value>(
  message: Message,
  path: Path,
  report: Report,
  decode: (cursor: Cursor<Message>) => Value,
): Value {
  const cursor = new Cursor(message, path, report);
  const value = decode(cursor);
  cursor.close();
  return value;
}

/** What an Any of each supported type becomes. */
export type AnyDecoders<Value> = {
  readonly [Name in MessageName]?: (cursor: Cursor<Messages[Name] & object>) => Value;
};

/** Reads an Any by its type; undefined and a finding when none of the decoders takes it. */
export function readingAny<Value>(
  any: AnyMessage | undefined,
  path: Path,
  report: Report,
  decoders: AnyDecoders<Value>,
): Value | undefined {
  if (any === undefined || any.type_url === '') {
    report.fault(path, 'missing-field', 'an extension needs its typed_config');
    return undefined;
  }
  for (const name of Object.keys(decoders) as MessageName[]) {
    if (nameOfTypeUrl(any.type_url) !== name) continue;
    const message = unpack(name, any);
    const decode = decoders[name] as ((cursor: Cursor<object>) => Value) | undefined;
    if (typeof message === 'object' && message !== null && decode !== undefined)
      return reading(message, path, report, decode);
  }
  report.fault(path, 'unsupported-type', `${nameOfTypeUrl(any.type_url)} is not supported here`);
  return undefined;
}

/** Reads a JSON object (filter metadata) of texts: unknown keys and other types are refused. */
export function readingTexts<Key extends string>(
  value: JsonValue | undefined,
  keys: readonly Key[],
  path: Path,
  report: Report,
): Partial<Record<Key, string>> {
  const texts: Partial<Record<Key, string>> = {};
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    report.fault(path, 'wrong-type', 'expected an object');
    return texts;
  }
  for (const [name, entry] of Object.entries(value)) {
    const key = keys.find((known) => known === name);
    if (key === undefined) report.fault(path.field(name), 'unsupported-field', 'not a field of this metadata');
    else if (typeof entry !== 'string') report.fault(path.field(name), 'wrong-type', 'expected a string');
    else texts[key] = entry;
  }
  return texts;
}
