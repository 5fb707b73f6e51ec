/**
 * Incremental equals from scratch, over random sequences of changes; and what does not change is not computed again.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assemble, equal, type Assembly, type Proxy, type WorkloadState } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import { objectName, type StoredObject } from '@weft/core/resources';
import { BASE, documents, letter, MESHES } from '../testing/documents.ts';
import { compile, Compiler } from './index.ts';

const PROXIES: readonly Proxy[] = [
  sidecarOf('shop/a-1', { upstreams: [{ service: 'shop/b', port: 80, localPort: 9001 }] }),
  sidecarOf('shop/b-1', { httpProxyPort: 9002, engine: { name: 'envoy', version: '1.40.0', features: [] } }),
  sidecarOf('shop/c-1', { role: 'grpc', engine: { name: 'grpc', version: '1', features: [] } }),
];

const base = objectsFrom(BASE);
const pool = [MESHES, ...['a', 'b', 'c'].map(letter)]
  .flatMap(documents)
  .flatMap(objectsFrom)
  .map(
    (object, index): StoredObject => ({
      ...object,
      metadata: {
        ...object.metadata,
        creationTimestamp: `2026-01-01T00:00:${String((index * 7) % 60).padStart(2, '0')}Z`,
      },
    }),
  );
const nameOf = ({ kind, metadata }: StoredObject): string => objectName(kind, metadata.namespace, metadata.name);
const workloads = ['shop/a-1', 'shop/a-2', 'shop/b-1', 'shop/b-2', 'shop/c-1'];

type Change =
  | { readonly kind: 'put'; readonly object: number }
  | { readonly kind: 'delete'; readonly object: number }
  | { readonly kind: 'touch'; readonly object: number }
  | { readonly kind: 'ready'; readonly workload: number; readonly ready: boolean; readonly draining: boolean };

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), object: fc.nat(pool.length - 1) }) },
  fc.record({ kind: fc.constant('delete' as const), object: fc.nat(pool.length - 1) }),
  fc.record({ kind: fc.constant('touch' as const), object: fc.nat(pool.length - 1) }),
  fc.record({
    kind: fc.constant('ready' as const),
    workload: fc.nat(workloads.length - 1),
    ready: fc.boolean(),
    draining: fc.boolean(),
  }),
);

class World {
  readonly objects = new Map(base.map((object) => [nameOf(object), object]));
  readonly liveness = new Map<string, WorkloadState>();

  apply(next: Change): void {
    if (next.kind === 'ready') {
      const { ready, draining } = next;
      this.liveness.set(workloads[next.workload] ?? '', { ready: new Set(ready ? [8080] : []), draining });
      return;
    }
    const object = pool[next.object];
    if (object === undefined) return;
    const name = nameOf(object);
    if (next.kind === 'put') this.objects.set(name, object);
    else if (next.kind === 'delete') this.objects.delete(name);
    else {
      const stored = this.objects.get(name);
      if (stored === undefined) return;
      const annotations = { note: String(this.objects.size) };
      this.objects.set(name, { ...stored, metadata: { ...stored.metadata, resourceVersion: '9', annotations } });
    }
  }
}

const viewOf = (assembly: Assembly) => {
  const view = assembly.views.get('default');
  assert.ok(view !== undefined);
  return view;
};

test('incremental assembly and compilation equal those from scratch, in any order of arrival', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 5, maxLength: 40, size: 'max' }), (changes) => {
      const world = new World();
      const compiler = new Compiler();
      let assembly = assemble(world.objects.values(), world.liveness);
      for (const next of changes) {
        world.apply(next);
        const objects = [...world.objects.values()];
        assembly = assemble(objects, new Map(world.liveness), assembly);
        compiler.update(viewOf(assembly));
        const fresh = assemble(objects.toReversed(), new Map(world.liveness));
        assert.ok(equal(assembly.statuses, fresh.statuses));
        assert.ok(equal(assembly.diagnostics, fresh.diagnostics));
        assert.ok(equal([...assembly.views.keys()], [...fresh.views.keys()]));
        for (const proxy of PROXIES) {
          const expected = compile(viewOf(fresh), proxy);
          const made = compiler.compile(proxy);
          if (!equal(made, expected)) assert.deepEqual(made, expected);
        }
        compiler.sweep();
      }
    }),
    { numRuns: 60 },
  );
});

const MANY = 20;

/** Services s0, s1, ... with two workloads each, and nothing else. */
const plain = (name: string): string =>
  documents(letter(name))
    .filter((_, index) => [0, 2, 4].includes(index))
    .join('---');

interface Running {
  readonly compiler: Compiler;
  readonly objects: readonly StoredObject[];
  readonly assembly: Assembly;
  readonly proxies: readonly Proxy[];
}

function running(): Running {
  const objects = objectsFrom([BASE, ...Array.from({ length: MANY }, (_, index) => plain(`s${index}`))].join('---'));
  const assembly = assemble(objects, new Map());
  const compiler = new Compiler();
  compiler.update(viewOf(assembly));
  const proxies = Array.from({ length: MANY }, (_, index) =>
    sidecarOf(`shop/s${index}-1`, {
      upstreams: [0, 1, 2].map((at) => ({ service: `shop/s${at}`, port: 80, localPort: 9000 + at })),
    }),
  );
  for (const proxy of proxies) compiler.compile(proxy);
  return { compiler, objects, assembly, proxies };
}

