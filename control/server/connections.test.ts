import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { Client, credentials, status } from '@grpc/grpc-js';
import { CONTROL_PLANE_NAME, LIMITS } from '@weft/core/agent-api';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { Authority } from '../authority/index.ts';
import { type ConnectionLimits, ControlServer, type Peer } from './index.ts';

const raw = (bytes: Buffer): Buffer => bytes;

type ClientOptions = tls.ConnectionOptions & Pick<net.TcpSocketConnectOpts, 'localAddress' | 'localPort'>;

async function setUp(context: TestContext, limits?: ConnectionLimits, host = '127.0.0.1') {
  const folder = temporaryFolder();
  const authority = new Authority({ folder: folder.path, clock: { now: () => Date.now() } });
  authority.start();
  const calls: Peer[] = [];
  const crowded: string[] = [];
  const server = new ControlServer({
    tls: { ...authority.issueServerIdentity([]), roots: authority.roots() },
    grpcMethods: [
      {
        kind: 'unary',
        path: '/test.Echo/Unary',
        handle: (message, peer) => {
          calls.push(peer);
          return Promise.resolve({ ok: true, value: message.subarray(0, 1) });
        },
      },
    ],
    restHandler: () => {},
    onCrowded: (peer) => crowded.push(peer),
    listen: { host, port: 0 },
    ...(limits === undefined ? {} : { limits }),
  });
  await server.start();
  context.after(async () => {
    await server.stop(0);
    folder[Symbol.dispose]();
  });
  const svid = (registration: string) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    const issued = authority.issueSvid(spki, 'spiffe://weft.local/ns/shop/sa/orders', registration);
    return { key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), cert: issued.certificateChain };
  };
  const port = server.port ?? 0;
  /** 'open' when the handshake was done and the connection still stands after one more round trip of another. */
  const connect = async (options: ClientOptions = {}) => {
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...options,
    });
    context.after(() => void socket.destroy());
    const seen = { secured: false, closed: false };
    socket.on('secureConnect', () => (seen.secured = true));
    socket.on('close', () => (seen.closed = true));
    socket.on('error', () => {});
    socket.resume();
    await until(() => seen.secured || seen.closed);
    return { socket, seen };
  };
  return { authority, server, calls, crowded, port, svid, connect };
}

const limits = { connections: 100, strangers: 4, strangersPerAddress: 3, perRegistration: 2 };

test('strangers of one address are bounded; a mesh identity from there still gets in, and so does a stranger when one left', async (context) => {
  const t = await setUp(context, limits);
  const open = [await t.connect(), await t.connect(), await t.connect()];
  assert.ok(open.every(({ seen }) => seen.secured));
  assert.equal((await t.connect()).seen.secured, false);
  assert.equal((await t.connect({ localAddress: '127.0.0.9' })).seen.secured, true);
  open[0]?.socket.destroy();
  await until(() => t.server.connections === 3);
  const agent = await t.connect(t.svid('a'.repeat(32)));
  assert.equal(agent.seen.secured, true);
  assert.equal((await t.connect()).seen.secured, true);
  assert.deepEqual([t.server.refusedConnections, t.crowded], [1, ['127.0.0.1']]);
});

test('one registration cannot hold every connection', async (context) => {
  const t = await setUp(context, limits);
  const own = t.svid('a'.repeat(32));
  const held = [await t.connect(own), await t.connect(own), await t.connect(own)];
  await until(() => held.some(({ seen }) => seen.closed));
  assert.equal(held.filter(({ seen }) => seen.closed).length, 1);
  assert.equal((await t.connect(t.svid('b'.repeat(32)))).seen.secured, true);
});

test('connections that never say hello make room for those that do', async (context) => {
  const t = await setUp(context, { ...limits, strangersPerAddress: 100 });
  const silent = Array.from({ length: 4 }, () => net.connect(t.port, '127.0.0.1').on('error', () => {}));
  context.after(() => {
    for (const socket of silent) socket.destroy();
  });
  await until(() => t.server.connections === 4);
  assert.equal((await t.connect()).seen.secured, true);
});

test('one stranger cannot make the server hold megabytes: messages and streams without an identity are small and few', async (context) => {
  const t = await setUp(context);
  const call = (size: number, own?: { readonly key: string; readonly cert: string }): Promise<number> => {
    const roots = Buffer.from(t.authority.roots());
    const channel =
      own === undefined
        ? credentials.createSsl(roots)
        : credentials.createSsl(roots, Buffer.from(own.key), Buffer.from(own.cert));
    const client = new Client(`127.0.0.1:${t.port}`, channel, { 'grpc.ssl_target_name_override': CONTROL_PLANE_NAME });
    context.after(() => client.close());
    return new Promise((resolve) => {
      client.makeUnaryRequest('/test.Echo/Unary', raw, raw, randomBytes(size), (error) =>
        resolve(error?.code ?? status.OK),
      );
    });
  };
  assert.equal(await call(LIMITS.messageBytes), status.OK);
  assert.equal(await call(LIMITS.messageBytes + 1), status.RESOURCE_EXHAUSTED);
  assert.equal(await call(LIMITS.messageBytes + 1, t.svid('a'.repeat(32))), status.OK);
});

test('two connections with one client address and port are never taken for each other', async (context) => {
  const t = await setUp(context, undefined, '0.0.0.0');
  const bound = { localAddress: '127.0.0.1', ALPNProtocols: ['h2'] };
  const first = await t.connect({ ...bound, ...t.svid('a'.repeat(32)) });
  const localPort = first.socket.localPort ?? 0;
  assert.ok(localPort > 0);
  const same: ClientOptions = { ...bound, ...t.svid('b'.repeat(32)), host: '127.0.0.2', port: t.port, localPort };
  const second = tls.connect({ ...same, rejectUnauthorized: false });
  const seen = { connected: false, closed: false };
  second.on('connect', () => (seen.connected = true));
  second.on('close', () => (seen.closed = true));
  second.on('error', () => {});
  second.resume();
  context.after(() => void second.destroy());
  await until(() => seen.closed);
  assert.ok(seen.connected, 'the system let it in');
  assert.equal(first.seen.closed, false);
});

test('no resumption and no renegotiation: an identity is proven by each connection', async (context) => {
  const t = await setUp(context);
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const own = { ...t.svid('a'.repeat(32)), maxVersion };
    const first = await t.connect(own);
    const session = first.socket.getSession();
    const again = await t.connect({ ...own, ...(session === undefined ? {} : { session }) });
    assert.equal(again.seen.secured, true);
    assert.equal(again.socket.isSessionReused(), false, maxVersion);
    if (maxVersion === 'TLSv1.2') {
      const failed = await new Promise<boolean>((resolve) => {
        again.socket.on('close', () => resolve(true));
        if (!again.socket.renegotiate({}, (error) => resolve(error !== null))) resolve(true);
      });
      assert.ok(failed, 'renegotiation');
    }
  }
  const old = await t.connect({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
  assert.equal(old.seen.secured, false);
});
