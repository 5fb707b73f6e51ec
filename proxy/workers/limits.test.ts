import assert from 'node:assert/strict';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { until } from '@weft/testkit/wait';
import type {
  HttpFilter,
  Listener,
  LocalRateLimitFilter,
  NetworkFilter,
  ProxyConfig,
  TokenBucket,
} from '@weft/core/proxy-config';
import { EMPTY_PROXY_CONFIG } from '@weft/core/proxy-config';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable, tcpProxy } from '../testing/config.ts';
import { config } from '../testing/engines.ts';
import { handover } from './handover.ts';
import { FollowedLimits, LimitLedgers } from './limits.ts';
import { burst, TestPool } from './testing/pool.ts';

const ALL = { numerator: 100, denominator: 100 } as const;
const tokens = (count: number): TokenBucket => ({ maxTokens: count, tokensPerFill: 1, fillInterval: 3_600_000 });

const limit = (count: number, over: Partial<LocalRateLimitFilter> = {}): LocalRateLimitFilter => ({
  kind: 'local-rate-limit',
  statPrefix: 'limit',
  status: 429,
  bucket: tokens(count),
  enabled: ALL,
  enforced: ALL,
  requestHeadersWhenNotEnforced: [],
  responseHeaders: [],
  perConnection: false,
  tellsLimits: false,
  resourceExhausted: false,
  ...over,
});
const filter = (row: LocalRateLimitFilter): HttpFilter => ({ ...row, name: 'limit', disabled: false });
const delay = (maxActiveFaults: number): HttpFilter => ({
  kind: 'fault',
  name: 'fault',
  disabled: false,
  delay: { fixed: 1500, fraction: ALL },
  abort: undefined,
  upstreamCluster: '',
  headers: [],
  downstreamNodes: [],
  maxActiveFaults,
  responseRateLimit: undefined,
  downstreamClusterStats: false,
});
const connections = (count: number): NetworkFilter => ({
  kind: 'local-rate-limit',
  statPrefix: 'limit',
  bucket: tokens(count),
  enabled: true,
});

const http = (httpFilters: readonly HttpFilter[], name = 'http'): Listener =>
  listener('in', [
    chain(name, {}, { terminal: manager({ kind: 'rds', name: 'in' }, { statPrefix: 'in', httpFilters }) }),
  ]);

const rows = (app: number, listeners: readonly Listener[], routes = routeTable('in', 'app')): ProxyConfig =>
  config({
    listeners: [...listeners],
    routes: [routes],
    clusters: [cluster('app')],
    endpoints: [endpointSet('app', [endpoint(app)])],
  });

async function echo(context: TestContext): Promise<EchoServer> {
  const server = new EchoServer('app');
  await server.start();
  context.after(() => server.stop());
  return server;
}

const ok = (outcomes: readonly unknown[]): number =>
  outcomes.filter((outcome) => (outcome as { status?: number }).status === 200).length;

test('a bucket of 7 lets 7 requests pass over all workers; what was taken stays taken over changes and deaths', async (context) => {
  const app = await echo(context);
  const pool = new TestPool(context);
  await pool.apply(rows(app.port, [http([filter(limit(7))])]));
  const port = await pool.port('in');
  assert.equal(ok(await burst(port, 5)), 5);
  // Another chain beside an equal filter: the engines build anew.
  await pool.apply(rows(app.port, [http([filter(limit(7))], 'renamed')]));
  pool.harm({ engine: 1, kind: 'throw' });
  await until(() => pool.lines.some((line) => line.includes('a worker ended and is replaced')));
  const outcomes = await burst(port, 40);
  const refused = outcomes.filter((outcome) => 'status' in outcome && outcome.status === 429).length;
  assert.equal(ok(outcomes) + refused + outcomes.filter((outcome) => outcome instanceof Error).length, 40);
  assert.ok(ok(outcomes) <= 2 && refused >= 1);
  assert.equal(app.requests, 5 + ok(outcomes));
  await until(async () => (await burst(port, 20)).every((outcome) => 'status' in outcome && outcome.status === 429));
  assert.equal(app.requests, 7);
  await pool.apply(rows(app.port, [http([filter(limit(8))])]));
  assert.equal(ok(await burst(port, 40)), 8, 'another bucket is full');
});

test("a route's bucket, its descriptors' and one of connections are the process's; one of each connection is not", async (context) => {
  const app = await echo(context);
  const table = routeTable('in', 'app');
  const [host] = table.virtualHosts;
  assert.ok(host !== undefined);
  const descriptors = {
    stage: 0,
    hostLimits: 'include',
    alwaysAll: false,
    limits: [{ entries: [['who', 'x']], bucket: tokens(4) }],
  } as const;
  const limited = {
    ...table,
    virtualHosts: [
      {
        ...host,
        rateLimits: [{ stage: 0, actions: [{ kind: 'generic-key', key: 'who', value: 'x' } as const] }],
        filterOverrides: [{ filter: 'limit', disabled: false, config: limit(3, { descriptors }) }],
      },
    ],
  };
  const pool = new TestPool(context);
  await pool.apply(rows(app.port, [http([filter(limit(1))])], limited));
  const port = await pool.port('in');
  assert.equal(ok(await burst(port, 40)), 4);
  await pool.apply(rows(app.port, [http([filter(limit(1, { perConnection: true }))])]));
  assert.equal(ok(await burst(port, 20)), 20);
  const tcp = listener('in', [chain('tcp', {}, { networkFilters: [connections(6)], terminal: tcpProxy('app') })]);
  await pool.apply(rows(app.port, [tcp]));
  assert.equal(ok(await burst(port, 40)), 6);
  assert.equal(await pool.stat('local_rate_limit.limit.rate_limited'), '34');
});

