/**
 * A value against a schema: every violation at once, each with its path, in our words. Never throws, whatever the value; stops after
 * `MAX_VIOLATIONS`, and says so. `null` counts as absent (Kubernetes' rule).
 */
import { completed } from './complete.ts';
import type { Format } from './formats.ts';
import type { FieldPath } from './path.ts';
import { cut, quoted, safeJson } from './printable.ts';
import type {
  ArraySchema,
  IntegerSchema,
  IntOrStringSchema,
  MapSchema,
  ObjectSchema,
  Schema,
  StringSchema,
} from './schema.ts';
import { suggest } from './suggest.ts';

export interface Violation {
  readonly path: FieldPath;
  /** As Diagnostic.code. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
  readonly severity: 'error' | 'warning';
}

export const MAX_VIOLATIONS = 100;

/** Collects violations; `full` when no more are taken. */
export class Violations {
  readonly list: Violation[] = [];

  add(path: FieldPath, code: string, message: string, remedy?: string, severity: 'error' | 'warning' = 'error'): false {
    if (this.list.length < MAX_VIOLATIONS) this.list.push({ path, code, message, remedy, severity });
    else if (this.list.length === MAX_VIOLATIONS) {
      const more = `there are more: only the first ${MAX_VIOLATIONS} are shown`;
      this.list.push({ path: [], code: 'more-findings', message: more, remedy: undefined, severity: 'error' });
    }
    return false;
  }

  get full(): boolean {
    return this.list.length > MAX_VIOLATIONS;
  }
}

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

/** What was found, in words: `text "80"`, `number 5`, `a list`. Long texts are cut. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `text ${safeJson(cut(value))}`;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return `${typeof value} ${value}`;
  return 'a mapping';
}

export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrongType = (found: Violations, path: FieldPath, expected: string, value: unknown, remedy?: string): false =>
  found.add(path, 'wrong-type', `expected ${expected}, found ${describe(value)}`, remedy);

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

function checkUnique(
  by: 'item' | readonly string[],
  schema: Schema,
  items: readonly unknown[],
  path: FieldPath,
  found: Violations,
): boolean {
  const seen = new Map<string, number>();
  const only = by !== 'item' && by.length === 1 ? by[0] : undefined;
  let right = true;
  for (const [index, item] of items.entries()) {
    const key = by === 'item' ? keyOfScalars([item]) : keyOfItem(by, schema, item);
    if (key === undefined) continue;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else {
      const what = by === 'item' ? '' : `${by.map((field) => `\`${field}\``).join(' and ')} as `;
      const at = only === undefined ? [...path, index] : [...path, index, only];
      right = found.add(
        at,
        'duplicate-entry',
        by === 'item' ? `is item ${first} already` : `the same ${what}item ${first}`,
        'give each item its own',
      );
    }
  }
  return right;
}

function keyOfItem(fields: readonly string[], schema: Schema, item: unknown): string | undefined {
  if (!isMapping(item)) return undefined;
  const values = fields.map((field) => item[field] ?? defaultOf(schema, field) ?? null);
  return values.every((value) => value === null) ? undefined : keyOfScalars(values);
}

/** undefined when one is no scalar: a wrong type, said elsewhere. */
const keyOfScalars = (values: readonly unknown[]): string | undefined =>
  values.some((value) => typeof value === 'object' && value !== null) ? undefined : JSON.stringify(values);

const defaultOf = (schema: Schema, field: string): unknown =>
  schema.kind === 'object' ? schema.fields[field]?.default : undefined;

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

function checkString(schema: StringSchema, value: unknown, path: FieldPath, found: Violations): boolean {
  const expected = schema.values === undefined ? (schema.format?.expected ?? 'text') : `one of ${list(schema.values)}`;
  if (typeof value !== 'string') {
    const scalar = typeof value === 'number' || typeof value === 'boolean';
    return wrongType(
      found,
      path,
      schema.values === undefined ? 'text' : expected,
      value,
      scalar ? 'put it in quotes' : undefined,
    );
  }
  if (schema.values !== undefined)
    return schema.values.includes(value) || wrongWord(schema, value, expected, path, found);
  if (value.length > schema.maxLength) {
    return found.add(path, 'too-long', `at most ${schema.maxLength} characters are allowed, found ${value.length}`);
  }
  if (value.length < schema.minLength)
    return found.add(path, 'invalid-value', `expected ${expected}, found empty text`);
  return schema.format === undefined || checkFormat(schema.format, value, path, found);
}

function wrongWord(schema: StringSchema, value: string, expected: string, path: FieldPath, found: Violations): false {
  const reason = Object.hasOwn(schema.unsupported, value) ? schema.unsupported[value] : undefined;
  if (reason !== undefined) return found.add(path, 'unsupported-value', `\`${value}\` is not supported: ${reason}`);
  const near = suggest(value, schema.values ?? []);
  return found.add(
    path,
    'invalid-value',
    `expected ${expected}, found ${describe(value)}`,
    near === undefined ? undefined : `did you mean \`${near}\`?`,
  );
}

const checkFormat = (format: Format, value: string, path: FieldPath, found: Violations): boolean =>
  format.accepts(value) || found.add(path, 'invalid-value', `expected ${format.expected}, found ${describe(value)}`);

function checkInteger(schema: IntegerSchema, value: unknown, path: FieldPath, found: Violations): boolean {
  const expected =
    schema.values === undefined
      ? `a whole number from ${schema.minimum} to ${schema.maximum}`
      : `one of ${list(schema.values.map(String))}`;
  if (typeof value !== 'number') {
    const quoted = typeof value === 'string' && /^-?\d+$/.test(value);
    return wrongType(found, path, expected, value, quoted ? 'remove the quotes' : undefined);
  }
  if (!Number.isInteger(value)) return wrongType(found, path, expected, value);
  const right =
    schema.values === undefined ? value >= schema.minimum && value <= schema.maximum : schema.values.includes(value);
  return right || found.add(path, 'out-of-range', `expected ${expected}, found ${value}`);
}

function checkIntOrString(schema: IntOrStringSchema, value: unknown, path: FieldPath, found: Violations): boolean {
  if (typeof value === 'string') return checkFormat(schema.format, value, path, found);
  const expected = `a whole number from ${schema.minimum} to ${schema.maximum}, or ${schema.format.expected}`;
  if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType(found, path, expected, value);
  return (
    (value >= schema.minimum && value <= schema.maximum) ||
    found.add(path, 'out-of-range', `expected ${expected}, found ${value}`)
  );
}

const list = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');
