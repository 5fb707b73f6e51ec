/** A mesh whose engines serve on two threads each: mTLS, changes under load, numbers that add up, readiness, and an end that waits for what is open. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import type { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';
import { Load } from '@weft/testkit/load';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');

const route = (name: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: hello, namespace: default }
spec:
  parentRefs: [{ group: "", kind: Service, name: hello }]
  rules:
    - filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: x-change, value: ${name} }] } }]
      backendRefs: [{ name: hello, port: 80 }]
`;
const service = `
apiVersion: v1
kind: Service
metadata: { name: hello, namespace: default }
spec: { selector: { app: hello }, ports: [{ name: http, port: 80, appProtocol: http }] }
---`;

describe('weft run --concurrency 2', () => {
  const mesh = new TestMesh();
  const admin = (name: string): { readonly socketPath: string } => ({
    socketPath: path.join(mesh.folder, `${name}.sock`),
  });
  let port = 0;
  let client: TestProcess;

  before(async () => {
    await mesh.up();
    await mesh.apply(service + route('first'));
    const app = await freePort();
    const flags = (name: string): string[] => ['--name', name, '--concurrency', '2', '--admin', admin(name).socketPath];
    const command = ['/usr/bin/env', `PORT=${app}`, 'NAME=a', process.execPath, HELLO];
    mesh.run(...flags('hello'), '--port', `${app}/http`, '--', ...command);
    await mesh.synced(1);
    port = await freePort();
    client = mesh.run(...flags('client'), '--upstream', `hello=${port}`);
    await mesh.synced(2);
    await mesh.answering(port);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const total = async (name: string): Promise<number> => {
    const { body } = await exchange(admin(name), { path: '/stats/prometheus?filter=istio_requests_total' });
    const counts = [
      ...body.toString().matchAll(/^istio_requests_total\{.*connection_security_policy="(\w+)".*\} (\d+)$/gm),
    ];
    assert.ok(
      counts.every(([, policy]) => policy === 'mutual_tls'),
      body.toString(),
    );
    return counts.reduce((sum, [, , count]) => sum + Number(count), 0);
  };

  test('changes under load fail no request; both proxies counted what the client counted', async () => {
    const before = await Promise.all([total('client'), total('hello')]);
    const load = new Load(port, 200);
    try {
      for (const name of ['second', 'third']) {
        await load.more(100);
        await mesh.apply(route(name));
        await until(async () => (await exchange({ port })).headers['x-change'] === name, { what: name });
      }
      await load.more(100);
    } finally {
      await load.stop();
    }
    assert.deepEqual(load.failures, []);
    let [caller, called] = [0, 0];
    // A proxy counts what it has passed on.
    await until(async () => {
      const counts = await Promise.all([total('client'), total('hello')]);
      [caller = 0, called = 0] = counts.map((count, index) => count - (before[index] ?? 0));
      return caller === called && caller >= load.ok;
    }).catch(() => undefined);
    assert.equal(caller, called);
    assert.ok(caller >= load.ok);
  });

  test('readiness and the size of the pool are told; /healthcheck/fail holds for the process', async () => {
    const get = async (page: string, method = 'GET'): Promise<string> =>
      (await exchange(admin('client'), { path: page, method })).body.toString();
    assert.equal(await get('/ready'), 'LIVE\n');
    assert.equal(JSON.parse(await get('/server_info')).command_line_options.concurrency, 2);
    assert.match(
      await get('/stats?filter=overload'),
      /overload\.envoy\.overload_actions\.stop_accepting_requests\.active: 0\n/,
    );
    await get('/healthcheck/fail', 'POST');
    assert.equal(await get('/ready'), 'DRAINING\n');
    assert.equal((await exchange({ port })).status, 200);
    await get('/healthcheck/ok', 'POST');
    assert.equal(await get('/ready'), 'LIVE\n');
  });

  test('it ends in good order', async () => {
    client.signal('SIGTERM');
    assert.equal((await client.ended(15_000)).code, 0);
    assert.equal(client.stderr.includes('internal error'), false, client.stderr);
  });
});
