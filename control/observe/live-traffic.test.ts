import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Edge, GatheredCounts, NO_COUNTS, NOBODY, type TrafficCounts } from '@weft/core/traffic';
import { FakeClock } from '@weft/testkit/clock';
import { LiveTraffic, type TrafficSample } from './index.ts';

const party = (workload: string): Edge['source'] => ({
  ...NOBODY,
  namespace: 'shop',
  workload,
  identity: `spiffe://mesh/ns/shop/sa/${workload}`,
});

const edge = (over: Partial<Edge> = {}): Edge => ({
  reporter: 'source',
  protocol: 'http',
  source: party('web'),
  destination: party('orders'),
  service: { namespace: 'shop', name: 'orders' },
  route: '',
  security: 'mutual_tls',
  ...over,
});

const answered = (count: number, code = 200): TrafficCounts => ({
  ...NO_COUNTS,
  requests: count,
  responses: [{ code, grpc: -1, flags: '', count }],
});

function table(maxEdges?: number): { clock: FakeClock; traffic: LiveTraffic } {
  const clock = new FakeClock();
  const traffic = new LiveTraffic({ clock, wall: clock.wall, ...(maxEdges === undefined ? {} : { maxEdges }) });
  traffic.start();
  return { clock, traffic };
}

const requests = (traffic: LiveTraffic, windowMs?: number): number =>
  traffic.edges(windowMs).reduce((sum, { counts }) => sum + counts.requests, 0);

test('what is reported shows at once, and leaves with its window', () => {
  const { clock, traffic } = table();
  clock.advance(1000);
  traffic.add([{ edge: edge(), counts: answered(3) }]);
  traffic.add([{ edge: edge(), counts: answered(2, 503) }]);
  const [row] = traffic.edges();
  assert.equal(row?.counts.requests, 5);
  assert.deepEqual(
    row.counts.responses.map(({ code, count }) => [code, count]),
    [
      [200, 3],
      [503, 2],
    ],
  );
  assert.equal(row.seconds, 1);
  clock.advance(30_000);
  assert.equal(requests(traffic), 5);
  assert.equal(requests(traffic, 10_000), 0);
  clock.advance(40_000);
  assert.equal(requests(traffic), 0);
  assert.equal(requests(traffic, 300_000), 5);
  clock.advance(600_000);
  assert.equal(requests(traffic, 600_000), 0);
  assert.equal(traffic.health.edges, 0);
});

test('every minute of ten is told once, whatever the window', () => {
  const { clock, traffic } = table();
  for (let second = 0; second < 600; second += 1) {
    traffic.add([{ edge: edge(), counts: answered(1) }]);
    clock.advance(1000);
  }
  for (const window of [10_000, 60_000, 120_000, 300_000, 600_000]) {
    const [row] = traffic.edges(window);
    assert.ok(row !== undefined);
    assert.ok(Math.abs(row.counts.requests / row.seconds - 1) < 0.02, `${row.counts.requests} in ${row.seconds} s`);
    assert.ok(row.seconds >= window / 1000 - 1 && row.seconds <= window / 1000 + 60, `${row.seconds}`);
  }
});

test('samples come every five seconds, add up to what was reported, and keep the edge object', () => {
  const { clock, traffic } = table();
  const samples: { seconds: number; rows: [Edge, number][] }[] = [];
  const watch = traffic.onSample(({ seconds, edges, counts }: TrafficSample) =>
    samples.push({
      seconds,
      rows: edges.map((told, row) => {
        const read = new GatheredCounts();
        read.mergeRow(counts, row);
        return [told, read.counts().requests];
      }),
    }),
  );
  for (let second = 0; second < 20; second += 1) {
    traffic.add([{ edge: edge(), counts: answered(2) }]);
    clock.advance(1000);
  }
  assert.deepEqual(
    samples.map(({ seconds, rows }) => [seconds, rows[0]?.[1]]),
    Array(4).fill([5, 10]),
  );
  assert.equal(new Set(samples.map(({ rows }) => rows[0]?.[0])).size, 1);
  clock.advance(10_000);
  assert.deepEqual(samples.at(-1)?.rows, []);
  watch.close();
  clock.advance(10_000);
  assert.equal(samples.length, 6);
});

test('exemplars go with the sample of their slot: few an edge, none that is old, none of a time to come', () => {
  const { clock, traffic } = table();
  clock.advance(3_600_000);
  const samples: { traceId: string; at: number }[][] = [];
  traffic.onSample(({ edges, exemplars }) =>
    samples.push(edges.flatMap((told) => exemplars?.get(told) ?? []).map(({ traceId, at }) => ({ traceId, at }))),
  );
  const now = clock.wall.now();
  const exemplar = (traceId: string, value: number, at: number) => ({ traceId, value, at });
  traffic.add([
    {
      edge: edge(),
      counts: answered(1),
      exemplars: [exemplar('a', 1, now - 5), exemplar('old', 900, now - 3_600_000)],
    },
  ]);
  traffic.add([
    { edge: edge(), counts: answered(1), exemplars: [exemplar('b', 1, now - 4), exemplar('ahead', 50, now + 9)] },
  ]);
  clock.advance(5000);
  assert.deepEqual(samples.at(-1), [
    { traceId: 'ahead', at: now },
    { traceId: 'b', at: now - 4 },
  ]);
  const many = Array.from({ length: 20 }, (_, index) => exemplar(String(index), 2 ** index, clock.wall.now()));
  for (const each of many) traffic.add([{ edge: edge(), counts: answered(1), exemplars: [each] }]);
  clock.advance(5000);
  assert.deepEqual(
    samples.at(-1)?.map(({ traceId }) => traceId),
    ['19', '18', '17', '16'],
  );
  traffic.add([{ edge: edge(), counts: answered(1) }]);
  clock.advance(5000);
  assert.deepEqual(samples.at(-1), []);
});

