/** Findings that no behaviour case provokes: `CODE SOURCE`, with what it takes and without. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '@weft/compile/incremental';
import { assemble } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import type { Diagnostic } from '@weft/core/kernel';
import { analysed } from './findings.ts';

const shop = (mode: string, workload: string): string => `
apiVersion: v1
kind: Namespace
metadata: { name: default }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, mtls: { mode: ${mode} } }
---
apiVersion: v1
kind: Service
metadata: { name: a }
spec: { selector: { app: a }, ports: [{ port: 80, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: a-1, labels: { app: a } }
spec: { addresses: [{ ip: 10.0.0.1 }], ports: [${workload}] }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: web }
spec: { targetRefs: [{ name: a }], rules: [{ from: [{ accounts: [web] }] }] }`;
const GUARDED = '{ name: http, port: 80, protocol: http, proxyPort: 15000 }';
const BARE = '{ name: http, port: 80, protocol: http }';

const told = (found: readonly Diagnostic[], ...codes: string[]): string[] =>
  found
    .filter(({ code }) => codes.includes(code))
    .map(({ code, place }) => `${code} ${place.object}${place.path === undefined ? '' : `#${place.path}`}`);
const assembled = (yaml: string): readonly Diagnostic[] => assemble(objectsFrom(yaml), new Map()).diagnostics;

test('a rule about callers where nobody has an identity', () => {
  assert.deepEqual(told(assembled(shop('Disabled', GUARDED)), 'no-identity'), [
    'no-identity AccessPolicy/default/web#spec.rules[0].from',
  ]);
  assert.deepEqual(told(assembled(shop('Permissive', GUARDED)), 'no-identity'), []);
});

test('a policy that has no proxy to ask it: its workload is no endpoint', () => {
  const compiled = (yaml: string): string[] => {
    const view = assemble(objectsFrom(yaml), new Map()).views.get('default');
    assert.ok(view !== undefined);
    const upstreams = [{ service: 'default/a', port: undefined, localPort: 9000 }];
    return told(compile(view, sidecarOf('default/web-1', { upstreams })).diagnostics, 'unenforced');
  };
  const [found, ...more] = compiled(shop('Permissive', BARE));
  assert.match(found ?? '', /^unenforced AccessPolicy\/default\/web/);
  assert.deepEqual(more, []);
  assert.deepEqual(compiled(shop('Permissive', GUARDED)), []);
});

test('an Invariant that does not hold', () => {
  const invariant = (account: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Invariant
metadata: { name: held }
spec: { targetRefs: [{ name: a }], never: [{ from: [{ accounts: [${account}] }] }] }`;
  const broken = (account: string): string[] =>
    told(analysed(objectsFrom(shop('Strict', GUARDED) + invariant(account)), false), 'invariant-broken');
  assert.deepEqual(broken('web'), ['invariant-broken Invariant/default/held#spec.never[0]']);
  assert.deepEqual(broken('other'), []);
});

test('a Gateway of an unknown class, and a ListenerSet of a Gateway that nobody serves', () => {
  const edge = (gatewayClass: string, parent: string): string => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: ${gatewayClass}
  allowedListeners: { namespaces: { from: All } }
  listeners: [{ name: http, protocol: HTTP, port: 8080 }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: { name: more }
spec: { parentRef: { name: ${parent} }, listeners: [{ name: more, protocol: HTTP, port: 8081 }] }`;
  const codes = ['gateway-class-not-found', 'parent-not-accepted'];
  const found = (gatewayClass: string, parent: string): string[] =>
    told(assembled(shop('Strict', GUARDED) + edge(gatewayClass, parent)), ...codes).sort();
  assert.deepEqual(found('unknown', 'edge'), ['gateway-class-not-found Gateway/default/edge#spec.gatewayClassName']);
  assert.deepEqual(found('weft', 'gone'), ['parent-not-accepted ListenerSet/default/more#spec.parentRef.name']);
  assert.deepEqual(found('weft', 'edge'), []);
});
