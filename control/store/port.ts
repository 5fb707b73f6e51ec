/**
 * The store's port: an append-only log of changes with the objects as its latest state. Async, so that a remote store fits.
 * Implementations share one test suite. Every write is durable before its promise resolves.
 */
import type { Result } from '@weft/core/kernel';
import type { ObjectKey, StoredObject } from '@weft/core/resources';

/** One change. Revisions are whole numbers, rise by at least 1 and never repeat; the object's resourceVersion is its revision. */
export interface LogEntry {
  readonly revision: number;
  /** ms since the epoch. */
  readonly time: number;
  /** Who: a user name, `workload:<spiffe id>`, `controller:<name>`. */
  readonly author: string;
  readonly key: ObjectKey;
  readonly before: StoredObject | undefined;
  /** undefined: deleted. */
  readonly after: StoredObject | undefined;
  /** The zone the change was made in; '' for this one. */
  readonly zone: string;
}

/** A wished change. `expected` is the revision the object must have now: 0 = must not exist, undefined = whatever it is. */
export interface Change {
  readonly key: ObjectKey;
  readonly expected?: number | undefined;
  /**
   * The new object, or undefined to delete. uid, resourceVersion, generation and creationTimestamp are the store's to fill in: it keeps
   * them from the stored object, bumps generation when spec differs, and writes nothing (same revision) when nothing differs.
   */
  readonly object: StoredObject | undefined;
}

export type StoreError =
  | {
      readonly code: 'conflict';
      readonly key: ObjectKey;
      readonly expected: number;
      readonly actual: number;
      readonly message: string;
    }
  | { readonly code: 'not-found'; readonly key: ObjectKey; readonly message: string }
  /** The asked revision is no longer in the log: list again and watch from there (HTTP 410). */
  | { readonly code: 'compacted'; readonly oldest: number; readonly message: string }
  /** Disk full, folder unreadable, file damaged...: nothing was written. */
  | { readonly code: 'unavailable'; readonly message: string };

export interface Listing {
  readonly items: readonly StoredObject[];
  /** Watch from here to miss nothing. */
  readonly revision: number;
}

export interface Selection {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export interface Watch {
  /** Idempotent; no call of the listener after it. */
  close(): void;
}

export interface Store {
  start(): Promise<Result<void, StoreError>>;
  stop(): Promise<void>;
  /** The revision of the newest change, 0 when there is none. */
  revision(): number;
  get(key: ObjectKey): Promise<StoredObject | undefined>;
  /** Objects in the order of group, kind, namespace, name; `at` an older revision gives the state of then. */
  list(selection: Selection, at?: number): Promise<Result<Listing, StoreError>>;
  /** All or none of the changes, in one transaction; the stored objects (undefined where deleted) in the order of `changes`. */
  write(author: string, changes: readonly Change[]): Promise<Result<readonly (StoredObject | undefined)[], StoreError>>;
  /** Every entry with a revision above `from`, in order, first those there are, then each as it comes, in batches of one transaction. */
  watch(from: number, listener: (entries: readonly LogEntry[]) => void): Result<Watch, StoreError>;
  /** Entries of one object still in the log, oldest first. */
  history(key: ObjectKey): Promise<readonly LogEntry[]>;
  /** Forgets entries older than `keepMs` (7 days by default) or beyond `keepEntries`; states of objects stay. */
  compact(keepMs: number, keepEntries: number): Promise<void>;
  /**
   * Takes or renews the lease `name` for `holder` until `ttlMs` from now (0: gives it back); false when somebody else holds it. Leases are for singletons
   * (compaction, signing); a Workload's liveness is held by its agent's stream and never touches the store.
   */
  lease(name: string, holder: string, ttlMs: number): Promise<boolean>;
}
