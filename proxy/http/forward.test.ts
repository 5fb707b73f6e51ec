import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { forwardTo, prefix, routeConfiguration, routeOf, virtualHost } from './testing/configuration.ts';
import { Harness, TestCluster } from './testing/harness.ts';
import { closedPort, converse, eventually, headBackend, RawClient } from './testing/wire.ts';

/** Echoes the request's head as JSON, or its body for /echo. */
const backend = http.createServer((request, response) => {
  if (request.url === '/echo') {
    const length = request.headers['x-length'];
    response.writeHead(200, length === undefined ? {} : { 'content-length': String(length) });
    request.pipe(response);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const status = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('status') ?? 200);
    response.writeHead(status, { 'x-backend': 'yes' });
    response.end(
      JSON.stringify({
        method: request.method,
        url: request.url,
        headers: request.headers,
        trailers: request.trailers,
        body: Buffer.concat(chunks).toString(),
      }),
    );
  });
});
const only = routeConfiguration([virtualHost([routeOf(prefix('/'), forwardTo('a'))])]);
let cluster: TestCluster;
let harness: Harness;
const trailersOn = {
  http1: { acceptHttp10: true, defaultHostForHttp10: 'old', enableTrailers: true, allowAbsoluteUrl: true },
};

before(async () => {
  await new Promise<void>((done) => backend.listen(0, '127.0.0.1', done));
  cluster = new TestCluster('a', [(backend.address() as AddressInfo).port]);
  harness = new Harness({
    routes: only,
    clusters: [cluster],
    manager: { ...trailersOn, normalizePath: true, mergeSlashes: true },
  });
  await harness.start();
});
after(async () => {
  await harness.stop();
  backend.closeAllConnections();
  await new Promise((done) => backend.close(done));
});

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const bodyOf = (
  answer: string,
): { method: string; url: string; headers: Record<string, string>; trailers: Record<string, string>; body: string } =>
  JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as ReturnType<typeof bodyOf>;

test('headers: hop-by-hop ones stay behind, ours are added, the others arrive as sent', async () => {
  const answer = await converse(
    harness.port,
    'GET /p?q=1 HTTP/1.1\r\nHost: Up.Example\r\nConnection: close, x-private, x-forwarded-for\r\nX-Private: 1\r\nX-Forwarded-For: 9.9.9.9\r\nKeep-Alive: x\r\nX-Envoy-Retry-On: 5xx\r\nX-Envoy-Internal: true\r\nX-Mixed: a  b\r\nX-Forwarded-Client-Cert: By=me\r\n\r\n',
  );
  const { headers, url } = bodyOf(answer);
  assert.equal(url, '/p?q=1');
  assert.equal(headers.host, 'Up.Example');
  assert.equal(headers['x-mixed'], 'a  b');
  assert.equal(headers['x-forwarded-for'], '9.9.9.9');
  assert.equal(headers['x-forwarded-proto'], 'http');
  assert.match(headers['x-request-id'] ?? '', /^[0-9a-f-]{36}$/);
  for (const gone of ['x-private', 'keep-alive', 'x-envoy-retry-on', 'x-envoy-internal', 'x-forwarded-client-cert'])
    assert.equal(headers[gone], undefined, gone);
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(answer, /\r\nserver: envoy\r\n/);
  assert.match(answer, /\r\nx-envoy-upstream-service-time: \d+\r\n/);
  assert.match(answer, /\r\nconnection: close\r\n/);
});

test('one canonical path for everybody', async () => {
  const url = async (target: string): Promise<string> =>
    bodyOf(await converse(harness.port, GET.replace(' / ', ` ${target} `))).url;
  assert.equal(await url('//a/./b/../c%7e?x=//'), '/a/c~?x=//');
  assert.equal(await url('http://a/abs?x'), '/abs?x');
  assert.equal(await url('http://a'), '/');
});

