import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { UpstreamProtocol } from '@weft/core/proxy-config';
import { forwardTo, prefix, routeConfiguration, routeOf, virtualHost } from '../http/testing/configuration.ts';
import { Harness, TestCluster } from '../http/testing/harness.ts';
import { RawClient } from '../http/testing/wire.ts';

const options = {
  maxConcurrentStreams: 100,
  initialStreamWindowSize: 65_535,
  initialConnectionWindowSize: 65_535,
  allowConnect: true,
};
const HTTP1: UpstreamProtocol = { kind: 'http1', enableTrailers: true };
const HTTP2: UpstreamProtocol = { kind: 'http2', options };
const BOTH: UpstreamProtocol = { kind: 'downstream', options };

const backend1 = http.createServer((request, response) => {
  if (request.url === '/reset') {
    response.writeHead(200, { 'content-length': '10' });
    response.write('half');
    setImmediate(() => response.destroy());
    return;
  }
  response.writeHead(200, {
    trailer: 'x-sum',
    'x-version': request.httpVersion,
    'x-te': request.headers.te ?? '',
    'x-cookie': request.headers.cookie ?? '',
  });
  request.on('data', (chunk: Buffer) => {
    if (!response.write(chunk)) {
      request.pause();
      response.once('drain', () => request.resume());
    }
  });
  request.on('end', () => {
    response.addTrailers({ 'x-sum': request.trailers['x-check'] ?? 'none' });
    response.end();
  });
});
const backend2 = http2.createServer();
let sessions = 0;
backend2.on('session', () => (sessions += 1));
backend2.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  if (headers[':path'] === '/reset') {
    stream.respond({ ':status': 200, 'content-length': '10' });
    stream.write('half');
    setImmediate(() => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
    return;
  }
  if (headers[':path'] === '/refused') {
    stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    return;
  }
  let sum = 'none';
  stream.on('trailers', (trailers) => (sum = String(trailers['x-check'])));
  stream.respond(
    {
      ':status': 200,
      'x-version': '2.0',
      'x-te': headers.te ?? '',
      'x-authority': headers[':authority'] ?? '',
      'x-cookie': headers.cookie ?? '',
    },
    { waitForTrailers: true },
  );
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': sum, 'grpc-status': '0' }));
  stream.pipe(stream);
});

