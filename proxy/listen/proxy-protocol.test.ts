import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Cluster, FilterChain, ListenerFilter } from '@weft/core/proxy-config';
import { until } from '@weft/testkit/wait';
import { TestAuthority } from '../testing/certificates.ts';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable, tcpProxy } from '../testing/config.ts';
import { config, startEngine } from '../testing/engines.ts';

const PROXY: ListenerFilter = { kind: 'proxy-protocol', allowWithout: false, disallowedVersions: [], statPrefix: '' };
const authority = new TestAuthority();
const sds = (name: string) => ({ kind: 'sds', name, sdsCluster: undefined }) as const;
const tls = {
  kind: 'tls',
  certificates: [sds('OWN')],
  validation: { trust: sds('ROOTS'), subjectAltNames: [], pins: undefined, crl: undefined },
  alpnProtocols: [],
  parameters: { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] },
} as const;

interface Backend {
  readonly port: number;
  /** What each connection sent so far. */
  readonly received: string[];
}

async function backend(context: TestContext, answer: (socket: Socket, bytes: string) => void): Promise<Backend> {
  const received: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const index = received.push('') - 1;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received[index] += chunk.toString('latin1');
      answer(socket, chunk.toString('latin1'));
    });
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return { port: address.port, received };
}

const engine = (
  context: TestContext,
  chains: readonly FilterChain[],
  filters: ListenerFilter[],
  to: Cluster,
  port: number,
) =>
  startEngine(
    context,
    config({
      listeners: [listener('l', chains, { listenerFilters: filters, listenerFiltersTimeout: 2000 })],
      clusters: [to],
      endpoints: [endpointSet('db', [endpoint(port)])],
      routes: [routeTable('routes', 'db')],
      trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
    }),
    {},
    (secrets) => secrets.setCertificate('OWN', authority.leaf({ uris: ['spiffe://mesh.test/ns/shop/sa/db'] })),
  );

async function ask(port: number, bytes: string): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.write(bytes, 'latin1');
  await once(socket, 'connect');
  return { socket, text: () => text };
}

test('through two proxies with mTLS: the header goes before the handshake, the caller of the first is the source at the second', async (context) => {
  const echo = await backend(context, (socket, bytes) => socket.write(bytes));
  const secured: Partial<FilterChain> = { transport: { ...tls, requireClientCertificate: true } };
  const inner = await engine(
    context,
    [
      chain('callers', { sourcePrefixRanges: ['192.0.2.0/24'] }, { ...secured, terminal: tcpProxy('db') }),
      chain('others', {}, { ...secured, terminal: tcpProxy('nowhere') }),
    ],
    [PROXY],
    cluster('db', { proxyProtocol: 'v1' }),
    echo.port,
  );
  const outer = await engine(
    context,
    [chain('l', {}, { terminal: tcpProxy('db') })],
    [PROXY],
    cluster('db', { proxyProtocol: 'v2', transport: { ...tls, sni: '', sniFromEndpoint: false, sanFromSni: false } }),
    inner.port('l'),
  );
  const caller = await ask(outer.port('l'), 'PROXY TCP4 192.0.2.9 198.51.100.1 4321 443\r\nhello');
  await until(() => caller.text() === 'PROXY TCP4 192.0.2.9 198.51.100.1 4321 443\r\nhello', { what: 'the echo' });
  caller.socket.destroy();
  const stranger = await ask(outer.port('l'), 'PROXY TCP4 203.0.113.9 198.51.100.1 4321 443\r\nhello');
  await once(stranger.socket, 'close');
  assert.equal(stranger.text(), '');
});

