/** Equality of plain values: primitives, arrays, plain objects, Maps and Sets of such. Never for cyclic values. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (Array.isArray(b)) return false;
  if (a instanceof Map || b instanceof Map) return a instanceof Map && b instanceof Map && equalMaps(a, b);
  if (a instanceof Set || b instanceof Set) {
    return a instanceof Set && b instanceof Set && a.size === b.size && [...a].every((item) => b.has(item));
  }
  return equalObjects(a, b);
}

/** Entries in the same order, too: tables are ordered by name. */
function equalMaps(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  const others = b.entries();
  for (const [key, value] of a) {
    const other = others.next().value;
    if (other === undefined || other[0] !== key || !equal(value, other[1])) return false;
  }
  return true;
}

function equalObjects(a: object, b: object): boolean {
  const left: Readonly<Record<string, unknown>> = { ...a };
  const right: Readonly<Record<string, unknown>> = { ...b };
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]))
  );
}

/** `next`, or `previous` when they are equal: what makes an unchanged value keep its identity. */
export const keep = <T>(previous: T | undefined, next: T): T =>
  previous !== undefined && equal(previous, next) ? previous : next;

/** As `keep`, for arrays whose items already keep their identity: compares items by identity only. */
export const keepArray = <T>(previous: readonly T[] | undefined, next: readonly T[]): readonly T[] =>
  previous?.length === next.length && previous.every((item, index) => item === next[index]) ? previous : next;
