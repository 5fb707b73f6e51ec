/** Hosts of requests over a resolver and a clock that the test holds: bounds, times, refused addresses, and what is no host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsCache } from '@weft/core/proxy-config';
import { FakeClock } from '@weft/testkit/clock';
import type { EngineRuntime } from '../../ports.ts';
import { TurnClock } from '../../time/index.ts';
import type { DnsAnswer } from '../../upstream/dns.ts';
import { type Found, isFailure, NamedHostCache } from './cache.ts';
import { namedHost } from './named-host.ts';

const ROW: DnsCache = {
  name: 'n',
  family: 'v4-preferred',
  refreshRate: 60_000,
  minRefreshRate: 5000,
  failureRefreshRate: { base: 1000, max: 4000 },
  hostTtl: 300_000,
  maxHosts: 2,
  maxPendingRequests: 10,
  queryTimeout: 5000,
  refused: { ranges: ['127.0.0.0/8', '169.254.0.0/16', '::1/128', '10.0.0.0/8'], inverted: false },
};

class World {
  readonly clock = new FakeClock();
  readonly counts = new Map<string, number>();
  readonly asked: { readonly name: string; readonly answered: (answer: DnsAnswer | undefined) => void }[] = [];
  readonly told: Found[] = [];
  readonly cache: NamedHostCache;

  constructor(row: Partial<DnsCache> = {}) {
    const counter = (name: string) => ({
      add: (more: number) => this.counts.set(name, (this.counts.get(name) ?? 0) + more),
    });
    const runtime = {
      clock: new TurnClock(this.clock),
      counters: { counter },
      dns: {
        resolve: (name: string, _family: string, _ttl: boolean, answered: (answer: DnsAnswer | undefined) => void) =>
          this.asked.push({ name, answered }),
      },
    };
    this.cache = new NamedHostCache({ ...ROW, ...row }, runtime as unknown as EngineRuntime);
  }

  find(authority: string): Found | 'loading' | 'overflow' {
    const host = namedHost(authority, 80);
    assert.ok(host !== undefined, authority);
    return this.cache.find(host, { told: (found) => this.told.push(found) });
  }

  answer(...addresses: readonly string[]): void {
    this.asked.shift()?.answered(addresses.length === 0 ? undefined : { addresses, ttl: 1000 });
  }

  count(stat: string): number {
    return this.counts.get(`dns_cache.n.${stat}`) ?? 0;
  }
}

test('one query for all who wait; then it is known until its time to live, at least the least, is over', () => {
  const world = new World();
  assert.equal(world.find('a.example'), 'loading');
  assert.equal(world.find('a.example:80'), 'loading');
  assert.equal(world.asked.length, 1);
  world.answer('192.0.2.1', '192.0.2.2');
  assert.deepEqual(world.told, [
    { ip: '192.0.2.1', port: 80 },
    { ip: '192.0.2.1', port: 80 },
  ]);
  assert.deepEqual(world.find('a.example'), { ip: '192.0.2.1', port: 80 });
  world.clock.advance(4999);
  assert.equal(world.asked.length, 0);
  world.clock.advance(1);
  assert.equal(world.asked.length, 1);
  world.answer('192.0.2.3');
  assert.deepEqual(world.find('a.example'), { ip: '192.0.2.3', port: 80 });
});

test('a query that fails leaves the last address, and is made again at growing intervals; a first one that fails is told', () => {
  const world = new World();
  world.find('a.example');
  world.answer();
  assert.deepEqual(world.told, [{ failure: 'not_found' }]);
  assert.deepEqual(world.find('a.example'), { failure: 'not_found' });
  for (const wait of [1000, 2000, 4000, 4000]) {
    world.clock.advance(wait - 1);
    assert.equal(world.asked.length, 0, `${wait}`);
    world.clock.advance(1);
    assert.equal(world.asked.length, 1, `${wait}`);
    world.answer();
  }
  world.clock.advance(4000);
  world.answer('192.0.2.1');
  world.clock.advance(5000);
  world.answer();
  assert.deepEqual(world.find('a.example'), { ip: '192.0.2.1', port: 80 });
});

test('a query that takes too long has failed, and its answer counts for nothing', () => {
  const world = new World();
  world.find('a.example');
  world.clock.advance(5000);
  assert.deepEqual(world.told, [{ failure: 'timeout' }]);
  world.answer('192.0.2.1');
  assert.deepEqual(world.find('a.example'), { failure: 'timeout' });
  assert.equal(world.count('dns_query_timeout'), 1);
});

test('addresses that are refused are no answer, in either spelling, and do not take the place of one that was found', () => {
  const world = new World({ maxHosts: 20 });
  for (const bad of ['127.0.0.1', '::ffff:127.0.0.1', '169.254.169.254', '::1', 'fe80::1%eth0', 'nonsense']) {
    world.find(`${world.count('dns_query_attempt')}.example`);
    world.answer(bad);
  }
  // Nobody refuses link-local IPv6 here.
  assert.deepEqual(
    world.told.map((found) => (isFailure(found) ? found.failure : found.ip)),
    ['address_refused', 'address_refused', 'address_refused', 'address_refused', 'fe80::1%eth0', 'address_refused'],
  );
  world.told.length = 0;
  world.find('mixed.example');
  world.answer('127.0.0.1', '192.0.2.1');
  assert.deepEqual(world.told, [{ ip: '192.0.2.1', port: 80 }]);
  world.clock.advance(5000);
  for (let open = world.asked.length; open > 0; open -= 1) world.answer('10.1.2.3');
  assert.deepEqual(world.find('mixed.example'), { ip: '192.0.2.1', port: 80 });
});

test('an address needs no query, takes no room, and is refused alike', () => {
  const world = new World({ maxHosts: 1 });
  for (let last = 1; last < 10; last += 1)
    assert.deepEqual(world.find(`192.0.2.${last}:8080`), { ip: `192.0.2.${last}`, port: 8080 });
  assert.deepEqual(world.find('[2001:DB8::0:1]'), { ip: '2001:db8::1', port: 80 });
  for (const bad of ['127.9.9.9', '[::1]:1', '[::ffff:7f00:1]', '[::ffff:10.0.0.1]'])
    assert.deepEqual(world.find(bad), { failure: 'address_refused' }, bad);
  assert.equal(world.asked.length, 0);
});

test('a range of mapped addresses is about that spelling', () => {
  const world = new World({ refused: { ranges: ['::ffff:0:0/96'], inverted: false } });
  assert.deepEqual(world.find('192.0.2.9'), { ip: '192.0.2.9', port: 80 });
  assert.deepEqual(world.find('[::ffff:192.0.2.9]'), { failure: 'address_refused' });
});

test('inverted: only addresses in the ranges are taken', () => {
  const world = new World({ refused: { ranges: ['192.0.2.0/24'], inverted: true } });
  assert.deepEqual(world.find('198.51.100.1'), { failure: 'address_refused' });
  assert.deepEqual(world.find('192.0.2.9'), { ip: '192.0.2.9', port: 80 });
});

test('no more hosts than the row says; one that nobody asks for is forgotten when it is due', () => {
  const world = new World({ hostTtl: 10_000 });
  for (const name of ['a.example', 'b.example']) {
    world.find(name);
    world.answer('192.0.2.1');
  }
  assert.equal(world.find('c.example'), 'overflow');
  assert.equal(world.count('host_overflow'), 1);
  // Refreshed at 5 s and 10 s; at 15 s it is too long ago that anybody asked.
  for (let round = 0; round < 3; round += 1) {
    world.clock.advance(5000);
    for (let open = world.asked.length; open > 0; open -= 1) world.answer('192.0.2.1');
  }
  assert.equal(world.find('c.example'), 'loading');
});

test('what is no host and port has no address', () => {
  for (const bad of [
    '',
    ':80',
    'a:0',
    'a:65536',
    'a:1:2',
    'a b',
    'a/b',
    'a@b',
    'a%00b',
    '[a]',
    '[::1',
    'a\0b',
    `${'a'.repeat(254)}`,
  ])
    assert.equal(namedHost(bad, 80), undefined, JSON.stringify(bad));
  assert.deepEqual(namedHost('a.example', 443), { name: 'a.example', port: 443, literal: false });
});
