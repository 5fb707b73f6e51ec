import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Edge, NO_COUNTS, NOBODY, type TrafficCounts } from '@weft/core/traffic';
import type { EdgeTraffic } from '@weft/core/documents';
import { percent, rate } from './format.ts';
import { graphOf, healthOf, NOTHING } from './model.ts';

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

test('what is said of nothing, of little, and of almost all', () => {
  assert.equal(healthOf(NOTHING), 'idle');
  assert.equal(healthOf({ ...NOTHING, rate: 1, success: 0.985 }), 'poor');
  assert.equal(percent(Number.NaN), '–');
  assert.equal(percent(0.999_999), '99.99%');
  assert.equal(percent(1), '100%');
  assert.equal(rate(0.01), '<0.1');
  assert.equal(rate(12_345), '12.3K');
});
