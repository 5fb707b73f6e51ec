import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { octetsAlive } from '@weft/testkit/heap';
import { bucketOf } from '@weft/core/traffic';
import { type LabelPair, evaluateQuery, Labels, METRIC_NAME } from '../query/index.ts';
import { TICK } from './grid.ts';
import { SeriesStore } from './series-store.ts';
import type { SeriesKind, StoredSeries } from './stored-series.ts';

/** A time at which a block begins. */
const START = Date.parse('2026-01-02T00:00:00Z');
const HOUR = 3_600_000;

function must(store: SeriesStore, kind: SeriesKind, name: string, labels: Record<string, string> = {}): StoredSeries {
  const series = store.series(kind, Labels.of([[METRIC_NAME, name], ...Object.entries(labels)]));
  assert.ok(series !== undefined);
  return series;
}

/** Values at one time, by the text of the label `by`, or alone. */
function at(store: SeriesStore, query: string, time: number): number[] {
  const { value } = evaluateQuery(store, query, { start: time, end: time, step: 1 });
  assert.ok(value.type === 'vector');
  return value.columns.filter(({ present }) => present[0] === 1).map(({ values }) => values[0] ?? Number.NaN);
}

function near(found: readonly number[], wanted: readonly number[], share = 1e-9): void {
  assert.equal(found.length, wanted.length, `${found.join()} instead of ${wanted.join()}`);
  found.forEach((value, index) => {
    const other = wanted[index] ?? Number.NaN;
    assert.ok(Math.abs(value - other) <= share * Math.abs(other), `${value} instead of ${other}`);
  });
}

test('a day is answered: rates of the last minutes, of hours ago, over a restart', () => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'series.db');
  let store = new SeriesStore({ file });
  const run = (from: number, to: number): void => {
    const requests = must(store, 'counter', 'requests_total', { service: 'cart' });
    for (let time = from + TICK; time <= to; time += TICK)
      store.record(time, [{ series: requests, change: { value: 10 } }]);
  };
  run(START, START + 5 * HOUR);
  near(at(store, 'rate(requests_total[1m])', START + 5 * HOUR), [2]);
  near(at(store, 'rate(requests_total[1m])', START + HOUR), [2]);
  near(at(store, 'increase(requests_total[30m])', START + 4 * HOUR + 17_000), [3600], 0.01);
  // In the middle of a block, and again right after: nothing of the block is lost, the counter goes on.
  store.close();
  store = new SeriesStore({ file });
  run(START + 5 * HOUR, START + 5 * HOUR + 600_000);
  store.close();
  store = new SeriesStore({ file });
  run(START + 5 * HOUR + 600_000, START + 5 * HOUR + 1_200_000);
  const end = START + 5 * HOUR + 1_200_000;
  // Where slots meet ticks a window is spread less far back than its first gap.
  near(at(store, 'increase(requests_total[19m])', end), [2 * 19 * 60], 0.03);
  assert.equal(at(store, 'resets(requests_total[19m])', end)[0], 0);
  const { value } = evaluateQuery(store, 'rate(requests_total[2m])', { start: START + 180_000, end, step: 30_000 });
  assert.ok(value.type === 'vector');
  assert.ok(
    value.columns[0]?.present.every((present) => present === 1),
    'a hole',
  );
  store.close();
});

test('what is older than a day goes, series too', () => {
  const store = new SeriesStore({ file: ':memory:' });
  const old = must(store, 'counter', 'old_total');
  const other = must(store, 'counter', 'other_total');
  store.record(START + TICK, [{ series: old, change: { value: 1 } }]);
  for (let time = START + 60_000; time < START + 26 * HOUR; time += 60_000)
    store.record(time, [{ series: other, change: { value: 1 } }]);
  assert.equal(store.holds(old), false);
  assert.deepEqual(
    store.labels([]).map((labels) => labels.get(METRIC_NAME)),
    ['other_total'],
  );
  assert.deepEqual(at(store, 'old_total', START + 60_000), []);
  near(at(store, 'rate(other_total[10m])', START + 25 * HOUR), [1 / 60], 0.01);
  assert.equal(at(store, 'other_total', START + HOUR).length, 0);
  assert.equal(at(store, 'other_total', START + 3 * HOUR).length, 1);
  store.close();
});

