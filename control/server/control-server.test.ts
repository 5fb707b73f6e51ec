import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { type ChannelCredentials, Client, credentials } from '@grpc/grpc-js';
import { CONTROL_PLANE_NAME } from '@weft/core/agent-api';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { until } from '@weft/testkit/wait';
import { Authority } from '../authority/index.ts';
import { ControlServer, type GrpcMethod, ListenError, type Peer } from './index.ts';

const raw = (bytes: Buffer): Buffer => bytes;

async function setUp(context: TestContext, now = Date.now()) {
  const folder = temporaryFolder();
  const authority = new Authority({ folder: path.join(folder.path, 'authority'), clock: { now: () => now } });
  authority.start();
  const peers: Peer[] = [];
  const refused: string[] = [];
  const methods: GrpcMethod[] = [
    {
      kind: 'unary',
      path: '/test.Echo/Unary',
      handle: (message, peer) => {
        peers.push(peer);
        return Promise.resolve({ ok: true, value: message });
      },
    },
    {
      kind: 'stream',
      path: '/test.Echo/Stream',
      handle: (stream) => {
        stream.onMessage((message) => stream.write(message));
        stream.onEnd(() => refused.push('end'));
      },
    },
  ];
  const rest = http.createServer((request, response) => response.end(`rest ${request.url ?? ''}`));
  const server = new ControlServer({
    tls: { ...authority.issueServerIdentity(['localhost', '127.0.0.1']), roots: authority.roots() },
    grpcMethods: methods,
    restHandler: (socket) => rest.emit('connection', socket),
    unixPath: path.join(folder.path, 'control.sock'),
    listen: { host: '127.0.0.1', port: 0 },
    onCertificateRefused: (_, reason) => refused.push(reason),
  });
  await server.start();
  context.after(async () => {
    await server.stop(0);
    folder[Symbol.dispose]();
  });
  return {
    folder,
    authority,
    server,
    peers,
    refused,
    port: server.port ?? 0,
    unix: path.join(folder.path, 'control.sock'),
  };
}

const OVERRIDE = { 'grpc.ssl_target_name_override': CONTROL_PLANE_NAME };

function call(target: string, channel: ChannelCredentials, context: TestContext): Promise<Buffer> {
  const client = new Client(target, channel, OVERRIDE);
  context.after(() => client.close());
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest('/test.Echo/Unary', raw, raw, Buffer.from('hi'), (error, value) =>
      error === null ? resolve(value ?? Buffer.alloc(0)) : reject(error),
    );
  });
}

function svid(authority: Authority, id: string): { readonly key: Buffer; readonly chain: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issued = authority.issueSvid(publicKey.export({ format: 'der', type: 'spki' }), id, '0'.repeat(32));
  return {
    key: Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    chain: Buffer.from(issued.certificateChain),
  };
}

test('gRPC with an SVID: the caller is who its certificate says', async (context) => {
  const t = await setUp(context);
  const own = svid(t.authority, 'spiffe://weft.local/ns/shop/sa/orders');
  const channel = credentials.createSsl(Buffer.from(t.authority.roots()), own.key, own.chain);
  assert.equal((await call(`127.0.0.1:${t.port}`, channel, context)).toString(), 'hi');
  const [peer] = t.peers;
  assert.ok(peer?.kind === 'tls');
  assert.deepEqual(peer.identity, {
    trustDomain: 'weft.local',
    namespace: 'shop',
    account: 'orders',
    spiffeId: 'spiffe://weft.local/ns/shop/sa/orders',
    registration: '0'.repeat(32),
  });
});

test('a revoked registration is cut off in the middle of a stream', async (context) => {
  const t = await setUp(context);
  const own = svid(t.authority, 'spiffe://weft.local/ns/shop/sa/orders');
  const channel = credentials.createSsl(Buffer.from(t.authority.roots()), own.key, own.chain);
  const client = new Client(`127.0.0.1:${t.port}`, channel, OVERRIDE);
  context.after(() => client.close());
  const stream = client.makeBidiStreamRequest('/test.Echo/Stream', raw, raw);
  const ended = new Promise((resolve) => stream.on('error', resolve));
  const echoed = new Promise((resolve) => stream.once('data', resolve));
  stream.write(Buffer.from('x'));
  await echoed;
  t.server.disconnect('1'.repeat(32));
  assert.equal(t.refused.length, 0);
  t.server.disconnect('0'.repeat(32));
  await ended;
  await until(() => t.refused.length === 1);
});

