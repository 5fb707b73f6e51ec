/** What wrong input and a wrong environment meet: every fault at once with its place and a remedy, exit code 1 (2: wrong usage), a mesh that goes on. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { type CommandOutcome, command, TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';
import { Load } from '@weft/testkit/load';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');

const service = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}${more} }\nspec: { ports: [{ port: 80 }] }\n`;
const timeoutPolicy = (field: string): string => `apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: hello }
spec:
  targetRefs: [{ kind: Service, name: hello }]
  ${field}
`;
/** Lines 1 to 4 are right; then an unknown field, a wrong type, an unknown kind. */
const FAULTY = `${service('right')}---
apiVersion: v1
kind: Service
metadata: { name: misspelt }
spec:
  prots: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: typed }
spec:
  ports:
    - port: eighty
---
apiVersion: v1
kind: Sevrice
metadata: { name: unknown }
`;

const refused = (outcome: CommandOutcome, ...patterns: readonly RegExp[]): void => {
  for (const pattern of patterns) assert.match(outcome.stderr + outcome.stdout, pattern);
  assert.equal(outcome.code, 1, outcome.stderr);
};
const misused = (outcome: CommandOutcome, ...patterns: readonly RegExp[]): void => {
  for (const pattern of patterns) assert.match(outcome.stderr, pattern);
  assert.equal(outcome.code, 2, outcome.stderr);
  assert.equal(outcome.stdout, '');
};