test('histograms: quantiles are true within the width of a bucket, also summed over series with other buckets', () => {
  const store = new SeriesStore({ file: ':memory:' });
  const fast = must(store, 'histogram', 'duration', { service: 'cart' });
  const slow = must(store, 'histogram', 'duration', { service: 'orders' });
  const change = (milliseconds: number, count: number) => ({
    sum: milliseconds * count,
    buckets: [[bucketOf(milliseconds), count]] as const,
  });
  for (let tick = 1; tick <= 60; tick += 1)
    store.record(START + tick * TICK, [
      { series: fast, change: change(10, 90) },
      { series: slow, change: change(1000, 10) },
    ]);
  const end = START + 60 * TICK;
  near(at(store, 'histogram_quantile(0.5, sum by (le) (rate(duration_bucket[1m])))', end), [10], 0.09);
  near(at(store, 'histogram_quantile(0.99, sum by (le) (rate(duration_bucket[1m])))', end), [1000], 0.09);
  near(at(store, 'rate(duration_sum[1m]) / rate(duration_count[1m])', end), [10, 1000]);
  near(at(store, 'sum(rate(duration_count[1m]))', end), [20]);
  near(at(store, 'sum(rate(duration_bucket{le="+Inf"}[1m]))', end), [20]);
  // A bound that nothing lies next to.
  near(at(store, 'sum(rate(duration_bucket{le="128"}[1m]))', end), [18]);
  store.close();
});

test('the first calls count: also those of an edge that was called once, minutes and hours later; a restart is no first call', () => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'series.db');
  let store = new SeriesStore({ file });
  const run = (from: number, to: number): void => {
    for (let time = from; time <= to; time += TICK) store.record(time, []);
  };
  const once = (time: number): void =>
    store.record(time, [
      { series: must(store, 'counter', 'once_total'), change: { value: 7 } },
      { series: must(store, 'histogram', 'took'), change: { sum: 70, buckets: [[bucketOf(10), 7]] } },
    ]);
  const called = START + 10 * 60_000;
  run(START + TICK, called - TICK);
  once(called);
  near(at(store, 'increase(once_total[2m])', called), [7]);
  run(called + TICK, called + 60_000);
  for (const query of ['once_total', 'took_count', 'took_bucket{le="+Inf"}'])
    near(at(store, `increase(${query}[2m])`, called + 60_000), [7]);
  near(at(store, 'increase(took_sum[2m])', called + 60_000), [70]);
  assert.deepEqual(at(store, 'increase(once_total[2m]) > 0', called - TICK), []);
  run(called + 60_000 + TICK, called + 2 * HOUR);
  for (const query of ['once_total', 'took_count', 'took_bucket{le="+Inf"}'])
    near(at(store, `increase(${query}[5m])`, called + 60_000), [7]);
  // Forgotten after ten minutes, it begins at zero again.
  once(called + 2 * HOUR + TICK);
  near(at(store, 'increase(once_total[2m])', called + 2 * HOUR + TICK), [7]);
  store.close();
  store = new SeriesStore({ file });
  once(called + 2 * HOUR + 2 * TICK);
  near(at(store, 'once_total', called + 2 * HOUR + 2 * TICK), [14]);
  assert.deepEqual(at(store, 'resets(once_total[2m])', called + 2 * HOUR + 2 * TICK), [0]);
  store.close();
});

test('gauges are told only while they are given', () => {
  const store = new SeriesStore({ file: ':memory:' });
  const proxies = must(store, 'gauge', 'proxies');
  for (let tick = 1; tick <= 20; tick += 1)
    store.record(START + tick * TICK, tick <= 10 ? [{ series: proxies, change: { value: tick } }] : []);
  near(at(store, 'max_over_time(proxies[2m])', START + 20 * TICK), [10]);
  near(at(store, 'count_over_time(proxies[2m])', START + 20 * TICK), [10]);
  store.close();
});

test('bounds: series, columns, a clock that goes back; nothing that was counted is lost', () => {
  const store = new SeriesStore({ file: ':memory:', maxSeries: 3, maxFields: 5 });
  const counter = must(store, 'counter', 'a_total');
  const histogram = must(store, 'histogram', 'b');
  must(store, 'counter', 'c_total');
  assert.equal(store.series('counter', Labels.of([[METRIC_NAME, 'd_total']])), undefined);
  assert.equal(store.health.dropped, 1);
  const buckets = Array.from({ length: 50 }, (_, index) => [index, 2] as const);
  store.record(START + TICK, [
    { series: counter, change: { value: 1 } },
    { series: histogram, change: { sum: 5, buckets } },
  ]);
  store.record(START, [{ series: counter, change: { value: 1 } }]);
  store.record(START + 2 * TICK, [{ series: counter, change: { value: 1 } }]);
  near(at(store, 'a_total', START + 2 * TICK), [3]);
  near(at(store, 'b_count', START + 2 * TICK), [100]);
  assert.equal(store.health.late, 1);
  assert.ok(store.health.fields <= 5);
  store.close();
});

