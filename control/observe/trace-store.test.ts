import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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
  const { clock, store, found } = world({ spans: 5, spansOfTrace: 5 });
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

test('a workload that makes up 100,000 traces, and spans in those it takes part in, loses its own: the others keep theirs whole', () => {
  const { clock, store } = world();
  const TRACES = 1000;
  const tell = (trace: number, workload: string): void => store.add('shop', workload, [span(trace, trace)], 0);
  let made = 0;
  const makeUp = (): void => {
    for (let at = 0; at < 100; at += 1) tell(1_000_000 + (made += 1), 'bad');
  };
  for (let trace = 0; trace < TRACES; trace += 1) {
    // Every tenth calls the bad one too, which tells first, and more than is true.
    if (trace % 10 === 0)
      store.add(
        'shop',
        'bad',
        Array.from({ length: 20 }, (_, at) => span(trace, 10_000 + at)),
        0,
      );
    for (const workload of ['web', 'orders', 'pay']) tell(trace, workload);
    makeUp();
    clock.advance(100);
  }
  assert.equal(made, 100_000);
  for (let trace = 0; trace < TRACES; trace += 1) {
    const own = store.trace(id(trace)).filter(({ workload }) => workload !== 'bad');
    assert.equal(own.length, 3, `${trace}`);
  }
  const { spans, octets, forgotten } = store.health;
  assert.ok(spans <= 20_000 && octets <= store.room && forgotten > 80_000, JSON.stringify(store.health));
});

test('in one trace a workload leaves room for the others', () => {
  const { store } = world({ spansOfTrace: 100 });
  const many = (workload: string, count: number): void =>
    store.add(
      'shop',
      workload,
      Array.from({ length: count }, (_, at) => span(1, at)),
      0,
    );
  many('bad', 1000);
  many('web', 20);
  const told = store.trace(id(1));
  assert.equal(told.filter(({ workload }) => workload === 'bad').length, 50);
  assert.equal(told.filter(({ workload }) => workload === 'web').length, 20);
  assert.equal(store.health.missed, 950);
});

test('where all tell as much as there is, whole traces go, the oldest first', () => {
  const { clock, store, found } = world({ spans: 300 });
  const late: (() => void)[] = [];
  for (let trace = 0; trace < 2000; trace += 1) {
    store.add('shop', 'gateway', [span(trace, 1)], 0);
    // The others tell a while later, and not all of them of each.
    const others = ['orders', 'pay'].filter((_, at) => trace % 5 > at);
    late.push(() => {
      for (const workload of others) store.add('shop', workload, [span(trace, 2)], 0);
    });
    if (late.length > 10) late.shift()?.();
    clock.advance(10);
  }
  for (const tell of late) tell();
  const kept = found({ limit: 1000 });
  assert.ok(kept.length >= 90, `${kept.length}`);
  // None without the one that began it; none that is older than one that went, beside the newest.
  for (const trace of kept)
    assert.ok(
      store.trace(id(trace)).some(({ workload }) => workload === 'gateway'),
      `${trace}`,
    );
  assert.ok(Math.min(...kept) > 1999 - 2 * kept.length, `${kept.length} from ${Math.min(...kept)}`);
});

test('whatever is told: bounds hold, what is said is what is there, and nothing is left of what went', () => {
  const step = fc.record({
    workload: fc.constantFrom('a', 'b', 'c'),
    trace: fc.integer({ min: 1, max: 8 }),
    spans: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }),
    name: fc.constantFrom('', 'n'.repeat(200)),
    wait: fc.integer({ min: 0, max: 500 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { clock, store } = world({ age: 3000, spans: 20, spansOfTrace: 9, room: 24_000 });
      for (const { workload, trace, spans, name, wait } of steps) {
        clock.advance(wait);
        store.add(
          'shop',
          workload,
          spans.map((number) => span(trace, number, { name })),
          0,
        );
        const there = store.find(ALL);
        const { health } = store;
        assert.equal(
          there.reduce((sum, each) => sum + each.length, 0),
          health.spans,
        );
        assert.ok(health.spans <= 20 && health.octets <= store.room && there.every(({ length }) => length <= 9));
        assert.equal(health.spans === 0, health.octets === 0);
      }
      clock.advance(3001);
      assert.deepEqual([store.find(ALL).length, store.health.spans, store.health.octets], [0, 0, 0]);
    }),
  );
});
