/** Headers about the caller that reach an application behind mTLS come from its own sidecar, whatever the caller writes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'node:tls';
import type { FilterChain } from '@weft/core/proxy-config';
import { EchoServer } from '@weft/testkit/echo';
import { until } from '@weft/testkit/wait';
import { TestAuthority } from '../testing/certificates.ts';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable } from '../testing/config.ts';
import { config, startEngine } from '../testing/engines.ts';

const authority = new TestAuthority();
const WEB = 'spiffe://weft.local/ns/shop/sa/web';
const ADMIN = 'spiffe://weft.local/ns/shop/sa/admin';
const sds = (name: string) => ({ kind: 'sds', name, sdsCluster: undefined }) as const;
const transport: FilterChain['transport'] = {
  kind: 'tls',
  certificates: [sds('OWN')],
  validation: { trust: sds('ROOTS'), subjectAltNames: [], pins: undefined, crl: undefined },
  requireClientCertificate: true,
  alpnProtocols: [],
  parameters: { minimumVersion: '1.3', maximumVersion: '1.3', cipherSuites: [], ecdhCurves: [] },
};

test('the caller cannot write, add to, hide or strip what its sidecar says about it', async (context) => {
  const app = new EchoServer('app');
  await app.start();
  context.after(() => app.stop());
  const http = manager(
    { kind: 'rds', name: 'in' },
    {
      useRemoteAddress: false,
      forwardClientCert: { details: 'sanitize-set', subject: false, cert: false, chain: false, dns: false, uri: true },
    },
  );
  const rows = config({
    listeners: [listener('in', [chain('mtls', {}, { transport, terminal: http })], { direction: 'inbound' })],
    routes: [routeTable('in', 'app')],
    clusters: [cluster('app')],
    endpoints: [endpointSet('app', [endpoint(app.port)])],
    trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
  });
  const { port } = await startEngine(context, rows, {}, (secrets) =>
    secrets.setCertificate('OWN', authority.leaf({ uris: ['spiffe://weft.local/ns/shop/sa/orders'] })),
  );
  const { certificateChain: cert, privateKey: key } = authority.leaf({ uris: [WEB] });
  const ask = async (...fields: readonly string[]): Promise<{ readonly status: string; readonly text: string }> => {
    const socket = connect({ port: port('in'), host: '127.0.0.1', rejectUnauthorized: false, cert, key });
    context.after(() => void socket.destroy());
    let text = '';
    let closed = false;
    socket.on('data', (chunk: Buffer) => void (text += chunk.toString('latin1')));
    socket.on('close', () => (closed = true));
    socket.on('error', () => undefined);
    socket.write(`GET / HTTP/1.1\r\nhost: orders\r\nconnection: close\r\n${fields.join('\r\n')}\r\n\r\n`);
    await until(() => closed);
    return { status: text.slice(9, 12), text };
  };
  const forged = `URI=${ADMIN}`;
  for (const fields of [
    [`x-forwarded-client-cert: ${forged}`],
    [`X-Forwarded-Client-Cert: ${forged}`, `x-forwarded-client-cert: ${forged}`],
    ['connection: x-forwarded-client-cert', `x-forwarded-client-cert: ${forged}`],
    ['connection: keep-alive, X-Forwarded-Client-Cert'],
    [
      'x-envoy-internal: true',
      'x-envoy-retry-on: 5xx',
      'x-envoy-upstream-rq-timeout-ms: 1',
      `x-forwarded-client-cert:${forged}`,
    ],
  ]) {
    const { status, text } = await ask(...fields);
    assert.equal(status, '200', fields.join());
    assert.match(text, new RegExp(`URI=${WEB}`), fields.join());
    assert.doesNotMatch(text, new RegExp(ADMIN), fields.join());
    assert.doesNotMatch(text, /"x-envoy-(?:internal|retry-on|upstream-rq-timeout-ms)"/, fields.join());
  }
  assert.match((await ask('x-request-id: from-the-caller')).text, /from-the-caller/);
  for (const twin of ['x_forwarded_client_cert', 'X-Forwarded_Client-Cert']) {
    const { text } = await ask(`${twin}: ${forged}`);
    assert.match(text, new RegExp(`URI=${WEB}`), twin);
  }
});
