import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { TrafficRow } from '@weft/core/documents';
import {
  type Edge,
  failedQuery,
  GatheredCounts,
  isFailure,
  NO_COUNTS,
  NOBODY,
  PackedCounts,
  type TrafficCounts,
} from '@weft/core/traffic';
import type { TrafficSample } from '../observe/index.ts';
import { temporaryFolder } from '@weft/testkit/folder';
import { BuiltInSeries } from './index.ts';

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
  readonly values: readonly (readonly [at: number, value: string])[];
}

const seriesOf = (data: unknown): readonly Series[] => (data as { result: readonly Series[] }).result;

const START = Date.parse('2026-01-02T00:00:00Z');

const edge: Edge = {
  reporter: 'source',
  protocol: 'http',
  source: { ...NOBODY, namespace: 'shop', workload: 'web' },
  destination: { ...NOBODY, namespace: 'shop', workload: 'orders' },
  service: { namespace: 'shop', name: 'orders' },
  route: 'HTTPRoute/shop/orders',
  security: 'mutual_tls',
};

const counts = (good: number, bad: number): TrafficCounts => ({
  ...NO_COUNTS,
  requests: good + bad,
  responses: [
    { code: 200, grpc: -1, flags: '', count: good },
    { code: 503, grpc: -1, flags: 'UF', count: bad },
  ],
  durations: { count: good + bad, sum: 12 * (good + bad), buckets: [[29, good + bad]] },
});

async function rig(t: { after(run: () => Promise<void>): void }) {
  const folder = temporaryFolder();
  let listener: (sample: TrafficSample) => void = () => undefined;
  let now = START;
  const series = new BuiltInSeries({
    file: path.join(folder.path, 'series.db'),
    traffic: {
      onSample(wanted) {
        listener = wanted;
        return { close: () => (listener = () => undefined) };
      },
    },
    wall: { now: () => now },
    gauges: () => [{ name: 'weft_proxies', labels: [['state', 'synced']], value: 7 }],
    onProblem: (text) => assert.fail(text),
  });
  series.start();
  t.after(async () => {
    await series.stop();
    folder[Symbol.dispose]();
  });
  const sample = async (rows: readonly TrafficRow[], exemplars?: TrafficSample['exemplars']): Promise<void> => {
    now += 5000;
    const packed = new PackedCounts();
    for (const row of rows) {
      const gathered = new GatheredCounts();
      gathered.add(row.counts);
      gathered.pack(packed);
    }
    const edges = rows.map((row) => row.edge);
    listener({ at: now, seconds: 5, edges, counts: packed, ...(exemplars === undefined ? {} : { exemplars }) });
    await series.health();
  };
  const ask = async (call: string, parameters: Record<string, string>) => {
    const { code, body } = await series.query(call, new URLSearchParams(parameters));
    const { data, error = '' } = JSON.parse(body) as { data: unknown; error?: string };
    return { code, data, error };
  };
  return { series, sample, ask, now: () => now };
}

test("traffic becomes Istio's series, asked over Prometheus' API on another thread", async (t) => {
  const { series, sample, ask, now } = await rig(t);
  for (let tick = 0; tick < 24; tick += 1) await sample([{ edge, counts: counts(9, 1) }]);
  const rate = await ask('query', {
    query: 'sum by (response_code) (rate(istio_requests_total{route="HTTPRoute/shop/orders"}[1m]))',
  });
  assert.equal(rate.code, 200);
  assert.deepEqual(
    seriesOf(rate.data).map(({ metric, value }) => [metric['response_code'], Number(Number(value[1]).toFixed(6))]),
    [
      ['200', 1.8],
      ['503', 0.2],
    ],
  );
  const quantile = await ask('query', {
    query: 'histogram_quantile(0.5, sum by (le) (rate(istio_request_duration_milliseconds_bucket[1m])))',
  });
  const p50 = Number(seriesOf(quantile.data)[0]?.value[1]);
  assert.ok(Math.abs(p50 - 11.8) < 0.6, `${p50}`);
  const course = await ask('query_range', {
    query: 'weft_proxies',
    start: String(START / 1000 + 10),
    end: new Date(now()).toISOString(),
    step: '10s',
  });
  const values = seriesOf(course.data)[0]?.values ?? [];
  assert.ok(values.length > 5 && values.every(([, value]) => value === '7'));
  assert.ok(
    ((await ask('label/__name__/values', {})).data as string[]).includes('istio_request_duration_milliseconds_bucket'),
  );
  assert.deepEqual((await ask('label/destination_service_name/values', { 'match[]': 'istio_requests_total' })).data, [
    'orders',
  ]);
  assert.equal(
    ((await ask('series', { 'match[]': 'istio_requests_total{response_code="503"}' })).data as unknown[]).length,
    1,
  );
  // The called side tells the same calls again: answers are kept of both, durations once.
  const called = {
    ...edge,
    reporter: 'destination',
    source: { ...edge.source, identity: 'spiffe://a/ns/b/sa/c' },
  } as const;
  for (let tick = 0; tick < 3; tick += 1) await sample([{ edge: called, counts: counts(9, 1) }]);
  const told = await ask('query', { query: 'count(istio_requests_total{reporter="destination"})' });
  assert.equal(seriesOf(told.data)[0]?.value[1], '2');
  const again = await ask('query', { query: 'istio_request_duration_milliseconds_count{reporter="destination"}' });
  assert.deepEqual(seriesOf(again.data), []);
  const health = await series.health();
  assert.equal(health?.failure, '');
  assert.ok((health?.series ?? 0) >= 6);
});

