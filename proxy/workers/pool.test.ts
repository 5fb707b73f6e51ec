import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { EchoServer } from '@weft/testkit/echo';
import { temporaryFolder } from '@weft/testkit/folder';
import { freePort } from '@weft/testkit/ports';
import { exchange } from '@weft/testkit/http-client';
import { until } from '@weft/testkit/wait';
import type {
  Cluster,
  FilterChain,
  Listener,
  HealthCheck,
  OutlierDetection,
  Overload,
  ProxyConfig,
  ProxyConfigRows,
} from '@weft/core/proxy-config';
import { TestAuthority } from '../testing/certificates.ts';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable } from '../testing/config.ts';
import { config } from '../testing/engines.ts';
import { Load } from '../testing/load.ts';
import type { Knock } from './testing/knock.ts';
import { burst, keptAlive, TestPool } from './testing/pool.ts';

async function echo(context: TestContext, name = 'app'): Promise<EchoServer> {
  const server = new EchoServer(name);
  await server.start();
  context.after(() => server.stop());
  return server;
}

const rows = (ports: readonly number[], over: Partial<ProxyConfigRows> = {}): ProxyConfig =>
  config({
    listeners: [listener('in', [chain('http', {}, { terminal: manager({ kind: 'rds', name: 'in' }) })])],
    routes: [routeTable('in', 'app')],
    clusters: [cluster('app')],
    endpoints: [
      endpointSet(
        'app',
        ports.map((port) => endpoint(port)),
      ),
    ],
    ...over,
  });

const OUTLIERS: OutlierDetection = {
  consecutive5xx: 0,
  consecutiveGatewayFailure: 0,
  consecutiveLocalOriginFailure: 0,
  interval: 100,
  baseEjectionTime: 60_000,
  maxEjectionTime: 300_000,
  maxEjectionTimeJitter: 0,
  maxEjectionPercent: 100,
  enforcingConsecutive5xx: 100,
  enforcingConsecutiveGatewayFailure: 0,
  enforcingConsecutiveLocalOriginFailure: 0,
  splitExternalLocalOriginErrors: false,
  alwaysEjectOne: false,
  returnsWhenChecked: true,
  successRate: { enforcing: 0, enforcingLocalOrigin: 100, minimumHosts: 5, requestVolume: 100, stdevFactor: 1900 },
  failurePercentage: { enforcing: 0, enforcingLocalOrigin: 0, threshold: 85, minimumHosts: 5, requestVolume: 50 },
};

const ok = (outcomes: readonly unknown[]): number =>
  outcomes.filter((outcome) => (outcome as { status?: number }).status === 200).length;

test('two workers serve one port; their numbers add up to what the client counted', async (context) => {
  const app = await echo(context);
  const pool = new TestPool(context);
  assert.equal(pool.pool.state, 'initializing');
  await pool.apply(rows([app.port]));
  assert.equal(pool.pool.state, 'live');
  const port = await pool.port('in');
  assert.equal(ok(await burst(port, 60)), 60);
  assert.equal(await pool.stat('cluster.app.upstream_rq_total'), '60');
  assert.equal(await pool.stat('cluster.app.membership_total'), '1');
  assert.equal(await pool.stat('server.concurrency'), '2');
  const [requests = ''] = await pool.metrics('istio_requests_total');
  assert.match(requests, / 60$/);
  const buckets = await pool.metrics('istio_request_duration_milliseconds_count');
  assert.match(buckets[0] ?? '', / 60$/);
  const { clusters } = await pool.pool.report();
  assert.deepEqual(
    clusters.map(({ endpoints }) => endpoints.map(({ counts }) => counts['rq_total'])),
    [[60]],
  );
});

