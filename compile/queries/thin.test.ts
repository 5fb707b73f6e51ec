import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpEntryRow, MeshView } from '@weft/core/mesh-view';
import { proxyConfig } from '@weft/core/proxy-config';
import { compile } from '../incremental/index.ts';
import { meshRow, serviceRow, sidecar, viewOf, workloadRow } from '../testing/view.ts';

const web = workloadRow('shop/web-1', 3000, 15_001);
const orders = [workloadRow('shop/orders-1', 8080, 15_002), workloadRow('shop/orders-2', 8080, 15_003)];

const split: HttpEntryRow = {
  match: { path: { kind: 'prefix', value: '/' }, method: '', headers: [], queryParameters: [] },
  rule: {
    filters: [],
    backends: [
      {
        kind: 'service',
        service: 'shop/orders-v1',
        port: 80,
        weight: 90,
        filters: [],
        source: 'HTTPRoute/shop/orders#a',
      },
      { kind: 'broken', weight: 10, source: 'HTTPRoute/shop/orders#spec.rules[0].backendRefs[1]' },
    ],
    timeouts: { request: undefined, backendRequest: undefined },
    retry: undefined,
    session: undefined,
    targets: [],
    source: 'HTTPRoute/shop/orders#spec.rules[0]',
  },
  source: 'HTTPRoute/shop/orders#spec.rules[0]',
};

const view = (mtls: 'strict' | 'permissive' | 'disabled' = 'strict'): MeshView => ({
  ...viewOf(
    [
      [serviceRow('shop/web'), [web]],
      [serviceRow('shop/orders'), orders],
      [serviceRow('shop/orders-v1'), orders],
    ],
    meshRow({ mtls }),
  ),
  httpRules: new Map([['shop/orders/80', [split]]]),
});

const proxy = sidecar('shop/web-1', { upstreams: [{ service: 'shop/orders', port: undefined, localPort: 9000 }] });

test('a sidecar gets its inbound port, its upstream, and what the route leads to', () => {
  const { config } = compile(view(), proxy);
  assert.deepEqual([...config.listeners.keys()], ['inbound/3000', 'outbound/9000']);
  assert.deepEqual([...config.routes.keys()], ['outbound/shop/orders/80']);
  assert.deepEqual(
    [...config.clusters.keys()],
    ['inbound/3000', 'outbound/shop/orders-v1/80', 'outbound/shop/orders/80'],
  );
  assert.deepEqual([...config.endpoints.keys()], ['outbound/shop/orders-v1/80', 'outbound/shop/orders/80']);
  const built = proxyConfig({
    listeners: [...config.listeners.values()],
    routes: [...config.routes.values()],
    clusters: [...config.clusters.values()],
    endpoints: [...config.endpoints.values()],
  });
  assert.ok(built.ok);
});

test('a broken backend keeps its share, answered with 500', () => {
  const route = compile(view(), proxy).config.routes.get('outbound/shop/orders/80')?.virtualHosts[0]?.routes[0];
  assert.ok(route?.action.kind === 'forward' && route.action.target.kind === 'weighted');
  assert.equal(route.action.clusterNotFoundStatus, 500);
  assert.deepEqual(
    route.action.target.clusters.map(({ cluster, weight }) => [cluster, weight]),
    [
      ['outbound/shop/orders-v1/80', 90],
      ['broken/HTTPRoute/shop/orders#spec.rules[0].backendRefs[1]', 10],
    ],
  );
  assert.equal(route.source, 'HTTPRoute/shop/orders#spec.rules[0]');
});

test('strict: callers verify the identities of the service, the called side asks for a certificate', () => {
  const { config } = compile(view(), proxy);
  const transport = config.clusters.get('outbound/shop/orders/80')?.transport;
  assert.ok(transport?.kind === 'tls');
  assert.deepEqual(transport.validation?.subjectAltNames, [
    { sanType: 'uri', matcher: { kind: 'exact', value: 'spiffe://weft.local/ns/shop/sa/orders', ignoreCase: false } },
  ]);
  const inbound = config.listeners.get('inbound/3000');
  assert.equal(inbound?.filterChains.length, 1);
  assert.ok(inbound?.filterChains[0]?.transport.kind === 'tls');
  assert.equal(inbound.filterChains[0].transport.requireClientCertificate, true);
});

test('permissive takes both, disabled only plaintext', () => {
  const permissive = compile(view('permissive'), proxy).config;
  assert.deepEqual(
    permissive.listeners
      .get('inbound/3000')
      ?.filterChains.map(({ match, transport }) => [match.transportProtocol, transport.kind]),
    [
      ['tls', 'tls'],
      ['raw_buffer', 'plaintext'],
    ],
  );
  assert.equal(permissive.clusters.get('outbound/shop/orders/80')?.plaintextByEndpoint, true);
  const disabled = compile(view('disabled'), proxy).config;
  assert.equal(disabled.clusters.get('outbound/shop/orders/80')?.transport.kind, 'plaintext');
  assert.equal(disabled.listeners.get('inbound/3000')?.filterChains[0]?.transport.kind, 'plaintext');
});
