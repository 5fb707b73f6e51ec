/** Access logs of a Mesh that only some proxies write, or of one direction: both engines, each as caller and as called. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const ENGINES = ['weft', 'envoy'] as const;

describe('access logs of some proxies', { skip: needs('envoy') }, () => {
  const mesh = new TestMesh();
  const echo = new EchoServer('echo');
  const file = (name: string): string => path.join(mesh.folder, `${name}.log`);
  const lines = (name: string): readonly string[] =>
    existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').slice(0, -1) : [];
  /** The local port by which the workload of one engine calls that of the other. */
  const upstreams = new Map<string, number>();

  const log = (name: string, whose: string): string =>
    `    - { to: File, path: ${file(name)}, text: "%REQ(X-MARK)% %RESPONSE_CODE%", ${whose} }\n`;

  before(async () => {
    const port = await echo.start();
    await mesh.up();
    const logs = ENGINES.flatMap((engine) => [
      log(`${engine}-both`, `workloadSelector: { app: ${engine} }`),
      log(`${engine}-in`, `namespaces: [default], workloadSelector: { app: ${engine} }, direction: Inbound`),
      log(`${engine}-out`, `workloadSelector: { app: ${engine} }, direction: Outbound`),
    ]);
    logs.push(log('nobody', 'notNamespaces: [default]'), log('stranger', 'namespaces: [elsewhere]'));
    await mesh.apply(
      `apiVersion: weft.dev/v1alpha1\nkind: Mesh\nmetadata: { name: default }\nspec:\n  trustDomain: weft.local\n  accessLogs:\n${logs.join('')}`,
    );
    for (const [engine, other] of [
      ['weft', 'envoy'],
      ['envoy', 'weft'],
    ] as const) {
      const local = await freePort();
      upstreams.set(engine, local);
      mesh.run('--name', engine, '--engine', engine, '--port', `${port}/http`, '--upstream', `${other}=${local}`);
    }
    await mesh.synced(2);
    for (const local of upstreams.values()) await mesh.answering(local);
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    await echo.stop();
  });

  test('each line stands where its workload and its direction say, and nowhere else', async () => {
    for (const engine of ENGINES) {
      const sent = { headers: { 'x-mark': `from-${engine}` } };
      assert.equal((await exchange({ port: upstreams.get(engine) ?? 0 }, sent)).status, 200);
    }
    const marked = (name: string): readonly string[] =>
      lines(name)
        .filter((line) => line.startsWith('from-'))
        .toSorted();
    const [weft, envoy] = ['from-weft 200', 'from-envoy 200'];
    const wanted = {
      'weft-both': [envoy, weft],
      'weft-in': [envoy],
      'weft-out': [weft],
      'envoy-both': [envoy, weft],
      'envoy-in': [weft],
      'envoy-out': [envoy],
    };
    const found = (): unknown => Object.fromEntries(Object.keys(wanted).map((name) => [name, marked(name)]));
    await until(
      () =>
        ENGINES.every(
          (engine) =>
            marked(`${engine}-both`).length >= 2 &&
            marked(`${engine}-in`).length >= 1 &&
            marked(`${engine}-out`).length >= 1,
        ),
      {
        what: 'the lines of both requests',
      },
    );
    assert.deepEqual(found(), wanted);
    assert.deepEqual([lines('nobody'), lines('stranger')], [[], []]);
  });
});
