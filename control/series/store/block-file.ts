/**
 * The file of the store: labels of series and their finished blocks, in SQLite, apart from the objects' file since it may be lost without
 * harm. A file that is damaged, or of another version, is put aside and a new one begun; one that cannot be written leaves the store
 * in memory.
 */
import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { BlockWriter, decodeBlock, encodeBlock, type Fields, type FieldStream } from './block-codec.ts';
import type { SeriesKind } from './stored-series.ts';

/** `wser` in ASCII. */
const APPLICATION_ID = 0x77736572;
const VERSION = 1;
const PAGE = 4096;

export interface FileSeries {
  readonly id: number;
  readonly kind: SeriesKind;
  /** JSON of the pairs, as `Labels.key`. */
  readonly labels: string;
  readonly newest: number;
}

const KINDS: readonly SeriesKind[] = ['counter', 'gauge', 'histogram'];

export class BlockFile {
  readonly #db: DatabaseSync;
  readonly #limit: number;
  readonly #insertSeries: StatementSync;
  readonly #putBlock: StatementSync;
  readonly #readBlocks: StatementSync;
  /** Why a file that was there could not be read; it lies beside with the suffix `.damaged`. */
  readonly putAside: string | undefined;

  /** `limit`: octets of the file, about. */
  constructor(file: string, limit: number) {
    let putAside: string | undefined;
    try {
      this.#db = open(file);
    } catch (error) {
      if (file === ':memory:' || !(error instanceof Error)) throw error;
      putAside = error.message;
      for (const suffix of ['-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true });
      renameSync(file, `${file}.damaged`);
      this.#db = open(file);
    }
    this.putAside = putAside;
    this.#limit = limit;
    this.#insertSeries = this.#db.prepare('insert or replace into series (id, kind, labels) values (?, ?, ?)');
    this.#putBlock = this.#db.prepare('insert or replace into blocks (block, series, data) values (?, ?, ?)');
    this.#readBlocks = this.#db.prepare(
      'select block, data from blocks where series = ? and block between ? and ? order by block',
    );
  }

  /** Those that were told last come first. */
  *series(): Generator<FileSeries> {
    const rows = this.#db
      .prepare(
        `select id, kind, labels, (select max(block) from blocks where series = id) as newest from series
         order by newest desc, id`,
      )
      .iterate();
    for (const row of rows)
      yield {
        id: Number(row['id']),
        kind: KINDS[Number(row['kind'])] ?? 'counter',
        labels: String(row['labels']),
        newest: row['newest'] === null ? Number.NEGATIVE_INFINITY : Number(row['newest']),
      };
  }

  /** Above every id that something in it has; blocks may outlive the row of their series. */
  freeId(): number {
    const row = this.#db
      .prepare('select max((select ifnull(max(id), 0) from series), (select ifnull(max(series), 0) from blocks)) as id')
      .get();
    return Number(row?.['id']) + 1;
  }

  /** Blocks from `first` to `last`, ascending; a damaged one is left out. */
  blocks(series: number, first: number, last: number): { readonly block: number; readonly fields: Fields }[] {
    return this.#readBlocks.all(series, first, last).flatMap((row) => {
      const data = row['data'];
      const fields = data instanceof Uint8Array ? decodeBlock(data) : undefined;
      return fields === undefined ? [] : [{ block: Number(row['block']), fields }];
    });
  }

  /** All in one transaction; blocks older than `oldest` go, and more of the oldest when the file is too large. Throws SQLite's errors. */
  write(
    block: number,
    entries: Iterable<{
      readonly id: number;
      readonly kind: SeriesKind;
      readonly labels: string;
      readonly fields: FieldStream;
    }>,
    oldest: number,
  ): void {
    const writer = new BlockWriter();
    this.#db.exec('begin immediate');
    try {
      for (const { id, kind, labels, fields } of entries) {
        this.#insertSeries.run(id, KINDS.indexOf(kind), labels);
        this.#putBlock.run(block, id, encodeBlock(fields, writer));
      }
      this.#db.prepare('delete from blocks where block < ?').run(oldest);
      this.#db.exec('delete from series where id not in (select series from blocks)');
      this.#db.exec('commit');
    } catch (error) {
      this.#db.exec('rollback');
      throw error;
    }
    while (this.size() > this.#limit && this.#dropOldest(block)) continue;
  }

  /** Octets in use. */
  size(): number {
    return (this.#pragma('page_count') - this.#pragma('freelist_count')) * PAGE;
  }

  close(): void {
    this.#db.close();
  }

  #dropOldest(current: number): boolean {
    const oldest = this.#db.prepare('select min(block) as oldest from blocks').get()?.['oldest'];
    if (typeof oldest !== 'number' || oldest >= current) return false;
    this.#db.prepare('delete from blocks where block = ?').run(oldest);
    return true;
  }

  #pragma(name: string): number {
    return Number(this.#db.prepare(`pragma ${name}`).get()?.[name]);
  }
}

function open(file: string): DatabaseSync {
  // Who talks to whom is nobody else's business; SQLite gives its other files the mode of this one.
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
  const db = new DatabaseSync(file);
  try {
    db.exec(`pragma page_size = ${PAGE}; pragma journal_mode = wal; pragma synchronous = normal;`);
    const application = Number(db.prepare('pragma application_id').get()?.['application_id']);
    const version = Number(db.prepare('pragma user_version').get()?.['user_version']);
    if (application === 0 && version === 0) {
      db.exec(`begin;
        create table series (id integer primary key, kind integer not null, labels text not null unique) strict;
        create table blocks (block integer not null, series integer not null, data blob not null,
          primary key (block, series)) strict, without rowid;
        create index blocks_of_series on blocks (series, block);
        pragma application_id = ${APPLICATION_ID}; pragma user_version = ${VERSION}; commit`);
    } else if (application !== APPLICATION_ID || version !== VERSION) {
      throw new Error(`${file} is not of this version of the store`);
    }
    if (db.prepare('pragma quick_check(1)').get()?.['quick_check'] !== 'ok') throw new Error(`${file} is damaged`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
