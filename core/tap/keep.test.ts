import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTelling, KeepGate } from './keep.ts';
import { TapGate } from './gate.ts';

/** A clock that stands where it is put. */
function clockAt(): { now(): number; at: number; after(): { cancel(): void } } {
  return {
    at: 0,
    now() {
      return this.at;
    },
    after: () => ({ cancel: () => {} }),
  };
}

const idOf = (index: number): string => `9f1c2a00-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;

test('refusals, failures and flags are told; what an application answers is not', () => {
  for (const [status, grpc, flagged] of [
    [503, -1, false],
    [0, -1, false],
    [403, -1, false],
    [429, -1, false],
    [404, -1, true],
    [200, 14, false],
    [200, 7, false],
  ] as const)
    assert.equal(isTelling(status, grpc, flagged), true, `${status} ${grpc}`);
  for (const [status, grpc] of [
    [200, -1],
    [302, -1],
    [404, -1],
    [200, 0],
    [200, 5],
  ] as const)
    assert.equal(isTelling(status, grpc, false), false, `${status} ${grpc}`);
});

test('all is kept while there is little; of much a sample stands for all of it, and bounded each second', () => {
  const clock = clockAt();
  const gate = new KeepGate(20, clock, () => assert.fail('nothing telling'));
  let kept = 0;
  let weight = 0;
  const second = (requests: number): [number, number] => {
    kept = 0;
    weight = 0;
    for (let index = 0; index < requests; index += 1) {
      const weighs = gate.weigh(false, idOf(index * 7919 + clock.at));
      if (weighs > 0) kept += 1;
      weight += weighs;
    }
    clock.at += 1000;
    return [kept, weight];
  };
  assert.deepEqual(second(15), [15, 15]);
  // A burst that nobody foresaw is thinned while it comes.
  const [first, stands] = second(10_000);
  assert.ok(first <= 20 * 12, `${first}`);
  assert.ok(stands > 5000 && stands < 20_000, `${stands}`);
  let sum = 0;
  for (let round = 0; round < 50; round += 1) {
    const [count, all] = second(10_000);
    assert.ok(count <= 80, `${count}`);
    sum += all;
  }
  assert.ok(Math.abs(sum / 500_000 - 1) < 0.1, `${sum}`);
  second(0);
  assert.deepEqual(second(3), [3, 3]);
});

test('a busy proxy keeps part of what a quiet one keeps: both sides of a request are kept or neither', () => {
  const clock = clockAt();
  const [busy, quiet] = [new KeepGate(20, clock, () => {}), new KeepGate(20, clock, () => {})];
  const both = new Set<number>();
  let quietKept = 0;
  for (let round = 0; round < 20; round += 1) {
    for (let index = 0; index < 4000; index += 1) {
      const id = idOf(round * 4000 + index);
      const own = busy.weigh(false, id) > 0;
      if (index % 4 !== 0) continue;
      const other = quiet.weigh(false, id) > 0;
      if (round > 0 && other) quietKept += 1;
      if (round > 0 && own && other) both.add(round * 4000 + index);
      if (round > 0 && own) assert.ok(other, `${id} by the busy one alone`);
    }
    clock.at += 1000;
  }
  assert.ok(both.size > 20 && quietKept > both.size, `${both.size} of ${quietKept}`);
});

test('a flood of refusals is bounded, and what is left out is counted', () => {
  const clock = clockAt();
  let missed = 0;
  const gate = new KeepGate(5, clock, (count) => (missed += count));
  let kept = 0;
  for (let index = 0; index < 1000; index += 1) kept += gate.weigh(true, '');
  assert.deepEqual([kept, missed], [5, 995]);
});

test('a tap that somebody watches weighs nothing and asks for no id', () => {
  const gate = new TapGate(
    { to: '', method: '', path: '', status: 0, rate: 1, keep: false },
    clockAt(),
    () => {},
    () => {},
  );
  assert.equal(gate.keeps, false);
  assert.equal(gate.weigh(false, ''), 1);
});
