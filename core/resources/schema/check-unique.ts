/** Lists of which no two items agree: Kubernetes' list types `set` and `map`. */
import type { FieldPath } from './path.ts';
import type { Schema } from './schema.ts';
import { isMapping, type Violations } from './violations.ts';

/** Items that are there twice; those of a wrong type are said elsewhere. */
export function checkUnique(
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
