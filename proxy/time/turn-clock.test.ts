import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import { TurnClock } from './turn-clock.ts';

test('held, a clock stands still from the first question on; it is exact before and after', () => {
  const time = new FakeClock();
  const clock = new TurnClock(time);
  const start = clock.now();
  time.advance(5);
  assert.equal(clock.now(), start + 5);
  assert.equal(clock.hold(), true);
  time.advance(1);
  assert.equal(clock.now(), start + 6, 'the moment is that of the first question');
  time.advance(7);
  assert.equal(clock.now(), start + 6);
  assert.equal(clock.hold(), false, 'whoever held it first releases it');
  clock.release();
  assert.equal(clock.now(), start + 13);
  assert.equal(clock.hold(), true);
  assert.equal(clock.now(), start + 13, 'no moment of before');
});
