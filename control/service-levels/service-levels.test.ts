import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { SERVICE_LEVEL, type ServiceLevel } from '@weft/core/resources';
import { readObjects } from '@weft/core/resources/text';
import { type Edge, istioLabels, NOBODY } from '@weft/core/traffic';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import { needs, toolPath } from '@weft/testkit/tools';
import { answerQuery } from '../series/prometheus-api.ts';
import { SeriesStore } from '../series/store/series-store.ts';
import { LabelPairs } from '../series/store/label-pairs.ts';
import { EdgeSeries } from '../series/store/traffic-series.ts';
import { type AlertEvent, prometheusRules, ServiceLevels, Webhook } from './index.ts';

const START = Date.parse('2026-01-02T00:00:00Z');
const TICK = 5000;

function level(spec: string): ServiceLevel {
  const text = `apiVersion: weft.dev/v1alpha1\nkind: ServiceLevel\nmetadata: {name: promise, namespace: shop}\nspec: ${spec}\n`;
  const { objects, diagnostics } = readObjects(text, 'level.yaml');
  assert.deepEqual(diagnostics, []);
  const [found] = objects;
  assert.equal(found?.object?.kind, SERVICE_LEVEL.kind);
  return found?.object as ServiceLevel;
}

const edge: Edge = {
  reporter: 'source',
  protocol: 'http',
  source: { ...NOBODY, namespace: 'shop', workload: 'web' },
  destination: { ...NOBODY, namespace: 'shop', workload: 'orders' },
  service: { namespace: 'shop', name: 'orders' },
  route: '',
  security: 'mutual_tls',
};

/** A store that is filled by the tick, and the levels over it. */
function rig(levels: () => readonly ServiceLevel[]) {
  const store = new SeriesStore({ file: ':memory:' });
  const orders = new EdgeSeries(store, edge, new LabelPairs());
  const told: AlertEvent[] = [];
  let now = START;
  let down = false;
  const measured = new ServiceLevels({
    objects: levels,
    series: {
      query: (call, parameters) => {
        if (down) return Promise.resolve({ code: 503, body: '{"error":"the store is not running"}' });
        const { code, body } = answerQuery(store, call, parameters, now);
        return Promise.resolve({ code, body: JSON.stringify(body) });
      },
    },
    clock: new FakeClock(),
    wall: { now: () => now },
    onAlert: (event) => told.push(event),
  });
  return {
    measured,
    told,
    break: (broken: boolean) => (down = broken),
    /** Each tick ten requests, of them `bad` answered by 503, all within `ms`. */
    run(minutes: number, bad: number, ms = 10): void {
      for (let tick = 0; tick < minutes * 12; tick += 1) {
        now += TICK;
        const index = Math.ceil(Math.log2(ms) * 8);
        const responses = [
          { code: 200, grpc: -1, flags: '', count: 10 - bad },
          { code: 503, grpc: -1, flags: 'UF', count: bad },
        ].filter(({ count }) => count > 0);
        const durations = { count: 10, sum: ms * 10, buckets: [[index, 10]] as const };
        const counts = {
          requests: 10,
          responses,
          retries: 0,
          requestBytes: 0,
          responseBytes: 0,
          durations,
          opened: 0,
          closed: 0,
          openTime: 0,
        };
        store.record(now, orders.changes(counts));
      }
    },
  };
}

const near = (found: number | undefined, wanted: number, by = 0.05): void =>
  assert.ok(
    found !== undefined && Math.abs(found - wanted) <= by * Math.max(1, Math.abs(wanted)),
    `${found} instead of ${wanted}`,
  );

test('a budget: what is left of it, how fast it burns, alerts that begin and end once', async () => {
  const promise = level('{targetRef: {name: orders}, objectives: [{percent: "99"}], window: 2h}');
  const { measured, told, run } = rig(() => [promise]);
  await measured.measure();
  assert.equal(measured.states[0]?.objectives[0]?.good, undefined, 'nothing was asked');
  run(60, 0);
  await measured.measure();
  near(measured.states[0]?.objectives[0]?.good, 1);
  near(measured.states[0]?.objectives[0]?.budgetLeft, 1);
  assert.deepEqual(told, []);
  // A fifth of the requests fails: twenty times what is allowed.
  run(60, 2);
  await measured.measure();
  await measured.measure();
  const [objective] = measured.states[0]?.objectives ?? [];
  near(objective?.good, 0.9);
  near(objective?.budgetLeft, -9, 0.1);
  near(objective?.alerts[0]?.burnLong, 20, 0.1);
  assert.deepEqual(
    told.map(({ state, severity, objective: what }) => [state, severity, what]),
    [
      ['burning', 'Page', '99% succeed'],
      ['burning', 'Ticket', '99% succeed'],
    ],
  );
  // The short time ends it long before the long one forgets.
  run(6, 0);
  await measured.measure();
  assert.deepEqual(
    told.slice(2).map(({ state, severity }) => [state, severity]),
    [['ended', 'Page']],
  );
});

