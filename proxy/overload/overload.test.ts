import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Overload } from '@weft/core/proxy-config';
import { FakeClock } from '@weft/testkit/clock';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { until } from '@weft/testkit/wait';
import fc from 'fast-check';
import { allFamilies } from '../telemetry/snapshot.ts';
import { prometheusText, statsText } from '@weft/core/metrics';
import { Registry } from '../telemetry/registry.ts';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable } from '../testing/config.ts';
import { config, startEngine, type TestEngine } from '../testing/engines.ts';
import { Ladder, RELIEF } from './ladder.ts';
import { calm, LoadShedding } from './overload.ts';
import { fileLimit, openFiles, pressureOf } from './readings.ts';

const steps = (name: string, ...[go, refuse, close]: readonly [number, number, number]): Overload['actions'] => [
  { action: 'disable-keepalive', triggers: [{ monitor: name, threshold: go }] },
  { action: 'stop-accepting-requests', triggers: [{ monitor: name, threshold: refuse }] },
  { action: 'stop-accepting-connections', triggers: [{ monitor: name, threshold: close }] },
];
const HEAP: Overload = {
  refreshInterval: 20,
  monitors: [{ name: 'envoy.resource_monitors.fixed_heap', resource: { kind: 'fixed-heap', maxBytes: 100 } }],
  actions: steps('envoy.resource_monitors.fixed_heap', 0.5, 0.7, 0.9),
};

test('an action is on from its threshold until the pressure is well below it; never more than one change a crossing', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1.2, noNaN: true })), (pressures) => {
      const ladder = new Ladder(HEAP);
      const on = new Map<string, boolean>();
      for (const pressure of pressures) {
        for (const { action, active } of ladder.update(() => pressure)) {
          assert.notEqual(on.get(action) ?? false, active);
          on.set(action, active);
        }
        for (const { action, triggers } of HEAP.actions) {
          const threshold = triggers[0]?.threshold ?? 0;
          if (pressure >= threshold) assert.ok(ladder.isActive(action));
          if (pressure < threshold * RELIEF) assert.ok(!ladder.isActive(action));
          assert.equal(ladder.isActive(action), on.get(action) ?? false);
        }
      }
    }),
  );
});

test('readings: descriptors grow by what is opened; a resource without a limit has no pressure', () => {
  const before = openFiles();
  const sockets = Array.from({ length: 5 }, () => net.createServer().listen(0));
  assert.ok(before > 0 && openFiles() >= before + 5);
  sockets.forEach((socket) => socket.close());
  assert.ok(fileLimit() >= 64);
  const none = { resident: () => 5, memoryLimit: () => 0 } as Parameters<typeof pressureOf>[1];
  assert.equal(pressureOf({ kind: 'cgroup-memory', maxBytes: 0 }, none), 0);
  assert.equal(pressureOf({ kind: 'cgroup-memory', maxBytes: 10 }, none), 0.5);
});

async function setUp(
  context: TestContext,
): Promise<TestEngine & { use(percent: number): Promise<void>; log(): string }> {
  const app = new EchoServer('app');
  await app.start();
  context.after(() => app.stop());
  let used = 0;
  const started = await startEngine(
    context,
    config({
      listeners: [listener('in', [chain('http', {}, { terminal: manager({ kind: 'rds', name: 'in' }) })])],
      routes: [routeTable('in', 'app')],
      clusters: [cluster('app')],
      endpoints: [endpointSet('app', [endpoint(app.port)])],
    }),
    { overload: HEAP, readings: { memory: () => used } },
  );
  const stats = (): string => statsText(allFamilies(started.engine.telemetry));
  return {
    ...started,
    log: () => started.lines.join('\n'),
    async use(percent) {
      used = percent;
      await until(() => stats().includes(`fixed_heap.pressure: ${percent}\n`));
    },
  };
}

