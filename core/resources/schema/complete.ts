/** Fills in defaults: turns a value that passed the check into the one that is stored. `null` counts as absent (Kubernetes' rule). */
import type { Complete, ObjectSchema, Schema, Written } from './schema.ts';

/** `value` must have passed `checkValue` with the same schema. Fields come out in the schema's order. */
export function complete<S extends Schema>(schema: S, value: Written<S>): Complete<S> {
  return completed(schema, value) as Complete<S>;
}

/** As `complete`, for a value whose shape only the check has seen. */
export function completed(schema: Schema, value: unknown): unknown {
  switch (schema.kind) {
    case 'object':
      return completedObject(schema, value as Readonly<Record<string, unknown>>);
    case 'array':
      return (value as readonly unknown[]).map((item) => completed(schema.items, item));
    case 'map':
      return Object.fromEntries(
        Object.entries(value as Readonly<Record<string, unknown>>)
          .filter(([, entry]) => entry != null)
          .map(([key, entry]) => [key, completed(schema.values, entry)]),
      );
    case 'string':
    case 'integer':
    case 'boolean':
    case 'int-or-string':
    case 'any':
      return value;
  }
}

function completedObject(schema: ObjectSchema, value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.fields)) {
    const own = Object.hasOwn(value, name) ? value[name] : undefined;
    const given = own ?? (field.presence === 'defaulted' ? field.default : undefined);
    if (given !== undefined && field.presence !== 'unsupported') result[name] = completed(field.schema, given);
  }
  return result;
}
