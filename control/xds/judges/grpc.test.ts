/** A proxyless gRPC client (@grpc/grpc-js-xds): it resolves `xds:///`, follows changes, refuses and recovers. */
import assert from 'node:assert/strict';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import { Client, credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import { register } from '@grpc/grpc-js-xds';
import type { ProxyConfig } from '@weft/core/proxy-config';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { apiListener, cluster, config, endpointSet, route, routeTable } from '../testing/rows.ts';
import { JudgedControlPlane } from '../testing/judged-control-plane.ts';

const raw = (bytes: Buffer): Buffer => bytes;
const PATH = '/shop.Orders/Get';

/** A gRPC server that answers with `word`; its port. */
async function backend(context: TestContext, word: string): Promise<number> {
  const server = new Server();
  server.register(
    PATH,
    (_: unknown, answer: (error: null, bytes: Buffer) => void) => answer(null, Buffer.from(word)),
    raw,
    raw,
    'unary',
  );
  context.after(() => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

test('a proxyless gRPC client', async (context) => {
  const folder = temporaryFolder();
  context.after(() => folder[Symbol.dispose]());
  const [one, two] = [await backend(context, 'one'), await backend(context, 'two')];
  const shop = (
    target: string,
    ports: Readonly<Record<string, number>>,
    changes: Parameters<typeof cluster>[1] = {},
  ): ProxyConfig =>
    config({
      clusters: Object.keys(ports).map((name) =>
        cluster(name, {
          ...changes,
          protocol: {
            kind: 'http2',
            options: {
              maxConcurrentStreams: 100,
              initialStreamWindowSize: 65_536,
              initialConnectionWindowSize: 1_048_576,
              allowConnect: false,
            },
          },
        }),
      ),
      endpoints: Object.entries(ports).map(([name, port]) => endpointSet(name, { kind: 'ip', ip: '127.0.0.1', port })),
      listeners: [apiListener('orders.shop:50051', 'routes')],
      routes: [routeTable('routes', [route(target)])],
    });
  const plane = new JudgedControlPlane(folder.path, shop('a', { a: one }));
  await plane.start();
  context.after(() => plane.stop());
  process.env.GRPC_XDS_BOOTSTRAP_CONFIG = JSON.stringify({
    xds_servers: [
      { server_uri: `unix:${plane.socket}`, channel_creds: [{ type: 'insecure' }], server_features: ['xds_v3'] },
    ],
    node: { id: 'shop/web-1', locality: {}, metadata: { 'dev.weft': { engine: { name: 'grpc', version: '1.14.1' } } } },
  });
  register();
  const client = new Client('xds:///orders.shop:50051', credentials.createInsecure());
  context.after(() => client.close());
  const get = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const deadline = Date.now() + 5000;
      client.makeUnaryRequest(PATH, raw, raw, Buffer.alloc(0), { deadline }, (error, bytes) =>
        error === null ? resolve(String(bytes)) : reject(error),
      );
    });

  assert.equal(await get(), 'one');
  const status = await plane.reaches('synced');
  assert.equal(status.proxy.role, 'grpc');
  assert.deepEqual(plane.pushes, ['listeners', 'routes', 'clusters', 'endpoints'], 'in the order in which it asks');

  plane.pushes.length = 0;
  plane.source.set(shop('a', { a: two }));
  await until(async () => (await get()) === 'two');
  await plane.reaches('synced');
  assert.deepEqual(plane.pushes, ['endpoints']);

  // The route moves to a cluster that is new: no call in between fails.
  let busy = true;
  const answers = new Set<string>();
  const load = (async () => {
    while (busy) answers.add(await get());
  })();
  plane.source.set(shop('b', { b: one }));
  await until(async () => (await get()) === 'one');
  await plane.reaches('synced');
  busy = false;
  await load;
  assert.deepEqual([...answers].sort(), ['one', 'two']);

  // Endpoints that it refuses: shown within a second, the last good ones kept.
  const address = { kind: 'ip', ip: '127.0.0.1', port: two } as const;
  const good = shop('b', { b: one });
  plane.source.set({ ...good, endpoints: new Map([['b', endpointSet('b', address, address)]]) });
  const rejected = await plane.reaches('rejected', 1000);
  assert.deepEqual(
    rejected.rejections.map(({ type, name }) => `${type} ${name}`),
    ['endpoints b'],
  );
  assert.equal(await get(), 'one');
  plane.source.set(shop('b', { b: two }));
  await until(async () => (await get()) === 'two');
  await plane.reaches('synced');

  await plane.restart();
  await plane.reaches('synced');
  assert.equal(await get(), 'two');
  plane.source.set(shop('b', { b: one }));
  await until(async () => (await get()) === 'one');
});