describe('wrong input', () => {
  const mesh = new TestMesh();
  const live = path.join(mesh.folder, 'live.yaml');
  let load: Load | undefined;

  before(async () => {
    writeFileSync(live, timeoutPolicy('timeouts: { request: 9s }'));
    await mesh.up('--apply', live);
    const [app, port] = [await freePort(), await freePort()];
    const backend = ['/usr/bin/env', `PORT=${app}`, 'NAME=a', process.execPath, HELLO];
    mesh.run('--name', 'hello', '--port', `${app}/http`, '--', ...backend);
    mesh.run('--name', 'client', '--upstream', `hello=${port}`);
    await mesh.synced(2);
    await mesh.answering(port);
    load = new Load(port, 50);
  });
  after(() => mesh[Symbol.asyncDispose]());

  test('apply: all faults of all files with their places, and nothing is applied', async () => {
    const file = mesh.file(FAULTY);
    const twin = mesh.file(service('right'));
    const outcome = await mesh.weft('apply', '-f', file, '-f', twin, '-f', path.join(mesh.folder, 'absent.yaml'));
    refused(
      outcome,
      new RegExp(`^${file}:10:3: Service/default/misspelt: spec\\.prots: unknown field .*ports`, 'm'),
      new RegExp(`^${file}:17:7: Service/default/typed: spec\\.ports\\[0\\]\\.port: `, 'm'),
      new RegExp(`^${file}:20:1: .*unknown kind .Sevrice. .did you mean .Service`, 'm'),
      new RegExp(`^${twin}:1:1: Service/default/right: is there already, at ${file}:1 `, 'm'),
      /absent\.yaml: there is no such file/,
      /nothing was applied/,
    );
    refused(await mesh.weft('get', 'service', 'right'), /services "right" not found/);
  });

  test('what only the control plane can refuse leaves the rest undone too', async () => {
    const file = mesh.file(`${service('first')}---\n${service('second', ', namespace: nowhere')}`);
    for (const flags of [[], ['--dry-run']]) {
      const outcome = await mesh.weft('apply', '-f', file, ...flags);
      refused(
        outcome,
        new RegExp(`^${file}:8:\\d+: Service/nowhere/second: metadata\\.namespace: there is no namespace`, 'm'),
      );
    }
    refused(await mesh.weft('get', 'service', 'first'), /not found/);
  });

  test('a live edit with faults is told and changes nothing; the next right one counts', async () => {
    writeFileSync(live, timeoutPolicy('timeuots: { request: 5s }'));
    await mesh.controlPlane.matching(/live\.yaml:6:3: TrafficPolicy\/default\/hello: spec\.timeuots: unknown field/);
    const kept = await mesh.weft('get', 'trafficpolicy', 'hello', '-o', 'json');
    assert.match(kept.stdout, /"request": "9s"/);
    writeFileSync(live, timeoutPolicy('timeouts: { request: 7s }'));
    await until(async () => (await mesh.weft('get', 'trafficpolicy', 'hello', '-o', 'json')).stdout.includes('"7s"'));
  });

  test('a dangling reference and equal matches: the conditions of Gateway API', async () => {
    const route = (name: string, backend: string): string => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ group: "", kind: Service, name: split }]
  rules:
    - backendRefs: [{ name: ${backend}, port: 80 }]
`;
    const split = service('split').replace('port: 80', 'port: 80, appProtocol: http');
    const file = mesh.file(split + route('dangling', 'nobody') + route('second', 'split'));
    const outcome = await mesh.weft('apply', '-f', file, '--wait');
    refused(
      outcome,
      new RegExp(`^${file}:12:\\d+: HTTPRoute/default/dangling: spec\\.rules\\[0\\]\\.backendRefs\\[0\\]`, 'm'),
    );
    refused(
      outcome,
      new RegExp(
        `^${file}:20:7: HTTPRoute/default/second: spec\\.rules\\[0\\]: an older route has the same match`,
        'm',
      ),
    );
    refused(await mesh.weft('check'), /HTTPRoute\/default\/dangling: .*nobody/);
    const written = JSON.parse((await mesh.weft('get', 'httproute', 'dangling', '-o', 'json')).stdout) as object;
    assert.match(
      JSON.stringify(written),
      /"type":"ResolvedRefs","status":"False"|"status":"False",[^{}]*"type":"ResolvedRefs"/,
    );
    assert.equal((await mesh.weft('delete', '-f', file)).code, 0);
  });

  test('the traffic of all this time has not noticed', async () => {
    await load?.more(50);
    await load?.stop();
    assert.deepEqual(load?.failures, []);
    assert.ok((load?.ok ?? 0) > 100);
  });
});

describe('without a control plane', () => {
  const folder = temporaryFolder();
  after(() => folder[Symbol.dispose]());
  const inFolder = (...names: readonly string[]): string => path.join(folder.path, ...names);
  const weft = (...args: readonly string[]): Promise<CommandOutcome> =>
    command(WEFT, args, { WEFT_DATA: inFolder('none') });
  const up = (data: string, listen = '127.0.0.1:0', ...more: readonly string[]): Promise<CommandOutcome> =>
    weft('up', '--data', data, '--listen', listen, ...more);

  test('check -f reads files offline', async () => {
    const faulty = inFolder('faulty.yaml');
    const right = inFolder('right.yaml');
    writeFileSync(faulty, FAULTY);
    writeFileSync(right, service('right'));
    const [bad, twice, good, none] = await Promise.all([
      weft('check', '-f', faulty),
      weft('check', '-f', faulty, '-f', right),
      weft('check', '-f', right),
      weft('check', '-o', 'json'),
    ]);
    refused(bad, /faulty\.yaml:10:3: .*prots/, /check: 4 errors/);
    refused(twice, /right\.yaml:1:1: .*is there already/, /check: 5 errors/);
    assert.equal(good.code, 0, good.stdout);
    const { findings } = JSON.parse(none.stdout) as { readonly findings: readonly { readonly code: string }[] };
    assert.ok(findings.some(({ code }) => code === 'no-control-plane'));
    assert.equal(none.code, 1);
  });

  test('up with files that have faults starts nothing and tells all of them', async () => {
    const [one, two] = [inFolder('one.yaml'), inFolder('two.yaml')];
    writeFileSync(one, FAULTY);
    writeFileSync(two, service('right'));
    const outcome = await up(inFolder('d1'), undefined, '--apply', one, '--apply', two);
    refused(outcome, /one\.yaml:10:3/, /one\.yaml:17:7/, /one\.yaml:20:1/, /two\.yaml:1:1: .*is there already/);
    assert.doesNotMatch(outcome.stdout, /ready/);
  });

  test('a port in use: every one with who wants it and what to do', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await until(() => taken.listening);
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const bootstrap = inFolder('bootstrap.yaml');
    writeFileSync(bootstrap, staticBootstrap(port));
    const plane = new TestProcess(WEFT, ['up', '--data', inFolder('p'), '--listen', '127.0.0.1:0']);
    try {
      await plane.matching(/ready/);
      const run = (...args: readonly string[]): Promise<CommandOutcome> =>
        weft('run', '--data', inFolder('p'), '--name', 'a', ...args, '--', 'true');
      const [listen, upstream, envoy, proxy] = await Promise.all([
        up(inFolder('d2'), `127.0.0.1:${port}`),
        run('--upstream', `b=${port}`, '--admin', `${await freePort()}`),
        run('--engine', 'envoy', '--upstream', `b=${await freePort()}`, '--admin', `${port}`),
        weft('proxy', '-c', bootstrap),
      ]);
      refused(listen, new RegExp(`127\\.0\\.0\\.1:${port} is in use`), /another with --listen/);
      refused(upstream, new RegExp(`--upstream b=${port}: 127\\.0\\.0\\.1:${port} is in use`), /Choose another/);
      refused(envoy, new RegExp(`--admin ${port}: 127\\.0\\.0\\.1:${port} is in use`), /Choose another/);
      refused(proxy, new RegExp(`^weft: .*127\\.0\\.0\\.1:${port} is in use by another process\n.*bootstrap`, 'm'));
      const admin = `admin: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } }\n`;
      writeFileSync(bootstrap, staticBootstrap(0) + admin);
      refused(await weft('proxy', '-c', bootstrap), new RegExp(`admin .*127\\.0\\.0\\.1:${port}.*\n.*another`));
      const own = await run('--port', `${port}`);
      assert.match(own.stderr, new RegExp(`another program listens on the port of the service .*port=${port}`));
      const both = await run('--upstream', `b=${port}`, '--admin', `${port}`, '--port', `${port}`);
      misused(both, /--upstream b=.*service's own/, /--upstream b=.*--admin/, /--admin: .*service's own/);
      refused(await up(inFolder('p')), new RegExp(`in use by the control plane with pid ${plane.pid}`), /--data/);
    } finally {
      taken.close();
      await plane.stop();
    }
  });

  test('data folders: too long a path, others may enter, a file; none is changed', async () => {
    const long = inFolder('x'.repeat(100));
    const open = inFolder('open');
    const file = inFolder('file');
    mkdirSync(open);
    chmodSync(open, 0o755);
    writeFileSync(file, '');
    const [tooLong, others, noFolder] = await Promise.all([up(long), up(open), up(file)]);
    refused(tooLong, /the socket path .* bytes, the system allows 107/, /shorter folder/);
    assert.equal(existsSync(long), false);
    refused(others, /other users may enter the folder .*open \(mode 755\)/, /chmod 700/);
    assert.equal(statSync(open).mode & 0o777, 0o755);
    refused(noFolder, /file cannot be used: it is a file/, /--data/);
    if (existsSync('/proc/self')) refused(await up('/proc/no-folder'), /the folder \/proc\/no-folder cannot be used: /);
    // The folder of agents as well, in a data folder that is everybody's.
    mkdirSync(path.join(open, 'agents'));
    chmodSync(path.join(open, 'agents'), 0o777);
    refused(await weft('run', '--name', 'a', '--data', open, '--join', 'weft1.x'), /may enter the folder .*agents/);
  });

  const root = process.getuid?.() === 0;
  const setpriv = spawnSync('setpriv', ['--version']).status === 0;
  test('a data folder that this user cannot read', {
    skip: root ? !setpriv && 'setpriv is not on PATH' : false,
  }, async (t) => {
    const closed = inFolder('closed');
    mkdirSync(closed, { mode: 0o000 });
    chmodSync(folder.path, 0o755);
    const args = ['up', '--data', path.join(closed, 'data'), '--listen', '127.0.0.1:0'];
    const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', WEFT, ...args];
    const cache = { NODE_COMPILE_CACHE: inFolder('cache') };
    const outcome = root ? await command('setpriv', nobody, cache) : await command(WEFT, args, cache);
    chmodSync(folder.path, 0o700);
    if (root && /Permission denied|EACCES/.test(outcome.stderr) && !outcome.stderr.includes(closed))
      return t.skip('another user cannot run the checkout');
    refused(outcome, /closed\/data cannot be used: this user may not enter or make it/, /--data/);
  });

  test('a full disk: said by apply and up, reads go on, room brings it back', async (t) => {
    const disk = inFolder('disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', disk]).status === 0;
    if (!mounted) return t.skip('needs the right to mount a small tmpfs');
    const filler = path.join(disk, 'filler');
    const data = path.join(disk, 'data');
    const object = inFolder('object.yaml');
    writeFileSync(object, service('right'));
    const plane = new TestProcess(WEFT, ['up', '--data', data, '--listen', '127.0.0.1:0']);
    try {
      await plane.matching(/ready/);
      fill(filler);
      const apply = (): Promise<CommandOutcome> => weft('apply', '--data', data, '-f', object);
      refused(await apply(), /object\.yaml:1:1: .*no space left for .*store\.db: nothing was written; free some space/);
      assert.equal((await weft('get', 'namespaces', '--data', data)).code, 0);
      refused(await up(path.join(disk, 'other')), /no space/i);
      rmSync(filler);
      assert.equal((await apply()).code, 0);
    } finally {
      await plane.stop();
      execFileSync('umount', [disk]);
    }
  });

  test('wrong usage ends with 2, all faults of `run` at once', async () => {
    misused(await weft('run', '--nmae', 'x'), /unknown option '--nmae'/, /Did you mean --name/);
    misused(await weft('run', '--version', 'v2'), /required option '--name <name>' not specified/);
    const [flag, listen, kind, form, run, ports, nothing] = await Promise.all([
      weft('up', '--bogus'),
      weft('up', '--listen', 'nowhere'),
      weft('get', 'sevrices'),
      weft('get', 'services', '-o', 'xml'),
      weft(
        'run',
        '--name',
        'BAD',
        '--port',
        '80/sctp',
        '--upstream',
        'a',
        '--address',
        'x',
        '--drain',
        'q',
        '--label',
        'z',
      ),
      weft('run', '--name', 'a', '--port', '8080', '--upstream', 'b=8080', '--upstream', 'c=70', '--upstream', 'd=70'),
      weft('token', 'create', '--role', 'x', '--ttl', 'z'),
    ]);
    misused(flag, /unknown option '--bogus'/);
    misused(listen, /--listen takes HOST:PORT, not 'nowhere'/);
    misused(kind, /no kind 'sevrices': did you mean services/);
    misused(form, /-o takes table, .*not 'xml'/);
    misused(
      run,
      /--name: 'BAD'/,
      /--port 80\/sctp: /,
      /--upstream a: /,
      /--address: 'x'/,
      /--drain: 'q'/,
      /--label z: /,
    );
    misused(
      ports,
      /--upstream b=8080: local port 8080 is the service's own \(--port 8080\/http\)/,
      /--upstream d=70: local port 70 is taken by --upstream c=70/,
    );
    misused(nothing, /--role goes with --api-user/, /--ttl takes/, /--service-account/);
  });
});

/** Takes all the room that is left. */
function fill(file: string): void {
  for (const size of [65_536, 4096]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}

const staticBootstrap = (port: number): string => `static_resources:
  listeners:
    - name: taken
      address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }
      filter_chains:
        - filters:
            - name: tcp
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: taken
                cluster: nothing
  clusters:
    - { name: nothing, connect_timeout: 1s, type: STATIC, load_assignment: { cluster_name: nothing, endpoints: [] } }
`;
