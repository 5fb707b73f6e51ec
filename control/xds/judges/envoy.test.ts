/** Real Envoy by ADS over a Unix socket, state of the world and delta: it serves, follows changes, refuses, comes back. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Cluster, PLAIN_CONSISTENT, type ProxyConfig } from '@weft/core/proxy-config';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { cluster, config, endpointSet, listener, route, routeTable } from '../testing/rows.ts';
import { JudgedControlPlane } from '../testing/judged-control-plane.ts';

async function backend(context: TestContext, word: string): Promise<number> {
  const server = http.createServer((_, response) => response.end(word));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const bootstrap = (socket: string, admin: string, apiType: string): unknown => ({
  node: { id: 'shop/web-1', cluster: 'web' },
  admin: { address: { pipe: { path: admin } } },
  dynamic_resources: {
    ads_config: {
      api_type: apiType,
      transport_api_version: 'V3',
      set_node_on_first_message_only: true,
      grpc_services: [{ envoy_grpc: { cluster_name: 'control-plane' } }],
    },
    cds_config: { ads: {}, resource_api_version: 'V3' },
    lds_config: { ads: {}, resource_api_version: 'V3' },
  },
  static_resources: {
    clusters: [
      {
        name: 'control-plane',
        type: 'STATIC',
        connect_timeout: '1s',
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
            '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
            explicit_http_config: { http2_protocol_options: {} },
          },
        },
        load_assignment: {
          cluster_name: 'control-plane',
          endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: socket } } } }] }],
        },
      },
    ],
  },
});

/** Refused when the cluster is made. */
const BROKEN: Partial<Cluster> = {
  transport: {
    kind: 'tls',
    certificates: [{ kind: 'files', certificateChain: '/nowhere/chain.pem', privateKey: '/nowhere/key.pem' }],
    validation: undefined,
    sni: '',
    sniFromEndpoint: false,
    sanFromSni: false,
    alpnProtocols: [],
    parameters: { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] },
  },
};

/** Refused later: Envoy 1.40 then takes the cluster for one that is still warming, and never answers. */
const SILENCING: Partial<Cluster> = {
  loadBalancing: {
    kind: 'ring-hash',
    minimumRingSize: 2000,
    maximumRingSize: 1000,
    hashFunction: 'xx-hash',
    consistent: PLAIN_CONSISTENT,
  },
};

