import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import fc from 'fast-check';
import { openMetricsText, prometheusText } from '../metrics/index.ts';
import {
  bucketOf,
  DURATION_BOUNDS,
  type Edge,
  EXEMPLAR_AGE,
  NOBODY,
  shownBucketOf,
  shownDurations,
  TrafficTable,
} from './index.ts';

const EDGE: Edge = {
  reporter: 'source',
  protocol: 'http',
  source: { ...NOBODY, namespace: 'shop', workload: 'web' },
  destination: { ...NOBODY, namespace: 'shop', workload: 'orders' },
  service: { namespace: 'shop', name: 'orders' },
  route: '',
  security: 'mutual_tls',
};

const id = (number: number): string => number.toString(16).padStart(32, '0');

function traced(table: TrafficTable, duration: number, traceId: string, at: number, edge = EDGE): void {
  const row = table.series(edge, 200, -1, '');
  row.request(duration, 0, 0, 1);
  row.traced(traceId, duration, at);
}

/** `le`, id, value, seconds of each exemplar that is shown. */
const shown = (table: TrafficTable, now: number): string[] =>
  [
    ...openMetricsText(table.families(now)).matchAll(
      /^istio_request_duration_\w+_bucket\{.*le="([^"]+)"\} \d+ # \{trace_id="(\w+)"\} (.*)$/gm,
    ),
  ].map(([, le, trace, rest]) => `${le} ${trace} ${rest}`);

test('a duration’s bucket is the one that `le` shows it in', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 4_300_000, noNaN: true }), (duration) => {
      const alone = shownDurations({ buckets: [[bucketOf(duration), 1]] });
      assert.equal(alone[shownBucketOf(duration)], 1);
    }),
  );
});

test('the last traced request of a bucket is its exemplar, over rows of the same labels; untraced ones leave nothing', () => {
  const table = new TrafficTable({ clock: new FakeClock() });
  const row = table.series(EDGE, 200, -1, '');
  row.request(3, 0, 0, 1);
  assert.equal(row.exemplars, undefined);
  assert.deepEqual(shown(table, 5000), []);
  traced(table, 3, id(1), 1000);
  traced(table, 3.01, id(2), 2000);
  traced(table, 3.02, id(3), 1500, { ...EDGE, route: 'HTTPRoute/shop/a' });
  traced(table, 700, id(4), 2500);
  traced(table, 9e6, id(5), 3000);
  assert.deepEqual(shown(table, 5000), [
    `3.36359 ${id(2)} 3.01 2.000`,
    `724.077 ${id(4)} 700 2.500`,
    `+Inf ${id(5)} 9000000 3.000`,
  ]);
  assert.doesNotMatch(prometheusText(table.families(5000)), /trace_id/);
});

test('bounded by buckets however many requests are traced; old ones are let go', () => {
  const table = new TrafficTable({ clock: new FakeClock() });
  for (let each = 0; each < 20_000; each += 1) traced(table, 1.001 ** (each % 16_000), id(each), each);
  const held = table.series(EDGE, 200, -1, '').exemplars?.all().length ?? 0;
  assert.ok(held > 40 && held <= DURATION_BOUNDS.length, String(held));
  traced(table, 5, id(99), 30_000);
  assert.equal(shown(table, 30_000 + EXEMPLAR_AGE).length, 1);
  assert.equal(shown(table, 30_001 + EXEMPLAR_AGE).length, 0);
  assert.equal(table.series(EDGE, 200, -1, '').exemplars?.all().length, 0);
});

test('workers hand on what is new, once', () => {
  const clock = new FakeClock();
  const [worker, main] = [new TrafficTable({ clock }), new TrafficTable({ clock })];
  traced(worker, 3, id(1), 1000);
  traced(worker, 3, id(2), 1001);
  main.absorb(worker.take());
  assert.deepEqual(shown(main, 2000), [`3.36359 ${id(2)} 3 1.001`]);
  traced(worker, 30, id(3), 1002);
  const [amounts] = worker.take();
  assert.deepEqual(amounts?.exemplars, [{ traceId: id(3), value: 30, at: 1002 }]);
  worker.series(EDGE, 200, -1, '').request(3, 0, 0, 1);
  assert.equal('exemplars' in (worker.take()[0] ?? {}), false);
});
