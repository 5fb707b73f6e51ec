import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Cluster, OutlierDetection } from '@weft/core/proxy-config';
import { EchoServer } from '@weft/testkit/echo';
import { freePort } from '@weft/testkit/ports';
import { until } from '@weft/testkit/wait';
import { endpoint, endpointSet } from '../testing/config.ts';
import type { UpstreamCluster } from './index.ts';
import { anyone, besides, world } from './testing/world.ts';

const addresses = (made: UpstreamCluster): string[] =>
  [...made.endpoints.values()].map(({ address }) => address).sort();

const tls: Cluster['transport'] = {
  kind: 'tls',
  certificates: [],
  validation: undefined,
  sni: '',
  sniFromEndpoint: false,
  sanFromSni: false,
  alpnProtocols: [],
  parameters: { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] },
};

const outlierDetection: OutlierDetection = {
  interval: 1000,
  baseEjectionTime: 3000,
  maxEjectionTime: 30_000,
  maxEjectionPercent: 50,
  maxEjectionTimeJitter: 0,
  consecutive5xx: 3,
  enforcingConsecutive5xx: 100,
  consecutiveGatewayFailure: 100,
  enforcingConsecutiveGatewayFailure: 0,
  splitExternalLocalOriginErrors: false,
  consecutiveLocalOriginFailure: 5,
  enforcingConsecutiveLocalOriginFailure: 100,
  alwaysEjectOne: false,
  returnsWhenChecked: true,
  successRate: { enforcing: 0, enforcingLocalOrigin: 100, minimumHosts: 5, requestVolume: 100, stdevFactor: 1900 },
  failurePercentage: { enforcing: 0, enforcingLocalOrigin: 0, threshold: 85, minimumHosts: 5, requestVolume: 50 },
};

test('an endpoint that fails is ejected, not picked, and returns', (context) => {
  const { make, clock } = world(context);
  const made = make({ outlierDetection }, [endpoint(1), endpoint(2)]);
  const [bad, good] = [...made.endpoints.values()];
  assert.ok(bad && good);
  for (let i = 0; i < 3; i += 1) bad.reportStatus(500, 1);
  assert.equal(bad.health, 'unhealthy');
  for (let i = 0; i < 10; i += 1) assert.equal(made.pick(anyone), good);
  clock.advance(3000);
  assert.deepEqual(new Set([made.pick(anyone), made.pick(anyone)]), new Set([bad, good]));
});

test('with probes one exchange at a time is sent to an endpoint that was ejected, until one passes', (context) => {
  const { make, clock } = world(context);
  const made = make({ outlierDetection: { ...outlierDetection, own: { probes: true } } }, [endpoint(1), endpoint(2)]);
  const [bad, good] = [...made.endpoints.values()];
  assert.ok(bad && good);
  const picked = (): number => Array.from({ length: 20 }, () => made.pick(anyone)).filter((one) => one === bad).length;
  for (let i = 0; i < 3; i += 1) bad.reportStatus(500, 1);
  assert.equal(picked(), 0);
  clock.advance(3000);
  assert.equal(picked(), 1);
  bad.requestStarted();
  assert.equal(picked(), 0);
  bad.reportStatus(500, 1);
  bad.requestEnded();
  assert.equal(picked(), 0);
  clock.advance(6000);
  assert.equal(picked(), 1);
  bad.requestStarted();
  bad.reportStatus(200, 1);
  bad.requestEnded();
  assert.ok(picked() > 1);
});

test('a retry goes to an endpoint that was not tried, while there is one', (context) => {
  const { make } = world(context);
  const made = make({}, [endpoint(1), endpoint(2), endpoint(3)]);
  const all = [...made.endpoints.values()];
  const [one, two, three] = all;
  assert.ok(one && two && three);
  for (let i = 0; i < 10; i += 1) {
    assert.notEqual(made.pick(besides(one)), one);
    assert.equal(made.pick(besides(one, two)), three);
    assert.ok(all.some((known) => known === made.pick(besides(one, two, three))));
  }
});

