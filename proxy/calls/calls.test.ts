/** Calls of the engine's own, over real clusters and to real servers. */
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { CallRetries, Cluster } from '@weft/core/proxy-config';
import { EchoServer } from '@weft/testkit/echo';
import { freePort } from '@weft/testkit/ports';
import { until } from '@weft/testkit/wait';
import { prefixed } from '@weft/wire/grpc';
import type { Engine } from '../engine/index.ts';
import { Http2Shared } from '../http2/shared.ts';
import { cluster, endpoint, endpointSet } from '../testing/config.ts';
import { config, startEngine } from '../testing/engines.ts';
import {
  ClusterCalls,
  type GrpcFailure,
  type GrpcRequest,
  type GrpcStream,
  type HttpAnswer,
  type HttpRequest,
} from './index.ts';

const HTTP2: Cluster['protocol'] = {
  kind: 'http2',
  options: {
    maxConcurrentStreams: 100,
    initialStreamWindowSize: 65_535,
    initialConnectionWindowSize: 65_535,
    allowConnect: false,
  },
};

async function callsTo(context: TestContext, port: number, over: Partial<Cluster> = {}) {
  const { engine } = await startEngine(
    context,
    config({ clusters: [cluster('service', over)], endpoints: [endpointSet('service', [endpoint(port)])] }),
  );
  const calls = new ClusterCalls(engine.runtime, engine.clusters, new Http2Shared(engine.runtime.clock));
  return { engine, calls };
}

async function echo(context: TestContext, protocol: 'http1' | 'http2'): Promise<EchoServer> {
  const server = new EchoServer('service', protocol);
  await server.start();
  context.after(() => server.stop());
  return server;
}

const REQUEST: HttpRequest = {
  cluster: 'service',
  method: 'GET',
  authority: 'keys.example',
  path: '/keys?x=1',
  headers: [['x-own', 'yes']],
  body: undefined,
  timeout: 5000,
  maxBody: 10_000,
};

const held = (engine: Engine): unknown[] =>
  ['upstream_rq_active', 'upstream_rq_pending_active'].map(
    (gauge) => engine.clusters.get('service')?.stats.scope.gauge(gauge).value,
  );

const http = (calls: ClusterCalls, over: Partial<HttpRequest> = {}): Promise<HttpAnswer | string> =>
  new Promise((resolve) => {
    calls.http({ ...REQUEST, ...over }, { httpAnswered: resolve, httpFailed: resolve });
  });

const GRPC: GrpcRequest = {
  service: { cluster: 'service', authority: '', timeout: undefined, initialMetadata: [], maxReceiveMessageLength: 0 },
  path: '/x?grpc=5&grpc-status=0',
  metadata: [['x-own', 'yes']],
  timeout: 5000,
};

const unary = (calls: ClusterCalls, over: Partial<GrpcRequest> = {}): Promise<Uint8Array | GrpcFailure> =>
  new Promise((resolve) => {
    calls.unary({ ...GRPC, ...over }, Uint8Array.of(1, 2, 3), { grpcAnswered: resolve, grpcFailed: resolve });
  });

for (const protocol of ['http1', 'http2'] as const) {
  test(`a plain call over ${protocol}: what goes out, what comes back, and the connection is used again`, async (context) => {
    const server = await echo(context, protocol);
    const { engine, calls } = await callsTo(context, server.port, protocol === 'http2' ? { protocol: HTTP2 } : {});
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? new TextEncoder().encode('hello') : undefined;
      const answer = await http(calls, { method, body });
      assert.ok(typeof answer === 'object');
      assert.equal(answer.status, 200);
      assert.deepEqual(
        answer.headers.find(([name]) => name === 'x-backend'),
        ['x-backend', 'service'],
      );
      const seen = JSON.parse(Buffer.from(answer.body).toString());
      assert.deepEqual(
        [seen.method, seen.path, seen.headers.host, seen.headers['x-own'], seen.bodyLength],
        [method, '/keys?x=1', 'keys.example', 'yes', body?.length ?? 0],
      );
    }
    const { stats } = engine.clusters.get('service') ?? {};
    assert.equal(stats?.scope.counter('upstream_rq_total').value, 2);
    assert.equal(stats?.scope.counter('upstream_cx_total').value, 1);
  });
}

