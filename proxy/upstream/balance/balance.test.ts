import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoadBalancing, PLAIN_CONSISTENT } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { xxHash64 } from '../hash/index.ts';
import { balancer, type Balanced } from './index.ts';
import { MersenneTwister } from './mersenne-twister.ts';

const policies: readonly LoadBalancing[] = [
  { kind: 'round-robin', slowStart: undefined },
  { kind: 'round-robin', slowStart: { window: 1000, aggression: 1, minWeightPercent: 10 } },
  { kind: 'least-request', choiceCount: 2, activeRequestBias: 1, fullScan: false, slowStart: undefined },
  { kind: 'random' },
  {
    kind: 'ring-hash',
    minimumRingSize: 1024,
    maximumRingSize: 8192,
    hashFunction: 'xx-hash',
    consistent: PLAIN_CONSISTENT,
  },
  { kind: 'maglev', tableSize: 1021, consistent: PLAIN_CONSISTENT },
];

function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

const host = (index: number, weight = 1, activeRequests = 0): Balanced => ({
  address: `10.0.0.${index}:80`,
  hashKey: () => `10.0.0.${index}:80`,
  weight,
  activeRequests,
  since: 0,
});

const counts = (conf: LoadBalancing, hosts: readonly Balanced[], picks: number, now = 1e6): number[] => {
  const chosen = balancer(conf, hosts, { random: lcg(7), now: () => now });
  const tally = hosts.map(() => 0);
  for (let i = 0; i < picks; i += 1) {
    const got = chosen.pick(undefined, 0);
    assert.ok(got);
    const index = hosts.indexOf(got);
    tally[index] = (tally[index] ?? 0) + 1;
  }
  return tally;
};

test('every policy: a member is picked, none for an empty list', () => {
  for (const conf of policies) {
    const setting = { random: lcg(1), now: () => 0 };
    assert.equal(balancer(conf, [], setting).pick({ high: 0, low: 5 }, 0), undefined, conf.kind);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        (weights, hash) => {
          const hosts = weights.map((weight, index) => host(index, weight));
          const picked = balancer(conf, hosts, setting).pick({ high: hash, low: hash }, 0);
          assert.ok(picked !== undefined && hosts.includes(picked));
        },
      ),
      { numRuns: 30 },
    );
  }
});

test('round robin is exact: equal shares, and shares by weight', () => {
  const conf: LoadBalancing = { kind: 'round-robin', slowStart: undefined };
  assert.deepEqual(counts(conf, [host(1), host(2), host(3)], 300), [100, 100, 100]);
  assert.deepEqual(counts(conf, [host(1, 1), host(2, 3)], 400), [100, 300]);
});

test('least request: idle endpoints first; weights and activity share the load', () => {
  const conf: LoadBalancing = {
    kind: 'least-request',
    choiceCount: 2,
    activeRequestBias: 1,
    fullScan: false,
    slowStart: undefined,
  };
  const tally = counts(conf, [host(1, 1, 0), host(2, 1, 50)], 1000);
  assert.ok((tally[1] ?? 0) < 300 && (tally[1] ?? 0) > 200, 'the busy one only when it is drawn twice');
  assert.deepEqual(counts(conf, [host(1, 2, 1), host(2, 1, 0)], 200), [100, 100]);
});

test('slow start: a new endpoint begins with its least share', () => {
  const conf: LoadBalancing = {
    kind: 'round-robin',
    slowStart: { window: 10_000, aggression: 1, minWeightPercent: 10 },
  };
  const tally = counts(
    conf,
    [
      { ...host(1), since: -1e9 },
      { ...host(2), since: 0 },
    ],
    1100,
    500,
  );
  assert.ok(Math.abs((tally[1] ?? 0) - 100) <= 2, String(tally));
});

test('ring hash and maglev: shares by weight, same key same endpoint, few keys move', () => {
  for (const conf of policies.filter(({ kind }) => kind === 'ring-hash' || kind === 'maglev')) {
    const hosts = [host(1), host(2), host(3), host(4, 2)];
    const before = balancer(conf, hosts, { random: lcg(1), now: () => 0 });
    const after = balancer(conf, hosts.slice(0, 3), { random: lcg(2), now: () => 0 });
    const tally = new Map<string, number>();
    let moved = 0;
    for (let key = 0; key < 10_000; key += 1) {
      const hash = xxHash64(`key-${key}`);
      const one = before.pick(hash, 0);
      assert.ok(one);
      assert.equal(before.pick(hash, 0), one);
      tally.set(one.address, (tally.get(one.address) ?? 0) + 1);
      if (one !== hosts[3] && after.pick(hash, 0) !== one) moved += 1;
    }
    assert.ok(Math.abs((tally.get('10.0.0.4:80') ?? 0) - 4000) < 600, `${conf.kind} ${[...tally]}`);
    assert.ok(moved < 1500, `${conf.kind} moved ${moved}`);
  }
});

test('bounded loads: nobody has more than its part, and a key is always handed on to the same one', () => {
  const busy = [1, 2, 3, 4].map((index) => ({ ...host(index), activeRequests: 0 }));
  const conf: LoadBalancing = {
    kind: 'maglev',
    tableSize: 1021,
    consistent: { useHostname: false, balanceFactor: 125 },
  };
  const total = (): number => busy.reduce((sum, { activeRequests }) => sum + activeRequests, 0);
  const chosen = balancer(conf, busy, { random: lcg(3), now: () => 0, active: total });
  const key = xxHash64('one key');
  const orders = [0, 1].map(() => {
    for (const one of busy) one.activeRequests = 0;
    return Array.from({ length: 80 }, () => {
      const got = chosen.pick(key, 0);
      assert.ok(got);
      got.activeRequests += 1;
      return got.address;
    });
  });
  assert.deepEqual(orders[0], orders[1]);
  for (const { activeRequests } of busy)
    assert.ok(activeRequests <= Math.ceil((80 * 1.25) / 4) + 1, String(activeRequests));
});

test('MT19937: the ten thousandth number of the seed 5489', () => {
  const twister = new MersenneTwister(5489);
  let last = 0;
  for (let i = 0; i < 10_000; i += 1) last = twister.next();
  assert.equal(last, 4_123_659_995);
});
