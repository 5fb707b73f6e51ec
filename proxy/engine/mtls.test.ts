import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as dial } from 'node:net';
import { connect, type ConnectionOptions, createServer, type TLSSocket } from 'node:tls';
import { type TestContext, test } from 'node:test';
import type { Cluster, FilterChain, PeerValidation, RbacPolicy } from '@weft/core/proxy-config';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { until } from '@weft/testkit/wait';
import { type LeafNames, TestAuthority } from '../testing/certificates.ts';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable, tcpProxy } from '../testing/config.ts';
import { config, startEngine, type TestEngine } from '../testing/engines.ts';
import { Load } from '../testing/load.ts';

const id = (account: string, domain = 'mesh.test'): string => `spiffe://${domain}/ns/shop/sa/${account}`;
const sds = (name: string) => ({ kind: 'sds', name, sdsCluster: undefined }) as const;
const validation: PeerValidation = {
  trust: sds('ROOTS'),
  subjectAltNames: [{ sanType: 'uri', matcher: { kind: 'prefix', value: 'spiffe://mesh.test/', ignoreCase: false } }],
  pins: undefined,
  crl: undefined,
};
const parameters = { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] } as const;
const downstream: FilterChain['transport'] = {
  kind: 'tls',
  certificates: [sds('OWN')],
  validation,
  requireClientCertificate: true,
  alpnProtocols: ['http/1.1'],
  parameters,
};
const upstream = (account: string): Cluster['transport'] => ({
  kind: 'tls',
  certificates: [sds('OWN')],
  validation: {
    ...validation,
    subjectAltNames: [{ sanType: 'uri', matcher: { kind: 'exact', value: id(account), ignoreCase: false } }],
    pins: undefined,
    crl: undefined,
  },
  sni: 'orders.shop.mesh',
  sniFromEndpoint: false,
  sanFromSni: false,
  alpnProtocols: ['http/1.1'],
  parameters,
});

const authority = new TestAuthority();

async function inbound(context: TestContext, over: Partial<FilterChain> = {}): Promise<TestEngine> {
  const app = new EchoServer('app');
  await app.start();
  context.after(() => app.stop());
  const terminal = manager({ kind: 'rds', name: 'in' });
  const rows = config({
    listeners: [
      listener('in', [chain('mtls', {}, { transport: downstream, terminal, ...over })], { direction: 'inbound' }),
    ],
    routes: [routeTable('in', 'app')],
    clusters: [cluster('app')],
    endpoints: [endpointSet('app', [endpoint(app.port)])],
    trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
  });
  return startEngine(context, rows, {}, (secrets) =>
    secrets.setCertificate('OWN', authority.leaf({ uris: [id('orders')] })),
  );
}

async function outbound(context: TestContext, to: number, account: string): Promise<TestEngine> {
  const rows = config({
    listeners: [listener('out', [chain('http', {}, { terminal: manager({ kind: 'rds', name: 'out' }) })])],
    routes: [routeTable('out', 'orders')],
    clusters: [cluster('orders', { transport: upstream(account) })],
    endpoints: [endpointSet('orders', [endpoint(to)])],
    trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
  });
  return startEngine(context, rows, {}, (secrets) =>
    secrets.setCertificate('OWN', authority.leaf({ uris: [id('web')] })),
  );
}

/** What a TLS client with that certificate gets to see of the listener. */
async function stranger(port: number, options: ConnectionOptions): Promise<string> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const refusals = (engine: TestEngine): string[] =>
  engine.lines
    .map((line) => JSON.parse(line))
    .filter(({ message }) => message === 'caller refused')
    .map(({ reason }) => reason);

test('engine to engine over mTLS, each sees the identity of the other', async (context) => {
  const orders = await inbound(context);
  const web = await outbound(context, orders.port('in'), 'orders');
  for (let i = 0; i < 3; i += 1) assert.equal((await exchange({ port: web.port('out') })).status, 200);
  const listenerStats = orders.engine.listeners.get('in')?.runtime.stats;
  assert.equal(listenerStats?.handshakes.value, 1, 'one connection is used again');
});

