import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NO_SELF, TrafficTable } from '@weft/core/traffic';
import fc from 'fast-check';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { chain, listener } from '../testing/config.ts';
import type { ExchangeRecord, PeerIdentity } from '../ports.ts';
import { ResponseFlag } from '../response-flags.ts';
import { AccessLogs, compileLine } from './access-log.ts';
import { openMetricsText, prometheusText, statsText } from '@weft/core/metrics';
import { snapshot } from './snapshot.ts';
import { JsonLog } from './logger.ts';
import { Registry } from './registry.ts';
import { RequestMetrics } from './request-metrics.ts';
import { StatScope } from './scope.ts';

const peer = (uri: string): PeerIdentity => ({
  presented: true,
  verified: true,
  uriSans: [uri],
  dnsSans: [],
  subject: '',
  sha256: '',
  certificatePem: () => '',
  localUriSan: '',
  tlsVersion: 'TLSv1.3',
  cipher: '',
});

function record(
  over: Partial<ExchangeRecord> = {},
  caller?: string,
  direction: 'inbound' | 'outbound' = 'inbound',
): ExchangeRecord {
  const headers: Record<string, string> = {
    ':method': 'GET',
    ':path': over.path ?? '/a?b=c',
    ':authority': 'orders.shop',
    'user-agent': 'curl/8',
    'x-forwarded-for': '1.2.3.4',
  };
  return {
    kind: 'http',
    downstream: {
      id: 7,
      get socket(): never {
        throw new Error('not for records');
      },
      peer: caller === undefined ? undefined : peer(caller),
      serverName: '',
      alpn: '',
      remote: { ip: '10.0.0.9', port: 5000, address: undefined },
      local: { ip: '::1', port: 80, address: undefined },
      listener: listener('l', [], { direction }),
      filterChain: chain('c'),
      acceptedAt: 0,
    },
    startWall: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    duration: 12.4,
    requestTxDuration: 1,
    requestDuration: 1,
    responseDuration: -1,
    responseTxDuration: -1,
    status: 200,
    flags: 0,
    details: 'via_upstream',
    bytesReceived: 5,
    bytesSent: 10,
    protocol: 'HTTP/1.1',
    grpcStatus: -1,
    method: 'GET',
    path: '/a?b=c',
    authority: 'orders.shop',
    routeName: 'r',
    source: '',
    clusterName: 'outbound|80||orders.shop.svc',
    endpoint: undefined,
    upstream: undefined,
    attempts: 1,
    requestHeader: (name) => headers[name],
    responseHeader: () => undefined,
    ...over,
  };
}

test("access log: Envoy's default text", () => {
  const line = compileLine({ kind: 'default' })(record({ flags: ResponseFlag.noRouteFound, status: 404 }));
  assert.equal(
    line,
    '[2026-01-02T03:04:05.006Z] "GET /a?b=c HTTP/1.1" 404 NR 5 10 12 - "1.2.3.4" "curl/8" "-" "orders.shop" "-"\n',
  );
});

test('access log: text operators, lengths, fallbacks, literal percent; JSON keeps types', () => {
  const text = (format: string, over?: Partial<ExchangeRecord>): string =>
    compileLine({ kind: 'text', text: format })(record(over));
  assert.equal(
    text('%REQ(X-NONE?USER-AGENT):4% 100%% %DOWNSTREAM_LOCAL_ADDRESS% %CONNECTION_ID%'),
    'curl 100% [::1]:80 7',
  );
  assert.equal(text('%REQ(:PATH)%', { path: '/\n[fake] "x"' }), '/\\x0a[fake] \\x22x\\x22');
  assert.equal(text('%REQ(:PATH)%', { path: '/\u009b31m' }), '/\\x9b31m');
  assert.equal(text('%REQ(:PATH)%', { path: '/\u202egnp\u2069\u2028' }), '/\\u202egnp\\u2069\\u2028');
  const json = compileLine({
    kind: 'json',
    fields: [
      ['status', '%RESPONSE_CODE%'],
      ['none', '%REQ(X-NONE)%'],
      ['both', '%REQ(:METHOD)% %PROTOCOL%'],
    ],
  })(record());
  assert.deepEqual(JSON.parse(json), { status: 200, none: null, both: 'GET HTTP/1.1' });
});

