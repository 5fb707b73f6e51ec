import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TapRecord } from '@weft/core/tap';
import { RecentRequests } from './recent-requests.ts';
import { pathClassOf } from './seen-shapes.ts';

const record = (changes: Partial<TapRecord>): TapRecord => ({
  at: 1000,
  kind: 'http',
  direction: 'outbound',
  port: 9001,
  peer: 'shop/orders',
  identity: 'spiffe://weft.local/ns/shop/sa/orders',
  secured: true,
  service: 'shop/orders',
  route: 'Service/shop/orders',
  method: 'GET',
  authority: 'orders',
  path: '/orders/1',
  protocol: 'HTTP/2',
  status: 200,
  grpc: -1,
  flags: '',
  details: 'via_upstream',
  duration: 1,
  requestBytes: 0,
  responseBytes: 0,
  attempts: 1,
  requestId: 'id-1',
  weight: 1,
  headers: [
    ['user-agent', 'curl'],
    ['x-api-key', '<redacted>'],
  ],
  ...changes,
});

function store(options: { room?: number; maxShapes?: number } = {}) {
  const wall = { at: 1_000_000_000, now: () => wall.at };
  const addressed = { service: 'shop/orders', port: 80, gateway: false };
  return { wall, recent: new RecentRequests({ wall, addressed: () => addressed, ...options }) };
}

test('both sides of a request are found, the caller first, with few headers', () => {
  const { recent } = store();
  recent.add('shop/orders-bcdfg', 'o', [record({ direction: 'inbound', at: 1001 })], 0);
  recent.add('shop/web-bcdfg', 'w', [record({}), record({ requestId: 'other' })], 0);
  const found = recent.find('id-1');
  assert.deepEqual(
    found.map(({ workload, record: { direction } }) => [workload, direction]),
    [
      ['shop/web-bcdfg', 'outbound'],
      ['shop/orders-bcdfg', 'inbound'],
    ],
  );
  assert.deepEqual(found[0]?.record.headers, [['user-agent', 'curl']]);
  assert.deepEqual(recent.find(''), []);
  assert.deepEqual(recent.find('nobody'), []);
});

test('room is bounded whatever strangers write, and whoever is flooded forgets its own', () => {
  const { recent } = store({ room: 1024 * 1024 });
  recent.add('shop/quiet-bcdfg', 'q', [record({ requestId: 'quiet', status: 503 })], 0);
  for (let index = 0; index < 20_000; index += 1)
    recent.add(
      'shop/flooded-bcdfg',
      'f',
      [
        record({
          requestId: `id-${index}`,
          path: `/${index}${'x'.repeat(500)}`,
          authority: `h${index}.example`,
          status: 403,
        }),
      ],
      3,
    );
  const { requests, missed, told } = recent.keeping;
  assert.ok(requests > 100 && requests < 1200, `${requests}`);
  assert.deepEqual([missed, told], [60_000, 20_001]);
  assert.equal(recent.find('quiet').length, 1);
  assert.equal(recent.find('id-0').length, 0);
  assert.equal(recent.find('id-19999').length, 1);
  assert.ok((recent.find('id-19999')[0]?.record.path.length ?? 0) <= 256);
});

test('an identity that comes by many names has the part of one', () => {
  const { recent } = store({ room: 1024 * 1024 });
  const has = (workload: string): number => recent.list((kept) => kept.workload === workload, 1e6).length;
  for (let at = 0; at < 250; at += 1) recent.add('shop/web-bcdfg', 'w', [record({ requestId: `w-${at}` })], 0);
  const before = has('shop/web-bcdfg');
  assert.equal(before, 250);
  for (let at = 0; at < 20_000; at += 1)
    recent.add(`shop/bad-${at % 100}`, 'bad', [record({ requestId: `b-${at}`, path: `/${at}`.padEnd(200, 'x') })], 0);
  assert.equal(has('shop/web-bcdfg'), before);
  const { octets } = recent.keeping;
  assert.ok(octets <= recent.rooms.requests && octets > recent.rooms.requests / 2, `${octets}`);
  // Of its part each name has as much as the others.
  const parts = Array.from({ length: 100 }, (_, at) => has(`shop/bad-${at}`));
  assert.ok(Math.max(...parts) - Math.min(...parts) <= 2 && Math.min(...parts) > 0, parts.join());
});

test('many workloads share the room', () => {
  const { recent } = store({ room: 256 * 1024 });
  for (let round = 0; round < 20; round += 1)
    for (let index = 0; index < 1000; index += 1)
      recent.add(`shop/w${index}`, 'i', [record({ requestId: `id-${round}-${index}` })], 0);
  assert.ok(recent.keeping.requests < 500, `${recent.keeping.requests}`);
});

