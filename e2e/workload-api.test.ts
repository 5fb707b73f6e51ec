/**
 * The SPIFFE Workload API that an agent serves, judged by go-spiffe and the Python `spiffe` client; the bundle endpoint by go-spiffe's federation
 * client; and SPIRE (or another agent of ours) as the issuer of what peers see.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { exchange } from '@weft/testkit/http-client';
import { command, TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, needsData, toolData, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');
const PYTHON = path.join(import.meta.dirname, '../testkit/spiffe/client.py');
const ID = 'spiffe://weft.local/ns/default/sa/orders';

/** A service that runs until it is ended and says what its environment names. */
const PRINTS = 'process.stdout.write(`socket ${process.env.SPIFFE_ENDPOINT_SOCKET}\\n`); setInterval(() => {}, 1000)';

describe('the Workload API of an agent', () => {
  const mesh = new TestMesh();
  let socket = '';
  let endpoint = 0;

  before(async () => {
    endpoint = await freePort();
    await mesh.up('--bundle-endpoint', `127.0.0.1:${endpoint}`);
    const orders = mesh.run('--name', 'orders', '--', process.execPath, '-e', PRINTS);
    [, socket = ''] = await orders.matching(/socket (unix:\/\/\/\S+)/);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const go = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const outcome = await command(toolPath('spiffe-client'), args, { SPIFFE_ENDPOINT_SOCKET: socket });
    assert.equal(outcome.code, 0, outcome.stderr);
    return JSON.parse(outcome.stdout) as Record<string, unknown>;
  };

  test('go-spiffe: X.509-SVID and bundles', { skip: needs('spiffe-client') }, async () => {
    assert.deepEqual(await go('x509'), { id: ID, roots: { 'weft.local': 1 }, bundles: 1, chain: 2 });
  });

  test('go-spiffe: a JWT-SVID, verified by its own code and by the API', { skip: needs('spiffe-client') }, async () => {
    const { token, life, foreign, ...rest } = await go('jwt', 'ledger');
    assert.deepEqual(rest, { id: ID, validated: ID });
    assert.ok(Number(life) > 240 && Number(life) <= 300, String(life));
    assert.match(String(foreign), /InvalidArgument[^]*not for this audience/);
    const again = await go('jwt', 'ledger');
    assert.equal(again.token, token, 'kept until half of its life is over');
    assert.notEqual((await go('jwt', 'bank')).token, token);
  });

  test('go-spiffe: mutual TLS between two of its programs', { skip: needs('spiffe-client') }, async () => {
    const server = new TestProcess(toolPath('spiffe-client'), ['serve'], { env: { SPIFFE_ENDPOINT_SOCKET: socket } });
    const [address = ''] = await server.matching(/\S+:\d+/);
    assert.deepEqual(await go('call', address, ID), { said: ID });
    await server.stop();
  });

  test('go-spiffe: the bundle endpoint by https_spiffe', { skip: needs('spiffe-client') }, async () => {
    const id = 'spiffe://weft.local/weft/bundle-endpoint';
    const bundle = await go('bundle', 'weft.local', `https://127.0.0.1:${endpoint}/weft.local`, id);
    assert.deepEqual({ ...bundle, sequence: 0 }, { x509: 1, jwt: 1, sequence: 0, hint: 300 });
    assert.equal((await mesh.weft('authority', 'rotate')).code, 0);
    const after_ = await go('bundle', 'weft.local', `https://127.0.0.1:${endpoint}/`, id);
    assert.equal(after_.x509, 2);
    assert.ok(Number(after_.sequence) >= Number(bundle.sequence));
    await until(async () => ((await go('x509'))['roots'] as Record<string, number>)['weft.local'] === 2, {
      what: 'both roots',
    });
  });

  test('the Python client', { skip: needs('python3') || needsData('python') }, async () => {
    const env = { SPIFFE_ENDPOINT_SOCKET: socket, PYTHONPATH: toolData('python') ?? '' };
    const outcome = await command('python3', ['-S', PYTHON, 'ledger'], env);
    assert.equal(outcome.code, 0, outcome.stderr);
    const domain = ['weft.local'];
    const got = JSON.parse(outcome.stdout) as Record<string, unknown>;
    const named = (list: unknown): unknown => (list as string[]).map((one) => one.replace('spiffe://', ''));
    assert.deepEqual(
      { ...got, roots: named(got.roots), keys: named(got.keys) },
      {
        id: ID,
        roots: domain,
        tokenId: ID,
        validated: ID,
        keys: domain,
      },
    );
  });

  test('64: no call without the security header, none from another user', async () => {
    const client = new Client(socket.replace('unix://', 'unix:'), credentials.createInsecure());
    const raw = (message: Buffer): Buffer => message;
    const call = (method: string, header: string | undefined): Promise<ServiceError> =>
      new Promise((resolve) => {
        const metadata = new Metadata();
        if (header !== undefined) metadata.set('workload.spiffe.io', header);
        const stream = client.makeServerStreamRequest(
          `/SpiffeWorkloadAPI/${method}`,
          raw,
          raw,
          Buffer.alloc(0),
          metadata,
        );
        stream.on('error', resolve);
        stream.on('data', () => resolve(Object.assign(new Error('answered'), { code: status.OK }) as never));
      });
    for (const method of ['FetchX509SVID', 'FetchX509Bundles', 'FetchJWTSVID', 'FetchJWTBundles', 'ValidateJWTSVID'])
      for (const header of [undefined, 'false', 'TRUE', ''])
        assert.equal((await call(method, header)).code, status.INVALID_ARGUMENT, `${method} ${header}`);
    assert.equal((await call('FetchX509SVID', 'true')).code, status.OK);
    client.close();
    const file = socket.replace('unix://', '');
    assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700);
    if (process.getuid?.() !== 0) return;
    const script = `require('net').connect(${JSON.stringify(file)}).on('error', (e) => console.log(e.code)).on('connect', () => console.log('in'))`;
    const said = execFileSync(process.execPath, ['-e', script], { uid: 65534, gid: 65534, encoding: 'utf8' });
    assert.equal(said.trim(), 'EACCES');
  });

  test('another agent as the issuer: its certificate is what peers see', async () => {
    const app = await freePort();
    const child = ['--', '/usr/bin/env', `PORT=${app}`, process.execPath, HELLO];
    const hello = ['--name', 'hello', '--service-account', 'orders', '--port', `${app}/http`];
    mesh.run(...hello, '--identity', `workload-api:${socket}`, ...child);
    await mesh.synced(2);
    const port = await freePort();
    mesh.run('--name', 'client', '--upstream', `hello=${port}`);
    await mesh.synced(3);
    await mesh.answering(port);
    const { stdout } = await mesh.weft('get', 'workload', '-o', 'json');
    assert.match(stdout, /hello-/);
    const wrong = mesh.run('--name', 'other', '--identity', `workload-api:${socket}`);
    await wrong.matching(/it has no SVID for spiffe:\/\/weft.local\/ns\/default\/sa\/other/);
    await wrong.stop();
    const outcome = await mesh.weft('run', '--name', 'x', '--identity', 'workload-api:tcp://1.2.3.4');
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /no address of the form unix:/);
  });
});

