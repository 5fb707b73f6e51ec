import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forwardTo, matchOf, prefix, routeConfiguration, routeOf, virtualHost } from './testing/configuration.ts';
import { Harness, TestCluster } from './testing/harness.ts';
import { converse, eventually, rawBackend, RawClient } from './testing/wire.ts';

const ASK =
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n';
const routes = routeConfiguration([
  virtualHost([
    routeOf(matchOf({ kind: 'connect' }), forwardTo('a', { upgrades: [{ type: 'CONNECT', enabled: true }] })),
    routeOf(prefix('/off'), forwardTo('a', { upgrades: [{ type: 'websocket', enabled: false }] })),
    routeOf(prefix('/'), forwardTo('a')),
  ]),
]);

test('an upgrade: bytes are held until 101, then go both ways, with half-close', async () => {
  const seen: string[] = [];
  const held = await rawBackend((socket, text) => {
    seen.push(text);
    if (!text.includes('\r\n\r\n')) return;
    if (text.endsWith('\r\n\r\n')) {
      setImmediate(() =>
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: 1\r\n\r\nfirst',
        ),
      );
    } else if (text.endsWith('early')) socket.write('-got-early');
    else if (text.endsWith('later')) socket.write('-got-later');
  });
  const own = new Harness({
    routes,
    clusters: [new TestCluster('a', [held.port])],
    manager: { upgrades: ['websocket'] },
  });
  await own.start();
  const client = new RawClient(own.port).send(`${ASK}early`);
  await client.has('first-got-early');
  assert.ok(!(seen[0] ?? '').includes('early'), 'nothing behind the request goes up before 101');
  assert.match(seen[0] ?? '', /connection: Upgrade\r\nupgrade: websocket\r\n/);
  client.send('later');
  await client.has('-got-later');
  assert.match(client.text, /^HTTP\/1\.1 101 [^]*X: 1\r\n[^]*connection: Upgrade\r\nupgrade: websocket\r\n/);
  client.socket.end();
  await client.closed();
  await own.recorded(1);
  assert.deepEqual([own.records[0]?.status, own.records[0]?.bytesReceived, own.records[0]?.bytesSent], [101, 10, 25]);
  await eventually(() => own.manager.openConnections === 0, 'the connection is gone');
  await own.stop();
  await held.stop();
});

test('an upgrade that nobody allowed is refused; one that the upstream declines is an ordinary answer and closes', async () => {
  const backend = await rawBackend((socket, text) => {
    if (text.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno');
  });
  const harness = new Harness({
    routes,
    clusters: [new TestCluster('a', [backend.port])],
    manager: { upgrades: ['websocket'] },
  });
  await harness.start();
  assert.match(await converse(harness.port, ASK.replace('/ws', '/off')), /^HTTP\/1\.1 403 /);
  assert.match(await converse(harness.port, ASK.replace('websocket', 'other')), /^HTTP\/1\.1 403 /);
  const declined = await converse(harness.port, `${ASK}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
  assert.match(declined, /^HTTP\/1\.1 200 OK[^]*no$/);
  assert.equal(declined.split('HTTP/1.1 ').length, 2, 'what was sent for the tunnel is no request');
  await harness.stop();
  await backend.stop();
});

test('h2c is not an upgrade: the headers go, the request is served', async () => {
  let seen = '';
  const backend = await rawBackend((socket, text) => {
    seen = text;
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const harness = new Harness({ routes, clusters: [new TestCluster('a', [backend.port])] });
  await harness.start();
  const answer = await converse(
    harness.port,
    'GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.doesNotMatch(seen, /upgrade|http2-settings/i);
  await harness.stop();
  await backend.stop();
});

test('CONNECT: granted by a route, then raw bytes; refused elsewhere', async () => {
  const backend = await rawBackend((socket, text) => {
    if (text.endsWith('ping')) socket.end('pong');
  });
  const harness = new Harness({ routes, clusters: [new TestCluster('a', [backend.port])] });
  await harness.start();
  const client = new RawClient(harness.port).send('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nping');
  const text = await client.closed();
  client.socket.end();
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\npong$/);
  assert.doesNotMatch(text, /content-length|transfer-encoding/i);
  await harness.recorded(1);
  await harness.stop();
  const without = new Harness({
    routes: routeConfiguration([virtualHost([routeOf(matchOf({ kind: 'connect' }), forwardTo('a'))])]),
    clusters: [new TestCluster('a', [backend.port])],
  });
  await without.start();
  assert.match(await converse(without.port, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'), /^HTTP\/1\.1 403 /);
  await without.stop();
  await backend.stop();
});
