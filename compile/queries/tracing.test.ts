import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeshRow, MeshView, Proxy, TracingRow } from '@weft/core/mesh-view';
import { httpConnectionManagers, type Listener, type Tracing } from '@weft/core/proxy-config';
import { Compiler, compile } from '../incremental/index.ts';
import { meshRow, serviceRow, sidecar, viewOf, workloadRow } from '../testing/view.ts';

const web = workloadRow('shop/web-1', 3000, 15_001);
const orders = workloadRow('shop/orders-1', 8080, 15_002);
const upstreams = [{ service: 'shop/orders', port: undefined, localPort: 9000 }];
const ENVOY: Proxy['engine'] = { name: 'envoy', version: '1.40.0', features: [] };

const row = (changes: Partial<TracingRow> = {}): TracingRow => ({
  collector: { host: 'otel.example', isName: true, port: 4317, path: '', secure: false, roots: '' },
  provider: 'otlp-grpc',
  sampling: 2.5,
  namespaces: {},
  rules: [],
  tail: undefined,
  headers: ['w3c'],
  ...changes,
});

const view = (tracing: TracingRow | undefined, changes: Partial<MeshRow> = {}): MeshView =>
  viewOf(
    [
      [serviceRow('shop/web'), [web]],
      [serviceRow('shop/orders'), [orders]],
    ],
    meshRow({ tracing, ...changes }),
  );

const tracingsOf = (listeners: Iterable<Listener>): (Tracing | undefined)[] =>
  [...listeners].flatMap((listener) => httpConnectionManagers(listener).map(({ tracing }) => tracing));

const samplers = (tracing: TracingRow, proxy: Proxy) =>
  tracingsOf(compile(view(tracing), proxy).config.listeners.values()).map((found) =>
    found?.provider?.kind === 'opentelemetry' ? found.provider.sampler : undefined,
  );

test('every connection manager of both engines traces, and the collector is a cluster; without a word none does', () => {
  for (const engine of [sidecar('').engine, ENVOY]) {
    const { config } = compile(view(row()), sidecar('shop/web-1', { upstreams, engine }));
    const found = tracingsOf(config.listeners.values());
    assert.equal(found.length, 2);
    assert.ok(found.every((tracing) => tracing?.provider?.kind === 'opentelemetry'));
    assert.equal(config.clusters.get('tracing')?.discovery.kind, 'logical-dns');
    const without = compile(view(undefined), sidecar('shop/web-1', { upstreams, engine })).config;
    assert.deepEqual(tracingsOf(without.listeners.values()), [undefined, undefined]);
    assert.equal(without.clusters.has('tracing'), false);
  }
});

test('the share: of the namespace before the mesh; decided by the root, by our sampler or by what Envoy has for it', () => {
  const tracing = row({ namespaces: { shop: 10 }, headers: ['jaeger', 'w3c'] });
  const [mesh] = samplers(tracing, sidecar('shop/web-1'));
  assert.deepEqual(mesh, { kind: 'mesh', sampling: 10, rules: [], tail: undefined, headers: ['w3c', 'jaeger'] });
  const [envoy] = samplers(row(), sidecar('shop/web-1', { engine: ENVOY }));
  assert.deepEqual(envoy, {
    kind: 'parent-based',
    root: { kind: 'trace-id-ratio', fraction: { numerator: 25_000, denominator: 1_000_000 } },
  });
});

test('what Envoy cannot do is found, each by its field, and only there', () => {
  const tracing = row({
    rules: [{ namespace: '', service: '', pathPrefix: '/x', header: undefined, sampling: 1 }],
    tail: { errors: true, slowerThan: 0 },
    headers: ['w3c', 'b3'],
  });
  const places = (proxy: Proxy) =>
    compile(view(tracing), proxy).diagnostics.map(({ code, place }) => `${code} ${place.path ?? ''}`);
  assert.deepEqual(
    places(sidecar('shop/web-1', { engine: ENVOY })).toSorted(),
    ['headers', 'rules', 'tail'].map((field) => `unsupported-by-engine spec.tracing.${field}`),
  );
  assert.deepEqual(places(sidecar('shop/web-1')), []);
});

test('rows are shared by proxies of one kind, and stay while the word does', () => {
  const compiler = new Compiler();
  const tracing = row();
  compiler.update(view(tracing));
  const [one, two] = ['shop/web-1', 'shop/web-1'].map((key) => sidecar(key, { id: key, upstreams }));
  assert.ok(one !== undefined && two !== undefined);
  const first = compiler.compile(one).config.listeners;
  const second = compiler.compile({ ...two, id: 'shop/web-2' }).config.listeners;
  for (const [name, listener] of first) assert.equal(second.get(name), listener);
  compiler.update(view(tracing, { access: 'deny' }));
  const later = compiler.compile(one).config.listeners;
  assert.equal(later.get('outbound/9000'), first.get('outbound/9000'));
});
