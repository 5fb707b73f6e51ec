import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOfShare } from './index.ts';

test('bounds of shares: quantiles of the binomial distribution, as other tables have them', () => {
  for (const [count, share, bounds] of [
    [40, 0.5, [3, 37]],
    [100, 0.5, [21, 79]],
    [300, 0.9, [235, 296]],
    [400, 0.8, [269, 364]],
    [10_000, 0.9, [8816, 9175]],
    [300, 0.03, [0, 31]],
    [20, 1, [20, 20]],
    [20, 0, [0, 0]],
  ] as const)
    assert.deepEqual(boundsOfShare(count, share), bounds, `${share} of ${count}`);
});
