import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { priorityShares } from './priority.ts';

const level = (healthy: number, total: number, degraded = 0) => ({ healthy, degraded, total });
const shares = (levels: Parameters<typeof priorityShares>[0], panic = 50): number[] =>
  priorityShares(levels, 140, panic).map((share) => Math.round(share.healthy + share.degraded));

test('overprovisioning: a level keeps all traffic down to 72 % healthy, then spills', () => {
  assert.deepEqual(shares([level(100, 100), level(100, 100)]), [100, 0]);
  assert.deepEqual(shares([level(72, 100), level(100, 100)]), [100, 0]);
  assert.deepEqual(shares([level(50, 100), level(100, 100)]), [70, 30]);
  assert.deepEqual(shares([level(0, 100), level(100, 100)]), [0, 100]);
  assert.deepEqual(shares([level(25, 100), level(25, 100)]), [50, 50]);
});

test('degraded endpoints take what healthy ones of every level cannot', () => {
  const got = priorityShares([level(25, 100, 75), level(25, 100)], 140, 50);
  assert.deepEqual(
    got.map((share) => [Math.round(share.healthy), Math.round(share.degraded)]),
    [
      [35, 30],
      [35, 0],
    ],
  );
});

test('panic: below the threshold when the levels together cannot take 100 %', () => {
  const panic = (levels: Parameters<typeof priorityShares>[0], threshold: number): boolean[] =>
    priorityShares(levels, 140, threshold).map((share) => share.panic);
  assert.deepEqual(panic([level(1, 3)], 50), [true]);
  assert.deepEqual(panic([level(2, 3)], 50), [false]);
  assert.deepEqual(panic([level(1, 10), level(10, 10)], 50), [false, false]);
  assert.deepEqual(panic([level(0, 3)], 0), [false]);
  assert.deepEqual(shares([level(0, 3)], 0), [0]);
  assert.deepEqual(shares([level(0, 3), level(0, 1)], 50), [75, 25]);
});

test('shares sum to 100 or nothing', () => {
  const arbitrary = fc.array(
    fc
      .tuple(fc.nat(20), fc.nat(20), fc.nat(20))
      .map(([healthy, degraded, bad]) => level(healthy, healthy + degraded + bad, degraded)),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(arbitrary, fc.integer({ min: 100, max: 200 }), fc.nat(100), (levels, factor, panic) => {
      const sum = priorityShares(levels, factor, panic).reduce(
        (total, share) => total + share.healthy + share.degraded,
        0,
      );
      assert.ok(Math.abs(sum - 100) < 1e-6 || sum === 0);
    }),
    { numRuns: 200 },
  );
});
