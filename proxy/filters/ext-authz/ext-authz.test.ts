// External authorization where somebody leaves: the call ends with its exchange, and a service that is gone refuses.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import type { HttpFilter } from '@weft/core/proxy-config';
import { EchoServer } from '@weft/testkit/echo';
import { until } from '@weft/testkit/wait';
import { forwardTo, prefix, routeConfiguration, routeOf, virtualHost } from '../../http/testing/configuration.ts';
import { Harness, TestCluster } from '../../http/testing/harness.ts';

const ROUTES = routeConfiguration([virtualHost([routeOf(prefix('/'), forwardTo('a'))])]);

const AUTHZ: HttpFilter = {
  kind: 'ext-authz',
  name: 'authz',
  disabled: false,
  service: {
    kind: 'http',
    service: { uri: 'http://authz', cluster: 'authz', timeout: 5000 },
    pathPrefix: '',
    headers: [],
    toUpstream: [],
    appendedToUpstream: [],
    toClient: [],
    toClientOnSuccess: [],
    toMetadata: [],
  },
  failureModeAllow: false,
  failureModeHeader: false,
  body: undefined,
  clearRouteCache: false,
  statusOnError: 403,
  metadataNamespaces: [],
  enabled: { numerator: 100, denominator: 100 },
  denyAtDisable: false,
  peerCertificate: false,
  tlsSession: false,
  statPrefix: '',
  allowedHeaders: undefined,
  disallowedHeaders: [],
  takesMetadata: true,
};

test('a client that leaves ends the call; the next one is asked about as if nothing had been', async (context) => {
  const server = new EchoServer('authz');
  await server.start();
  const authz = new TestCluster('authz', [server.port]);
  const backend = new EchoServer('a');
  await backend.start();
  const harness = new Harness({
    routes: ROUTES,
    clusters: [authz, new TestCluster('a', [backend.port])],
    manager: { httpFilters: [AUTHZ] },
  });
  await harness.start();
  context.after(async () => {
    await harness.stop();
    await Promise.all([server.stop(), backend.stop()]);
  });
  const socket = net.connect(harness.port, '127.0.0.1');
  socket.write('GET /?delay=60000 HTTP/1.1\r\nhost: a\r\n\r\n');
  await until(() => (server.requests === 1 ? true : undefined), { what: 'the question' });
  socket.destroy();
  await harness.recorded(1);
  assert.deepEqual([harness.records[0]?.flags, authz.breakerState.requests, backend.requests], ['DC', 0, 0]);
  const answer = await fetch(`http://127.0.0.1:${harness.port}/`);
  assert.equal(answer.status, 200);
  await answer.text();
  assert.deepEqual([harness.counters.get('http.test.ext_authz.ok'), authz.breakerState.requests], [1, 0]);
});