test('a limit of the process holds over all workers, exactly', async (context) => {
  const gate = Promise.withResolvers<void>();
  let arrived = 0;
  const app = http.createServer((_, response) => {
    arrived += 1;
    void gate.promise.then(() => response.end());
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  context.after(() => {
    app.closeAllConnections();
    app.close();
  });
  const limits = {
    ...cluster('app').circuitBreakers.default,
    maxRequests: 5,
    maxConnections: 5,
    maxPendingRequests: 5,
  };
  const limited = cluster('app', { circuitBreakers: { ...cluster('app').circuitBreakers, default: limits } });
  const pool = new TestPool(context);
  await pool.apply(rows([(app.address() as AddressInfo).port], { clusters: [limited] }));
  const port = await pool.port('in');
  let refused = 0;
  const asked = Array.from({ length: 40 }, async () => {
    const { status } = await exchange({ port });
    if (status === 503) refused += 1;
    return status;
  });
  await until(() => refused >= 30, { what: 'all but 5 at work and 5 waiting to be refused' });
  gate.resolve();
  const statuses = await Promise.all(asked);
  const served = statuses.filter((status) => status === 200).length;
  assert.ok(served >= 5, `${served} of 40: 5 at work, at most 5 waiting`);
  assert.equal(arrived, served);
  assert.equal(refused, 40 - served);
  assert.equal(ok(await burst(port, 5)), 5);
  assert.equal(await pool.stat('cluster.app.upstream_rq_active'), '0');
});

test("the limit of connections is the process's", async (context) => {
  const app = await echo(context);
  const pool = new TestPool(context, { maxConnections: 6 });
  await pool.apply(rows([app.port]));
  const port = await pool.port('in');
  const sockets = Array.from({ length: 20 }, () => net.connect(port, '127.0.0.1'));
  context.after(() => sockets.forEach((socket) => socket.destroy()));
  for (const socket of sockets) socket.on('error', () => undefined);
  await until(() => sockets.filter(({ closed }) => closed).length === 14, { what: '14 of 20 closed' });
  sockets.forEach((socket) => socket.destroy());
  await until(async () => ok(await burst(port, 6)) === 6, { what: 'six again' });
});

test("a listener's limit of connections is the process's, and its connections count on when it changes", async (context) => {
  const app = await echo(context);
  const pool = new TestPool(context, {});
  const limited = (more: Partial<Listener>): ProxyConfig => {
    const all = rows([app.port]);
    const connectionLimit = { kind: 'connection-limit', maxConnections: 6 } as const;
    return {
      ...all,
      listeners: new Map([...all.listeners].map(([name, row]) => [name, { ...row, connectionLimit, ...more }])),
    };
  };
  await pool.apply(limited({}));
  const port = await pool.port('in');
  const open = (count: number): net.Socket[] => {
    const sockets = Array.from({ length: count }, () => net.connect(port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => undefined);
    context.after(() => sockets.forEach((socket) => socket.destroy()));
    return sockets;
  };
  const first = open(20);
  await until(() => first.filter(({ closed }) => closed).length === 14, { what: '14 of 20 closed' });
  await pool.apply(limited({ perConnectionBufferLimitBytes: 65_536 }));
  const more = open(3);
  await until(() => more.every(({ closed }) => closed), { what: 'no more' });
  first.forEach((socket) => socket.destroy());
  await until(async () => ok(await burst(port, 6)) === 6, { what: 'six again' });
});

test('reload under load: no request fails, in no worker', async (context) => {
  const [first, second] = [await echo(context, 'first'), await echo(context, 'second')];
  const pool = new TestPool(context);
  await pool.apply(rows([first.port]));
  const port = await pool.port('in');
  const agent = keptAlive(8);
  context.after(() => agent.destroy());
  const load = new Load(8, async () => {
    const { status } = await exchange({ port }, {}, agent);
    assert.equal(status, 200);
  });
  const listeners = [
    listener('in', [chain('http', {}, { terminal: manager({ kind: 'rds', name: 'in' }) })]),
    listener('more', [chain('http', {}, { terminal: manager({ kind: 'rds', name: 'in' }) })]),
  ];
  for (let round = 0; round < 6; round += 1) {
    await load.more(30);
    await pool.apply(rows([round % 2 === 0 ? second.port : first.port], round % 3 === 0 ? { listeners } : {}));
  }
  await load.more(30);
  await load.stop();
  assert.equal(await pool.port('in'), port);
});

test('a worker that dies is replaced; the others serve on, its limits are given back and its listeners come again', async (context) => {
  const app = await echo(context);
  const limits = { ...cluster('app').circuitBreakers.default, maxRequests: 8 };
  const limited = cluster('app', { circuitBreakers: { ...cluster('app').circuitBreakers, default: limits } });
  const pool = new TestPool(context);
  await pool.apply(rows([app.port], { clusters: [limited] }));
  const port = await pool.port('in');
  const hanging = burst(port, 8, { path: '/?delay=1500' });
  await until(() => app.requests === 8);
  pool.harm({ engine: 2, kind: 'throw' });
  await until(() => pool.lines.some((line) => line.includes('a worker ended and is replaced')));
  const line = pool.lines.find((text) => text.includes('a worker ended')) ?? '';
  assert.match(line, /"worker":2/);
  assert.match(line, /harmed by a test/);
  await until(async () => (await pool.metrics('weft_worker_restarts_total')).join() === 'weft_worker_restarts_total 1');
  assert.equal(pool.pool.state, 'live');
  const outcomes = await hanging;
  const cut = outcomes.filter((outcome) => outcome instanceof Error).length;
  assert.equal(ok(outcomes), 8 - cut);
  await until(async () => ok(await burst(port, 8, { path: '/?delay=100' })) === 8, { what: 'all eight places free' });
});

test('a worker whose event loop stands still is replaced', async (context) => {
  const app = await echo(context);
  const pool = new TestPool(context, { watchdog: { everyMs: 300, missed: 8 } });
  await pool.apply(rows([app.port]));
  const port = await pool.port('in');
  pool.harm({ engine: 1, kind: 'block', ms: 60_000 });
  await until(() => pool.lines.some((line) => line.includes('its event loop was blocked for 2.4 s')));
  await until(async () => ok(await burst(port, 20)) === 20, { what: 'both serve' });
});

test('active health checks run once for the process, and every worker goes by them', async (context) => {
  const [good, sick] = [await echo(context, 'good'), await echo(context, 'sick')];
  const ports = [good.port, sick.port];
  const check = (path: string): HealthCheck => ({
    timeout: 20_000,
    interval: 60_000,
    noTrafficInterval: 60_000,
    intervalJitter: 0,
    intervalJitterPercent: 0,
    unhealthyInterval: 60_000,
    unhealthyEdgeInterval: 60_000,
    healthyEdgeInterval: 60_000,
    noTrafficHealthyInterval: 60_000,
    initialJitter: 0,
    unhealthyThreshold: 1,
    healthyThreshold: 1,
    check: {
      kind: 'http',
      method: 'GET',
      retriableStatuses: [],
      headersToAdd: [],
      headersToRemove: [],
      path,
      host: '',
      expectedStatuses: [],
    },
  });
  const checked = (path: string): ProxyConfig =>
    rows(ports, { clusters: [cluster('app', { panicThreshold: 0, healthChecks: [check(path)] })] });
  const pool = new TestPool(context, { concurrency: 3 });
  await pool.apply(checked('/'));
  assert.deepEqual([good.requests, sick.requests], [1, 1]);
  const port = await pool.port('in');
  assert.equal(ok(await burst(port, 30)), 30);
  assert.ok(good.requests > 1 && sick.requests > 1);
  await sick.stop();
  await pool.apply(checked('/?status=200'));
  assert.equal(ok(await burst(port, 30)), 30);
  assert.equal(await pool.stat('cluster.app.membership_healthy'), '1');
});

test('a port accepts nobody before a worker serves it, and everybody from then on', async (context) => {
  const app = await echo(context);
  const pool = new TestPool(context);
  const port = await freePort();
  const knocking = new Worker(new URL('./testing/knock.ts', import.meta.url), { workerData: { port } });
  await once(knocking, 'message');
  const there = { kind: 'ip', ip: '127.0.0.1', port } as const;
  const terminal = manager({ kind: 'rds', name: 'in' });
  const chains = [chain('http', {}, { terminal })];
  // The more there are to bind, the longer the first of them waits.
  const others = Array.from({ length: 100 }, (_, index) => listener(`other-${index}`, chains));
  await pool.apply(rows([app.port], { listeners: [listener('in', chains, { address: there }), ...others] }));
  assert.equal(ok(await burst(port, 20)), 20);
  knocking.postMessage('stop');
  const [knocks] = (await once(knocking, 'message')) as [Knock[]];
  const served = knocks.indexOf('answered');
  assert.ok(served >= 0);
  assert.ok(!knocks.includes('closed'), 'somebody was let in and not served');
  assert.ok(knocks.lastIndexOf('refused') < served, 'refused after others were served');
});

test('a port in use is a fault with the words of one engine, though workers share addresses; the last version stays', async (context) => {
  const app = await echo(context);
  const pool = new TestPool(context);
  await pool.apply(rows([app.port]));
  const port = await pool.port('in');
  const there = { kind: 'ip', ip: '127.0.0.1', port: app.port } as const;
  const terminal = manager({ kind: 'rds', name: 'in' });
  const { faults } = await pool.pool.apply(
    rows([app.port], { listeners: [listener('in', [chain('http', {}, { terminal })], { address: there })] }),
  );
  assert.deepEqual(faults, [
    { table: 'listeners', name: 'in', message: `listener in: 127.0.0.1:${app.port} is in use by another process` },
  ]);
  assert.equal(ok(await burst(port, 4)), 4);
});

test('Unix sockets: one worker opens them; access logs of all workers are whole lines of one file', async (context) => {
  const app = await echo(context);
  using folder = temporaryFolder();
  const socketPath = path.join(folder.path, 'in.sock');
  const log = path.join(folder.path, 'access.log');
  const accessLogs = [
    {
      sink: { kind: 'file', path: log },
      format: { kind: 'text', text: '%CONNECTION_ID% %RESPONSE_CODE% end\n' },
    },
  ] as const;
  const terminal = manager({ kind: 'rds', name: 'in' }, { accessLogs: accessLogs as never });
  const pool = new TestPool(context);
  await pool.apply(
    rows([app.port], {
      listeners: [
        listener('in', [chain('http', {}, { terminal })]),
        listener('pipe', [chain('http', {}, { terminal })], { address: { kind: 'pipe', path: socketPath, mode: 0 } }),
      ],
    }),
  );
  const port = await pool.port('in');
  assert.equal(ok(await burst(port, 50)), 50);
  for (let count = 0; count < 5; count += 1) assert.equal((await exchange({ socketPath })).status, 200);
  await pool.pool.stop();
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 55);
  assert.ok(lines.every((line) => /^\d+ 200 end$/.test(line)));
  assert.equal(new Set(lines.map((line) => line.split(' ')[0])).size, 55, "connection numbers are the process's");
});

test("an endpoint that failures eject is ejected in all workers; counts are the process's", async (context) => {
  const good = await echo(context, 'good');
  const ports = [good.port, await freePort()];
  const outlierDetection: OutlierDetection = { ...OUTLIERS, consecutive5xx: 4 };
  const pool = new TestPool(context);
  await pool.apply(rows(ports, { clusters: [cluster('app', { outlierDetection })] }));
  const port = await pool.port('in');
  await until(async () => {
    await burst(port, 4);
    return (await pool.stat('cluster.app.outlier_detection.ejections_enforced_consecutive_5xx')) === '1';
  });
  await until(async () => ok(await burst(port, 30)) === 30, { what: 'no worker uses it' });
  assert.equal(await pool.stat('cluster.app.outlier_detection.ejections_active'), '1');
});

test('drain counts what was cut in all workers, and workers that come later do not open again', async (context) => {
  const app = await echo(context);
  const pool = new TestPool(context);
  await pool.apply(rows([app.port]));
  const port = await pool.port('in');
  const hanging = burst(port, 6, { path: '/?delay=5000' });
  await until(() => app.requests === 6);
  assert.equal(await pool.pool.drain(200), 6);
  assert.equal(pool.pool.state, 'draining');
  assert.ok((await hanging).every((outcome) => outcome instanceof Error));
  await assert.rejects(exchange({ port }));
});

test('a worker whose event loop is late sheds load, the other serves on, and both serve again', async (context) => {
  const app = await echo(context);
  const monitor = 'weft.resource_monitors.event_loop_lag';
  const overload: Overload = {
    refreshInterval: 20,
    monitors: [{ name: monitor, resource: { kind: 'event-loop-lag', max: 200 } }],
    actions: [{ action: 'stop-accepting-requests', triggers: [{ monitor, threshold: 1 }] }],
  };
  const pool = new TestPool(context, { overload });
  await pool.apply(rows([app.port]));
  const port = await pool.port('in');
  pool.harm({ engine: 1, kind: 'slow', ms: 300, times: 9 });
  const statuses: number[] = [];
  const ask = async (count: number): Promise<number> => {
    const outcomes = await burst(port, count);
    statuses.push(...outcomes.map((outcome) => ('status' in outcome ? outcome.status : 0)));
    return ok(outcomes);
  };
  await until(async () => {
    await ask(12);
    return statuses.includes(503) && statuses.includes(200);
  });
  await until(() => pool.lines.some((line) => line.includes('load is shed no more')));
  await until(async () => (await ask(24)) === 24, { what: 'both serve again' });
  assert.ok(!statuses.includes(0));
  const refused = statuses.filter((status) => status === 503).length;
  const [counted = ''] = await pool.metrics('envoy_http_downstream_rq_overload_close');
  assert.match(counted, new RegExp(` ${refused}$`));
});

test('secrets reach every worker: a listener waits for its own, the next one takes its place, the key is in no log', async (context) => {
  const app = await echo(context);
  const authority = new TestAuthority();
  const sds = (name: string) => ({ kind: 'sds', name, sdsCluster: undefined }) as const;
  const transport: FilterChain['transport'] = {
    kind: 'tls',
    certificates: [sds('OWN')],
    validation: undefined,
    requireClientCertificate: false,
    alpnProtocols: [],
    parameters: { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] },
  };
  const terminal = manager({ kind: 'rds', name: 'in' });
  const pool = new TestPool(context, { warmTime: 50 });
  const first = await pool.pool.apply(
    rows([app.port], { listeners: [listener('in', [chain('tls', {}, { transport, terminal })])] }),
  );
  assert.deepEqual(first, { faults: [], warnings: [], waiting: [{ listener: 'in', secret: 'OWN' }] });
  const shown = async (port: number): Promise<string> => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { subjectaltname = '' } = socket.getPeerCertificate();
    socket.destroy();
    return subjectaltname;
  };
  const all = async (name: string): Promise<void> => {
    const port = await until(() => pool.port('in').catch(() => undefined));
    await until(async () => {
      const names = await Promise.all(Array.from({ length: 16 }, () => shown(port)));
      return names.every((each) => each.includes(name));
    });
  };
  const secret = (account: string) => authority.leaf({ uris: [`spiffe://mesh.test/ns/shop/sa/${account}`] });
  pool.secrets.setCertificate('OWN', secret('first'));
  await all('sa/first');
  pool.secrets.setCertificate('OWN', secret('second'));
  await all('sa/second');
  assert.ok(pool.lines.every((line) => !line.includes('PRIVATE')));
});

test('names are resolved once for all workers', async (context) => {
  const app = await echo(context);
  const named = { ...endpoint(app.port), address: { kind: 'name', name: 'localhost', port: app.port } as const };
  const discovery: Cluster['discovery'] = {
    kind: 'strict-dns',
    endpoints: endpointSet('app', [named]),
    refreshRate: 60_000,
    failureRefreshRate: undefined,
    respectTtl: false,
    jitter: 0,
    family: 'v4-only',
  };
  const pool = new TestPool(context);
  await pool.apply(rows([], { clusters: [cluster('app', { discovery })] }));
  assert.equal(ok(await burst(await pool.port('in'), 12)), 12);
  assert.equal(await pool.stat('cluster.app.membership_total'), '1');
});