test('bodies of 3 MB both ways, with a length and chunked, arrive as they were sent', async () => {
  const payload = randomBytes(3_000_000);
  for (const headers of [
    { 'content-length': String(payload.length), 'x-length': String(payload.length) },
    { 'transfer-encoding': 'chunked' },
  ]) {
    const received = await new Promise<Buffer>((done, fail) => {
      const request = http.request(
        { port: harness.port, host: '127.0.0.1', path: '/echo', method: 'POST', headers, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => done(Buffer.concat(chunks)));
        },
      );
      request.on('error', fail);
      for (let at = 0; at < payload.length; at += 70_001) request.write(payload.subarray(at, at + 70_001));
      request.end();
    });
    assert.ok(received.equals(payload));
  }
});

test('a client that does not read holds the backend back, and gets everything later', async () => {
  const client = new RawClient(harness.port);
  client.socket.pause();
  const size = 20_000_000;
  client.send(
    `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\nX-Length: ${size}\r\nConnection: close\r\n\r\n`,
  );
  let sent = 0;
  const block = Buffer.alloc(500_000, 'b');
  while (sent < size && client.socket.write(block)) sent += block.length;
  await eventually(() => client.socket.writableLength > 0, 'the proxy stops reading');
  assert.ok(sent < size, `only ${sent} octets were taken`);
  client.socket.resume();
  sent += block.length;
  client.socket.on('drain', () => {
    while (sent < size) {
      sent += block.length;
      if (!client.socket.write(block)) return;
    }
  });
  const text = await client.closed();
  assert.equal(text.length - text.indexOf('\r\n\r\n') - 4, size);
});