let harness: Harness;
let clusters: TestCluster[];
before(async () => {
  backend1.listen(0, '127.0.0.1');
  backend2.listen(0, '127.0.0.1');
  await Promise.all([once(backend1, 'listening'), once(backend2, 'listening')]);
  const port1 = (backend1.address() as AddressInfo).port;
  const port2 = (backend2.address() as AddressInfo).port;
  clusters = [
    new TestCluster('one', [port1], { protocol: HTTP1 }),
    new TestCluster('two', [port2], { protocol: HTTP2 }),
    new TestCluster('both', [port2], { protocol: BOTH }),
    new TestCluster('none', []),
  ];
  const to = (name: string) =>
    routeOf(
      prefix('/', {
        headers: [
          {
            name: 'x-to',
            invert: false,
            treatMissingAsEmpty: false,
            match: { kind: 'string', matcher: { kind: 'exact', value: name, ignoreCase: false } },
          },
        ],
      }),
      forwardTo(name),
    );
  harness = new Harness({
    routes: routeConfiguration([virtualHost([to('one'), to('two'), to('both'), to('none')])]),
    clusters,
    manager: {
      codec: 'auto',
      http1: { acceptHttp10: false, defaultHostForHttp10: '', enableTrailers: true, allowAbsoluteUrl: true },
    },
  });
  await harness.start();
});
after(async () => {
  await harness.stop();
  backend1.closeAllConnections();
  backend1.close();
  backend2.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly trailers: Record<string, unknown>;
  readonly body: Buffer;
}

async function ask2(
  client: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body: Buffer | undefined,
  check?: string,
): Promise<Answer> {
  const stream = client.request(headers, { waitForTrailers: check !== undefined, endStream: body === undefined });
  if (check !== undefined) stream.on('wantTrailers', () => stream.sendTrailers({ 'x-check': check }));
  if (body !== undefined) stream.end(body);
  let trailers = {};
  stream.on('trailers', (got) => (trailers = got));
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(stream, 'end');
  const [got] = await once(stream, 'response');
  await ended;
  return { status: Number(got[':status']), headers: got, trailers, body: Buffer.concat(chunks) };
}

function ask1(headers: http.OutgoingHttpHeaders, body: Buffer, check?: string): Promise<Answer> {
  return new Promise((done, fail) => {
    const request = http.request(
      {
        port: harness.port,
        method: 'POST',
        path: '/x',
        headers: {
          ...headers,
          te: 'trailers',
          ...(check === undefined ? {} : { trailer: 'x-check', 'transfer-encoding': 'chunked' }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          done({
            status: response.statusCode ?? 0,
            headers: response.headers,
            trailers: response.trailers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    request.on('error', fail);
    if (check !== undefined) request.addTrailers({ 'x-check': check });
    request.end(body);
  });
}

const SIZES = [0, 1, 16_383, 16_384, 16_385, 65_536, 1_500_000];
for (const [name, version] of [
  ['one', '1.1'],
  ['two', '2.0'],
  ['both', '2.0'],
] as const) {
  test(`HTTP/2 to ${name}: bodies of every size side by side, trailers both ways`, async () => {
    const client = http2.connect(`http://127.0.0.1:${harness.port}`);
    await Promise.all(
      SIZES.map(async (size) => {
        const body = Buffer.alloc(size, (size % 250) + 1);
        const answer = await ask2(
          client,
          { ':method': 'POST', ':path': '/x?y', 'x-to': name, te: 'trailers', cookie: ['a=1', 'b=2'] },
          body,
          `sum${size}`,
        );
        assert.equal(answer.status, 200);
        assert.equal(answer.headers['x-version'], version);
        assert.equal(answer.headers['x-te'], 'trailers');
        assert.equal(answer.headers['x-cookie'], 'a=1; b=2');
        assert.ok(answer.body.equals(body), `${size} octets`);
        assert.equal(answer.trailers['x-sum'], `sum${size}`);
      }),
    );
    client.close();
    await once(client, 'close');
  });
}

test('HTTP/1.1 to HTTP/2: bodies of every size, trailers both ways, the authority', async () => {
  for (const size of SIZES) {
    const body = Buffer.alloc(size, (size % 250) + 1);
    const answer = await ask1({ 'x-to': 'two', host: 'a.example' }, body, `sum${size}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-version'], '2.0');
    assert.equal(answer.headers['x-authority'], 'a.example');
    assert.ok(answer.body.equals(body), `${size} octets`);
    assert.equal(answer.trailers['x-sum'], `sum${size}`);
  }
});

test('a GET without body both ways; few connections serve all', async () => {
  const before = sessions;
  const client = http2.connect(`http://127.0.0.1:${harness.port}`);
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => ask2(client, { ':path': '/x', 'x-to': 'two' }, undefined)),
  );
  assert.ok(answers.every(({ status, body }) => status === 200 && body.length === 0));
  assert.ok(sessions - before <= 1);
  client.close();
});

test('an answer that breaks off is broken off for the client, on both versions', async () => {
  const client = http2.connect(`http://127.0.0.1:${harness.port}`);
  for (const name of ['one', 'two']) {
    const stream = client.request({ ':path': '/reset', 'x-to': name });
    stream.on('error', () => {});
    stream.resume();
    await new Promise((done) => stream.on('close', done));
    assert.equal(stream.rstCode, http2.constants.NGHTTP2_INTERNAL_ERROR);
  }
  const after = await ask2(client, { ':path': '/x', 'x-to': 'two' }, undefined);
  assert.equal(after.status, 200);
  client.close();
  const raw = new RawClient(harness.port);
  raw.send('GET /reset HTTP/1.1\r\nHost: a\r\nx-to: two\r\n\r\n');
  const text = await raw.until((_, ended) => ended);
  assert.doesNotMatch(text, /\r\n0\r\n/);
});

test('a refused stream is tried again, then answered 503', async () => {
  const client = http2.connect(`http://127.0.0.1:${harness.port}`);
  const answer = await ask2(client, { ':path': '/refused', 'x-to': 'two' }, undefined);
  assert.equal(answer.status, 503);
  client.close();
});

test('gRPC callers are told errors by grpc-status', async () => {
  const client = http2.connect(`http://127.0.0.1:${harness.port}`);
  const grpc = { ':method': 'POST', ':path': '/p.S/M', 'content-type': 'application/grpc', te: 'trailers' };
  const none = await ask2(client, { ...grpc, 'x-to': 'none' }, Buffer.from('x'));
  assert.equal(none.status, 200);
  assert.equal(none.headers['grpc-status'], '14');
  assert.equal(none.headers['grpc-message'], 'no healthy upstream');
  const nowhere = await ask2(client, grpc, Buffer.from('x'));
  assert.equal(nowhere.headers['grpc-status'], '12');
  const fine = await ask2(client, { ...grpc, 'x-to': 'two' }, Buffer.from('hello'));
  assert.equal(fine.trailers['grpc-status'], '0');
  assert.equal(String(fine.body), 'hello');
  client.close();
});

test('CONNECT, a head above the limit and an unknown route are answered on their stream only', async () => {
  const client = http2.connect(`http://127.0.0.1:${harness.port}`);
  const tunnel = client.request({ ':method': 'CONNECT', ':authority': 'a:1' });
  tunnel.on('error', () => {});
  const [refused] = await once(tunnel, 'response');
  assert.equal(refused[':status'], 404);
  tunnel.close();
  const large = await ask2(
    client,
    { ':path': '/', 'x-large': 'a'.repeat(59_000), 'x-more': 'b'.repeat(4000) },
    undefined,
  );
  assert.equal(large.status, 431);
  assert.equal((await ask2(client, { ':path': '/' }, undefined)).status, 404);
  client.close();
});

test('drain: GOAWAY, what is under way ends well, then the connection closes', async () => {
  const client = http2.connect(`http://127.0.0.1:${harness.port}`);
  const stream = client.request({ ':method': 'POST', ':path': '/x', 'x-to': 'two' });
  await once(stream, 'response');
  harness.manager.drain();
  await once(client, 'goaway');
  stream.end('late');
  stream.setEncoding('utf8');
  const [text] = await once(stream, 'data');
  assert.equal(text, 'late');
  await once(client, 'close');
});
