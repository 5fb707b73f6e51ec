// Attack 56: server names that are none, through one proxy and two; a name that changes during the handshake.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import type { FilterChain } from '@weft/core/proxy-config';
import { clientHello, echoing, greeting, type HelloForm, StreamServer } from '@weft/testkit/streams';
import { until } from '@weft/testkit/wait';
import { TestAuthority } from '../testing/certificates.ts';
import { chain, cluster, endpoint, endpointSet, listener, tcpProxy } from '../testing/config.ts';
import { config, startEngine, type TestEngine } from '../testing/engines.ts';

const authority = new TestAuthority();

function proxy(
  context: TestContext,
  named: number,
  rest: number,
  over: Partial<FilterChain> = {},
): Promise<TestEngine> {
  const rows = config({
    listeners: [
      listener('l', [
        chain('named', { serverNames: ['a.example.com'] }, { terminal: tcpProxy('named'), ...over }),
        chain('rest', {}, { terminal: tcpProxy('rest') }),
      ]),
    ],
    clusters: [cluster('named'), cluster('rest')],
    endpoints: [endpointSet('named', [endpoint(named)]), endpointSet('rest', [endpoint(rest)])],
    trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
  });
  return startEngine(context, rows, {}, (secrets) =>
    secrets.setCertificate('OWN', authority.leaf({ uris: ['spiffe://mesh.test/ns/shop/sa/a'] })),
  );
}

async function sent(port: number, form: HelloForm): Promise<string> {
  const socket = connectPlain(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let text = '';
  let over = false;
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('close', () => (over = true));
  socket.write(clientHello(form));
  await until(() => over || text !== '', { what: 'an end or an answer' });
  socket.destroy();
  return text;
}

test('attack 56: a name of 300 bytes, an empty one, bytes that no name has: closed, through one proxy and through two', async (context) => {
  const [named, rest] = [new StreamServer(echoing('named')), new StreamServer(greeting('rest'))];
  context.after(() => Promise.all([named.stop(), rest.stop()]));
  const inner = await proxy(context, await named.start(), await rest.start());
  const outer = await proxy(context, inner.port('l'), inner.port('l'));
  for (const { port } of [inner, outer]) {
    for (const name of [
      `${'x'.repeat(300)}.a.example.com`,
      '',
      'a.example.com\0',
      'a.ex\u00e4mple.com',
      'a.example.com ',
      '\r\na.example.com',
    ]) {
      assert.equal(await sent(port('l'), { server_name: name }), '', JSON.stringify(name));
    }
    assert.match(await sent(port('l'), { server_name: 'A.EXAMPLE.com' }), /^named:/);
    assert.match(await sent(port('l'), { server_name: 'a.example.com.' }), /^220 rest/);
    assert.match(await sent(port('l'), { server_name: `${'x'.repeat(240)}.a.example.com` }), /^220 rest/);
    assert.equal(await sent(port('l'), { server_name: 'a.example.com', padding: 64_000 }), '');
  }
});

test('TLS passes through two proxies by its server name, and the client sees the certificate of the server', async (context) => {
  const leaf = authority.leaf({ uris: ['spiffe://mesh.test/ns/shop/sa/end'] });
  const server = createServer({ cert: leaf.certificateChain, key: leaf.privateKey }, (socket) => socket.end('secret'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  const inner = await proxy(context, address.port, 1);
  const outer = await proxy(context, inner.port('l'), 1);
  const socket = connect({
    port: outer.port('l'),
    host: '127.0.0.1',
    servername: 'a.example.com',
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  assert.equal(socket.getPeerCertificate().subjectaltname, 'URI:spiffe://mesh.test/ns/shop/sa/end');
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  assert.equal(bytes.toString(), 'secret');
  socket.destroy();
});

test('attack 56: a chain is not kept for a server name that changed after it was chosen', async (context) => {
  const named = new StreamServer(echoing('named'));
  context.after(() => named.stop());
  const { engine, port, lines } = await proxy(context, await named.start(), 1, {
    transport: {
      kind: 'tls',
      certificates: [{ kind: 'sds', name: 'OWN', sdsCluster: undefined }],
      validation: undefined,
      requireClientCertificate: false,
      alpnProtocols: [],
      parameters: { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] },
    },
  });
  const ask = async (): Promise<string> => {
    const socket = connect({
      port: port('l'),
      host: '127.0.0.1',
      servername: 'a.example.com',
      rejectUnauthorized: false,
    });
    socket.on('error', () => undefined);
    let text = '';
    let over = false;
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => (over = true));
    socket.write('hello');
    await until(() => over || text.includes('hello'), { what: 'an end or an answer' });
    socket.destroy();
    return text;
  };
  assert.equal(await ask(), 'named:hello');
  // What the inspector saw was another name than the handshake's last.
  const tls = engine.listeners.get('l')?.runtime.chains[0]?.tls;
  assert.ok(tls !== undefined);
  const accept = tls.accept.bind(tls);
  tls.accept = (socket, handshake) => {
    (handshake as { serverName?: string }).serverName = 'b.example.com';
    return accept(socket, handshake);
  };
  assert.equal(await ask(), '');
  assert.ok(lines.some((line) => line.includes('the server name changed during the handshake')));
});
