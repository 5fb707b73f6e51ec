// What the calling proxy changes of a request is what the called proxy's rules are asked about.
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
apiVersion: v1
kind: Service
metadata: { name: a, namespace: shop }
spec: { selector: { app: a }, ports: [{ name: http, port: 80, targetPort: 8080, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: a-1, namespace: shop, labels: { app: a } }
spec: { account: a, addresses: [{ ip: 10.0.0.1 }], ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { account: web, addresses: [{ ip: 10.0.0.2 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: a, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: a }]
  rules:
    - matches: [{ path: { value: /removed } }]
      filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { remove: [x-key] } }]
      backendRefs: [{ name: a, port: 80 }]
    - matches: [{ path: { value: /set } }]
      backendRefs:
        - name: a
          port: 80
          filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: X-Key, value: "50%" }] } }]
    - matches: [{ path: { value: /renamed } }]
      filters: [{ type: URLRewrite, urlRewrite: { hostname: inside.example } }]
      backendRefs: [{ name: a, port: 80 }]
    - backendRefs: [{ name: a, port: 80 }]
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: a, namespace: shop }
spec:
  targetRefs: [{ name: a }]
  action: DENY
  rules:
    - { to: [{ headers: [{ name: x-key, type: Present }] }] }
    - { to: [{ hosts: [inside.example] }] }
`),
);

const verdict = (path: string, headers: readonly { name: string; value: string }[] = []): string => {
  const request = { method: 'GET', path, headers };
  const answer = explain(world, { from: { kind: 'workload', key: 'shop/web-1' }, to: 'shop/a', port: 80, request });
  assert.ok(isAnswer(answer));
  return `${answer.verdict.kind} ${answer.verdict.source ?? ''}`.trim();
};

const KEY = [{ name: 'x-key', value: '1' }];
const DENIED = 'denied AccessPolicy/shop/a#spec.rules';

test('a header that the caller removes is not there', () => {
  assert.equal(verdict('/other', KEY), `${DENIED}[0]`);
  assert.match(verdict('/removed', KEY), /^allowed/);
});

test('a header that a share of the route sets is there', () => {
  assert.match(verdict('/other'), /^allowed/);
  assert.equal(verdict('/set'), `${DENIED}[0]`);
});

test('the host is the one that the route writes', () => {
  assert.equal(verdict('/renamed'), `${DENIED}[1]`);
});
