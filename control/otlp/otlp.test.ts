import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OtlpMetric } from '@weft/core/services';
import {
  boundOf,
  bucketOf,
  type Edge,
  GatheredCounts,
  NO_COUNTS,
  NOBODY,
  PackedCounts,
  type TrafficCounts,
} from '@weft/core/traffic';
import { FakeClock } from '@weft/testkit/clock';
import { octetsAlive } from '@weft/testkit/heap';
import type { TrafficSample } from '../observe/index.ts';
import { MetricsPush, TrafficTotals } from './index.ts';

const party = (app: string): Edge['source'] => ({ ...NOBODY, namespace: 'shop', workload: app, app });
const edge = (app: string, over: Partial<Edge> = {}): Edge => ({
  reporter: 'source',
  protocol: 'http',
  source: party(app),
  destination: party('back'),
  service: { namespace: 'shop', name: 'back' },
  route: '',
  security: 'mutual_tls',
  ...over,
});
const requests = (durations: readonly number[], code = 200): TrafficCounts => {
  const buckets = new Map<number, number>();
  for (const ms of durations) buckets.set(bucketOf(ms), (buckets.get(bucketOf(ms)) ?? 0) + 1);
  return {
    ...NO_COUNTS,
    requests: durations.length,
    responses: [{ code, grpc: -1, flags: '', count: durations.length }],
    requestBytes: 10 * durations.length,
    durations: {
      count: durations.length,
      sum: durations.reduce((sum, ms) => sum + ms, 0),
      buckets: [...buckets].toSorted(([a], [b]) => a - b),
    },
  };
};
const sampleOf = (at: number, rows: readonly (readonly [Edge, TrafficCounts])[]): TrafficSample => {
  const counts = new PackedCounts();
  for (const [, amounts] of rows) {
    const gathered = new GatheredCounts();
    gathered.add(amounts);
    gathered.pack(counts);
  }
  counts.done();
  return { at, seconds: 5, edges: rows.map(([one]) => one), counts };
};
const all = (): boolean => true;
const pointsOf = (metrics: readonly OtlpMetric[], name: string) =>
  metrics
    .filter((metric) => metric.name === name)
    .flatMap(({ data }) => data.points as readonly { readonly start: number }[]);
const DURATIONS = 'istio_request_duration_milliseconds';

test('totals by labels: routes of one edge are one series, answers are told apart, amounts add up from where they began', () => {
  const totals = new TrafficTotals({ histograms: 'explicit' });
  const [a, b] = [edge('web', { route: 'x' }), edge('web', { route: 'y' })];
  totals.add(
    sampleOf(10_000, [
      [a, requests([1, 2])],
      [b, requests([3], 503)],
    ]),
    all,
  );
  totals.add(sampleOf(15_000, [[a, requests([4])]]), all);
  const metrics = totals.metrics('cumulative', 16_000);
  assert.deepEqual(
    pointsOf(metrics, 'istio_requests_total').map((point) => ({ ...point, attributes: undefined })),
    [
      { attributes: undefined, start: 5000, time: 16_000, value: 3 },
      { attributes: undefined, start: 5000, time: 16_000, value: 1 },
    ],
  );
  const [histogram] = pointsOf(metrics, DURATIONS) as unknown as readonly {
    readonly count: number;
    readonly sum: number;
    readonly bounds: readonly number[];
    readonly buckets: readonly number[];
  }[];
  assert.ok(histogram !== undefined);
  assert.deepEqual([histogram.count, histogram.sum, histogram.buckets.length], [4, 10, histogram.bounds.length + 1]);
  const upTo = (ms: number): number =>
    histogram.buckets.reduce((sum, held, index) => sum + ((histogram.bounds[index] ?? Infinity) <= ms ? held : 0), 0);
  assert.deepEqual([upTo(0.9), upTo(1), upTo(2.1), upTo(4.1)], [0, 1, 2, 4]);
});

test('exponential histograms: every duration lies in the bucket that OpenTelemetry puts it in', () => {
  for (const ms of [0, 0.1, 0.126, 0.5, 1, 1.0001, 7.3, 100, 12_345]) {
    const totals = new TrafficTotals({ histograms: 'exponential' });
    totals.add(sampleOf(10_000, [[edge('web'), requests([ms])]]), all);
    const [metric] = totals.metrics('cumulative', 10_000).filter(({ name }) => name === DURATIONS);
    assert.equal(metric?.data.kind, 'exponential');
    if (metric?.data.kind !== 'exponential') return;
    const [point] = metric.data.points;
    assert.ok(point !== undefined && point.scale === 3);
    if (ms <= point.zeroThreshold) assert.deepEqual([point.zeroCount, point.buckets], [1, []]);
    else {
      const index = point.offset + point.buckets.indexOf(1);
      assert.ok(ms > 2 ** (index / 8) && ms <= 2 ** ((index + 1) / 8) * (1 + 1e-12), `${ms}: ${index}`);
    }
  }
  assert.equal(boundOf(8), 2);
});

