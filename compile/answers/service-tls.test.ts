// A service that ends TLS itself: the answer names who said so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { explain, isAnswer, World } from './index.ts';

const world = new World(
  objectsFrom(`
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: partner, namespace: shop }
spec: { host: partner.example, ports: [{ name: https, port: 443, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: unverified, namespace: shop }
spec: { host: unverified.example, ports: [{ name: https, port: 443, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { account: web, addresses: [{ ip: 10.0.0.2 }] }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: partner, namespace: shop }
spec:
  targetRefs: [{ kind: ExternalService, name: partner }]
  tls: { serverName: api.partner.example, wellKnownCACertificates: System }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: unverified, namespace: shop }
spec:
  targetRefs: [{ kind: ExternalService, name: unverified }]
  tls: { serverName: unverified.example, caCertificateRefs: [{ group: "", kind: ConfigMap, name: nowhere }] }
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: proxy, namespace: shop }
spec: { host: proxy.example, ports: [{ name: tcp, port: 443 }, { name: http, port: 80, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: proxy, namespace: shop }
spec:
  targetRefs: [{ kind: ExternalService, name: proxy }]
  connections: { tunnel: { targetHost: db.example, targetPort: 5432 } }
`),
);

const ask = (to: string) => {
  const request = { method: 'GET', path: '/', headers: [] };
  const answer = explain(world, { from: { kind: 'workload', key: 'shop/web-1' }, to, port: 443, request });
  assert.ok(isAnswer(answer), JSON.stringify(answer));
  return answer;
};

test('TLS of the service, with the policy that says it', () => {
  const { routing, verdict } = ask('shop/partner');
  assert.equal(verdict.kind, 'allowed');
  const [backend] = routing?.backends ?? [];
  assert.equal(backend?.transport, 'tls');
  assert.deepEqual(
    backend?.settings.find(({ name }) => name === 'TLS of the service'),
    { name: 'TLS of the service', value: 'api.partner.example', source: 'TrafficPolicy/shop/partner#spec.tls' },
  );
});

test('a service that nobody can verify is not reached, by that policy', () => {
  const { verdict } = ask('shop/unverified');
  assert.deepEqual([verdict.kind, verdict.source], ['unavailable', 'TrafficPolicy/shop/unverified#spec.tls']);
});

test('a tunnel, with the policy that says it, of ports that are tunnelled', () => {
  const tunnel = (port: number) => {
    const request = { method: 'GET', path: '/', headers: [] };
    const answer = explain(world, { from: { kind: 'workload', key: 'shop/web-1' }, to: 'shop/proxy', port, request });
    assert.ok(isAnswer(answer), JSON.stringify(answer));
    return answer.routing?.backends[0]?.settings.find(({ name }) => name === 'tunnel');
  };
  assert.deepEqual(tunnel(443), {
    name: 'tunnel',
    value: 'CONNECT to db.example:5432',
    source: 'TrafficPolicy/shop/proxy#spec.connections.tunnel',
  });
  assert.equal(tunnel(80), undefined);
});
