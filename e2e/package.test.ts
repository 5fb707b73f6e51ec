/**
 * The published package as a user gets it: built, packed, installed from its tarball into a folder that knows nothing of the checkout, and run there. Where a
 * command can live with it, Node itself keeps it from reading anything outside that folder; elsewhere every module it loads is looked at.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { command, TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';

const ROOT = path.resolve(import.meta.dirname, '..');
const EXTENSIONS = 'type.googleapis.com/envoy.extensions.filters';
/** Chunks that do something when they are loaded: the program, and entries of threads. */
const NOT_TO_BE_IMPORTED = ['weft.js', 'control-series-thread.js', 'apps-weft-control-plane-plan-thread.js'];

const HELLO = `require('node:http').createServer((request, response) => response.end('hello from ' + request.url))
  .listen(Number(process.env.PORT), '127.0.0.1');
`;

const POLICY = `apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: orders, namespace: default }
spec:
  targetRefs: [{ name: orders }]
  rules:
    - from: [{ accounts: [web] }]
`;

/** In YAML, so that its library is loaded, with a part of each kind that is loaded on demand. */
const bootstrap = (port: number, tcp: number, admin: string): string => `
node: { id: one, cluster: one }
admin: { address: { pipe: { path: ${admin} } } }
static_resources:
  listeners:
    - name: http
      address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }
      filter_chains:
        - filters:
            - name: http
              typed_config:
                "@type": ${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: http
                http_filters:
                  - { name: cors, typed_config: { "@type": ${EXTENSIONS}.http.cors.v3.Cors } }
                  - { name: buffer, typed_config: { "@type": ${EXTENSIONS}.http.buffer.v3.Buffer, max_request_bytes: 1000 } }
                  - { name: router, typed_config: { "@type": ${EXTENSIONS}.http.router.v3.Router } }
                route_config:
                  virtual_hosts:
                    - { name: all, domains: ['*'], routes: [{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: fine } } }] }
    - name: tcp
      address: { socket_address: { address: 127.0.0.1, port_value: ${tcp} } }
      filter_chains:
        - filters:
            - name: tcp
              typed_config: { "@type": ${EXTENSIONS}.network.tcp_proxy.v3.TcpProxy, stat_prefix: tcp, cluster: web }
  clusters:
    - name: web
      type: STRICT_DNS
      lb_policy: MAGLEV
      load_assignment:
        cluster_name: web
        endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: localhost, port_value: ${port} } } } }] }]
`;

