import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Cluster, FilterChain, TcpProxy } from '@weft/core/proxy-config';
import { temporaryFolder } from '@weft/testkit/folder';
import { freePort } from '@weft/testkit/ports';
import { until } from '@weft/testkit/wait';
import { TestAuthority } from '../testing/certificates.ts';
import { chain, cluster, endpoint, endpointSet, listener, tcpProxy } from '../testing/config.ts';
import { config, startEngine, type TestEngine } from '../testing/engines.ts';

const authority = new TestAuthority();
const sds = (name: string) => ({ kind: 'sds', name, sdsCluster: undefined }) as const;
const parameters = { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] } as const;
const validation = { trust: sds('ROOTS'), subjectAltNames: [], pins: undefined, crl: undefined };
const certificates = [sds('OWN')];
const server: FilterChain['transport'] = {
  kind: 'tls',
  certificates,
  validation,
  requireClientCertificate: true,
  alpnProtocols: [],
  parameters,
};
const client: Cluster['transport'] = {
  kind: 'tls',
  certificates,
  validation,
  sni: '',
  sniFromEndpoint: false,
  sanFromSni: false,
  alpnProtocols: [],
  parameters,
};

async function upstream(context: TestContext, accepted: (socket: Socket) => void): Promise<number> {
  const listening: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    accepted(socket);
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  context.after(() => listening.close());
  const address = listening.address();
  assert.ok(address !== null && typeof address !== 'string');
  return address.port;
}

function proxy(
  context: TestContext,
  ports: readonly number[],
  over: { chain?: Partial<FilterChain>; cluster?: Partial<Cluster>; tcp?: Parameters<typeof tcpProxy>[1] } = {},
): Promise<TestEngine> {
  const rows = config({
    listeners: [listener('tcp', [chain('tcp', {}, { terminal: tcpProxy('db', over.tcp), ...over.chain })])],
    clusters: [cluster('db', over.cluster)],
    endpoints: [
      endpointSet(
        'db',
        ports.map((port) => endpoint(port)),
      ),
    ],
    trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
  });
  return startEngine(context, rows, {}, (secrets) =>
    secrets.setCertificate('OWN', authority.leaf({ uris: ['spiffe://mesh.test/ns/shop/sa/db'] })),
  );
}

/** The port of one proxy, or of two that speak mTLS with each other. */
async function path(
  context: TestContext,
  port: number,
  hops: 'one' | 'mtls',
): Promise<{ port: number; engines: TestEngine[] }> {
  if (hops === 'one') {
    const only = await proxy(context, [port]);
    return { port: only.port('tcp'), engines: [only] };
  }
  const inner = await proxy(context, [port], { chain: { transport: server } });
  const outer = await proxy(context, [inner.port('tcp')], { cluster: { transport: client } });
  return { port: outer.port('tcp'), engines: [outer, inner] };
}

const dial = (port: number): Socket => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  return socket;
};

