/** What a changed access rule does to connections that are open, and which names a prefix or exact rule lets in. As with Envoy. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { FilterChain, NetworkFilter, ProxyConfig } from '@weft/core/proxy-config';
import { EchoServer } from '@weft/testkit/echo';
import { until } from '@weft/testkit/wait';
import { TestAuthority } from '../testing/certificates.ts';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable, tcpProxy } from '../testing/config.ts';
import { config, startEngine, type TestEngine } from '../testing/engines.ts';

const authority = new TestAuthority();
const WEB = 'spiffe://weft.local/ns/shop/sa/web';
const sds = (name: string) => ({ kind: 'sds', name, sdsCluster: undefined }) as const;
const transport: FilterChain['transport'] = {
  kind: 'tls',
  certificates: [sds('OWN')],
  validation: {
    trust: sds('ROOTS'),
    subjectAltNames: [
      { sanType: 'uri', matcher: { kind: 'prefix', value: 'spiffe://weft.local/', ignoreCase: false } },
    ],
  },
  requireClientCertificate: true,
  alpnProtocols: [],
  parameters: { minimumVersion: '1.3', maximumVersion: '1.3', cipherSuites: [] },
};
const allow = (name: string): NetworkFilter => ({
  kind: 'rbac',
  statPrefix: 'access',
  rules: {
    action: 'ALLOW',
    policies: [
      {
        name: 'rule',
        permissions: [{ kind: 'any' }],
        principals: [{ kind: 'authenticated', name: { kind: 'exact', value: name, ignoreCase: false } }],
        source: '',
      },
    ],
  },
  shadowRules: undefined,
});

interface Side extends TestEngine {
  /** Lets only `name` in from now on. */
  allow(name: string): Promise<void>;
}

async function inbound(context: TestContext, terminal: FilterChain['terminal'], drainTime: number): Promise<Side> {
  const app = new EchoServer('app');
  await app.start();
  context.after(() => app.stop());
  const rows = (name: string): ProxyConfig =>
    config({
      listeners: [
        listener('in', [chain('mtls', {}, { transport, terminal, networkFilters: [allow(name)] })], {
          direction: 'inbound',
        }),
      ],
      routes: [routeTable('in', 'app')],
      clusters: [cluster('app')],
      endpoints: [endpointSet('app', [endpoint(app.port)])],
      trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
    });
  const started = await startEngine(context, rows(WEB), { drainTime }, (secrets) =>
    secrets.setCertificate('OWN', authority.leaf({ uris: ['spiffe://weft.local/ns/shop/sa/orders'] })),
  );
  return { ...started, allow: async (name) => void (await started.engine.apply(rows(name))) };
}

interface Caller {
  readonly socket: TLSSocket;
  readonly text: () => string;
  readonly closed: () => boolean;
}

function call(context: TestContext, side: TestEngine, uri: string): Caller {
  const { certificateChain: cert, privateKey: key } = authority.leaf({ uris: [uri] });
  const socket = connect({ port: side.port('in'), host: '127.0.0.1', rejectUnauthorized: false, cert, key });
  context.after(() => void socket.destroy());
  let text = '';
  let closed = false;
  socket.on('data', (chunk: Buffer) => void (text += chunk.toString('latin1')));
  socket.on('close', () => (closed = true));
  socket.on('error', () => undefined);
  return { socket, text: () => text, closed: () => closed };
}

const GET = 'GET / HTTP/1.1\r\nhost: orders\r\n\r\n';
const answers = (caller: Caller): number => caller.text().split('HTTP/1.1 200').length - 1;

test('HTTP: a caller that is not allowed any more gets no new connection and at most one more answer on an open one', async (context) => {
  const side = await inbound(context, manager({ kind: 'rds', name: 'in' }), 60_000);
  const web = call(context, side, WEB);
  web.socket.write(GET);
  await until(() => answers(web) === 1);
  await side.allow('spiffe://weft.local/ns/shop/sa/other');
  const again = call(context, side, WEB);
  again.socket.write(GET);
  await until(again.closed);
  assert.equal(again.text(), '');
  web.socket.write(GET + GET);
  await until(web.closed);
  assert.equal(answers(web), 2);
  assert.match(web.text(), /connection: close/i);
});

test('TCP: an open connection of a caller that is not allowed any more ends with the drain time', async (context) => {
  const side = await inbound(context, tcpProxy('app'), 300);
  const web = call(context, side, WEB);
  web.socket.write(GET);
  await until(() => answers(web) === 1);
  await side.allow('spiffe://weft.local/ns/shop/sa/other');
  const again = call(context, side, WEB);
  again.socket.write(GET);
  await until(again.closed);
  assert.equal(again.text(), '');
  await until(web.closed);
});

test('names that only look like those of the mesh, or like the allowed one, get nothing', async (context) => {
  const side = await inbound(context, manager({ kind: 'rds', name: 'in' }), 1000);
  for (const uri of [
    'spiffe://weft.local.evil/ns/shop/sa/web',
    'spiffe://weft.local@evil/ns/shop/sa/web',
    'spiffe://weft.localx/ns/shop/sa/web',
    'spiffe://WEFT.LOCAL/ns/shop/sa/web',
    'SPIFFE://weft.local/ns/shop/sa/web',
    `${WEB}-evil`,
    `${WEB}/`,
    `${WEB}/..`,
    `${WEB}%00`,
    `${WEB}?x`,
    `${WEB}#x`,
    'spiffe://weft.local/ns/shop/sa/./web',
    'spiffe://weft.local/ns/shop/sa/we',
    'spiffe://weft.local//ns/shop/sa/web',
    'https://weft.local/ns/shop/sa/web',
  ]) {
    const caller = call(context, side, uri);
    caller.socket.write(GET);
    await until(caller.closed);
    assert.equal(caller.text(), '', uri);
  }
  const denied = side.lines.map((line) => JSON.parse(line)).filter(({ message }) => message === 'connection denied');
  assert.deepEqual(
    denied.map(({ peer }) => peer),
    [`${WEB}-evil`, 'spiffe://weft.local/ns/shop/sa/we'],
    'the others fail at the certificate already',
  );
  const web = call(context, side, WEB);
  web.socket.write(GET);
  await until(() => answers(web) === 1);
});
