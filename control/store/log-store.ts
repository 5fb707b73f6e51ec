/**
 * The store over a journal: objects in memory, log on the medium. All writes of one turn of the event loop go into one transaction and
 * are answered after it is durable; what could not be made durable has not happened. Never blocks longer than one transaction.
 */
import { randomUUID } from 'node:crypto';
import { err, ok, type Result, type WallClock } from '@weft/core/kernel';
import type { ObjectKey, StoredObject } from '@weft/core/resources';
import type { Journal } from './journal.ts';
import { keyText } from './key.ts';
import { ObjectTable } from './object-table.ts';
import type { Change, Listing, LogEntry, Selection, Store, StoreError, Watch } from './port.ts';
import { frozenChange, settle } from './settle.ts';
import { Subscribers } from './subscribers.ts';

/** Changes in one transaction, which takes some 20 ms then; a write with more goes alone. */
const TRANSACTION_CHANGES = 256;
/** Entries forgotten in one turn of the event loop. */
const COMPACTED_AT_ONCE = 500;

type Written = Result<readonly (StoredObject | undefined)[], StoreError>;

interface Pending {
  readonly author: string;
  readonly changes: readonly Change[];
  readonly resolve: (written: Written) => void;
}

export interface LogStoreOptions {
  readonly clock?: WallClock;
  /** The zone written into each entry; '' for a store of its own. */
  readonly zone?: string;
}

export class LogStore implements Store {
  readonly #journal: Journal;
  readonly #clock: WallClock;
  readonly #zone: string;
  #table = new ObjectTable();
  #subscribers: Subscribers;
  #revision = 0;
  #forgotten = 0;
  #state: 'new' | 'open' | 'stopped' = 'new';
  #queue: Pending[] = [];
  #scheduled = false;

  constructor(journal: Journal, options: LogStoreOptions = {}) {
    this.#journal = journal;
    this.#clock = options.clock ?? { now: () => Date.now() };
    this.#zone = options.zone ?? '';
    this.#subscribers = this.#newSubscribers();
  }

