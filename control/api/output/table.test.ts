import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age } from './table.ts';

test('ages in the form of kubectl', () => {
  const now = Date.parse('2026-01-10T00:00:00Z');
  const ago = (seconds: number) => age(new Date(now - seconds * 1000).toISOString(), now);
  const [minute, hour, day] = [60, 3600, 86_400];
  const cases = [
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [5 * minute + 3, '5m3s'],
    [10 * minute + 3, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [3 * hour + 12 * minute, '3h12m'],
    [9 * hour + 12 * minute, '9h'],
    [47 * hour, '47h'],
    [2 * day, '2d'],
    [2 * day + 3 * hour, '2d3h'],
    [9 * day + 3 * hour, '9d'],
    [729 * day, '729d'],
    [800 * day, '2y70d'],
    [-50, '0s'],
  ] as const;
  for (const [seconds, text] of cases) assert.equal(ago(seconds), text, String(seconds));
  assert.equal(age('', now), '<unknown>');
});
