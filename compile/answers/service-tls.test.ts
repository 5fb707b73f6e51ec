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

const SEALED = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, mtls: { mode: MODE } }
---
apiVersion: v1
kind: Service
metadata: { name: sealed, namespace: shop }
spec: { selector: { app: sealed }, ports: [{ name: https, port: 443, targetPort: 8443, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: sealed-1, namespace: shop, labels: { app: sealed } }
spec: { account: sealed, addresses: [{ ip: 10.0.0.3 }], ports: [{ name: https, port: 8443, protocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { account: web, addresses: [{ ip: 10.0.0.2 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: sealed, namespace: shop }
spec:
  targetRefs: [{ group: "", kind: Service, name: sealed }]
  validation: { hostname: sealed.example, wellKnownCACertificates: System }
`;
const GUARDED = `---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: sealed, namespace: shop }
spec: { targetRefs: [{ name: sealed }], action: DENY, rules: [{ from: [{ accounts: [job] }] }] }
`;

test('who ends TLS itself and has no proxy is not called where an AccessPolicy is about it, however strict mutual TLS is', () => {
  const request = { method: 'GET', path: '/', headers: [] };
  for (const mode of ['Strict', 'Permissive'])
    for (const policy of ['', GUARDED]) {
      const at = new World(objectsFrom(SEALED.replace('MODE', mode) + policy));
      const answer = explain(at, {
        from: { kind: 'workload', key: 'shop/web-1' },
        to: 'shop/sealed',
        port: 443,
        request,
      });
      assert.ok(isAnswer(answer));
      const { kind, status, source } = answer.verdict;
      if (policy === '') assert.equal(kind, 'allowed', mode);
      else assert.deepEqual([kind, status, source], ['unavailable', 503, 'AccessPolicy/shop/sealed'], mode);
    }
});