test('an answer over the limit, one that comes too late, and what is not there fail as what they are', async (context) => {
  const server = await echo(context, 'http1');
  const { engine, calls } = await callsTo(context, server.port);
  assert.equal(await http(calls, { path: '/?body=10001' }), 'payload-too-large');
  assert.equal(await http(calls, { path: '/?delay=3000', timeout: 30 }), 'upstream-timeout');
  assert.equal(await http(calls, { path: '/?reset=1', method: 'POST' }), 'upstream-closed');
  assert.equal(await http(calls, { cluster: 'nowhere' }), 'cluster-not-found');
  assert.deepEqual(held(engine), [0, 0]);
  assert.equal(typeof (await http(calls)), 'object');
});

test('no connection, no endpoint and a full breaker fail later than the call', async (context) => {
  const port = await freePort();
  const { calls } = await callsTo(context, port);
  assert.equal(await http(calls), 'connect-failed');
  const full = { maxConnections: 1024, maxPendingRequests: 0, maxRequests: 1, maxRetries: 0 };
  const breakers = { ...full, maxConnectionsPerEndpoint: 100, retryBudget: undefined, trackRemaining: false };
  const closed = await callsTo(context, port, { circuitBreakers: { default: breakers, high: breakers } });
  let inside = true;
  const failed = new Promise((resolve) => {
    closed.calls.http(REQUEST, { httpAnswered: resolve, httpFailed: (error) => resolve([error, inside]) });
  });
  inside = false;
  assert.deepEqual(await failed, ['overflow', false]);
});

test('a call that is cancelled tells nothing more and gives back what it held', async (context) => {
  const server = await echo(context, 'http1');
  const { engine, calls } = await callsTo(context, server.port);
  const told: unknown[] = [];
  const handler = {
    httpAnswered: (answer: HttpAnswer) => told.push(answer),
    httpFailed: (error: string) => told.push(error),
  };
  calls.http({ ...REQUEST, path: '/?delay=50' }, handler).cancel();
  calls.http({ ...REQUEST, cluster: 'nowhere' }, handler).cancel();
  const late = calls.http({ ...REQUEST, path: '/?delay=5000' }, handler);
  await until(() => (server.requests > 0 ? true : undefined), { what: 'the call to arrive' });
  late.cancel();
  late.cancel();
  assert.equal(typeof (await http(calls)), 'object');
  assert.deepEqual(told, []);
  assert.deepEqual(held(engine), [0, 0]);
});

test('a gRPC call: its message, its status, and what is no answer', async (context) => {
  const server = await echo(context, 'http2');
  const { calls } = await callsTo(context, server.port, { protocol: HTTP2 });
  const message = await unary(calls);
  assert.deepEqual(message, new Uint8Array(5).fill(97));
  const status = async (over: Partial<GrpcRequest>): Promise<unknown> => {
    const failure = await unary(calls, over);
    return failure instanceof Uint8Array ? failure : [failure.status, failure.error];
  };
  assert.deepEqual(await status({ path: '/x?grpc=5&grpc-status=7' }), [7, undefined]);
  assert.deepEqual(await status({ path: '/x?fail-first=9&fail-grpc=16' }), [16, undefined]);
  assert.deepEqual(await status({ path: '/x?status=503' }), [14, undefined]);
  assert.deepEqual(await status({ path: '/x?grpc=5' }), [13, 'upstream-protocol-error']);
  assert.deepEqual(await status({ path: '/x?grpc-echo=1&grpc-status=0' }), [13, 'upstream-protocol-error']);
  assert.deepEqual(await status({ path: '/x?delay=3000', timeout: 30 }), [4, 'upstream-timeout']);
  const limited = { ...GRPC.service, maxReceiveMessageLength: 4 };
  assert.deepEqual(await status({ service: limited }), [8, 'payload-too-large']);
});