test('an endpoint of another identity is refused before a byte is sent', async (context) => {
  const orders = await inbound(context);
  const web = await outbound(context, orders.port('in'), 'payments');
  const answer = await exchange({ port: web.port('out') });
  assert.equal(answer.status, 503);
  assert.doesNotMatch(answer.body.toString(), /spiffe|san/i);
  assert.match(web.lines.join('\n'), /"endpoint refused".*san-mismatch/);
});

test('callers are refused with the reason in our log and counters, nothing of it on the wire', async (context) => {
  const { engine, lines, port, secrets } = await inbound(context);
  const at = port('in');
  const other = new TestAuthority('other');
  const past = { notBefore: Date.now() - 7_200_000, notAfter: Date.now() - 3_600_000 };
  const future = { notBefore: Date.now() + 3_600_000 };
  const shown = (names: LeafNames, by = authority): ConnectionOptions => {
    const { certificateChain, privateKey } = by.leaf(names);
    return { cert: certificateChain, key: privateKey };
  };
  const cases: readonly (readonly [string, ConnectionOptions])[] = [
    ['no-certificate', {}],
    ['unknown-root', shown({ uris: [id('web')] }, other)],
    ['expired', shown({ uris: [id('web')], ...past })],
    ['not-yet-valid', shown({ uris: [id('web')], ...future })],
    ['san-mismatch', shown({ uris: [id('web', 'other.test')] })],
    ['san-mismatch', shown({ dns: ['web.mesh.test'] })],
    ['invalid-spiffe-id', shown({ uris: [id('web'), id('admin')] })],
    ['invalid-spiffe-id', shown({ uris: ['spiffe://mesh.test/ns/../sa/web'] })],
    ['invalid-certificate', shown({ uris: [id('web')], ca: true })],
  ];
  for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
    for (const [reason, options] of cases) {
      const before = refusals({ engine, lines, port, secrets }).length;
      assert.equal(await stranger(at, { ...options, maxVersion }), '', reason);
      await until(() => refusals({ engine, lines, port, secrets }).length > before, { what: `refusal ${reason}` });
      assert.equal(refusals({ engine, lines, port, secrets }).at(-1), reason);
    }
  }
  await assert.rejects(exchange({ port: at }));
  await until(() => refusals({ engine, lines, port, secrets }).at(-1) === 'plaintext');
  assert.equal(await stranger(at, { ...shown({ uris: [id('web')] }), maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }), '');
  assert.equal(engine.openExchanges, 0);
  assert.doesNotMatch(lines.join('\n'), /PRIVATE KEY/);
});

test('a session is never resumed', async (context) => {
  const { port } = await inbound(context);
  const { certificateChain: cert, privateKey: key } = authority.leaf({ uris: [id('web')] });
  let session: Buffer | undefined;
  for (let i = 0; i < 2; i += 1) {
    const options = { port: port('in'), host: '127.0.0.1', rejectUnauthorized: false, cert, key };
    const socket = connect(session === undefined ? options : { ...options, session });
    socket.on('session', (made: Buffer) => void (session = made));
    await once(socket, 'secureConnect');
    assert.equal(socket.isSessionReused(), false);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
  }
});

test('rotation: new certificates and roots for new connections, open ones stay', async (context) => {
  const orders = await inbound(context);
  const web = await outbound(context, orders.port('in'), 'orders');
  const send = async (): Promise<number> => (await exchange({ port: web.port('out') })).status;
  assert.equal(await send(), 200);
  const next = new TestAuthority('next');
  const both = authority.pem + next.pem;
  const withRoots = (roots: string, engine: TestEngine) => ({
    ...engine.engine.config,
    trustBundles: new Map([['ROOTS', { name: 'ROOTS', roots }]]),
  });
  for (const side of [orders, web]) assert.deepEqual((await side.engine.apply(withRoots(both, side))).faults, []);
  orders.secrets.setCertificate('OWN', next.leaf({ uris: [id('orders')] }));
  web.secrets.setCertificate('OWN', next.leaf({ uris: [id('web')] }));
  for (const side of [orders, web]) await side.engine.apply(withRoots(next.pem, side));
  assert.equal(await send(), 200);
  assert.equal(orders.engine.listeners.get('in')?.runtime.stats.handshakes.value, 1, 'the open connection stayed');
  const old = authority.leaf({ uris: [id('web')] });
  assert.equal(await stranger(orders.port('in'), { cert: old.certificateChain, key: old.privateKey }), '');
  await until(() => refusals(orders).includes('unknown-root'));
  const fresh = await outbound(context, orders.port('in'), 'orders');
  fresh.secrets.setCertificate('OWN', next.leaf({ uris: [id('web')] }));
  await fresh.engine.apply(withRoots(next.pem, fresh));
  assert.equal((await exchange({ port: fresh.port('out') })).status, 200);
});

