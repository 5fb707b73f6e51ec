import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceSpan } from '@weft/core/traces';
import { FakeClock } from '@weft/testkit/clock';
import { TraceStore, type TraceStoreOptions } from './trace-store.ts';

const id = (number: number, digits = 32): string => number.toString(16).padStart(digits, '0');
const span = (trace: number, number: number, changes: Partial<TraceSpan> = {}): TraceSpan => ({
  trace: id(trace),
  id: id(number, 16),
  parent: '',
  name: 'GET',
  kind: 'server',
  start: 1000 + number,
  duration: 5,
  error: false,
  attributes: [],
  ...changes,
});
const ALL = { namespace: '', workload: '', errors: false, slowerThan: 0, limit: 100 };

function world(options: Partial<TraceStoreOptions> = {}) {
  const clock = new FakeClock();
  const store = new TraceStore({ clock, ...options });
  const found = (query: Partial<typeof ALL> = {}) =>
    store.find({ ...ALL, ...query }).map((spans) => Number.parseInt(spans[0]?.trace ?? '', 16));
  return { clock, store, found };
}

test('spans of several workloads are one trace, the earliest first; one that comes again counts once', () => {
  const { store } = world();
  store.add('shop', 'orders', [span(1, 3), span(1, 3)], 0);
  store.add('shop', 'web', [span(1, 2), span(1, 3)], 4);
  assert.deepEqual(
    store.trace(id(1)).map(({ workload, start }) => `${workload} ${start}`),
    ['web 1002', 'orders 1003', 'web 1003'],
  );
  assert.deepEqual([store.health.spans, store.health.missed], [3, 4]);
  assert.deepEqual(store.trace(id(2)), []);
});

test('found by whose spans they are, whether one failed, and how long it took; the latest first', () => {
  const { store, found } = world();
  store.add('shop', 'orders', [span(1, 1), span(2, 2, { error: true }), span(3, 3, { duration: 900 })], 0);
  store.add('pay', 'orders', [span(4, 4)], 0);
  assert.deepEqual(found(), [4, 3, 2, 1]);
  assert.deepEqual(found({ limit: 2 }), [4, 3]);
  assert.deepEqual(found({ namespace: 'shop' }), [3, 2, 1]);
  assert.deepEqual(found({ workload: 'orders', errors: true }), [2]);
  assert.deepEqual(found({ slowerThan: 100 }), [3]);
  assert.deepEqual(found({ workload: 'nobody' }), []);
});

test('an hour, and so many spans: the trace that was silent longest goes first', () => {
  const { clock, store, found } = world({ spans: 5, spansOfTrace: 3 });
  store.add('shop', 'web', [span(1, 1), span(2, 1)], 0);
  clock.advance(1_800_000);
  store.add('shop', 'web', [span(1, 2)], 0);
  clock.advance(1_800_001);
  assert.deepEqual(found(), [1]);
  store.add(
    'shop',
    'web',
    [1, 2, 3, 4, 5].map((number) => span(3, number)),
    0,
  );
  const { spans, missed, forgotten } = store.health;
  assert.deepEqual([spans, missed, forgotten], [5, 2, 0]);
  store.add('shop', 'web', [span(4, 1)], 0);
  assert.deepEqual([found(), store.health.spans, store.health.forgotten], [[4, 3], 4, 2]);
});

test('the beginning of an id will do where it is of one trace alone', () => {
  const { store } = world();
  const [one, two] = ['aaaaaaaabbbbbbbb', 'aaaaaaaacccccccc'].map((start) => start.padEnd(32, '0'));
  store.add('shop', 'web', [span(1, 1, { trace: one ?? '' }), span(1, 2, { trace: two ?? '' })], 0);
  assert.equal(store.trace('aaaaaaaabb').length, 1);
  assert.equal(store.trace('aaaaaaaa').length, 0);
  assert.equal(store.trace('aaaaaaa').length, 0);
});
