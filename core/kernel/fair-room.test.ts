import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FairRoom } from './fair-room.ts';

test('one has half, n have an n+1st each, and as much is left for the next', () => {
  for (let sources = 1; sources <= 9; sources += 1) {
    const room = new FairRoom(1000);
    for (let round = 0; round < 2000; round += 1)
      for (let at = 0; at < sources; at += 1) if (room.fits(`s${at}`, 1)) room.add(`s${at}`, 1);
    const part = Math.floor(1000 / (sources + 1));
    for (let at = 0; at < sources; at += 1)
      assert.ok(Math.abs(room.of(`s${at}`) - part) <= 1, `${sources}: ${room.of(`s${at}`)}`);
    assert.ok(room.room - room.taken >= part);
    assert.equal(room.free(''), 1000 - room.taken);
  }
});

test('whatever is taken and given back: never beyond the room, and a share is what was taken', () => {
  const step = fc.record({ source: fc.constantFrom('', 'a', 'b', 'c'), amount: fc.integer({ min: -400, max: 400 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const room = new FairRoom(1000);
      const model = new Map<string, number>();
      for (const { source, amount } of steps) {
        const has = model.get(source) ?? 0;
        const change = amount < 0 ? Math.max(amount, -has) : amount;
        const all = [...model.values()].reduce((sum, each) => sum + each, 0);
        if (change > 0 && !room.fits(source, change)) {
          assert.ok(source === '' ? change > 1000 - all : 2 * change > 1000 - all - has);
          continue;
        }
        room.add(source, change);
        model.set(source, has + change);
        assert.ok(room.taken <= room.room && room.taken === all + change);
        for (const [name, share] of model) assert.equal(room.of(name), share);
      }
    }),
  );
});
