/**
 * The log and the objects in one SQLite file: WAL, synchronous=FULL, so that a commit is on the disk when it returns; locked exclusively
 * for as long as it is open. Decides nothing about changes.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { err, ok, type Result } from '@weft/core/kernel';
import type { ObjectKey, StoredObject } from '@weft/core/resources';
import type { Journal, Opened } from '../journal.ts';
import type { LogEntry, StoreError } from '../port.ts';
import { parseFrozen } from '../settle.ts';
import { isBusy, sqliteFailure } from './failure.ts';
import { inUse, prepareFolder, writePid } from './folder.ts';
import { migrate } from './schema.ts';

export interface SqliteOptions {
  /** The data folder; made with mode 0700 where absent. */
  readonly folder: string;
  /** The file may grow to so many bytes, beyond that writes answer `unavailable`; 0 (the default): as the disk allows. */
  readonly maxBytes?: number;
}

const PAGE_BYTES = 4096;
const KEY = '"group" = ? and kind = ? and namespace = ? and name = ?';

const STATEMENTS = {
  insertLog: 'insert into log values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  putObject: 'insert or replace into objects values (?, ?, ?, ?, ?, ?)',
  removeObject: `delete from objects where ${KEY}`,
  after: 'select * from log where revision > ? order by revision',
  history: `select * from log where ${KEY} order by revision`,
  oldestFirst: 'select revision, time from log order by revision',
  beyond: 'select revision from log order by revision desc limit 1 offset ?',
  forget: 'delete from log where revision <= ?',
  readLease: 'select holder, until from leases where name = ?',
  putLease: 'insert or replace into leases values (?, ?, ?)',
} as const;

type Statements = { readonly [Name in keyof typeof STATEMENTS]: StatementSync };
type Row = Record<string, unknown>;

export class SqliteJournal implements Journal {
  readonly #options: SqliteOptions;
  #file = '';
  #open: { readonly db: DatabaseSync; readonly sql: Statements } | undefined;

  constructor(options: SqliteOptions) {
    this.#options = options;
  }

  open(): Result<Opened, StoreError> {
    const { folder, maxBytes = 0 } = this.#options;
    const file = prepareFolder(folder);
    if (!file.ok) return file;
    this.#file = file.value;
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(file.value, { timeout: 0 });
      db.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full;');
      db.exec('begin exclusive; commit; pragma journal_size_limit = 67108864;');
      if (maxBytes > 0) db.exec(`pragma max_page_count = ${Math.ceil(maxBytes / PAGE_BYTES)}`);
      const opened = this.#load(db);
      if (!opened.ok) db.close();
      return opened;
    } catch (error) {
      if (db?.isOpen) db.close();
      return err(isBusy(error) ? inUse(folder) : sqliteFailure(error, file.value));
    }
  }

  #load(db: DatabaseSync): Result<Opened, StoreError> {
    const migrated = migrate(db, this.#file);
    if (!migrated.ok) return migrated;
    const damage = Object.values(db.prepare('pragma quick_check(1)').get() ?? {})[0];
    if (damage !== 'ok') return err(this.#damaged(String(damage)));
    const objects: StoredObject[] = [];
    for (const { body, crc32: sum, kind, namespace, name } of db.prepare('select * from objects').iterate()) {
      const text = String(body);
      if (crc32(text) !== sum) return err(this.#damaged(`${kind}/${namespace}/${name} does not match its checksum`));
      objects.push(parseFrozen(text));
    }
    const revision = Number(db.prepare("select seq from sqlite_sequence where name = 'log'").get()?.['seq'] ?? 0);
    const oldest = Number(db.prepare('select min(revision) as oldest from log').get()?.['oldest'] ?? revision + 1);
    const pid = writePid(this.#options.folder);
    if (!pid.ok) return pid;
    const prepared = Object.entries(STATEMENTS).map(([name, text]) => [name, db.prepare(text)]);
    this.#open = { db, sql: Object.fromEntries(prepared) as Statements };
    return ok({ objects, revision, forgotten: oldest - 1 });
  }

  close(): void {
    this.#open?.db.close();
    this.#open = undefined;
  }

  append(entries: readonly LogEntry[]): Result<void, StoreError> {
    const { sql } = this.#opened();
    return this.#transaction(() => {
      for (const { revision, time, author, key, before, after, zone } of entries) {
        const names = [key.group, key.kind, key.namespace, key.name] as const;
        const old = before === undefined ? null : JSON.stringify(before);
        const body = after === undefined ? null : JSON.stringify(after);
        sql.insertLog.run(revision, time, author, ...names, old, body, zone);
        if (body === null) sql.removeObject.run(...names);
        else sql.putObject.run(...names, body, crc32(body));
      }
    });
  }

  after(revision: number, limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    for (const row of this.#opened().sql.after.iterate(revision)) {
      if (entries.length >= limit && row['time'] !== entries.at(-1)?.time) break;
      entries.push(entryOf(row));
    }
    return entries;
  }

  history({ group, kind, namespace, name }: ObjectKey): LogEntry[] {
    return this.#opened().sql.history.all(group, kind, namespace, name).map(entryOf);
  }

  outdated(time: number, keepEntries: number): number {
    const { sql } = this.#opened();
    let byTime = 0;
    for (const row of sql.oldestFirst.iterate()) {
      if (Number(row['time']) >= time) break;
      byTime = Number(row['revision']);
    }
    return Math.max(byTime, Number(sql.beyond.get(keepEntries)?.['revision'] ?? 0));
  }

  forget(revision: number): Result<void, StoreError> {
    return this.#transaction(() => void this.#opened().sql.forget.run(revision));
  }

  lease(name: string, holder: string, now: number, until: number): boolean {
    const { sql } = this.#opened();
    const held = sql.readLease.get(name);
    if (held !== undefined && held['holder'] !== holder && Number(held['until']) > now) return false;
    return this.#transaction(() => void sql.putLease.run(name, holder, until)).ok;
  }

  #transaction(work: () => void): Result<void, StoreError> {
    const { db } = this.#opened();
    try {
      db.exec('begin immediate');
      work();
      db.exec('commit');
      return ok(undefined);
    } catch (error) {
      if (db.isTransaction) db.exec('rollback');
      return err(sqliteFailure(error, this.#file));
    }
  }

  #opened(): { readonly db: DatabaseSync; readonly sql: Statements } {
    if (this.#open === undefined) throw new Error(`${this.#file} is not open`);
    return this.#open;
  }

  #damaged(what: string): StoreError {
    const message = `${this.#file} is damaged (${what}): restore a backup, or move it away to start anew`;
    return { code: 'unavailable', message };
  }
}

function entryOf(row: Row): LogEntry {
  const object = (text: unknown) => (typeof text === 'string' ? parseFrozen(text) : undefined);
  return {
    revision: Number(row['revision']),
    time: Number(row['time']),
    author: String(row['author']),
    key: {
      group: String(row['group']),
      kind: String(row['kind']),
      namespace: String(row['namespace']),
      name: String(row['name']),
    },
    before: object(row['before']),
    after: object(row['after']),
    zone: String(row['zone']),
  };
}