for (const apiType of ['AGGREGATED_GRPC', 'AGGREGATED_DELTA_GRPC'] as const) {
  const delta = apiType === 'AGGREGATED_DELTA_GRPC';
  test(`Envoy by ${delta ? 'delta' : 'state of the world'}`, { skip: needs('envoy') }, async (context) => {
    const folder = temporaryFolder();
    context.after(() => folder[Symbol.dispose]());
    const [one, two, port] = [await backend(context, 'one'), await backend(context, 'two'), await freePort()];
    const at = (name: string, backendPort: number) =>
      endpointSet(name, { kind: 'ip', ip: '127.0.0.1', port: backendPort });
    const shop = (target: string, clusters: readonly Cluster[], ports: Readonly<Record<string, number>>): ProxyConfig =>
      config({
        clusters,
        endpoints: clusters.map(({ name }) => at(name, ports[name] ?? one)),
        listeners: [listener('web', { kind: 'ip', ip: '127.0.0.1', port }, 'routes')],
        routes: [routeTable('routes', [route(target)])],
      });
    const plane = new JudgedControlPlane(folder.path, shop('a', [cluster('a')], { a: one }));
    await plane.start();
    context.after(() => plane.stop());
    const admin = path.join(folder.path, 'admin.sock');
    const file = path.join(folder.path, 'envoy.json');
    writeFileSync(file, JSON.stringify(bootstrap(plane.socket, admin, apiType.replace('AGGREGATED_', ''))));
    const envoy = new TestProcess(toolPath('envoy'), [
      '-c',
      file,
      '--concurrency',
      '1',
      '-l',
      'warning',
      '--base-id-path',
      path.join(folder.path, 'id'),
      '--use-dynamic-base-id',
    ]);
    context.after(() => envoy.stop());

    await plane.reaches('synced');
    const get = async (): Promise<string> => {
      const answer = await exchange({ port });
      return `${answer.status} ${answer.body.toString()}`;
    };
    await until(async () => (await get()) === '200 one');
    assert.deepEqual(plane.pushes, ['clusters', 'endpoints', 'listeners', 'routes'], 'each once, in order');

    plane.pushes.length = 0;
    plane.source.set(shop('a', [cluster('a')], { a: two }));
    await until(async () => (await get()) === '200 two');
    await plane.reaches('synced');
    assert.deepEqual(plane.pushes, ['endpoints'], 'an endpoint change is an endpoint update alone');

    // A changed cluster warms: it is in use only once its endpoints came again.
    const timeouts = async (): Promise<string> => {
      const answer = await exchange({ socketPath: admin }, { path: '/config_dump?resource=dynamic_active_clusters' });
      return answer.body.toString();
    };
    plane.source.set(shop('a', [cluster('a', { connectTimeout: 1234 })], { a: two }));
    await until(async () => (await timeouts()).includes('1.234s'), {
      timeout: 5000,
      what: 'the changed cluster in use',
    });
    assert.equal(await get(), '200 two');
    await plane.reaches('synced');

    // Make before break: b comes, the route moves, a goes; no request in between fails.
    let busy = true;
    const answers = new Set<string>();
    const load = (async () => {
      while (busy) answers.add(await get());
    })();
    plane.source.set(shop('b', [cluster('b')], { b: one }));
    await until(async () => (await get()) === '200 one');
    await plane.reaches('synced');
    busy = false;
    await load;
    assert.deepEqual([...answers].sort(), ['200 one', '200 two']);
    assert.ok(!(await timeouts()).includes('"a"'), 'the old cluster is gone');

    // A cluster that Envoy refuses: shown within a second, its last good version kept, the rest sent.
    plane.source.set(shop('b', [cluster('b', BROKEN), cluster('c', { connectTimeout: 4321 })], { b: two, c: one }));
    const rejected = await plane.reaches('rejected', 1000);
    assert.deepEqual(
      rejected.rejections.map(({ type, name }) => `${type} ${name}`),
      ['clusters b'],
    );
    assert.match(rejected.rejections[0]?.reason ?? '', /nowhere/);
    await until(async () => (await timeouts()).includes('4.321s'), {
      what: 'the good cluster of the refused response',
    });
    await until(async () => (await get()) === '200 two', { what: 'b at its last good version, with new endpoints' });
    assert.notEqual(rejected.rejections[0]?.lastGood, '');

    // A route table and a listener that it refuses.
    const good = shop('b', [cluster('b')], { b: two });
    const twice = routeTable('routes', [route('b')], ['x', 'x']);
    plane.source.set({ ...good, routes: new Map([['routes', twice]]) });
    await until(() => plane.status()?.rejections.some(({ type, name }) => type === 'routes' && name === 'routes'), {
      timeout: 1000,
    });
    assert.equal(await get(), '200 two');
    const elsewhere = listener('elsewhere', { kind: 'ip', ip: '192.0.2.1', port: 1 }, 'routes');
    plane.source.set({ ...good, listeners: new Map([...good.listeners, ['elsewhere', elsewhere]]) });
    await until(
      () => plane.status()?.rejections.some(({ type, name }) => type === 'listeners' && name === 'elsewhere'),
      { timeout: 1000 },
    );
    assert.equal(await get(), '200 two');
    plane.source.set(good);
    await plane.reaches('synced');

    // It does not even answer: what is newer goes out all the same.
    plane.source.set(shop('b', [cluster('b', SILENCING)], { b: two }));
    await envoy.matching(/ring hash: minimum_ring_size/);
    plane.source.set(shop('b', [cluster('b', { connectTimeout: 2345 })], { b: two }));
    await until(async () => (await timeouts()).includes('2.345s'), { what: 'the corrected cluster' });
    await plane.reaches('synced');
    assert.equal(await get(), '200 two');
    plane.source.set(good);
    await plane.reaches('synced');

    // After a restart Envoy says what it holds, and gets nothing again.
    await plane.restart();
    await plane.reaches('synced', 5000);
    assert.deepEqual(plane.pushes, []);
    plane.source.set(shop('b', [cluster('b')], { b: one }));
    await until(async () => (await get()) === '200 one');
    await plane.reaches('synced');
    assert.deepEqual(plane.pushes, ['endpoints']);
  });
}
