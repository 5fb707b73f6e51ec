/**
 * What a changed access rule does to connections that are open, and which names a prefix or exact rule lets in. Open connections are judged
 * again at once; Envoy lets them go on until they end, HTTP after one more answer (docs/security-model.md).
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { FilterChain, NetworkFilter, ProxyConfig } from '@weft/core/proxy-config';
import { EchoServer } from '@weft/testkit/echo';
import { until } from '@weft/testkit/wait';
import { allFamilies } from '../telemetry/snapshot.ts';
import { prometheusText } from '@weft/core/metrics';
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
    pins: undefined,
    crl: undefined,
  },
  requireClientCertificate: true,
  alpnProtocols: [],
  parameters: { minimumVersion: '1.3', maximumVersion: '1.3', cipherSuites: [], ecdhCurves: [] },
};
const allow = (...names: readonly string[]): NetworkFilter => ({
  kind: 'rbac',
  statPrefix: 'access',
  rules: {
    action: 'ALLOW',
    policies: [
      {
        name: 'rule',
        permissions: [{ kind: 'any' }],
        principals: names.map((value) => ({
          kind: 'authenticated',
          name: { kind: 'exact', value, ignoreCase: false },
        })),
        source: '',
      },
    ],
  },
  shadowRules: undefined,
});

const LIMIT: NetworkFilter = { kind: 'connection-limit', statPrefix: 'in', maxConnections: 2, delay: 0 };

interface Side extends TestEngine {
  /** Lets only these in from now on; without names: everybody. */
  allow(...names: readonly string[]): Promise<void>;
}

async function inbound(context: TestContext, terminal: FilterChain['terminal'], drainTime: number): Promise<Side> {
  const app = new EchoServer('app');
  await app.start();
  context.after(() => app.stop());
  const rows = (...names: readonly string[]): ProxyConfig =>
    config({
      listeners: [
        listener(
          'in',
          [
            chain(
              'mtls',
              {},
              { transport, terminal, networkFilters: names.length === 0 ? [LIMIT] : [LIMIT, allow(...names)] },
            ),
          ],
          {
            direction: 'inbound',
          },
        ),
      ],
      routes: [routeTable('in', 'app')],
      clusters: [cluster('app')],
      endpoints: [endpointSet('app', [endpoint(app.port)])],
      trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
    });
  const started = await startEngine(context, rows(WEB), { drainTime }, (secrets) =>
    secrets.setCertificate('OWN', authority.leaf({ uris: ['spiffe://weft.local/ns/shop/sa/orders'] })),
  );
  return { ...started, allow: async (...names) => void (await started.engine.apply(rows(...names))) };
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

const OTHER = 'spiffe://weft.local/ns/shop/sa/other';
const denied = (side: Side): string[] =>
  side.lines
    .map((line) => JSON.parse(line) as { message: string; peer: string })
    .filter(({ message }) => message === 'open connection denied by a new rule')
    .map(({ peer }) => peer);

for (const [what, terminal] of [
  ['HTTP', manager({ kind: 'rds', name: 'in' })],
  ['TCP', tcpProxy('app')],
] as const) {
  test(`${what}: a new rule cuts the open connections that it refuses, at once, and leaves the others as they are`, async (context) => {
    const side = await inbound(context, terminal, 600_000);
    await side.allow(WEB, OTHER);
    const [web, other] = [call(context, side, WEB), call(context, side, OTHER)];
    for (const caller of [web, other]) {
      caller.socket.write(GET);
      await until(() => answers(caller) === 1);
    }
    await side.allow(OTHER);
    await until(web.closed);
    assert.deepEqual(denied(side), [WEB]);
    assert.match(prometheusText(allFamilies(side.engine.telemetry)), /envoy_rbac_denied\{[^}]*\} 1\n/);
    const again = call(context, side, WEB);
    again.socket.write(GET);
    await until(again.closed);
    assert.equal(again.text(), '');
    // Rules that go and come again, and refuse nobody, are no reason to ask anybody to leave.
    await side.allow();
    await side.allow(OTHER, WEB);
    other.socket.write(GET);
    await until(() => answers(other) === 2);
    assert.doesNotMatch(other.text(), /connection: close/i);
    assert.equal(other.closed(), false);
    // The limit of two connections counts what is open, over all these changes.
    const [third, fourth] = [call(context, side, WEB), call(context, side, WEB)];
    third.socket.write(GET);
    fourth.socket.write(GET);
    await until(() => third.closed() || fourth.closed());
    await until(() => answers(third) + answers(fourth) === 1);
    assert.equal(other.closed(), false);
  });
}

test('HTTP: an exchange under way at a caller that a new rule refuses is cut with its connection', async (context) => {
  const side = await inbound(context, manager({ kind: 'rds', name: 'in' }), 600_000);
  const web = call(context, side, WEB);
  web.socket.write('POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: 10\r\n\r\nhalf');
  await until(() => side.engine.openExchanges === 1);
  await side.allow(OTHER);
  await until(web.closed);
  assert.equal(web.text(), '');
  assert.deepEqual(denied(side), [WEB]);
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