test('what goes well does not push refusals out', () => {
  const { recent } = store({ room: 200 * 1024 });
  recent.add('shop/web-bcdfg', 'w', [record({ requestId: 'refused', status: 403 })], 0);
  for (let index = 0; index < 5000; index += 1)
    recent.add('shop/web-bcdfg', 'w', [record({ requestId: `fine-${index}` })], 0);
  assert.equal(recent.find('refused').length, 1);
});

test('shapes: identifiers in paths count as one, weights add up, an edge has few, and a window forgets', () => {
  const { wall, recent } = store();
  for (let index = 0; index < 50; index += 1)
    recent.add('shop/web-bcdfg', 'w', [record({ path: `/orders/${index}?x=<redacted>`, weight: 4 })], 0);
  recent.add('shop/web-vwxzx', 'w', [record({ status: 403 })], 0);
  const shapes = recent.shapes(3_600_000);
  assert.deepEqual(
    shapes.map(({ workload, pathClass, count, samples, outcome }) => [workload, pathClass, count, samples, outcome]),
    [
      ['shop/web', '/orders/*', 200, 50, 'answered'],
      ['shop/web', '/orders/*', 1, 1, 'refused'],
    ],
  );
  for (let index = 0; index < 1_000; index += 1)
    recent.add(
      'shop/web-bcdfg',
      'w',
      [record({ authority: `h-${index}.example`, path: `/p${'abcdefghij'[index % 10]}` })],
      0,
    );
  const many = recent.shapes(3_600_000);
  assert.ok(many.length < 80, `${many.length}`);
  assert.ok(many.some(({ pathClass, count }) => pathClass === '…' && count > 900));
  wall.at += 2 * 3_600_000;
  assert.deepEqual(recent.shapes(3_600_000), []);
});

test('shapes are bounded, and those that gave way are counted', () => {
  const { recent } = store({ maxShapes: 100 });
  for (let index = 0; index < 1000; index += 1) recent.add(`shop/w${index}`, 'w', [record({})], 0);
  assert.equal(recent.shapes(3_600_000).length, 100);
  assert.equal(recent.keeping.shapesForgotten, 900);
});

test('a workload that makes up 100,000 kinds of requests forgets its own, and no other one does', () => {
  const { recent } = store();
  const honest = (at: number): void =>
    recent.add(`shop/w${at % 10}`, `w${at % 10}`, [record({ path: `/${'abcdefghij'[Math.floor(at / 10)]}` })], 0);
  for (let at = 0; at < 50; at += 1) honest(at);
  for (let at = 0; at < 100_000; at += 1) {
    recent.add('shop/bad', 'bad', [record({ peer: `invented-${at}`, path: '/' })], 0);
    if (at % 2000 === 0) honest(50 + at / 2000);
  }
  const own = recent.shapes(3_600_000).filter(({ identity }) => identity !== 'bad');
  assert.equal(own.length, 100);
  const { shapesForgotten, shapesOctets } = recent.keeping;
  assert.ok(shapesForgotten > 90_000 && shapesOctets <= recent.rooms.shapes, JSON.stringify(recent.keeping));
});

test('kinds of many workloads: each keeps its newest, as many as the others, and what is said to be taken is', () => {
  const { recent } = store({ maxShapes: 90 });
  for (let at = 0; at < 3000; at += 1) {
    const identity = `w${at % 3}`;
    recent.add(`shop/${identity}`, identity, [record({ peer: `p${at}`, path: '/' })], 0);
  }
  const shapes = recent.shapes(3_600_000);
  for (const identity of ['w0', 'w1', 'w2'])
    assert.equal(shapes.filter((shape) => shape.identity === identity).length, 30);
  assert.ok(shapes.every(({ peer }) => Number(peer.slice(1)) >= 2910));
  // A fourth comes: they make room for it.
  for (let at = 0; at < 50; at += 1) recent.add('shop/w4', 'w4', [record({ peer: `q${at}`, path: '/' })], 0);
  assert.equal(recent.shapes(3_600_000).filter(({ identity }) => identity === 'w4').length, 23);
  assert.equal(recent.shapes(3_600_000).length, 90);
});

test('classes of paths', () => {
  for (const [path, expected] of [
    ['/', '/'],
    ['/v1/orders/4711/items?x=1', '/v1/orders/*/items'],
    ['/a/0f8fad5b-d9cb-469f-a165-70867728950e', '/a/*'],
    [`/${'x'.repeat(100)}`, '/*'],
    ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/…'],
    ['', ''],
  ] as const)
    assert.equal(pathClassOf(path), expected);
});
