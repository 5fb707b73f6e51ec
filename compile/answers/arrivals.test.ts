// Ports that take PROXY headers: at sidecars closed to callers of the mesh, open to whom load balancers tell, by the rules about that address.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIp } from '@weft/core/kernel';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { brokenInvariants, type Caller, explain, GET_ROOT, isAnswer, planOf, questionOf, World } from './index.ts';

const objects = (from: string, arrivals = `{ proxyProtocol: { from: [${from}] } }`): string => `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, mtls: { mode: Permissive } }
---
apiVersion: v1
kind: Service
metadata: { name: front, namespace: shop }
spec: { selector: { app: front }, ports: [{ name: http, port: 80, targetPort: 8080, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: front-1, namespace: shop, labels: { app: front } }
spec:
  account: front
  addresses: [{ ip: 10.0.0.2 }]
  ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }]
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { account: web, addresses: [{ ip: 10.0.0.3 }] }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: front, namespace: shop }
spec: { targetRefs: [{ name: front }], arrivals: ${arrivals} }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: front, namespace: shop }
spec:
  targetRefs: [{ name: front }]
  action: ALLOW
  rules: [{ from: [{ ipBlocks: [192.0.2.0/24, "2001:db8::/32"] }, { accounts: [web] }] }]
---
apiVersion: weft.dev/v1alpha1
kind: Invariant
metadata: { name: front, namespace: shop }
spec: { targetRefs: [{ name: front }], never: [{ from: [{ accounts: [web] }] }] }
`;
const world = (from: string, arrivals?: string): World => new World(objectsFrom(objects(from, arrivals)));
const WEB: Caller = { kind: 'workload', key: 'shop/web-1' };
const outside = (text: string): Caller => ({ kind: 'outside', address: parseIp(text) ?? assert.fail() });
const ask = (at: World, from: Caller, direct = false) => {
  const answer = explain(at, { from, to: 'shop/front', port: 80, request: GET_ROOT, direct });
  assert.ok(isAnswer(answer));
  return answer;
};
const BALANCED = world('10.9.0.0/16');

test('whom a load balancer tells is judged by that address, and the answer says how it comes', () => {
  for (const inside of ['192.0.2.7', '2001:db8::7']) {
    const { verdict, arrivals } = ask(BALANCED, outside(inside));
    assert.equal(verdict.kind, 'allowed', `${inside}: ${verdict.reason}`);
    assert.deepEqual(arrivals[0]?.settings, [
      {
        name: 'PROXY header',
        value: 'of load balancers at 10.9.0.0/16; whoever else connects is refused',
        source: 'TrafficPolicy/shop/front#spec.arrivals',
      },
    ]);
  }
  const { verdict } = ask(BALANCED, outside('203.0.113.7'));
  assert.equal(verdict.kind, 'denied');
  assert.match(verdict.reason, /no ALLOW rule matches/);
});

test('callers of the mesh find nobody there, by their proxies or around them', () => {
  const { verdict } = ask(BALANCED, WEB);
  assert.deepEqual([verdict.kind, verdict.status, verdict.flag], ['unavailable', 503, 'UH']);
  assert.match(verdict.reason, /closed to callers of the mesh/);
  assert.equal(verdict.source, 'TrafficPolicy/shop/front#spec.arrivals');
  assert.equal(ask(BALANCED, WEB, true).verdict.kind, 'denied');
  assert.deepEqual(brokenInvariants(BALANCED), []);
});

test('a workload that has an address among the load balancers may pass for one, and Invariants count it', () => {
  const open = world('10.0.0.0/8');
  assert.equal(ask(open, WEB).verdict.kind, 'unavailable');
  assert.equal(ask(open, WEB, true).verdict.kind, 'allowed');
  assert.match(brokenInvariants(open)[0]?.message ?? '', /shop\/web-1 gets through/);
});

test('such a workload may tell any address: rules by address alone keep nobody like it out, of its identity or without it', () => {
  const byAddress = (from: string): World =>
    new World(
      objectsFrom(
        objects(from).replace(', { accounts: [web] }', '').replaceAll('accounts: [web]', 'accounts: [web, job]'),
      ),
    );
  assert.deepEqual(brokenInvariants(byAddress('10.9.0.0/16')), []);
  assert.equal(ask(byAddress('10.9.0.0/16'), WEB, true).verdict.kind, 'denied');
  const open = byAddress('10.0.0.3');
  assert.equal(ask(open, WEB, true).verdict.kind, 'allowed');
  assert.match(brokenInvariants(open)[0]?.message ?? '', /shop\/web-1 gets through/);
  // Another one of the same account is asked for itself.
  const second = `${objects('10.0.0.4').replace(', { accounts: [web] }', '')}---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: web-2, namespace: shop, labels: { app: web } }
spec: { account: web, addresses: [{ ip: 10.0.0.4 }] }
`;
  assert.match(brokenInvariants(new World(objectsFrom(second)))[0]?.message ?? '', /shop\/web-2 gets through/);
});

