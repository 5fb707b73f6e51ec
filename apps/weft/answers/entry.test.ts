/** Questions from outside: listeners, server names, policies of Gateways, hosts outside the mesh; and what a plan says of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, GET_ROOT, isAnswer, OUTSIDER, planOf, populate, type Question, World } from '@weft/compile/answers';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { expiringRoots } from '../commands/check.ts';

const BASE = `
apiVersion: v1
kind: Secret
metadata: { name: c }
type: kubernetes.io/tls
stringData: { tls.crt: "-----BEGIN CERTIFICATE-----", tls.key: "-----BEGIN PRIVATE KEY-----" }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: weft
  listeners:
    - { name: http, protocol: HTTP, port: 8080 }
    - { name: shop, protocol: HTTP, port: 8080, hostname: "*.shop.example" }
    - { name: https, protocol: HTTPS, port: 8443, tls: { certificateRefs: [{ name: c }] } }
    - { name: tcp, protocol: TCP, port: 9000 }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: a }
spec:
  parentRefs: [{ name: edge, sectionName: http }, { name: edge, sectionName: https }]
  rules: [{ name: all, backendRefs: [{ name: a, port: 80 }], timeouts: { request: 2s } }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge, sectionName: shop }]
  rules: [{ matches: [{ path: { value: /in } }], backendRefs: [{ group: weft.dev, kind: ExternalService, name: partner, port: 80 }] }]
---
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: { name: lines }
spec: { parentRefs: [{ name: edge, sectionName: tcp }], rules: [{ backendRefs: [{ name: a, port: 80 }] }] }
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: partner }
spec: { host: api.partner.example, ports: [{ port: 80, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: RateLimit
metadata: { name: edge }
spec: { targetRefs: [{ kind: Gateway, name: edge }], local: { requests: 5, per: 1s } }
---
apiVersion: weft.dev/v1alpha1
kind: Fault
metadata: { name: edge }
spec: { targetRefs: [{ kind: HTTPRoute, name: a, sectionName: all }], faults: [{ abort: { httpStatus: 503, percent: 10 } }] }
`;
const DENY = `
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: edge }
spec: { targetRefs: [{ kind: Gateway, name: edge, sectionName: SECTION }], action: DENY, rules: [{ from: [{ ipBlocks: [203.0.113.0/24] }] }] }
`;

const worldOf = (yaml: string): World =>
  new World(
    populate(objectsFrom(yaml), { service: undefined, caller: undefined, gateway: '*', running: false }).objects,
  );

function ask(yaml: string, port: number, host: string, path = '/') {
  assert.ok(OUTSIDER !== undefined);
  const request = { ...GET_ROOT, path, headers: host === '' ? [] : [{ name: 'host', value: host }] };
  const question: Question = { from: OUTSIDER, to: 'default/edge', gateway: true, port, request };
  const answer = explain(worldOf(yaml), question);
  assert.ok(isAnswer(answer), JSON.stringify(answer));
  return answer;
}

test('the listener of the most specific name, its limit, the route with its time and fault', () => {
  const { verdict, entry, routing } = ask(BASE, 8080, 'a.example:8080');
  // A Fault answers a share of them.
  assert.equal(verdict.kind, 'mixed');
  assert.equal(entry?.listener, 'http');
  assert.deepEqual(
    [...(entry?.settings ?? []), ...(routing?.settings ?? [])]
      .filter(({ name }) => ['rate limit', 'timeout', 'fault'].includes(name))
      .map(({ name, value, source }) => `${name} ${value} ${source}`),
    [
      'rate limit 5 in 1s, at most 5 at once RateLimit/default/edge#spec',
      'timeout 2s HTTPRoute/default/a#spec.rules[0].timeouts',
      'fault 503 for 10 % Fault/default/edge#spec',
    ],
  );
  assert.equal(ask(BASE, 8443, 'a.example').entry?.listener, 'https');
});

test('a host outside answers by itself; what no route of the listener takes is 404, whatever others take', () => {
  const outside = ask(BASE, 8080, 'x.shop.example', '/in');
  assert.equal(outside.verdict.kind, 'allowed');
  assert.match(outside.arrivals[0]?.reason ?? '', /outside the mesh: api.partner.example/);
  const none = ask(BASE, 8080, 'x.shop.example', '/other');
  assert.deepEqual([none.verdict.kind, none.verdict.status, none.entry?.listener], ['no-route', 404, 'shop']);
  assert.equal(none.routing?.misses.length, 1);
});

test('who is refused by address: a request by 403, a connection without a word', () => {
  const request = ask(BASE + DENY.replace('SECTION', 'http'), 8080, 'a.example');
  assert.deepEqual(
    [request.verdict.kind, request.verdict.status, request.verdict.source],
    ['denied', 403, 'AccessPolicy/default/edge#spec.rules[0]'],
  );
  assert.equal(ask(BASE + DENY.replace('SECTION', 'http'), 8080, 'x.shop.example', '/in').verdict.kind, 'allowed');
  const connection = ask(BASE + DENY.replace('SECTION', 'tcp'), 9000, '');
  assert.deepEqual([connection.verdict.kind, connection.verdict.status], ['denied', 0]);
  assert.equal(ask(BASE, 9000, '').verdict.kind, 'allowed');
});

test('a plan says what a change at a Gateway lets in and keeps out', () => {
  const { calls } = planOf(worldOf(BASE), worldOf(BASE + DENY.replace('SECTION', 'https')));
  assert.deepEqual(
    calls.map(({ kind, gateway, service, port }) => `${kind} ${gateway} ${service}:${port}`),
    ['denied true default/edge:8443'],
  );
});

test('roots that end within 30 days, but for one that leaves anyway', () => {
  const root = (state: string, expires: string) => ({
    sha256: 'abcdef0123',
    state,
    issuer: 'own',
    subject: '',
    expires,
  });
  const now = Date.parse('2026-01-01T00:00:00Z');
  const found = expiringRoots(
    {
      mesh: 'default',
      roots: [
        root('signing', '2026-01-20T00:00:00Z'),
        root('old', '2026-01-02T00:00:00Z'),
        root('next', '2036-01-01T00:00:00Z'),
      ],
      signingCertificateExpires: '2026-06-01T00:00:00Z',
    },
    now,
  );
  assert.deepEqual(
    found.map(({ code, message }) => `${code} ${message}`),
    ['root-expires the root abcdef01 ends 2026-01-20T00:00:00Z'],
  );
});