async function all(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

for (const hops of ['one', 'mtls'] as const) {
  test(`half-close: the answer after the caller's FIN arrives (${hops})`, async (context) => {
    const port = await upstream(context, (socket) => {
      let got = 0;
      socket.on('data', (chunk: Buffer) => void (got += chunk.length));
      socket.on('end', () => socket.end(`got ${got}`));
    });
    const { port: at, engines } = await path(context, port, hops);
    const socket = dial(at);
    socket.end(Buffer.alloc(300_000));
    assert.equal((await all(socket)).toString(), 'got 300000');
    for (const { engine } of engines) await until(() => engine.openExchanges === 0);
  });

  test(`half-close: the caller goes on after the server's FIN (${hops})`, async (context) => {
    let received = '';
    let ended = false;
    const port = await upstream(context, (socket) => {
      socket.end('bye');
      socket.on('data', (chunk: Buffer) => void (received += chunk.toString()));
      socket.on('end', () => void (ended = true));
    });
    const { port: at } = await path(context, port, hops);
    const socket = dial(at);
    assert.equal((await all(socket)).toString(), 'bye');
    socket.write('still ');
    socket.end('here');
    await until(() => ended);
    assert.equal(received, 'still here');
  });

  test(`a reset on one side is a reset on the other (${hops})`, async (context) => {
    let serverSaw = '';
    const port = await upstream(context, (socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => void (serverSaw = error.code ?? ''));
      socket.once('data', (chunk: Buffer) => {
        if (chunk.toString() === 'cut') socket.resetAndDestroy();
        else socket.write('ready');
      });
    });
    const { port: at, engines } = await path(context, port, hops);
    const caller = dial(at);
    caller.write('hello');
    await once(caller, 'data');
    caller.resetAndDestroy();
    await until(() => serverSaw === 'ECONNRESET', { what: 'reset at the server' });
    const other = connect({ port: at, host: '127.0.0.1' });
    let callerSaw = '';
    other.on('error', (error: NodeJS.ErrnoException) => void (callerSaw = error.code ?? ''));
    other.resume();
    other.write('cut');
    await new Promise((resolve) => other.once('close', resolve));
    assert.equal(callerSaw, 'ECONNRESET');
    for (const { engine } of engines) await until(() => engine.openExchanges === 0);
  });

  test(`20 MB both ways arrive as they were sent, with a slow reader (${hops})`, async (context) => {
    const port = await upstream(context, (socket) => socket.pipe(socket));
    const { port: at } = await path(context, port, hops);
    const socket = dial(at);
    const block = randomBytes(1 << 20);
    const sent = createHash('sha256');
    const got = createHash('sha256');
    let length = 0;
    socket.on('data', (chunk: Buffer) => {
      got.update(chunk);
      length += chunk.length;
      if (length % 7 === 0) {
        socket.pause();
        setImmediate(() => socket.resume());
      }
    });
    for (let i = 0; i < 20; i += 1) {
      sent.update(block);
      if (!socket.write(block)) await once(socket, 'drain');
    }
    socket.end();
    await once(socket, 'end');
    assert.equal(length, 20 << 20);
    assert.equal(got.digest('hex'), sent.digest('hex'));
  });
}

test('a refused endpoint is passed over, and counted', async (context) => {
  const dead = await freePort();
  const port = await upstream(context, (socket) => socket.end('alive'));
  const { engine, port: at } = await proxy(context, [dead, port]);
  for (let i = 0; i < 6; i += 1) assert.equal((await all(dial(at('tcp')))).toString(), 'alive');
  assert.ok((engine.clusters.get('db')?.stats.scope.counter('upstream_cx_connect_fail').value ?? 0) >= 3);
});

test('no endpoint, all refused, no cluster: the caller is closed, nothing leaks', async (context) => {
  const dead = await freePort();
  for (const { ports, tcp } of [
    { ports: [] as number[], tcp: {} },
    { ports: [dead], tcp: {} },
    { ports: [dead], tcp: { destination: { kind: 'cluster', cluster: 'absent' } as const } },
  ]) {
    const { engine, port } = await proxy(context, ports, { tcp });
    assert.equal((await all(dial(port('tcp')))).length, 0);
    await until(() => engine.openConnections === 0);
    assert.equal(engine.openExchanges, 0);
    assert.equal(engine.clusters.get('db')?.breakers.default.connections, 0);
  }
});

test('idle time-out ends both sides', async (context) => {
  const port = await upstream(context, (socket) => socket.resume());
  const { engine, port: at } = await proxy(context, [port], { tcp: { idleTimeout: 50 } });
  const socket = dial(at('tcp'));
  socket.write('x');
  await new Promise((resolve) =>
    socket
      .resume()
      .once('close', resolve)
      .once('end', () => socket.end()),
  );
  await until(() => engine.openConnections === 0);
});