test('a gRPC stream: messages wait for the connection, the peer is not overrun, its end is told', async (context) => {
  const got: number[] = [];
  const server = http2.createServer();
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  let open: http2.ServerHttp2Stream | undefined;
  server.on('stream', (stream, headers) => {
    open = stream;
    assert.deepEqual(
      [headers[':path'], headers[':authority'], headers['content-type'], headers['te'], headers['x-own']],
      ['/s/m', 'service', 'application/grpc', 'trailers', 'yes'],
    );
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.on('end', () => stream.end(prefixed(Uint8Array.of(9))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const { calls } = await callsTo(context, (server.address() as AddressInfo).port, { protocol: HTTP2 });
  const events: unknown[] = [];
  const stream: GrpcStream = calls.stream(
    { ...GRPC, path: '/s/m', timeout: 0 },
    {
      streamMessage: (message) => events.push([...message]),
      streamDrained: () => events.push('drained'),
      streamEnded: (failure) => events.push(failure ?? 'ended'),
    },
  );
  assert.equal(stream.blocked, true);
  stream.send(Uint8Array.of(1));
  await until(() => (events.includes('drained') ? true : undefined), { what: 'the connection' });
  assert.equal(stream.blocked, false);
  while (stream.send(new Uint8Array(30_000)) && got.length < 100) got.push(1);
  assert.ok(stream.blocked, 'a peer that does not read blocks the stream');
  const before = events.length;
  open?.resume();
  await until(() => (events.length > before ? true : undefined), { what: 'room' });
  stream.end();
  await until(() => (events.includes('ended') ? true : undefined), { what: 'the end' });
  assert.deepEqual(events.at(-2), [9]);
});

const AGAIN: CallRetries = {
  retryOn: ['reset', 'unavailable'],
  numRetries: 2,
  backOff: { base: 1, max: 100 },
  avoidPreviousHosts: true,
  hostSelectionAttempts: 1,
};

/** Answers by `turn`, counted from 1: nothing, or a status in the head, or one message. */
async function answeringBy(context: TestContext, by: (turn: number) => 'silent' | 'unavailable' | 'message') {
  const server = http2.createServer();
  const seen = { turns: 0 };
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.resume();
    seen.turns += 1;
    const what = by(seen.turns);
    if (what === 'silent') return;
    if (what === 'unavailable') {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' }, { endStream: true });
      return;
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from(prefixed(Uint8Array.of(7))));
  });
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

test('a policy tries a call again whose try is too long, or is answered UNAVAILABLE, and gives up after so many', async (context) => {
  const service = { ...GRPC.service, retries: AGAIN };
  const late = await answeringBy(context, (turn) => (turn === 1 ? 'silent' : turn === 2 ? 'unavailable' : 'message'));
  const { engine, calls } = await callsTo(context, late.port, { protocol: HTTP2 });
  assert.deepEqual(await unary(calls, { service, timeout: 60_000 }), Uint8Array.of(7));
  assert.equal(late.seen.turns, 3);
  assert.equal(engine.clusters.get('service')?.stats.scope.counter('upstream_rq_retry').value, 2);
  const never = await answeringBy(context, () => 'unavailable');
  const others = await callsTo(context, never.port, { protocol: HTTP2 });
  assert.deepEqual(await unary(others.calls, { service, timeout: 60_000 }), {
    status: 14,
    message: '',
    error: undefined,
  });
  assert.equal(never.seen.turns, 3);
  assert.deepEqual(held(others.engine), [0, 0]);
  await unary(others.calls);
  assert.equal(never.seen.turns, 4, 'without a policy it is its answer');
});
