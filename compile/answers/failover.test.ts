// Who answers where nobody is behind the service itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { explain, isAnswer, World } from './index.ts';

const workload = (app: string, port: number) => `
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ${app}-1, namespace: shop, labels: { app: ${app} } }
spec: { account: ${app}, addresses: [{ ip: 10.0.0.1 }], ports: [{ name: http, port: 8080, protocol: http, proxyPort: ${port} }] }`;

const service = (name: string, namespace = 'shop') => `
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: 8080, appProtocol: http }] }`;

const SHOP = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: reserves }
${service('orders')}${service('reserve')}${service('reserve', 'reserves')}${workload('web', 15_000)}
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: orders, namespace: shop }
spec:
  targetRefs: [{ name: orders }]
  failover: { to: [{ name: reserve, namespace: reserves, port: 80 }, { name: reserve, port: 80 }] }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: reserve, namespace: shop }
spec: { targetRefs: [{ name: reserve }], action: DENY, rules: [{ to: [{ methods: [POST] }] }] }`;

const asked = (documents: string, method: string) => {
  const answer = explain(new World(objectsFrom(documents)), {
    from: { kind: 'workload', key: 'shop/web-1' },
    to: 'shop/orders',
    port: 80,
    request: { method, path: '/', headers: [] },
  });
  assert.ok(isAnswer(answer));
  const setting = answer.routing?.backends[0]?.settings.find(({ name }) => name === 'failover');
  return { verdict: answer.verdict, arrivals: answer.arrivals, setting };
};

test('the stand-in’s own rules decide, where nobody is behind the service', () => {
  const documents = SHOP + workload('reserve', 15_001);
  const allowed = asked(documents, 'GET');
  assert.equal(allowed.verdict.kind, 'allowed');
  assert.deepEqual(
    allowed.arrivals.map(({ workloads }) => workloads),
    [['shop/reserve-1']],
  );
  assert.deepEqual(allowed.setting, {
    name: 'failover',
    value: 'to shop/reserve:80, where too few endpoints are healthy',
    source: 'TrafficPolicy/shop/orders#spec.failover',
  });
  assert.equal(asked(documents, 'POST').verdict.source, 'AccessPolicy/shop/reserve#spec.rules[0]');
});

test('who stands in is called as itself: by mutual TLS, though the service that was called takes plaintext', () => {
  const plaintext = `
---
apiVersion: weft.dev/v1alpha1
kind: Authentication
metadata: { name: orders, namespace: shop }
spec: { targetRefs: [{ name: NAME }], mtls: { mode: Disabled } }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: known, namespace: shop }
spec: { targetRefs: [{ name: reserve }], rules: [{ from: [{ accounts: [web] }] }] }`;
  const documents = SHOP + workload('reserve', 15_001);
  assert.equal(asked(documents + plaintext.replace('NAME', 'orders'), 'GET').verdict.kind, 'allowed');
  assert.equal(asked(documents + plaintext.replace('NAME', 'reserve'), 'GET').verdict.kind, 'denied');
});

test('who is there answers itself', () => {
  const documents = SHOP + workload('reserve', 15_001) + workload('orders', 15_002);
  assert.equal(asked(documents, 'POST').verdict.kind, 'allowed');
});

test('another namespace’s service needs its permission', () => {
  const grant = `
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: reserve, namespace: reserves }
spec:
  from: [{ group: weft.dev, kind: TrafficPolicy, namespace: shop }]
  to: [{ group: "", kind: Service }]`;
  assert.equal(
    asked(SHOP + grant, 'GET').setting?.value,
    'to reserves/reserve:80, then shop/reserve:80, where too few endpoints are healthy',
  );
});
