import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import { Compactor } from './compactor.ts';
import { memoryStore } from './memory/index.ts';
import { put, sampleKey, value } from './testing/contract.ts';

test('the compactor bounds the log by count at once and by age with time, and leaves nothing running', async (t) => {
  const clock = new FakeClock();
  const store = memoryStore({ clock: clock.wall });
  value(await store.start());
  t.after(() => store.stop());
  const compactor = new Compactor(store, clock, { holder: 'me', keepEntries: 20, keepMs: 5000, everyMs: 1000 });
  await compactor.start();
  const kept = async () => (await store.history(sampleKey('a'))).length;
  for (let n = 0; n < 100; n += 1) {
    value(await store.write('u', [put('a', n)]));
    assert.ok((await kept()) <= 23, `${await kept()} kept after ${n}`);
  }
  assert.ok((await kept()) >= 20);
  for (let second = 0; second < 7; second += 1) {
    clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await kept(), 0);
  assert.ok(await store.get(sampleKey('a')));
  assert.equal(await store.lease('compaction', 'another', 0), true, 'the lease is given back');
  await compactor.stop();
  assert.equal(clock.waiting, 0);
});
