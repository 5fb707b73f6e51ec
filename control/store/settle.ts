/**
 * What one wished change makes of one object: pure. Fills in what is the store's (uid, resourceVersion, generation, creationTimestamp)
 * and decides whether anything differs at all. Never writes.
 */
import { isDeepStrictEqual } from 'node:util';
import { err, ok, type Result } from '@weft/core/kernel';
import { groupOf, objectName, type ObjectKey, type ObjectMeta, type StoredObject } from '@weft/core/resources';
import type { Change, StoreError } from './port.ts';

export interface Stamp {
  readonly revision: number;
  /** ms since the epoch. */
  readonly time: number;
  readonly uid: string;
}

/** The object afterwards, undefined when deleted, `before` itself when nothing differs. `change` comes from `frozenChange`. */
export function settle(
  before: StoredObject | undefined,
  change: Change,
  stamp: Stamp,
): Result<StoredObject | undefined, StoreError> {
  const { key, expected, object } = change;
  const actual = before === undefined ? 0 : Number(before.metadata.resourceVersion);
  if (expected !== undefined && expected !== actual) return err(conflict(key, expected, actual));
  if (object === undefined) return before === undefined ? err(notFound(key)) : ok(undefined);
  if (before !== undefined && sameContent(before, object)) return ok(before);
  const metadata: ObjectMeta = {
    ...object.metadata,
    uid: before?.metadata.uid ?? stamp.uid,
    resourceVersion: String(stamp.revision),
    generation: generation(before, object),
    creationTimestamp: before?.metadata.creationTimestamp ?? wholeSeconds(stamp.time),
  };
  return ok(Object.freeze({ ...object, metadata: Object.freeze(metadata) }));
}

function generation(before: StoredObject | undefined, wished: StoredObject): number {
  if (before === undefined) return 1;
  return before.metadata.generation + (isDeepStrictEqual(before.spec, wished.spec) ? 0 : 1);
}

/** Equal but for what the store fills in; the order of fields does not count. */
function sameContent(a: StoredObject, b: StoredObject): boolean {
  const content = ({ metadata: { labels, annotations }, ...rest }: StoredObject) => ({ ...rest, labels, annotations });
  return isDeepStrictEqual(content(a), content(b));
}

/** RFC 3339, UTC, whole seconds. */
export const wholeSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * The change with a copy of its object as JSON keeps it, unchangeable: what is stored cannot be altered by whoever wrote or reads it.
 * Throws, as on a defect of the caller, when the object is no JSON or is not the one that the key names.
 */
export function frozenChange(change: Change): Change {
  const { key, object } = change;
  if (object === undefined) return change;
  const { kind, metadata, apiVersion } = object;
  const own = groupOf(apiVersion) === key.group && kind === key.kind;
  if (!own || metadata.namespace !== key.namespace || metadata.name !== key.name) {
    throw new RangeError(`change of ${nameOf(key)} carries ${objectName(kind, metadata.namespace, metadata.name)}`);
  }
  return { ...change, object: parseFrozen(JSON.stringify(object)) };
}

export function parseFrozen(text: string): StoredObject {
  const object = JSON.parse(text) as StoredObject;
  deepFreeze(object);
  return object;
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}

export const nameOf = (key: ObjectKey): string => objectName(key.kind, key.namespace, key.name);

function conflict(key: ObjectKey, expected: number, actual: number): StoreError {
  const message =
    expected === 0
      ? `${nameOf(key)} already exists`
      : actual === 0
        ? `${nameOf(key)} is gone`
        : `${nameOf(key)} has been changed since revision ${expected}: it is at ${actual}`;
  return { code: 'conflict', key, expected, actual, message };
}

const notFound = (key: ObjectKey): StoreError => ({ code: 'not-found', key, message: `${nameOf(key)} does not exist` });
