/** `weft run` owns its child: order of start, environment, exit code, readiness, the end; and coming back by a registration key. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { Load } from '@weft/testkit/load';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');
const SWITCHED = path.join(import.meta.dirname, 'backends/switched.mjs');

const gone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z') === true;
  } catch {
    return true;
  }
};

describe('weft run', () => {
  const mesh = new TestMesh();
  let app = 0;
  const hello = (...command: readonly string[]): readonly string[] => ['/usr/bin/env', `PORT=${app}`, ...command];

  before(async () => {
    await mesh.up();
    app = await freePort();
    mesh.run('--name', 'hello', '--port', `${app}/http`, '--', ...hello('NAME=a', process.execPath, HELLO));
    await mesh.synced(1);
  });
  after(() => mesh[Symbol.asyncDispose]());

  test('the exit code is the child’s: its own, 126, 127, 128 + signal', async () => {
    const folder = mesh.folder;
    const code = async (...command: readonly string[]): Promise<number | null> =>
      (await mesh.weft('run', '--name', 'job', '--', ...command)).code;
    const codes = await Promise.all([
      code('true'),
      code('sh', '-c', 'exit 3'),
      code('no-such-program'),
      code(folder),
      code('sh', '-c', 'kill -KILL $$'),
    ]);
    assert.deepEqual(codes, [0, 3, 127, 126, 137]);
    const ended = mesh.run(
      '--name',
      'job',
      '--',
      'sh',
      '-c',
      'trap "exit 5" TERM; echo up; while :; do sleep 0.02; done',
    );
    await ended.matching(/^up$/m);
    ended.signal('SIGTERM');
    assert.equal((await ended.ended()).code, 5);
    const killed = mesh.run('--name', 'job', '--', 'sh', '-c', 'echo up; exec sleep 60');
    await killed.matching(/^up$/m);
    killed.signal('SIGTERM');
    assert.equal((await killed.ended()).code, 143);
  });

  test('the child ends when `weft run` is killed', async () => {
    const owner = mesh.run('--name', 'job', '--', 'sh', '-c', 'echo pid=$$; exec sleep 60');
    const [, pid = ''] = await owner.matching(/^pid=(\d+)$/m);
    assert.equal(gone(Number(pid)), false);
    owner.signal('SIGKILL');
    await owner.ended();
    await until(() => gone(Number(pid)), { what: 'the end of the child' });
  });

  test('the child starts when its certificate and configuration are there: its first request is answered, on both loopbacks', async () => {
    const port = await freePort();
    const script = [
      'for host in 127.0.0.1 "[::1]"; do curl -s -m 20 -o /dev/null -w "$host %{http_code}\\n" http://$host:$PORT/; done',
      'env',
    ].join('; ');
    const flags = ['--name', 'caller', '--upstream', `hello=${port}`, '--http-proxy'];
    const outcome = await mesh.weft('run', ...flags, '--', '/usr/bin/env', `PORT=${port}`, 'sh', '-c', script);
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stdout, /^127\.0\.0\.1 200\n\[::1\] 200$/m, outcome.stderr);
    const env = new Map(
      outcome.stdout.split('\n').map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
    );
    assert.equal(env.get('WEFT_UPSTREAM_HELLO'), `127.0.0.1:${port}`);
    assert.match(env.get('http_proxy') ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(env.get('HTTP_PROXY'), env.get('http_proxy'));
    assert.match(env.get('no_proxy') ?? '', /127\.0\.0\.1/);
    assert.equal(env.get('NO_PROXY'), env.get('no_proxy'));
    assert.equal(env.get('NODE_USE_ENV_PROXY'), '1');
  });

  test('the forward proxy: by the service’s names and by CONNECT', async () => {
    const calls = ['http://hello/', 'http://hello.default/', `-p http://hello:${app}/`, '-p http://nobody:80/'];
    const script = calls.map((call) => `curl -s -m 20 -o /dev/null -w "%{http_code}\\n" ${call}`).join('; ');
    const outcome = await mesh.weft('run', '--name', 'caller', '--http-proxy', '--', 'sh', '-c', script);
    const [bare, full, tunnel, nobody] = outcome.stdout.trim().split('\n');
    assert.deepEqual([bare, full, tunnel], ['200', '200', '200'], outcome.stderr);
    assert.equal(nobody, '000');
  });

  test('an endpoint counts only while its port accepts', async () => {
    const [port, backend, control] = [await freePort(), await freePort(), await freePort()];
    const env = ['/usr/bin/env', `PORT=${backend}`, `CONTROL=${control}`, 'NAME=late'];
    const late = mesh.run('--name', 'late', '--port', `${backend}/http`, '--', ...env, process.execPath, SWITCHED);
    const caller = mesh.run('--name', 'caller', '--no-service', '--upstream', `late=${port}`);
    await caller.matching(/ready/);
    const order = (word: string): Promise<unknown> => exchange({ port: control }, { path: `/${word}` });
    const status = async (): Promise<number> => (await exchange({ port })).status;
    await until(() => order('state'), { what: 'the backend' });
    await until(async () => (await status()) === 503, { what: 'a 503 while nothing accepts' });
    for (let round = 0; round < 2; round += 1) {
      await order('open');
      await until(async () => (await status()) === 200, { what: 'an answer after the port opened' });
      await order('close');
      await until(async () => /port does not accept.*\n?$/.test(late.stderr.trimEnd().split('\n').at(-1) ?? ''));
      await until(async () => (await status()) === 503, { what: 'a 503 after the port closed' });
    }
    await Promise.all([late.stop(), caller.stop()]);
  });

  test('--mesh that is another, a namespace that is not there: told what to do', async () => {
    const [foreign, nowhere] = await Promise.all([
      mesh.weft('run', '--name', 'job', '--mesh', 'other', '--', 'true'),
      mesh.weft('run', '--name', 'job', '--namespace', 'nowhere', '--', 'true'),
    ]);
    assert.match(foreign.stderr, /namespace default is in mesh default, not in other\n.*--namespace/);
    assert.equal(foreign.code, 1);
    assert.match(nowhere.stderr, /refused this workload: its namespace does not exist\n.*weft apply/);
    assert.equal(nowhere.code, 1);
  });

  test('joined by a token: comes back by its key after a restart of either side', async () => {
    const token = (await mesh.weft('token', 'create', '--service-account', 'guest')).stdout.trim();
    const data = path.join(mesh.folder, 'guest');
    const guest = (...more: readonly string[]): TestProcess =>
      new TestProcess(WEFT, ['run', '--name', 'guest', '--no-service', '--data', data, ...more]);
    const synced = async (): Promise<boolean> =>
      (await mesh.status()).some(({ name, state }) => name.startsWith('guest-') && state === 'synced');
    const [, port = ''] = await mesh.controlPlane.matching(/ready: 127\.0\.0\.1:(\d+)/);
    let running = guest('--join', token);
    try {
      await until(synced, { what: 'the guest' });
      const twice = guest('--join', token);
      assert.equal((await twice.ended()).code, 1);
      assert.match(twice.stderr, /runs already on this host/);
      mesh.controlPlane.signal('SIGKILL');
      await mesh.controlPlane.ended();
      await mesh.up('--listen', `127.0.0.1:${port}`);
      await until(synced, { what: 'the guest after the restart of the control plane' });
      await running.stop();
      await until(async () => !(await synced()), { what: 'the guest to leave' });
      // The token is spent; the key in the folder is what counts.
      running = guest('--join', token);
      await until(synced, { what: 'the guest by its key' });
      assert.ok(existsSync(path.join(data, 'agents', 'default.guest')));
    } finally {
      await running.stop();
    }
  });
});

for (const engine of ['weft', 'envoy'] as const) {
  describe(`drain on ${engine}`, { skip: engine === 'envoy' ? needs('envoy') : false }, () => {
    const mesh = new TestMesh();
    after(() => mesh[Symbol.asyncDispose]());

    test('TERM under 200 requests a second, keep-alive connections and all: no request fails', async () => {
      await mesh.up();
      const start = async (name: string): Promise<TestProcess> => {
        const app = await freePort();
        const env = ['/usr/bin/env', `PORT=${app}`, `NAME=${name}`];
        return mesh.run(
          '--name',
          'hello',
          '--engine',
          engine,
          '--port',
          `${app}/http`,
          '--',
          ...env,
          process.execPath,
          HELLO,
        );
      };
      const leaving = await start('leaving');
      await start('staying');
      const port = await freePort();
      mesh.run('--name', 'client', '--engine', engine, '--upstream', `hello=${port}`);
      await mesh.synced(3);
      await mesh.answering(port);
      const load = new Load(port, 200);
      try {
        await until(() => load.names.has('leaving') && load.names.has('staying'), { what: 'answers of both' });
        leaving.signal('SIGTERM');
        assert.equal((await leaving.ended()).code, 0);
        // Its last answers may be on their way through the client's proxy.
        await until(
          async () => {
            load.names.clear();
            await load.more(60);
            return !load.names.has('leaving');
          },
          { what: 'no more answers of it' },
        );
        load.names.clear();
        await load.more(200);
      } finally {
        await load.stop();
      }
      assert.deepEqual(load.failures, []);
      assert.deepEqual([...load.names.keys()], ['staying']);
    });
  });
}