test('a bad new secret leaves the old one at work', async (context) => {
  const orders = await inbound(context);
  orders.secrets.setCertificate('OWN', { certificateChain: 'nonsense', privateKey: 'nonsense' });
  assert.match(orders.lines.join('\n'), /new secret refused, the old one stays/);
  const web = await outbound(context, orders.port('in'), 'orders');
  assert.equal((await exchange({ port: web.port('out') })).status, 200);
});

test('a listener whose secret is missing waits for it', async (context) => {
  const rows = config({
    listeners: [listener('in', [chain('mtls', {}, { transport: downstream })])],
    trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
  });
  const { engine, secrets } = await startEngine(context, rows, { warmTime: 300 });
  assert.equal(engine.listeners.has('in'), false);
  // What else runs on this machine holds it up now and then; waiting for a secret would do so each time.
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 5; turn += 1) {
    const started = performance.now();
    await engine.apply(rows);
    least = Math.min(least, performance.now() - started);
  }
  assert.ok(least < 200, 'a secret that did not come holds nothing up twice');
  secrets.setCertificate('OWN', authority.leaf({ uris: [id('orders')] }));
  await until(() => engine.listeners.has('in'));
});

test('network RBAC: a denied identity is cut after the handshake', async (context) => {
  const policy: RbacPolicy = {
    name: 'web only',
    permissions: [{ kind: 'any' }],
    principals: [{ kind: 'authenticated', name: { kind: 'exact', value: id('web'), ignoreCase: false } }],
    source: 'AccessPolicy/shop/orders#spec.rules[0]',
  };
  const orders = await inbound(context, {
    networkFilters: [
      { kind: 'rbac', statPrefix: 'orders', rules: { action: 'ALLOW', policies: [policy] }, shadowRules: undefined },
    ],
  });
  const web = await outbound(context, orders.port('in'), 'orders');
  assert.equal((await exchange({ port: web.port('out') })).status, 200);
  const { certificateChain: cert, privateKey: key } = authority.leaf({ uris: [id('thief')] });
  assert.equal(await stranger(orders.port('in'), { cert, key }), '');
  assert.match(orders.lines.join('\n'), new RegExp(`connection denied.*${id('thief')}`));
});

test('one port for TLS and plaintext: the inspector chooses the chain by the first bytes', async (context) => {
  const app = new EchoServer('app');
  await app.start();
  context.after(() => app.stop());
  const terminal = manager({ kind: 'rds', name: 'in' });
  const rows = config({
    listeners: [
      listener('in', [
        chain(
          'mtls',
          { transportProtocol: 'tls', applicationProtocols: ['http/1.1'] },
          { transport: downstream, terminal },
        ),
        chain('plain', { transportProtocol: 'raw_buffer' }, { terminal }),
      ]),
    ],
    routes: [routeTable('in', 'app')],
    clusters: [cluster('app')],
    endpoints: [endpointSet('app', [endpoint(app.port)])],
    trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
  });
  const permissive = await startEngine(context, rows, {}, (secrets) =>
    secrets.setCertificate('OWN', authority.leaf({ uris: [id('orders')] })),
  );
  assert.equal((await exchange({ port: permissive.port('in') })).status, 200);
  const web = await outbound(context, permissive.port('in'), 'orders');
  assert.equal((await exchange({ port: web.port('out') })).status, 200);
});

