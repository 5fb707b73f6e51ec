import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { FilterChain, Listener } from '@weft/core/proxy-config';
import { freePort } from '@weft/testkit/ports';
import { until } from '@weft/testkit/wait';
import { chain, cluster, endpoint, endpointSet, listener, tcpProxy } from '../testing/config.ts';
import { config, startEngine } from '../testing/engines.ts';

/** A server that says its name and then echoes. */
async function named(context: TestContext, name: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(name);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return address.port;
}

interface World {
  readonly rows: (listeners: readonly Listener[]) => ReturnType<typeof config>;
  readonly to: (name: 'a' | 'b', over?: Partial<FilterChain>) => FilterChain;
}

async function world(context: TestContext): Promise<World> {
  const [a, b] = [await named(context, 'a'), await named(context, 'b')];
  return {
    rows: (listeners) =>
      config({
        listeners,
        clusters: [cluster('a'), cluster('b')],
        endpoints: [endpointSet('a', [endpoint(a)]), endpointSet('b', [endpoint(b)])],
      }),
    to: (name, over = {}) => chain(name, {}, { terminal: tcpProxy(name), ...over }),
  };
}

async function greet(port: number, host = '127.0.0.1'): Promise<{ socket: Socket; name: string }> {
  const socket = connect({ port, host });
  socket.on('error', () => undefined);
  const [name] = await once(socket, 'data');
  return { socket, name: name.toString() };
}

async function echo(socket: Socket): Promise<boolean> {
  socket.write('x');
  const [back] = await once(socket, 'data');
  return back.toString() === 'x';
}

test('a changed chain serves new connections, open ones stay on the old one', async (context) => {
  const { rows, to } = await world(context);
  const { engine, port } = await startEngine(context, rows([listener('l', [to('a')])]));
  const at = port('l');
  const old = await greet(at);
  assert.deepEqual((await engine.apply(rows([listener('l', [to('b')])]))).faults, []);
  assert.equal(port('l'), at, 'the socket is the same');
  const fresh = await greet(at);
  assert.deepEqual([old.name, fresh.name], ['a', 'b']);
  assert.ok(await echo(old.socket));
});

test('an equal configuration built anew changes nothing', async (context) => {
  const { rows, to } = await world(context);
  const { engine } = await startEngine(context, rows([listener('l', [to('a')])]));
  const before = [
    engine.listeners.get('l')?.runtime,
    engine.clusters.get('a'),
    [...(engine.clusters.get('a')?.endpoints.values() ?? [])][0],
  ];
  await engine.apply(rows([listener('l', [to('a')])]));
  const after = [
    engine.listeners.get('l')?.runtime,
    engine.clusters.get('a'),
    [...(engine.clusters.get('a')?.endpoints.values() ?? [])][0],
  ];
  for (const [index, value] of before.entries()) assert.equal(after[index], value);
});

test('an endpoint change keeps the endpoints that stay, with their counts', async (context) => {
  const { rows, to } = await world(context);
  const first = rows([listener('l', [to('a')])]);
  const { engine, port } = await startEngine(context, first);
  const open = await greet(port('l'));
  const kept = [...(engine.clusters.get('a')?.endpoints.values() ?? [])][0];
  assert.equal(kept?.activeRequests, 1);
  const sets = new Map(first.endpoints);
  const [known] = first.endpoints.get('a')?.localities[0]?.endpoints ?? [];
  assert.ok(known);
  sets.set('a', endpointSet('a', [{ ...known, weight: 5 }, endpoint(1)]));
  await engine.apply({ ...first, endpoints: sets });
  const now = [...(engine.clusters.get('a')?.endpoints.values() ?? [])];
  assert.equal(now.length, 2);
  assert.equal(now[0], kept);
  assert.equal(kept.weight, 5);
  sets.set('a', endpointSet('a', [endpoint(1)]));
  await engine.apply({ ...first, endpoints: new Map(sets) });
  assert.equal(kept.retired, true);
  assert.ok(await echo(open.socket), 'an open connection to a removed endpoint goes on');
});

test('a removed listener stops accepting, its connections end by themselves or with the drain time', async (context) => {
  const { rows, to } = await world(context);
  const { engine, port } = await startEngine(context, rows([listener('l', [to('a')])]), { drainTime: 100 });
  const at = port('l');
  const { socket } = await greet(at);
  await engine.apply(rows([]));
  assert.ok(await echo(socket));
  const refused = connect(at, '127.0.0.1');
  const [error] = await once(refused, 'error');
  assert.equal(error.code, 'ECONNREFUSED');
  await new Promise((resolve) => socket.resume().once('close', resolve));
  await until(() => engine.openConnections === 0);
});

