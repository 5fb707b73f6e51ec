/** Fields of `message` by dotted names, as JSON: what a case asks to see. */
export function seen(message: unknown, fields: string): string {
  return JSON.stringify(fields.split(',').map((field) => at(message, field.split('.'))));
}

function at(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined)
    return value instanceof Map
      ? Object.fromEntries([...(value as Map<string, unknown>)].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  if (value instanceof Map) return at(value.get(name), rest);
  if (typeof value !== 'object' || value === null) return undefined;
  return at((value as Record<string, unknown>)[name], rest);
}
