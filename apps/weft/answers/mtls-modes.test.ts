/** Modes of mutual TLS by namespace, service and port, in every answer: who says so, what a change of them does, what is checked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  analyse,
  brokenInvariants,
  explain,
  type Explanation,
  GET_ROOT,
  isAnswer,
  OUTSIDER,
  planOf,
  World,
} from '@weft/compile/answers';
import { assemble } from '@weft/core/mesh-view';
import { objectsFrom } from '@weft/core/mesh-view/testing';

const SHOP = `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: shop }
spec:
  selector: { app: orders }
  ports: [{ name: http, port: 80, appProtocol: http }, { name: admin, port: 81, appProtocol: http }]
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: orders-1, namespace: shop, labels: { app: orders } }
spec:
  account: orders
  addresses: [{ ip: 127.0.0.1 }]
  ports:
    [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }, { name: admin, port: 8081, protocol: http, proxyPort: 15002 }]
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { account: web, addresses: [{ ip: 127.0.0.1 }], ports: [{ name: http, port: 3000, protocol: http, proxyPort: 15003 }] }
`;
const mode = (name: string, target: string, text: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Authentication
metadata: { name: ${name}, namespace: shop }
spec: { targetRefs: [${target}], mtls: { mode: ${text} } }
`;
const PORT = '{ name: orders, sectionName: http }';
const NAMESPACE = '{ kind: Namespace, name: shop }';
const world = (...more: string[]): World => new World(objectsFrom(SHOP + more.join('')));

function ask(of: World, from: 'web' | 'outside', port = 80): Explanation {
  assert.ok(OUTSIDER !== undefined);
  const caller = from === 'web' ? ({ kind: 'workload', key: 'shop/web-1' } as const) : OUTSIDER;
  const answer = explain(of, { from: caller, to: 'shop/orders', port, request: GET_ROOT });
  assert.ok(isAnswer(answer), JSON.stringify(answer));
  return answer;
}
const hop = ({ verdict, routing }: Explanation): string => {
  const [backend] = routing?.backends ?? [];
  const said = backend?.settings.find(({ name }) => name === 'mTLS of the mesh');
  return `${verdict.kind} ${backend?.transport} ${said?.value} ${said?.source}`;
};

test('explain names the object that set the mode, on both sides', () => {
  const strict = world();
  assert.equal(hop(ask(strict, 'web')), 'allowed mtls strict Mesh/default#spec.mtls.mode');
  const refused = ask(strict, 'outside').verdict;
  assert.equal(`${refused.kind} ${refused.source}`, 'denied Mesh/default#spec.mtls.mode');

  const moving = world(mode('moving', PORT, 'Permissive'));
  const said = 'Authentication/shop/moving#spec.mtls.mode';
  assert.equal(hop(ask(moving, 'web')), `allowed mtls permissive ${said}`);
  const outside = ask(moving, 'outside');
  assert.equal(outside.verdict.kind, 'allowed');
  assert.deepEqual(outside.arrivals[0]?.settings, [{ name: 'mTLS at the port', value: 'permissive', source: said }]);
  assert.equal(ask(moving, 'outside', 81).verdict.kind, 'denied');

  const off = world(mode('off', PORT, 'Disabled'));
  assert.equal(hop(ask(off, 'web')), 'allowed plaintext disabled Authentication/shop/off#spec.mtls.mode');
  assert.equal(hop(ask(off, 'web', 81)), 'allowed mtls strict Mesh/default#spec.mtls.mode');
});

test('the most specific wins, then the oldest; who has no effect is told', () => {
  const all = world(
    mode('wide', NAMESPACE, 'Permissive'),
    mode('service', '{ name: orders }', 'Disabled'),
    mode('first', PORT, 'Strict'),
    mode('other', PORT, 'Disabled'),
  );
  assert.match(hop(ask(all, 'web')), /strict Authentication\/shop\/first#/);
  assert.match(hop(ask(all, 'web', 81)), /disabled Authentication\/shop\/service#/);
  const { statuses } = assemble(all.objects.toReversed(), new Map());
  const conflicts = statuses
    .filter(({ kind }) => kind === 'Authentication')
    .flatMap(({ name, conditions }) =>
      conditions.map(({ type, status, reason }) => `${name} ${type} ${status} ${reason}`),
    );
  assert.deepEqual(conflicts.filter((text) => text.includes('Accepted')).sort(), [
    'first Accepted True Accepted',
    'other Accepted False Conflicted',
    'service Accepted True Accepted',
    'wide Accepted True Accepted',
  ]);
});

test('tokens and mutual TLS about one target are two things: neither replaces the other', () => {
  const tokens = `
---
apiVersion: weft.dev/v1alpha1
kind: Authentication
metadata: { name: tokens, namespace: shop }
spec:
  targetRefs: [${PORT}]
  issuers: [{ issuer: "https://i.example", audiences: [a], keys: { jwks: '{"keys":[{"kty":"EC","crv":"P-256","kid":"1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}' } }]
`;
  const both = world(mode('moving', PORT, 'Permissive'), tokens);
  const answer = ask(both, 'web');
  assert.equal(answer.verdict.status, 401);
  assert.equal(ask(both, 'outside').verdict.status, 401);
  const { diagnostics } = assemble(both.objects, new Map());
  assert.deepEqual(diagnostics, []);
});

test('plan tells mTLS lost, mTLS won, and who gets in without a certificate', () => {
  const told = (before: World, after: World): string[] =>
    planOf(before, after)
      .calls.map(({ kind, caller, port }) => `${kind} ${caller === '' ? 'outside' : caller} ${port}`)
      .sort();
  const [strict, soft, off] = [world(), world(mode('m', PORT, 'Permissive')), world(mode('m', PORT, 'Disabled'))];
  assert.deepEqual(told(strict, soft), ['allowed outside 80']);
  assert.deepEqual(told(soft, strict), ['denied outside 80']);
  assert.deepEqual(told(strict, off), ['allowed outside 80', 'plaintext shop/orders-1 80']);
  assert.deepEqual(told(off, soft), ['encrypted shop/orders-1 80']);
  assert.deepEqual(told(strict, world(mode('m', NAMESPACE, 'Permissive'))), [
    'allowed outside 80',
    'allowed outside 81',
  ]);
});

test('never plaintext: an Invariant looks at the mode that holds', () => {
  const invariant = (section: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Invariant
metadata: { name: sealed, namespace: shop }
spec: { targetRefs: [{ name: orders, sectionName: ${section} }], encrypted: true }
`;
  const broken = (of: World): string[] => brokenInvariants(of).map(({ message }) => message);
  assert.deepEqual(broken(world(invariant('http'))), []);
  assert.deepEqual(broken(world(invariant('http'), mode('m', PORT, 'Permissive'))), [
    'shop/orders:80: a caller without a certificate gets an answer',
  ]);
  assert.deepEqual(broken(world(invariant('admin'), mode('m', PORT, 'Permissive'))), []);
  assert.deepEqual(broken(world(invariant('http'), mode('m', PORT, 'Disabled'))), [
    'shop/orders:80: a caller without a certificate gets an answer',
    'shop/orders:80: the proxies of the mesh send plaintext to it, by Authentication/shop/m#spec.mtls.mode',
  ]);
  // A mesh that is permissive, and a service that is not.
  const lenient = SHOP.replace('weft.local }', 'weft.local, mtls: { mode: Permissive } }');
  const own = new World(objectsFrom(lenient + invariant('http') + mode('m', '{ name: orders }', 'Strict')));
  assert.deepEqual(broken(own), []);
});

test('check names every hole with who made it', () => {
  const found = (...more: string[]): string[] =>
    analyse(world(...more), true).map(
      ({ code, place, message }) => `${code} ${place.object}#${place.path}: ${message}`,
    );
  assert.deepEqual(found(), []);
  assert.deepEqual(found(mode('m', PORT, 'Permissive')), [
    'plaintext-accepted Authentication/shop/m#spec.mtls.mode: mutual TLS is permissive at port 8080 of Workload/shop/orders-1: anybody in reach is answered without a certificate',
  ]);
  assert.deepEqual(found(mode('m', NAMESPACE, 'Disabled'), mode('own', '{ name: orders }', 'Strict')), [
    'plaintext-accepted Authentication/shop/m#spec.mtls.mode: mutual TLS is disabled at port 3000 of Workload/shop/web-1: nothing is encrypted',
  ]);
  const rule = `
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: callers, namespace: shop }
spec: { targetRefs: [{ name: orders }], rules: [{ from: [{ accounts: [web] }] }] }
`;
  const told = assemble(world(rule, mode('m', PORT, 'Disabled')).objects, new Map()).diagnostics;
  assert.deepEqual(
    told.map(({ code, place }) => `${code} ${place.object}#${place.path}`),
    ['no-identity AccessPolicy/shop/callers#spec.rules[0].from'],
  );
  assert.match(told[0]?.message ?? '', /by Authentication\/shop\/m#spec\.mtls\.mode/);
});
