import { readdirSync, statSync } from 'node:fs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import path from 'node:path';
import { temporaryFolder } from '@weft/testkit/folder';
import { put, sampleKey, storeContract, value } from '../testing/contract.ts';
import { sqliteStore } from './index.ts';

storeContract('sqlite', {
  make: async (t, clock) => {
    const folder = temporaryFolder();
    const store = sqliteStore({ folder: folder.path, clock });
    value(await store.start());
    t.after(async () => {
      await store.stop();
      folder[Symbol.dispose]();
    });
    return store;
  },
});

test('sqlite: another start finds objects, revision, log, compaction and leases as they were', async () => {
  using folder = temporaryFolder();
  const options = { folder: path.join(folder.path, 'a', 'b') };
  const first = sqliteStore(options);
  value(await first.start());
  value(await first.write('u', [put('a', 1), put('b', { text: 'ä\u2028"\\' })]));
  value(await first.write('u', [put('a', 2)]));
  await first.compact(1e9, 1);
  assert.equal(await first.lease('sign', 'one', 60_000), true);
  const before = await first.get(sampleKey('b'));
  await first.stop();
  const second = sqliteStore(options);
  value(await second.start());
  assert.equal(second.revision(), 3);
  assert.deepEqual(await second.get(sampleKey('b')), before);
  assert.deepEqual(
    (await second.history(sampleKey('a'))).map(({ revision }) => revision),
    [3],
  );
  const compacted = second.watch(1, () => undefined);
  assert.equal(compacted.ok ? '' : compacted.error.code, 'compacted');
  assert.equal(await second.lease('sign', 'two', 1), false);
  await second.compact(1e9, 0);
  await second.stop();
  const third = sqliteStore(options);
  value(await third.start());
  value(await third.write('u', [put('c', 1)]));
  assert.equal(third.revision(), 4);
  await third.stop();
});

test('sqlite: files are 0600 in a folder of 0700, whatever the umask', async () => {
  using folder = temporaryFolder();
  const data = path.join(folder.path, 'data');
  const umask = process.umask(0);
  try {
    const store = sqliteStore({ folder: data });
    value(await store.start());
    value(await store.write('u', [put('a', 1)]));
    const mode = (file: string) => statSync(file).mode & 0o777;
    assert.equal(mode(data), 0o700);
    const files = readdirSync(data).sort();
    assert.deepEqual(files, ['store.db', 'store.db-wal', 'store.pid']);
    for (const file of files) assert.equal(mode(path.join(data, file)), 0o600, file);
    await store.stop();
  } finally {
    process.umask(umask);
  }
});

test('sqlite: many writes of one turn are one transaction', async () => {
  using folder = temporaryFolder();
  const store = sqliteStore({ folder: folder.path });
  value(await store.start());
  const batches: number[] = [];
  value(store.watch(0, (entries) => batches.push(entries.length)));
  await Promise.all(Array.from({ length: 300 }, (_, n) => store.write('u', [put(`s${n}`, n), put(`t${n}`, n)])));
  assert.deepEqual(batches, [256, 256, 88]);
  await store.stop();
});