test('HTTP/2: GOAWAY, what is open ends, new requests on other connections get 503', async (context) => {
  const { engine, port, use } = await setUp(context);
  const session = http2.connect(`http://127.0.0.1:${port('in')}`);
  context.after(() => session.destroy());
  const ask = async (over: http2.ClientHttp2Session, path: string): Promise<number> => {
    const stream = over.request({ ':path': path });
    const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & { ':status': number }];
    stream.resume();
    await once(stream, 'end');
    return headers[':status'];
  };
  const slow = ask(session, '/?delay=500');
  await until(() => engine.openExchanges === 1);
  await use(55);
  const away = once(session, 'goaway');
  const beside = ask(session, '/');
  await away;
  assert.deepEqual(await Promise.all([slow, beside]), [200, 200]);
  await use(75);
  const other = http2.connect(`http://127.0.0.1:${port('in')}`);
  context.after(() => other.destroy());
  assert.equal(await ask(other, '/'), 503);
  const text = prometheusText(allFamilies(engine.telemetry));
  assert.match(text, /envoy_http_downstream_cx_overload_disable_keepalive\{[^}]*\} [12]\n/);
});

test('callers are asked to go, then refused, then not let in; what is under way goes on; it ends by itself', async (context) => {
  const { engine, port, use, log } = await setUp(context);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  context.after(() => agent.destroy());
  const answer = (): ReturnType<typeof exchange> => exchange({ port: port('in') }, {}, agent);
  assert.equal((await answer()).headers.connection, undefined);
  await use(55);
  assert.equal((await answer()).headers.connection, 'close');
  await use(48);
  assert.equal((await answer()).headers.connection, 'close', 'not yet well below');
  await use(40);
  assert.equal((await answer()).headers.connection, undefined);

  const open = exchange({ port: port('in') }, { path: '/?delay=600' });
  await until(() => engine.openExchanges === 1);
  await use(75);
  const refused = await exchange({ port: port('in') });
  assert.equal(refused.status, 503);
  assert.equal(refused.body.toString(), 'envoy overloaded');
  await use(95);
  await assert.rejects(exchange({ port: port('in') }));
  assert.equal((await open).status, 200);
  await use(10);
  assert.equal((await exchange({ port: port('in') })).status, 200);

  const text = prometheusText(allFamilies(engine.telemetry));
  assert.match(text, /envoy_listener_downstream_cx_overload_reject\{[^}]*\} 1\n/);
  assert.match(text, /envoy_http_downstream_rq_overload_close\{[^}]*\} 1\n/);
  assert.match(text, /envoy_http_downstream_cx_overload_disable_keepalive\{[^}]*\} [23]\n/);
  assert.match(text, /istio_requests_total\{[^}]*response_code="503"[^}]*response_flags="OM"[^}]*\} 1\n/);
  assert.match(text, /envoy_overload_envoy_overload_actions_stop_accepting_requests_active 0\n/);
  assert.match(
    log(),
    /load is shed","action":"stop-accepting-requests","monitor":"envoy.resource_monitors.fixed_heap","percent":75/,
  );
});

test('a want of memory asks for a collection, not again and again: what refuses everything makes no garbage and would stay as it is', () => {
  const clock = new FakeClock();
  const state = calm();
  let used = 80;
  let collected = 0;
  const shedding = new LoadShedding(HEAP, {
    clock,
    registry: new Registry(),
    log: { enabled: () => false, write: () => undefined },
    state,
    connections: () => 0,
    memory: (own) => own,
    readings: { memory: () => used },
    collect: () => void (collected += 1),
  });
  for (let turn = 0; turn < 10; turn += 1) {
    shedding.look();
    clock.advance(300);
  }
  assert.deepEqual([state.refusesRequests, collected], [true, 2]);
  used = 20;
  shedding.look();
  clock.advance(10_000);
  shedding.look();
  assert.deepEqual([state.refusesRequests, collected], [false, 2]);
});
