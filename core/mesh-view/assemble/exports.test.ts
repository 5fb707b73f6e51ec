import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsFrom } from '../testing/index.ts';
import { assemble } from './index.ts';

const text = (to: string): string => `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: next }
spec: { trustDomain: next.test }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: third }
spec: { trustDomain: third.test }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: moved, labels: { weft.dev/mesh: next } }
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop, annotations: { weft.dev/export-to: "${to}" } }
spec: { selector: { app: ledger }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: v1
kind: Service
metadata: { name: secret, namespace: shop }
spec: { selector: { app: secret }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ledger-1, namespace: shop, labels: { app: ledger } }
spec: { addresses: [{ ip: 127.0.0.1 }], account: ledger, ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: secret-1, namespace: shop, labels: { app: secret } }
spec: { addresses: [{ ip: 127.0.0.1 }], account: secret, ports: [{ name: http, port: 8081, protocol: http, proxyPort: 15002 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: front, namespace: moved }
spec:
  parentRefs: [{ group: "", kind: Service, name: front }]
  rules: [{ backendRefs: [{ name: ledger, namespace: shop, port: 80 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: front, namespace: moved }
spec: { selector: { app: front }, ports: [{ name: http, port: 80, appProtocol: http }] }
`;
const UP = new Map(
  ['shop/ledger-1', 'shop/secret-1'].map((key) => [key, { ready: new Set([8080, 8081]), draining: false }] as const),
);

test('an exported service is seen with its endpoints and identities, and lets guests in; nothing else is seen', () => {
  const { views, neighbours, diagnostics } = assemble(objectsFrom(text('next')), UP);
  const [own, next, third] = ['default', 'next', 'third'].map((name) => views.get(name));
  assert.ok(own !== undefined && next !== undefined && third !== undefined);
  assert.deepEqual(next.service.get('shop/ledger')?.home, {
    mesh: 'default',
    trustDomain: 'weft.local',
    mtls: 'strict',
  });
  assert.equal(own.service.get('shop/ledger')?.home, undefined);
  assert.deepEqual([...next.service.keys()].sort(), ['moved/front', 'shop/ledger']);
  assert.deepEqual(next.identities.get('shop/ledger/80'), ['spiffe://weft.local/ns/shop/sa/ledger']);
  assert.equal(next.endpoints.get('shop/ledger/80'), own.endpoints.get('shop/ledger/80'));
  assert.deepEqual([...next.workload.keys()], []);
  assert.equal(next.httpRules.get('moved/front/80')?.[0]?.rule.backends[0]?.kind, 'service', 'an export is permission');
  assert.deepEqual([...own.guests], [['shop/ledger-1', ['next.test']]]);
  assert.equal(third.service.size, 0);
  assert.deepEqual(
    neighbours,
    new Map([
      ['weft.local', ['next.test']],
      ['next.test', ['weft.local']],
    ]),
  );
  assert.ok(!diagnostics.some(({ code }) => code === 'export-nowhere'));
});

test('names of no mesh, and of its own, are told; unchanged objects keep their views', () => {
  const objects = objectsFrom(text('next, nowhere,default'));
  const first = assemble(objects, UP);
  const told = first.diagnostics.filter(({ code }) => code === 'export-nowhere').map(({ message }) => message);
  assert.deepEqual(told, [
    'there is no mesh nowhere: the service is not seen there',
    'the service is in mesh default already',
  ]);
  const second = assemble(objects, UP, first);
  for (const [name, view] of first.views) assert.equal(second.views.get(name), view, name);
  const without = assemble(objectsFrom(text('')), UP, second);
  assert.equal(without.views.get('next')?.service.has('shop/ledger'), false);
  assert.deepEqual([...(without.views.get('default')?.guests ?? [])], []);
});

test('a foreign trust domain of the mesh is let in where the service names it; one that is unknown, or a mesh’s own, is not', () => {
  const meshWith = (...domains: readonly string[]): string => `${text('spiffe://partner.test, spiffe://next.test')}---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec:
  trustDomain: weft.local
  federation: [${domains.map((name) => `{ trustDomain: ${name}, endpoint: { url: "https://b.test/" } }`).join()}]
`;
  const known = assemble(objectsFrom(meshWith('partner.test', 'next.test')), UP);
  assert.deepEqual([...(known.views.get('default')?.guests ?? [])], [['shop/ledger-1', ['partner.test']]]);
  assert.deepEqual(known.neighbours, new Map());
  const told = ({ diagnostics }: typeof known): string[] =>
    diagnostics
      .filter(({ code }) => code === 'export-nowhere' || code === 'shared-trust-domain')
      .map(({ code, place }) => `${code} ${place.object} ${place.path}`);
  assert.deepEqual(told(known), [
    'shared-trust-domain Mesh/default spec.federation[1].trustDomain',
    'export-nowhere Service/shop/ledger metadata.annotations["weft.dev/export-to"]',
  ]);
  const unknown = assemble(objectsFrom(meshWith()), UP, known);
  assert.deepEqual([...(unknown.views.get('default')?.guests ?? [])], []);
  assert.equal(told(unknown).length, 2);
});
