import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { TokenBucket } from './bucket.ts';
import { allocateBuckets, SharedTokenBucket } from './shared-bucket.ts';
import type { Taking } from './testing/taker.ts';

/** Rates and moments that a float64 holds exactly, so that bounds need no tolerance. */
const bucketRow = fc.record({
  maxTokens: fc.nat(20),
  tokensPerFill: fc.integer({ min: 1, max: 8 }),
  fillInterval: fc.constantFrom(1, 8, 64),
});
/** Which engine asks, and ms since the one before; an engine's clock may have been read up to 3 ms ago. */
const asks = fc.array(fc.record({ engine: fc.nat(2), ms: fc.nat(40), late: fc.nat(3) }), { maxLength: 120 });
const SHIFTS = [0, 1024, -512];

test('engines on one memory behave as one bucket, whatever their clocks count from', () => {
  fc.assert(
    fc.property(bucketRow, asks, (row, asked) => {
      const cells = new BigInt64Array(allocateBuckets(2));
      const shared = SHIFTS.map((shift) => new SharedTokenBucket(row, { cells, shift }, 1));
      const alone = new TokenBucket(row);
      let now = 4096;
      for (const { engine, ms } of asked) {
        now += ms;
        const bucket = shared[engine] as SharedTokenBucket;
        const own = now - (SHIFTS[engine] ?? 0);
        assert.equal(bucket.remaining(own), alone.remaining(now));
        assert.equal(bucket.untilNext(own), alone.untilNext(now));
        assert.equal(bucket.take(own), alone.take(now));
      }
      assert.equal(cells[0], new BigInt64Array(new Float64Array([-Infinity]).buffer)[0], "the neighbour's cell");
    }),
  );
});

test('a full bucket gives all its tokens however slowly it fills, also to engines whose clocks differ by what reading them takes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(1000, 60_000, 3_600_000),
      fc.array(fc.record({ engine: fc.nat(2), late: fc.double({ min: 0, max: 0.0009, noNaN: true }) }), {
        minLength: 20,
        maxLength: 20,
      }),
      (maxTokens, fillInterval, asked) => {
        const cells = new BigInt64Array(allocateBuckets(1));
        const row = { maxTokens, tokensPerFill: 1, fillInterval };
        const shared = SHIFTS.map((shift) => new SharedTokenBucket(row, { cells, shift: shift + 0.1 }, 0));
        const passed = asked.filter(({ engine, late }) =>
          shared[engine]?.take(4096.3 - late - ((SHIFTS[engine] ?? 0) + 0.1)),
        );
        assert.equal(passed.length, maxTokens);
      },
    ),
  );
});

test('no span of time lets more pass than the bucket holds and what flows in, also when clocks are read late', () => {
  fc.assert(
    fc.property(bucketRow, asks, (row, asked) => {
      const cells = new BigInt64Array(allocateBuckets(1));
      const shared = SHIFTS.map((shift) => new SharedTokenBucket(row, { cells, shift }, 0));
      const rate = row.tokensPerFill / row.fillInterval;
      const passed: number[] = [];
      let now = 4096;
      for (const { engine, ms, late } of asked) {
        now += ms;
        if (shared[engine]?.take(now - late - (SHIFTS[engine] ?? 0)) === true) passed.push(now);
      }
      for (const [first, from] of passed.entries())
        for (const [index, to] of passed.entries())
          if (index >= first) assert.ok(index - first + 1 <= row.maxTokens + (to - from + 3) * rate + 1e-6);
    }),
  );
});

test('threads that take at the same moment get all tokens and not one more', async () => {
  const fellows = 3;
  const tokens = 60_000;
  const [memory, start] = [allocateBuckets(1), new SharedArrayBuffer(4)];
  const workerData: Taking = { memory, start, fellows, tokens, tries: tokens };
  const got = await Promise.all(
    Array.from({ length: fellows }, async () => {
      const [count] = await once(new Worker(new URL('./testing/taker.ts', import.meta.url), { workerData }), 'message');
      return count as number;
    }),
  );
  assert.equal(
    got.reduce((sum, count) => sum + count, 0),
    tokens,
    got.join(),
  );
});
