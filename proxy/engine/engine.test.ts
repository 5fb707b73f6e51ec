import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { until } from '@weft/testkit/wait';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable } from '../testing/config.ts';
import { config, startEngine } from '../testing/engines.ts';
import { Load } from '../testing/load.ts';

async function backend(context: { after(done: () => Promise<void>): void }, name: string): Promise<EchoServer> {
  const server = new EchoServer(name);
  await server.start();
  context.after(() => server.stop());
  return server;
}

const http1 = (to: string, ports: readonly number[]) =>
  config({
    listeners: [listener('in', [chain('http', {}, { terminal: manager({ kind: 'rds', name: 'routes' }) })])],
    routes: [routeTable('routes', to)],
    clusters: [cluster(to)],
    endpoints: [
      endpointSet(
        to,
        ports.map((port) => endpoint(port)),
      ),
    ],
  });

test('a request goes through listener, route, cluster and endpoint and is counted', async (context) => {
  const server = await backend(context, 'a');
  const { engine, port } = await startEngine(context, http1('orders', [server.port]));
  const answer = await exchange({ port: port('in') }, { path: '/x?y=1', method: 'POST', body: 'hello' });
  assert.equal(answer.status, 200);
  const echoed = JSON.parse(answer.body.toString());
  assert.deepEqual([echoed.backend, echoed.path, echoed.bodyLength], ['a', '/x?y=1', 5]);
  assert.equal(engine.clusters.get('orders')?.stats.scope.counter('upstream_rq_total').value, 1);
  assert.equal(engine.openExchanges, 0);
});

test('routes, clusters and endpoints change under load without a failed request', async (context) => {
  const servers = await Promise.all(['a', 'b', 'c'].map((name) => backend(context, name)));
  const [a = 0, b = 0, c = 0] = servers.map((server) => server.port);
  const { engine, port } = await startEngine(context, http1('one', [a]));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  context.after(() => agent.destroy());
  const at = port('in');
  const seen = new Map<string, number>();
  const load = new Load(8, async () => {
    const answer = await exchange({ port: at }, {}, agent);
    assert.equal(answer.status, 200, answer.body.toString());
    const { backend: name } = JSON.parse(answer.body.toString());
    seen.set(name, (seen.get(name) ?? 0) + 1);
  });
  for (let round = 0; round < 10; round += 1) {
    for (const next of [
      http1('two', [b]),
      http1('two', [b, c]),
      http1('two', [c]),
      http1('one', [a, c]),
      http1('one', [a]),
    ]) {
      assert.deepEqual((await engine.apply(next)).faults, []);
      await load.more(10);
    }
  }
  await load.stop();
  assert.deepEqual([...seen.keys()].sort(), ['a', 'b', 'c']);
});

test('drain: answers carry close, open exchanges finish, new connections are refused', async (context) => {
  const server = await backend(context, 'a');
  const { engine, port } = await startEngine(context, http1('orders', [server.port]));
  const at = port('in');
  const slow = exchange({ port: at }, { path: '/?delay=150' });
  while (engine.openExchanges === 0) await new Promise((resolve) => setImmediate(resolve));
  const drained = engine.drain(5000);
  await assert.rejects(exchange({ port: at }), /ECONNREFUSED/);
  const answer = await slow;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, 'close');
  assert.equal(await drained, 0);
  assert.equal(engine.openConnections, 0);
});

test('drain: what is still open at the end of its time is cut and counted', async (context) => {
  const server = await backend(context, 'a');
  const { engine, port } = await startEngine(context, http1('orders', [server.port]));
  const slow = assert.rejects(exchange({ port: port('in') }, { path: '/?delay=900' }));
  while (engine.openExchanges === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await engine.drain(60), 1);
  await slow;
});

test('an address in use is a fault with the name of the listener; the others go on', async (context) => {
  const server = await backend(context, 'a');
  const { engine, port } = await startEngine(context, http1('orders', [server.port]));
  const base = http1('orders', [server.port]);
  const [row] = base.listeners.values();
  assert.ok(row);
  const result = await engine.apply({
    ...base,
    listeners: new Map([
      ['in', row],
      ['taken', { ...row, name: 'taken', address: { kind: 'ip', ip: '127.0.0.1', port: server.port } }],
    ]),
  });
  assert.equal(result.faults.length, 1);
  assert.match(result.faults[0]?.message ?? '', /listener taken: 127\.0\.0\.1:\d+ is in use by another process/);
  assert.equal((await exchange({ port: port('in') })).status, 200);
  assert.equal(engine.listeners.has('taken'), false);
});

