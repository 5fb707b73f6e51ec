/** What a request was addressed to, by the port at which a proxy took it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from '@weft/compile/answers';
import type { Plane } from '@weft/control/plane';
import type { Addressed } from '@weft/core/documents';
import type { Proxy } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import type { TapRecord } from '@weft/core/tap';
import { AddressedBy } from './addressed.ts';

const service = (name: string, port: number, targetPort: number): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: front }, ports: [{ name: http, port: ${port}, targetPort: ${targetPort}, appProtocol: http }] }
---`;
const objects = objectsFrom(`
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local }
---${service('front', 80, 8080)}${service('behind', 81, 8080)}${service('told', 82, 8081)}
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: front-1, namespace: shop, labels: { app: front } }
spec:
  account: front
  addresses: [{ ip: 10.0.0.2 }]
  ports:
    - { name: http, port: 8080, protocol: http, proxyPort: 15001 }
    - { name: told, port: 8081, protocol: http, proxyPort: 15002 }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: told, namespace: shop }
spec: { targetRefs: [{ name: told }], arrivals: { proxyProtocol: { from: [10.9.0.0/16] } } }
`);
const view = new World(objects).view('default');

/** A plane that knows these proxies, until they are taken away. */
function asking(...proxies: Proxy[]): { of: AddressedBy; known: Map<string, Proxy>; clock: { at: number } } {
  const known = new Map(proxies.map((proxy) => [proxy.id, proxy]));
  const clock = { at: 0 };
  const plane = {
    compiled: (id: string) => {
      const proxy = known.get(id);
      return proxy === undefined ? [] : [{ proxy }];
    },
    assembly: { views: new Map([['default', view]]) },
  } as unknown as Plane;
  const of = new AddressedBy(() => plane, { now: () => clock.at, after: () => ({ cancel: () => {} }) });
  return { of, known, clock };
}
const record = (direction: 'inbound' | 'outbound', port: number, authority = ''): TapRecord =>
  ({ direction, port, authority }) as TapRecord;
const to = (name: string, port: number, gateway = false): Addressed => ({ service: `shop/${name}`, port, gateway });

test('a caller by the upstream that it opened, the port stated or its only one', () => {
  const upstreams = [
    { service: 'shop/front', port: 80, localPort: 9001 },
    { service: 'shop/behind', port: undefined, localPort: 9002 },
  ];
  const { of } = asking(sidecarOf('shop/web-1', { upstreams }));
  assert.deepEqual(of.of('shop/web-1', record('outbound', 9001)), to('front', 80));
  assert.deepEqual(of.of('shop/web-1', record('outbound', 9002)), to('behind', 81));
  assert.equal(of.of('shop/web-1', record('outbound', 9003)), undefined);
});

test('a caller of the forward proxy by the host that it named', () => {
  const { of } = asking(sidecarOf('shop/web-1', { httpProxyPort: 9009 }));
  for (const [authority, expected] of [
    ['front', to('front', 80)],
    ['FRONT.shop', to('front', 80)],
    ['behind.shop.svc.cluster.local:81', to('behind', 81)],
    ['behind', undefined],
    ['front.bank', undefined],
    ['nobody:81', undefined],
  ] as const)
    assert.deepEqual(of.of('shop/web-1', record('outbound', 9009, authority)), expected, authority);
});

test('who enters by the Gateway of the proxy', () => {
  const { of } = asking(sidecarOf('shop/edge-1', { role: 'gateway', gateway: 'shop/edge' }));
  assert.deepEqual(of.of('shop/edge-1', record('outbound', 8443, 'a.example')), to('edge', 8443, true));
});

test('who was called by the port of its proxy: the service that the caller named, also where only load balancers reach it', () => {
  const { of } = asking(sidecarOf('shop/front-1'));
  assert.deepEqual(of.of('shop/front-1', record('inbound', 15_001, 'behind.shop')), to('behind', 81));
  const other = asking(sidecarOf('shop/front-1')).of;
  const one = other.of('shop/front-1', record('inbound', 15_001, 'elsewhere'))?.service;
  assert.ok(one === 'shop/front' || one === 'shop/behind', `${one}: any of those that it stands behind`);
  assert.deepEqual(other.of('shop/front-1', record('inbound', 15_002, 'told')), to('told', 82));
  assert.equal(other.of('shop/front-1', record('inbound', 15_003, 'told')), undefined);
});

test('a proxy that is gone is still the one that told it; a new one is heard of within seconds', () => {
  const upstreams = [{ service: 'shop/front', port: 80, localPort: 9001 }];
  const { of, known, clock } = asking(sidecarOf('shop/web-1', { upstreams }));
  const asked = (): Addressed | undefined => of.of('shop/web-1', record('outbound', 9001));
  assert.deepEqual(asked(), to('front', 80));
  known.clear();
  clock.at += 60_000;
  assert.deepEqual(asked(), to('front', 80));
  known.set(
    'shop/web-1',
    sidecarOf('shop/web-1', { upstreams: [{ service: 'shop/behind', port: 81, localPort: 9001 }] }),
  );
  assert.deepEqual(asked(), to('behind', 81));
  known.set('shop/web-1', sidecarOf('shop/web-1', { upstreams }));
  clock.at += 1000;
  assert.deepEqual(asked(), to('behind', 81), 'what is known is taken for true for a while');
  clock.at += 5000;
  assert.deepEqual(asked(), to('front', 80));
});
