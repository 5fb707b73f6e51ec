import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { forwardTo, prefix, retryPolicy, routeConfiguration, routeOf, virtualHost } from './testing/configuration.ts';
import { Harness, TestCluster } from './testing/harness.ts';
import { closedPort, eventually, headBackend } from './testing/wire.ts';

/** A small reproducible source of chance (a linear congruential generator). */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const BODY = 'x'.repeat(3000);
const REQUESTS = [
  'GET /ok HTTP/1.1\r\nHost: a\r\n\r\n',
  'HEAD /ok HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /chunked HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /close HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /reset HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /partial HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /hang HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /503 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /garbage HTTP/1.1\r\nHost: a\r\n\r\n',
  `POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  `PUT /ok HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nbb8\r\n${BODY}\r\n0\r\nX-T: 1\r\n\r\n`,
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes',
  'GET /ok HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'POST /ok HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
];

/** Answers by path; heads that come out of a body are no requests and get nothing. */
function answer(head: string, socket: net.Socket): string {
  const path = /^[A-Z]+ \/(\w+) HTTP/.exec(head)?.[1] ?? '';
  switch (path) {
    case 'ok':
      return `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${head.startsWith('HEAD') ? '' : 'ok'}`;
    case 'chunked':
      return 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n';
    case 'close':
      socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end');
      return '';
    case 'reset':
      socket.resetAndDestroy();
      return '';
    case 'partial':
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome');
      return '';
    case '503':
      return 'HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n';
    case 'garbage':
      return 'HTTP/9 what\r\n\r\n';
    case 'early':
      return 'HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n';
    case 'ws':
      return 'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nraw';
    default:
      return '';
  }
}

async function client(port: number, pick: (below: number) => number): Promise<void> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.resume();
  const gone = new Promise<void>((done) => socket.once('close', () => done()));
  const bytes = Array.from({ length: 1 + pick(3) }, () => REQUESTS[pick(REQUESTS.length)] ?? '').join('');
  for (let at = 0; at < bytes.length && !socket.destroyed; ) {
    const size = 1 + pick(pick(4) === 0 ? 20 : 4000);
    socket.write(bytes.slice(at, at + size), 'latin1');
    at += size;
    if (pick(3) === 0) await new Promise<void>((done) => setImmediate(done));
    if (pick(40) !== 0) continue;
    if (socket.connecting || pick(2) === 0) socket.destroy();
    else socket.resetAndDestroy();
    return gone;
  }
  // Some go at once, some wait for the proxy's time-outs to end it.
  if (pick(2) === 0) socket.end();
  else if (pick(4) === 0) socket.destroy();
  await gone;
}

test('whatever clients and backends do, every exchange ends, and nothing stays held', async () => {
  const backends = [
    await headBackend((_, head, socket) => answer(head, socket)),
    await headBackend((_, head, socket) => answer(head, socket)),
  ];
  const clusters = [
    new TestCluster(
      'retrying',
      backends.map(({ port }) => port),
    ),
    new TestCluster('plain', [await closedPort(), ...backends.map(({ port }) => port)]),
  ];
  const harness = new Harness({
    routes: routeConfiguration([
      virtualHost([
        routeOf(
          prefix('/', { fraction: { numerator: 50, denominator: 100 } }),
          forwardTo('retrying', {
            timeout: 120,
            retryPolicy: retryPolicy('5xx,reset', { numRetries: 2, perTryTimeout: 50 }),
          }),
        ),
        routeOf(
          prefix('/'),
          forwardTo('plain', {
            timeout: 80,
            mirrors: [
              {
                cluster: 'retrying',
                clusterHeader: '',
                marksHost: true,
                hostRewrite: '',
                request: [],
                fraction: { numerator: 20, denominator: 100 },
              },
            ],
          }),
        ),
      ]),
    ]),
    clusters,
    manager: {
      upgrades: ['websocket'],
      http1: { acceptHttp10: true, defaultHostForHttp10: '', enableTrailers: true, allowAbsoluteUrl: true },
      timeouts: {
        request: 300,
        requestHeaders: 100,
        streamIdle: 150,
        idle: 150,
        maxConnectionDuration: 0,
        maxStreamDuration: 400,
        drain: 0,
        delayedClose: 50,
      },
    },
  });
  const port = await harness.start();
  const pick = chance(20_261_123);
  for (let round = 0; round < 8; round += 1) await Promise.all(Array.from({ length: 30 }, () => client(port, pick)));
  await eventually(() => harness.manager.openConnections === 0, 'all connections end');
  const idle = (): boolean =>
    clusters.every(
      ({ breakerState: { pending, requests, retries }, endpoints }) =>
        pending + requests + retries === 0 && endpoints.every(({ active }) => active === 0),
    );
  await eventually(idle, 'all slots are given back');
  assert.equal(harness.manager.openExchanges, 0);
  for (const { breakerState } of clusters)
    assert.deepEqual([breakerState.pending, breakerState.requests, breakerState.retries], [0, 0, 0]);
  const seen = new Set(harness.records.map(({ status }) => status));
  for (const status of [200, 400, 413, 502, 503, 504, 101])
    assert.ok(seen.has(status), `no ${status} among ${[...seen].join()}`);
  await harness.stop();
  for (const backend of backends) await backend.stop();
});