const PATHS = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\u202e', '\u2069', '\u2028', '\u009b', '\u001b', 'a', '"', '\\') }),
);

test('access log: whatever a peer says, a JSON line is one line that says it', () => {
  const line = compileLine({
    kind: 'json',
    fields: [
      ['a "key"', '%REQ(:PATH)%'],
      ['at', '%START_TIME%'],
    ],
  });
  fc.assert(
    fc.property(PATHS, fc.date({ noInvalidDate: true, min: new Date(0) }), (path, at) => {
      const text = line(record({ path, startWall: at.getTime() }));
      assert.deepEqual(JSON.parse(text), { 'a "key"': path === '' ? null : path, at: at.toISOString() });
      // oxlint-disable-next-line no-control-regex
      assert.doesNotMatch(text.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    }),
  );
});

test('access log: an operator that does not exist is a fault', () => {
  for (const text of [
    '%NOPE%',
    '%REQ()%',
    '100% sure',
    '%DYNAMIC_METADATA()%',
    '%METADATA(HOST:a:b)%',
    '%START_TIME(%q)%',
  ]) {
    assert.throws(() => compileLine({ kind: 'text', text }), /access log format/, text);
  }
});

test('access log: lines are gathered and written whole; reopening follows a renamed file', async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/access.log`;
  const clock = new FakeClock();
  const none = (): never => {
    throw new TypeError('no services here');
  };
  const logs = new AccessLogs(clock, { grpc: none, otlp: none });
  const logger = logs.logger({
    sink: { kind: 'file', path },
    format: { kind: 'text', text: '%RESPONSE_CODE%\n' },
    filter: undefined,
  });
  for (let i = 0; i < 100; i += 1) logger.log(record({ status: 200 + i }));
  clock.advance(200);
  await until(() => readFileSync(path, 'utf8').split('\n').length === 101);
  logs.reopen();
  logger.log(record({ status: 599 }));
  logs.stop();
  await until(() => readFileSync(path, 'utf8').endsWith('599\n'));
});

const istioText = (table: TrafficTable): string => prometheusText(table.families());

test('request metrics: labels by direction, one series a label set, histogram with count and sum', () => {
  const table = new TrafficTable({ clock: new FakeClock() });
  const self = {
    workload: 'orders-bcd24',
    namespace: 'shop',
    app: 'orders',
    version: 'v1',
    identity: 'spiffe://m/ns/shop/sa/orders',
    service: 'orders.shop',
  };
  const metrics = new RequestMetrics(table, self);
  for (let i = 0; i < 3; i += 1) metrics.record(record({}, 'spiffe://m/ns/front/sa/web'));
  metrics.record(record({ status: 503, flags: ResponseFlag.noHealthyUpstream }));
  const text = istioText(table);
  const total = text.split('\n').filter((line) => line.startsWith('istio_requests_total{'));
  assert.equal(total.length, 2);
  const first = total.find((line) => line.endsWith(' 3')) ?? '';
  for (const label of [
    'reporter="destination"',
    'source_principal="spiffe://m/ns/front/sa/web"',
    'source_workload_namespace="front"',
    'destination_workload="orders"',
    'destination_service="orders.shop.svc.cluster.local"',
    'response_code="200"',
    'response_flags="-"',
    'connection_security_policy="mutual_tls"',
    'request_protocol="http"',
  ]) {
    assert.ok(first.includes(label), `${label} in ${first}`);
  }
  assert.match(
    total.find((line) => line.endsWith(' 1')) ?? '',
    /response_flags="UH".*connection_security_policy|connection_security_policy="none".*response_flags="UH"/,
  );
  assert.match(text, /istio_request_duration_milliseconds_bucket\{[^}]*response_code="200"[^}]*le="11.3137"\} 0/);
  assert.match(text, /istio_request_duration_milliseconds_bucket\{[^}]*response_code="200"[^}]*le="13.4543"\} 3/);
  assert.match(text, /istio_request_duration_milliseconds_count\{[^}]*response_code="200"[^}]*\} 3/);
  assert.match(text, /istio_request_bytes_bucket\{[^}]*response_code="200"[^}]*le="5"\} 3/);
  assert.match(text, /istio_request_bytes_sum\{[^}]*response_code="200"[^}]*\} 15/);
});

test('request metrics: a request whose span is reported is an exemplar of its bucket; others are none', () => {
  const table = new TrafficTable({ clock: new FakeClock() });
  const metrics = new RequestMetrics(table, undefined);
  const trace = (traceId: string, reported: boolean) => ({ traceId, spanId: 'b'.repeat(16), reported });
  metrics.record(record());
  metrics.record(record({ trace: trace('1'.repeat(32), false) }));
  assert.doesNotMatch(openMetricsText(table.families()), /trace_id/);
  metrics.record(record({ trace: trace('2'.repeat(32), true) }));
  metrics.record(record({ kind: 'tcp', trace: trace('3'.repeat(32), true) }));
  const lines = openMetricsText(table.families()).split('\n');
  const named = lines.filter((line) => line.includes('trace_id'));
  assert.equal(named.length, 1);
  assert.match(named[0] ?? '', /le="13.4543"\} 3 # \{trace_id="2{32}"\} 12.4 1767323045.018$/);
});

test('request metrics: an outbound listener reports as source, with the service of the cluster; a gateway always does', () => {
  const table = new TrafficTable({ clock: new FakeClock() });
  new RequestMetrics(table, undefined).record(record({}, undefined, 'outbound'));
  const text = istioText(table);
  assert.match(text, /reporter="source"/);
  assert.match(
    text,
    /destination_service="orders.shop.svc.cluster.local",destination_service_name="orders",destination_service_namespace="shop"/,
  );
  const edge = new TrafficTable({ clock: new FakeClock() });
  new RequestMetrics(edge, { ...NO_SELF, workload: 'edge', namespace: 'shop', gateway: true }).record(record());
  assert.match(istioText(edge), /reporter="source",source_workload="edge"/);
});

test('request metrics: nothing that a caller writes is in a row, and a million of it makes none', () => {
  const table = new TrafficTable({ clock: new FakeClock() });
  const metrics = new RequestMetrics(table, undefined);
  const evil = ['/<script>alert(1)</script>', '/\u001b[31m', `/${'x'.repeat(10_000)}`];
  for (let index = 0; index < 1_000_000; index += 1) {
    const text = `${evil[index % 3] ?? ''}${index}`;
    metrics.record(record({ path: text, authority: text, method: text, details: text, routeName: text }));
    if (index === 1000) assert.equal(table.size, 1);
  }
  assert.equal(table.size, 1);
  for (const text of ['script', '\u001b', 'xxx']) assert.ok(!istioText(table).includes(text), text);
  assert.match(istioText(table), /istio_requests_total\{.*\} 1000000/);
});

test('request metrics: identities beyond the budget are counted in `other`, none is lost', () => {
  const table = new TrafficTable({ clock: new FakeClock(), maxSeries: 50 });
  const metrics = new RequestMetrics(table, undefined);
  for (let index = 0; index < 20_000; index += 1)
    metrics.record(record({ status: 200 + (index % 7) }, `spiffe://m/ns/front/sa/w${index}`));
  assert.ok(table.size <= 51, `${table.size}`);
  const totals = [...istioText(table).matchAll(/^istio_requests_total\{.*\} (\d+)$/gm)].map(([, count]) =>
    Number(count),
  );
  assert.equal(
    totals.reduce((sum, count) => sum + count, 0),
    20_000,
  );
  assert.match(istioText(table), /source_workload="other".*response_code="200"/);
});

