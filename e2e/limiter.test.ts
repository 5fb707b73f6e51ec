/** Limiters that end and begin under load: two that share a Redis, and one alone with its counters in memory. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { Load } from '@weft/testkit/load';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');

const limit = (requests: number, limiter: string, onFailure: string, by = ''): string => `
apiVersion: weft.dev/v1alpha1
kind: RateLimit
metadata: { name: hello, namespace: default }
spec:
  targetRefs: [{ kind: Service, name: hello }]
  global:
    limiter: { name: ${limiter} }
    onFailure: ${onFailure}
    timeout: 5s
    limits: [{ requests: ${requests}, per: 24h, algorithm: Fixed${by} }]
  response: { tellsLimits: true }
`;

for (const engine of ['weft', 'envoy'] as const) {
  // Envoy does not ask twice: a question that meets the end of a connection has no answer there.
  const onFailure = engine === 'weft' ? 'Deny' : 'Allow';
  const wanted = engine === 'envoy' ? ['redis-server', 'envoy'] : ['redis-server'];
  describe(`limiters, counted by ${engine}`, { skip: needs(...wanted) }, () => {
    const mesh = new TestMesh();
    const folder = temporaryFolder();
    let redis: TestProcess;
    let redisPort = 0;
    let port = 0;

    const limiter = async (name: string, ...args: readonly string[]): Promise<TestProcess> => {
      const own = await freePort();
      const child = [WEFT, 'limiter', '--listen', `127.0.0.1:${own}`, ...args];
      const started = mesh.run('--name', name, '--port', `${own}/grpc`, '--drain', '3s', '--', ...child);
      await started.matching(/limiter is ready/);
      return started;
    };
    const shared = (): Promise<TestProcess> => limiter('shared', '--redis', `127.0.0.1:${redisPort}`);

    /** Some of the mesh's processes have ended on purpose. */
    const synced = (name: string, count: number): Promise<true> =>
      until(
        async () =>
          (await mesh.status()).filter((one) => one.name.startsWith(name) && one.connected && one.state === 'synced')
            .length === count,
        { what: `${count} of ${name}` },
      );

    before(async () => {
      redisPort = await freePort();
      const args = ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', folder.path];
      redis = new TestProcess(toolPath('redis-server'), args);
      await redis.matching(/Ready to accept connections/);
      await mesh.up();
      const app = await freePort();
      const hello = ['/usr/bin/env', `PORT=${app}`, 'NAME=a', process.execPath, HELLO];
      mesh.run('--name', 'hello', '--engine', engine, '--port', `${app}/http`, '--', ...hello);
      port = await freePort();
      mesh.run('--name', 'client', '--upstream', `hello=${port}`);
      await mesh.synced(2);
      await until(async () => (await exchange({ port })).status === 200, { what: 'the first answer' });
    });
    after(async () => {
      await mesh[Symbol.asyncDispose]();
      await redis.stop();
      folder[Symbol.dispose]();
    });

    test('one alone, killed and started anew: with `Allow` all pass meanwhile', async () => {
      const one = await limiter('alone');
      await synced('alone', 1);
      await mesh.apply(limit(1_000_000, 'alone', 'Allow'), '--wait');
      const load = new Load(port, 40);
      try {
        await load.more(60);
        process.kill(one.pid, 'SIGKILL');
        await load.more(80);
        await limiter('alone');
        await load.more(80);
      } finally {
        await load.stop();
      }
      assert.deepEqual([...new Set(load.failures)], []);
    });

    test('two that share a Redis: either may end, no request fails, and both count as one', async () => {
      let [first, second] = [await shared(), await shared()];
      await synced('shared', 2);
      await mesh.apply(limit(1_000_000, 'shared', onFailure), '--wait');
      const load = new Load(port, 40);
      try {
        await load.more(60);
        await first.stop();
        await load.more(60);
        first = await shared();
        await synced('shared', 2);
        await load.more(60);
        await second.stop();
        await load.more(60);
        second = await shared();
        await synced('shared', 2);
        await load.more(60);
      } finally {
        await load.stop();
      }
      assert.deepEqual([...new Set(load.failures)], [], `${load.failures.length} failed\n${mesh.output()}`);
      await mesh.apply(
        limit(40, 'shared', 'Deny', ', by: [{ type: Header, name: x-none }, { type: Method }]'),
        '--wait',
      );
      let passed = 0;
      for (let last = 200; last === 200; ) {
        const { status, headers } = await exchange({ port });
        // Connections that began before go on with what held then.
        if (status === 200 && String(headers['x-ratelimit-limit']).startsWith('40')) passed += 1;
        last = status;
      }
      assert.equal(passed, 40, 'both count as one');
      await first.stop();
      await second.stop();
    });
  });
}
