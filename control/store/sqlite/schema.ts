/**
 * The tables of the data file and the way from each older version to the newest. Migrations only go forward: one list, never edited
 * once released; entry i brings a file of version i to version i + 1.
 */
import type { DatabaseSync } from 'node:sqlite';
import { err, ok, type Result } from '@weft/core/kernel';
import type { StoreError } from '../port.ts';

/** `weft` in ASCII, SQLite's application_id of our files. */
const APPLICATION_ID = 0x77656674;

const MIGRATIONS: readonly string[] = [
  `create table log (
     revision integer primary key autoincrement,
     time integer not null,
     author text not null,
     "group" text not null, kind text not null, namespace text not null, name text not null,
     before text, after text,
     zone text not null
   ) strict;
   create index log_of_object on log ("group", kind, namespace, name);
   create table objects (
     "group" text not null, kind text not null, namespace text not null, name text not null,
     body text not null,
     crc32 integer not null,
     primary key ("group", kind, namespace, name)
   ) strict;
   create table leases (name text primary key, holder text not null, until integer not null) strict, without rowid;`,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings an open file to the newest version in one transaction; refuses a newer one and one that is not ours. */
export function migrate(db: DatabaseSync, file: string, migrations = MIGRATIONS): Result<void, StoreError> {
  const newest = migrations.length;
  const version = pragma(db, 'user_version');
  const application = pragma(db, 'application_id');
  const tables = Number(db.prepare('select count(*) as n from sqlite_schema').get()?.['n']);
  if (application !== APPLICATION_ID && (application !== 0 || tables > 0)) {
    return refuse(`${file} is a database of another program: choose another data folder`);
  }
  if (version > newest) {
    return refuse(
      `${file} has schema version ${version}, this program knows up to ${newest}: run the newer program that wrote it`,
    );
  }
  if (version === newest) return ok(undefined);
  db.exec('begin immediate');
  for (const migration of migrations.slice(version)) db.exec(migration);
  db.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${newest}; commit`);
  return ok(undefined);
}

const pragma = (db: DatabaseSync, name: string): number => Number(db.prepare(`pragma ${name}`).get()?.[name]);

const refuse = (message: string) => err<StoreError>({ code: 'unavailable', message });
