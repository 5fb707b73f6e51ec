import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { exchange, exchangeRaw } from '@weft/testkit/http-client';
import fc from 'fast-check';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable, tcpProxy } from '../testing/config.ts';
import { TestAuthority } from '../testing/certificates.ts';
import { JsonLog } from '../engine/index.ts';
import { config, startEngine, type TestEngine } from '../testing/engines.ts';
import { adminPages, AdminServer, engineSubject } from './index.ts';
import { isLocalHost, readAdminRequest } from './request.ts';

const authority = new TestAuthority();
const sds = (name: string) => ({ kind: 'sds', name, sdsCluster: undefined }) as const;

async function setUp(context: TestContext): Promise<
  TestEngine & {
    readonly admin: number;
    readonly quits: () => number;
    readonly log: JsonLog;
    readonly written: readonly string[];
  }
> {
  const app = new EchoServer('app');
  await app.start();
  context.after(() => app.stop());
  const tls = {
    kind: 'tls',
    certificates: [sds('OWN')],
    validation: { trust: sds('ROOTS'), subjectAltNames: [], pins: undefined, crl: undefined },
    requireClientCertificate: true,
    alpnProtocols: [],
    parameters: { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] },
  } as const;
  const rows = config({
    listeners: [
      listener('in', [chain('http', {}, { terminal: manager({ kind: 'rds', name: 'in' }) })]),
      listener('tls', [chain('tls', {}, { transport: tls, terminal: tcpProxy('app') })]),
    ],
    routes: [routeTable('in', 'app')],
    clusters: [cluster('app')],
    endpoints: [endpointSet('app', [endpoint(app.port)])],
    trustBundles: [{ name: 'ROOTS', roots: authority.pem }],
  });
  const started = await startEngine(context, rows, {}, (secrets) =>
    secrets.setCertificate('OWN', authority.leaf({ uris: ['spiffe://mesh.test/ns/shop/sa/app'] })),
  );
  let quits = 0;
  const written: string[] = [];
  const log = new JsonLog({ now: () => 0 }, (line) => written.push(line), 'warning');
  const server = new AdminServer(
    adminPages({
      subject: engineSubject(started.engine),
      version: '1.2.3',
      node: { id: 'n', cluster: 'c' },
      dumpConfig: () => ({ dump: { configs: [] } }),
      quit: () => void (quits += 1),
      log,
    }),
  );
  await server.start({ kind: 'ip', ip: '127.0.0.1', port: 0 });
  context.after(() => server.stop());
  return { ...started, admin: server.port, quits: () => quits, log, written };
}

