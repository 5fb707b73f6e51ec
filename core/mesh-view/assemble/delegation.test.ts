/** Rules of HTTPRoutes that stand in the place of others' (e2e/mesh-cases/delegation.yaml shows them at work). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsFrom } from '../testing/index.ts';
import { assemble } from './index.ts';

const SERVICES = ['a', 'b'].map(
  (name) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, appProtocol: http }] }`,
);
const ref = (name: string): string => `{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: ${name} }`;
const route = (name: string, rules: string, parent = ''): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec: { ${parent === '' ? '' : `parentRefs: [{ group: "", kind: Service, name: ${parent} }], `}rules: [${rules}] }`;

const entriesOf = (...routes: readonly string[]) => {
  const objects = objectsFrom(
    ['apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }', ...SERVICES, ...routes].join('\n---\n'),
  );
  const made = assemble(objects, new Map());
  const entries = made.views.get('default')?.httpRules.get('shop/a/80') ?? [];
  return {
    entries: entries.map(({ match: { path, method, headers }, rule, source }) => ({
      path: 'value' in path ? path.value : path.regex,
      method,
      headers: headers.map(({ name }) => name).join(),
      backend: rule.backends[0]?.kind === 'service' ? rule.backends[0].service : 'broken',
      request: rule.timeouts.request,
      targets: rule.targets,
      source,
    })),
    codes: made.diagnostics.map(({ code, place }) => `${place.object}#${place.path ?? ''} ${code}`),
  };
};

test('of two matches the narrower one counts, and the rule below goes before the one above', () => {
  const { entries, codes } = entriesOf(
    route(
      'top',
      `{ matches: [{ path: { value: /x }, headers: [{ name: h, value: "1" }] }], timeouts: { request: 1s }, backendRefs: [${ref('low')}] }`,
      'a',
    ),
    route(
      'low',
      `{ matches: [{ path: { value: /x/y }, method: GET }, { path: { value: /xy } }], timeouts: { request: 2s }, backendRefs: [{ name: b, port: 80 }] }, { backendRefs: [{ name: a, port: 80 }] }`,
    ),
  );
  const low = 'HTTPRoute/shop/low';
  const targets = [low, 'HTTPRoute/shop/top'];
  assert.deepEqual(entries, [
    {
      path: '/x/y',
      method: 'GET',
      headers: 'h',
      backend: 'shop/b',
      request: 2000,
      targets,
      source: `${low}#spec.rules[0].matches[0]`,
    },
    { path: '/x', method: '', headers: 'h', backend: 'shop/a', request: 1000, targets, source: `${low}#spec.rules[1]` },
  ]);
  assert.deepEqual(codes, []);
});

test('what cannot be known to lie within, other methods and other values of a header are left out', () => {
  const { entries, codes } = entriesOf(
    route(
      'top',
      `{ matches: [{ path: { value: /x }, method: GET, headers: [{ name: h, value: "1" }] }], backendRefs: [${ref('low')}] }`,
      'a',
    ),
    route(
      'low',
      `{ matches: [{ path: { type: RegularExpression, value: "/x.*" } }, { method: POST }, { headers: [{ name: h, value: "2" }] }, { path: { value: /xx } }], backendRefs: [{ name: b, port: 80 }] }`,
    ),
  );
  assert.deepEqual(entries, []);
  assert.deepEqual(codes, ['HTTPRoute/shop/top#spec.rules[0].backendRefs[0].name nothing-delegated']);
});

test('several levels, and a circle below one of them', () => {
  const { entries, codes } = entriesOf(
    route('top', `{ matches: [{ path: { value: /x } }], backendRefs: [${ref('one')}] }`, 'a'),
    route(
      'one',
      `{ matches: [{ path: { value: /x/1 } }], backendRefs: [${ref('two')}] }, { matches: [{ path: { value: /x/2 } }], backendRefs: [{ name: b, port: 80 }] }`,
    ),
    route('two', `{ backendRefs: [${ref('one')}] }`),
  );
  assert.deepEqual(
    entries.map(({ path, backend }) => `${path} ${backend}`),
    ['/x/1 broken', '/x/2 shop/b'],
  );
  assert.deepEqual(
    codes.map((text) => text.split(' ')[1]),
    Array(3).fill('delegation-cycle'),
  );
});
