import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import fc from 'fast-check';
import { prometheusText } from '../metrics/index.ts';
import { type Edge, edgeAmounts, GatheredCounts, NOBODY, quantile, TrafficTable } from './index.ts';

const edge = (source: string, over: Partial<Edge> = {}): Edge => ({
  reporter: 'source',
  protocol: 'http',
  source: { ...NOBODY, namespace: 'shop', workload: source },
  destination: { ...NOBODY, namespace: 'shop', workload: 'orders' },
  service: { namespace: 'shop', name: 'orders' },
  route: '',
  security: 'mutual_tls',
  ...over,
});

interface Request {
  readonly caller: string;
  readonly code: number;
  readonly route: string;
  readonly duration: number;
  readonly bytes: number;
}

const request: fc.Arbitrary<Request> = fc.record({
  caller: fc.constantFrom('web', 'cart'),
  code: fc.constantFrom(200, 404, 503),
  route: fc.constantFrom('', 'HTTPRoute/shop/a'),
  duration: fc.integer({ min: 1, max: 20_000 }),
  bytes: fc.nat(5000),
});
/** What happens to a table: a request, or that its amounts are handed on, or an hour in which nothing happens. */
const step = fc.oneof({ weight: 6, arbitrary: request }, fc.constantFrom('take' as const, 'pause' as const));

const count = (table: TrafficTable, { caller, code, route, duration, bytes }: Request): void =>
  table.series(edge(caller, { route }), code, -1, '').request(duration, bytes, 2 * bytes, 2);

test('workers: whatever is handed on when, the sum is what was counted, by edge and by label set', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.array(step, { maxLength: 60 }), (first, second) => {
      const clock = new FakeClock();
      const all = new TrafficTable({ clock });
      const main = new TrafficTable({ clock });
      const sent = new GatheredCounts();
      const workers = [first, second].map((steps) => ({ steps, table: new TrafficTable({ clock }) }));
      for (const { steps, table } of workers) {
        for (const each of [...steps, 'take' as const]) {
          if (each === 'take') {
            main.absorb(table.take());
            for (const { counts } of edgeAmounts(main.take())) sent.add(counts);
          } else if (each !== 'pause') {
            count(table, each);
            count(all, each);
          }
        }
      }
      assert.deepEqual(sorted(main), sorted(all));
      const requests = workers.flatMap(({ steps }) => steps.filter((each) => typeof each === 'object'));
      const whole = sent.counts();
      assert.equal(whole.requests, requests.length);
      assert.equal(whole.retries, requests.length);
      assert.equal(
        whole.requestBytes,
        requests.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      for (const code of [200, 404, 503])
        assert.equal(
          whole.responses.find((each) => each.code === code)?.count ?? 0,
          requests.filter((each) => each.code === code).length,
        );
      const durations = requests.map(({ duration }) => duration).sort((a, b) => a - b);
      const median = durations[Math.max(0, Math.ceil(durations.length / 2) - 1)];
      if (median !== undefined) assert.ok(Math.abs(quantile(whole.durations, 0.5) / median - 1) < 0.05);
    }),
  );
});

const sorted = (table: TrafficTable): string[] => prometheusText(table.families()).split('\n').sort();

test('a label set that was idle for an hour goes; whoever kept its row goes on where it was', () => {
  const clock = new FakeClock();
  const table = new TrafficTable({ clock, expiry: 3_600_000 });
  const kept = table.series(edge('web'), 200, -1, '');
  const routed = table.series(edge('web', { route: 'HTTPRoute/shop/a' }), 200, -1, '');
  kept.request(1, 0, 0, 1);
  routed.request(1, 0, 0, 1);
  const total = (): string | undefined =>
    /^istio_requests_total\{.*\} (\d+)$/m.exec(prometheusText(table.families()))?.[1];
  assert.equal(total(), '2');
  clock.advance(3_000_000);
  routed.request(1, 0, 0, 1);
  assert.equal(total(), '3');
  clock.advance(3_000_000);
  assert.equal(total(), '3', 'one of its rows is alive: the total must not fall');
  clock.advance(1_000_000);
  assert.equal(total(), undefined);
  assert.equal(table.size, 0);
  kept.request(1, 0, 0, 1);
  assert.equal(total(), '2');
  assert.equal(table.series(edge('web'), 200, -1, ''), kept);
});

test('what was not handed on yet is not forgotten', () => {
  const clock = new FakeClock();
  const table = new TrafficTable({ clock, expiry: 1000 });
  table.take();
  table.series(edge('web'), 200, -1, '').request(1, 0, 0, 1);
  clock.advance(10_000);
  table.families();
  clock.advance(10_000);
  table.families();
  assert.equal(edgeAmounts(table.take())[0]?.counts.requests, 1);
  clock.advance(10_000);
  table.families();
  assert.equal(table.size, 0);
});

test('a full table makes room of what is long idle, and counts the rest in `other`', () => {
  const clock = new FakeClock();
  const table = new TrafficTable({ clock, maxSeries: 10, expiry: 60_000 });
  for (let index = 0; index < 30; index += 1)
    count(table, { caller: `w${index}`, code: 200 + index, route: '', duration: 1, bytes: 0 });
  assert.equal(table.size, 11);
  assert.equal(table.overflow, 20);
  clock.advance(61_000);
  table.families();
  for (let index = 0; index < 5; index += 1)
    count(table, { caller: `x${index}`, code: 200, route: '', duration: 1, bytes: 0 });
  assert.equal(table.overflow, 20);
});

test('TCP connections: opened, closed, octets of both directions', () => {
  const table = new TrafficTable({ clock: new FakeClock() });
  const row = table.series(edge('web', { protocol: 'tcp' }), 0, -1, '');
  row.opened();
  row.opened();
  row.closed(10, 20, 1500);
  const text = prometheusText(table.families());
  assert.match(text, /istio_tcp_connections_opened_total\{.*\} 2/);
  assert.match(text, /istio_tcp_received_bytes_total\{.*\} 10/);
  assert.doesNotMatch(text, /response_code|istio_requests/);
  const [only] = edgeAmounts(table.take());
  assert.deepEqual([only?.counts.opened, only?.counts.closed, only?.counts.responseBytes], [2, 1, 20]);
  assert.equal(only?.counts.openTime, 1500);
});