test('exemplars are told once, few a point, with the labels that their edges have', () => {
  for (const histograms of ['explicit', 'exponential'] as const) {
    const totals = new TrafficTotals({ histograms });
    const [a, b] = [edge('web', { route: 'x' }), edge('web', { route: 'y' })];
    const exemplar = (number: number) => ({
      traceId: number.toString(16).padStart(32, '0'),
      value: 2 ** number,
      at: 9000 + number,
    });
    const told = (): unknown[] =>
      totals
        .metrics('cumulative', 10_000)
        .filter(({ name }) => name === DURATIONS)
        .flatMap(({ data }) => data.points as readonly { readonly exemplars?: readonly { readonly value: number }[] }[])
        .map(({ exemplars }) => exemplars?.map(({ value }) => value));
    const sample = sampleOf(10_000, [
      [a, requests([1, 2])],
      [b, requests([3])],
    ]);
    const exemplars = new Map([
      [a, [1, 2, 3, 4].map(exemplar)],
      [b, [5, 6].map(exemplar)],
    ]);
    totals.add({ ...sample, exemplars }, all);
    assert.deepEqual(told(), [[64, 32, 16, 8]]);
    assert.deepEqual(told(), [undefined]);
    totals.add({ ...sample, exemplars: new Map([[edge('elsewhere'), [exemplar(1)]]]) }, all);
    assert.deepEqual(told(), [undefined]);
  }
});

test('deltas begin anew with each; edges of other meshes are not counted; what was idle for an hour begins anew', () => {
  const totals = new TrafficTotals({ histograms: 'explicit' });
  const [web, other] = [edge('web'), edge('other')];
  const wanted = (one: Edge): boolean => one === web;
  totals.add(
    sampleOf(10_000, [
      [web, requests([1])],
      [other, requests([1])],
    ]),
    wanted,
  );
  assert.equal(pointsOf(totals.metrics('delta', 11_000), 'istio_requests_total').length, 1);
  assert.deepEqual(totals.metrics('delta', 12_000), []);
  totals.add(sampleOf(20_000, [[web, requests([1])]]), wanted);
  assert.deepEqual(
    pointsOf(totals.metrics('cumulative', 20_000), 'istio_requests_total').map(({ start }) => start),
    [15_000],
  );
  totals.add(sampleOf(20_000 + 3_600_001, []), wanted);
  assert.equal(totals.size, 0);
  totals.add(sampleOf(4_000_000, [[web, requests([1])]]), wanted);
  assert.deepEqual(
    pointsOf(totals.metrics('cumulative', 4_000_000), 'istio_requests_total').map(({ start }) => start),
    [3_995_000],
  );
});

test('rows are bounded: edges beyond are counted in other', () => {
  const totals = new TrafficTotals({ histograms: 'explicit', maxRows: 2 });
  const rows = Array.from({ length: 10 }, (_, index) => [edge(`w${index}`), requests([1])] as const);
  totals.add(sampleOf(10_000, rows), all);
  const points = pointsOf(totals.metrics('cumulative', 10_000), 'istio_requests_total') as unknown as {
    value: number;
  }[];
  assert.equal(
    points.reduce((sum, { value }) => sum + value, 0),
    10,
  );
  assert.ok(points.length <= 3, String(points.length));
  assert.equal(totals.overflow, 8);
});

test('a workload that makes up 100,000 label sets is counted in other, and the others by their own', () => {
  const totals = new TrafficTotals({ histograms: 'explicit', maxRows: 1000 });
  for (let at = 0; at < 1000; at += 1) {
    const made = Array.from(
      { length: 100 },
      (_, index) =>
        [
          edge('bad', { source: { ...party('bad'), identity: 'bad' }, destination: party(`invented-${at}-${index}`) }),
          requests([1]),
        ] as const,
    );
    const own = [
      edge('web', { source: { ...party('web'), identity: 'web' }, destination: party(`back-${at % 200}`) }),
      requests([1, 1]),
    ] as const;
    totals.add(sampleOf(10_000 + at, [...made, own]), all);
  }
  const points = pointsOf(totals.metrics('cumulative', 10_000), 'istio_requests_total') as unknown as {
    readonly attributes: readonly (readonly [string, string])[];
    readonly value: number;
  }[];
  const of = (app: string): number[] =>
    points
      .filter(({ attributes }) => attributes.some(([name, value]) => name === 'source_app' && value === app))
      .map(({ value }) => value);
  assert.deepEqual([of('web').length, new Set(of('web'))], [200, new Set([10])]);
  assert.ok(of('bad').length <= 500);
  assert.equal(of('bad').length + (of('other')[0] ?? 0), 100_000);
});