test('the most active faults are those of the process; what a dead worker held is free again', async (context) => {
  const app = await echo(context);
  const pool = new TestPool(context);
  await pool.apply(rows(app.port, [http([delay(3)])]));
  const port = await pool.port('in');
  const round = async (): Promise<number> => {
    const before = Number(await pool.stat('http.in.fault.faults_overflow'));
    assert.equal(ok(await burst(port, 30)), 30);
    return 30 - (Number(await pool.stat('http.in.fault.faults_overflow')) - before);
  };
  assert.equal(await round(), 3);
  assert.equal(await pool.stat('http.in.fault.active_faults'), '0');
  const held = burst(port, 30);
  await until(async () => (await pool.stat('http.in.fault.active_faults')) === '3');
  for (const engine of [1, 2]) pool.harm({ engine, kind: 'throw' });
  await held;
  await until(async () => ok(await burst(port, 1)) === 1 && ok(await burst(port, 10)) === 10);
  await until(async () => (await round()) === 3, { what: 'three again' });
});

test('open connections are limited over all workers; what a dead worker held is free again', async (context) => {
  const app = await echo(context);
  const pool = new TestPool(context);
  const limited: NetworkFilter = { kind: 'connection-limit', statPrefix: 'open', maxConnections: 3, delay: 0 };
  const tcp = listener('in', [chain('tcp', {}, { networkFilters: [limited], terminal: tcpProxy('app') })]);
  await pool.apply(rows(app.port, [tcp]));
  const port = await pool.port('in');
  const active = (): Promise<string | undefined> => pool.stat('connection_limit.open.active_connections');
  const open = (): net.Socket[] =>
    Array.from({ length: 20 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  const held = open();
  context.after(() => held.forEach((socket) => socket.destroy()));
  await until(async () => (await pool.stat('connection_limit.open.limited_connections')) === '17');
  assert.equal(await active(), '3');
  held.forEach((socket) => socket.destroy());
  await until(async () => (await active()) === '0');
  held.push(...open());
  await until(async () => (await active()) === '3');
  for (const engine of [1, 2]) pool.harm({ engine, kind: 'throw' });
  await until(() => pool.lines.filter((line) => line.includes('a worker ended and is replaced')).length >= 2);
  await until(
    async () => {
      held.push(...open());
      return (await active()) === '3';
    },
    { what: 'three again' },
  );
});

test('memory follows the filter: kept while it is equal, apart for equal ones, gone with its row', () => {
  const ledgers = new LimitLedgers(2);
  let current = EMPTY_PROXY_CONFIG;
  const buffers = (next: ProxyConfig): readonly SharedArrayBuffer[] => {
    const { filters } = ledgers.of(handover(current, next));
    current = next;
    return filters;
  };
  const [first, second] = buffers(rows(1, [http([filter(limit(5)), filter(limit(5))])]));
  assert.ok(first !== undefined && second !== undefined && first !== second);
  assert.deepEqual(buffers(rows(1, [http([filter(limit(5)), filter(limit(6)), filter(limit(5))], 'n')])).length, 3);
  const kept = ledgers.of(handover(EMPTY_PROXY_CONFIG, current)).filters;
  assert.ok(kept[0] === first && kept[1] !== second && kept[2] === second);
  buffers(rows(1, []));
  assert.notEqual(buffers(rows(1, [http([filter(limit(5))])]))[0], first);
});

test('a worker finds the memory of every filter in the copy that it got', () => {
  const ledgers = new LimitLedgers(2);
  const next = rows(1, [http([filter(limit(5)), delay(1), filter(limit(9))])]);
  const config = handover(EMPTY_PROXY_CONFIG, next);
  const message = structuredClone({ config, limits: ledgers.of(config) });
  const followed = new FollowedLimits(2, process.hrtime.bigint());
  followed.take(message.config, message.limits);
  const [, row] = message.config.listeners.rows[0] ?? [];
  assert.ok(row !== undefined && 'filterChains' in row);
  const terminal = row.filterChains[0]?.terminal;
  assert.ok(terminal?.kind === 'http-connection-manager');
  const cells = terminal.manager.httpFilters.map((each) => followed.buckets(each)?.cells.length);
  assert.deepEqual(cells, [1, undefined, 1]);
  assert.equal(followed.faults('in')?.take(0, 1), true);
  assert.equal(followed.faults('in')?.take(0, 1), false);
  assert.equal(followed.faults('other'), undefined);
});