test('trailers both ways, HEAD, 204 and 304', async () => {
  const raw = await headBackend((_, head) =>
    head.startsWith('HEAD')
      ? 'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n'
      : head.includes(' /204')
        ? 'HTTP/1.1 204 No Content\r\n\r\n'
        : head.includes(' /304')
          ? 'HTTP/1.1 304 Not Modified\r\nContent-Length: 17\r\n\r\n'
          : 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n3;ext=1\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n',
  );
  const own = new Harness({ routes: only, clusters: [new TestCluster('a', [raw.port])], manager: trailersOn });
  await own.start();
  const all = await converse(
    own.port,
    'HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /204 HTTP/1.1\r\nHost: a\r\n\r\nGET /304 HTTP/1.1\r\nHost: a\r\n\r\nGET /t HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  const answers = all.split(/(?=HTTP\/1\.1 )/);
  assert.deepEqual(
    answers.map((answer) => answer.slice(9, 12)),
    ['200', '204', '304', '200'],
  );
  for (const answer of answers.slice(0, 3)) assert.ok(answer.endsWith('\r\n\r\n'), answer);
  assert.match(answers[0] ?? '', /content-length: 17/i);
  assert.match(answers[2] ?? '', /content-length: 17/i);
  assert.match(answers[3] ?? '', /\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n$/);
  await own.stop();
  await raw.stop();
  const up = await converse(
    harness.port,
    'POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: x-t\r\n\r\n2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n',
  );
  assert.deepEqual([bodyOf(up).body, bodyOf(up).trailers], ['hi', { 'x-t': '1' }]);
});

test('HTTP/1.0: no chunks, close unless keep-alive; refused where it is not accepted', async () => {
  const raw = await headBackend(() => 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
  const own = new Harness({ routes: only, clusters: [new TestCluster('a', [raw.port])], manager: trailersOn });
  await own.start();
  const answer = await converse(own.port, 'GET / HTTP/1.0\r\n\r\n');
  assert.match(answer, /connection: close\r\n\r\nabc$/);
  assert.doesNotMatch(answer, /transfer-encoding/i);
  await own.stop();
  await raw.stop();
  const strict = new Harness({ routes: only, clusters: [] });
  await strict.start();
  assert.match(
    await converse(strict.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n'),
    /^HTTP\/1\.1 426 Upgrade Required\r\n/,
  );
  await strict.stop();
});

test('pipelined requests are answered in order, upstream connections are reused', async () => {
  const before = cluster.endpoints[0]?.connects ?? 0;
  const requests = [1, 2, 3, 4].map((n) => `POST /${n} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n${n}`).join('');
  const all = await converse(harness.port, requests + GET);
  assert.deepEqual(
    [...all.matchAll(/"url":"([^"]*)"/g)].map((found) => found[1]),
    ['/1', '/2', '/3', '/4', '/'],
  );
  assert.ok((cluster.endpoints[0]?.connects ?? 0) - before <= 1);
});

test('Expect: 100-continue is answered before the body, other expectations with 417', async () => {
  const client = new RawClient(harness.port).send(
    'POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n',
  );
  await client.has('HTTP/1.1 100 Continue\r\n\r\n');
  client.send('ok');
  const answer = await client.closed();
  assert.equal(bodyOf(answer).body, 'ok');
  assert.equal(bodyOf(answer).headers.expect, undefined);
  assert.match(
    await converse(harness.port, 'POST /x HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 2\r\n\r\n'),
    /^HTTP\/1\.1 417 /,
  );
});

test('a malformed request is answered and closed, and reaches nobody', async () => {
  const seen = harness.records.length;
  const answer = await converse(
    harness.port,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n[^]*connection: close\r\n\r\nBad Request$/);
  assert.deepEqual([harness.records[seen]?.flags, harness.records[seen]?.attempts], ['DPE', 0]);
  assert.match(await converse(harness.port, `GET /${'a'.repeat(70_000)} HTTP/1.1\r\n`), /^HTTP\/1\.1 414 /);
  assert.match(
    await converse(harness.port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(70_000)}`),
    /^HTTP\/1\.1 431 /,
  );
  assert.match(await converse(harness.port, 'GET / HTTP/4.0\r\n'), /^HTTP\/1\.1 505 /);
});

test('a body that turns out malformed cuts the exchange, and the backend never sees its end', async () => {
  const raw = await headBackend(() => '');
  const own = new Harness({ routes: only, clusters: [new TestCluster('a', [raw.port])] });
  await own.start();
  const client = new RawClient(own.port).send(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
  );
  await eventually(() => raw.sockets.length === 1, 'the request is on its way');
  client.send('zz\r\n');
  assert.match(await client.closed(), /^HTTP\/1\.1 400 /);
  await eventually(() => raw.sockets[0]?.readyState !== 'open', 'upstream is closed');
  await own.stop();
  await raw.stop();
});

test('what the upstream may not do: 502 or a cut, and the connection is never used again', async () => {
  for (const [answer, expected] of [
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx',
      /^HTTP\/1\.1 502 Bad Gateway[^]*protocol error$/,
    ],
    ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', /^HTTP\/1\.1 502 /],
    ['garbage\r\n\r\n', /^HTTP\/1\.1 502 /],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad',
      /^HTTP\/1\.1 200 OK[^]*ok$/,
    ],
  ] as const) {
    const raw = await headBackend(() => answer);
    const own = new Harness({ routes: only, clusters: [new TestCluster('a', [raw.port])] });
    await own.start();
    const got = await converse(own.port, GET);
    assert.match(got, expected);
    assert.match(await converse(own.port, GET), expected);
    assert.equal(raw.sockets.length, 2, answer);
    await own.stop();
    await raw.stop();
  }
});

test('an answer in many reads: bytes of other connections in between change nothing, not even the record', async () => {
  const block = 'b'.repeat(20_000);
  const raw = await headBackend((_, head, socket) => {
    const name = /^GET \/(\w+)/.exec(head)?.[1] ?? '';
    let left = 5;
    const more = (): void => {
      if (left === 0) return;
      left -= 1;
      socket.write(name.repeat(block.length / name.length), 'latin1', () => setImmediate(more));
    };
    setImmediate(more);
    return `HTTP/1.1 200 OK\r\nX-Backend: ${name}\r\nContent-Length: ${5 * block.length}\r\n\r\n`;
  });
  const own = new Harness({ routes: only, clusters: [new TestCluster('a', [raw.port])] });
  await own.start();
  const names = ['aa', 'bb', 'cc', 'dd'];
  const answers = await Promise.all(names.map((name) => converse(own.port, GET.replace(' / ', ` /${name} `))));
  for (const [index, answer] of answers.entries()) {
    assert.equal(answer.slice(answer.indexOf('\r\n\r\n') + 4), (names[index] ?? '').repeat((5 * block.length) / 2));
  }
  assert.deepEqual(new Set(own.records.map(({ path, backend: seen }) => path === `/${seen}`)), new Set([true]));
  await own.stop();
  await raw.stop();
});

test('an upstream that ends in the middle of a body: the client sees a cut, not an end', async () => {
  const raw = await headBackend((_, __, socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
    return '';
  });
  const own = new Harness({ routes: only, clusters: [new TestCluster('a', [raw.port])] });
  await own.start();
  const got = await converse(own.port, GET);
  assert.ok(!got.includes('\r\n\r\nabc') || got.endsWith('abc'));
  await own.recorded(1);
  assert.equal(own.records[0]?.flags, 'UC');
  await own.stop();
  await raw.stop();
});

test('an answer before the request has ended: delivered, then both connections close', async () => {
  const raw = await headBackend(() => 'HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno');
  const own = new Harness({ routes: only, clusters: [new TestCluster('a', [raw.port])] });
  await own.start();
  const answer = await converse(own.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nstart');
  assert.match(answer, /^HTTP\/1\.1 413 [^]*no$/);
  await eventually(() => raw.sockets[0]?.readyState !== 'open', 'upstream is closed');
  await own.stop();
  await raw.stop();
});

test('a client that goes away takes the upstream request along', async () => {
  const raw = await headBackend(() => '');
  const own = new Harness({ routes: only, clusters: [new TestCluster('a', [raw.port])] });
  await own.start();
  const client = new RawClient(own.port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => raw.sockets.length === 1, 'the request is on its way');
  client.destroy();
  await own.recorded(1);
  assert.deepEqual([own.records[0]?.flags, own.records[0]?.status], ['DC', 0]);
  await eventually(() => raw.sockets[0]?.readyState !== 'open', 'upstream is closed');
  assert.equal(own.manager.openConnections, 0);
  await own.stop();
  await raw.stop();
});

test('drain: idle connections close, the answer at hand carries close', async () => {
  const raw = await headBackend((number, _, socket) => {
    if (number === 2) setImmediate(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    return number === 2 ? '' : 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  });
  const own = new Harness({ routes: only, clusters: [new TestCluster('a', [raw.port])] });
  await own.start();
  const idle = new RawClient(own.port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await idle.has('200 OK');
  const busy = new RawClient(own.port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => own.manager.openExchanges === 1, 'an exchange is open');
  own.manager.drain();
  assert.doesNotMatch(await idle.closed(), /connection: close/);
  assert.match(await busy.closed(), /connection: close/);
  await own.stop();
  await raw.stop();
});

test('local answers: no route, no cluster, no endpoint, refused connection', async () => {
  const routes = routeConfiguration([
    virtualHost([
      routeOf(prefix('/missing'), forwardTo('gone', { clusterNotFoundStatus: 500 })),
      routeOf(prefix('/empty'), forwardTo('empty')),
      routeOf(prefix('/refused'), forwardTo('refused')),
    ]),
  ]);
  const clusters = [new TestCluster('empty', []), new TestCluster('refused', [await closedPort()])];
  const own = new Harness({ routes, clusters });
  await own.start();
  const answer = (path: string): Promise<string> => converse(own.port, GET.replace(' / ', ` ${path} `));
  assert.match(await answer('/x'), /^HTTP\/1\.1 404 Not Found\r\ncontent-length: 0\r\n/);
  assert.match(await answer('/missing'), /^HTTP\/1\.1 500 /);
  assert.match(await answer('/empty'), /^HTTP\/1\.1 503 [^]*no healthy upstream$/);
  assert.match(await answer('/refused'), /^HTTP\/1\.1 503 [^]*reset reason: remote connection failure$/);
  assert.deepEqual(
    own.records.map((record) => record.flags),
    ['NR', 'NC', 'UH', 'UF'],
  );
  assert.deepEqual(
    clusters.map(({ breakerState }) => [breakerState.pending, breakerState.requests, breakerState.retries]),
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
  );
  await own.stop();
});
