/** Who is refused, and where the reason is to be found: callers without, with a foreign, with a denied identity; tokens; other people's names. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');
const POLICY = `
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: only-friends, namespace: default }
spec:
  targetRefs: [{ kind: Service, name: hello }]
  action: ALLOW
  rules: [{ from: [{ accounts: [friend] }] }]
`;

interface Handshake {
  /** Bytes of an answer to a request sent after the handshake. */
  readonly answer: string;
  readonly error: string;
}

/** A TLS connection that sends a request at once; what comes back. */
const knock = (port: number, options: tls.ConnectionOptions): Promise<Handshake> =>
  new Promise((resolve) => {
    let answer = '';
    let error = '';
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () =>
      socket.write('GET / HTTP/1.1\r\nHost: hello\r\n\r\n'),
    );
    socket.setTimeout(20_000, () => socket.destroy());
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
      socket.end();
    });
    socket.on('error', (fault) => {
      error = fault.message;
    });
    socket.on('close', () => resolve({ answer, error }));
  });

describe('identity', () => {
  const mesh = new TestMesh();
  let server: TestProcess | undefined;
  let inbound = 0;
  const ports = new Map<string, number>();
  const admin = path.join(mesh.folder, 'hello.sock');
  const metrics = async (): Promise<string> =>
    (await exchange({ socketPath: admin }, { path: '/stats/prometheus' })).body.toString();

  before(async () => {
    await mesh.up();
    const app = await freePort();
    server = mesh.run(
      '--name',
      'hello',
      '--port',
      `${app}/http`,
      '--admin',
      admin,
      '--',
      '/usr/bin/env',
      `PORT=${app}`,
      process.execPath,
      HELLO,
    );
    await mesh.synced(1);
    for (const name of ['friend', 'stranger']) {
      const port = await freePort();
      ports.set(name, port);
      mesh.run('--name', name, '--no-service', '--upstream', `hello=${port}`);
    }
    await mesh.synced(3);
    const workloads = JSON.parse((await mesh.weft('get', 'workloads', '-o', 'json')).stdout) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly spec: { readonly ports?: readonly { readonly proxyPort?: number }[] };
      }[];
    };
    inbound =
      workloads.items.find(({ metadata }) => metadata.name.startsWith('hello-'))?.spec.ports?.[0]?.proxyPort ?? 0;
    assert.ok(inbound > 0, 'the workload has a proxy port');
    for (const port of ports.values())
      await until(async () => (await exchange({ port })).status === 200, { what: 'the first answer' });
  });
  after(() => mesh[Symbol.asyncDispose]());

  test('plaintext and TLS without a certificate are refused; the reason is counted, not told', async () => {
    const plain = await exchange({ port: inbound }).catch((error: unknown) => error);
    assert.ok(plain instanceof Error);
    const none = await knock(inbound, {});
    assert.equal(none.answer, '');
    await until(async () => /no[-_]certificate|fail_verify_no_cert\S* [1-9]/.test(await metrics()), {
      what: 'a count of the missing certificate',
    });
  });

  test('a certificate of another authority and an expired one are refused', { skip: needs('openssl') }, async () => {
    const folder = mesh.folder;
    const openssl = (...args: string[]): void =>
      void execFileSync(toolPath('openssl'), args, { cwd: folder, stdio: 'ignore' });
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'other.key',
      '-out',
      'other.pem',
      '-days',
      '1',
      '-subj',
      '/CN=x',
      '-addext',
      'subjectAltName=URI:spiffe://weft.local/ns/default/sa/friend',
    );
    const foreign = await knock(inbound, {
      key: readFileSync(path.join(folder, 'other.key')),
      cert: readFileSync(path.join(folder, 'other.pem')),
    });
    assert.equal(foreign.answer, '');
    await until(async () => /fail_verify_error\S* [1-9]|unknown[-_]authority|untrusted/.test(await metrics()), {
      what: 'a count of the foreign certificate',
    });
    await until(() => /certificate/i.test(`${server?.stderr}${server?.stdout}`), { what: 'the reason in the log' });
  });

  test('an access policy refuses everybody but its accounts; the refusal is counted', async () => {
    await mesh.apply(POLICY, '--wait');
    const friend = ports.get('friend') ?? 0;
    const stranger = ports.get('stranger') ?? 0;
    await until(async () => (await exchange({ port: stranger })).status !== 200, {
      what: 'the stranger to be refused',
    });
    assert.equal((await exchange({ port: friend })).status, 200);
    assert.match(await metrics(), /rbac\S*denied\S* [1-9]/);
  });

  test('a token is used once, and never by another account', async () => {
    const created = await mesh.weft('token', 'create', '--service-account', 'guest');
    assert.equal(created.code, 0, created.stderr);
    const token = created.stdout.trim().split('\n').at(-1) ?? '';
    const guest = new TestProcess(WEFT, [
      'run',
      '--name',
      'guest',
      '--no-service',
      '--data',
      path.join(mesh.folder, 'guest'),
      '--join',
      token,
    ]);
    try {
      await mesh.synced(4);
    } finally {
      await guest.stop();
    }
    const again = new TestProcess(WEFT, [
      'run',
      '--name',
      'guest',
      '--no-service',
      '--data',
      path.join(mesh.folder, 'again'),
      '--join',
      token,
    ]);
    assert.equal((await again.ended()).code, 1);
    assert.match(again.stderr, /token/);
    await until(() => /used/.test(mesh.controlPlane.stderr + mesh.controlPlane.stdout), {
      what: 'the reason in the log',
    });
  });
});