test('label sets are bounded: what is beyond falls into `other`', () => {
  const registry = new Registry(10);
  for (let i = 0; i < 100; i += 1) registry.counter('hits', [['who', `caller-${i}`]]).add(1);
  const lines = prometheusText(snapshot(registry)).trim().split('\n');
  assert.equal(lines.length, 1 + 11);
  assert.ok(lines.includes('hits{who="other"} 90'));
});

test('scopes: both names, and removal gives the cells back clean', () => {
  const registry = new Registry();
  const scope = new StatScope(registry, 'cluster.a.', 'envoy_cluster_', [['envoy_cluster_name', 'a']]);
  scope.counter('upstream_rq_total').add(2);
  scope.status('upstream_rq', 503).add(1);
  scope.statusClass('upstream_rq', 5).add(1);
  assert.match(
    statsText(snapshot(registry)),
    /^cluster\.a\.upstream_rq_503: 1\ncluster\.a\.upstream_rq_5xx: 1\ncluster\.a\.upstream_rq_total: 2\n$/,
  );
  assert.match(
    prometheusText(snapshot(registry)),
    /envoy_cluster_upstream_rq_xx\{envoy_response_code_class="5",envoy_cluster_name="a"\} 1/,
  );
  scope.close();
  assert.equal(prometheusText(snapshot(registry)), '');
  assert.equal(registry.counter('new').value, 0);
});

