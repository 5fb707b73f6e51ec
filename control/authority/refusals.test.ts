import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Refusal, Refusals } from './index.ts';

test('a flood of refusals is counted, not logged; other reasons are still told; no caller breaks a line', () => {
  const told: Refusal[] = [];
  const clock = { time: 0, now: () => clock.time };
  const refusals = new Refusals((refusal) => told.push(refusal), clock);
  const refused = (reason: Refusal['reason'], detail = '') =>
    refusals.add({ reason, operation: 'join', peer: '192.0.2.1:5', identity: '', detail });
  for (let n = 0; n < 10_000; n += 1) refused('token-unknown');
  assert.equal(told.length, 20);
  refused('token-used', 'a\nb\x1b[31m\u009bc');
  assert.deepEqual([told[20]?.reason, told[20]?.detail], ['token-used', 'a?b?[31m?c']);
  clock.time = 1000;
  refused('token-unknown', 'x');
  assert.equal(told[21]?.detail, 'x (and 9980 more not logged)');
  refused('token-unknown');
  assert.equal(told[22]?.detail, '');
  assert.equal(refusals.count('token-unknown'), 10_002);
});