/** Recomputations by query that `step` causes. */
function counted(compiler: Compiler, step: () => void): Record<string, number> {
  const before = new Map(compiler.computed);
  step();
  const counts: Record<string, number> = {};
  for (const [name, count] of compiler.computed)
    if (count !== (before.get(name) ?? 0)) counts[name] = count - (before.get(name) ?? 0);
  return counts;
}

test('proxies of one class share their outbound tables', () => {
  const { compiler, proxies } = running();
  const [first, second] = proxies.map((proxy) => compiler.compile(proxy).config);
  assert.ok(first !== undefined && second !== undefined);
  for (const table of ['routes', 'clusters', 'endpoints'] as const) assert.equal(first[table], second[table], table);
  assert.equal(first.listeners.get('outbound/9000'), second.listeners.get('outbound/9000'));
  assert.notEqual(first.listeners.get('inbound/8080'), undefined);
});

test('an endpoint change computes one endpoint set and touches the endpoint tables alone', () => {
  const { compiler, objects, assembly, proxies } = running();
  const before = proxies.map((proxy) => compiler.compile(proxy).config);
  const next = assemble(objects, new Map([['shop/s1-2', { ready: new Set<number>(), draining: false }]]), assembly);
  const counts = counted(compiler, () => {
    compiler.update(viewOf(next));
    for (const proxy of proxies) compiler.compile(proxy);
  });
  assert.deepEqual(counts, { 'endpoint-set': 1, 'outbound-endpoints': 1, proxy: MANY });
  for (const [index, proxy] of proxies.entries()) {
    const { config } = compiler.compile(proxy);
    for (const table of ['listeners', 'routes', 'clusters', 'trustBundles'] as const) {
      assert.equal(config[table], before[index]?.[table], table);
    }
    assert.equal(config.endpoints.get('outbound/shop/s0/80'), before[index]?.endpoints.get('outbound/shop/s0/80'));
    assert.notEqual(config.endpoints.get('outbound/shop/s1/80'), before[index]?.endpoints.get('outbound/shop/s1/80'));
  }
});

test('an object that nobody sees changes nothing, and a comment computes nothing', () => {
  const { compiler, objects, assembly, proxies } = running();
  const before = proxies.map((proxy) => compiler.compile(proxy));
  const stranger = objectsFrom(plain('stranger'));
  const grown = assemble([...stranger, ...objects], new Map(), assembly);
  const counts = counted(compiler, () => {
    compiler.update(viewOf(grown));
    for (const [index, proxy] of proxies.entries()) assert.equal(compiler.compile(proxy), before[index]);
  });
  assert.deepEqual(counts, {});
  const commented = objects.map(
    (object): StoredObject => ({
      ...object,
      origin: { file: 'a.yaml', firstLine: 1, text: '# comment' },
    }),
  );
  assert.equal(viewOf(assemble(commented, new Map(), assembly)), viewOf(assembly));
});

test('who may call is computed where it is asked: a policy with `from` touches the called workloads alone', () => {
  const { compiler, objects, assembly, proxies } = running();
  const before = proxies.map((proxy) => compiler.compile(proxy));
  const policy = (accounts: string): StoredObject[] =>
    objectsFrom(`
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: s1, namespace: shop }
spec: { targetRefs: [{ name: s1 }], rules: [{ from: [{ accounts: [${accounts}] }, { namespaces: [far] }] }] }
`);
  let last = assembly;
  const step = (next: readonly StoredObject[]): { counts: Record<string, number>; touched: number[] } => {
    const held = proxies.map((proxy) => compiler.compile(proxy));
    last = assemble([...objects, ...next], new Map(), last);
    const counts = counted(compiler, () => {
      compiler.update(viewOf(last));
      for (const proxy of proxies) compiler.compile(proxy);
    });
    return { counts, touched: held.flatMap((one, at) => (compiler.compile(proxies[at] as Proxy) === one ? [] : [at])) };
  };
  for (const [what, next] of [
    ['it comes', policy('s2')],
    ['it names another caller', policy('s2, s3')],
    ['it goes', []],
  ] as const) {
    const { counts, touched } = step(next);
    assert.deepEqual(touched, [1], what);
    assert.deepEqual(counts, { 'inbound-listeners': 1, listeners: 1, proxy: 1 }, what);
  }
  assert.deepEqual(
    proxies.map((proxy) => compiler.compile(proxy)),
    before,
  );
});

test('what is no longer asked for is forgotten', () => {
  const { compiler, objects, assembly, proxies } = running();
  const full = compiler.size;
  compiler.update(viewOf(assemble(objects.slice(0, -1), new Map(), assembly)));
  for (const proxy of proxies.slice(0, 1)) compiler.compile(proxy);
  compiler.sweep();
  assert.ok(compiler.size < full);
});
