/** Counters in a real Redis: that they count as those in memory do, and live through its restart. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { MonotonicClock } from '@weft/core/kernel';
import type { Limit } from '@weft/core/services';
import { temporaryFolder } from '@weft/testkit/folder';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import fc from 'fast-check';
import type { Take } from '../counters.ts';
import { MemoryCounters } from '../memory-counters.ts';
import { RedisClient, RedisUnavailable } from './client.ts';
import { RedisCounters } from './redis-counters.ts';

const CLOCK: MonotonicClock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** ms: so long that no time of a test makes a difference. Windows of fixed limits begin at its multiples since 1970, the next one in 2033. */
const LONG = 1_000_000_000_000;

describe('redis', { skip: needs('redis-server') }, () => {
  const folder = temporaryFolder();
  let port = 0;
  let server: TestProcess;
  let client: RedisClient;
  const states: string[] = [];

  const start = async (): Promise<void> => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder.path];
    server = new TestProcess(toolPath('redis-server'), [...args, '--requirepass', 'sesame']);
    await server.matching(/Ready to accept connections/);
  };
  const clientOf = (password: string): RedisClient =>
    new RedisClient({
      host: '127.0.0.1',
      port,
      username: '',
      password,
      database: 1,
      tls: false,
      timeout: 20_000,
      clock: CLOCK,
      onState: (state, reason) => states.push(`${state} ${reason}`),
    });

  before(async () => {
    port = await freePort();
    await start();
    client = clientOf('sesame');
    client.start();
    await until(() => client.connected, { what: 'a connection to redis' });
  });
  after(async () => {
    client.stop();
    await server.stop();
    folder[Symbol.dispose]();
  });

  test('any questions are answered as counters in memory answer them', async () => {
    const limit = fc.record<Limit>({
      requests: fc.integer({ min: 1, max: 6 }),
      per: fc.constant(LONG),
      algorithm: fc.constantFrom('fixed', 'sliding'),
      shadow: fc.boolean(),
    });
    const take = fc.record<Take>({
      key: fc.constantFrom('a', 'b', 'c'),
      limit,
      hits: fc.integer({ min: -2, max: 4 }),
    });
    const question = fc.uniqueArray(take, { minLength: 1, maxLength: 3, selector: ({ key }) => key });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(question, { minLength: 1, maxLength: 12 }), async (questions) => {
        const prefix = `run ${(run += 1)} `;
        const redis = new RedisCounters(client);
        const memory = new MemoryCounters({ clock: { ...CLOCK, now: () => 0 }, most: 100 });
        for (const takes of questions) {
          const named = takes.map((one) => ({ ...one, key: prefix + one.key }));
          const [theirs, ours] = [await redis.take(named), await memory.take(named)];
          assert.deepEqual(
            theirs.map(({ fits, remaining }) => [fits, remaining]),
            ours.map(({ fits, remaining }) => [fits, remaining]),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  test('twelve limiters that ask at once let pass as many as one', async () => {
    const limit: Limit = { requests: 50, per: LONG, algorithm: 'fixed', shadow: false };
    const limiters = Array.from({ length: 12 }, () => new RedisCounters(client));
    const counts = await Promise.all(
      Array.from({ length: 120 }, (_, index) => limiters[index % 12]?.take([{ key: 'all', limit, hits: 1 }])),
    );
    assert.equal(counts.filter((count) => count?.[0]?.fits === true).length, 50);
  });

  test('counters expire by themselves', async () => {
    const redis = new RedisCounters(client);
    for (const algorithm of ['fixed', 'sliding'] as const)
      await redis.take([{ key: 'short', limit: { requests: 5, per: 150, algorithm, shadow: false }, hits: 1 }]);
    await until(async () => {
      const keys = await client.send(['KEYS', '*short*']);
      return Array.isArray(keys) && keys.length === 0;
    });
  });

  test('a wrong password is told, and no command is tried', async () => {
    const other = clientOf('wrong');
    other.start();
    await until(() => states.some((state) => state.startsWith('lost WRONGPASS')), { what: 'the refusal' });
    await assert.rejects(other.send(['PING']), RedisUnavailable);
    other.stop();
  });

  test('while it is away questions fail at once; when it is back, script and connection are made anew', async () => {
    const redis = new RedisCounters(client);
    const one: Take = {
      key: 'restart',
      limit: { requests: 9, per: 60_000, algorithm: 'sliding', shadow: false },
      hits: 1,
    };
    assert.equal((await redis.take([one]))[0]?.remaining, 8);
    await server.stop();
    await until(() => !client.connected);
    await assert.rejects(redis.take([one]), RedisUnavailable);
    await start();
    await until(() => client.connected, { what: 'the connection again' });
    assert.equal((await redis.take([one]))[0]?.remaining, 8, 'it began anew');
  });
});
