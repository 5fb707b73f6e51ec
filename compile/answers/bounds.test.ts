// What is said of connections, checks, bounds of the called side and limits of single callers is told with its source.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { explain, isAnswer, World } from './index.ts';

const world = new World(
  objectsFrom(`
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Service
metadata: { name: a, namespace: shop }
spec: { selector: { app: a }, ports: [{ name: http, port: 80, targetPort: 8080, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: a-1, namespace: shop, labels: { app: a } }
spec: { account: a, addresses: [{ ip: 10.0.0.1 }], ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: web-1, namespace: shop, labels: { app: web } }
spec: { account: web, addresses: [{ ip: 10.0.0.2 }] }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: a, namespace: shop }
spec:
  targetRefs: [{ name: a }]
  arrivals: { limits: { connections: 7, streamsPerConnection: 3 }, timeouts: { requestHeaders: 2s } }
  connections: { tcpKeepalive: { time: 1m } }
  limits: { streamsPerConnection: 9 }
  healthChecks:
    - { http: { path: /ready, headers: [{ name: x-probe, value: "1" }] } }
    - { tcp: { send: { text: PING }, receive: [{ text: PONG }] } }
---
apiVersion: weft.dev/v1alpha1
kind: RateLimit
metadata: { name: a, namespace: shop }
spec:
  targetRefs: [{ name: a }]
  local: { requests: 2, overrides: [{ identities: [shop/web], requests: 5 }] }
`),
);

test('each value is told with who said it', () => {
  const answer = explain(world, {
    from: { kind: 'workload', key: 'shop/web-1' },
    to: 'shop/a',
    port: 80,
    request: { method: 'GET', path: '/', headers: [] },
  });
  assert.ok(isAnswer(answer));
  const told = [...(answer.routing?.backends ?? []), ...answer.arrivals].flatMap(({ settings = [] }) =>
    settings.map(({ name, value, source }) => `${name}: ${value} (${source ?? ''})`),
  );
  const policy = 'TrafficPolicy/shop/a#spec';
  for (const line of [
    `limits: 1024 connections, 1024 pending, 1024 requests, 9 streams of a connection (${policy}.limits)`,
    `TCP keepalive: after 60s without an octet (${policy}.connections)`,
    `health check: http GET /ready with x-probe every 10s (${policy}.healthChecks)`,
    `health check: tcp by what comes back every 10s (${policy}.healthChecks)`,
    `connections at a time: 7 (${policy}.arrivals)`,
    `streams of a connection: 3 (${policy}.arrivals)`,
    `time for request heads: 2s (${policy}.arrivals)`,
    'rate limit: of spiffe://weft.local/ns/shop/sa/web instead: 5 in 1s, at most 5 at once (RateLimit/shop/a#spec)',
  ])
    assert.ok(told.includes(line), `${line} is not among\n${told.join('\n')}`);
});
