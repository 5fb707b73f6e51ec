/**
 * A value against a schema: every violation at once, each with its path, in our words. Never throws, whatever the value; stops after
 * `MAX_VIOLATIONS`, and says so. `null` counts as absent (Kubernetes' rule).
 */
import { checkInteger, checkIntOrString, checkString } from './check-scalar.ts';
import { checkUnique } from './check-unique.ts';
import { completed } from './complete.ts';
import type { FieldPath } from './path.ts';
import { quoted } from './printable.ts';
import type { ArraySchema, MapSchema, ObjectSchema, Schema } from './schema.ts';
import { suggest } from './suggest.ts';
import { isMapping, type Violations, wrongType } from './violations.ts';

/** Whether `value` has the shape of `schema`; rules of objects whose own shape is right run too. */
export function checkValue(schema: Schema, value: unknown, path: FieldPath, found: Violations): boolean {
  if (found.full) return false;
  switch (schema.kind) {
    case 'object':
      return checkObject(schema, value, path, found);
    case 'array':
      return checkArray(schema, value, path, found);
    case 'map':
      return checkMap(schema, value, path, found);
    case 'string':
      return checkString(schema, value, path, found);
    case 'integer':
      return checkInteger(schema, value, path, found);
    case 'int-or-string':
      return checkIntOrString(schema, value, path, found);
    case 'any':
      return true;
    case 'boolean':
      return typeof value === 'boolean' || wrongType(found, path, 'true or false', value);
  }
}

function checkObject(schema: ObjectSchema, value: unknown, path: FieldPath, found: Violations): boolean {
  if (!isMapping(value)) return wrongType(found, path, 'a mapping', value);
  let right = true;
  const names = Object.keys(schema.fields);
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(schema.fields, key)) continue;
    right = unknownField(schema, key, names, [...path, key], found);
  }
  for (const [name, field] of Object.entries(schema.fields)) {
    const own = Object.hasOwn(value, name) ? value[name] : undefined;
    if (own == null) {
      if (field.presence === 'required')
        right = found.add([...path, name], 'missing-field', 'is required and missing', `add \`${name}\``);
    } else if (field.presence === 'unsupported') {
      right = found.add(
        [...path, name],
        'unsupported-field',
        `\`${name}\` is not supported: ${field.doc}`,
        'remove it',
      );
    } else if (!checkValue(field.schema, own, [...path, name], found)) right = false;
  }
  if (right && schema.rule !== undefined) {
    const before = found.list.length;
    schema.rule(completed(schema, value) as never, (below, code, message, remedy, severity) => {
      found.add([...path, ...below], code, message, remedy, severity);
    });
    right = found.list.slice(before).every((violation) => violation.severity !== 'error');
  }
  return right;
}

function unknownField(
  schema: ObjectSchema,
  key: string,
  names: readonly string[],
  path: FieldPath,
  found: Violations,
): false {
  const offered = names.filter((name) => schema.fields[name]?.presence !== 'unsupported');
  const near = suggest(key, offered);
  const remedy =
    near !== undefined
      ? `did you mean \`${near}\`?`
      : offered.length <= 12 && offered.length > 0
        ? `the fields here are ${offered.map((name) => `\`${name}\``).join(', ')}`
        : 'remove it';
  return found.add(path, 'unknown-field', `unknown field ${quoted(key)}`, remedy);
}

function checkArray(schema: ArraySchema, value: unknown, path: FieldPath, found: Violations): boolean {
  if (!Array.isArray(value)) return wrongType(found, path, 'a list', value, 'begin each item with `- `');
  let right = true;
  if (value.length > schema.maxItems) {
    return found.add(path, 'too-many', `at most ${schema.maxItems} items are allowed, found ${value.length}`);
  }
  if (value.length < schema.minItems) {
    right = found.add(
      path,
      'too-few',
      `at least ${schema.minItems} ${schema.minItems === 1 ? 'item is' : 'items are'} needed`,
    );
  }
  for (const [index, item] of value.entries()) {
    if (!checkValue(schema.items, item, [...path, index], found)) right = false;
  }
  return (schema.uniqueBy === undefined || checkUnique(schema.uniqueBy, schema.items, value, path, found)) && right;
}

function checkMap(schema: MapSchema, value: unknown, path: FieldPath, found: Violations): boolean {
  if (!isMapping(value)) return wrongType(found, path, 'a mapping', value);
  const entries = Object.entries(value);
  if (entries.length > schema.maxEntries) {
    return found.add(path, 'too-many', `at most ${schema.maxEntries} entries are allowed, found ${entries.length}`);
  }
  let right = true;
  for (const [key, entry] of entries) {
    if (schema.keys !== undefined && !schema.keys.accepts(key)) {
      right = found.add([...path, key], 'invalid-key', `expected ${schema.keys.expected} as key`);
    }
    if (entry !== null && !checkValue(schema.values, entry, [...path, key], found)) right = false;
  }
  return right;
}
