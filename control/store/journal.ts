/**
 * What a log store needs of a medium: durable rows, nothing decided. Synchronous, because the media (memory, node:sqlite) are.
 * Anything that is asynchronous fills the port of port.ts itself.
 */
import type { Result } from '@weft/core/kernel';
import type { ObjectKey, StoredObject } from '@weft/core/resources';
import type { LogEntry, StoreError } from './port.ts';

/** What is there when a journal is opened. */
export interface Opened {
  readonly objects: Iterable<StoredObject>;
  /** The newest revision ever given. */
  readonly revision: number;
  /** The newest revision whose entry has been forgotten, 0: none. */
  readonly forgotten: number;
}

export interface Journal {
  open(): Result<Opened, StoreError>;
  close(): void;
  /** All or none; durable when it returns ok. `entries` follow each other without a gap. */
  append(entries: readonly LogEntry[]): Result<void, StoreError>;
  /** At most `limit` entries above `revision`, in order, and further ones as long as they have the time of the last. */
  after(revision: number, limit: number): LogEntry[];
  /** Oldest first. */
  history(key: ObjectKey): LogEntry[];
  /** The newest revision that is older than `time` (ms since the epoch) or beyond the newest `keepEntries`; 0: none. */
  outdated(time: number, keepEntries: number): number;
  /** Removes the entries up to and including `revision`; on an error they are still there. */
  forget(revision: number): Result<void, StoreError>;
  /** True when `holder` now has it until `until`; `now` decides whether another's has run out. Both ms since the epoch. */
  lease(name: string, holder: string, now: number, until: number): boolean;
}
