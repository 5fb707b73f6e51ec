import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addCounts,
  boundOf,
  bucketOf,
  type DurationHistogram,
  type Edge,
  edgeKey,
  failures,
  GatheredCounts,
  PackedCounts,
  givenName,
  isFailure,
  istioLabels,
  mergeDurations,
  NO_COUNTS,
  NOBODY,
  quantile,
  routeOf,
  type TrafficCounts,
} from './index.ts';

function histogram(values: readonly number[]): DurationHistogram {
  const buckets = new Map<number, number>();
  for (const value of values) buckets.set(bucketOf(value), (buckets.get(bucketOf(value)) ?? 0) + 1);
  return {
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    buckets: [...buckets].sort(([a], [b]) => a - b),
  };
}

const milliseconds = fc.double({ min: 0.13, max: 3_600_000, noNaN: true });
const many = fc.array(milliseconds, { minLength: 1, maxLength: 200 });

test('a value lies within the bounds of its bucket', () => {
  fc.assert(
    fc.property(milliseconds, (value) => {
      const index = bucketOf(value);
      const slack = 1e-9 * value;
      assert.ok(value <= boundOf(index) + slack && value > boundOf(index - 1) - slack);
    }),
  );
  for (const odd of [0, -1, Number.NaN, 0.1]) assert.equal(bucketOf(odd), bucketOf(0.125));
  assert.equal(bucketOf(Number.POSITIVE_INFINITY), bucketOf(1e12));
});

test('any quantile is within 5 % of the value that sorting finds', () => {
  fc.assert(
    fc.property(many, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, q) => {
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
      const said = quantile(histogram(values), q);
      assert.ok(Math.abs(said / exact - 1) < 0.05, `${said} for ${exact}`);
    }),
  );
  assert.ok(Number.isNaN(quantile(histogram([]), 0.5)));
});

test('histograms of parts add up to that of the whole', () => {
  fc.assert(
    fc.property(many, many, (a, b) => {
      const { sum, ...merged } = mergeDurations(histogram(a), histogram(b));
      const { sum: whole, ...expected } = histogram([...a, ...b]);
      assert.deepEqual(merged, expected);
      assert.ok(Math.abs(sum - whole) <= 1e-9 * whole);
    }),
  );
});

const count = fc.nat(1000);
const counts: fc.Arbitrary<TrafficCounts> = fc
  .record({
    responses: fc.array(
      fc.record({
        code: fc.constantFrom(0, 200, 404, 503),
        grpc: fc.constantFrom(-1, 0, 14),
        flags: fc.constantFrom('', 'UF', 'UF,URX'),
        count,
      }),
      { maxLength: 6 },
    ),
    retries: count,
    requestBytes: count,
    responseBytes: count,
    durations: fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 20 }).map(histogram),
    opened: count,
    closed: count,
    openTime: count,
  })
  .map((made) => ({ ...made, requests: made.responses.reduce((sum, each) => sum + each.count, 0) }));

const plain = (from: TrafficCounts): unknown => ({
  ...from,
  responses: Object.entries(
    from.responses.reduce<Record<string, number>>((sum, { code, grpc, flags, count: held }) => {
      const key = `${code} ${grpc} ${flags}`;
      return { ...sum, [key]: (sum[key] ?? 0) + held };
    }, {}),
  ).toSorted(([a], [b]) => (a < b ? -1 : 1)),
});

test('counts add up one by one as in a gatherer, and to the number of answers', () => {
  fc.assert(
    fc.property(fc.array(counts, { maxLength: 5 }), (list) => {
      const gathered = new GatheredCounts();
      for (const each of list) gathered.add(each);
      const sum = gathered.counts();
      assert.deepEqual(plain(sum), plain(list.reduce(addCounts, NO_COUNTS)));
      assert.equal(
        sum.requests,
        sum.responses.reduce((all, each) => all + each.count, 0),
      );
      assert.ok(failures(sum) <= sum.requests);
    }),
  );
});

test('of more different answers than it tells apart the rest is told by class; none is lost, and its memory is bounded', () => {
  const gathered = new GatheredCounts();
  const answers = 20_000;
  for (let index = 0; index < answers; index += 1) {
    const flags = index.toString(26).replaceAll(/./g, (digit) => String.fromCharCode(65 + Number.parseInt(digit, 26)));
    const responses = [{ code: 200 + (index % 400), grpc: (index % 18) - 1, flags, count: 1 }];
    gathered.add({ ...NO_COUNTS, requests: 1, responses });
  }
  const { responses } = gathered.counts();
  assert.equal(
    responses.reduce((sum, { count }) => sum + count, 0),
    answers,
  );
  const told = responses.filter(({ flags }) => flags !== '');
  assert.ok(told.length >= 200 && responses.length <= 256 + 4 * 18, `${told.length} ${responses.length}`);
  const failures = responses.reduce((sum, { code, count }) => sum + (code >= 500 ? count : 0), 0);
  assert.equal(failures, answers / 4);
  assert.ok(gathered.octets < 64 * 1024, `${gathered.octets}`);
});