test('pages: ready, server info, statistics in both forms, clusters, listeners, certificates, memory', async (context) => {
  const { admin, port } = await setUp(context);
  await exchange({ port: port('in') });
  const get = async (path: string): Promise<string> => {
    const answer = await exchange({ port: admin }, { path });
    assert.equal(answer.status, 200, path);
    return answer.body.toString();
  };
  assert.equal(await get('/ready'), 'LIVE\n');
  assert.equal(JSON.parse(await get('/server_info')).state, 'LIVE');
  const metrics = await get('/stats/prometheus');
  assert.match(metrics, /envoy_cluster_upstream_rq_total\{envoy_cluster_name="app"\} 1/);
  assert.match(
    metrics,
    /envoy_http_downstream_rq_xx\{envoy_response_code_class="2",envoy_http_conn_manager_prefix="test"\} 1/,
  );
  assert.match(metrics, /istio_requests_total\{[^}]*response_code="200"[^}]*\} 1/);
  assert.match(metrics, /envoy_server_live 1/);
  assert.doesNotMatch(metrics, /# EOF/);
  const open = await exchange(
    { port: admin },
    { path: '/stats/prometheus', headers: { accept: 'application/openmetrics-text;version=1.0.0, text/plain;q=0.5' } },
  );
  assert.equal(open.headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.match(open.body.toString(), /^# TYPE istio_requests counter\nistio_requests_total\{.*\} 1$/m);
  assert.match(open.body.toString(), /\n# EOF\n$/);
  assert.match(
    await get('/stats?filter=%5Ecluster%5C.app%5C.upstream_rq_(total%7C200)%24'),
    /^cluster\.app\.upstream_rq_200: 1\ncluster\.app\.upstream_rq_total: 1\n$/,
  );
  assert.ok(JSON.parse(await get('/stats?format=json&usedonly')).stats.length > 5);
  assert.match(await get('/clusters'), /app::127\.0\.0\.1:\d+::health_flags::healthy/);
  assert.equal(JSON.parse(await get('/clusters?format=json')).cluster_statuses[0].host_statuses[0].rq_success, 1);
  assert.match(await get('/listeners'), /^in::127\.0\.0\.1:\d+\ntls::127/);
  const certificates = await get('/certs');
  assert.match(certificates, /spiffe:\/\/mesh\.test\/ns\/shop\/sa\/app/);
  assert.ok(Number(JSON.parse(await get('/memory')).allocated) > 0);
  assert.deepEqual(JSON.parse(await get('/config_dump')), { configs: [] });
  for (const path of ['/certs', '/config_dump', '/clusters', '/stats', '/listeners', '/']) {
    assert.doesNotMatch(await get(path), /PRIVATE KEY/, path);
  }
});

test('changing pages want POST; health can be failed; drain and quit', async (context) => {
  const { admin, engine, quits } = await setUp(context);
  const status = async (method: string, path: string): Promise<number> =>
    (await exchange({ port: admin }, { method, path })).status;
  assert.equal(await status('GET', '/quitquitquit'), 405);
  assert.equal(quits(), 0);
  assert.equal(await status('POST', '/healthcheck/fail'), 200);
  assert.equal(await status('GET', '/ready'), 503);
  assert.equal(await status('POST', '/healthcheck/ok'), 200);
  assert.equal(await status('GET', '/ready'), 200);
  assert.equal(await status('GET', '/nowhere'), 404);
  assert.equal(await status('POST', '/drain_listeners'), 200);
  assert.equal(engine.state, 'draining');
  assert.equal(await status('POST', '/quitquitquit'), 200);
  assert.equal(quits(), 1);
});

test('/logging: levels of all and of one component, from the next line on; wrong words change nothing', async (context) => {
  const { admin, log, written } = await setUp(context);
  const post = async (query: string): Promise<readonly [number, string]> => {
    const { status, body } = await exchange({ port: admin }, { method: 'POST', path: `/logging${query}` });
    return [status, body.toString()];
  };
  const told = (): number => {
    log.write('config', 'debug', 'a line');
    return written.length;
  };
  assert.equal(told(), 0);
  const [status, levels] = await post('?config=debug');
  assert.equal(status, 200);
  assert.match(levels, /^ {2}config: debug$/m);
  assert.match(levels, /^ {2}admin: warning$|: warning$/m, 'the others stay');
  assert.equal(told(), 1);
  for (const wrong of ['?config=loud', '?nobody=debug', '?level=loud'])
    assert.equal((await post(wrong))[0], 400, wrong);
  assert.equal(told(), 2);
  assert.equal((await post('?level=off'))[0], 200);
  assert.equal(told(), 2);
});

test('only this machine: other addresses are refused at start, other host names at a request', async (context) => {
  const { admin } = await setUp(context);
  const server = new AdminServer([]);
  await assert.rejects(server.start({ kind: 'ip', ip: '0.0.0.0', port: 0 }), /loopback/);
  const rebound = await exchangeRaw({ port: admin }, 'GET /stats HTTP/1.1\r\nHost: evil.example\r\n\r\n');
  assert.match(rebound.toString(), /^HTTP\/1\.1 403 /);
  assert.ok(isLocalHost('localhost:9901') && isLocalHost('[::1]:1') && !isLocalHost('127.0.0.1.evil.example'));
});

test('a page of another site in a browser on this machine can neither read nor change anything', async (context) => {
  const { admin, quits } = await setUp(context);
  const asked = async (method: string, path: string, ...fields: string[]): Promise<string> => {
    const head = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${admin}`, ...fields].join('\r\n');
    return (await exchangeRaw({ port: admin }, `${head}\r\n\r\n`)).toString().slice(9, 12);
  };
  for (const field of [
    'Origin: https://evil.example',
    'Origin: null',
    `Origin: http://127.0.0.1:${admin + 1}`,
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Site: same-site',
  ]) {
    assert.equal(await asked('POST', '/quitquitquit', field), '403', field);
    assert.equal(await asked('GET', '/config_dump', field), '403', field);
  }
  assert.equal(quits(), 0);
  const own = [`Origin: http://127.0.0.1:${admin}`, 'Sec-Fetch-Site: same-origin'];
  assert.equal(await asked('POST', '/quitquitquit', ...own), '200');
  assert.equal(quits(), 1);
});

test('malformed requests are refused, none throws', async (context) => {
  const { admin } = await setUp(context);
  for (const [bytes, status] of [
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/2.0\r\nhost: localhost\r\n\r\n', 505],
    ['get / HTTP/1.1\r\nhost: localhost\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nhost : localhost\r\n\r\n', 400],
    ['POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n', 400],
    ['POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9999999\r\n\r\n', 413],
    [`GET /${'a'.repeat(20_000)}`, 431],
  ] as const) {
    assert.match(
      (await exchangeRaw({ port: admin }, bytes)).toString(),
      new RegExp(`^HTTP/1\\.1 ${status} `),
      bytes.slice(0, 60),
    );
  }
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (noise) => void readAdminRequest(noise)),
    { numRuns: 300 },
  );
});
