/** Visibility: the most specific counts, what is hidden is in no table, and services that a proxy does not know cost it nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, type Assembly, type MeshView, type Proxy } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import type { StoredObject } from '@weft/core/resources';
import fc from 'fast-check';
import { explain, GET_ROOT, isAnswer, remedyOf, World } from './answers/index.ts';
import { compile, Compiler } from './incremental/index.ts';

const NAMESPACES = ['shop', 'bank', 'audit'];
const SERVICES = NAMESPACES.flatMap((namespace) => ['a', 'b', 'c'].map((name) => ({ namespace, name })));

const service = (namespace: string, name: string): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, appProtocol: http }] }
`;
const MESH = [
  ...NAMESPACES.map((name) => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`),
  ...SERVICES.map(({ namespace, name }) => service(namespace, name)),
  ...['web', 'job'].map(
    (app) => `
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ${app}-1, namespace: shop, labels: { app: ${app} } }
spec: { account: ${app}, addresses: [{ ip: 127.0.0.1 }], ports: [] }
`,
  ),
  `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: a, namespace: shop }
spec: { parentRefs: [{ group: "", kind: Service, name: a }], rules: [{ backendRefs: [{ name: b, port: 80 }] }] }
`,
].join('\n---\n');

/** The most specific first. */
const TARGETS = [
  'targetRefs: [{ name: shop }], workloadSelector: { app: web }',
  'targetRefs: [{ kind: Namespace, name: shop }]',
  'targetRefs: [{ kind: Mesh, name: default }]',
  // About somebody else.
  'targetRefs: [{ name: shop }], workloadSelector: { app: job }',
];

interface Entry {
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}
interface Stated {
  readonly target: number;
  readonly age: number;
  readonly services: readonly Entry[];
}
const entry: fc.Arbitrary<Entry> = fc.record({
  namespace: fc.constantFrom(undefined, '*', ...NAMESPACES, 'nowhere'),
  name: fc.constantFrom(undefined, 'a', 'b', 'c', 'nobody'),
});
const stated: fc.Arbitrary<Stated> = fc.record({
  target: fc.nat(TARGETS.length - 1),
  age: fc.nat(2),
  services: fc.uniqueArray(entry, { maxLength: 4, selector: (one) => JSON.stringify(one) }),
});

const policy = ({ target, age, services }: Stated, index: number): string => `
apiVersion: weft.dev/v1alpha1
kind: Visibility
metadata: { name: p-${index}, namespace: shop, annotations: { created: "2026-01-02T00:00:0${age}Z" } }
spec: { ${TARGETS[target]}, services: ${JSON.stringify(services)} }
`;

const objects = (texts: readonly string[]): StoredObject[] => objectsFrom([MESH, ...texts].join('\n---\n'));
const viewOf = (all: readonly StoredObject[], before?: Assembly): { made: Assembly; view: MeshView } => {
  const made = assemble(all, new Map(), before);
  const view = made.views.get('default');
  assert.ok(view !== undefined);
  return { made, view };
};
const web = (changes: Partial<Proxy> = {}): Proxy => sidecarOf('shop/web-1', { httpProxyPort: 9000, ...changes });

const winnerOf = (list: readonly Stated[]): Stated | undefined =>
  list
    .map((one, index) => ({ ...one, index }))
    .filter(({ target }) => target < 3)
    .sort((a, b) => a.target - b.target || a.age - b.age || (`p-${a.index}` < `p-${b.index}` ? -1 : 1))[0];

const knows = (
  { services }: Stated,
  own: string,
  key: { readonly namespace: string; readonly name: string },
): boolean =>
  services.some(
    ({ namespace = own, name = key.name }) => (namespace === '*' || namespace === key.namespace) && name === key.name,
  );

test('the most specific Visibility counts, of equals the oldest; where routes of known services lead comes along', () => {
  fc.assert(
    fc.property(fc.array(stated, { maxLength: 8 }), (list) => {
      const { config } = compile(viewOf(objects(list.map(policy))).view, web());
      const winner = winnerOf(list);
      const named = SERVICES.filter((key) => winner === undefined || knows(winner, 'shop', key)).map(
        ({ namespace, name }) => `outbound/${namespace}/${name}/80`,
      );
      const hosts = (config.routes.get('outbound/http-proxy')?.virtualHosts ?? []).map(({ name }) => name);
      assert.deepEqual(hosts.filter((name) => name !== 'outside').sort(), named.sort());
      const all = new Set(named.includes('outbound/shop/a/80') ? [...named, 'outbound/shop/b/80'] : named);
      assert.deepEqual([...config.clusters.keys()].sort(), [...all].sort());
    }),
    { numRuns: 150 },
  );
});