test('exemplars of durations, by the bucket that they lie in, as Prometheus tells them', async (t) => {
  const { sample, ask, now } = await rig(t);
  const exemplar = (traceId: string, value: number, at: number) => ({ traceId: traceId.repeat(32), value, at });
  const other = { ...edge, destination: { ...edge.destination, workload: 'stock' } };
  const called = {
    ...edge,
    reporter: 'destination',
    source: { ...edge.source, identity: 'spiffe://a/ns/b/sa/c' },
  } as const;
  const rows = [edge, other, called].map((each) => ({ edge: each, counts: counts(1, 0) }));
  await sample(
    rows,
    new Map([
      [edge, [exemplar('b', 12, START + 2000), exemplar('a', 12.1, START + 1000), exemplar('c', 300, START + 3000)]],
      [other, [exemplar('d', 12, START + 1000)]],
      // The caller's side tells them.
      [called, [exemplar('e', 12, START + 1000)]],
    ]),
  );
  const told = async (query: string, more: Record<string, string> = {}) => {
    const { code, data, error } = await ask('query_exemplars', { query, ...more });
    assert.equal(code, 200, error);
    return data as {
      seriesLabels: Record<string, string>;
      exemplars: { labels: object; value: string; timestamp: number }[];
    }[];
  };
  const ids = (all: Awaited<ReturnType<typeof told>>): string =>
    all.map(({ exemplars }) => exemplars.map(({ labels }) => Object.values(labels)[0]?.[0]).join('')).join(' ');
  const buckets = 'istio_request_duration_milliseconds_bucket';
  const orders = `${buckets}{destination_workload="orders"}`;
  const [near, far] = await told(orders);
  assert.equal(near?.seriesLabels['__name__'], buckets);
  assert.equal(near.seriesLabels['source_workload'], 'web');
  const [low, high] = [Number(near.seriesLabels['le']), Number(far?.seriesLabels['le'])];
  assert.ok(low >= 12.1 && low < 13.4 && high >= 300 && high < 330, `${low} ${high}`);
  const seconds = START / 1000;
  assert.deepEqual(near.exemplars, [
    { labels: { trace_id: 'a'.repeat(32) }, value: '12.1', timestamp: seconds + 1 },
    { labels: { trace_id: 'b'.repeat(32) }, value: '12', timestamp: seconds + 2 },
  ]);
  for (const [query, wanted, more] of [
    [`histogram_quantile(0.9, sum by (le) (rate(${orders}[1m]))) > 5`, 'ab c'],
    [`sum(rate(${buckets}{destination_workload="stock"}[1m])) / scalar(vector(2))`, 'd'],
    [`${orders} or ${buckets}{destination_workload="stock"}`, 'ab c d'],
    [`${buckets}{le="${near.seriesLabels['le'] ?? ''}"}`, 'ab d'],
    [orders, 'a', { end: String(seconds + 1.5) }],
    [orders, 'b c', { start: new Date(START + 2000).toISOString(), end: String(now() / 1000) }],
    [orders, '', { start: String(seconds + 60) }],
    ['istio_requests_total', ''],
    ['istio_request_duration_milliseconds_count', ''],
    ['1 + 1', ''],
  ] as const)
    assert.equal(ids(await told(query, more)), wanted, query);
  for (const [parameters, wanted] of [
    [{}, /query is missing/],
    [{ query: 'sum(' }, /the query ends here/],
    [{ query: 'up', start: 'now' }, /start must be/],
    [{ query: 'up', start: '10', end: '5' }, /before start/],
  ] as const) {
    const { code, error } = await ask('query_exemplars', { ...parameters });
    assert.equal(code, 400);
    assert.match(error, wanted);
  }
});

test('faults of a query say where', async (t) => {
  const { ask } = await rig(t);
  for (const [call, parameters, wanted] of [
    ['query', { query: 'sum(' }, /the query ends here.*\(character 5\)/],
    ['query', {}, /query is missing/],
    ['query', { query: 'up', time: 'yesterday' }, /time must be/],
    ['query_range', { query: 'up', start: '0', end: '100000000', step: '1' }, /at most 11000/],
    ['query_range', { query: 'up', start: '10', end: '5', step: '1' }, /before start/],
    ['query_range', { query: 'up', start: '10', end: '50', step: '0' }, /step must be/],
    ['query', { query: 'up[5m]' }, /needs a function/],
    ['query', { query: `${'('.repeat(500)}up${')'.repeat(500)}` }, /nested/],
    ['query', { query: 'x'.repeat(20_000) }, /at most 16384/],
    ['series', {}, /match\[\] is missing/],
    ['nothing', {}, /there is no nothing/],
  ] as const) {
    const { code, error } = await ask(call, { ...parameters });
    assert.equal(code, 400, call);
    assert.match(error, wanted);
  }
});

test('the query of failed requests says of every kind of answer what the counters of traffic say', async (t) => {
  const { sample, ask } = await rig(t);
  const kinds = [0, 200, 304, 404, 429, 500, 503].flatMap((code) =>
    [-1, ...Array.from({ length: 17 }, (_, grpc) => grpc)].flatMap((grpc) =>
      ['', 'DC'].map((flags) => ({ code, grpc, flags })),
    ),
  );
  const rows = kinds.map((kind, index) => ({
    edge: { ...edge, route: `route-${index}` },
    counts: { ...NO_COUNTS, requests: 1, responses: [{ ...kind, count: 1 }] },
  }));
  for (let tick = 0; tick < 4; tick += 1) await sample(rows);
  for (const [index, kind] of kinds.entries()) {
    const { data } = await ask('query', { query: failedQuery(`route="route-${index}"`, '15s') });
    const [series] = seriesOf(data);
    assert.equal(Number(series?.value[1]) > 0, isFailure(kind), JSON.stringify(kind));
  }
});