test('what arrived there is asked about as it came: by a load balancer', () => {
  const happened = {
    workload: 'shop/front-1',
    identity: '',
    direction: 'inbound',
    peer: '',
    peerIdentity: 'spiffe://weft.local/ns/shop/sa/web',
    kind: 'http',
    addressed: { service: 'shop/front', port: 80, gateway: false },
    method: 'GET',
    path: '/',
    authority: 'front',
    headers: [],
  } as const;
  const asked = questionOf(BALANCED.objects, happened);
  assert.ok('question' in asked);
  const byName = explain(BALANCED, asked.question);
  assert.ok(isAnswer(byName) && byName.verdict.kind === 'allowed', JSON.stringify(byName));
  const stranger = questionOf(BALANCED.objects, { ...happened, peer: '203.0.113.7', peerIdentity: '' });
  assert.ok('question' in stranger);
  const byAddress = explain(BALANCED, stranger.question);
  assert.ok(isAnswer(byAddress) && byAddress.verdict.kind === 'denied', JSON.stringify(byAddress));
});

test('a plan says whom the change closes the port to', () => {
  const before = world('', '{}');
  assert.equal(ask(before, WEB).verdict.kind, 'allowed');
  const { calls, proxies } = planOf(before, BALANCED);
  assert.deepEqual(proxies, ['shop/front-1']);
  assert.ok(calls.length > 0);
});

const EDGE = (from: string, block = 'ipBlocks'): World =>
  new World(
    objectsFrom(`${objects('', '{}')}---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec:
  gatewayClassName: weft
  listeners:
    - { name: web, protocol: HTTP, port: 8080 }
    - { name: lines, protocol: TCP, port: 9000 }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec: { parentRefs: [{ name: edge, sectionName: web }], rules: [{ backendRefs: [{ name: open, port: 80 }] }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: { name: lines, namespace: shop }
spec: { parentRefs: [{ name: edge, sectionName: lines }], rules: [{ backendRefs: [{ name: open, port: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: open, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 8080, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: edge-1, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: edge } }
spec: { account: edge, addresses: [{ ip: 10.0.0.5 }], ports: [] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: web-2, namespace: shop, labels: { app: web } }
spec:
  account: web
  addresses: [{ ip: 10.0.0.4 }]
  ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }]
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: edge, namespace: shop }
spec: { targetRefs: [{ kind: Gateway, name: edge }], arrivals: ${from} }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: edge, namespace: shop }
spec:
  targetRefs: [{ kind: Gateway, name: edge }]
  action: ALLOW
  rules: [{ from: [{ ${block}: [192.0.2.0/24] }] }]
`),
  );

test('at a Gateway whoever enters is judged by the address that a load balancer tells, requests and streams alike', () => {
  for (const arrivals of ['{ proxyProtocol: { from: [10.9.0.0/16] } }', '{}']) {
    const at = EDGE(arrivals);
    for (const port of [8080, 9000])
      for (const [address, kind] of [
        ['192.0.2.7', 'allowed'],
        ['203.0.113.7', 'denied'],
      ] as const) {
        const found = explain(at, { from: outside(address), to: 'shop/edge', gateway: true, port, request: GET_ROOT });
        assert.ok(isAnswer(found), JSON.stringify(found));
        assert.equal(found.verdict.kind, kind, `${address} at ${port}: ${found.verdict.reason}`);
        assert.deepEqual(
          found.entry?.settings.filter(({ name }) => name === 'PROXY header').map(({ source }) => source),
          arrivals === '{}' ? [] : ['TrafficPolicy/shop/edge#spec.arrivals'],
        );
      }
  }
});

test('behind proxies that are believed the request’s x-forwarded-for counts, and nobody else’s', () => {
  for (const hops of ['', ', trustedHops: 1']) {
    const at = EDGE(`{ xForwardedFor: { from: [198.51.100.0/24]${hops} } }`, 'remoteIpBlocks');
    for (const [address, list, kind] of [
      ['198.51.100.7', '192.0.2.7', 'allowed'],
      ['198.51.100.7', '192.0.2.7, 203.0.113.7', 'denied'],
      ['198.51.100.7', undefined, 'denied'],
      ['203.0.113.7', '192.0.2.7', 'denied'],
      ['192.0.2.7', '203.0.113.7', 'allowed'],
    ] as const) {
      const headers = list === undefined ? [] : [{ name: 'x-forwarded-for', value: list }];
      const request = { ...GET_ROOT, headers };
      const found = explain(at, { from: outside(address), to: 'shop/edge', gateway: true, port: 8080, request });
      assert.ok(isAnswer(found), JSON.stringify(found));
      assert.equal(found.verdict.kind, kind, `${address} with ${list}: ${found.verdict.reason}`);
      assert.ok(found.entry?.settings.some(({ name }) => name === 'x-forwarded-for'));
    }
    const stream = explain(at, {
      from: outside('192.0.2.7'),
      to: 'shop/edge',
      gateway: true,
      port: 9000,
      request: GET_ROOT,
    });
    assert.ok(isAnswer(stream) && stream.verdict.kind === 'allowed');
  }
});
