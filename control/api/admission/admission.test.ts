import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { memoryStore } from '../../store/memory/index.ts';
import { put, remove, value } from '../../store/testing/contract.ts';
import { ClusterIps } from './cluster-ips.ts';
import { Gate } from './gate.ts';

test('virtual addresses: inside the range, never one twice, the same name first gets the same', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 70 }), (owners) => {
      const ips = new ClusterIps('10.9.8.64/26');
      const given = owners.map((owner) => ips.allot(owner));
      const some = given.filter((address) => address !== undefined);
      assert.equal(new Set(some).size, some.length);
      assert.equal(some.length, Math.min(owners.length, 62));
      for (const address of some) assert.match(address, /^10\.9\.8\.(6[5-9]|[7-9]\d|1[01]\d|12[0-6])$/);
    }),
    { numRuns: 60 },
  );
  assert.equal(new ClusterIps().allot('shop/web'), new ClusterIps().allot('shop/web'));
  for (const bad of ['', '10.0.0.0/31', '10.0.0.0/4', 'fd00::/64', 'x/16'])
    assert.throws(() => new ClusterIps(bad), RangeError);
});

test('virtual addresses follow the store: taken by what is there, free after a deletion', async (t) => {
  const store = memoryStore();
  value(await store.start());
  t.after(() => store.stop());
  value(await store.write('u', [put('a', { clusterIP: '240.240.0.9' })]));
  const ips = new ClusterIps();
  await ips.start(store);
  t.after(() => ips.stop());
  const refused = (owner: string, address: string) => {
    const claimed = ips.claim(owner, address);
    return typeof claimed === 'string' ? claimed : claimed.refused;
  };
  assert.match(refused('default/b', '240.240.0.9'), /is the address of Service\/default\/a/);
  assert.equal(ips.claim('default/a', '240.240.0.9'), 'held');
  assert.match(refused('default/b', '8.8.8.8'), /outside the range of virtual addresses 240\.240\.0\.0\/16/);
  value(await store.write('u', [remove('a')]));
  assert.equal(ips.claim('default/b', '240.240.0.9'), 'reserved');
  ips.release('default/c', '240.240.0.9');
  assert.match(refused('default/c', '240.240.0.9'), /Service\/default\/b/);
  ips.release('default/b', '240.240.0.9');
  assert.equal(ips.claim('default/c', '240.240.0.9'), 'reserved');
});

test('the gate: shared ones together, one alone after those before it and before those behind it', async () => {
  const gate = new Gate();
  const order: string[] = [];
  const steps: (() => void)[] = [];
  const work = (name: string) => async () => {
    order.push(`+${name}`);
    await new Promise<void>((resolve) => steps.push(resolve));
    order.push(`-${name}`);
  };
  const all = [
    gate.shared(work('a')),
    gate.shared(work('b')),
    gate.alone(work('X')),
    gate.alone(work('Y')),
    gate.shared(work('c')),
  ];
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  for (let n = 0; n < 5; n += 1) {
    await turn();
    steps.shift()?.();
  }
  await Promise.all(all);
  assert.deepEqual(order, ['+a', '+b', '-a', '-b', '+X', '-X', '+Y', '-Y', '+c', '-c']);
  await assert.rejects(gate.alone(() => Promise.reject(new Error('x'))));
  assert.equal(await gate.shared(() => Promise.resolve(7)), 7);
});
