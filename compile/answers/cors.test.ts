// Requests of pages from elsewhere: preflights are answered before anything else is asked; who may read answers is said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { explain, isAnswer, OUTSIDER, populate, type Question, World } from './index.ts';

const YAML = `
apiVersion: v1
kind: Service
metadata: { name: a }
spec: { selector: { app: a }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: weft, listeners: [{ name: http, protocol: HTTP, port: 8080 }] }
---
apiVersion: weft.dev/v1alpha1
kind: HTTPRouteFilter
metadata: { name: previews }
spec: { cors: { allowOriginRegexes: ["https://pr-[0-9]+\\\\.example"] } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: a }
spec:
  parentRefs: [{ name: edge }, { group: "", kind: Service, name: a }]
  rules:
    - filters:
        - { type: CORS, cors: { allowOrigins: ["https://shop.example"], allowMethods: [PUT] } }
        - { type: ExtensionRef, extensionRef: { group: weft.dev, kind: HTTPRouteFilter, name: previews } }
      backendRefs: [{ name: a, port: 80 }]
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: edge }
spec: { targetRefs: [{ kind: Gateway, name: edge }], action: DENY, rules: [{}] }
---
apiVersion: weft.dev/v1alpha1
kind: Fault
metadata: { name: a }
spec: { targetRefs: [{ kind: HTTPRoute, name: a }], faults: [{ abort: { httpStatus: 418 } }] }
`;
const GUARDED = `---
apiVersion: v1
kind: Service
metadata: { name: guarded }
spec: { selector: { app: guarded }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Authentication
metadata: { name: t }
spec:
  targetRefs: [{ name: guarded }]
  issuers: [{ issuer: "https://i.example", audiences: [a], keys: { jwks: '{"keys":[{"kty":"EC","crv":"P-256","kid":"1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}' } }]
`;
const { objects } = populate(objectsFrom(YAML + GUARDED), {
  service: undefined,
  caller: undefined,
  gateway: '*',
  running: false,
  callers: ['default/web'],
});
const world = new World(objects);

function ask(
  where: 'edge' | 'a' | 'guarded',
  method: string,
  origin: string,
  wanted = '',
  path = '/',
): readonly [string, number, string] {
  const headers = [
    { name: 'origin', value: origin },
    ...(wanted === '' ? [] : [{ name: 'access-control-request-method', value: wanted }]),
  ].filter(({ value }) => value !== '');
  const request = { method, path, headers };
  const caller = objects.find(({ kind, metadata }) => kind === 'Workload' && metadata.name.startsWith('web'));
  assert.ok(OUTSIDER !== undefined && caller !== undefined);
  const question: Question =
    where === 'edge'
      ? { from: OUTSIDER, to: 'default/edge', gateway: true, port: 8080, request }
      : {
          from: { kind: 'workload', key: `default/${caller.metadata.name}` },
          to: `default/${where}`,
          port: 80,
          request,
        };
  const told = explain(world, question);
  assert.ok(isAnswer(told), JSON.stringify(told));
  const setting = told.routing?.settings.find(({ name }) => name === 'CORS')?.value ?? '';
  return [told.verdict.kind, told.verdict.status, told.verdict.status === 200 ? told.verdict.reason : setting];
}

test('a preflight is answered before policies of the Gateway and faults, whether the origin may or not', () => {
  for (const where of ['edge', 'a'] as const) {
    assert.deepEqual(ask(where, 'OPTIONS', 'https://shop.example', 'PUT'), [
      'answered',
      200,
      'CORS answers the preflight: pages of https://shop.example may read answers',
    ]);
    assert.deepEqual(ask(where, 'OPTIONS', 'https://bad.example', 'PUT'), [
      'answered',
      200,
      'CORS answers the preflight: no page of https://bad.example may read answers',
    ]);
  }
});

test('what is no preflight is asked on, and who may read the answer is said', () => {
  assert.equal(ask('edge', 'OPTIONS', 'https://shop.example')[0], 'denied');
  assert.equal(ask('edge', 'GET', 'https://shop.example', 'PUT')[0], 'denied');
  assert.equal(ask('edge', 'OPTIONS', '', 'PUT')[0], 'denied');
  assert.deepEqual(ask('a', 'GET', 'https://pr-7.example'), [
    'answered',
    418,
    'pages of https://pr-7.example may read answers',
  ]);
  assert.deepEqual(ask('a', 'GET', 'https://pr-x.example'), [
    'answered',
    418,
    'no page of https://pr-x.example may read answers',
  ]);
});

test('a preflight carries no token, and none is asked of it; what looks like one and names no origin is asked', () => {
  assert.equal(ask('guarded', 'OPTIONS', 'https://any.example', 'PUT')[0], 'allowed');
  assert.deepEqual(ask('guarded', 'OPTIONS', '', 'PUT').slice(0, 2), ['denied', 401]);
  assert.deepEqual(ask('guarded', 'OPTIONS', 'https://any.example').slice(0, 2), ['denied', 401]);
  assert.deepEqual(ask('guarded', 'PUT', 'https://any.example', 'PUT').slice(0, 2), ['denied', 401]);
});
