import assert from 'node:assert/strict';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { HTTP_ROUTE, MESH, SERVICE } from '@weft/core/resources';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { ApiServer } from '../server.ts';
import { runApi, service, systemClock } from '../testing/running-api.ts';
import { serveTls } from '../testing/tls-front.ts';
import { ApiClient, isRefusal, type JsonObject, LAST_APPLIED } from './index.ts';

async function local(t: TestContext) {
  const folder = temporaryFolder();
  const api = await runApi(t);
  const socketPath = path.join(folder.path, 'api.sock');
  assert.ok((await api.server.listenUnix(socketPath)).ok);
  const client = new ApiClient({ socketPath }, systemClock);
  t.after(() => {
    client.close();
    folder[Symbol.dispose]();
  });
  return { ...api, client, socketPath };
}

function value<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

const web = { kind: SERVICE, namespace: 'default', name: 'web' };
const object = (spec: object = {}, metadata: object = {}): JsonObject =>
  ({ ...service('web', spec), metadata: { name: 'web', namespace: 'default', ...metadata } }) as unknown as JsonObject;

test('apply: created, unchanged, configured; fields of others stay, fields no longer wished go', async (t) => {
  const { client, store } = await local(t);
  const origin = { file: 'a.yaml', firstLine: 3, text: 'kind: Service' };
  const first = value(
    await client.apply(web, object({ selector: { a: '1', b: '2' } }, { labels: { x: '1', y: '2' } }), { origin }),
  );
  assert.equal(first.outcome, 'created');
  assert.deepEqual(value(await client.origin(web)), origin);
  const revision = store.revision();
  const wished = object({ selector: { a: '1', b: '2' } }, { labels: { x: '1', y: '2' } });
  assert.equal(value(await client.apply(web, wished, { origin })).outcome, 'unchanged');
  assert.equal(store.revision(), revision);
  value(await client.patch(web, { metadata: { labels: { other: 'z' }, annotations: { note: 'n' } } }));
  const dry = value(await client.apply(web, object({ selector: { a: '1' } }), { dryRun: true }));
  assert.equal(dry.outcome, 'configured');
  const changed = value(await client.apply(web, object({ selector: { a: '1' } }, { labels: { x: '1' } })));
  assert.equal(changed.outcome, 'configured');
  const { metadata, spec } = changed.object as unknown as {
    metadata: { labels: object; annotations: Record<string, string> };
    spec: { selector: object; clusterIP: string };
  };
  assert.deepEqual(metadata.labels, { x: '1', other: 'z' });
  assert.equal(metadata.annotations['note'], 'n');
  assert.ok(metadata.annotations[LAST_APPLIED]?.includes('"selector":{"a":"1"}'));
  assert.deepEqual(spec.selector, { a: '1' });
  assert.match(spec.clusterIP, /^240\./);
  assert.equal(value(await client.origin(web)), undefined);
});

test('apply beside others who write the same object: nothing is lost', async (t) => {
  const { client } = await local(t);
  value(await client.apply(web, object()));
  const patches = Array.from({ length: 4 }, (_, n) => client.patch(web, { metadata: { labels: { [`p${n}`]: 'x' } } }));
  const [result] = await Promise.all([client.apply(web, object({ selector: { a: 'b' } })), ...patches]);
  value(result);
  const { metadata, spec } = value(await client.get(web)) as {
    metadata: { labels: object };
    spec: { selector: object };
  };
  assert.deepEqual([Object.keys(metadata.labels).length, spec.selector], [4, { a: 'b' }]);
});

