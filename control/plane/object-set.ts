/**
 * The stored resources as the plane compiles them: kept up by the store's log, an object's identity kept while nothing that compiles
 * changed (a written status is no change). Internal groups (tokens, registrations) never enter.
 */
import { kindOf, objectName, type ObjectKey, type StoredObject } from '@weft/core/resources';
import type { LogEntry } from '../store/index.ts';

const nameOf = (key: ObjectKey): string => `${key.group}/${objectName(key.kind, key.namespace, key.name)}`;

export class ObjectSet {
  readonly #objects = new Map<string, StoredObject>();
  /** As stored, newest status included. */
  readonly #latest = new Map<string, StoredObject>();

  /** What compiles. */
  get objects(): Iterable<StoredObject> {
    return this.#objects.values();
  }

  get size(): number {
    return this.#objects.size;
  }

  latest(key: ObjectKey): StoredObject | undefined {
    return this.#latest.get(nameOf(key));
  }

  /** True when something that compiles changed. */
  set(key: ObjectKey, object: StoredObject | undefined): boolean {
    if (kindOf(key.group, key.kind) === undefined) return false;
    const name = nameOf(key);
    if (object === undefined) {
      this.#latest.delete(name);
      return this.#objects.delete(name);
    }
    this.#latest.set(name, object);
    const before = this.#objects.get(name);
    if (before !== undefined && sameToCompile(before, object)) return false;
    this.#objects.set(name, object);
    return true;
  }

  take(entries: readonly LogEntry[]): boolean {
    let changed = false;
    for (const { key, after } of entries) changed = this.set(key, after) || changed;
    return changed;
  }
}

/** The store bumps the generation whenever spec differs. */
function sameToCompile(a: StoredObject, b: StoredObject): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    a.metadata.generation === b.metadata.generation &&
    sameTexts(a.metadata.labels, b.metadata.labels) &&
    sameTexts(a.metadata.annotations, b.metadata.annotations)
  );
}

function sameTexts(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
