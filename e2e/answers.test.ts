/** `weft explain` and `weft test` as a user runs them: on a mesh that runs, on files, and on files that are wrong. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TestMesh } from '@weft/testkit/mesh';

const OBJECTS = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: orders, namespace: default }
spec:
  parentRefs: [{ group: "", kind: Service, name: orders }]
  rules:
    - matches: [{ path: { value: /orders }, headers: [{ name: x-tenant, value: a }] }]
      backendRefs: [{ name: orders, port: 80 }]
      timeouts: { request: 3s }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: orders, namespace: default }
spec:
  targetRefs: [{ name: orders }]
  rules:
    - from: [{ accounts: [web] }]
`;

const TESTS = `apiVersion: weft.dev/v1alpha1
kind: PolicyTest
objects: [mesh.yaml]
cases:
  - name: web
    from: web
    to: orders
    request: { path: /orders/1?x=1, headers: { x-tenant: a } }
    expect: { allowed: true, settings: { timeout: 3s }, by: AccessPolicy/default/orders }
  - name: another tenant
    from: web
    to: orders
    request: { path: /orders }
    expect: { verdict: no-route, status: 404 }
`;

const INVARIANT = `apiVersion: weft.dev/v1alpha1
kind: Invariant
metadata: { name: only-web, namespace: default }
spec:
  description: order data
  targetRefs: [{ name: orders }]
  encrypted: true
  never: [{ from: [{ notIdentities: [default/web] }], requests: [{ path: /orders }] }]
`;

describe('answers', () => {
  const mesh = new TestMesh();
  let file = '';
  before(async () => {
    await mesh.up();
    file = mesh.file(OBJECTS, 'mesh.yaml');
    mesh.run('--name', 'orders', '--port', '80/http', '--', 'sleep', '1000');
    mesh.run('--name', 'web', '--', 'sleep', '1000');
    await mesh.synced(2);
    const applied = await mesh.weft('apply', '-f', file, '--wait');
    assert.equal(applied.code, 0, applied.stderr);
  });
  after(() => mesh[Symbol.asyncDispose]());

  const ask = (...args: readonly string[]) => mesh.weft('explain', ...args);

  test('allowed: rule, time limit and policy with file, line and column of what was applied', async () => {
    const { stdout, code } = await ask('web', 'orders', 'GET', '/orders/1', '-H', 'X-Tenant: a');
    assert.match(stdout, /GET \/orders\/1: allowed/);
    assert.ok(stdout.includes(`timeout: 3s, by HTTPRoute/default/orders#spec.rules[0].timeouts (${file}:9:7)`), stdout);
    assert.ok(stdout.includes(`AccessPolicy/default/orders#spec.rules[0] (${file}:17:7)`), stdout);
    assert.doesNotMatch(stdout, /assumed/);
    assert.equal(code, 0);
  });

  test('refused: by whom, what the caller sees, and the smallest change', async () => {
    const { stdout, code } = await ask('orders', 'orders', 'GET', '/orders', '-H', 'x-tenant: a');
    assert.match(stdout, /GET \/orders: denied\n {2}no ALLOW rule matches/);
    assert.match(stdout, /To allow it: add \{ namespaces: \[default\], accounts: \[orders\] \} to `from`/);
    assert.equal(code, 1);
  });

  test('no route: what of each candidate did not hold', async () => {
    const { stdout, code } = await ask('web', 'orders.default:80', 'GET', '/orders', '-H', 'x-tenant: b');
    assert.match(stdout, /the caller sees 404, flag NR/);
    assert.match(stdout, /not HTTPRoute.*: the header x-tenant is not "a": it is "b"/);
    assert.equal(code, 1);
  });

  test('as JSON', async () => {
    const { stdout } = await ask('web', 'orders', 'GET', '/orders', '-H', 'x-tenant: a', '-o', 'json');
    const { verdict, arrivals } = JSON.parse(stdout) as {
      readonly verdict: { readonly kind: string };
      readonly arrivals: readonly { readonly allowed: boolean }[];
    };
    assert.equal(verdict.kind, 'allowed');
    assert.deepEqual(
      arrivals.map(({ allowed }) => allowed),
      [true],
    );
  });

  test('wrong questions end with 2, unanswerable ones with 1 and a remedy', async () => {
    assert.equal((await ask('web', 'a/b/c')).code, 2);
    assert.equal((await ask('web', 'orders', 'GET', 'orders')).code, 2);
    assert.equal((await ask('web', 'orders', 'GET', '/', '-H', 'nonsense')).code, 2);
    const nobody = await ask('web', 'nobody');
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /there is no Service default\/nobody/);
    assert.match((await ask('nobody', 'orders')).stderr, /there is no workload default\/nobody/);
  });

  test('plan says who is newly allowed and what breaks; apply refuses it; check reports it once it is there', async () => {
    const invariant = mesh.file(INVARIANT, 'invariant.yaml');
    assert.equal((await mesh.weft('apply', '-f', invariant)).code, 0);
    const wider = mesh.file(OBJECTS.replace('accounts: [web]', 'accounts: [web, orders]'), 'wider.yaml');
    const planned = await mesh.weft('plan', '-f', wider);
    assert.match(planned.stdout, /changed {2}AccessPolicy\/default\/orders\n/);
    assert.match(planned.stdout, /NEWLY ALLOWED:\n {2}default\/orders-\w+ -> default\/orders:80 GET \/orders/);
    assert.match(
      planned.stdout,
      /BREAKS .*Invariant\/default\/only-web: spec.never\[0\]: .* gets through .*\(order data\)/,
    );
    assert.equal(planned.code, 1);
    const applied = await mesh.weft('apply', '-f', wider);
    assert.equal(applied.code, 1);
    assert.match(applied.stderr, /Invariant\/default\/only-web.*\n.*nothing was applied/);
    assert.match((await ask('orders', 'orders', 'GET', '/orders', '-H', 'x-tenant: a')).stdout, /: denied/);
    assert.equal((await mesh.weft('apply', '-f', wider, '--break-invariants')).code, 0);
    const checked = await mesh.weft('check');
    assert.match(checked.stdout, /Invariant\/default\/only-web: spec.never\[0\]/);
    assert.equal(checked.code, 1);
    assert.equal((await mesh.weft('apply', '-f', file)).code, 0);
    assert.doesNotMatch((await mesh.weft('check')).stdout, /Invariant/);
    assert.match((await mesh.weft('plan', '-f', file)).stdout, /^no object changes\n/);
  });

  test('the API refuses a deletion and a write that break an Invariant, and lets through what says so', async () => {
    assert.equal((await mesh.weft('apply', '-f', mesh.file(INVARIANT, 'held.yaml'))).code, 0);
    const refused = await mesh.weft('delete', 'accesspolicy', 'orders');
    assert.equal(refused.code, 1, refused.stdout);
    assert.match(refused.stderr, /Invariant\/default\/only-web spec.never\[0\]: .* gets through .*\(order data\)/);
    assert.match((await mesh.weft('get', 'accesspolicy', 'orders')).stdout, /orders/);
    const said = OBJECTS.replace(
      'kind: AccessPolicy\nmetadata: { name: orders',
      'kind: AccessPolicy\nmetadata: { annotations: { weft.dev/break-invariants: "true" }, name: orders',
    );
    assert.notEqual(said, OBJECTS);
    assert.equal((await mesh.weft('apply', '-f', mesh.file(said, 'said.yaml'))).code, 0);
    assert.equal((await mesh.weft('delete', 'accesspolicy', 'orders')).code, 0);
    assert.equal((await mesh.weft('delete', 'invariant', 'only-web')).code, 0);
    assert.equal((await mesh.weft('apply', '-f', file)).code, 0);
  });

  test('the policy tests of the examples hold', async () => {
    const passed = await mesh.weft('test', path.join(import.meta.dirname, '../examples'));
    assert.equal(passed.code, 0, passed.stdout + passed.stderr);
  });

  test('policy tests pass, fail with line and column, and are checked themselves', async () => {
    const passing = mesh.file(TESTS, 'mesh.test.yaml');
    const passed = await mesh.weft('test', passing);
    assert.equal(passed.code, 0, passed.stdout + passed.stderr);
    assert.match(passed.stdout, /test: 2 passed, 0 failed/);
    const failing = mesh.file(TESTS.replace('3s', '4s'), 'failing.test.yaml');
    const failed = await mesh.weft('test', failing);
    assert.equal(failed.code, 1);
    assert.ok(failed.stdout.includes(`${failing}:9:30: settings: timeout: expected 4s, found 3s`), failed.stdout);
    const wrong = mesh.file(TESTS.replace('allowed', 'alowed').replace('no-route', 'nowhere'), 'wrong.test.yaml');
    const refused = await mesh.weft('test', wrong);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /unknown field `alowed` \(did you mean `allowed`\?\)/);
    assert.match(refused.stderr, /nowhere/);
  });
});
