// Policies hold for what proxies ask about a request too: the answer says where they refuse it and what they count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { explain, isAnswer, OUTSIDER, type Question, type Setting, World } from './index.ts';

const MESH = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Service
metadata: { name: hello, namespace: shop }
spec: { selector: { app: hello }, ports: [{ name: http, port: 80, targetPort: 8080, appProtocol: http }] }
---
apiVersion: v1
kind: Service
metadata: { name: opa, namespace: shop }
spec: { selector: { app: opa }, ports: [{ name: grpc, port: 9191, appProtocol: grpc }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: hello-1, namespace: shop, labels: { app: hello } }
spec: { account: hello, addresses: [{ ip: 10.0.0.1 }], ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: opa-1, namespace: shop, labels: { app: opa } }
spec: { account: opa, addresses: [{ ip: 10.0.0.2 }], ports: [{ name: grpc, port: 9191, protocol: grpc, proxyPort: 15001 }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { account: web, addresses: [{ ip: 10.0.0.3 }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: edge-1, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: edge } }
spec: { account: edge, addresses: [{ ip: 10.0.0.4 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { gatewayClassName: weft, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: hello, namespace: shop }
spec:
  parentRefs: [{ name: edge }, { group: "", kind: Service, name: hello }]
  rules:
    - matches: [{ path: { type: PathPrefix, value: /asked } }]
      filters: [{ type: ExtensionRef, extensionRef: { group: weft.dev, kind: Extension, name: opa } }]
      backendRefs: [{ name: hello, port: 80 }]
    - backendRefs: [{ name: hello, port: 80 }]
---
apiVersion: weft.dev/v1alpha1
kind: Extension
metadata: { name: opa, namespace: shop }
spec: { authorization: { service: { name: opa } } }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: external, namespace: shop }
spec: { targetRefs: [{ kind: Service, name: hello }], action: EXTERNAL, extension: opa, rules: [{ to: [{ methods: [PUT] }] }] }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: external-edge, namespace: shop }
spec: { targetRefs: [{ kind: Gateway, name: edge }], action: EXTERNAL, extension: opa, rules: [{ to: [{ methods: [PUT] }] }] }
`;

const limit = (kind: string, name: string): string => `---
apiVersion: weft.dev/v1alpha1
kind: RateLimit
metadata: { name: all, namespace: shop }
spec: { targetRefs: [{ kind: ${kind}, name: ${name} }], local: { requests: 3, per: 60s } }
`;

const LIMITED: Setting = {
  name: 'rate limit of who is asked',
  value: 'shop/opa/9191: 3 in 60s, at most 3 at once',
  source: 'RateLimit/shop/all#spec',
};

const REFUSING = `---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: closed, namespace: shop }
spec: { targetRefs: [{ kind: Service, name: opa }], rules: [{ from: [{ accounts: [other] }] }] }
`;

/** What is said of who is asked, in the order of the hops. */
function said(more: string, method: string, path: string, outside = false): Setting[] {
  const world = new World(objectsFrom(`${MESH}${more}`));
  const request = { method, path, headers: [] };
  const question: Question =
    outside && OUTSIDER !== undefined
      ? { from: OUTSIDER, to: 'shop/edge', gateway: true, port: 80, request }
      : { from: { kind: 'workload', key: 'shop/web-1' }, to: 'shop/hello', port: 80, request };
  const answer = explain(world, question);
  assert.ok(isAnswer(answer), JSON.stringify(answer));
  return [answer.entry, answer.routing, ...answer.arrivals]
    .flatMap((hop) => hop?.settings ?? [])
    .filter(({ name }) => name === 'asking is refused' || name === LIMITED.name);
}

test('a limit about the namespace counts what the rule, the Gateway and the called side ask', () => {
  const all = limit('Namespace', 'shop');
  assert.deepEqual(said(all, 'GET', '/'), []);
  assert.deepEqual(said(all, 'GET', '/asked'), [LIMITED]);
  assert.deepEqual(said(all, 'PUT', '/'), [LIMITED]);
  assert.deepEqual(said(all, 'PUT', '/asked'), [LIMITED, LIMITED]);
  assert.deepEqual(said(all, 'PUT', '/asked', true), [LIMITED, LIMITED, LIMITED]);
});

test('a limit about the called service counts nothing that is asked', () => {
  assert.deepEqual(said(limit('Service', 'hello'), 'PUT', '/asked'), []);
});

test('rules that refuse whoever asks are named', () => {
  const [first, ...others] = said(REFUSING, 'GET', '/asked');
  assert.deepEqual(others, []);
  assert.equal(first?.name, 'asking is refused');
  assert.match(first.value, /^shop\/opa\/9191: no ALLOW rule matches/);
});