test('the order of arrival does not matter', () => {
  fc.assert(
    fc.property(fc.array(stated, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (list, keys) => {
      const all = objects(list.map(policy));
      const shuffled = all
        .map((object) => ({ object, key: keys.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ object }) => object);
      const [one, other] = [viewOf(all), viewOf(shuffled)];
      assert.deepEqual(compile(other.view, web()), compile(one.view, web()));
      assert.deepEqual(other.made.statuses, one.made.statuses);
    }),
    { numRuns: 60 },
  );
});

test('explain and the listeners of upstreams agree: what is hidden is answered by nobody', () => {
  fc.assert(
    fc.property(fc.array(stated, { maxLength: 6 }), fc.constantFrom(...SERVICES), (list, { namespace, name }) => {
      const all = objects(list.map(policy));
      const key = `${namespace}/${name}`;
      const upstreams = [{ service: key, port: undefined, localPort: 9100 }];
      const { config, diagnostics } = compile(viewOf(all).view, web({ httpProxyPort: 0, upstreams }));
      const listens = config.listeners.has('outbound/9100');
      const world = new World(all);
      const question = { from: { kind: 'workload', key: 'shop/web-1' }, to: key, port: 80, request: GET_ROOT } as const;
      const told = explain(world, question);
      assert.ok(isAnswer(told));
      assert.equal(told.verdict.kind !== 'not-visible', listens);
      assert.equal(
        diagnostics.some(({ code }) => code === 'not-visible'),
        !listens,
      );
      if (listens) return;
      assert.match(told.verdict.source ?? '', /^Visibility\/shop\/p-\d+#spec\.services$/);
      const remedy = remedyOf(world, question, told);
      assert.ok(remedy !== undefined);
      const after = explain(world.with([remedy.object]), question);
      assert.ok(isAnswer(after) && after.verdict.kind !== 'not-visible');
    }),
    { numRuns: 100 },
  );
});

test('what a proxy does not know costs it nothing: new services, routes and policies of others leave its rows as they are', () => {
  const own = 'targetRefs: [{ kind: Mesh, name: default }], services: [{}]';
  const narrow = `
apiVersion: weft.dev/v1alpha1
kind: Visibility
metadata: { name: own, namespace: shop }
spec: { ${own} }
`;
  const others = Array.from({ length: 200 }, (_, index) => service('bank', `x-${index}`)).join('\n---\n');
  const policies = `
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: x, namespace: bank }
spec: { targetRefs: [{ name: a }], timeouts: { request: 1s } }
`;
  for (const proxy of [
    web(),
    web({ role: 'grpc', httpProxyPort: 0, engine: { name: 'grpc', version: '', features: [] } }),
  ]) {
    const compiler = new Compiler();
    const first = viewOf(objects([narrow]));
    compiler.update(first.view);
    const before = compiler.compile(proxy);
    assert.deepEqual(
      [...before.config.clusters.keys()].filter((name) => name.startsWith('outbound/')),
      ['a', 'b', 'c'].map((name) => `outbound/shop/${name}/80`),
    );
    const later = viewOf(objects([narrow, others, policies]), first.made);
    compiler.update(later.view);
    const after = compiler.compile(proxy);
    for (const table of ['listeners', 'routes', 'clusters', 'endpoints'] as const)
      assert.equal(after.config[table], before.config[table], table);
    const wide = viewOf(objects([others, policies]), later.made);
    compiler.update(wide.view);
    assert.ok(compiler.compile(proxy).config.clusters.size > (proxy.role === 'grpc' ? 0 : 200));
  }
});

test('gateways know what their routes lead to, whatever is hidden', () => {
  const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { gatewayClassName: weft, listeners: [{ name: http, port: 8080, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: edge, namespace: shop }
spec: { parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: c, port: 80 }] }] }
`;
  const hidden = policy({ target: 2, age: 0, services: [] }, 0);
  const { view } = viewOf(objects([gateway, hidden]));
  const proxy = sidecarOf('shop/edge-1', { role: 'gateway', gateway: 'shop/edge', workloads: [] });
  assert.deepEqual([...compile(view, proxy).config.clusters.keys()], ['outbound/shop/c/80']);
});
