// `weft proxy -c FILE` with dynamic_resources, against the control plane's xDS server over a Unix socket, in both variants.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  cluster,
  config,
  endpointSet,
  JudgedControlPlane,
  listener,
  route,
  routeTable,
} from '@weft/control/xds/testing';
import type { ProxyConfig } from '@weft/core/proxy-config';
import { readBootstrap } from '@weft/envoy/bootstrap';
import { FakeClock } from '@weft/testkit/clock';
import { EchoServer } from '@weft/testkit/echo';
import { temporaryFolder } from '@weft/testkit/folder';
import { freePort } from '@weft/testkit/ports';
import { until } from '@weft/testkit/wait';
import { ConfigCache } from './ads/config-cache.ts';
import { runBootstrap } from './run-bootstrap.ts';
import { textSource } from '@weft/envoy/text/yaml';

const at = (port: number) => ({ kind: 'ip', ip: '127.0.0.1', port }) as const;

const bootstrap = (socket: string, delta: boolean, more = ''): string => `
node: { id: shop/web-1, cluster: test }
dynamic_resources:
  ads_config:
    api_type: ${delta ? 'DELTA_GRPC' : 'GRPC'}
    transport_api_version: V3
    grpc_services: [{ envoy_grpc: { cluster_name: xds } }]
  lds_config: { resource_api_version: V3, ads: {} }
  cds_config: { resource_api_version: V3, ads: {} }
static_resources:
  clusters:
    - name: xds
      connect_timeout: 1s
      load_assignment:
        cluster_name: xds
        endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: "${socket}" } } } }] }]
${more}
`;

function mesh(port: number, backend: number, version = 'one'): ProxyConfig {
  return config({
    clusters: [cluster('app')],
    endpoints: [endpointSet('app', at(backend))],
    listeners: [listener('web', at(port), 'web-routes')],
    routes: [
      routeTable('web-routes', [
        route('app', {
          headers: {
            requestRemove: [],
            requestAdd: [],
            responseRemove: [],
            responseAdd: [
              { name: 'x-version', value: version, append: 'overwrite-if-exists-or-add', keepEmptyValue: false },
            ],
          },
        }),
      ]),
    ],
  });
}

async function ask(port: number): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    return `${answer.status} ${answer.headers.get('x-version') ?? ''}`;
  } catch {
    return 'refused';
  }
}

async function start(context: TestContext, text: string, cacheFolder?: string, concurrency = 1) {
  const read = readBootstrap(textSource(text, 'bootstrap.yaml'));
  assert.ok(read.ok, JSON.stringify(read.ok ? '' : read.error));
  const running = await runBootstrap(read.value, { concurrency, cacheFolder });
  context.after(() => running.stop());
  return running;
}

async function backend(context: TestContext): Promise<EchoServer> {
  const echo = new EchoServer('app');
  await echo.start();
  context.after(() => echo.stop());
  return echo;
}

for (const [variant, delta, concurrency] of [
  ['state of the world', false, 1],
  ['delta', true, 1],
  ['delta, two threads', true, 2],
] as const) {
  test(`${variant}: rows come by ADS, change live, survive the control plane`, async (context) => {
    using folder = temporaryFolder();
    const echo = await backend(context);
    const [port, other] = [await freePort(), await freePort()];
    const plane = new JudgedControlPlane(folder.path, mesh(port, echo.port));
    await plane.start();
    context.after(() => plane.stop());
    await start(context, bootstrap(plane.socket, delta), undefined, concurrency);
    await until(async () => (await ask(port)) === '200 one');
    await plane.reaches('synced');
    plane.source.set(mesh(port, echo.port, 'two'));
    await until(async () => (await ask(port)) === '200 two');
    // A listener on a port that is taken: refused with its reason, the last good one goes on.
    plane.source.set(mesh(echo.port, echo.port, 'two'));
    await until(() => plane.refusals.some((text) => /listeners: web: .*(in use|EADDRINUSE)/.test(text)));
    assert.equal(await ask(port), '200 two');
    plane.source.set(mesh(other, echo.port, 'three'));
    await until(async () => (await ask(other)) === '200 three');
    await plane.reaches('synced');
    const before = plane.pushes.length;
    await plane.restart();
    assert.equal(await ask(other), '200 three');
    await plane.reaches('synced');
    assert.deepEqual([before > 0, plane.pushes], [true, []], 'nothing is sent again that had not changed');
    assert.equal(await ask(other), '200 three');
  });
}