test('latency by the histogram; the whole namespace; an objective that is taken away ends its alert', async () => {
  const promises = [
    level(
      '{targetRef: {kind: Namespace, name: shop}, objectives: [{percent: "95", fasterThan: 300ms}], window: 1h, alerts: [{long: 30m, short: 5m, burnRate: 2}]}',
    ),
  ];
  const { measured, told, run } = rig(() => promises);
  run(30, 0, 250);
  await measured.measure();
  near(measured.states[0]?.objectives[0]?.good, 1);
  run(30, 0, 900);
  await measured.measure();
  near(measured.states[0]?.objectives[0]?.good, 0.5, 0.06);
  assert.deepEqual(
    told.map(({ state }) => state),
    ['burning'],
  );
  promises.pop();
  await measured.measure();
  assert.deepEqual(
    told.map(({ state }) => state),
    ['burning', 'ended'],
  );
});

test('what cannot be measured says so, and neither begins nor ends an alert', async () => {
  const promise = level('{targetRef: {name: orders}, objectives: [{percent: "99"}], window: 1h}');
  const { measured, told, run, break: broken } = rig(() => [promise]);
  run(60, 5);
  await measured.measure();
  assert.equal(told.length, 2);
  broken(true);
  await measured.measure();
  assert.match(measured.states[0]?.problem ?? '', /not running/);
  assert.equal(told.length, 2);
  broken(false);
  await measured.measure();
  assert.equal(told.length, 2);
});

test('the webhook is tried again, and gives up with a word', async (t) => {
  const bodies: string[] = [];
  let answers = [500, 200];
  const server = http.createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    request.on('end', () => {
      bodies.push(text);
      response.writeHead(answers.shift() ?? 500).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const problems: string[] = [];
  const webhook = new Webhook({
    url: `http://127.0.0.1:${port}/x`,
    onProblem: (text) => problems.push(text),
    backOff: 1,
  });
  const event: AlertEvent = {
    state: 'burning',
    serviceLevel: 'shop/promise',
    target: 'Service/orders',
    objective: '99% succeed',
    severity: 'Page',
    burnLong: 20,
    burnShort: 21,
    budgetLeft: -1,
    at: '2026-01-02T00:00:00.000Z',
  };
  await webhook.send(event);
  assert.deepEqual(problems, []);
  assert.deepEqual(JSON.parse(bodies[1] ?? ''), event);
  answers = [];
  await webhook.send(event);
  assert.match(problems[0] ?? '', /shop\/promise could not be sent: the webhook answered 500/);
});

test('the rules: Prometheus takes them, and its own tests of rules say when they alert', {
  skip: needs('promtool'),
}, () => {
  using folder = temporaryFolder();
  const levels = [
    level('{targetRef: {name: orders}, objectives: [{percent: "99"}, {percent: "95", fasterThan: 300ms}], window: 2h}'),
  ];
  const file = path.join(folder.path, 'rules.json');
  writeFileSync(file, JSON.stringify(prometheusRules(levels)));
  const checked = spawnSync(toolPath('promtool'), ['check', 'rules', file], { encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  assert.match(checked.stdout, /6 rules found/);
  const labels = istioLabels(edge)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
  const alert = (severity: string, long: string, factor: number) => ({
    exp_labels: { namespace: 'shop', service_level: 'promise', objective: '99% succeed', severity, long },
    exp_annotations: { summary: `shop/promise: of 99% succeed the budget burns ${factor} times too fast` },
  });
  const unit = {
    rule_files: [file],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: [
          { series: `istio_requests_total{${labels},response_code="200",response_flags="-"}`, values: '0+80x400' },
          {
            series: `istio_requests_total{${labels},response_code="503",response_flags="UF"}`,
            values: '0+0x100 0+20x300',
          },
        ],
        alert_rule_test: [
          { eval_time: '90m', alertname: 'WeftServiceLevelBurning', exp_alerts: [] },
          {
            eval_time: '380m',
            alertname: 'WeftServiceLevelBurning',
            exp_alerts: [alert('page', '3600s', 14), alert('ticket', '21600s', 6)],
          },
        ],
      },
    ],
  };
  const test = path.join(folder.path, 'test.json');
  writeFileSync(test, JSON.stringify(unit));
  const ran = spawnSync(toolPath('promtool'), ['test', 'rules', test], { encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
});