test('upstream TLS without resumption or client certificate: a plain HTTPS server with roots from our side', async (context) => {
  const leaf = authority.leaf({ uris: [id('orders')] });
  const server = createServer({ cert: leaf.certificateChain, key: leaf.privateKey }, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n'));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  const web = await outbound(context, address.port, 'orders');
  assert.equal((await exchange({ port: web.port('out') })).status, 204);
});

test('a bad new secret on the outbound side: the last good one goes on', async (context) => {
  const orders = await inbound(context);
  const web = await outbound(context, orders.port('in'), 'orders');
  assert.equal((await exchange({ port: web.port('out') })).status, 200);
  web.secrets.setCertificate('OWN', { certificateChain: 'nonsense', privateKey: 'nonsense' });
  const [only] = web.engine.clusters.get('orders')?.endpoints.values() ?? [];
  only?.pool?.destroy();
  assert.equal((await exchange({ port: web.port('out') })).status, 200);
  assert.match(web.lines.join('\n'), /new secret refused for endpoints, the old one stays/);
});

test('server names: TLS goes through untouched to the chain of its name, and the right certificate is shown', async (context) => {
  const served = async (name: string): Promise<number> => {
    const leaf = authority.leaf({ dns: [name] });
    const server = createServer({ cert: leaf.certificateChain, key: leaf.privateKey }, (socket) => {
      socket.on('error', () => undefined);
      socket.end(name);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(() => server.close());
    const address = server.address();
    assert.ok(address !== null && typeof address !== 'string');
    return address.port;
  };
  const terminated = {
    kind: 'tls',
    certificates: [sds('FIRST'), sds('SECOND')],
    validation: undefined,
    requireClientCertificate: false,
    alpnProtocols: ['h2', 'http/1.1'],
    parameters,
  } as const;
  const rows = config({
    listeners: [
      listener('in', [
        chain('a', { serverNames: ['a.test'] }, { terminal: tcpProxy('a') }),
        chain('b', { serverNames: ['*.b.test'] }, { terminal: tcpProxy('b') }),
        chain(
          'own',
          {},
          { transport: terminated, terminal: manager({ kind: 'inline', configuration: routeTable('x', 'a') }) },
        ),
      ]),
    ],
    clusters: [cluster('a'), cluster('b')],
    endpoints: [
      endpointSet('a', [endpoint(await served('a.test'))]),
      endpointSet('b', [endpoint(await served('x.b.test'))]),
    ],
  });
  const { port } = await startEngine(context, rows, {}, (secrets) => {
    secrets.setCertificate('FIRST', authority.leaf({ dns: ['first.test'] }));
    secrets.setCertificate('SECOND', authority.leaf({ dns: ['second.test'] }));
  });
  const shown = async (servername: string): Promise<string> => {
    const socket = connect({
      port: port('in'),
      host: '127.0.0.1',
      servername,
      ca: authority.pem,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    await once(socket, 'secureConnect');
    // Not by getPeerX509Certificate: engines of this process have replaced it (transport/peer-certificate.ts).
    const names = `${socket.getPeerCertificate().subjectaltname} ${socket.alpnProtocol}`;
    socket.destroy();
    return names;
  };
  assert.equal(await shown('a.test'), 'DNS:a.test false');
  assert.equal(await shown('X.b.test'), 'DNS:x.b.test false');
  assert.equal(await shown('first.test'), 'DNS:first.test h2');
  assert.equal(await shown('second.test'), 'DNS:second.test h2');
});

test('certificates rotate under load without a failed request', async (context) => {
  const orders = await inbound(context);
  const web = await outbound(context, orders.port('in'), 'orders');
  const load = new Load(4, async () => assert.equal((await exchange({ port: web.port('out') })).status, 200));
  for (let round = 0; round < 15; round += 1) {
    orders.secrets.setCertificate('OWN', authority.leaf({ uris: [id('orders')] }));
    web.secrets.setCertificate('OWN', authority.leaf({ uris: [id('web')] }));
    await load.more(10);
  }
  await load.stop();
});

test('noise on a TLS port, with and without a detector, ends the connection and nothing else', async (context) => {
  const plain = await inbound(context);
  const detected = await inbound(context, { match: { ...chain('x').match, transportProtocol: 'tls' } });
  for (const side of [plain, detected]) {
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const socket = dial(side.port('in'));
        socket.on('error', () => undefined);
        const noise = randomBytes(5 + index * 20);
        noise.set([22, 3, 1, 0, index]);
        socket.end(index % 4 === 0 ? randomBytes(50) : noise);
        await new Promise((resolve) => socket.resume().once('close', resolve));
      }),
    );
    await until(() => side.engine.openConnections === 0);
    assert.equal(side.engine.listeners.get('in')?.runtime.stats.preActive.value, 0);
    const web = await outbound(context, side.port('in'), 'orders');
    assert.equal((await exchange({ port: web.port('out') })).status, 200);
  }
});
