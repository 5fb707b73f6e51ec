import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Cluster, Listener, UdpProxy } from '@weft/core/proxy-config';
import { temporaryFolder } from '@weft/testkit/folder';
import { DatagramServer } from '@weft/testkit/streams';
import { until } from '@weft/testkit/wait';
import { cluster, endpoint, endpointSet, listener } from '../testing/config.ts';
import { config, startEngine, type TestEngine } from '../testing/engines.ts';

const PROXY: UdpProxy = {
  statPrefix: 'dns',
  cluster: 'db',
  idleTimeout: 60_000,
  hashPolicy: { kind: 'none' },
  perPacketLoadBalancing: false,
  maxDatagramBytes: 1500,
  maxUpstreamDatagramBytes: 1500,
  accessLogs: [],
};

const rows = (
  ports: readonly number[],
  over: Partial<UdpProxy> = {},
  to: Partial<Cluster> = {},
  row: Partial<Listener> = {},
) =>
  config({
    listeners: [listener('dns', [], { udp: { ...PROXY, ...over }, ...row })],
    clusters: [cluster('db', to)],
    endpoints: [
      endpointSet(
        'db',
        ports.map((port) => endpoint(port)),
      ),
    ],
  });

async function server(context: TestContext, name: string): Promise<{ server: DatagramServer; port: number }> {
  const made = new DatagramServer(name);
  const port = await made.start();
  context.after(() => made.stop().catch(() => undefined));
  return { server: made, port };
}

interface Caller {
  readonly heard: string[];
  send(text: string): void;
}

async function caller(context: TestContext, port: number): Promise<Caller> {
  const socket = createSocket('udp4');
  context.after(() => socket.close());
  const heard: string[] = [];
  socket.on('message', (bytes) => heard.push(bytes.toString()));
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return { heard, send: (text) => socket.send(text) };
}

const proxyOf = ({ engine }: TestEngine) => {
  const udp = engine.listeners.get('dns')?.runtime.udp;
  assert.ok(udp !== undefined);
  return udp;
};

test('an idle session ends, is counted and written, and gives its place back', async (context) => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'access.log');
  const text =
    '%UPSTREAM_CLUSTER% %BYTES_RECEIVED% %BYTES_SENT% %RESPONSE_FLAGS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%\n';
  const { port } = await server(context, 's');
  const accessLogs = [
    { sink: { kind: 'file', path: file }, format: { kind: 'text', text }, filter: undefined },
  ] as const;
  const running = await startEngine(context, rows([port], { idleTimeout: 80, accessLogs }));
  const one = await caller(context, running.port('dns'));
  one.send('hello');
  await until(() => one.heard.includes('s:hello'), { what: 'the answer' });
  const { stats } = proxyOf(running);
  assert.equal(proxyOf(running).openConnections, 1);
  await until(() => proxyOf(running).openConnections === 0, { what: 'the end of the session' });
  assert.equal(stats.idleTimeout.value, 1);
  assert.deepEqual(
    [stats.received.value, stats.sent.value, stats.receivedBytes.value, stats.sentBytes.value],
    [1, 1, 5, 7],
  );
  await until(() => existsSync(file) && readFileSync(file, 'utf8') === 'db 5 7 SI 127.0.0.1\n', {
    what: 'the log line',
  });
  one.send('again');
  await until(() => one.heard.includes('s:again'), { what: 'a new session' });
  assert.equal(stats.total.value, 2);
});

test('one source gets three quarters of the sessions of a cluster, and nobody more than all', async (context) => {
  const { port } = await server(context, 's');
  const { default: thresholds, high } = cluster('db').circuitBreakers;
  const circuitBreakers = { default: { ...thresholds, maxConnections: 4 }, high };
  const running = await startEngine(context, rows([port], {}, { circuitBreakers }));
  const callers = await Promise.all(Array.from({ length: 6 }, () => caller(context, running.port('dns'))));
  for (const one of callers) one.send('x');
  await until(() => callers.filter(({ heard }) => heard.length === 1).length === 3, { what: 'three answers' });
  await until(() => proxyOf(running).stats.sourceLimited.value === 3, { what: 'three refusals' });
  assert.equal(proxyOf(running).openConnections, 3);
});

test('a session follows to another endpoint when its own is gone; other changes keep it; a removed listener ends it', async (context) => {
  const a = await server(context, 'a');
  const b = await server(context, 'b');
  const running = await startEngine(context, rows([a.port]));
  const one = await caller(context, running.port('dns'));
  one.send('1');
  await until(() => one.heard.includes('a:1'), { what: 'an answer of a' });
  const before = proxyOf(running);
  const { engine } = running;
  const { port } = running;
  const first = engine.config.listeners.get('dns');
  await engine.apply(
    rows([a.port], {}, {}, { perConnectionBufferLimitBytes: 5, ...(first === undefined ? {} : { udp: first.udp }) }),
  );
  assert.equal(proxyOf(running), before);
  one.send('2');
  await until(() => one.heard.includes('a:2'), { what: 'the same session' });
  assert.equal(before.stats.total.value, 1);
  await engine.apply(rows([b.port]));
  one.send('3');
  await until(() => one.heard.includes('b:3'), { what: 'an answer of b' });
  const bound = port('dns');
  await engine.apply(
    config({ listeners: [], clusters: [cluster('db')], endpoints: [endpointSet('db', [endpoint(b.port)])] }),
  );
  const again = createSocket('udp4');
  again.bind(bound, '127.0.0.1');
  await once(again, 'listening');
  again.close();
});

test('a drain lets sessions go on and begins no new one', async (context) => {
  const { port } = await server(context, 's');
  const running = await startEngine(context, rows([port]));
  const known = await caller(context, running.port('dns'));
  known.send('1');
  await until(() => known.heard.includes('s:1'), { what: 'a session' });
  const stranger = await caller(context, running.port('dns'));
  const drained = running.engine.drain(5000);
  stranger.send('late');
  known.send('2');
  await until(() => known.heard.includes('s:2'), { what: 'the open session' });
  assert.equal(await drained, 0);
  assert.deepEqual(stranger.heard, []);
});

test('no cluster and no endpoint are counted, an endpoint that refuses too', async (context) => {
  const lost = await startEngine(context, rows([1], { cluster: 'nowhere' }));
  (await caller(context, lost.port('dns'))).send('x');
  await until(() => proxyOf(lost).stats.noRoute.value === 1, { what: 'no route' });
  const gone = await server(context, 'gone');
  await gone.server.stop();
  const running = await startEngine(context, rows([gone.port]));
  const one = await caller(context, running.port('dns'));
  const errors = running.engine.clusters.get('db')?.stats.scope.counter('udp.sess_rx_errors');
  await until(
    () => {
      one.send('x');
      return (errors?.value ?? 0) > 0;
    },
    { what: 'a refusal' },
  );
});