test('connection limit: one more is closed, a freed place is used again', async (context) => {
  const port = await upstream(context, (socket) => {
    socket.write('hello');
    socket.resume().on('end', () => socket.end());
  });
  const { port: at } = await proxy(context, [port], {
    chain: { networkFilters: [{ kind: 'connection-limit', statPrefix: 'db', maxConnections: 1, delay: 0 }] },
  });
  const first = dial(at('tcp'));
  await once(first, 'data');
  const second = dial(at('tcp'));
  await new Promise((resolve) => second.resume().once('close', resolve));
  assert.equal(second.bytesRead, 0);
  first.destroy();
  await until(async () => {
    const third = dial(at('tcp'));
    const [got] = await Promise.race([
      once(third, 'data'),
      new Promise<[undefined]>((resolve) => third.once('close', () => resolve([undefined]))),
    ]);
    third.destroy();
    return got !== undefined;
  });
});

test('a breaker on connections refuses the caller at once', async (context) => {
  const port = await upstream(context, (socket) => {
    socket.write('hello');
    socket.resume().on('end', () => socket.end());
  });
  const none = {
    maxConnections: 1,
    maxConnectionsPerEndpoint: 4_294_967_295,
    maxPendingRequests: 1,
    maxRequests: 1,
    maxRetries: 1,
    retryBudget: undefined,
    trackRemaining: true,
  };
  const { engine, port: at } = await proxy(context, [port], {
    cluster: { circuitBreakers: { default: none, high: none } },
  });
  const first = dial(at('tcp'));
  await once(first, 'data');
  assert.equal((await all(dial(at('tcp')))).length, 0);
  assert.equal(engine.clusters.get('db')?.stats.scope.counter('upstream_cx_overflow').value, 1);
  first.destroy();
  await until(() => engine.clusters.get('db')?.breakers.default.connections === 0);
});

test('Unix sockets on both sides', async (context) => {
  using folder = temporaryFolder();
  const app = createServer((socket) => socket.end('by path'));
  app.listen(`${folder.path}/app`);
  await once(app, 'listening');
  context.after(() => app.close());
  const set = endpointSet('db', [{ ...endpoint(0), address: { kind: 'pipe', path: `${folder.path}/app`, mode: 0 } }]);
  const row = listener('tcp', [chain('tcp', {}, { terminal: tcpProxy('db') })], {
    address: { kind: 'pipe', path: `${folder.path}/in`, mode: 0o600 },
  });
  await startEngine(context, config({ listeners: [row], clusters: [cluster('db')], endpoints: [set] }));
  const socket = connect(`${folder.path}/in`);
  assert.equal((await all(socket)).toString(), 'by path');
});

test('access_log_options: a line when the endpoint is reached, lines while it is open, one at the end', async (context) => {
  using folder = temporaryFolder('tcp-log');
  const file = join(folder.path, 'a.log');
  const lines = (): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
  const port = await upstream(context, (socket) => socket.pipe(socket));
  const accessLogs: TcpProxy['accessLogs'] = [
    {
      sink: { kind: 'file', path: file },
      format: { kind: 'text', text: '%ACCESS_LOG_TYPE% %BYTES_RECEIVED% %BYTES_SENT% %UPSTREAM_CLUSTER%\n' },
      filter: undefined,
    },
  ];
  const made = await proxy(context, [port], {
    tcp: { accessLogs, earlyRecords: { interval: 20, connected: true } },
  });
  const caller = connect(made.port('tcp'), '127.0.0.1');
  caller.write('hello');
  await once(caller, 'data');
  await until(() => lines().includes('TcpPeriodic 5 5 db'), { what: 'a line while it is open' });
  assert.equal(lines()[0], 'TcpUpstreamConnected 0 0 db');
  caller.destroy();
  await until(() => lines().at(-1) === 'TcpConnectionEnd 5 5 db', { what: 'the line at the end' });
  assert.equal(lines().filter((line) => !line.startsWith('TcpPeriodic')).length, 2);
});
