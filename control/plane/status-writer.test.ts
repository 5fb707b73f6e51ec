// A round of statuses that fails, by refusal or by a defect, is told and costs no later round.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from '@weft/testkit/clock';
import { memoryStore } from '../store/memory/index.ts';
import { ObjectSet } from './object-set.ts';
import { StatusWriter } from './status-writer.ts';

test('a defect in a round is told, and the next round comes', async () => {
  const clock = new FakeClock();
  const problems: string[] = [];
  let rounds = 0;
  const writer = new StatusWriter({
    store: memoryStore(),
    objects: new ObjectSet(),
    assembly: () => undefined,
    unprogrammed: () => {
      rounds += 1;
      if (rounds === 1) throw new Error('a defect');
      return [];
    },
    clock,
    wall: { now: () => 0 },
    onProblem: (problem) => problems.push(problem),
  });
  for (const round of [1, 2]) {
    writer.notify();
    clock.advance(1000);
    await turn();
    assert.equal(rounds, round);
  }
  assert.deepEqual(problems, ['a defect']);
  writer.stop();
});