test('refusals carry the Status, warnings come through, history and rollback', async (t) => {
  const { client } = await local(t);
  const refused = await client.apply(web, object({ portz: [] }));
  assert.ok(!refused.ok && refused.error.code === 'refused');
  assert.equal(refused.error.status.details?.causes?.[0]?.field, 'spec.portz');
  const absent = await client.get(web);
  assert.ok(!absent.ok && isRefusal(absent.error, 404));
  value(await client.apply(web, object({ selector: { v: '1' } })));
  value(await client.apply(web, object({ selector: { v: '2' } })));
  value(await client.delete(web));
  const history = value(await client.history(web));
  assert.deepEqual(
    history.map(({ operation }) => operation),
    ['create', 'update', 'delete'],
  );
  const back = value(await client.rollback(web, history[0]?.revision ?? 0));
  assert.deepEqual((back.object['spec'] as { selector: object }).selector, { v: '1' });
  const table = value(await client.table({ kind: SERVICE, namespace: 'default' }));
  assert.equal(table['kind'], 'Table');
  assert.equal(value(await client.list({ kind: MESH })).items.length, 1);
  assert.equal(value(await client.list({ kind: HTTP_ROUTE, namespace: 'default' })).items.length, 0);
  assert.equal(value(await client.version())['major'], '1');
});

test('watch: goes on after the server has ended it and after a compaction, tells each state once', async (t) => {
  const { client, server, resources, store, socketPath } = await local(t);
  const seen: string[] = [];
  let synced = 0;
  value(await client.apply(web, object()));
  const label = (n: number) => client.patch(web, { metadata: { labels: { n: String(n) } } });
  const watch = client.watch(
    { kind: SERVICE },
    {
      event: (type, { metadata }) => {
        const { name, labels } = metadata as { name: string; labels?: { n?: string } };
        seen.push(`${type} ${name} ${labels?.n ?? ''}`);
      },
      synced: () => (synced += 1),
    },
  );
  await until(() => synced === 1);
  value(await label(1));
  await until(() => seen.length === 2);
  await server.stop();
  const wall = { now: () => Date.now() };
  const next = new ApiServer({ resources, version: '2', wall, monotonic: systemClock, defect: () => undefined });
  t.after(() => next.stop());
  assert.ok((await next.listenUnix(socketPath)).ok);
  value(await label(2));
  value(
    await client.create({ ...web, name: 'late' }, { ...object(), metadata: { name: 'late', namespace: 'default' } }),
  );
  value(await client.delete({ ...web, name: 'late' }));
  value(await label(3));
  await store.compact(1e12, 1);
  await until(() => seen.at(-1) === 'MODIFIED web 3');
  value(await client.delete(web));
  await until(() => seen.at(-1)?.startsWith('DELETED web') === true);
  assert.deepEqual([seen[0], seen[1], synced], ['ADDED web ', 'MODIFIED web 1', 1]);
  watch.close();
  value(await client.apply(web, object()));
  assert.ok(seen.at(-1)?.startsWith('DELETED web'));
});

test('TLS: the control plane is verified; nothing listening and a foreign certificate are told apart', async (t) => {
  using folder = temporaryFolder();
  using other = temporaryFolder();
  const api = await runApi(t);
  const front = await serveTls(t, api.server, folder.path);
  const foreign = await serveTls(t, api.server, other.path);
  const { hostname: host, port } = new URL(front.url);
  const connect = (roots: string, token: string, at = Number(port)) => {
    const client = new ApiClient({ host, port: at, roots, token }, systemClock);
    t.after(() => client.close());
    return client;
  };
  assert.equal(value(await connect(front.roots, api.token).list({ kind: SERVICE })).items.length, 0);
  const message = async (client: ApiClient) => {
    const answer = await client.version();
    return answer.ok ? '' : answer.error.message;
  };
  assert.match(await message(connect(foreign.roots, api.token)), /its certificate is not of this control plane/);
  assert.match(await message(connect(front.roots, 'weft_x')), /a valid bearer token is needed/);
  assert.match(
    await message(connect(front.roots, api.token, 1)),
    /no control plane listens there: start it with `weft up`/,
  );
  const nobody = new ApiClient({ socketPath: path.join(folder.path, 'none.sock') }, systemClock);
  assert.match(await message(nobody), /no control plane runs there/);
  nobody.close();
});
