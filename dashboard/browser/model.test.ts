import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Edge, NO_COUNTS, NOBODY, type TrafficCounts } from '@weft/core/traffic';
import type { EdgeTraffic } from '@weft/core/documents';
import { percent, rate } from './format.ts';
import { closed } from './graph/namespaces.ts';
import { edgeHealth, graphOf, healthOf, NOTHING } from './model.ts';

const row = (from: string, to: string, counts: Partial<TrafficCounts>, edge: Partial<Edge> = {}): EdgeTraffic => ({
  edge: {
    reporter: 'source',
    protocol: 'http',
    source: { ...NOBODY, namespace: from === '' ? '' : 'shop', workload: from },
    destination: { ...NOBODY, namespace: to === '' ? '' : 'shop', workload: to },
    service: { namespace: 'shop', name: 'orders' },
    route: '',
    security: 'mutual_tls',
    ...edge,
  },
  counts: { ...NO_COUNTS, ...counts },
  seconds: 10,
  lastSeen: 0,
});

const answered = (good: number, bad = 0): Partial<TrafficCounts> => ({
  requests: good + bad,
  responses: [
    { code: 200, grpc: -1, flags: '', count: good },
    { code: 503, grpc: -1, flags: 'UF', count: bad },
  ],
});

test('rows become nodes and edges: rates, success, safety, callers from outside, what nobody answered', () => {
  const { nodes, edges } = graphOf([
    row('web', 'orders', answered(90, 10)),
    row('web', 'orders', answered(0, 10), { security: 'unknown', route: 'HTTPRoute/shop/orders' }),
    row('', 'orders', answered(10), { security: 'none', reporter: 'destination' }),
    row('web', '', { opened: 1, requestBytes: 500, responseBytes: 500 }, { protocol: 'tcp' }),
  ]);
  assert.deepEqual(nodes.map(({ id, kind }) => `${id} ${kind}`).sort(), [
    'outside outside',
    'shop/orders workload',
    'shop/web workload',
  ]);
  const called = edges.find(({ from, to }) => from === 'shop/web' && to === 'shop/orders');
  assert.ok(called !== undefined);
  // The service that nobody answered for and its workload have one name here.
  assert.equal(called.golden.rate, 11);
  assert.equal(Math.round(called.golden.success * 1000), 818);
  assert.equal(called.golden.failing, 20);
  assert.equal(called.golden.octets, 100);
  assert.equal(called.security, 'mutual_tls');
  assert.deepEqual(called.protocols, ['http', 'tcp']);
  assert.deepEqual(called.routes, ['HTTPRoute/shop/orders']);
  assert.equal(healthOf(called.golden), 'bad');
  assert.equal(edges.find(({ from }) => from === 'outside')?.security, 'none');
});

test('by namespace: one node for each, but for what is opened; what fails within shows', () => {
  const party = (namespace: string, workload: string) => ({ ...NOBODY, namespace, workload });
  const call = (from: readonly [string, string], to: readonly [string, string], counts: Partial<TrafficCounts>) =>
    row('', '', counts, { source: party(...from), destination: party(...to) });
  const rows = [
    call(['shop', 'web'], ['bank', 'ledger'], answered(10_000)),
    call(['shop', 'cart'], ['bank', 'cards'], answered(1, 9)),
    call(['shop', 'web'], ['shop', 'cart'], answered(10)),
    row('', 'web', answered(5)),
  ];
  const whole = graphOf(rows);
  const shut = closed(rows, whole, { namespace: '', name: '' });
  assert.deepEqual(shut.nodes.map(({ name, kind }) => `${name} ${kind}`).sort(), [
    'bank namespace',
    'outside outside',
    'shop namespace',
  ]);
  const between = shut.edges.find(({ from, to }) => from === 'shop/*' && to === 'bank/*');
  assert.ok(between !== undefined);
  assert.equal(healthOf(between.golden), 'good');
  assert.equal(edgeHealth(between), 'bad');
  assert.equal(shut.nodes.find(({ name }) => name === 'bank')?.health, 'bad');
  assert.equal(shut.edges.filter(({ from, to }) => from === to).length, 1);
  const open = closed(rows, whole, { namespace: 'shop', name: 'ledg' });
  assert.deepEqual(open.nodes.map(({ id }) => id).sort(), [
    'bank/*',
    'bank/ledger',
    'outside',
    'shop/cart',
    'shop/web',
  ]);
});

test('what is said of nothing, of little, and of almost all', () => {
  assert.equal(healthOf(NOTHING), 'idle');
  assert.equal(healthOf({ ...NOTHING, rate: 1, success: 0.985 }), 'poor');
  assert.equal(percent(Number.NaN), '–');
  assert.equal(percent(0.999_999), '99.99%');
  assert.equal(percent(1), '100%');
  assert.equal(rate(0.01), '<0.1');
  assert.equal(rate(12_345), '12.3K');
});
