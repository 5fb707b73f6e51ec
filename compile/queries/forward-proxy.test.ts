import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, type Proxy } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import { compile } from '../incremental/index.ts';
import type { Compiled } from './index.ts';

const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: bank }
---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: shop }
spec: { ports: [{ name: http, port: 80 }, { name: grpc, port: 50051 }] }
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop }
spec: { ports: [{ name: tcp, port: 7000 }] }
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: bank }
spec: { ports: [{ port: 8080, appProtocol: http }] }
`;

function compiled(changes: Partial<Proxy>): Compiled {
  const view = assemble(objectsFrom(OBJECTS), new Map()).views.get('default');
  assert.ok(view !== undefined);
  return compile(view, sidecarOf('shop/web-1', changes));
}

test('a virtual host for each service port, by all its names; bare for port 80 or an only port', () => {
  const { config, diagnostics } = compiled({ httpProxyPort: 9000 });
  assert.deepEqual([...config.listeners.keys()], ['outbound/http-proxy']);
  const hosts = config.routes.get('outbound/http-proxy')?.virtualHosts ?? [];
  const domains = Object.fromEntries(hosts.map((host) => [host.name, host.domains]));
  assert.deepEqual(
    domains['outbound/shop/orders/80']?.filter((domain) => !domain.includes('svc')),
    ['orders', 'orders:80', 'orders.shop', 'orders.shop:80', 'orders.shop.mesh', 'orders.shop.mesh:80'],
  );
  assert.deepEqual(
    domains['outbound/shop/orders/50051']?.filter((domain) => !domain.includes('svc')),
    ['orders:50051', 'orders.shop:50051', 'orders.shop.mesh:50051'],
  );
  assert.equal(domains['outbound/bank/ledger/8080']?.includes('ledger'), false);
  assert.equal(domains['outbound/bank/ledger/8080']?.includes('ledger.bank'), true);
  const all = hosts.flatMap((host) => host.domains);
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(diagnostics, []);
});

test('CONNECT reaches any port, requests only those that are routed, the outside gets 502', () => {
  const hosts = compiled({ httpProxyPort: 9000 }).config.routes.get('outbound/http-proxy')?.virtualHosts ?? [];
  const kinds = Object.fromEntries(
    hosts.map((host) => [host.name, host.routes.map(({ match, action }) => `${match.path.kind} ${action.kind}`)]),
  );
  assert.deepEqual(kinds['outbound/shop/orders/80'], ['connect forward', 'prefix forward']);
  assert.deepEqual(kinds['outbound/shop/orders/50051'], ['connect forward', 'prefix forward']);
  assert.deepEqual(kinds['outbound/shop/ledger/7000'], ['connect forward']);
  assert.deepEqual(kinds['outside'], ['connect direct-response', 'prefix direct-response']);
});

test('an upstream that is not there, or names no port, is reported and does not listen', () => {
  const { config, diagnostics } = compiled({
    upstreams: [
      { service: 'shop/gone', port: undefined, localPort: 1 },
      { service: 'shop/orders', port: undefined, localPort: 2 },
      { service: 'shop/orders', port: 80, localPort: 3 },
    ],
  });
  assert.deepEqual([...config.listeners.keys()], ['outbound/3']);
  assert.deepEqual(
    diagnostics.map(({ code, place }) => [code, place.object]),
    [
      ['upstream-not-found', 'Service/shop/gone'],
      ['upstream-not-found', 'Service/shop/orders'],
    ],
  );
});
