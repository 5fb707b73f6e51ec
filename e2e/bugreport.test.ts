/** `weft bugreport` of a mesh that holds canaries in every place where a secret belongs: none of them is in the archive. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';

const CANARY = 'c4n4ryValueThatNobodyMaySee';
const objects = (key: string, certificate: string): string => `
apiVersion: v1
kind: Secret
metadata: { name: login, namespace: default, annotations: { note: "password=${CANARY}" } }
type: kubernetes.io/tls
data: { tls.key: ${key}, tls.crt: ${certificate} }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: orders, namespace: default }
spec:
  parentRefs: [{ group: "", kind: Service, name: orders }]
  rules:
    - matches: [{ headers: [{ name: x-api-key, value: ${CANARY} }] }]
      filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: authorization, value: "Bearer ${CANARY}" }] } }]
      backendRefs: [{ name: orders, port: 80 }]
    - backendRefs: [{ name: orders, port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: default }
spec: { selector: { app: orders }, ports: [{ name: http, port: 80, appProtocol: http }] }
`;

const REQUEST = [
  'req',
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-subj',
  '/CN=shop.example',
  '-days',
  '2',
];

/** A line of a PEM file's inside. */
const inner = (file: string): string => readFileSync(file, 'utf8').split('\n')[1] ?? '';

test('a report has what helps, no canary, and is its user’s alone', { skip: needs('openssl') }, async () => {
  await using mesh = new TestMesh();
  await mesh.up();
  const [key, certificate] = ['key.pem', 'cert.pem'].map((name) => path.join(mesh.folder, name)) as [string, string];
  execFileSync('openssl', [...REQUEST, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const base64 = (file: string): string => readFileSync(file).toString('base64');
  await mesh.apply(objects(base64(key), base64(certificate)));
  mesh.run('--name', 'web', '--upstream', `orders=${await freePort()}`);
  await mesh.synced(1);
  const token = await mesh.weft('token', 'create', '--api-user', 'canary', '--role', 'view');
  assert.equal(token.code, 0);
  const file = path.join(mesh.folder, 'report.tar.gz');
  const made = await mesh.weft('bugreport', '-o', file);
  assert.equal(made.code, 0, made.stderr);
  assert.equal(statSync(file).mode & 0o077, 0);
  const out = path.join(mesh.folder, 'out');
  mkdirSync(out);
  execFileSync('tar', ['-xzf', file, '-C', out, '--strip-components=1']);
  const files = globSync('**/*.{yaml,txt}', { cwd: out }).sort();
  for (const wanted of [
    'README.txt',
    'environment.yaml',
    'proxies.yaml',
    'findings.yaml',
    'changes.yaml',
    'objects/httproutes.yaml',
    'objects/secrets.yaml',
  ])
    assert.ok(files.includes(wanted), `${wanted} is not among ${files.join(', ')}`);
  assert.ok(files.some((name) => name.startsWith('configurations/default.web-')));
  const all = files.map((name) => [name, readFileSync(path.join(out, name), 'utf8')] as const);
  for (const [name, text] of all) {
    for (const secret of [CANARY, Buffer.from(CANARY).toString('base64'), base64(key), inner(key), token.stdout.trim()])
      assert.ok(!text.includes(secret), `${name} holds a secret`);
  }
  assert.match(
    all.find(([name]) => name === 'objects/httproutes.yaml')?.[1] ?? '',
    /name: x-api-key\n\s+value: "\[redacted\]"/,
  );
  assert.match(all.find(([name]) => name === 'proxies.yaml')?.[1] ?? '', /state: synced/);

  const again = await mesh.weft('bugreport', '-o', file);
  assert.notEqual(again.code, 0);
  assert.match(again.stderr, /is there already.*Name another file/s);
});
