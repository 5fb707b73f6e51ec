import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import type { Limit } from '@weft/core/services';
import fc from 'fast-check';
import type { Count, Counters, Take } from './counters.ts';
import { MemoryCounters } from './memory-counters.ts';
import { OverLimitCache } from './over-limit-cache.ts';

const FIXED: Limit = { requests: 3, per: 1000, algorithm: 'fixed', shadow: false };
const SLIDING: Limit = { ...FIXED, algorithm: 'sliding' };
const take = (key: string, limit: Limit, hits = 1): Take => ({ key, limit, hits });
const memory = (clock: FakeClock, most = 100): MemoryCounters => new MemoryCounters({ clock, most });
const ask = async (counters: Counters, one: Take): Promise<Count> => {
  const [count] = await counters.take([one]);
  assert.ok(count !== undefined);
  return count;
};

test('a fixed window takes so many, then none until it ends', async () => {
  const clock = new FakeClock();
  const counters = memory(clock);
  clock.advance(400);
  const got: Count[] = [];
  for (let left = 4; left > 0; left -= 1) got.push(await ask(counters, take('a', FIXED)));
  assert.deepEqual(
    got.map(({ fits, remaining }) => [fits, remaining]),
    [
      [true, 2],
      [true, 1],
      [true, 0],
      [false, 0],
    ],
  );
  assert.equal(got[3]?.untilReset, 600);
  assert.equal(got[3]?.untilNext, 600);
  clock.advance(600);
  assert.equal((await ask(counters, take('a', FIXED))).fits, true);
});

test('a sliding limit gives requests back one by one', async () => {
  const clock = new FakeClock();
  const counters = memory(clock);
  for (let left = 3; left > 0; left -= 1) assert.ok((await ask(counters, take('a', SLIDING))).fits);
  const refused = await ask(counters, take('a', SLIDING));
  assert.equal(refused.fits, false);
  assert.equal(Math.ceil(refused.untilNext), 334);
  clock.advance(334);
  assert.ok((await ask(counters, take('a', SLIDING))).fits);
  assert.equal((await ask(counters, take('a', SLIDING))).fits, false);
});

test('of several limits all are counted or none, and a shadow refuses nothing', async () => {
  const counters = memory(new FakeClock());
  const one = { ...FIXED, requests: 1 };
  const both = [take('narrow', one), take('wide', FIXED)];
  assert.deepEqual(
    (await counters.take(both)).map((count) => count?.fits),
    [true, true],
  );
  assert.deepEqual(
    (await counters.take(both)).map((count) => count?.fits),
    [false, true],
  );
  assert.equal((await ask(counters, take('wide', FIXED, 0))).remaining, 2, 'what was refused was not counted');
  const shadowed = [take('narrow', { ...one, shadow: true }), take('wide', FIXED)];
  assert.deepEqual(
    (await counters.take(shadowed)).map((count) => count?.fits),
    [false, true],
  );
  assert.equal((await ask(counters, take('wide', FIXED, 0))).remaining, 1);
});

test('hits are given back, never more than were taken', async () => {
  const counters = memory(new FakeClock());
  await ask(counters, take('a', FIXED, 2));
  assert.equal((await ask(counters, take('a', FIXED, -5))).remaining, 3);
});

test('no more counters than it may hold: the one touched least lately is forgotten', async () => {
  const counters = memory(new FakeClock(), 2);
  await ask(counters, take('a', FIXED));
  await ask(counters, take('b', FIXED));
  await ask(counters, take('a', FIXED));
  await ask(counters, take('c', FIXED));
  assert.equal(counters.size, 2);
  assert.equal(counters.forgotten, 1);
  assert.equal((await ask(counters, take('a', FIXED, 0))).remaining, 1);
  assert.equal((await ask(counters, take('b', FIXED, 0))).remaining, 3);
});

test('who is over a limit is remembered until the limit has room again', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const inner = memory(clock);
  const cache = new OverLimitCache(
    { take: (takes) => ((asked += 1), inner.take(takes)), stop: () => undefined },
    { clock, most: 10 },
  );
  for (let left = 4; left > 0; left -= 1) await ask(cache, take('a', FIXED));
  assert.equal(asked, 4);
  assert.equal((await ask(cache, take('a', FIXED))).fits, false);
  assert.equal(asked, 4, 'nobody was asked');
  assert.equal(cache.hits, 1);
  const [, other] = await cache.take([take('a', FIXED), take('b', FIXED)]);
  assert.equal(other, undefined);
  clock.advance(1000);
  assert.ok((await ask(cache, take('a', FIXED))).fits);
});

test('in no time `per` more hits pass than a limit allows: sliding once, fixed twice as many', async () => {
  const steps = fc.array(fc.record({ pause: fc.integer({ min: 0, max: 700 }), hits: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(FIXED, SLIDING), async (list, limit) => {
      const clock = new FakeClock();
      const counters = memory(clock);
      const passed: { readonly at: number; readonly hits: number }[] = [];
      for (const { pause, hits } of list) {
        clock.advance(pause);
        if ((await ask(counters, take('a', limit, hits))).fits) passed.push({ at: clock.now(), hits });
      }
      for (const { at } of passed) {
        const within = passed.filter((one) => one.at >= at && one.at < at + limit.per);
        const sum = within.reduce((total, { hits }) => total + hits, 0);
        // A burst after a pause, and what came back meanwhile.
        assert.ok(sum <= limit.requests * 2, `${sum} hits within ${limit.per} ms`);
      }
    }),
    { numRuns: 200 },
  );
});