describe('SPIRE as the issuer', { skip: needs('spire-server', 'spire-agent') }, () => {
  const mesh = new TestMesh();
  const processes: TestProcess[] = [];
  const folder = path.join(mesh.folder, 'spire');
  const at = (name: string): string => path.join(folder, name);

  after(async () => {
    await mesh[Symbol.asyncDispose]();
    for (const one of processes.toReversed()) await one.stop();
  });

  test('two workloads with SVIDs of SPIRE call each other', { timeout: 120_000 }, async () => {
    mkdirSync(folder, { recursive: true });
    const port = await freePort();
    const store = `
plugins {
  DataStore "sql" { plugin_data { database_type = "sqlite3" connection_string = "${at('db')}" } }
  NodeAttestor "join_token" { plugin_data {} }
  KeyManager "memory" { plugin_data {} }
}`;
    writeFileSync(
      at('server.conf'),
      `server {
  bind_address = "127.0.0.1"
  bind_port = ${port}
  socket_path = "${at('server.sock')}"
  trust_domain = "weft.local"
  data_dir = "${folder}"
  ca_ttl = "1h"
  default_x509_svid_ttl = "10m"
}
${store}
`,
    );
    const server = new TestProcess(toolPath('spire-server'), ['run', '-config', at('server.conf')]);
    processes.push(server);
    const ask = async (...args: readonly string[]): Promise<string> => {
      const outcome = await command(toolPath('spire-server'), [...args, '-socketPath', at('server.sock')]);
      assert.equal(outcome.code, 0, `${outcome.stderr}${outcome.stdout}${server.stdout}${server.stderr}`);
      return outcome.stdout;
    };
    await until(
      async () =>
        (await command(toolPath('spire-server'), ['healthcheck', '-socketPath', at('server.sock')])).code === 0,
      {
        timeout: 60_000,
        what: 'SPIRE to be well',
      },
    );
    const [token = ''] =
      /(?<=Token: )\S+/.exec(await ask('token', 'generate', '-spiffeID', 'spiffe://weft.local/host')) ?? [];
    const agent = new TestProcess(toolPath('spire-agent'), [
      'run',
      '-serverAddress',
      '127.0.0.1',
      '-serverPort',
      String(port),
      '-joinToken',
      token,
      '-socketPath',
      at('agent.sock'),
      '-trustDomain',
      'weft.local',
      '-insecureBootstrap',
      '-config',
      at('agent.conf'),
    ]);
    writeFileSync(
      at('agent.conf'),
      `agent { data_dir = "${at('agent')}" }
plugins {
  NodeAttestor "join_token" { plugin_data {} }
  KeyManager "memory" { plugin_data {} }
  WorkloadAttestor "unix" { plugin_data {} }
}
`,
    );
    processes.push(agent);
    for (const account of ['hello', 'client'])
      await ask(
        'entry',
        'create',
        '-parentID',
        'spiffe://weft.local/host',
        '-spiffeID',
        `spiffe://weft.local/ns/default/sa/${account}`,
        '-selector',
        `unix:uid:${process.getuid?.() ?? 0}`,
      );
    await mesh.up();
    const identity = ['--identity', `workload-api:unix://${at('agent.sock')}`];
    const app = await freePort();
    const child = ['--', '/usr/bin/env', `PORT=${app}`, process.execPath, HELLO];
    mesh.run('--name', 'hello', '--port', `${app}/http`, ...identity, ...child);
    const local = await freePort();
    mesh.run('--name', 'client', '--engine', 'envoy', '--upstream', `hello=${local}`, ...identity);
    await mesh.synced(2);
    await mesh.answering(local);
    const { body } = await exchange({ port: local });
    assert.match(body.toString(), /"name"/);
    const { stdout } = await mesh.weft('get', 'workload', '-o', 'json');
    const proxyPort = Number(/"proxyPort": (\d+)/.exec(stdout)?.[1]);
    const issuer = await new Promise<string>((resolve, reject) => {
      const peer = tls.connect({ port: proxyPort, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        const name = peer.getPeerX509Certificate()?.issuer ?? '';
        peer.destroy();
        resolve(name);
      });
      peer.on('error', reject);
    });
    assert.match(issuer, /SPI(?:FF|R)E/);
  });
});
