/** The tables made usable: a message type's fields, read from their text when the type is first asked for. */
import tables from './generated/tables.json' with { type: 'json' };

export type ScalarKind =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'double'
  | 'float'
  | 'int32'
  | 'uint32'
  | 'sint32'
  | 'fixed32'
  | 'sfixed32'
  | 'int64'
  | 'uint64'
  | 'sint64'
  | 'fixed64'
  | 'sfixed64';
export type FieldKind = ScalarKind | 'enum' | 'message';

/** How the codec holds a message: by its fields, or in a form of its own (proto3 JSON mapping). */
export type MessageForm =
  | 'fields'
  | 'wrapper'
  | 'any'
  | 'struct'
  | 'value'
  | 'list'
  | 'duration'
  | 'timestamp'
  | 'mask';

const FORMS: Readonly<Record<string, MessageForm>> = {
  'google.protobuf.Any': 'any',
  'google.protobuf.Struct': 'struct',
  'google.protobuf.Value': 'value',
  'google.protobuf.ListValue': 'list',
  'google.protobuf.Duration': 'duration',
  'google.protobuf.Timestamp': 'timestamp',
  'google.protobuf.FieldMask': 'mask',
  'google.protobuf.BoolValue': 'wrapper',
  'google.protobuf.BytesValue': 'wrapper',
  'google.protobuf.StringValue': 'wrapper',
  'google.protobuf.DoubleValue': 'wrapper',
  'google.protobuf.FloatValue': 'wrapper',
  'google.protobuf.Int32Value': 'wrapper',
  'google.protobuf.UInt32Value': 'wrapper',
  'google.protobuf.Int64Value': 'wrapper',
  'google.protobuf.UInt64Value': 'wrapper',
};

export class Field {
  readonly name: string;
  /** lowerCamelCase, the proto3 JSON name. */
  readonly jsonName: string;
  readonly number: number;
  readonly kind: FieldKind;
  readonly repeated: boolean;
  /** Set on maps; `kind` and `message` are then the value's. */
  readonly mapKey: ScalarKind | undefined;
  readonly oneof: string | undefined;
  /** A default value that stands there is not the same as an absent one. */
  readonly presence: boolean;
  readonly packed: boolean;
  readonly disallowed: boolean;
  readonly #typeName: string;
  #message: MessageType | undefined;
  #enumeration: EnumType | undefined;

  constructor(text: string) {
    const [name = '', number = '', type = '', ...flags] = text.split(' ');
    const map = /^\{(\w+)\}(.+)$/.exec(type);
    const list = type.startsWith('[]');
    const base = map?.[2] ?? (list ? type.slice(2) : type);
    const oneof = flags.find((flag) => flag.startsWith('of='));
    this.name = name;
    this.jsonName = name.replace(/_+(.)?/g, (_, char: string | undefined) => char?.toUpperCase() ?? '');
    this.number = Number(number);
    this.kind = base.startsWith('enum:') ? 'enum' : base.includes('.') ? 'message' : (base as ScalarKind);
    this.repeated = list;
    this.mapKey = map === null ? undefined : (map[1] as ScalarKind);
    this.oneof = oneof?.slice(3);
    this.presence =
      !list && map === null && (this.kind === 'message' || oneof !== undefined || flags.includes('optional'));
    this.packed = list && !flags.includes('unpacked') && !['message', 'string', 'bytes'].includes(this.kind);
    this.disallowed = flags.includes('disallowed');
    this.#typeName = base.startsWith('enum:') ? base.slice(5) : base;
  }

  /** Of a field whose kind is `message`. */
  get message(): MessageType {
    this.#message ??= requireType(messageType(this.#typeName), this.#typeName);
    return this.#message;
  }

  /** Of a field whose kind is `enum`. */
  get enumeration(): EnumType {
    this.#enumeration ??= requireType(enumType(this.#typeName), this.#typeName);
    return this.#enumeration;
  }
}

export class MessageType {
  readonly name: string;
  readonly form: MessageForm;
  /** Ascending by number. */
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
  /** By protobuf name and by JSON name. */
  readonly byName: ReadonlyMap<string, Field>;

  constructor(name: string, text: string) {
    this.name = name;
    this.form = FORMS[name] ?? 'fields';
    this.fields = text === '' ? [] : text.split('|').map((field) => new Field(field));
    this.fields = this.fields.toSorted((a, b) => a.number - b.number);
    this.byNumber = new Map(this.fields.map((field) => [field.number, field]));
    this.byName = new Map(
      this.fields.flatMap((field) => [[field.jsonName, field] as const, [field.name, field] as const]),
    );
  }

  /** Of a wrapper: its only field. */
  get wrapped(): Field {
    const [field] = this.fields;
    if (field === undefined) throw new TypeError(`${this.name} wraps nothing`);
    return field;
  }
}

export class EnumType {
  readonly name: string;
  readonly numbers: ReadonlyMap<string, number>;
  /** The first name of each number. */
  readonly names: ReadonlyMap<number, string>;
  /** Values that Envoy refuses unless told otherwise. */
  readonly disallowed: ReadonlySet<string>;

  constructor(name: string, text: string) {
    const numbers = new Map<string, number>();
    const names = new Map<number, string>();
    const disallowed = new Set<string>();
    for (const entry of text.split(' ')) {
      const [value = '', digits = ''] = entry.split('=');
      const number = Number.parseInt(digits, 10);
      if (digits.endsWith('!')) disallowed.add(value);
      numbers.set(value, number);
      if (!names.has(number)) names.set(number, value);
    }
    this.name = name;
    this.numbers = numbers;
    this.names = names;
    this.disallowed = disallowed;
  }
}

function requireType<T>(type: T | undefined, name: string): T {
  if (type === undefined) throw new TypeError(`${name} is not in the tables`);
  return type;
}

const messageTexts = new Map<string, string>(Object.entries(tables.messages));
const enumTexts = new Map<string, string>(Object.entries(tables.enums));
const messageTypes = new Map<string, MessageType>();
const enumTypes = new Map<string, EnumType>();

/** The type of that full name, undefined when the tables do not list it in full. */
export function messageType(name: string): MessageType | undefined {
  const known = messageTypes.get(name);
  const text = messageTexts.get(name);
  if (known !== undefined || text === undefined) return known;
  const made = new MessageType(name, text);
  messageTypes.set(name, made);
  return made;
}

export function enumType(name: string): EnumType | undefined {
  const known = enumTypes.get(name);
  const text = enumTexts.get(name);
  if (known !== undefined || text === undefined) return known;
  const made = new EnumType(name, text);
  enumTypes.set(name, made);
  return made;
}

/** Full names of every message that the tables list in full. */
export const messageNames = (): string[] => [...messageTexts.keys()];
