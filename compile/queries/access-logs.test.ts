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

const TELEMETRY = `
apiVersion: weft.dev/v1alpha1
kind: Telemetry
metadata: { name: all, namespace: shop }
spec: { accessLogs: [{ to: File, path: /tmp/own.log, direction: Inbound }], tracing: { sampling: "30" } }
---
apiVersion: weft.dev/v1alpha1
kind: Telemetry
metadata: { name: web, namespace: shop }
spec:
  workloadSelector: { app: web }
  accessLogs: [{ to: Otlp, endpoint: "http://own.example" }]
  tracing: { sampling: "40" }
---
apiVersion: weft.dev/v1alpha1
kind: Telemetry
metadata: { name: younger, namespace: shop, creationTimestamp: "2030-01-01T00:00:00Z" }
spec: { workloadSelector: { app: web }, tracing: { sampling: "50" } }
---
apiVersion: weft.dev/v1alpha1
kind: Telemetry
metadata: { name: nobody, namespace: back }
spec: { workloadSelector: { app: none }, tracing: { sampling: "60" } }
---
`;

test('Telemetry: its logs beside those of the Mesh, in its namespace alone; the share of traces of whoever says it most closely', () => {
  const traced = MESH.replace(
    '  accessLogs:',
    '  tracing: { namespaces: { shop: { sampling: "20" } } }\n  accessLogs:',
  );
  const assembly = assemble(objectsFrom(traced + TELEMETRY + BASE), new Map());
  const view = viewOf(assembly);
  const found = proxies.map((proxy) => {
    const { config } = compile(view, proxy);
    const shares = [...config.listeners.values()].flatMap(({ filterChains }) =>
      filterChains.flatMap(({ terminal }) => {
        const provider =
          terminal.kind === 'http-connection-manager' ? terminal.manager.tracing?.provider : assert.fail();
        return provider?.kind === 'opentelemetry' && provider.sampler?.kind === 'mesh' ? provider.sampler.sampling : [];
      }),
    );
    const listeners = [...config.listeners.values()].map(
      (listener) => `${listener.direction}: ${sinksOf(listener).slice(1).join(' ')}`,
    );
    const collectors = [...config.clusters.keys()].filter((name) => name.startsWith('access-log/'));
    return { listeners: listeners.sort(), collectors, shares: [...new Set(shares)] };
  });
  const orders = {
    listeners: ['inbound: /tmp/shop.log /tmp/own.log', 'outbound: '],
    collectors: [],
    shares: [30],
  };
  assert.deepEqual(found, [
    {
      listeners: ['inbound: /tmp/shop.log otlp /tmp/own.log otlp', 'outbound: otlp otlp'],
      collectors: ['access-log/3', 'access-log/shop/web/0'],
      shares: [40],
    },
    orders,
    orders,
    { listeners: ['inbound: ', 'outbound: /tmp/others.log'], collectors: [], shares: [1] },
  ]);
  assert.deepEqual(
    assembly.diagnostics.filter(({ code }) => code === 'no-effect').map(({ place }) => place),
    [{ object: 'Telemetry/back/nobody', path: 'spec.workloadSelector' }],
  );
});