async function done(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, stderr } = await command(file, args, env);
  assert.equal(code, 0, `${file} ${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Every file below `folder` with a hash of it. */
const contents = (folder: string): readonly string[] =>
  globSync('**/*.*', { cwd: folder })
    .sort()
    .map(
      (file) =>
        `${file} ${createHash('sha256')
          .update(readFileSync(path.join(folder, file)))
          .digest('hex')}`,
    );

describe('the published package', { timeout: 300_000 }, () => {
  const place = temporaryFolder('weft-package-');
  const at = (...parts: readonly string[]): string => path.join(place.path, ...parts);
  const installed = at('project', 'node_modules', 'weft');
  const weft = at('project', 'node_modules', '.bin', 'weft');
  /** No program of the checkout, above all no Node, and a home of its own. */
  const environment: NodeJS.ProcessEnv = {
    HOME: at('home'),
    PATH: '/usr/bin:/bin',
    NODE_OPTIONS: '',
    NODE_COMPILE_CACHE: at('cache'),
    WEFT_DATA: at('data'),
  };
  /** Reads of anything outside are refused by Node. */
  const confined: NodeJS.ProcessEnv = {
    ...environment,
    NODE_OPTIONS: `--permission --allow-fs-read=${place.path} --allow-fs-write=${place.path} --allow-worker --disable-warning=SecurityWarning`,
  };
  let node = '';

  before(async () => {
    const build = (out: string): Promise<string> =>
      done(process.execPath, [
        '--disable-warning=ExperimentalWarning',
        path.join(ROOT, 'scripts/build.mjs'),
        '--out',
        out,
      ]);
    await build(at('built'));
    await build(at('again'));
    for (const folder of ['home', 'project', 'data']) mkdirSync(at(folder));
    writeFileSync(at('project', 'package.json'), '{"private":true}\n');
    await done('npm', ['pack', '--silent', '--pack-destination', place.path, at('built')]);
    await install();
    [node = ''] = globSync(at('project', 'node_modules', 'node-*', 'bin', 'node'));
    writeFileSync(at('hello.cjs'), HELLO);
    writeFileSync(at('policy.yaml'), POLICY);
  });
  after(() => place[Symbol.dispose]());

  /** From npm's cache or the registry; without either, Node's package is the one that the checkout has, and the rest has no dependencies. */
  async function install(): Promise<void> {
    const [tarball = ''] = globSync(at('weft-*.tgz'));
    const npm = [
      'install',
      '--prefix',
      at('project'),
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--prefer-offline',
    ];
    const outcome = await command('npm', [...npm, '--fetch-retries=0', '--fetch-timeout=60000', tarball]);
    const got = globSync(at('project', 'node_modules', 'node-*', 'bin', 'node'));
    if (outcome.code === 0 && got.length > 0) return;
    await done('npm', [...npm, '--offline', '--omit=optional', tarball]);
    for (const name of globSync('node-*', { cwd: path.join(ROOT, 'node_modules') }))
      cpSync(path.join(ROOT, 'node_modules', name, 'bin'), at('project', 'node_modules', name, 'bin'), {
        recursive: true,
      });
  }

  test('two builds have the same octets; the manifest asks for Node alone; licences of all that is in it are in it', () => {
    assert.deepEqual(contents(at('built')), contents(at('again')));
    const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')) as Record<string, unknown>;
    assert.equal(manifest['dependencies'], undefined);
    assert.ok(Object.keys(manifest['optionalDependencies'] as object).every((name) => name.startsWith('node-')));
    const notices = readFileSync(path.join(installed, 'THIRD-PARTY.md'), 'utf8');
    for (const name of ['@grpc/grpc-js', 'commander', 'yaml', 're2js', 'preact', 'uplot'])
      assert.match(notices, new RegExp(`^## ${name} \\d`, 'm'));
    assert.match(readFileSync(path.join(installed, 'LICENSE'), 'utf8'), /Apache License/);
  });

  test('it says its version, on the Node that it brought', async () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    const shown = await done(weft, ['--version'], confined);
    assert.match(
      shown,
      new RegExp(`^weft ${version.replaceAll('.', '\\.')} \\(Node ${process.versions.node.split('.')[0]}\\.`),
    );
  });

  test('on a Node that is too old it says so', async () => {
    const old = `Object.defineProperty(process.versions, 'node', { value: '22.9.0' });`;
    const outcome = await command(node, [
      '--import',
      `data:text/javascript,${encodeURIComponent(old)}`,
      path.join(installed, 'lib/weft.js'),
      '--version',
    ]);
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /needs Node >= 24/);
  });

  test('every chunk can be loaded by itself, from this folder alone', async () => {
    const chunks = globSync('*.js', { cwd: path.join(installed, 'lib') }).filter(
      (name) => !NOT_TO_BE_IMPORTED.includes(name),
    );
    assert.ok(chunks.length > 50);
    writeFileSync(
      at('load.mjs'),
      `for (const name of ${JSON.stringify(chunks)}) await import('${installed}/lib/' + name).catch((error) => { console.error(name, error); process.exitCode = 1; });
process.exit();\n`,
    );
    await done(node, [at('load.mjs')], confined);
  });

  test('a policy is explained from files', async () => {
    const explained = await done(weft, ['explain', 'web', 'orders', 'GET', '/x', '-f', at('policy.yaml')], confined);
    assert.match(explained, /allowed by the proxy of default\/orders.*policy\.yaml:7/);
  });

  for (const concurrency of ['1', '2'])
    test(`weft proxy serves a bootstrap in YAML with --concurrency ${concurrency}`, async () => {
      const [port, tcp] = [await freePort(), await freePort()];
      const admin = at(`admin-${concurrency}.sock`);
      const file = at(`bootstrap-${concurrency}.yaml`);
      writeFileSync(file, bootstrap(port, tcp, admin));
      await done(weft, ['proxy', '-c', file, '--mode', 'validate'], confined);
      const proxy = new TestProcess(weft, ['proxy', '-c', file, '--concurrency', concurrency], { env: confined });
      try {
        const ready = async (): Promise<boolean> =>
          (await exchange({ socketPath: admin }, { path: '/ready' })).status === 200;
        await until(() => ready().catch(() => false), { what: `readiness\n${proxy.stderr}` });
        const answer = await exchange({ port });
        assert.deepEqual([answer.status, answer.body.toString()], [200, 'fine']);
        assert.equal((await exchange({ port: tcp })).body.toString(), 'fine');
        for (const page of ['/stats', '/stats/prometheus', '/clusters', '/config_dump', '/certs', '/listeners'])
          assert.equal((await exchange({ socketPath: admin }, { path: page })).status, 200, page);
        assert.equal(proxy.exit, undefined, proxy.stderr);
      } finally {
        await proxy.stop(3000);
      }
    });

  test('a mesh: weft up, run, apply, status, check, the dashboard; nothing loaded from elsewhere', async () => {
    const loaded = at('loaded');
    writeFileSync(loaded, '');
    const record = path.join(ROOT, 'testkit/loaded/record.mjs');
    await using mesh = new TestMesh(weft, {
      ...environment,
      NODE_OPTIONS: `--import=${record}`,
      WEFT_LOADED_MODULES: loaded,
    });
    await mesh.up();
    await mesh.apply(POLICY.replace('orders }]', 'hello }]'));
    const [app, upstream] = [await freePort(), await freePort()];
    mesh.run('--name', 'hello', '--port', `${app}/http`, '--', '/usr/bin/env', `PORT=${app}`, node, at('hello.cjs'));
    mesh.run('--name', 'web', '--concurrency', '2', '--upstream', `hello=${upstream}`);
    await mesh.synced(2);
    await mesh.answering(upstream);
    const { body } = await exchange({ port: upstream }, { path: '/there' });
    assert.equal(body.toString(), 'hello from /there');
    const bounded = {
      ...confined,
      WEFT_DATA: mesh.data,
      NODE_OPTIONS: `${confined.NODE_OPTIONS} --allow-fs-read=${mesh.folder}`,
    };
    assert.match(await done(weft, ['get', 'accesspolicies'], bounded), /orders/);
    assert.match((await command(weft, ['check'], bounded)).stdout, /check: 0 errors/);
    await dashboardServed(bounded);
    const foreign = readFileSync(loaded, 'utf8')
      .split('\n')
      .filter((url) => url.startsWith('file:') && !url.startsWith(`file://${place.path}/`));
    assert.deepEqual(new Set(foreign), new Set());
    assert.match(readFileSync(loaded, 'utf8'), /\/lib\/engine\.js$/m);
  });

  async function dashboardServed(env: NodeJS.ProcessEnv): Promise<void> {
    const served = new TestProcess(weft, ['dashboard'], { env });
    try {
      const [link] = await served.matching(/http:\/\/\S+/);
      const signIn = await fetch(link, { redirect: 'manual' });
      const cookie = signIn.headers
        .getSetCookie()
        .map((one) => one.split(';')[0])
        .join('; ');
      const text = async (name: string): Promise<string> => {
        const response = await fetch(new URL(`/dashboard/${name}`, link), { headers: { cookie } });
        assert.equal(response.status, 200, name);
        return response.text();
      };
      assert.match(await text(''), /<script type="module" src="[^"]*main\.ts"/);
      assert.doesNotMatch(await text('main.ts'), /^import type|: string\b/m);
      for (const name of [
        'vendor/preact.js',
        'vendor/hooks.js',
        'vendor/uplot.js',
        'vendor/uplot.css',
        'core/traffic/index.ts',
        'styles.css',
        'icon.svg',
      ])
        assert.ok((await text(name)).length > 100, name);
    } finally {
      await served.stop(3000);
    }
  }
});