  start(): Promise<Result<void, StoreError>> {
    if (this.#state === 'open') return Promise.resolve(ok(undefined));
    const opened = this.#journal.open();
    if (!opened.ok) return Promise.resolve(opened);
    this.#table = ObjectTable.of(opened.value.objects);
    this.#revision = opened.value.revision;
    this.#forgotten = opened.value.forgotten;
    this.#subscribers = this.#newSubscribers();
    this.#state = 'open';
    return Promise.resolve(ok(undefined));
  }

  stop(): Promise<void> {
    if (this.#state === 'open') {
      while (this.#queue.length > 0) this.#flush();
      this.#state = 'stopped';
      this.#subscribers.close();
      this.#journal.close();
    }
    return Promise.resolve();
  }

  revision(): number {
    return this.#revision;
  }

  get(key: ObjectKey): Promise<StoredObject | undefined> {
    return Promise.resolve(this.#table.get(key));
  }

  list(selection: Selection, at?: number): Promise<Result<Listing, StoreError>> {
    if (this.#state !== 'open') return Promise.resolve(err(closed()));
    if (at === undefined || at === this.#revision) {
      return Promise.resolve(ok({ items: this.#table.select(selection), revision: this.#revision }));
    }
    const unknown = this.#unknown(at);
    if (unknown !== undefined) return Promise.resolve(err(unknown));
    return Promise.resolve(ok({ items: this.#tableAt(at).select(selection), revision: at }));
  }

  write(author: string, changes: readonly Change[]): Promise<Written> {
    if (this.#state !== 'open') return Promise.resolve(err(closed()));
    return new Promise((resolve) => {
      this.#queue.push({ author, changes: changes.map(frozenChange), resolve });
      this.#schedule();
    });
  }

  watch(from: number, listener: (entries: readonly LogEntry[]) => void): Result<Watch, StoreError> {
    if (this.#state !== 'open') return err(closed());
    const unknown = this.#unknown(from);
    return unknown === undefined ? ok(this.#subscribers.add(from, listener)) : err(unknown);
  }

  history(key: ObjectKey): Promise<readonly LogEntry[]> {
    return Promise.resolve(this.#state === 'open' ? this.#journal.history(key) : []);
  }

  async compact(keepMs: number, keepEntries: number): Promise<void> {
    if (this.#state !== 'open') return;
    const outdated = this.#journal.outdated(this.#clock.now() - keepMs, keepEntries);
    while (this.#state === 'open' && this.#forgotten < outdated) {
      const until = Math.min(outdated, this.#forgotten + COMPACTED_AT_ONCE, this.#subscribers.needed - 1);
      if (until <= this.#forgotten || !this.#journal.forget(until).ok) return;
      this.#forgotten = until;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  lease(name: string, holder: string, ttlMs: number): Promise<boolean> {
    if (this.#state !== 'open') return Promise.resolve(false);
    const now = this.#clock.now();
    return Promise.resolve(this.#journal.lease(name, holder, now, now + ttlMs));
  }

  #newSubscribers(): Subscribers {
    return new Subscribers((revision, limit) => this.#journal.after(revision, limit), this.#revision);
  }

  /** Why the state at `revision` cannot be told, if so. */
  #unknown(revision: number): StoreError | undefined {
    if (revision >= this.#forgotten && revision <= this.#revision) return undefined;
    const why = revision > this.#revision ? 'has not been reached' : 'is no longer in the log';
    const message = `revision ${revision} ${why}: known are ${this.#forgotten} to ${this.#revision}`;
    return { code: 'compacted', oldest: this.#forgotten, message };
  }

  #tableAt(revision: number): ObjectTable {
    const table = ObjectTable.of(this.#table.all());
    const undone = this.#journal.after(revision, Number.MAX_SAFE_INTEGER);
    for (const { key, before } of undone.reverse()) table.set(key, before);
    return table;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#queue.length === 0) return;
      this.#flush();
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #takeTransaction(): Pending[] {
    let changes = 0;
    const end = this.#queue.findIndex((pending, index) => {
      changes += pending.changes.length;
      return index > 0 && changes > TRANSACTION_CHANGES;
    });
    return this.#queue.splice(0, end < 0 ? this.#queue.length : end);
  }

  #flush(): void {
    const transaction = new Transaction(this.#table, this.#revision, this.#clock.now(), this.#zone);
    const answers = this.#takeTransaction().map((pending) => ({ pending, written: transaction.add(pending) }));
    const entries = transaction.entries;
    const appended = entries.length === 0 ? ok(undefined) : this.#journal.append(entries);
    if (appended.ok) {
      for (const { key, after, revision } of entries) {
        this.#table.set(key, after);
        this.#revision = revision;
      }
      this.#subscribers.emit(entries);
    }
    for (const { pending, written } of answers) pending.resolve(appended.ok ? written : appended);
  }
}

/** The writes of one transaction, each settled on what the ones before it leave behind. */
class Transaction {
  readonly entries: LogEntry[] = [];
  readonly #table: ObjectTable;
  readonly #time: number;
  readonly #zone: string;
  #revision: number;
  #overlay = new Map<string, StoredObject | undefined>();

  constructor(table: ObjectTable, revision: number, time: number, zone: string) {
    this.#table = table;
    this.#revision = revision;
    this.#time = time;
    this.#zone = zone;
  }

  /** All of the changes or none. */
  add({ author, changes }: Pending): Written {
    const overlay = new Map(this.#overlay);
    const entries: LogEntry[] = [];
    const written: (StoredObject | undefined)[] = [];
    for (const change of changes) {
      const { key } = change;
      const text = keyText(key);
      const before = overlay.has(text) ? overlay.get(text) : this.#table.get(key);
      const revision = this.#revision + entries.length + 1;
      const settled = settle(before, change, { revision, time: this.#time, uid: randomUUID() });
      if (!settled.ok) return settled;
      const after = settled.value;
      written.push(after);
      if (after === before) continue;
      overlay.set(text, after);
      entries.push({ revision, time: this.#time, author, key, before, after, zone: this.#zone });
    }
    this.#overlay = overlay;
    this.#revision += entries.length;
    this.entries.push(...entries);
    return ok(written);
  }
}

const closed = (): StoreError => ({ code: 'unavailable', message: 'the store is not open' });
