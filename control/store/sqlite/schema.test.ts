import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from './schema.ts';

test('migrations go forward from any version, each once; one that fails leaves the file as it was', () => {
  const db = new DatabaseSync(':memory:');
  const version = () => db.prepare('pragma user_version').get()?.['user_version'];
  const steps = ['create table a (x)', 'alter table a add column y', 'create table b (x)'];
  assert.equal(migrate(db, 'f', steps.slice(0, 1)).ok, true);
  assert.equal(version(), 1);
  assert.throws(() => migrate(db, 'f', [...steps, 'create table b (x)']), /already exists/);
  db.exec('rollback');
  assert.equal(version(), 1);
  assert.equal(migrate(db, 'f', steps).ok, true);
  assert.equal(migrate(db, 'f', steps).ok, true);
  assert.equal(version(), 3);
  db.exec('insert into a values (1, 2); insert into b values (1)');
  const newer = migrate(db, 'f', steps.slice(0, 2));
  assert.match(newer.ok ? '' : newer.error.message, /f has schema version 3, this program knows up to 2/);
  db.close();
});
