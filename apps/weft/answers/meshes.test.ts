/** Questions across meshes: a workload of one asks an exported service of another, decided on both sides as within one mesh. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, GET_ROOT, isAnswer, OUTSIDER, type Explanation, World } from '@weft/compile/answers';
import { remedyOf } from '@weft/compile/answers';
import { objectsFrom } from '@weft/core/mesh-view/testing';

const workload = (name: string, namespace: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ${name}-1, namespace: ${namespace}, labels: { app: ${name} } }
spec: { addresses: [{ ip: 127.0.0.1 }], account: ${name}, ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
`;
const service = (name: string, namespace: string, annotation = ''): string => `
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace}, annotations: { weft.dev/export-to: "${annotation}" } }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, appProtocol: http }] }
`;
/** `moved` is in mesh `alpha`, which comes before `default` by name. */
const meshes = (exportTo: string, mode = 'Strict'): string => `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: alpha }
spec: { trustDomain: alpha.test }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, mtls: { mode: ${mode} } }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: moved, labels: { weft.dev/mesh: alpha } }
${service('ledger', 'shop', exportTo)}${service('front', 'moved')}${workload('ledger', 'shop')}${workload('web', 'shop')}${workload('client', 'moved')}`;

const ROUTE = `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ledger, namespace: moved }
spec:
  parentRefs: [{ group: "", kind: Service, name: front }]
  rules: [{ matches: [{ path: { value: /books } }], timeouts: { request: 3s }, backendRefs: [{ name: ledger, namespace: shop, port: 80 }] }]
`;
const access = (from: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: callers, namespace: shop }
spec: { targetRefs: [{ name: ledger }], action: ALLOW, rules: [{ from: [${from}], to: [{ methods: [GET] }] }] }
`;

function ask(
  yaml: string,
  options: { to?: string; from?: string; path?: string; method?: string; direct?: boolean } = {},
) {
  const { to = 'shop/ledger', from = 'moved/client-1', path = '/', method = 'GET', direct = false } = options;
  const world = new World(objectsFrom(yaml));
  const question = {
    from: { kind: 'workload', key: from },
    to,
    port: 80,
    request: { ...GET_ROOT, method, path },
    direct,
  } as const;
  const answer = explain(world, question);
  assert.ok(isAnswer(answer), JSON.stringify(answer));
  return { answer, remedy: remedyOf(world, question, answer) };
}
const said = ({ verdict, arrivals }: Explanation): string =>
  [verdict.kind, ...arrivals.map(({ workloads, by, allowed }) => `${workloads.join()} ${by} ${allowed}`)].join('; ');

test('exported: both sides decide, under the caller’s own identity', () => {
  const { answer } = ask(meshes('alpha'));
  assert.equal(said(answer), 'allowed; shop/ledger-1 nobody true');
  assert.equal(answer.caller.identity, 'spiffe://alpha.test/ns/moved/sa/client');
  assert.equal(answer.routing?.backends[0]?.transport, 'mtls');
  assert.equal(said(ask(meshes('alpha'), { from: 'shop/web-1' }).answer), 'allowed; shop/ledger-1 nobody true');
});

test('a route of the caller’s mesh leads there; its refusals are the caller’s side', () => {
  const yaml = meshes('alpha') + ROUTE;
  const { answer } = ask(yaml, { to: 'moved/front', path: '/books' });
  assert.equal(said(answer), 'allowed; shop/ledger-1 nobody true');
  assert.equal(answer.routing?.rule, 'HTTPRoute/moved/ledger#spec.rules[0]');
  assert.equal(ask(yaml, { to: 'moved/front', path: '/other' }).answer.verdict.kind, 'no-route');
});

test('policies of the called mesh speak: by trust domain, and the remedy names it', () => {
  const others = meshes('alpha') + access('{ accounts: [web] }');
  const { answer, remedy } = ask(others);
  assert.equal(said(answer), 'denied; shop/ledger-1 request false');
  assert.match(remedy?.change ?? '', /trustDomains: \[alpha\.test\], namespaces: \[moved\], accounts: \[client\]/);
  const mine = meshes('alpha') + access('{ trustDomains: [alpha.test], namespaces: [moved], accounts: [client] }');
  assert.equal(said(ask(mine).answer), 'allowed; shop/ledger-1 request true');
  assert.equal(ask(mine, { method: 'POST' }).answer.verdict.kind, 'denied');
  assert.equal(ask(mine, { from: 'shop/web-1' }).answer.verdict.kind, 'denied');
});

test('not exported: not visible, and refused to whoever goes there directly; the remedy exports it', () => {
  for (const to of ['', 'nowhere']) {
    const { answer, remedy } = ask(meshes(to));
    assert.equal(said(answer), 'not-visible');
    assert.match(answer.verdict.reason, /in mesh default and not exported to mesh alpha/);
    assert.equal(remedy?.object.metadata.annotations['weft.dev/export-to'], to === '' ? 'alpha' : 'nowhere, alpha');
    const { answer: direct } = ask(meshes(to), { direct: true });
    assert.equal(said(direct), 'denied; shop/ledger-1 transport false');
    assert.match(direct.verdict.reason, /not exported/);
  }
  assert.equal(said(ask(meshes('alpha'), { direct: true }).answer), 'allowed; shop/ledger-1 nobody true');
});

test('the mesh of the service says whether it takes plaintext; nobody of the other needs to', () => {
  assert.equal(ask(meshes('alpha', 'Disabled')).answer.routing?.backends[0]?.transport, 'plaintext');
  const world = new World(objectsFrom(meshes('alpha', 'Permissive')));
  assert.ok(OUTSIDER !== undefined);
  const answer = explain(world, { from: OUTSIDER, to: 'shop/ledger', port: 80, request: GET_ROOT });
  assert.ok(isAnswer(answer) && answer.verdict.kind === 'allowed');
});
