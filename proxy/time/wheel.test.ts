import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '@weft/testkit/clock';
import { HashedTimerWheel } from './wheel.ts';

test('a timer fires once, not early and at most one tick late', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 30 }), (delays) => {
      const clock = new FakeClock();
      const wheel = new HashedTimerWheel(clock);
      const fired: number[] = new Array<number>(delays.length).fill(0);
      const at: number[] = [];
      const target = {
        timerFired(kind: number): void {
          fired[kind] = (fired[kind] ?? 0) + 1;
          at[kind] = clock.now();
        },
      };
      const start = clock.now();
      for (const [kind, delay] of delays.entries()) wheel.create(target, kind).start(delay);
      clock.advance(21_000);
      for (const [kind, delay] of delays.entries()) {
        assert.equal(fired[kind], 1);
        const late = (at[kind] ?? 0) - start - delay;
        assert.ok(late >= 0 && late <= 10, `late by ${late}`);
      }
      assert.equal(clock.waiting, 0, 'an empty wheel does not wake');
    }),
    { numRuns: 100 },
  );
});

test('restarting postpones, shortening hastens, stopping silences', () => {
  const clock = new FakeClock();
  const wheel = new HashedTimerWheel(clock);
  const log: string[] = [];
  const target = { timerFired: (kind: number) => void log.push(`${kind}@${clock.now()}`) };
  const a = wheel.create(target, 1);
  a.start(100);
  clock.advance(90);
  a.start(100);
  clock.advance(90);
  assert.deepEqual(log, []);
  a.start(20);
  clock.advance(20);
  assert.equal(log.length, 1);
  assert.equal(a.running, false);
  a.start(50);
  a.stop();
  a.start(0);
  clock.advance(10_000);
  assert.equal(log.length, 1);
});

test('a target that stops another due timer is obeyed', () => {
  const clock = new FakeClock();
  const wheel = new HashedTimerWheel(clock);
  let fired = 0;
  const timers = [0, 1].map((kind) =>
    wheel.create({ timerFired: () => ((fired += 1), timers[1 - kind]?.stop()) }, kind),
  );
  for (const timer of timers) timer.start(50);
  clock.advance(1000);
  assert.equal(fired, 1);
});