test('octets of label sets and counts are bounded: what is beyond is counted in other, and every request once', () => {
  const room = 4 * 1024 * 1024;
  let asked = 0;
  const { octets, made } = octetsAlive(
    () => new TrafficTotals({ histograms: 'explicit', room }),
    (totals) => {
      asked = 0;
      for (let at = 1; at <= 40; at += 1) {
        const durations = Array.from({ length: 300 }, (_, index) => (at * 31 + index) % 4000);
        const rows = Array.from({ length: 40 }, (_, index) => {
          const name = `${at} ${index} `.padEnd(300, '\u4e00');
          return [index < 20 ? edge(name) : edge(`w${index}`), requests(durations, 200 + at)] as const;
        });
        asked += rows.length * durations.length;
        totals.add(sampleOf(5000 * at, rows), all);
      }
    },
  );
  // Rows of `other` are beside it.
  assert.ok(octets <= made.octets && made.octets <= room + 256 * 1024, `${octets}, said ${made.octets}`);
  assert.ok(made.octets > room / 2 && made.overflow > 0);
  const points = pointsOf(made.metrics('cumulative', 1e6), 'istio_requests_total') as unknown as { value: number }[];
  assert.equal(
    points.reduce((sum, { value }) => sum + value, 0),
    asked,
  );
});

/** A collector that answers when the test says so. */
function world(temporality: 'cumulative' | 'delta', points: number) {
  const clock = new FakeClock();
  const wall = { now: () => 1_000_000 + clock.now() };
  const sent: { readonly message: Uint8Array; readonly answer: (taken: boolean) => Promise<void> }[] = [];
  const states: string[] = [];
  const push = new MetricsPush({
    clock,
    wall,
    interval: 1000,
    temporality,
    collector: {
      send: (message) =>
        new Promise((resolve) => {
          const answer = async (taken: boolean): Promise<void> => {
            resolve(taken ? { answer: new Uint8Array(0) } : { error: 'away' });
            for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
          };
          sent.push({ message, answer });
        }),
      close() {},
    },
    encode: (metrics) => new Uint8Array(metrics.reduce((sum, { data }) => sum + data.points.length, 0)),
    rejected: () => 0,
    metrics: () => [
      {
        name: 'm',
        description: '',
        unit: '',
        data: {
          kind: 'sum',
          temporality,
          points: Array.from({ length: points }, () => ({ attributes: [], start: 1, time: 2, value: 3 })),
        },
      },
    ],
    onState: (error) => void states.push(error),
  });
  push.start();
  return { push, clock, sent, states };
}

test('a push is messages of a bounded size, one under way; totals that were not taken are in the next one', async () => {
  const { push, clock, sent, states } = world('cumulative', 4500);
  clock.advance(1000);
  clock.advance(5000);
  assert.deepEqual(
    sent.map(({ message }) => message.length),
    [1500],
  );
  await sent[0]?.answer(true);
  await sent[1]?.answer(true);
  await sent[2]?.answer(true);
  assert.deepEqual(
    sent.map(({ message }) => message.length),
    [1500, 1500, 1500],
  );
  clock.advance(1000);
  await sent[3]?.answer(false);
  assert.deepEqual([sent.length, push.health], [4, { sent: 4500, dropped: 4500, failed: 1 }]);
  clock.advance(1000);
  await sent[4]?.answer(true);
  assert.deepEqual(states, ['away', '']);
});

test('amounts that were not taken are sent again, in a bounded queue; what does not fit is counted', async () => {
  const { push, clock, sent } = world('delta', 1);
  clock.advance(1000);
  await sent[0]?.answer(false);
  clock.advance(1000);
  assert.equal(sent.length, 2);
  await sent[1]?.answer(true);
  await sent[2]?.answer(true);
  assert.deepEqual(push.health, { sent: 2, dropped: 0, failed: 1 });
  for (let index = 0; index < 100; index += 1) clock.advance(1000);
  assert.deepEqual([sent.length, push.health.dropped], [4, 36]);
});