test('HTTP: requests of one caller share connections, those of two never do, and they end with their caller', async (context) => {
  const server = await backend(context, (socket, bytes) => {
    if (bytes.includes('GET ')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  });
  const { port, engine: running } = await engine(
    context,
    [chain('l', {}, { terminal: manager({ kind: 'rds', name: 'routes' }, { useRemoteAddress: true }) })],
    [PROXY],
    cluster('db', { proxyProtocol: 'v1' }),
    server.port,
  );
  const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
  const one = await ask(port('l'), `PROXY TCP4 192.0.2.1 198.51.100.1 1 443\r\n${get}`);
  const two = await ask(port('l'), `PROXY TCP4 192.0.2.2 198.51.100.1 2 443\r\n${get}`);
  for (const { socket, text } of [one, two]) {
    await until(() => text().split('200 OK').length === 2, { what: 'the first answer' });
    socket.write(get);
    await until(() => text().split('200 OK').length === 3, { what: 'the second answer' });
  }
  assert.equal(server.received.length, 2);
  for (const [index, ip] of ['192.0.2.1', '192.0.2.2'].entries()) {
    const seen = server.received.find((bytes) =>
      bytes.startsWith(`PROXY TCP4 ${ip} 198.51.100.1 ${index + 1} 443\r\nGET /`),
    );
    assert.equal(seen?.split(`x-forwarded-for: ${ip}`).length, 3);
  }
  one.socket.destroy();
  two.socket.destroy();
  await until(() => running.openConnections === 0, { what: 'callers gone' });
  const pool = running.clusters
    .get('db')
    ?.pick({ hash: undefined, downstream: undefined, avoidTried: false, hasTried: () => false })?.pool;
  await until(() => pool?.connections === 0, { what: 'connections upstream gone' });
});

test('health checks name nobody: our own ends in version 1, LOCAL in version 2', async (context) => {
  for (const version of ['v1', 'v2'] as const) {
    const server = await backend(context, () => undefined);
    const check = {
      timeout: 1000,
      interval: 10_000,
      unhealthyThreshold: 1,
      healthyThreshold: 1,
      noTrafficInterval: 10_000,
      intervalJitter: 0,
      intervalJitterPercent: 0,
      unhealthyInterval: 10_000,
      unhealthyEdgeInterval: 10_000,
      healthyEdgeInterval: 10_000,
      noTrafficHealthyInterval: 10_000,
      initialJitter: 0,
      check: {
        kind: 'http',
        method: 'GET',
        retriableStatuses: [],
        headersToAdd: [],
        headersToRemove: [],
        path: '/',
        host: 'h',
        expectedStatuses: [],
      },
    } as const;
    const to = cluster('db', { proxyProtocol: version, healthChecks: [check] });
    void engine(context, [chain('l', {}, { terminal: tcpProxy('db') })], [], to, server.port);
    await until(() => server.received[0]?.includes('GET / HTTP/1.1'), { what: 'a check' });
    const seen = server.received[0] ?? '';
    if (version === 'v1') assert.match(seen, new RegExp(`^PROXY TCP4 127.0.0.1 127.0.0.1 \\d+ ${server.port}\r\nGET`));
    else assert.ok(seen.startsWith('\r\n\r\n\0\r\nQUIT\n\x20\0\0\0GET'));
  }
});

test('callers that stay silent, or drip a header or a ClientHello, are cut off in time and leave nothing', async (context) => {
  const echo = await backend(context, (socket, bytes) => socket.write(bytes));
  const { port, engine: running } = await startEngine(
    context,
    config({
      listeners: [
        listener('l', [chain('l', {}, { terminal: tcpProxy('db') })], {
          listenerFilters: [PROXY, { kind: 'tls-inspector', maxClientHelloBytes: 16_384 }],
          listenerFiltersTimeout: 150,
        }),
      ],
      clusters: [cluster('db')],
      endpoints: [endpointSet('db', [endpoint(echo.port)])],
    }),
  );
  const slow = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      ask(
        port('l'),
        ['', 'PROXY TCP4 ', '\r\n\r\n', 'PROXY UNKNOWN\r\n', 'PROXY UNKNOWN\r\n\x16\x03\x01\x02\0\x01'][index % 5] ??
          '',
      ),
    ),
  );
  const gone = slow.map(({ socket }) => (socket.closed ? Promise.resolve([]) : once(socket, 'close')));
  for (const { socket } of slow) socket.resume();
  await Promise.all(gone);
  await until(() => running.openConnections === 0, { what: 'nobody is left' });
  assert.equal(running.listeners.get('l')?.runtime.stats.preTimeout.value, 100);
  assert.equal(running.listeners.get('l')?.runtime.stats.preActive.value, 0);
  assert.equal(echo.received.length, 0);
});