test('bounds hold for what is read from a file too: the series that were told last stay, and nothing of the others becomes theirs', () => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'series.db');
  let store = new SeriesStore({ file });
  const tell = (time: number, from: number, to: number): void =>
    store.record(
      time,
      Array.from({ length: to - from }, (_, index) => {
        const series = must(store, 'counter', 'a_total', { index: String(from + index) });
        return { series, change: { value: 1 + from + index } };
      }),
    );
  tell(START + TICK, 0, 100);
  // In the next block.
  tell(START + HOUR, 60, 100);
  const { labelOctets } = store.health;
  store.close();
  for (const bounds of [{ maxSeries: 40 }, { labelsRoom: labelOctets * 0.405 }]) {
    store = new SeriesStore({ file, ...bounds });
    const { series, dropped } = store.health;
    assert.deepEqual([series, dropped], [40, 60]);
    store.close();
  }
  store = new SeriesStore({ file, maxFields: 25 });
  assert.equal(store.health.series, 100);
  store.record(START + HOUR + TICK, []);
  const { fields, dropped } = store.health;
  assert.deepEqual([fields, dropped], [25, 15]);
  store.close();
  // One that is new, beside those of the file that have no room.
  store = new SeriesStore({ file, maxSeries: 40 });
  assert.equal(store.series('counter', Labels.of([[METRIC_NAME, 'b_total']])), undefined);
  store.close();
  store = new SeriesStore({ file, maxSeries: 101 });
  store.record(START + HOUR + 2 * TICK, [{ series: must(store, 'counter', 'b_total'), change: { value: 7 } }]);
  near(at(store, 'b_total', START + HOUR + 2 * TICK), [7]);
  assert.deepEqual(at(store, 'b_total', START + TICK), []);
  near(
    at(store, 'a_total', START + HOUR).sort((a, b) => a - b),
    Array.from({ length: 40 }, (_, index) => 122 + 2 * index),
  );
  store.close();
});

test('a workload that makes up 100,000 series, and buckets, takes none of the others', () => {
  const store = new SeriesStore({ file: ':memory:', maxSeries: 2000, maxFields: 4000 });
  const of = (kind: SeriesKind, source: string, name: string, number: number): StoredSeries | undefined =>
    store.series(
      kind,
      Labels.of([
        [METRIC_NAME, name],
        ['reporter', number % 2 === 0 ? 'source' : 'destination'],
        [number % 2 === 0 ? 'source_principal' : 'destination_principal', source],
        [number % 2 === 0 ? 'destination_principal' : 'source_principal', `invented-${number}`],
        ['number', String(number)],
      ]),
    );
  const buckets = Array.from({ length: 300 }, (_, index) => [index, 1] as const);
  let time = START;
  const record = (series: StoredSeries | undefined, change: Parameters<SeriesStore['record']>[1]): void => {
    if (series === undefined) return;
    time += TICK;
    store.record(time, change);
  };
  const honest: StoredSeries[] = [];
  for (let at = 0; at < 100_000; at += 1) {
    const made = of('histogram', 'bad', 'made_up', at);
    if (made !== undefined && at < 100) record(made, [{ series: made, change: { sum: 1, buckets } }]);
    if (at % 200 !== 0) continue;
    const own = of('counter', 'web', 'own_total', at);
    assert.ok(own !== undefined, `${at}`);
    honest.push(own);
  }
  record(
    honest[0],
    honest.map((series) => ({ series, change: { value: 3 } })),
  );
  near(at(store, 'sum(own_total)', time), [3 * 500]);
  near(at(store, 'count(own_total)', time), [500]);
  const { series, fields, dropped } = store.health;
  assert.ok(series <= 1501 && fields <= 2501 && dropped > 98_000, JSON.stringify(store.health));
  // What is our own may have all that is free.
  for (let number = 0; number < 2000 - series; number += 1)
    must(store, 'gauge', 'weft_own', { number: String(number) });
  assert.equal(store.health.series, 2000);
  store.close();
});

