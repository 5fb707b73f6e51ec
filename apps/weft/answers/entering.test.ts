/** Invariants about who enters by Gateways: what gets through from outside, and what only seems to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenInvariants, World } from '@weft/compile/answers';
import { objectsFrom } from '@weft/core/mesh-view/testing';

const invariant = (reach: string, more = ''): string => `
apiVersion: weft.dev/v1alpha1
kind: Invariant
metadata: { name: inner }
spec: { targetRefs: [{ name: ledger }], outside: { reach: ${reach}${more} } }
---
apiVersion: v1
kind: Service
metadata: { name: ledger }
spec: { selector: { app: ledger }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: weft
  listeners:
    - { name: http, protocol: HTTP, port: 8080, hostname: "*.shop.example" }
    - { name: tcp, protocol: TCP, port: 9000 }
    - { name: udp, protocol: UDP, port: 9001 }
`;
const route = (rule: string, section = 'http', kind = 'HTTPRoute', version = 'v1'): string => `
---
apiVersion: gateway.networking.k8s.io/${version}
kind: ${kind}
metadata: { name: r-${section} }
spec: { parentRefs: [{ name: edge, sectionName: ${section} }], rules: [${rule}] }
`;
const TO_LEDGER = 'backendRefs: [{ name: ledger, port: 80 }]';
const TO_WEB = 'backendRefs: [{ name: web, port: 80 }]';
const policy = (spec: string, name = 'p'): string => `
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: ${name} }
spec: { ${spec} }
`;
const TOKENS = (target: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Authentication
metadata: { name: t }
spec:
  targetRefs: [${target}]
  issuers: [{ issuer: "https://i.example", audiences: [a], keys: { jwks: '{"keys":[{"kty":"EC","crv":"P-256","kid":"1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}' } }]
`;
const REFUSED = policy('targetRefs: [{ name: ledger }], action: DENY, rules: [{ from: [{ accounts: [edge] }] }]');

const broken = (yaml: string): string[] =>
  brokenInvariants(new World(objectsFrom(yaml))).map(({ message, place }) => `${place.path} ${message}`);

test('Never: a route that leads there is told with a request that passes; another is not', () => {
  assert.deepEqual(broken(invariant('Never')), []);
  assert.deepEqual(broken(invariant('Never') + route(`{ ${TO_WEB} }`)), []);
  assert.deepEqual(broken(invariant('Never') + route(`{ matches: [{ path: { value: /in } }], ${TO_LEDGER} }`)), [
    'spec.outside default/ledger:80: GET any.shop.example/in gets through from outside, through Gateway default/edge',
  ]);
});

test('Never: each way in counts: a share, a copy, a part of its workloads, an expression, a connection, datagrams', () => {
  const mirror = 'filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: ledger, port: 80 } } }]';
  const subset = `
---
apiVersion: weft.dev/v1alpha1
kind: Subset
metadata: { name: part }
spec: { service: ledger, labels: { app: ledger } }
`;
  for (const [what, yaml] of [
    ['a share', route('{ backendRefs: [{ name: web, port: 80, weight: 99 }, { name: ledger, port: 80, weight: 1 }] }')],
    ['a copy', route(`{ ${mirror}, ${TO_WEB} }`)],
    ['a part', subset + route('{ backendRefs: [{ group: weft.dev, kind: Subset, name: part, port: 80 }] }')],
    ['an expression', route(`{ matches: [{ path: { type: RegularExpression, value: "/a.*" } }], ${TO_LEDGER} }`)],
    ['one method', route(`{ matches: [{ method: POST }], ${TO_LEDGER} }`)],
    ['a connection', route(`{ ${TO_LEDGER} }`, 'tcp', 'TCPRoute', 'v1alpha2')],
  ] as const)
    assert.equal(broken(invariant('Never') + yaml).length, 1, what);
});

test('Never: refused by the Service, or by the Gateway, is not reached; a gap in the refusal is', () => {
  const open = route(`{ ${TO_LEDGER} }`);
  assert.deepEqual(broken(invariant('Never') + open + REFUSED), []);
  const edge = 'targetRefs: [{ kind: Gateway, name: edge }], action: DENY, rules: [{ to: [{ methods: [METHODS] }] }]';
  const all = edge.replace('METHODS', 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS');
  assert.deepEqual(broken(invariant('Never') + open + policy(all)), []);
  const [found = ''] = broken(invariant('Never') + open + policy(edge.replace('METHODS', 'GET, HEAD')));
  assert.match(found, /: POST any\.shop\.example\/ gets through/);
  const regex = route(`{ matches: [{ path: { type: RegularExpression, value: "/a.*" } }], ${TO_LEDGER} }`);
  assert.deepEqual(broken(invariant('Never') + regex + REFUSED), []);
  const spared = invariant('Never', ', except: [{ namespace: default, name: edge }]');
  assert.deepEqual(broken(spared + open), []);
});

test('WithToken: asked for at the Gateway or at the Service it holds; optional tokens need a rule that wants one', () => {
  const open = route(`{ ${TO_LEDGER} }`);
  assert.match(broken(invariant('WithToken') + open)[0] ?? '', /without a token/);
  for (const target of ['{ kind: Gateway, name: edge }', '{ name: ledger }'])
    assert.deepEqual(broken(invariant('WithToken') + open + TOKENS(target)), [], target);
  const optional = TOKENS('{ kind: Gateway, name: edge }').replace('issuers:', 'mode: Optional\n  issuers:');
  assert.equal(broken(invariant('WithToken') + open + optional).length, 1);
  const claims = policy(
    'targetRefs: [{ kind: Gateway, name: edge }], action: ALLOW, rules: [{ from: [{ claims: [{ name: sub }] }] }]',
  );
  assert.deepEqual(broken(invariant('WithToken') + open + optional + claims), []);
});
