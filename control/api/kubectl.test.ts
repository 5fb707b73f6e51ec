/** The stock kubectl as judge, over TLS with a token. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { runApi } from './testing/running-api.ts';
import { serveTls } from './testing/tls-front.ts';

const absent = spawnSync('kubectl', ['version', '--client']).status === 0 ? false : 'kubectl is not on PATH';

const FILE = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{kind: Service, group: "", name: web, port: 80}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /}}]
    backendRefs: [{kind: Service, group: "", name: web, port: 80, weight: 1}]
`;

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

test('kubectl: get, apply twice, describe, label, patch, diff, watch, explain, create, delete', {
  skip: absent,
}, async (t) => {
  using folder = temporaryFolder();
  const api = await runApi(t);
  const front = await serveTls(t, api.server, folder.path);
  const file = path.join(folder.path, 'shop.yaml');
  writeFileSync(file, FILE);
  const base = ['--server', front.url, '--token', api.token, '--certificate-authority', front.rootsFile];
  const start = (...args: string[]) =>
    spawn('kubectl', [...base, '--kubeconfig', '/dev/null', ...args], {
      env: { ...process.env, HOME: folder.path, KUBECTL_EXTERNAL_DIFF: 'diff -u' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const kubectl = (...args: string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const child = start(...args);
      const output = { out: '', error: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output.out += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        output.error += text;
      });
      child.on('close', (code) => resolve({ code, ...output }));
    });
  const works = async (...args: string[]): Promise<string> => {
    const ran = await kubectl(...args);
    assert.equal(ran.code, 0, `kubectl ${args.join(' ')}: ${ran.error}`);
    return ran.out;
  };

  assert.match(
    await works('apply', '-f', file),
    /namespace\/shop created\nservice\/web created\nhttproute.*\/web created/,
  );
  const revision = api.store.revision();
  assert.match(
    await works('apply', '-f', file),
    /namespace\/shop unchanged\nservice\/web unchanged\nhttproute.*\/web /,
  );
  assert.equal(api.store.revision(), revision, 'the second apply wrote something');

  const watching = start('get', 'services', '-n', 'shop', '--watch', '--output-watch-events');
  t.after(() => watching.kill('SIGKILL'));
  let watched = '';
  watching.stdout.setEncoding('utf8').on('data', (text: string) => {
    watched += text;
  });
  await until(() => /ADDED +web +ClusterIP +240\.240\.\d+\.\d+ +80\/TCP/.test(watched), { what: 'the watch' });

  assert.match(await works('get', 'svc,httproutes', '-A'), /shop +service\/web +ClusterIP +240\./);
  assert.match(await works('get', 'svc', 'web', '-n', 'shop', '-o', 'yaml'), /resourceVersion: "\d+"/);
  assert.match(await works('get', 'svc', '-A', '-l', 'app in (web,x)', '-o', 'name'), /^service\/web\n$/);
  assert.equal(await works('get', 'svc', '-A', '-l', 'app!=web', '-o', 'name'), '');
  assert.match(await works('get', 'svc', '-A', '--field-selector', 'metadata.name=web', '-o', 'name'), /service\/web/);
  assert.match(await works('describe', 'svc', 'web', '-n', 'shop'), /Port: +http +80\/TCP/);
  assert.match(await works('describe', 'httproute', 'web', '-n', 'shop'), /Parent Refs:/);
  assert.match(await works('explain', 'services.spec.ports.targetPort'), /targetPort/);

  await works('label', 'svc', 'web', '-n', 'shop', 'tier=front');
  await works('patch', 'svc', 'web', '-n', 'shop', '-p', '{"spec":{"ports":[{"name":"admin","port":81}]}}');
  const ports = await works('get', 'svc', 'web', '-n', 'shop', '-o', 'jsonpath={.spec.ports[*].port}');
  assert.equal(ports.split(' ').sort().join(' '), '80 81');
  await until(() => /MODIFIED +web .*81\/TCP/.test(watched), { what: 'the change in the watch' });

  writeFileSync(file, FILE.replace('8080', '9090'));
  const before = api.store.revision();
  const diff = await kubectl('diff', '-f', file);
  assert.equal(diff.code, 1, diff.error);
  assert.match(diff.out, /-.*targetPort: 8080\n\+.*targetPort: 9090/);
  await works('apply', '-f', file, '--dry-run=server');
  assert.equal(api.store.revision(), before, 'a dry run wrote something');

  const serverSide = await kubectl('apply', '-f', file, '--server-side');
  assert.match(serverSide.error, /server-side apply is not served: send application\/merge-patch\+json/);
  const misspelt = path.join(folder.path, 'misspelt.yaml');
  writeFileSync(misspelt, FILE.replace('parentRefs', 'parentRef').replace('weight: 1', 'weight: "1"'));
  const refused = await kubectl('apply', '-f', misspelt);
  assert.match(refused.error, /spec\.parentRef: unknown field .*did you mean `parentRefs`/);
  assert.match(refused.error, /spec\.rules\[0\]\.backendRefs\[0\]\.weight: expected a whole number/);
  const held = await kubectl('delete', 'namespace', 'shop');
  assert.match(held.error, /it still holds 1 Service, 1 HTTPRoute: delete these first/);

  await works('create', 'namespace', 'other');
  await works('create', 'service', 'clusterip', 'db', '-n', 'other', '--tcp=5432:5433');
  assert.match(await works('get', 'svc', 'db', '-n', 'other', '-o', 'jsonpath={.spec.ports[0].targetPort}'), /^5433$/);
  await works('delete', 'svc,httproutes', '--all', '-n', 'shop');
  await until(() => /DELETED +web/.test(watched), { what: 'the deletion in the watch' });
  assert.match(await works('delete', 'namespace', 'shop'), /deleted/);
  assert.match((await kubectl('get', 'ns', 'shop')).error, /NotFound.*namespaces "shop" not found/);
  const stranger = await kubectl('get', 'ns', '--token', 'weft_0000000000_x');
  assert.match(stranger.error, /You must be logged in/);
});