test('health told by the control plane; nobody healthy panics, without a threshold answers nobody', (context) => {
  const { make } = world(context);
  const bad = { health: 'unhealthy' } as const;
  assert.equal(
    make({}, [endpoint(1, bad), endpoint(2), endpoint(3)])
      .pick(anyone)
      ?.address.endsWith(':1'),
    false,
  );
  assert.ok(make({}, [endpoint(1, bad)]).pick(anyone));
  assert.equal(
    make({ panicThreshold: 0 }, [endpoint(1, bad), endpoint(2, { health: 'draining' })]).pick(anyone),
    undefined,
  );
  assert.equal(make({}, []).pick(anyone), undefined);
});

test('plaintext by endpoint: a workload without mTLS is reached without, its change makes a new endpoint', (context) => {
  const { make } = world(context);
  const workload = (transport: 'mtls' | 'plaintext') => ({
    workload: { workload: 'a/b', identity: '', app: '', version: '', transport },
  });
  const made = make({ transport: tls, plaintextByEndpoint: true }, [
    endpoint(1, workload('plaintext')),
    endpoint(2, workload('mtls')),
    endpoint(3),
  ]);
  assert.deepEqual(
    [...made.endpoints.values()].map(({ secure }) => secure),
    [false, true, true],
  );
  const [before] = made.endpoints.values();
  made.setEndpoints(endpointSet('c', [endpoint(1, workload('mtls'))]));
  const [after] = made.endpoints.values();
  assert.equal(before?.retired, true);
  assert.equal(after?.secure, true);
  assert.equal(
    make({ transport: tls }, [endpoint(1, workload('plaintext'))])
      .endpoints.values()
      .next().value?.secure,
    true,
  );
});

test('strict DNS: every address, changes followed, the last answer kept; logical DNS: the first', (context) => {
  const { make, clock, answers } = world(context);
  const named = endpoint(0, { address: { kind: 'name', name: 'db.test', port: 5432 } });
  const dns = {
    endpoints: endpointSet('c', [named]),
    refreshRate: 5000,
    failureRefreshRate: undefined,
    respectTtl: false,
    jitter: 0,
    family: 'auto',
  } as const;
  answers.set('db.test', { addresses: ['10.0.0.1', '10.0.0.2'], ttl: undefined });
  const strict = make({ discovery: { kind: 'strict-dns', ...dns } });
  const logical = make({ discovery: { kind: 'logical-dns', ...dns } });
  assert.deepEqual(addresses(strict), ['10.0.0.1:5432', '10.0.0.2:5432']);
  assert.deepEqual(addresses(logical), ['10.0.0.1:5432']);
  const [kept] = strict.endpoints.values();
  answers.set('db.test', { addresses: ['10.0.0.1', '10.0.0.3'], ttl: undefined });
  clock.advance(5000);
  assert.deepEqual(addresses(strict), ['10.0.0.1:5432', '10.0.0.3:5432']);
  assert.equal(
    [...strict.endpoints.values()].find(({ address }) => address === '10.0.0.1:5432'),
    kept,
  );
  answers.set('db.test', undefined);
  clock.advance(5000);
  assert.equal(strict.endpoints.size, 2);
  assert.equal(strict.ready, true);
});

test('DNS with times to live asks again by them, at most once a second', (context) => {
  const { make, clock, answers } = world(context);
  const named = endpoint(0, { address: { kind: 'name', name: 'db.test', port: 1 } });
  answers.set('db.test', { addresses: ['10.0.0.1'], ttl: 0 });
  const made = make({
    discovery: {
      kind: 'strict-dns',
      endpoints: endpointSet('c', [named]),
      refreshRate: 60_000,
      failureRefreshRate: undefined,
      respectTtl: true,
      jitter: 0,
      family: 'auto',
    },
  });
  answers.set('db.test', { addresses: ['10.0.0.9'], ttl: 0 });
  clock.advance(999);
  assert.deepEqual(addresses(made), ['10.0.0.1:1']);
  clock.advance(1);
  assert.deepEqual(addresses(made), ['10.0.0.9:1']);
});

