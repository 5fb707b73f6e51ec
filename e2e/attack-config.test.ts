// Attacks through configuration, rows 72, 74 and 76: text that is run or read as more than text, and files of hosts.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { admitObject, apiVersionOf, bodyOf, KINDS } from '@weft/core/resources';
import { exchange } from '@weft/testkit/http-client';
import { command, TestMesh, WEFT } from '@weft/testkit/mesh';
import { TestProcess } from '@weft/testkit/process';

const root = path.resolve(import.meta.dirname, '..');
const product = globSync('{core,compile,wire,envoy,proxy,agent,control,apps,dashboard}/**/*.ts', { cwd: root }).filter(
  (file) => !/\.test\.ts$|\/testing\/|node_modules/.test(file),
);

const mesh = new TestMesh();
before(async () => {
  await mesh.up();
});
after(() => mesh[Symbol.asyncDispose]());

test('72: nothing of the product evaluates text or gives it to a shell', () => {
  assert.ok(product.length > 500);
  const forbidden = /(?<![.\w'`])eval\(|new Function\(|shell: true|(?<![.\w])exec(?:Sync)?\(|import\(`/;
  const breaches = product.flatMap((file) =>
    readFileSync(path.join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (forbidden.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
  assert.deepEqual(breaches, []);
});

for (const name of ['$(touch x)', '`id`', 'a;b', '../a', "a'b", 'a\nb', '-rf', '%24'])
  test(`72: a name that is more than a name is refused by every command that takes one: ${JSON.stringify(name)}`, async () => {
    for (const args of [
      ['run', '--name', name, '--no-service', '--', '/bin/true'],
      ['get', 'service', name],
      ['gateway', '--name', name],
    ]) {
      const outcome = await command(WEFT, args, mesh.env);
      assert.notEqual(outcome.code, 0, `${args.join(' ')}: ${outcome.stdout}`);
    }
  });

/** Maps of texts, taken as they are; what an EnginePatch holds is judged by the test after. */
const TEXTS: ReadonlySet<string> = new Set(['ConfigMap', 'Secret', 'EnginePatch']);

/** A copy for each object in it, that object with `field` added. */
function* planted(value: unknown, field: string): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield { ...value, [field]: '/etc/passwd' };
  for (const [key, inner] of Object.entries(value))
    for (const changed of planted(inner, field))
      yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
}

test('74: no object has a field that names a file of a host', () => {
  let tried = 0;
  for (const kind of KINDS) {
    if (kind.example === undefined || TEXTS.has(kind.kind)) continue;
    const head = {
      apiVersion: apiVersionOf(kind.group, kind.versions[0]),
      kind: kind.kind,
      metadata: { name: 'a', ...(kind.scope === 'Cluster' ? {} : { namespace: 'default' }) },
    };
    for (const field of ['filename', 'file', 'localFile', 'path_config_source'])
      for (const spec of planted(kind.example, field)) {
        tried += 1;
        const { object } = admitObject({ ...head, ...bodyOf(kind, spec) });
        assert.doesNotMatch(JSON.stringify(object ?? ''), /etc.passwd/, `${kind.kind}: ${JSON.stringify(spec)}`);
      }
  }
  assert.ok(tried > 100, String(tried));
});

test('74: a patch that would read a file or the environment of a proxy is refused', async () => {
  const patch = (body: string): string => `
apiVersion: weft.dev/v1alpha1
kind: EnginePatch
metadata: { name: reads, namespace: default }
spec:
  targetRefs: [{ name: default }]
  patches:
    - part: Route
      operation: AddFirst
      match: { routeConfiguration: "*" }
      value: { name: reads, match: { prefix: / }, direct_response: { status: 200, body: { ${body} } } }
`;
  for (const body of [
    'filename: /etc/passwd',
    'environment_variable: HOME',
    'filename: a, watched_directory: { path: / }',
  ]) {
    const outcome = await command(WEFT, ['apply', '-f', '-'], mesh.env, patch(body));
    assert.notEqual(outcome.code, 0, body);
    assert.match(outcome.stderr, /from the host of every proxy/);
  }
  const inline = await command(WEFT, ['apply', '-f', '-', '--dry-run'], mesh.env, patch('inline_string: text'));
  assert.equal(inline.code, 0, inline.stderr);
});

test('76: the dashboard puts text into pages as text alone, and its policy runs nothing that stands in a page', async () => {
  const sinks = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML|srcdoc|javascript:/;
  const pages = product.filter((file) => file.startsWith('dashboard/'));
  assert.ok(pages.length > 20);
  assert.deepEqual(
    pages.filter((file) => sinks.test(readFileSync(path.join(root, file), 'utf8'))),
    [],
  );
  const served = new TestProcess(WEFT, ['dashboard'], { env: mesh.env });
  try {
    const [link = ''] = await served.matching(/http:\/\/\S+/);
    const { port } = new URL(link);
    const { headers } = await exchange({ port: Number(port) }, { path: '/dashboard/' });
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /require-trusted-types-for 'script'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  } finally {
    await served.stop();
  }
});
