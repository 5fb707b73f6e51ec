/** Questions about hosts outside that callers name, which the forward proxy alone leads to: routes, Faults and policies about them hold there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, type Explanation, GET_ROOT, isAnswer, World } from '@weft/compile/answers';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { hostName, leadingTo } from './host-outside.ts';
import { isServiceName } from './question.ts';

const BASE = `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { addresses: [{ ip: 127.0.0.1 }], account: web, ports: [] }
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: partners, namespace: shop }
spec:
  hosts: ["*.partner.example", rates.bank.example]
  ports: [{ name: tls, port: 443 }, { name: http, port: 80, appProtocol: http }]
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: plant, namespace: shop }
spec: { addresses: [10.20.0.0/16], ports: [{ port: 5432 }] }
`;
const ROUTE = `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: partners, namespace: shop }
spec:
  parentRefs: [{ group: weft.dev, kind: ExternalService, name: partners, port: 80 }]
  rules:
    - matches: [{ path: { value: /books } }]
      timeouts: { request: 3s }
      backendRefs: [{ group: weft.dev, kind: ExternalService, name: partners, port: 80 }]
`;

function ask(yaml: string, to: string, port: number, path = '/', host?: string): Explanation {
  const headers = host === undefined ? [] : [{ name: 'host', value: host }];
  const request = { ...GET_ROOT, path, headers };
  const answer = explain(new World(objectsFrom(yaml)), {
    from: { kind: 'workload', key: 'shop/web-1' },
    to,
    port,
    request,
  });
  assert.ok(isAnswer(answer), JSON.stringify(answer));
  return answer;
}

test('HTTP by the forward proxy, to any of its hosts', () => {
  for (const host of [undefined, 'api.partner.example', 'rates.bank.example']) {
    const { verdict, routing, arrivals } = ask(BASE, 'shop/partners', 80, '/', host);
    assert.equal(verdict.kind, 'allowed', verdict.reason);
    assert.match(arrivals.map(({ reason }) => reason).join(), /outside the mesh: \*\.partner\.example, rates/);
    assert.deepEqual(
      routing?.backends.map(({ port }) => port),
      ['shop/partners/80'],
    );
  }
});

test('a host that is none of its own is not led there', () => {
  assert.notEqual(ask(BASE, 'shop/partners', 80, '/', 'other.example').verdict.kind, 'allowed');
});

test('routes about it hold', () => {
  assert.equal(ask(BASE + ROUTE, 'shop/partners', 80, '/books').routing?.rule, 'HTTPRoute/shop/partners#spec.rules[0]');
  assert.equal(ask(BASE + ROUTE, 'shop/partners', 80, '/other').verdict.kind, 'no-route');
});

test('other protocols by CONNECT, names and addresses', () => {
  for (const [to, port] of [
    ['shop/partners', 443],
    ['shop/plant', 5432],
  ] as const) {
    const { verdict, routing } = ask(BASE, to, port);
    assert.equal(verdict.kind, 'allowed', `${to}: ${verdict.reason}`);
    assert.deepEqual(
      routing?.backends.map((backend) => backend.port),
      [`${to}/${port}`],
    );
  }
});

test('a host is asked about by its name: the most specific ExternalService of that port', () => {
  const one = `
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: api, namespace: shop }
spec: { host: api.partner.example, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: pump, namespace: shop }
spec: { addresses: [10.20.3.4], ports: [{ port: 5432 }] }
`;
  const world = new World(objectsFrom(BASE + one));
  const leads = (text: string): string | undefined => {
    const host = hostName(text);
    return host === undefined ? 'no host' : leadingTo(world, 'default', host);
  };
  assert.deepEqual(
    [
      'API.partner.example:80',
      'api.partner.example:443',
      'a.b.partner.example',
      'partner.example',
      'rates.bank.example:81',
    ].map(leads),
    ['shop/api', 'shop/partners', 'shop/partners', undefined, undefined],
  );
  assert.deepEqual(['10.20.3.4:5432', '10.20.3.5', '10.21.0.1'].map(leads), ['shop/pump', 'shop/plant', undefined]);
  assert.deepEqual(['orders', 'shop/orders:80', 'gateway/edge'].map(leads), ['no host', 'no host', 'no host']);
});

test('what is taken for a service, and what for a host', () => {
  for (const text of ['orders', 'shop/orders:80', 'orders.shop:80', 'gateway/edge:443'])
    assert.ok(isServiceName(text), text);
  for (const text of ['api.partner.example', '10.20.3.4:5432', '[2001:db8::1]:443'])
    assert.ok(!isServiceName(text), text);
});
