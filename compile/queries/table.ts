/** A table of a ProxyConfig from its rows. */
import { byName } from '@weft/core/mesh-view';

/** Rows by name, in the order of their names. Of two rows with one name the first stays. */
export function table<Row extends { readonly name: string }>(rows: readonly Row[]): ReadonlyMap<string, Row> {
  const made = new Map<string, Row>();
  for (const row of [...rows].sort((a, b) => byName(a.name, b.name))) if (!made.has(row.name)) made.set(row.name, row);
  return made;
}

/** Whether two tables hold the same row objects in the same order. */
export function sameRows<Row>(a: ReadonlyMap<string, Row>, b: ReadonlyMap<string, Row>): boolean {
  if (a.size !== b.size) return false;
  const others = b.values();
  for (const row of a.values()) if (others.next().value !== row) return false;
  return true;
}
