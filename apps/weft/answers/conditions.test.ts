/** Conditions of rules (HTTPRouteFilter) in the answers: who calls decides, what did not hold is told, a change of them is a change of calls. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse, explain, type Explanation, GET_ROOT, isAnswer, planOf, World } from '@weft/compile/answers';
import { assemble } from '@weft/core/mesh-view';
import { objectsFrom } from '@weft/core/mesh-view/testing';

const workload = (name: string, version: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ${name}-${version}, namespace: shop, labels: { app: ${name}, version: ${version} } }
spec: { addresses: [{ ip: 127.0.0.1 }], account: ${name}, ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
`;
const service = (name: string): string => `
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, appProtocol: http }] }
`;
const SHOP = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
${['orders', 'fresh'].map((name) => service(name) + workload(name, 'v1')).join('')}${workload('web', 'v1')}${workload('web', 'v2')}`;

const filter = (name: string, conditions: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: HTTPRouteFilter
metadata: { name: ${name}, namespace: shop }
spec: { conditions: ${conditions} }
`;
interface Rule {
  readonly filters?: string;
  readonly to?: string;
  readonly path?: string;
}
const route = (rules: readonly Rule[], parent = '{ group: "", kind: Service, name: orders }'): string => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: orders, namespace: shop }
spec:
  parentRefs: [${parent}]
  rules:
${rules
  .map(
    ({ filters = '', to = 'orders', path = '/' }) =>
      `    - { matches: [{ path: { value: ${path} } }], filters: [${filters
        .split(' ')
        .filter((name) => name !== '')
        .map(
          (name) => `{ type: ExtensionRef, extensionRef: { group: weft.dev, kind: HTTPRouteFilter, name: ${name} } }`,
        )
        .join(', ')}], backendRefs: [{ name: ${to}, port: 80 }] }`,
  )
  .join('\n')}
`;

function ask(yaml: string, from: string, headers: readonly { name: string; value: string }[] = []): Explanation {
  const world = new World(objectsFrom(SHOP + yaml));
  const request = { ...GET_ROOT, headers };
  const answer = explain(world, {
    from: { kind: 'workload', key: `shop/${from}` },
    to: 'shop/orders',
    port: 80,
    request,
  });
  assert.ok(isAnswer(answer), JSON.stringify(answer));
  return answer;
}
const leadsTo = ({ routing }: Explanation): string => (routing?.backends ?? []).map(({ port }) => port).join();

const CANARY = filter('second', '{ from: [{ accounts: [web], labels: { version: v2 } }] }');
const SPLIT = CANARY + route([{}, { filters: 'second', to: 'fresh' }]);

test('a rule about callers is for these alone', () => {
  assert.equal(leadsTo(ask(SPLIT, 'web-v1')), 'shop/orders/80');
  assert.equal(leadsTo(ask(SPLIT, 'web-v2')), 'shop/fresh/80');
  assert.equal(leadsTo(ask(SPLIT, 'fresh-v1')), 'shop/orders/80');
});

test('where no rule takes a request, the condition that did not hold is told', () => {
  const only =
    CANARY +
    filter(
      'tier',
      '{ scheme: http, headers: [{ name: x-tier, value: gold, invert: true }, { name: x-n, type: Range, range: { start: 1, end: 5 } }] }',
    ) +
    route([{ filters: 'second' }, { filters: 'tier' }]);
  const { verdict, routing } = ask(only, 'web-v1', [{ name: 'x-tier', value: 'gold' }]);
  assert.equal(verdict.kind, 'no-route');
  assert.deepEqual(
    routing?.misses.map(({ because }) => because),
    [
      ['the caller is not of namespace shop, account web, label version=v2'],
      ['the header x-n is not a number from 1 to below 5: it is missing', 'the header x-tier is "gold": it is "gold"'],
    ],
  );
});

test('plan tells callers apart that a rule does, though they are one identity', () => {
  const world = (yaml: string): World => new World(objectsFrom(SHOP + yaml));
  const before = world(route([{}]));
  for (const [from, to] of [
    [before, world(SPLIT)],
    [world(SPLIT), before],
  ] as const) {
    const { calls, ports } = planOf(from, to);
    assert.deepEqual(ports, ['shop/orders/80']);
    assert.deepEqual(
      calls.map(({ caller, kind }) => `${caller} ${kind}`),
      ['shop/web-v2 rerouted'],
    );
  }
});

test('a route that asks who calls is not accepted at a Gateway, and served at its service', () => {
  const gateway = `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { gatewayClassName: weft, listeners: [{ name: http, port: 8080, protocol: HTTP }] }
`;
  const both = '{ name: edge }, { group: "", kind: Service, name: orders }';
  const { statuses, views } = assemble(
    objectsFrom(SHOP + gateway + CANARY + route([{ filters: 'second' }], both)),
    new Map(),
  );
  const parents = statuses.find(({ kind }) => kind === 'HTTPRoute')?.parents ?? [];
  assert.deepEqual(
    parents.map(({ conditions }) => conditions.find(({ type }) => type === 'Accepted')?.reason),
    ['UnsupportedValue', 'Accepted'],
  );
  const view = views.get('default');
  assert.equal(view?.httpRules.get('shop/orders/80')?.length, 1);
  assert.equal(view?.listenerRoutes.size, 0);
});

const COVERED: readonly { readonly what: string; readonly yaml: string; readonly expected: readonly string[] }[] = [
  {
    what: 'a narrower match behind one with conditions may come',
    yaml: CANARY + route([{ filters: 'second', path: '/a' }, { path: '/' }]),
    expected: [],
  },
  {
    what: 'what a path of any case takes, takes it from deeper paths of the same filter',
    yaml:
      filter('any', '{ ignorePathCase: true }') +
      route([
        { filters: 'any', path: '/A/b' },
        { filters: 'any', path: '/a/B' },
      ]),
    expected: ['never-matches HTTPRoute/shop/orders#spec.rules[1]'],
  },
  {
    what: 'the same conditions in two filters are one',
    yaml:
      filter('one', '{ headers: [{ name: x-a, value: a }] }') +
      filter('two', '{ headers: [{ name: X-A, value: a }] }') +
      route([{ filters: 'one' }, { filters: 'two', to: 'fresh' }]),
    expected: ['equal-match HTTPRoute/shop/orders#spec.rules[1]'],
  },
  {
    what: 'a scheme that no caller of a service has',
    yaml: filter('tls', '{ scheme: https }') + route([{}, { filters: 'tls' }]),
    expected: ['never-matches HTTPRoute/shop/orders#spec.rules[1]'],
  },
];

for (const { what, yaml, expected } of COVERED)
  test(what, () => {
    const objects = objectsFrom(SHOP + yaml);
    const found = [...analyse(new World(objects), false), ...assemble(objects, new Map()).diagnostics];
    assert.deepEqual(
      found.map(({ code, place }) => `${code} ${place.object}#${place.path}`),
      expected,
    );
  });
