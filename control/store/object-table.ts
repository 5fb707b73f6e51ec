/** The latest state of every object, in order, in memory. Knows nothing of revisions, time or disks. */
import type { ObjectKey, StoredObject } from '@weft/core/resources';
import { compareKeys, keyOf, keyText } from './key.ts';
import type { Selection } from './port.ts';

interface Row {
  readonly key: ObjectKey;
  readonly object: StoredObject;
}

export class ObjectTable {
  readonly #byKey = new Map<string, Row>();
  /** One sorted array for each `group NUL kind`. */
  readonly #byKind = new Map<string, Row[]>();

  static of(objects: Iterable<StoredObject>): ObjectTable {
    const table = new ObjectTable();
    for (const object of objects) table.set(keyOf(object), object);
    return table;
  }

  get(key: ObjectKey): StoredObject | undefined {
    return this.#byKey.get(keyText(key))?.object;
  }

  /** undefined removes. */
  set(key: ObjectKey, object: StoredObject | undefined): void {
    const text = keyText(key);
    const kindText = `${key.group}\0${key.kind}`;
    const rows = this.#byKind.get(kindText) ?? [];
    const index = position(rows, key);
    const there = this.#byKey.has(text);
    if (object === undefined) {
      if (!there) return;
      this.#byKey.delete(text);
      rows.splice(index, 1);
      return;
    }
    const row = { key, object };
    this.#byKey.set(text, row);
    rows.splice(index, there ? 1 : 0, row);
    this.#byKind.set(kindText, rows);
  }

  /** In the order of group, kind, namespace, name. */
  select(selection: Selection): StoredObject[] {
    const { group, kind, namespace, name } = selection;
    const kinds =
      group !== undefined && kind !== undefined
        ? [`${group}\0${kind}`]
        : [...this.#byKind.keys()].sort((a, b) => (a < b ? -1 : 1));
    const found: StoredObject[] = [];
    for (const kindText of kinds) {
      for (const { key, object } of this.#byKind.get(kindText) ?? []) {
        if (group !== undefined && key.group !== group) break;
        if (kind !== undefined && key.kind !== kind) break;
        if (namespace !== undefined && key.namespace !== namespace) continue;
        if (name !== undefined && key.name !== name) continue;
        found.push(object);
      }
    }
    return found;
  }

  all(): StoredObject[] {
    return this.select({});
  }
}

/** Where `key` is or belongs in the sorted `rows`. */
function position(rows: readonly Row[], key: ObjectKey): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && compareKeys(row.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
