import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Pauses } from './pauses.ts';

/** The thread's sleeps, each of so many ms as `takes` says, on a clock of the test's own. */
function sleeps(context: TestContext, takes: () => number): { count: number; pass(ms: number): void } {
  let now = performance.now();
  const seen = {
    count: 0,
    pass(ms: number): void {
      now += ms;
    },
  };
  context.mock.method(performance, 'now', () => now);
  context.mock.method(Atomics, 'wait', () => {
    seen.count += 1;
    now += takes();
    return 'timed-out';
  });
  return seen;
}

test('pauses that pay are taken each time', (context) => {
  const seen = sleeps(context, () => 0.03);
  const pauses = new Pauses();
  for (let turn = 0; turn < 100; turn += 1) {
    assert.equal(pauses.take(), true);
    pauses.paid(true);
  }
  assert.equal(seen.count, 100);
});

test('pauses in vain become rare, and one that pays brings them back', (context) => {
  const seen = sleeps(context, () => 0.03);
  const pauses = new Pauses();
  const chances = (count: number, well: boolean): number => {
    const before = seen.count;
    for (let chance = 0; chance < count; chance += 1) if (pauses.take()) pauses.paid(well);
    return seen.count - before;
  };
  // 1, then 2, 4 ... 256 chances are not taken.
  assert.equal(chances(1 + (1 + 1) + (2 + 1) + (4 + 1), false), 4);
  assert.equal(chances(100_000, false) < 400, true);
  chances(257, true);
  assert.equal(chances(100, true), 100);
});

test('one that took too long is followed by a rest without any, longer each time', (context) => {
  const seen = sleeps(context, () => 5);
  const pauses = new Pauses();
  let waited = 0;
  for (const rest of [10, 20, 40]) {
    assert.equal(pauses.take(), true);
    pauses.paid(true);
    seen.pass(rest - 0.1);
    assert.equal(pauses.take(), false);
    seen.pass(0.2);
    waited += 1;
  }
  assert.equal(seen.count, waited);
});
