/** Texts and numbers against their schemas. */
import type { Format } from './formats.ts';
import type { FieldPath } from './path.ts';
import type { IntegerSchema, IntOrStringSchema, StringSchema } from './schema.ts';
import { suggest } from './suggest.ts';
import { describe, type Violations, wrongType } from './violations.ts';

export function checkString(schema: StringSchema, value: unknown, path: FieldPath, found: Violations): boolean {
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

export function checkInteger(schema: IntegerSchema, value: unknown, path: FieldPath, found: Violations): boolean {
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

export function checkIntOrString(
  schema: IntOrStringSchema,
  value: unknown,
  path: FieldPath,
  found: Violations,
): boolean {
  if (typeof value === 'string') return checkFormat(schema.format, value, path, found);
  const expected = `a whole number from ${schema.minimum} to ${schema.maximum}, or ${schema.format.expected}`;
  if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType(found, path, expected, value);
  return (
    (value >= schema.minimum && value <= schema.maximum) ||
    found.add(path, 'out-of-range', `expected ${expected}, found ${value}`)
  );
}

const list = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');
