/** Arbitrary messages of any type in the tables, made from the tables themselves, in the form in which the readers return them. */
import fc from 'fast-check';
import { messageType, typeUrl, type Field, type JsonValue, type MessageType } from '../tables/index.ts';

const SAMPLES_IN_ANY = [
  'google.protobuf.StringValue',
  'google.protobuf.Duration',
  'envoy.config.core.v3.SocketAddress',
  'envoy.extensions.filters.http.router.v3.Router',
];

const text = fc.string({ unit: 'grapheme', maxLength: 12 });

const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.constantFrom(0.5, -1.25, 1e300),
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

/** A message of that type; deeper than `depth` only fields without messages are set. */
export function anyMessageOf(type: MessageType, depth = 3): fc.Arbitrary<unknown> {
  switch (type.form) {
    case 'wrapper':
      return anyValueOf(type.wrapped, depth);
    case 'any':
      return fc.constantFrom(...SAMPLES_IN_ANY).chain((name) => {
        const inner = messageType(name);
        if (inner === undefined) throw new TypeError(name);
        return anyMessageOf(inner, depth - 1).map((message) => ({ type_url: typeUrl(name), message }));
      });
    case 'struct':
      return fc.dictionary(text, json, { maxKeys: 3, noNullPrototype: true });
    case 'list':
      return fc.array(json, { maxLength: 3 });
    case 'value':
      return json;
    case 'duration':
      return fc
        .tuple(fc.integer({ min: -315_576_000_000, max: 315_576_000_000 }), fc.nat(999_999_999))
        .map(([seconds, nanos]) => sparse({ seconds, nanos: seconds < 0 ? -nanos : nanos }));
    case 'timestamp':
      return fc
        .tuple(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), fc.nat(999_999_999))
        .map(([seconds, nanos]) => sparse({ seconds, nanos }));
    case 'mask':
      return fc.array(fc.constantFrom('a', 'b_c.d'), { minLength: 1, maxLength: 3 }).map((paths) => ({ paths }));
    case 'fields':
      return anyFieldsOf(type, depth);
  }
}

function anyFieldsOf(type: MessageType, depth: number): fc.Arbitrary<unknown> {
  const chosen = type.fields.filter(
    (field) => depth > 0 || field.kind !== 'message' || field.message.form !== 'fields',
  );
  return fc.shuffledSubarray(chosen, { maxLength: Math.min(5, chosen.length) }).chain((fields) => {
    const record: Record<string, fc.Arbitrary<unknown>> = {};
    for (const field of fields) record[field.name] = anyFieldOf(field, depth - 1);
    return fc.record(record).map((values) => sparse(values, type));
  });
}

/** Without what the readers leave out: defaults without presence, empty lists and maps, all but one member of a oneof. */
function sparse(fields: Readonly<Record<string, unknown>>, type?: MessageType): object {
  const kept: Record<string, unknown> = {};
  const oneofs = new Set<string>();
  for (const [name, value] of Object.entries(fields)) {
    const field = type?.byName.get(name);
    if (value === undefined || (field?.presence !== true && isEmpty(value, field))) continue;
    if (field?.oneof !== undefined) {
      if (oneofs.has(field.oneof)) continue;
      oneofs.add(field.oneof);
    }
    kept[name] = value;
  }
  return kept;
}

const isEmpty = (value: unknown, field: Field | undefined): boolean =>
  value === 0 ||
  value === '' ||
  value === false ||
  (value instanceof Uint8Array && value.length === 0) ||
  (value instanceof Map && value.size === 0) ||
  (Array.isArray(value) && value.length === 0) ||
  (field?.kind === 'enum' && field.mapKey === undefined && field.enumeration.names.get(0) === value);

function anyFieldOf(field: Field, depth: number): fc.Arbitrary<unknown> {
  if (field.mapKey !== undefined) {
    const key = field.mapKey === 'string' ? text : field.mapKey === 'bool' ? fc.boolean() : fc.nat(1000);
    return fc
      .array(fc.tuple(key as fc.Arbitrary<unknown>, anyValueOf(field, depth)), { maxLength: 3 })
      .map((entries) => new Map(entries));
  }
  return field.repeated ? fc.array(anyValueOf(field, depth), { maxLength: 3 }) : anyValueOf(field, depth);
}

function anyValueOf(field: Field, depth: number): fc.Arbitrary<unknown> {
  const narrow = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
  if (field.kind === 'string') return text;
  if (field.kind === 'bytes') return fc.uint8Array({ maxLength: 8 });
  if (field.kind === 'bool') return fc.boolean();
  if (field.kind === 'enum') return fc.constantFrom(...field.enumeration.names.values());
  if (field.kind === 'message') return anyMessageOf(field.message, depth);
  if (field.kind === 'double') return fc.double().map((value) => (value === 0 ? 0 : value));
  if (field.kind === 'float') return fc.float().map((value) => (value === 0 ? 0 : value));
  if (field.kind === 'uint32' || field.kind === 'fixed32') return fc.nat(0xffffffff);
  if (field.kind.endsWith('32')) return fc.integer();
  if (field.kind === 'uint64' || field.kind === 'fixed64') return fc.bigInt(0n, 2n ** 64n - 1n).map(narrow);
  return fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(narrow);
}
