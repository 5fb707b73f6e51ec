/** Whose proxies write which access logs of a Mesh, and of what; proxies that write the same share their rows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import type { Listener } from '@weft/core/proxy-config';
import { compile, Compiler } from '../incremental/index.ts';

const workload = (namespace: string, name: string, labels: string, port: number): string => `
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ${name}, namespace: ${namespace}, labels: ${labels} }
spec:
  account: a
  addresses: [{ ip: 127.0.0.1 }]
  ports: [{ name: http, port: ${port}, protocol: http, proxyPort: ${port + 1000} }]
---
`;

const MESH = `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec:
  trustDomain: weft.local
  accessLogs:
    - { to: File, path: /tmp/all.log }
    - { to: File, path: /tmp/shop.log, namespaces: [shop], direction: Inbound }
    - { to: File, path: /tmp/others.log, notNamespaces: [shop], direction: Outbound }
    - { to: Otlp, endpoint: "http://otel.example", workloadSelector: { app: web } }
---
`;
const BASE = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: back }
---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: shop }
spec: { selector: { app: orders }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
${workload('shop', 'web-1', '{ app: web }', 3000)}${workload('shop', 'orders-1', '{ app: orders }', 3000)}${workload('shop', 'orders-2', '{ app: orders }', 3000)}${workload('back', 'ledger-1', '{ app: ledger }', 3000)}`;

const upstreams = [{ service: 'shop/orders', port: undefined, localPort: 9000 }];
const proxies = ['shop/web-1', 'shop/orders-1', 'shop/orders-2', 'back/ledger-1'].map((key) =>
  sidecarOf(key, { upstreams }),
);

const viewOf = (assembly: ReturnType<typeof assemble>) => {
  const view = assembly.views.get('default');
  assert.ok(view !== undefined);
  return view;
};

const sinksOf = ({ filterChains }: Listener): string[] =>
  filterChains.flatMap(({ terminal }) =>
    (terminal.kind === 'http-connection-manager' ? terminal.manager : terminal.proxy).accessLogs.map(({ sink }) =>
      sink.kind === 'file' ? sink.path : sink.kind,
    ),
  );

test('a log is written by the proxies and in the direction that it names, by all and in both where it names none', () => {
  const view = viewOf(assemble(objectsFrom(MESH + BASE), new Map()));
  const found = proxies.map((proxy) => {
    const { config } = compile(view, proxy);
    const listeners = [...config.listeners.values()].map(
      (listener) => `${listener.direction}: ${sinksOf(listener).join(' ')}`,
    );
    return { listeners: listeners.sort(), collector: config.clusters.has('access-log/3') };
  });
  const orders = {
    listeners: ['inbound: /tmp/all.log /tmp/shop.log', 'outbound: /tmp/all.log'],
    collector: false,
  };
  assert.deepEqual(found, [
    { listeners: ['inbound: /tmp/all.log /tmp/shop.log otlp', 'outbound: /tmp/all.log otlp'], collector: true },
    orders,
    orders,
    { listeners: ['inbound: /tmp/all.log', 'outbound: /tmp/all.log /tmp/others.log'], collector: false },
  ]);
});

test('proxies that write the same share their listeners and clusters, also after another workload came', () => {
  const assembly = assemble(objectsFrom(MESH + BASE), new Map());
  const compiler = new Compiler();
  compiler.update(viewOf(assembly));
  const [, one, two] = proxies.map((proxy) => compiler.compile(proxy).config);
  const outbound = [...(one?.listeners.keys() ?? [])].find((name) => name.startsWith('outbound'));
  assert.equal(one?.listeners.get(outbound ?? ''), two?.listeners.get(outbound ?? ''));
  assert.equal(one?.clusters, two?.clusters);
  const more = BASE + workload('back', 'ledger-2', '{ app: ledger }', 3000);
  compiler.update(viewOf(assemble(objectsFrom(MESH + more), new Map(), assembly)));
  assert.equal(compiler.compile(proxies[1] ?? assert.fail()).config.listeners, one?.listeners);
});

test('without such words every proxy writes every log, whoever it is for', () => {
  const plain = MESH.replace(/, (namespaces|notNamespaces|workloadSelector): (\[\w+\]|{ \w+: \w+ })/g, '').replace(
    /, direction: \w+/g,
    '',
  );
  const view = viewOf(assemble(objectsFrom(plain + BASE), new Map()));
  assert.equal(view.accessLogs.size, 0);
  for (const proxy of [...proxies, sidecarOf('shop/unknown-1', { upstreams })])
    for (const listener of compile(view, proxy).config.listeners.values()) assert.equal(sinksOf(listener).length, 4);
});
