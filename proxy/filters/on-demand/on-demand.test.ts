// Rows on demand: requests wait for what their route or scope names, it is asked for once, and what does not come is answered as if nobody had waited.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { HttpConnectionManager, ProxyConfig } from '@weft/core/proxy-config';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { until } from '@weft/testkit/wait';
import type { WantedRow } from '../../engine/index.ts';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable } from '../../testing/config.ts';
import { config, startEngine } from '../../testing/engines.ts';

const SCOPED: HttpConnectionManager['routes'] = {
  kind: 'scoped',
  name: 'by-tenant',
  fragments: [{ header: 'x-tenant', elementSeparator: '', element: { kind: 'index', index: 0 } }],
  scopes: undefined,
};

async function world(
  context: TestContext,
  routes: HttpConnectionManager['routes'],
  clusterTimeout: number | undefined,
) {
  const app = new EchoServer('late');
  await app.start();
  context.after(() => app.stop());
  const filtered = manager(routes, {
    httpFilters: [{ kind: 'on-demand', name: 'on-demand', disabled: false, clusterTimeout }],
  });
  const rows = (tables: readonly string[], clusters: readonly string[]): ProxyConfig =>
    config({
      listeners: [listener('in', [chain('http', {}, { terminal: filtered })])],
      scopes:
        routes.kind === 'scoped'
          ? [{ name: 'one', key: ['one'], routes: { kind: 'rds', name: 'table' }, onDemand: true }]
          : [],
      routes: tables.map((name) => routeTable(name, 'late')),
      clusters: clusters.map((name) => cluster(name)),
      endpoints: clusters.map((name) => endpointSet(name, [endpoint(app.port)])),
    });
  const wanted: WantedRow[] = [];
  const { engine, port } = await startEngine(context, rows(routes.kind === 'rds' ? ['table'] : [], []), {
    wanted: (row) => void wanted.push(row),
  });
  const ask = (headers: Record<string, string> = {}) => exchange({ port: port('in') }, { headers });
  return { engine, rows, wanted, ask };
}

const TABLE = { kind: 'rds', name: 'table' } as const;

test('requests wait for their cluster, which is asked for once, and go on when it is there', async (context) => {
  const { engine, rows, wanted, ask } = await world(context, TABLE, 60_000);
  const answers = [ask(), ask(), ask()];
  await until(() => wanted.length > 0, { what: 'the wish' });
  // Another configuration without it wakes nobody.
  await engine.apply(rows(['table'], ['other']));
  await engine.apply(rows(['table'], ['other', 'late']));
  for (const { status, headers } of await Promise.all(answers)) {
    assert.equal(status, 200);
    assert.equal(headers['x-backend'], 'late');
  }
  assert.deepEqual(wanted, [{ table: 'clusters', name: 'late' }]);
  assert.equal((await ask()).status, 200);
  assert.equal(wanted.length, 1, 'what is there is not asked for');
});

test('a cluster that does not come in its time is answered as ever, and asked for again by the next request', async (context) => {
  const { wanted, ask } = await world(context, TABLE, 50);
  assert.equal((await ask()).status, 503);
  assert.equal((await ask()).status, 503);
  assert.equal(wanted.length, 2);
});

test('without a source of clusters none is asked for', async (context) => {
  const { wanted, ask } = await world(context, TABLE, undefined);
  assert.equal((await ask()).status, 503);
  assert.deepEqual(wanted, []);
});

test('a scope whose table is on demand: first the table, then the cluster that it names; a scope that is not there is not waited for', async (context) => {
  const { engine, rows, wanted, ask } = await world(context, SCOPED, 60_000);
  assert.equal((await ask({ 'x-tenant': 'two' })).status, 404);
  assert.deepEqual(wanted, []);
  const answer = ask({ 'x-tenant': 'one' });
  await until(() => wanted.length === 1, { what: 'the wish for the table' });
  await engine.apply(rows(['table'], []));
  await until(() => wanted.length === 2, { what: 'the wish for the cluster' });
  await engine.apply(rows(['table'], ['late']));
  assert.equal((await answer).status, 200);
  assert.deepEqual(wanted, [
    { table: 'routes', name: 'table' },
    { table: 'clusters', name: 'late' },
  ]);
});