const check = {
  timeout: 500,
  interval: 20,
  unhealthyThreshold: 2,
  healthyThreshold: 1,
  noTrafficInterval: 20,
  intervalJitter: 0,
  intervalJitterPercent: 0,
  unhealthyInterval: 20,
  unhealthyEdgeInterval: 20,
  healthyEdgeInterval: 20,
  noTrafficHealthyInterval: 20,
  initialJitter: 0,
};

test('active checks by TCP and HTTP follow the endpoint down and up again', async (context) => {
  const { make } = world(context, true);
  const app = new EchoServer('app');
  const port = await freePort();
  const made = make(
    {
      panicThreshold: 0,
      healthChecks: [
        {
          ...check,
          check: {
            kind: 'http',
            method: 'GET',
            retriableStatuses: [],
            headersToAdd: [],
            headersToRemove: [],
            path: '/',
            host: '',
            expectedStatuses: [],
          },
        },
        { ...check, check: { kind: 'tcp', send: '', receive: [] } },
      ],
    },
    [endpoint(port)],
  );
  const [only] = made.endpoints.values();
  assert.equal(only?.health, 'unhealthy');
  await until(() => made.ready);
  assert.equal(made.pick(anyone), undefined);
  await app.start(port);
  await until(() => only?.health === 'healthy');
  assert.ok(made.pick(anyone));
  made.setEndpoints(endpointSet('c', []));
  assert.equal(made.pick(anyone), only, 'no longer named, still healthy: it stays, as with Envoy');
  made.setEndpoints(endpointSet('c', [endpoint(port)]));
  assert.equal(made.pick(anyone), only);
  await app.stop();
  await until(() => only?.health === 'unhealthy');
  assert.equal(made.pick(anyone), undefined);
});

test('an HTTP check judges the status', async (context) => {
  const { make } = world(context, true);
  let answer = 'HTTP/1.1 503 No\r\n\r\n';
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  const made = make(
    {
      healthChecks: [
        {
          ...check,
          check: {
            kind: 'http',
            method: 'GET',
            retriableStatuses: [],
            headersToAdd: [],
            headersToRemove: [],
            path: '/',
            host: 'x',
            expectedStatuses: [],
          },
        },
      ],
    },
    [endpoint(address.port)],
  );
  await until(() => made.ready);
  const [only] = made.endpoints.values();
  assert.equal(only?.health, 'unhealthy');
  answer = 'HTTP/1.1 200 OK\r\n\r\n';
  await until(() => only?.health === 'healthy');
});

test('connect: a refusal and a TLS handshake without an answer are told apart, slots come back', async (context) => {
  const { make } = world(context, true);
  const silent = createServer((socket) => socket.on('error', () => undefined).resume());
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  context.after(() => silent.close());
  const address = silent.address();
  assert.ok(address !== null && typeof address !== 'string');
  const made = make({ connectTimeout: 40, transport: tls }, [endpoint(await freePort()), endpoint(address.port)]);
  const errors: unknown[] = [];
  for (const one of made.endpoints.values()) {
    errors.push(
      await new Promise((resolve) =>
        one.connect({ connected: () => resolve('connected'), connectFailed: resolve }, 'default'),
      ),
    );
  }
  assert.deepEqual(errors, ['connect-failed', 'connect-timeout']);
  await until(() => made.breakers.default.connections === 0);
  assert.equal(made.busy, false);
});

test('an endpoint that is no longer named goes when its checks fail, or at once when health is to be ignored', async (context) => {
  const { make } = world(context, true);
  for (const ignoreHealthOnHostRemoval of [false, true]) {
    const app = new EchoServer('app');
    await app.start();
    const made = make(
      { ignoreHealthOnHostRemoval, healthChecks: [{ ...check, check: { kind: 'tcp', send: '', receive: [] } }] },
      [endpoint(app.port)],
    );
    await until(() => [...made.endpoints.values()].every(({ health }) => health === 'healthy'));
    made.setEndpoints(endpointSet('c', []));
    assert.equal(made.endpoints.size, ignoreHealthOnHostRemoval ? 0 : 1);
    await app.stop();
    await until(() => made.endpoints.size === 0);
  }
});