test('labels are bounded in octets, whatever their texts: what has no room is counted', () => {
  const room = 4 * 1024 * 1024;
  const long = (index: number, label: number): string => `${index} ${label}`.padEnd(300, '\u4e00');
  const { octets, made } = octetsAlive(
    () => new SeriesStore({ file: ':memory:', labelsRoom: room }),
    (store) => {
      for (let index = 0; index < 1000; index += 1) {
        const texts = Array.from({ length: 20 }, (_, label): LabelPair => [`label_${label}`, long(index, label)]);
        const pairs = JSON.parse(JSON.stringify([[METRIC_NAME, 'a_total'], ...texts])) as LabelPair[];
        store.series('counter', Labels.of(pairs));
      }
    },
  );
  const { labelOctets, series, dropped } = made.health;
  assert.ok(octets <= labelOctets && labelOctets <= room, `${octets}, said ${labelOctets}, bound ${room}`);
  assert.ok(series > 200 && series + dropped === 1000, `${series} ${dropped}`);
  made.close();
});

test('of exemplars the newest are kept, so many of all series', () => {
  const store = new SeriesStore({ file: ':memory:', maxExemplars: 100 });
  const series = [must(store, 'histogram', 'a'), must(store, 'histogram', 'b')];
  for (let at = 0; at < 1000; at += 1) {
    const one = series[at % 2];
    if (one !== undefined) store.exemplars.add(one, [{ traceId: String(at), value: at % 7, at }]);
  }
  assert.equal(store.exemplars.size, 100);
  const found = store.exemplars.select([[]], 0, 1e9).flatMap(({ exemplars }) => exemplars);
  assert.deepEqual(
    found.map(({ at }) => at).sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, index) => 900 + index),
  );
  store.close();
});

test('of exemplars a workload that makes up 100,000 has its part, and the others keep theirs', () => {
  const store = new SeriesStore({ file: ':memory:', maxExemplars: 300 });
  const of = (source: string): StoredSeries =>
    must(store, 'histogram', 'a', { reporter: 'source', source_principal: source });
  const [web, orders, bad] = [of('web'), of('orders'), of('bad')];
  const add = (series: StoredSeries, at: number): void =>
    store.exemplars.add(series, [{ traceId: `${at}`, value: 1, at }]);
  for (let at = 0; at < 100_000; at += 1) {
    add(bad, at);
    if (at % 1000 === 0) add(web, at);
    if (at % 500 === 0) add(orders, at);
  }
  const has = (series: StoredSeries): number[] =>
    store.exemplars
      .select([[]], 0, 1e9)
      .filter(({ labels }) => labels.get('source_principal') === series.source)
      .flatMap(({ exemplars }) => exemplars.map(({ at }) => at));
  // Those of web are all there; what it leaves of its part the others have, the newest of each.
  assert.equal(has(web).length, 100);
  assert.deepEqual([has(bad).length + has(orders).length, store.exemplars.size], [200, 300]);
  assert.ok(has(orders).length >= 99 && Math.max(...has(orders)) === 99_500, `${has(orders).length}`);
  assert.equal(Math.max(...has(bad)), 99_999);
  store.close();
});

test('the file stays below its limit: the oldest half hours go', () => {
  using folder = temporaryFolder();
  const limit = 300_000;
  const store = new SeriesStore({ file: path.join(folder.path, 'series.db'), fileLimit: limit });
  const all = Array.from({ length: 100 }, (_, index) => must(store, 'counter', 'x_total', { index: String(index) }));
  let seed = 1;
  for (let time = START + TICK; time < START + 12 * HOUR; time += 30_000)
    store.record(
      time,
      all.map((series) => ({ series, change: { value: (seed = (seed * 48_271) % 2_147_483_647) } })),
    );
  assert.ok(store.health.fileSize < limit * 1.2, `${store.health.fileSize}`);
  assert.equal(at(store, 'count(x_total)', START + 12 * HOUR)[0], 100);
  assert.equal(at(store, 'count(x_total)', START + HOUR).length, 0);
  store.close();
});

test('a damaged file, or one of another program, is put aside, and said', () => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'series.db');
  writeFileSync(file, 'this is no database, whatever its name says, and it is long enough to be looked at as one');
  const store = new SeriesStore({ file });
  assert.match(store.health.failure, /put aside/);
  store.record(START + TICK, [{ series: must(store, 'counter', 'a_total'), change: { value: 1 } }]);
  near(at(store, 'a_total', START + TICK), [1]);
  store.close();
});
