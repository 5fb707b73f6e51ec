import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { sqliteStore } from '../store/sqlite/index.ts';
import { runApi, service } from './testing/running-api.ts';

const SERVICES = '/api/v1/namespaces/default/services';

test('after a restart over the same folder: tokens hold, addresses stay taken, a watch goes on where it was', async (t) => {
  using folder = temporaryFolder();
  const first = await runApi(t, { store: sqliteStore({ folder: folder.path }) });
  const a = (await first.call('POST', SERVICES, service('a'))).body;
  await first.call('POST', SERVICES, service('b'));
  await first.server.stop();
  first.resources.stop();
  await first.store.stop();

  const second = await runApi(t, { store: sqliteStore({ folder: folder.path }) });
  const bearer = { authorization: `Bearer ${first.token}` };
  assert.deepEqual((await second.call('GET', `${SERVICES}/a`, undefined, bearer)).body, a);
  const taken = await second.call('POST', SERVICES, service('c', { clusterIP: a.spec.clusterIP }), bearer);
  assert.equal(taken.code, 422);
  const since = await fetch(
    `${second.url}${SERVICES}?watch=1&timeoutSeconds=1&resourceVersion=${a.metadata.resourceVersion}`,
    { headers: bearer },
  );
  const reader = since.body?.getReader();
  const chunk = await reader?.read();
  const event = JSON.parse(new TextDecoder().decode(chunk?.value).split('\n')[0] ?? '');
  assert.deepEqual([event.type, event.object.metadata.name], ['ADDED', 'b']);
  await reader?.cancel();
});
