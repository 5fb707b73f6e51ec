/** The commands as scripts use them: documents, tables, exit codes; kubectl and a shell as judges. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exchange } from '@weft/testkit/http-client';
import { command, type CommandOutcome, TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { parse } from 'yaml';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');
const objects = (weight: number): string => `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - backendRefs: [{ name: web, port: 80, weight: ${weight} }]
`;

interface Item {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}
const json = <T>({ stdout, stderr }: CommandOutcome): T => {
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as T;
};
const good = ({ code, stdout, stderr }: CommandOutcome): string => {
  assert.equal(code, 0, stderr);
  return stdout;
};

describe('commands', () => {
  const mesh = new TestMesh();
  let file = '';
  let port = '';
  before(async () => {
    await mesh.up();
    port = (await mesh.controlPlane.matching(/ready: 127\.0\.0\.1:(\d+)/))[1] ?? '';
    file = mesh.file(objects(1));
  });
  after(() => mesh[Symbol.asyncDispose]());

  test('apply: a dry run says what would happen and does nothing; created, unchanged, configured', async () => {
    const dry = good(await mesh.weft('apply', '-f', file, '--dry-run'));
    assert.match(dry, /^namespace\/shop created \(dry run\)\nservice\/web created \(dry run\)$/m);
    assert.equal((await mesh.weft('get', 'namespace', 'shop')).code, 1);
    const route = 'httproute.gateway.networking.k8s.io/web';
    assert.equal(
      good(await mesh.weft('apply', '-f', file)),
      `namespace/shop created\nservice/web created\n${route} created\n`,
    );
    assert.equal(
      good(await mesh.apply(objects(2), '--wait')),
      `namespace/shop unchanged\nservice/web unchanged\n${route} configured\n`,
    );
  });

  test('get: table, wide, yaml, json, name; all namespaces; what is not there', async () => {
    const get = (...args: readonly string[]): Promise<CommandOutcome> => mesh.weft('get', ...args);
    assert.match(good(await get('svc', '-n', 'shop')), /^NAME +TYPE +CLUSTER-IP +PORT\(S\) +AGE\nweb +ClusterIP/);
    assert.match(good(await get('services', '-A', '-o', 'wide')), /^NAMESPACE +NAME .*SELECTOR.*\nshop +web .*app=web/);
    assert.equal(good(await get('Service', 'web', '-n', 'shop', '-o', 'name')), 'service/web\n');
    const list = json<{ readonly kind: string; readonly items: readonly Item[] }>(
      await get('httproutes', '-A', '-o', 'json'),
    );
    assert.deepEqual([list.kind, list.items.map(({ kind }) => kind)], ['List', ['HTTPRoute']]);
    const one = parse(good(await get('httproute', 'web', '-n', 'shop', '-o', 'yaml'))) as Item;
    assert.deepEqual([one.kind, one.metadata.namespace], ['HTTPRoute', 'shop']);
    const none = await get('accesspolicies');
    assert.deepEqual([none.code, none.stdout], [0, '']);
    assert.match(none.stderr, /no accesspolicies in namespace default/);
    assert.equal((await get('service', 'web')).code, 1);
  });

  test('get -w tells every change from now on and ends with its signal', async () => {
    const watch = new TestProcess(WEFT, ['get', 'services', '-n', 'shop', '-w', '-o', 'name'], { env: mesh.env });
    try {
      await watch.matching(/^service\/web$/m);
      await until(async () => {
        await mesh.apply(
          'apiVersion: v1\nkind: Service\nmetadata: { name: seen, namespace: shop }\nspec: { ports: [{ port: 1 }] }',
        );
        if (/ADDED +service\/seen/.test(watch.stdout)) return true;
        await mesh.weft('delete', 'service', 'seen', '-n', 'shop');
        return false;
      });
      good(await mesh.weft('delete', 'service', 'seen', '-n', 'shop'));
      await watch.matching(/^DELETED +service\/seen$/m);
      watch.signal('SIGTERM');
      assert.equal((await watch.ended()).code, 0);
    } finally {
      await watch.stop();
    }
  });

  test('history tells what changed; rollback only to a revision of that object', async () => {
    const changes = async (): Promise<string[]> =>
      good(await mesh.weft('history', 'httproute', 'web', '-n', 'shop'))
        .trim()
        .split('\n')
        .slice(1);
    await until(async () => (await changes()).some((line) => /update status/.test(line)), { what: 'a status' });
    const lines = await changes();
    assert.match(lines[0] ?? '', /^\d+ +\S+Z +create +local:\d+$/);
    assert.ok(
      lines.some((line) => /update spec +local:/.test(line)),
      lines.join('\n'),
    );
    const { items } = json<{ readonly items: readonly { readonly revision: number }[] }>(
      await mesh.weft('history', 'httproute', 'web', '-n', 'shop', '-o', 'json'),
    );
    const first = items[0]?.revision ?? 0;
    const back = await mesh.weft('rollback', 'httproute', 'web', '-n', 'shop', '--to', `${first}`);
    assert.match(good(back), new RegExp(`web is as it was at revision ${first}`));
    const now = await mesh.weft('get', 'httproute', 'web', '-n', 'shop', '-o', 'json');
    assert.match(now.stdout, /"weight": 1\b/);
    const never = await mesh.weft('rollback', 'httproute', 'web', '-n', 'shop', '--to', '999999');
    assert.equal(never.code, 1);
    assert.match(never.stderr, /did not change at revision 999999\n.*It changed at/);
  });

  test('delete: by name, by file; what is not there is a failure that stops nothing', async () => {
    await mesh.apply('apiVersion: v1\nkind: Service\nmetadata: { name: one }\nspec: { ports: [{ port: 1 }] }');
    const some = await mesh.weft('delete', 'service', 'absent', 'one');
    assert.deepEqual([some.code, some.stdout], [1, 'service/one deleted\n']);
    assert.match(some.stderr, /services "absent" not found/);
  });

  test('status, config, revoke: a proxy while it runs and after its registration was ended', async () => {
    const [app, upstream] = [await freePort(), await freePort()];
    const env = ['/usr/bin/env', `PORT=${app}`, process.execPath, HELLO];
    const web = mesh.run(
      '--name',
      'web',
      '--namespace',
      'shop',
      '--port',
      `${app}/http`,
      '--upstream',
      `web=${upstream}`,
      '--',
      ...env,
    );
    await mesh.synced(1);
    // Its own endpoint is there: nothing of its configuration changes any more.
    await mesh.answering(upstream);
    const document = json<{ readonly proxies: readonly Record<string, unknown>[] }>(
      await mesh.weft('status', '-o', 'json'),
    );
    const [proxy = {}] = document.proxies;
    assert.deepEqual(Object.keys(proxy), [
      'namespace',
      'name',
      'mesh',
      'role',
      'engine',
      'engineVersion',
      'connected',
      'state',
      'since',
      'reasons',
      'notes',
      'certificateExpires',
      'resources',
      'hops',
    ]);
    assert.deepEqual([proxy['engine'], proxy['state'], proxy['mesh']], ['weft', 'synced', 'default']);
    const life = Date.parse(String(proxy['certificateExpires'])) - Date.now();
    assert.ok(life > 23 * 3_600_000 && life < 25 * 3_600_000);
    assert.match(
      good(await mesh.weft('status')),
      /^NAMESPACE +WORKLOAD +MESH +ENGINE +STATE +SINCE +CERTIFICATE +HOPS\nshop +web-/,
    );

    const config = async (...args: readonly string[]): Promise<CommandOutcome> =>
      mesh.weft('config', 'shop/web', ...args);
    const whole = json<Record<string, unknown>>(await config('-o', 'json'));
    assert.deepEqual(Object.keys(whole), ['proxy', 'listeners', 'routes', 'clusters', 'endpoints', 'secrets']);
    for (const table of ['listeners', 'routes', 'clusters', 'endpoints', 'secrets'])
      assert.deepEqual(parse(good(await config(table))), JSON.parse(JSON.stringify(whole[table])), table);
    assert.equal((await config('tables')).code, 2);
    assert.doesNotMatch(JSON.stringify(whole), /PRIVATE KEY/);
    assert.match(
      (await mesh.weft('config', 'nobody')).stderr,
      /no proxy of default\/nobody is connected\n.*shop\/web-/,
    );

    good(await mesh.weft('check'));
    const revoked = await mesh.weft('revoke', String(proxy['name']), '-n', 'shop');
    assert.match(good(revoked), /^registration [0-9a-f]{32} revoked/);
    await web.matching(/the registration was revoked/);
    assert.equal((await mesh.weft('get', 'workload', String(proxy['name']), '-n', 'shop')).code, 1);
    assert.equal((await mesh.weft('revoke', '--registration', '0'.repeat(32))).code, 1);
    assert.equal((await mesh.weft('revoke')).code, 2);
    await web.stop();
  });

  test('completion scripts; version and help', async () => {
    const [bash, zsh, fish, version, text, help] = await Promise.all([
      mesh.weft('completion', 'bash'),
      mesh.weft('completion', 'zsh'),
      mesh.weft('completion', 'fish'),
      mesh.weft('version', '-o', 'json'),
      mesh.weft('--version'),
      mesh.weft('--help'),
    ]);
    const complete =
      'COMP_WORDS=(weft st); COMP_CWORD=1; _weft; echo "${COMPREPLY[@]}"; COMP_WORDS=(weft run --up); COMP_CWORD=2; _weft; echo "${COMPREPLY[@]}"';
    const asked = await command('bash', ['--norc', '-euc', `${good(bash)}\n${complete}`]);
    assert.deepEqual([asked.stdout, asked.stderr, asked.code], ['status stat\n--upstream\n', '', 0]);
    assert.match(good(zsh), /bashcompinit/);
    assert.match(good(fish), /complete -c weft .*run/);
    assert.deepEqual(Object.keys(json<object>(version)), ['weft', 'node', 'openssl', 'platform']);
    assert.match(good(text), /^weft \d+\.\d+\.\d+ /);
    for (const name of ['up', 'run', 'apply', 'proxy', 'revoke', 'version'])
      assert.match(good(help), new RegExp(`^  ${name}\\b`, 'm'));
  });

  test('an API user: roles hold over TLS, the token ends', async () => {
    const token = good(
      await mesh.weft('token', 'create', '--api-user', 'ann', '--role', 'edit', '--namespace', 'shop'),
    ).trim();
    const remote = ['--control-plane', `127.0.0.1:${port}`, '--ca', path.join(mesh.data, 'authority/root.pem')];
    const ann = (...args: readonly string[]): Promise<CommandOutcome> =>
      command(WEFT, [...args, ...remote], { WEFT_DATA: path.join(mesh.folder, 'none'), WEFT_TOKEN: token });
    assert.equal(good(await ann('get', 'services', '-n', 'shop', '-o', 'name')), 'service/web\n');
    const denied = await ann('delete', 'namespace', 'default');
    assert.equal(denied.code, 1);
    assert.match(denied.stderr, /cannot delete|may not|forbidden/i);
    assert.match(good(await mesh.weft('token', 'delete', token)), /^token [a-z0-9]{10} deleted/);
    const ended = await ann('get', 'services', '-n', 'shop');
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /token/);
    const short = good(await mesh.weft('token', 'create', '--service-account', 'web', '--ttl', '1s')).trim();
    assert.match(short, /^weft1\./);
  });

  test('kubectl over the TLS port, as docs/tasks/kubectl.md says', { skip: needs('kubectl') }, async () => {
    const token = good(
      await mesh.weft('token', 'create', '--api-user', 'bob', '--role', 'admin', '--ttl', '1h'),
    ).trim();
    const flags = [
      '--server',
      `https://127.0.0.1:${port}`,
      '--token',
      token,
      '--certificate-authority',
      path.join(mesh.data, 'authority/root.pem'),
      '--kubeconfig',
      '/dev/null',
    ];
    const kubectl = (...args: readonly string[]): Promise<CommandOutcome> =>
      command(toolPath('kubectl'), [...flags, ...args], { HOME: mesh.folder });
    assert.match(
      good(await kubectl('get', 'services,httproutes', '-A')),
      /shop +service\/web +ClusterIP[^]*shop +httproute\S+web/,
    );
    assert.match(good(await kubectl('apply', '-f', file)), /service\/web (?:configured|unchanged)/);
    assert.match(good(await kubectl('describe', 'httproute', 'web', '-n', 'shop')), /Name: +web[^]*ResolvedRefs/);
    // A namespace goes when it is empty.
    assert.match((await kubectl('delete', 'namespace', 'shop')).stderr, /it still holds .*delete these first/);
    good(await kubectl('delete', 'httproute,service', 'web', '-n', 'shop'));
    assert.match(good(await kubectl('delete', 'namespace', 'shop')), /"shop" deleted/);
    assert.match((await mesh.weft('get', 'namespace', 'shop')).stderr, /not found/);
    assert.equal(
      (await exchange({ socketPath: path.join(mesh.data, 'control.sock') }, { path: '/version' })).status,
      200,
    );
  });
});
