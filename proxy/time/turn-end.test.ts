import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import { TurnClock } from './turn-clock.ts';
import { answersRead, MOST_READS, whenTurnEnds } from './turn-end.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what waits is done when the turn ends, once, and what it makes wait is done at the next end', async () => {
  const seen: string[] = [];
  whenTurnEnds(() => {
    seen.push('first');
    whenTurnEnds(() => seen.push('second'));
  });
  assert.deepEqual(seen, []);
  await nextTurn();
  assert.deepEqual(seen, ['first']);
  await nextTurn();
  await nextTurn();
  assert.deepEqual(seen, ['first', 'second']);
});

test('a turn of many reads ends what waits after a bounded number of them', async () => {
  const clock = new TurnClock(new FakeClock());
  const read = (): void => {
    clock.hold();
    clock.release();
  };
  let done = 0;
  for (let turn = 0; turn < 2; turn += 1) {
    whenTurnEnds(() => (done += 1));
    for (let count = 1; count < MOST_READS; count += 1) read();
    assert.equal(done, turn);
    read();
    assert.equal(done, turn + 1);
    // Reads beside which nothing waits count for nobody.
    for (let count = 0; count < MOST_READS; count += 1) read();
  }
  await nextTurn();
  assert.equal(done, 2);
});

test('a turn of the loop that read something is followed by another, until one reads nothing', async (context) => {
  const clock = new TurnClock(new FakeClock());
  const now = performance.now();
  context.mock.method(performance, 'now', () => now);
  let done = false;
  whenTurnEnds(() => (done = true));
  for (let turn = 0; turn < 3; turn += 1) {
    clock.hold();
    clock.release();
    await nextTurn();
    assert.equal(done, false, `turn ${turn}`);
  }
  await nextTurn();
  assert.equal(done, true);
});

test('what has waited for 1 ms leaves at the end of the turn of the loop, also when that read something', async (context) => {
  const clock = new TurnClock(new FakeClock());
  let now = performance.now();
  context.mock.method(performance, 'now', () => now);
  let done = false;
  // So that the next read follows at once, and is no turn of its own.
  clock.hold();
  clock.release();
  clock.hold();
  whenTurnEnds(() => (done = true));
  now += 1;
  clock.release();
  assert.equal(done, false);
  await nextTurn();
  assert.equal(done, true);
});

test('a read before which nothing was read for a while is a turn of its own; one that follows at once ends with the loop’s turn', async () => {
  const clock = new TurnClock(new FakeClock());
  const seen: string[] = [];
  const read = (name: string): void => {
    clock.hold();
    whenTurnEnds(() => {
      seen.push(name);
      if (name === 'alone') whenTurnEnds(() => seen.push('made by it'));
    });
    assert.ok(!seen.includes(name), 'never at once');
    clock.release();
  };
  // The loop was at rest: the test runner's own work took longer than a read does.
  const rested = performance.now() + 1;
  while (performance.now() < rested);
  read('alone');
  assert.deepEqual(seen, ['alone']);
  await nextTurn();
  assert.deepEqual(seen, ['alone', 'made by it']);
});

test('what waits already when a read begins is not ended by it', async () => {
  const clock = new TurnClock(new FakeClock());
  let done = false;
  whenTurnEnds(() => (done = true));
  const rested = performance.now() + 1;
  while (performance.now() < rested);
  clock.hold();
  clock.release();
  assert.equal(done, false);
  await nextTurn();
  await nextTurn();
  assert.equal(done, true);
});

test('a turn that brought few of many answers pauses before the next; enough of them, few under way or none read, and it does not', async (context) => {
  const clock = new TurnClock(new FakeClock());
  const now = performance.now();
  context.mock.method(performance, 'now', () => now);
  const sleep = context.mock.method(Atomics, 'wait', () => 'timed-out');
  const turn = async (...reads: readonly (readonly [ended: number, underWay: number])[]): Promise<number> => {
    const before = sleep.mock.callCount();
    whenTurnEnds(() => {});
    for (const [ended, underWay] of reads) {
      clock.hold();
      answersRead(ended, underWay);
      clock.release();
    }
    await nextTurn();
    const pauses = sleep.mock.callCount() - before;
    // What the pause brought: several answers, so that the next chance is taken.
    clock.hold();
    answersRead(50, 50);
    clock.release();
    await nextTurn();
    await nextTurn();
    return pauses;
  };
  assert.equal(await turn([1, 100]), 1);
  assert.equal(await turn([1, 4], [1, 4]), 1);
  assert.equal(await turn([20, 100]), 0);
  assert.equal(await turn([1, 2]), 0);
  assert.equal(await turn([0, 100]), 0);
});