test('no certificate, an expired one, one of another authority, one without a workload name: no identity', async (context) => {
  const t = await setUp(context);
  const roots = Buffer.from(t.authority.roots());
  await call(`127.0.0.1:${t.port}`, credentials.createSsl(roots), context);
  const past = new Authority({
    folder: path.join(t.folder.path, 'authority'),
    clock: { now: () => Date.now() - 90_000_000 },
  });
  past.start();
  using elsewhere = temporaryFolder();
  const foreign = new Authority({ folder: elsewhere.path, clock: { now: () => Date.now() } });
  foreign.start();
  for (const other of [
    svid(past, 'spiffe://weft.local/ns/shop/sa/orders'),
    svid(foreign, 'spiffe://weft.local/ns/shop/sa/orders'),
    svid(t.authority, 'spiffe://weft.local/admin'),
  ])
    await call(`127.0.0.1:${t.port}`, credentials.createSsl(roots, other.key, other.chain), context);
  for (const peer of t.peers) assert.ok(peer.kind === 'tls' && peer.identity === undefined);
  assert.equal(t.refused.length, 3);
  assert.equal(t.refused[0], 'CERT_HAS_EXPIRED');
  assert.match(t.refused[2] ?? '', /path/);
});

test('REST on the same port for clients that offer http/1.1 or nothing', async (context) => {
  const t = await setUp(context);
  for (const ALPNProtocols of [['h2', 'http/1.1'], ['http/1.1'], undefined]) {
    const socket = tls.connect({
      port: t.port,
      host: '127.0.0.1',
      ca: t.authority.roots(),
      servername: 'localhost',
      ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }),
    });
    const answer = await new Promise<string>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('data', (bytes) => resolve(bytes.toString()));
      socket.write('GET /api HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    });
    socket.destroy();
    assert.match(answer, /rest \/api/);
  }
});

test('the Unix socket: gRPC and REST by their first bytes, even one at a time', async (context) => {
  const t = await setUp(context);
  assert.equal((await call(`unix:${t.unix}`, credentials.createInsecure(), context)).toString(), 'hi');
  assert.deepEqual(t.peers, [{ kind: 'local' }]);
  assert.equal((await exchange({ socketPath: t.unix }, { path: '/x' })).body.toString(), 'rest /x');
  const slow = net.connect(t.unix);
  slow.setNoDelay(true);
  const answered = new Promise<string>((resolve) => slow.on('data', (bytes) => resolve(bytes.toString())));
  for (const char of 'PUT /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n') {
    await new Promise((resolve) => slow.write(char, resolve));
    await new Promise(setImmediate);
  }
  assert.match(await answered, /rest \/slow/);
  slow.destroy();
});

test('the end of a stream is told once, whether it was finished, cancelled or cut', async (context) => {
  const t = await setUp(context);
  for (const [index, how] of ['finished', 'cancelled', 'cut'].entries()) {
    const client = new Client(`unix:${t.unix}`, credentials.createInsecure());
    context.after(() => client.close());
    const stream = client.makeBidiStreamRequest('/test.Echo/Stream', raw, raw);
    stream.on('error', () => {});
    const echoed = new Promise((resolve) => stream.once('data', resolve));
    stream.write(Buffer.from(how));
    assert.equal(String(await echoed), how);
    if (how === 'finished') stream.end();
    else if (how === 'cancelled') stream.cancel();
    else await t.server.stop(1);
    await until(() => t.refused.length === index + 1);
  }
});

test('a port in use, a foreign address, a second control plane: a clear error; a dead socket file is replaced', async (context) => {
  const t = await setUp(context);
  const other = (listen: { host: string; port: number } | undefined, unixPath?: string): ControlServer =>
    new ControlServer({
      tls: { ...t.authority.issueServerIdentity([]), roots: t.authority.roots() },
      grpcMethods: [],
      restHandler: (socket) => socket.destroy(),
      listen,
      unixPath,
    });
  const code = async (server: ControlServer): Promise<string> => {
    const error: unknown = await server.start().then(
      () => server.stop(0),
      (reason: unknown) => reason,
    );
    return error instanceof ListenError ? error.code : 'started';
  };
  assert.equal(await code(other({ host: '127.0.0.1', port: t.port })), 'port-in-use');
  assert.equal(await code(other({ host: '192.0.2.1', port: 0 })), 'address-not-available');
  assert.equal(await code(other(undefined, t.unix)), 'socket-in-use');
  assert.equal(await code(other(undefined, path.join(t.folder.path, 'none', 'x.sock'))), 'socket-path');
  const dead = path.join(t.folder.path, 'dead.sock');
  const left = net.createServer();
  await new Promise<void>((resolve) => left.listen(dead, resolve));
  const first = other(undefined, dead);
  assert.equal(await code(first), 'socket-in-use');
  await new Promise((resolve) => left.close(resolve));
  assert.equal(await code(other(undefined, dead)), 'started');
});

test('a new server certificate serves new connections', async (context) => {
  const t = await setUp(context);
  const seen = async (): Promise<string> => {
    const socket = tls.connect({
      port: t.port,
      host: '127.0.0.1',
      ca: t.authority.roots(),
      servername: CONTROL_PLANE_NAME,
    });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    const der = socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0);
    socket.destroy();
    return createHash('sha256').update(der).digest('hex');
  };
  const before = await seen();
  t.server.setTls({ ...t.authority.issueServerIdentity([]), roots: t.authority.roots() });
  assert.notEqual(await seen(), before);
});