test('a renamed listener takes the socket over; a moved one binds anew; both loopbacks of one listener', async (context) => {
  const { rows, to } = await world(context);
  const fixed = await freePort();
  const address = { kind: 'ip', ip: '127.0.0.1', port: fixed } as const;
  const { engine, port } = await startEngine(context, rows([listener('one', [to('a')], { address })]));
  const socket = engine.listeners.get('one')?.sockets[0];
  await engine.apply(rows([listener('two', [to('b')], { address })]));
  assert.equal(engine.listeners.get('two')?.sockets[0], socket);
  assert.equal((await greet(fixed)).name, 'b');
  const six = { kind: 'ip', ip: '::1', port: fixed } as const;
  assert.deepEqual(
    (await engine.apply(rows([listener('two', [to('b')], { address, additionalAddresses: [six] })]))).faults,
    [],
  );
  assert.equal((await greet(fixed, '::1')).name, 'b');
  const moved = { ...address, port: 0 };
  await engine.apply(rows([listener('two', [to('b')], { address: moved })]));
  assert.notEqual(port('two'), fixed);
  const wide = { ...address, ip: '0.0.0.0', port: port('two') };
  assert.deepEqual((await engine.apply(rows([listener('three', [to('a')], { address: wide })]))).faults, []);
  assert.equal((await greet(port('three'))).name, 'a');
});

test('a listener that cannot be built leaves its last version at work', async (context) => {
  const { rows, to } = await world(context);
  const { engine, port } = await startEngine(context, rows([listener('l', [to('a')])]));
  const at = port('l');
  for (const bad of [
    listener('l', [to('b', { match: { ...chain('x').match, prefixRanges: ['nonsense'] } })]),
    listener('l', [
      to('b', {
        terminal: tcpProxy('b', {
          accessLogs: [{ sink: { kind: 'stdout' }, format: { kind: 'text', text: '%NOPE%' }, filter: undefined }],
        }),
      }),
    ]),
  ]) {
    const { faults } = await engine.apply(rows([bad]));
    assert.equal(faults.length, 1);
    assert.equal(faults[0]?.name, 'l');
    assert.equal((await greet(at)).name, 'a');
  }
});

test('no chain for a connection: it is closed and counted; a slow hello times out', async (context) => {
  const { rows, to } = await world(context);
  const match = { ...chain('x').match, transportProtocol: 'tls' as const };
  const row = listener('l', [to('a', { match })], { listenerFiltersTimeout: 40 });
  const { engine, port } = await startEngine(context, rows([row]));
  const stats = engine.listeners.get('l')?.runtime.stats;
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\u0016\u0003\u0001', '\u0016\u0003\u0001\u0000\u0000']) {
    const socket = connect(port('l'), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(Buffer.from(bytes, 'latin1'));
    await new Promise((resolve) => socket.resume().once('close', resolve));
  }
  assert.equal(stats?.noChain.value, 1);
  assert.equal(stats?.preTimeout.value, 1);
  await until(() => engine.openConnections === 0);
  assert.equal(stats?.preActive.value, 0);
});

test('the engine takes so many connections and no more', async (context) => {
  const { rows, to } = await world(context);
  const { engine, port } = await startEngine(context, rows([listener('l', [to('a')])]), { maxConnections: 1 });
  const { socket } = await greet(port('l'));
  const second = connect(port('l'), '127.0.0.1');
  second.on('error', () => undefined);
  await new Promise((resolve) => second.resume().once('close', resolve));
  assert.equal(second.bytesRead, 0);
  assert.equal(engine.listeners.get('l')?.runtime.stats.overflow.value, 1);
  socket.destroy();
});

test('a listener that ignores the limit takes connections beyond it, and none of the places of others', async (context) => {
  const { rows, to } = await world(context);
  const free = listener('free', [to('a')], { ignoresConnectionLimit: true });
  const { engine, port } = await startEngine(context, rows([free, listener('l', [to('a')])]), { maxConnections: 1 });
  const sockets = [await greet(port('free')), await greet(port('free')), await greet(port('l'))].map(
    ({ socket }) => socket,
  );
  assert.equal(engine.openConnections, 1);
  for (const socket of sockets) socket.destroy();
  await until(() => engine.openConnections === 0);
  assert.equal((await greet(port('l'))).name, 'a');
});

