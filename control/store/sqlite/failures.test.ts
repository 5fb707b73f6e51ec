import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { temporaryFolder } from '@weft/testkit/folder';
import { put, remove, sampleKey, value } from '../testing/contract.ts';
import { sqliteStore } from './index.ts';

async function refusal(folder: string): Promise<string> {
  const started = await sqliteStore({ folder }).start();
  assert.ok(!started.ok, 'started');
  assert.equal(started.error.code, 'unavailable');
  return started.error.message;
}

async function filled(folder: string): Promise<string> {
  const store = sqliteStore({ folder });
  value(await store.start());
  for (let n = 0; n < 50; n += 1) value(await store.write('u', [put(`service-${n}`, { marker: 'm'.repeat(200) })]));
  await store.stop();
  return path.join(folder, 'store.db');
}

test('a full file: writes are refused, nothing is half-written or lost, reads go on, room brings it back', async () => {
  using folder = temporaryFolder();
  const store = sqliteStore({ folder: folder.path, maxBytes: 400_000 });
  value(await store.start());
  let written = 0;
  let full: string | undefined;
  for (; full === undefined && written < 1000; written += 1) {
    const result = await store.write('u', [put(`a${written}`, 'x'.repeat(9000)), put(`b${written}`, written)]);
    if (!result.ok) full = result.error.code === 'unavailable' ? result.error.message : 'other';
  }
  assert.match(full ?? '', /^no space left for .*store\.db: nothing was written; free some space/);
  const last = written - 1;
  const revision = store.revision();
  assert.equal(await store.get(sampleKey(`a${last}`)), undefined);
  assert.equal(await store.get(sampleKey(`b${last}`)), undefined);
  assert.ok(await store.get(sampleKey('a0')));
  await store.stop();
  const again = sqliteStore({ folder: folder.path, maxBytes: 400_000 });
  value(await again.start());
  assert.equal(again.revision(), revision);
  assert.equal(value(await again.list({})).items.length, 2 * last);
  await again.compact(0, 0);
  value(await again.write('u', [remove('a0'), put('c', 1)]));
  await again.stop();
});

test('a folder in use: the other one is named; after its end the folder is free', async () => {
  using folder = temporaryFolder();
  const first = sqliteStore({ folder: folder.path });
  value(await first.start());
  assert.match(await refusal(folder.path), /is in use by this process already: stop it, or choose another folder/);
  writeFileSync(path.join(folder.path, 'store.pid'), '4711\n');
  assert.match(await refusal(folder.path), /is in use by the control plane with pid 4711: stop it/);
  value(await first.write('u', [put('a', 1)]));
  await first.stop();
  const second = sqliteStore({ folder: folder.path });
  value(await second.start());
  await second.stop();
});

test('a path that is no folder, a file that is no store: refused with a remedy', async () => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'file');
  writeFileSync(file, 'hello');
  assert.match(await refusal(file), /data folder .*file: it is a file: choose another with --data/);
  assert.match(await refusal(path.join(file, 'x')), /a part of the path is a file/);
  writeFileSync(path.join(folder.path, 'store.db'), 'this is a text of more than a hundred bytes '.repeat(100));
  assert.match(await refusal(folder.path), /store\.db is not a database: move it away/);
  rmSync(path.join(folder.path, 'store.db'));
  const other = new DatabaseSync(path.join(folder.path, 'store.db'));
  other.exec('create table t (x)');
  other.close();
  assert.match(await refusal(folder.path), /is a database of another program/);
});

test('a store of a newer program is refused and left as it is', async () => {
  using folder = temporaryFolder();
  const file = await filled(folder.path);
  const db = new DatabaseSync(file);
  db.exec('pragma user_version = 99');
  db.close();
  assert.match(
    await refusal(folder.path),
    /has schema version 99, this program knows up to \d+: run the newer program/,
  );
  const check = new DatabaseSync(file);
  assert.equal(check.prepare('pragma user_version').get()?.['user_version'], 99);
  check.close();
});

test('damage is found at the start: a flipped byte in an object, a page of zeros, a cut, an empty file', async () => {
  using folder = temporaryFolder();
  const file = await filled(folder.path);
  const whole = path.join(folder.path, 'whole');
  copyFileSync(file, whole);
  const bytes = readFileSync(whole);
  const poke = (at: number, content: Buffer) => {
    copyFileSync(whole, file);
    const fd = openSync(file, 'r+');
    writeSync(fd, content, 0, content.length, at);
    closeSync(fd);
  };
  const db = new DatabaseSync(file);
  const root = Number(db.prepare("select rootpage from sqlite_schema where name = 'objects'").get()?.['rootpage']);
  db.exec('update objects set crc32 = crc32 + 1 where rowid = 7');
  db.close();
  assert.match(
    await refusal(folder.path),
    /Service\/default\/service-6 does not match its checksum\): restore a backup/,
  );
  poke((root - 1) * 4096, Buffer.alloc(4096));
  assert.match(await refusal(folder.path), /store\.db is damaged/);
  copyFileSync(whole, file);
  truncateSync(file, bytes.length - 8192);
  assert.match(await refusal(folder.path), /store\.db is damaged/);
  truncateSync(file, 0);
  assert.match(await refusal(folder.path), /store\.db is empty though the folder has been in use/);
});

test('a folder that this user cannot read: refused with a remedy', async (t) => {
  if (process.getuid?.() === undefined || process.seteuid === undefined) return t.skip('no user ids on this system');
  using folder = temporaryFolder();
  const closed = path.join(folder.path, 'closed');
  mkdirSync(closed, { mode: 0o000 });
  chmodSync(folder.path, 0o755);
  const root = process.getuid() === 0;
  if (root) process.seteuid(65534);
  try {
    assert.match(await refusal(closed), /data folder .*closed: permission denied: give it to this user or choose/);
    assert.match(await refusal(path.join(closed, 'inside')), /permission denied/);
  } finally {
    if (root) process.seteuid(0);
  }
});