test('what the engine does not do is accepted with a remark', async (context) => {
  const server = await backend(context, 'a');
  const base = http1('orders', [server.port]);
  const { engine } = await startEngine(context, base);
  const [row] = base.listeners.values();
  assert.ok(row);
  const h2 = listener('h2', [
    chain('http', {}, { terminal: manager({ kind: 'rds', name: 'routes' }, { codec: 'http2' }) }),
  ]);
  const { faults, warnings } = await engine.apply({
    ...base,
    listeners: new Map([
      [row.name, { ...row, enableReusePort: false }],
      ['h2', h2],
    ]),
  });
  assert.deepEqual(faults, []);
  assert.deepEqual(
    warnings.map(({ name }) => name),
    ['in'],
  );
});

test('a listener that drains stays closed over a later configuration', async (context) => {
  const server = await backend(context, 'a');
  const base = http1('orders', [server.port]);
  const [row] = base.listeners.values();
  assert.ok(row);
  const sided = (direction: 'inbound' | 'outbound', name: string) => ({ ...row, name, direction });
  const rows = {
    ...base,
    listeners: new Map([
      ['i', sided('inbound', 'i')],
      ['o', sided('outbound', 'o')],
    ]),
  };
  const { engine, port } = await startEngine(context, rows);
  const [inbound, outbound] = [port('i'), port('o')];
  assert.equal(await engine.drain(1000, 'inbound'), 0);
  const changed = {
    ...rows,
    listeners: new Map([
      ['i', { ...sided('inbound', 'i'), listenerFiltersTimeout: 1 }],
      ['o', { ...sided('outbound', 'o'), listenerFiltersTimeout: 1 }],
    ]),
  };
  assert.deepEqual((await engine.apply(changed)).faults, []);
  await assert.rejects(exchange({ port: inbound }), /ECONNREFUSED/);
  assert.equal((await exchange({ port: outbound })).status, 200);
});

test('connection managers and listeners change under load without a failed request', async (context) => {
  const server = await backend(context, 'a');
  const base = http1('orders', [server.port]);
  const { engine, port } = await startEngine(context, base);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  context.after(() => agent.destroy());
  const at = port('in');
  const load = new Load(8, async () => assert.equal((await exchange({ port: at }, {}, agent)).status, 200));
  for (let round = 0; round < 30; round += 1) {
    const terminal = manager({ kind: 'rds', name: 'routes' }, { statPrefix: `round-${round}` });
    const row = listener('in', [chain('http', {}, { terminal })]);
    assert.deepEqual((await engine.apply({ ...base, listeners: new Map([['in', row]]) })).faults, []);
    await load.more(20);
  }
  await load.stop();
});

test('make before break: a listener that moves to another cluster never meets a missing one', async (context) => {
  const server = await backend(context, 'a');
  const rows = (name: string) =>
    config({
      listeners: [
        listener('in', [
          chain('http', {}, { terminal: manager({ kind: 'inline', configuration: routeTable('r', name) }) }),
        ]),
        listener(`also-${name}`, [
          chain('http', {}, { terminal: manager({ kind: 'inline', configuration: routeTable('r', name) }) }),
        ]),
      ],
      clusters: [cluster(name)],
      endpoints: [endpointSet(name, [endpoint(server.port)])],
    });
  const { engine, port } = await startEngine(context, rows('c0'), { drainTime: 300 });
  const at = port('in');
  const load = new Load(6, async () => assert.equal((await exchange({ port: at })).status, 200));
  for (let round = 1; round <= 30; round += 1) {
    assert.deepEqual((await engine.apply(rows(`c${round}`))).faults, []);
    await load.more(10);
  }
  await load.stop();
  await until(() => [...engine.clusters.all()].length === 1);
  assert.ok(engine.clusters.get('c30'));
});