test('a listener takes so many connections and no more, whatever others have', async (context) => {
  const { rows, to } = await world(context);
  const connectionLimit = { kind: 'connection-limit', maxConnections: 2 } as const;
  const narrow = listener('narrow', [to('a')], { connectionLimit });
  const { engine, port } = await startEngine(context, rows([narrow, listener('l', [to('a')])]));
  const open = [await greet(port('narrow')), await greet(port('narrow')), await greet(port('l'))];
  const third = connect(port('narrow'), '127.0.0.1');
  third.on('error', () => undefined);
  await new Promise((resolve) => third.resume().once('close', resolve));
  assert.equal(third.bytesRead, 0);
  // The listener changes, its connections stay and count.
  await engine.apply(rows([listener('narrow', [to('b')], { connectionLimit }), listener('l', [to('a')])]));
  const fourth = connect(port('narrow'), '127.0.0.1');
  fourth.on('error', () => undefined);
  await new Promise((resolve) => fourth.resume().once('close', resolve));
  assert.equal(engine.listeners.get('narrow')?.runtime.stats.overflow.value, 2);
  open[0]?.socket.destroy();
  await until(() => engine.listeners.get('narrow')?.runtime.openConnections === 1);
  assert.equal((await greet(port('narrow'))).name, 'b');
  for (const { socket } of open) socket.destroy();
});

test('original destination: the connection goes where it was meant to go', async (context) => {
  const app = await named(context, 'direct');
  const rows = config({
    listeners: [
      listener('l', [chain('o', {}, { terminal: tcpProxy('origin') })], {
        listenerFilters: [{ kind: 'original-dst' }],
      }),
    ],
    clusters: [cluster('origin', { discovery: { kind: 'original-dst' }, loadBalancing: { kind: 'cluster-provided' } })],
  });
  const { engine, port } = await startEngine(context, rows, {
    originalDestination: () => ({ ip: '127.0.0.1', port: app }),
  });
  assert.equal((await greet(port('l'))).name, 'direct');
  const without = await startEngine(context, rows);
  const socket = connect(without.port('l'), '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.resume().once('close', resolve));
  assert.equal(without.engine.openExchanges, 0, 'never back to itself');
  assert.match(without.lines.join('\n'), /original_dst: redirected connections cannot be told here/);
  assert.equal(engine.clusters.get('origin')?.endpoints.size, 1);
});

test('port 0 twice: two sockets, both closed with their listeners', async (context) => {
  const { rows, to } = await world(context);
  const { engine, port } = await startEngine(context, rows([listener('one', [to('a')]), listener('two', [to('b')])]));
  const ports = [port('one'), port('two')];
  assert.notEqual(ports[0], ports[1]);
  await engine.apply(rows([]));
  for (const at of ports) {
    const [error] = await once(connect(at, '127.0.0.1'), 'error');
    assert.equal(error.code, 'ECONNREFUSED');
  }
});

test('http_inspector: plaintext HTTP and everything else take different chains', async (context) => {
  const { rows, to } = await world(context);
  const http = { ...chain('x').match, applicationProtocols: ['http/1.1', 'h2c'] };
  const row = listener('l', [to('a', { match: http }), to('b')], { listenerFilters: [{ kind: 'http-inspector' }] });
  const { port } = await startEngine(context, rows([row]));
  for (const [pieces, chosen] of [
    [['GET / HT', 'TP/1.1\r\nhost: x\r\n\r\n'], 'a'],
    [['PRI * HT', 'TP/2.0\r\n\r\nSM\r\n\r\n'], 'a'],
    [['*1\r\n$4\r\nPING\r\n'], 'b'],
    [['GET / HTTP/0.9\r\n'], 'b'],
  ] as const) {
    const socket = connect(port('l'), '127.0.0.1');
    socket.on('error', () => undefined);
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    let got = '';
    socket.on('data', (chunk: Buffer) => void (got += chunk.toString()));
    await until(() => got.length > pieces.join('').length - 1);
    assert.equal(got[0], chosen);
    assert.equal(got.slice(1), pieces.join('').slice(0, got.length - 1), 'what was looked at arrives whole');
    socket.destroy();
  }
});

test('a caller that says everything and ends at once is heard through a detector', async (context) => {
  const { rows, to } = await world(context);
  const { port } = await startEngine(
    context,
    rows([listener('l', [to('a')], { listenerFilters: [{ kind: 'tls-inspector', maxClientHelloBytes: 16_384 }] })]),
  );
  for (let i = 0; i < 10; i += 1) {
    const socket = connect({ port: port('l'), host: '127.0.0.1', allowHalfOpen: true });
    socket.end('all of it');
    let got = '';
    socket.on('data', (chunk: Buffer) => void (got += chunk.toString()));
    await once(socket, 'end');
    assert.equal(got, 'aall of it');
  }
});