test("a call counts once: by the caller's report, else by the called side's", () => {
  const { traffic } = table();
  traffic.add([
    { edge: edge({ route: 'HTTPRoute/shop/orders' }), counts: answered(4) },
    { edge: edge({ reporter: 'destination' }), counts: answered(4) },
    { edge: edge({ reporter: 'destination', source: NOBODY, security: 'none' }), counts: answered(1) },
  ]);
  assert.equal(requests(traffic), 9);
  const calls = traffic.calls();
  assert.deepEqual(
    calls.map(({ edge: { reporter, source }, counts }) => [reporter, source.workload, counts.requests]),
    [
      ['source', 'web', 4],
      ['destination', '', 1],
    ],
  );
});

test('beyond its bound it counts in `other`, and loses no request', () => {
  const { traffic } = table(10);
  for (let index = 0; index < 1000; index += 1)
    traffic.add([{ edge: edge({ source: party(`w${index}`) }), counts: answered(1) }]);
  assert.equal(requests(traffic), 1000);
  assert.ok(traffic.health.edges <= 11);
  assert.equal(traffic.health.overflow, 990);
  const other = traffic.edges().find((row) => row.edge.source.workload === 'other');
  assert.equal(other?.counts.requests, 990);
});

/** Made up: its own side, which the lease says, but nothing else holds. */
const madeUp = (number: number): Edge =>
  edge({
    source: party('bad'),
    destination: party(`invented-${number}`),
    service: { namespace: `n${number}`, name: 'invented' },
  });

const honest = (number: number): Edge => edge({ destination: party(`orders-${number}`) });

test('a workload that makes up 100,000 edges takes none of the others: before, meanwhile and after', () => {
  const { clock, traffic } = table();
  const HONEST = 4000;
  let sent = 0;
  for (let at = 0; at < 100_000; at += 1) {
    traffic.add([{ edge: madeUp(at), counts: answered(1) }]);
    if (at % (100_000 / HONEST) === 0) {
      traffic.add([{ edge: honest(sent), counts: answered(7) }]);
      sent += 1;
    }
    // All within a minute: nothing is forgotten meanwhile.
    if (at % 10_000 === 0) clock.advance(5000);
  }
  for (let at = 0; at < HONEST; at += 1) traffic.add([{ edge: honest(at), counts: answered(2) }]);
  const rows = traffic.edges(600_000);
  const of = (workload: string): typeof rows => rows.filter(({ edge: { source } }) => source.workload === workload);
  assert.equal(sent, HONEST);
  assert.equal(of('web').length, HONEST);
  assert.ok(of('web').every(({ counts }) => counts.requests === 9));
  const [rest, ...more] = of('other');
  assert.equal(more.length, 0);
  assert.equal((rest?.counts.requests ?? 0) + of('bad').length, 100_000);
  assert.ok(of('bad').length <= 10_000, `${of('bad').length}`);
  // When all has left, all of the room is there again.
  clock.advance(1_260_000);
  assert.equal(traffic.health.edges, 0);
  traffic.stop();
});

test('a workload that makes up answers fills no more than half of the room of counts; the others are counted by edge', () => {
  const clock = new FakeClock();
  const MEBI = 1024 * 1024;
  const traffic = new LiveTraffic({ clock, wall: clock.wall, countsRoom: 4 * MEBI });
  traffic.start();
  const responses = (offset: number): TrafficCounts['responses'] =>
    Array.from({ length: 250 }, (_, index) => ({
      code: (offset + index) % 1000,
      grpc: -1,
      flags: `F${offset + index}`,
      count: 1,
    }));
  for (let slot = 0; slot < 240; slot += 1) {
    for (let at = 0; at < 50; at += 1)
      traffic.add([{ edge: madeUp(at), counts: { ...NO_COUNTS, requests: 250, responses: responses(slot * 250) } }]);
    for (let at = 0; at < 50; at += 1) traffic.add([{ edge: honest(at), counts: answered(1) }]);
    clock.advance(5000);
    assert.ok(traffic.health.octets <= traffic.room, `${slot}: ${traffic.health.octets}`);
  }
  const rows = traffic.edges(600_000);
  const own = rows.filter(({ edge: { source } }) => source.workload === 'web');
  assert.deepEqual([own.length, new Set(own.map(({ counts }) => counts.requests))], [50, new Set([120])]);
  const rest = rows.filter(({ edge: { source } }) => source.workload === 'other');
  assert.ok((rest[0]?.counts.requests ?? 0) > 0);
  clock.advance(1_260_000);
  assert.equal(traffic.health.edges, 0);
  for (let at = 0; at < 50; at += 1) traffic.add([{ edge: madeUp(at), counts: answered(1) }]);
  assert.ok(traffic.edges().every(({ edge: { source } }) => source.workload === 'bad'));
  traffic.stop();
});