for (const delta of [false, true]) {
  test(`${delta ? 'delta' : 'state of the world'}: the last good configuration serves while the control plane is away`, async (context) => {
    using folder = temporaryFolder();
    const echo = await backend(context);
    const port = await freePort();
    const cache = path.join(folder.path, 'cache');
    const plane = new JudgedControlPlane(folder.path, mesh(port, echo.port));
    await plane.start();
    context.after(() => plane.stop());
    const first = await start(context, bootstrap(plane.socket, delta), cache);
    await until(async () => (await ask(port)) === '200 one');
    await plane.reaches('synced');
    await first.stop();
    await plane.stop();
    assert.equal(await ask(port), 'refused');
    assert.equal(statSync(path.join(cache, 'last-good.json')).mode & 0o777, 0o600);
    await start(context, bootstrap(plane.socket, delta), cache);
    await until(async () => (await ask(port)) === '200 one');
    await plane.restart();
    await plane.reaches('synced');
    assert.deepEqual(plane.pushes, [], 'what is held is stated, and not sent again');
    plane.source.set(mesh(port, echo.port, 'two'));
    await until(async () => (await ask(port)) === '200 two');
  });
}

test('a saved configuration that is damaged, or of somebody else, is none', async (context) => {
  using folder = temporaryFolder();
  const problems: string[] = [];
  const cacheOf = (owner: string): ConfigCache =>
    new ConfigCache({
      folder: folder.path,
      owner,
      clock: new FakeClock(),
      onProblem: (message) => problems.push(message),
    });
  const none = { version: '', rows: new Map() };
  cacheOf('me').changed(() => ({ clusters: none, endpoints: none, listeners: none, scopes: none, routes: none }));
  assert.equal(cacheOf('me').read(), undefined, 'nothing is written yet');
  const cache = cacheOf('me');
  cache.changed(() => ({
    clusters: { version: '7', rows: new Map([['app', { row: cluster('app'), version: '1' }]]) },
    endpoints: none,
    listeners: none,
    scopes: none,
    routes: none,
  }));
  cache.flush();
  const read = cacheOf('me').read();
  assert.deepEqual(read?.clusters.rows.get('app')?.row, cluster('app'));
  assert.equal(read.clusters.version, '7');
  assert.equal(cacheOf('other').read(), undefined);
  assert.deepEqual(problems, []);
  const file = path.join(folder.path, 'last-good.json');
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20));
  assert.equal(cacheOf('me').read(), undefined);
  assert.equal(problems.length, 1);
  context.diagnostic(problems[0] ?? '');
});

test('static rows serve before the control plane is there, and are not replaced', async (context) => {
  using folder = temporaryFolder();
  const echo = await backend(context);
  const [port, fixed] = [await freePort(), await freePort()];
  const plane = new JudgedControlPlane(folder.path, mesh(port, echo.port));
  await start(
    context,
    bootstrap(
      plane.socket,
      false,
      `
    - name: fixed
      connect_timeout: 1s
      load_assignment:
        cluster_name: fixed
        endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${echo.port} } } } }] }]
  listeners:
    - name: fixed
      address: { socket_address: { address: 127.0.0.1, port_value: ${fixed} } }
      filter_chains:
        - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: fixed
                http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
                route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: fixed } }] }] }`,
    ),
  );
  assert.equal(await ask(fixed), '200 ');
  assert.equal(await ask(port), 'refused');
  await plane.start();
  context.after(() => plane.stop());
  await until(async () => (await ask(port)) === '200 one');
  assert.equal(await ask(fixed), '200 ');
});

test('a static listener that cannot be opened ends the start', async (context) => {
  using folder = temporaryFolder();
  const echo = await backend(context);
  const read = readBootstrap(
    textSource(
      bootstrap(
        path.join(folder.path, 'nobody.sock'),
        true,
        `
  listeners:
    - name: taken
      address: { socket_address: { address: 127.0.0.1, port_value: ${echo.port} } }
      filter_chains:
        - filters:
            - name: tcp
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: xds }`,
      ),
      'bootstrap.yaml',
    ),
  );
  assert.ok(read.ok, JSON.stringify(read.ok ? '' : read.error));
  await assert.rejects(runBootstrap(read.value, { concurrency: 1 }), /taken|in use/);
});