test('used only: what is 0 is left out', () => {
  const registry = new Registry();
  registry.counter('zero');
  registry.counter('one').add(1);
  registry.histogram('empty');
  assert.equal(prometheusText(snapshot(registry), undefined, true), '# TYPE one counter\none 1\n');
});

test('label values are escaped', () => {
  const registry = new Registry();
  registry.counter('x', [['l', 'a"b\\c\nd']]).add(1);
  assert.equal(prometheusText(snapshot(registry)), '# TYPE x counter\nx{l="a\\"b\\\\c\\nd"} 1\n');
});

test('log: levels by component, values cut, a flood is counted instead of written', () => {
  let now = 0;
  const lines: string[] = [];
  const log = new JsonLog({ now: () => now }, (line) => lines.push(line));
  log.write('tls', 'debug', 'hidden');
  log.setLevel('debug', 'tls');
  log.write('tls', 'debug', 'shown', { text: 'x'.repeat(5000) });
  assert.equal(JSON.parse(lines[0] ?? '').text.length, 1024);
  for (let i = 0; i < 1000; i += 1) log.write('rbac', 'warning', 'denied');
  now = 1000;
  log.write('rbac', 'warning', 'denied');
  assert.equal(lines.length, 1 + 100 + 1);
  assert.equal(JSON.parse(lines.at(-1) ?? '').dropped, 900);
});

test('a connection that stays open counts in between, and each octet once', () => {
  const table = new TrafficTable({ clock: new FakeClock() });
  const metrics = new RequestMetrics(table, NO_SELF);
  const alreadyCounted = { received: 0, sent: 0, ms: 0 };
  const at = (received: number, sent: number, duration = -1): ExchangeRecord =>
    record({ kind: 'tcp', bytesReceived: received, bytesSent: sent, duration, alreadyCounted });
  metrics.opened(at(0, 0));
  assert.equal(table.take().length, 1);
  metrics.goesOn(at(0, 0), 15_000);
  assert.deepEqual(
    table.take().map(({ cells }) => cells),
    [[[4, 15_000]]],
  );
  metrics.goesOn(at(10, 20), 30_000);
  metrics.record(at(15, 20, 31_000));
  assert.deepEqual(
    table.take().map(({ cells }) => cells),
    [
      [
        [1, 1],
        [2, 15],
        [3, 20],
        [4, 16_000],
      ],
    ],
  );
});
