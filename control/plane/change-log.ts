/** The newest changes of what is configured, for people: what changed, which fields, by whom. Statuses and internal objects are no changes. */
import type { ChangeEntry } from '@weft/core/documents';
import { kindOf, type StoredObject } from '@weft/core/resources';
import type { LogEntry, Store, Watch } from '../store/index.ts';

/** Changes that are remembered. */
const KEPT = 1000;
/** How many log entries a start reads back. */
const READ_BACK = 5000;
const FIELDS = 20;

export class ChangeLog {
  readonly #store: Store;
  #entries: ChangeEntry[] = [];
  #watch: Watch | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  start(): void {
    const listener = (entries: readonly LogEntry[]): void => this.#take(entries);
    const newest = this.#store.revision();
    let watch = this.#store.watch(Math.max(0, newest - READ_BACK), listener);
    if (!watch.ok) watch = this.#store.watch(watch.error.code === 'compacted' ? watch.error.oldest : newest, listener);
    if (watch.ok) this.#watch = watch.value;
  }

  stop(): void {
    this.#watch?.close();
  }

  /** Newest first. */
  list(): readonly ChangeEntry[] {
    return this.#entries.toReversed();
  }

  #take(entries: readonly LogEntry[]): void {
    this.#entries.push(...entries.flatMap((entry) => changeOf(entry) ?? []));
    if (this.#entries.length > KEPT) this.#entries = this.#entries.slice(-KEPT);
  }
}

function changeOf({ revision, time, author, key, before, after }: LogEntry): ChangeEntry | undefined {
  if (kindOf(key.group, key.kind) === undefined) return undefined;
  const { kind, namespace, name } = key;
  const base = { revision, time, author, kind, namespace, name };
  if (before === undefined) return { ...base, action: 'created', fields: [] };
  if (after === undefined) return { ...base, action: 'deleted', fields: [] };
  const fields = changedFields(before, after);
  return fields.length === 0 ? undefined : { ...base, action: 'changed', fields };
}

/** Of spec, labels and annotations. */
export function changedFields(before: StoredObject, after: StoredObject): string[] {
  const found: string[] = [];
  differing(before.spec, after.spec, 'spec', found);
  differing(before.metadata.labels, after.metadata.labels, 'metadata.labels', found);
  differing(before.metadata.annotations, after.metadata.annotations, 'metadata.annotations', found);
  return found.slice(0, FIELDS);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function differing(a: unknown, b: unknown, path: string, found: string[]): void {
  if (a === b || found.length >= FIELDS) return;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index += 1)
      differing(a[index], b[index], `${path}[${index}]`, found);
  } else if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      differing(a[key], b[key], `${path}.${key}`, found);
  } else found.push(path);
}
