import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAvailable } from '@weft/core/mesh-view';
import { FakeClock } from '@weft/testkit/clock';
import { Leases } from './leases.ts';

const PORTS = new Map([['http', 8080]]);
const READY = new Map([['http', true]]);

function setUp() {
  const clock = new FakeClock();
  const changed: string[] = [];
  const expired: string[] = [];
  const withdrawn: string[] = [];
  const leases = new Leases(clock, {
    changed: (workload) => changed.push(workload),
    withdrawn: (workload) => withdrawn.push(workload),
    expired: (workload) => expired.push(workload),
  });
  const attach = (...names: readonly string[]): void => {
    for (const name of names) leases.attach(name, 'shop/orders', PORTS, READY);
  };
  const available = (name: string): boolean => isAvailable(leases.liveness(), name, 8080);
  return { clock, changed, withdrawn, expired, leases, attach, available };
}

test('readiness of ports, drain, and no change told when nothing changed', () => {
  const t = setUp();
  t.leases.attach('a', 'shop/orders', PORTS, new Map([['http', false]]));
  assert.equal(t.available('a'), false);
  t.leases.readiness('a', READY);
  assert.equal(t.available('a'), true);
  const told = t.changed.length;
  t.leases.readiness('a', READY);
  t.leases.readiness('a', new Map([['unknown', true]]));
  assert.equal(t.changed.length, told);
  t.leases.drain('a');
  assert.equal(t.available('a'), false);
});

test('a lost stream: endpoints after 2 s, the workload after 60 s', () => {
  const t = setUp();
  t.attach('a', 'b', 'c');
  t.leases.lost('a');
  t.clock.advance(1999);
  assert.equal(t.available('a'), true);
  t.clock.advance(1);
  assert.equal(t.available('a'), false);
  assert.equal(t.available('b'), true);
  t.clock.advance(57_999);
  assert.deepEqual(t.expired, []);
  t.clock.advance(1);
  assert.deepEqual(t.expired, ['a']);
  assert.equal(t.leases.has('a'), false);
});

test('an agent that comes back in time changes nothing that counts', () => {
  const t = setUp();
  t.attach('a', 'b');
  t.leases.lost('a');
  t.clock.advance(1500);
  t.attach('a');
  t.clock.advance(1_000_000);
  assert.equal(t.available('a'), true);
  assert.deepEqual(t.expired, []);
  assert.equal(t.clock.waiting, 0);
});

test('the loss of more than half waits for confirmation, and ends when enough are back', () => {
  const t = setUp();
  t.attach('a', 'b', 'c', 'd');
  t.leases.lost('a');
  t.leases.lost('b');
  t.clock.advance(1000);
  t.leases.lost('c');
  t.clock.advance(5000);
  for (const name of ['a', 'b', 'c']) assert.equal(t.available(name), true, name);
  t.attach('c');
  t.clock.advance(0);
  assert.deepEqual(['a', 'b', 'c'].map(t.available), [false, false, true]);
  t.clock.advance(60_000);
  assert.deepEqual(new Set(t.expired), new Set(['a', 'b']));
});

test('when all stay away they leave service after 30 s and expire after 300 s', () => {
  const t = setUp();
  t.attach('a', 'b');
  t.leases.lost('a');
  t.leases.lost('b');
  t.clock.advance(29_999);
  assert.equal(t.available('a'), true);
  t.clock.advance(1);
  assert.equal(t.available('a'), false);
  t.clock.advance(269_999);
  assert.deepEqual(t.expired, []);
  t.clock.advance(1);
  assert.deepEqual(new Set(t.expired), new Set(['a', 'b']));
});

test('a restart: known workloads count as ready until they are heard of, and get the longer time', () => {
  const t = setUp();
  for (const name of ['a', 'b', 'c']) t.leases.restore(name, 'shop/orders');
  assert.equal(t.available('a'), true);
  t.attach('a', 'b');
  t.clock.advance(29_999);
  assert.equal(t.available('c'), true);
  t.clock.advance(1);
  assert.equal(t.available('c'), false);
  t.leases.restore('a', 'shop/orders');
  assert.equal(t.available('a'), true);
  t.clock.advance(30_000);
  assert.deepEqual(t.expired, ['c']);
});

test('what was withdrawn is told once, and stays out over a restart', () => {
  const t = setUp();
  t.attach('a', 'b', 'c');
  t.leases.lost('a');
  t.clock.advance(2000);
  assert.deepEqual(t.withdrawn, ['a']);
  const after = setUp();
  after.leases.restore('a', 'shop/orders', true);
  after.leases.restore('b', 'shop/orders');
  assert.equal(after.available('a'), false);
  assert.equal(after.available('b'), true);
  after.attach('a');
  assert.equal(after.available('a'), true);
  assert.deepEqual(after.withdrawn, []);
});

test('liveness is the same object until something changes, and a state until its workload does', () => {
  const t = setUp();
  t.attach('a', 'b');
  const before = t.leases.liveness();
  t.leases.readiness('a', READY);
  assert.equal(t.leases.liveness(), before);
  t.leases.drain('a');
  const after = t.leases.liveness();
  assert.notEqual(after, before);
  assert.equal(after.get('b'), before.get('b'));
  assert.equal(before.get('a')?.draining, false);
  assert.equal(after.get('a')?.draining, true);
});

test('release and stop leave no timer', () => {
  const t = setUp();
  t.attach('a', 'b');
  t.leases.lost('a');
  t.leases.release('a');
  t.leases.lost('b');
  t.leases.stop();
  assert.equal(t.clock.waiting, 0);
});
