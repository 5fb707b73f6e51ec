/** Gateways that pass TLS through to services by their own server names: which, by which names, and whom behind them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { assemble } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import type { ProxyConfig } from '@weft/core/proxy-config';
import { proxyConfig } from '@weft/core/proxy-config';
import { compile } from './incremental/index.ts';

const SHOP = readFileSync(path.join(import.meta.dirname, 'behaviours/shop.yaml'), 'utf8');
const GUEST = '7f828140e24e3c7e.guest.weft.internal';

const gateway = (listener: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: cluster.local, federation: [{ trustDomain: one.test, endpoint: { url: "https://one.test/" } }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec:
  gatewayClassName: weft
  listeners:
    - { name: tls, protocol: TLS, port: 15443, ${listener} }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: edge-1, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: edge } }
spec: { account: edge, addresses: [{ ip: 127.0.0.1 }], ports: [] }
---
apiVersion: v1
kind: Namespace
metadata: { name: bank }
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: bank }
spec: { selector: { app: ledger }, ports: [{ name: tcp, port: 5432, appProtocol: tcp }] }
---
apiVersion: v1
kind: Service
metadata: { name: dns, namespace: shop }
spec: { selector: { app: dns }, ports: [{ name: udp, port: 53, protocol: UDP }] }
`;

const SERVICES = 'tls: { mode: Passthrough, options: { weft.dev/passthrough: Services } }';
const GRANT = `
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: edge, namespace: bank }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: Gateway, namespace: shop }]
  to: [{ group: "", kind: Service, name: ledger }]
`;

function configured(text: string): ProxyConfig {
  const view = assemble(objectsFrom(SHOP + text), new Map()).views.get('default');
  assert.ok(view !== undefined);
  const { config } = compile(view, sidecarOf('shop/edge-1', { role: 'gateway', gateway: 'shop/edge' }));
  const { ok } = proxyConfig({
    listeners: [...config.listeners.values()],
    routes: [...config.routes.values()],
    clusters: [...config.clusters.values()],
    endpoints: [...config.endpoints.values()],
  });
  assert.ok(ok);
  return config;
}

const names = (config: ProxyConfig): string[] =>
  [...config.listeners.values()].flatMap(({ filterChains }) => filterChains.flatMap(({ match }) => match.serverNames));

const OWN = ['50051.inventory.shop.cluster.local', '80.orders.shop.cluster.local', '80.orders-v2.shop.cluster.local'];

test('services of its own namespace, and of others that grant it; no datagrams', () => {
  assert.deepEqual(names(configured(gateway(SERVICES))), OWN);
  assert.deepEqual(names(configured(gateway(SERVICES) + GRANT)), ['5432.ledger.bank.cluster.local', ...OWN]);
});

test('nothing without the option, nothing outside of the host name of the listener', () => {
  assert.deepEqual(names(configured(gateway('tls: { mode: Passthrough }'))), []);
  assert.deepEqual(names(configured(gateway(`hostname: "*.bank.cluster.local", ${SERVICES}`) + GRANT)), [
    '5432.ledger.bank.cluster.local',
  ]);
});

test('octets go on as they came, to workloads with mutual TLS alone', () => {
  const config = configured(gateway(SERVICES));
  const [listener] = config.listeners.values();
  assert.ok(listener?.listenerFilters.some(({ kind }) => kind === 'tls-inspector'));
  for (const { transport, match, terminal } of listener.filterChains) {
    assert.deepEqual([transport.kind, match.transportProtocol, terminal.kind], ['plaintext', 'tls', 'tcp-proxy']);
  }
  assert.equal(config.clusters.get('passed/shop/orders/80')?.transport.kind, 'plaintext');
  assert.equal(config.clusters.has('outbound/shop/orders/80'), false);
  const behind = (name: string): unknown =>
    config.endpoints
      .get(name)
      ?.localities.flatMap(({ endpoints }) =>
        endpoints.map(({ workload }) => [workload?.workload, workload?.transport]),
      );
  assert.deepEqual(behind('passed/shop/orders/80'), [['shop/orders-1', 'plaintext']]);
  assert.deepEqual(behind('passed/shop/orders-v2/80'), []);
});

test('ports without mutual TLS are not reached', () => {
  const off = `
---
apiVersion: weft.dev/v1alpha1
kind: Authentication
metadata: { name: off, namespace: shop }
spec: { targetRefs: [{ name: orders }], mtls: { mode: Disabled } }
`;
  const config = configured(gateway(SERVICES) + off);
  // The workloads of `orders-v2` are some of `orders`.
  assert.deepEqual(names(config), OWN.slice(0, 1));
});

test('callers of a foreign trust domain by a name of theirs, where a service is exported to it', () => {
  const exported = SHOP.replace(
    'metadata: { name: orders, namespace: shop }',
    'metadata: { name: orders, namespace: shop, annotations: { weft.dev/export-to: "spiffe://one.test" } }',
  );
  const view = assemble(objectsFrom(exported + gateway(SERVICES)), new Map()).views.get('default');
  assert.ok(view !== undefined);
  const passing = compile(view, sidecarOf('shop/edge-1', { role: 'gateway', gateway: 'shop/edge' })).config;
  const guests = names(passing).filter((name) => !OWN.includes(name));
  assert.equal(guests.length, 1);
  const [guest = ''] = guests;
  assert.match(guest, /^80\.orders\.shop\.[0-9a-f]{16}\.guest\.weft\.internal$/);
  assert.notEqual(guest, `80.orders.shop.${GUEST}`);
  const called = compile(view, sidecarOf('shop/orders-1', {})).config.listeners.get('inbound/8080');
  const foreign = called?.filterChains.find(({ match }) => match.serverNames.length > 0);
  assert.deepEqual(foreign?.match.serverNames.at(-1), `*${guest.slice('80.orders.shop'.length)}`);
});