test('packed rows say what was gathered, by themselves and on another thread; a gatherer that was cleared is as new', () => {
  fc.assert(
    fc.property(fc.array(counts, { maxLength: 5 }), (list) => {
      const packed = new PackedCounts();
      const gathered = new GatheredCounts();
      for (const each of list) {
        gathered.clear();
        gathered.add(each);
        gathered.pack(packed);
      }
      const elsewhere = new PackedCounts(packed.parts());
      packed.done();
      assert.equal(packed.rows, list.length);
      const all = new GatheredCounts();
      list.forEach((each, row) => {
        for (const from of [packed, elsewhere]) {
          const read = new GatheredCounts();
          read.mergeRow(from, row);
          assert.deepEqual(plain(read.counts()), plain(addCounts(NO_COUNTS, each)));
        }
        all.mergeRow(packed, row);
      });
      assert.deepEqual(plain(all.counts()), plain(list.reduce(addCounts, NO_COUNTS)));
    }),
  );
  const packed = new PackedCounts();
  const large = {
    ...NO_COUNTS,
    requestBytes: Number.MAX_SAFE_INTEGER,
    responseBytes: 2 ** 32,
    opened: 127,
    closed: 128,
  };
  const gathered = new GatheredCounts();
  gathered.add(large);
  gathered.pack(packed);
  const read = new GatheredCounts();
  read.mergeRow(packed, 0);
  assert.deepEqual(read.counts(), large);
});

test('what counts against success', () => {
  const failed = (code: number, grpc = -1, flags = ''): boolean => isFailure({ code, grpc, flags });
  assert.deepEqual([failed(200), failed(403), failed(429), failed(0, -1, 'DC'), failed(200, 5)], Array(5).fill(false));
  assert.deepEqual([failed(500), failed(503, -1, 'UF'), failed(0), failed(200, 14)], Array(4).fill(true));
});

const edge: Edge = {
  reporter: 'source',
  protocol: 'http',
  source: { ...NOBODY, namespace: 'shop', workload: 'web', app: 'web', version: 'v1' },
  destination: NOBODY,
  service: { namespace: 'shop', name: 'orders' },
  route: '',
  security: 'mutual_tls',
};

test('edges are told apart by each of their texts', () => {
  const others: Edge[] = [
    { ...edge, reporter: 'destination' },
    { ...edge, protocol: 'grpc' },
    { ...edge, security: 'none' },
    { ...edge, route: 'HTTPRoute/shop/orders' },
    { ...edge, service: { namespace: 'shop', name: 'orders2' } },
    { ...edge, source: edge.destination, destination: edge.source },
    { ...edge, source: { ...edge.source, identity: 'spiffe://mesh/ns/shop/sa/web' } },
  ];
  assert.equal(new Set([edge, ...others].map(edgeKey)).size, others.length + 1);
  assert.equal(edgeKey({ ...edge, source: { ...edge.source } }), edgeKey(edge));
});

test("labels are Istio's, with its words for what is not known", () => {
  const labels = new Map(istioLabels(edge));
  assert.equal(labels.get('destination_service'), 'orders.shop.svc.cluster.local');
  assert.equal(labels.get('source_canonical_revision'), 'v1');
  assert.equal(labels.get('destination_canonical_revision'), 'latest');
  assert.equal(labels.get('destination_workload'), 'unknown');
  const untold = new Map(istioLabels({ ...edge, source: { ...edge.source, app: '' } }));
  assert.equal(untold.get('source_canonical_service'), edge.source.workload);
  assert.equal(untold.get('source_app'), 'unknown');
  assert.equal(new Set(istioLabels(edge).map(([name]) => name)).size, istioLabels(edge).length);
});

test('names of objects and instances', () => {
  assert.equal(givenName('orders-bcd24'), 'orders');
  assert.equal(givenName('orders-blue'), 'orders-blue');
  assert.equal(routeOf('HTTPRoute/shop/orders#spec.rules[0]'), 'HTTPRoute/shop/orders');
  for (const none of ['', 'Service/shop/orders#spec.ports[0]', 'HTTPRoute/<b>/x', `HTTPRoute/shop/${'x'.repeat(400)}`])
    assert.equal(routeOf(none), '');
});
