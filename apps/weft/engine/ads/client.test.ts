import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import { cluster, endpoints, listener, setUp } from './testing/scripted.ts';
import { TYPE_URLS } from './types.ts';

test('asks for clusters and listeners, then for what they name, and is ready when all is there', async () => {
  const { open, answer, sent, applied, ready } = setUp();
  open();
  assert.deepEqual(
    sent.map(({ typeUrl, withNode }) => [typeUrl, withNode]),
    [
      [TYPE_URLS.clusters, true],
      [TYPE_URLS.listeners, false],
    ],
  );
  await answer('clusters', '1', [cluster('a')]);
  assert.deepEqual(
    sent.slice(2).map(({ typeUrl, versionInfo, names }) => [typeUrl, versionInfo, names]),
    [
      [TYPE_URLS.clusters, '1', []],
      [TYPE_URLS.endpoints, '', ['a-eds']],
    ],
  );
  assert.equal(applied.at(-1)?.clusters.size, 0, 'a cluster waits for its endpoints');
  await answer('endpoints', '1', [endpoints('a-eds')]);
  assert.equal(applied.at(-1)?.clusters.size, 1);
  assert.equal(ready(), 0);
  await answer('listeners', '1', [listener('l')]);
  assert.equal(sent.at(-1)?.versionInfo, '1');
  assert.equal(ready(), 1);
});

test('a bad resource is refused by name and path; its last good row stays, the others are taken', async () => {
  const { open, answer, sent, applied, refused } = setUp();
  open();
  await answer('clusters', '1', [cluster('b'), cluster('c')]);
  await answer('endpoints', '1', [endpoints('b-eds'), endpoints('c-eds')]);
  await answer('clusters', '2', [cluster('a'), { name: 'b', bad: 'too short' }]);
  const [refusal] = sent.filter(({ error }) => error !== undefined);
  assert.equal(refusal?.versionInfo, '1');
  assert.equal(refusal?.nonce, 'n2');
  assert.match(refusal?.error ?? '', /^b: .*too short/);
  assert.equal(refused.length, 1);
  await answer('endpoints', '3', [endpoints('a-eds'), endpoints('b-eds')]);
  assert.deepEqual([...(applied.at(-1)?.clusters.keys() ?? [])].sort(), ['a', 'b']);
});

test('the same answer again is refused later and later, so that a control plane that repeats it makes no loop', async () => {
  const waits: number[] = [];
  const runs: (() => void)[] = [];
  const later = (delay: number, run: () => void): void => {
    waits.push(delay);
    runs.push(run);
  };
  const { open, answer, sent, refused } = setUp(new Map(), { later });
  open();
  for (const version of ['1', '2', '3', '4']) await answer('clusters', version, [{ name: 'b', bad: 'too short' }]);
  assert.deepEqual(waits, [200, 400, 800]);
  assert.equal(sent.filter(({ error }) => error !== undefined).length, 1);
  assert.equal(refused.length, 1);
  for (const run of runs) run();
  assert.deepEqual(
    sent.filter(({ error }) => error !== undefined).map(({ nonce }) => nonce),
    ['n1', 'n4'],
    'only the last answer is of interest by then',
  );
});

test('a listener that cannot open its port is a refusal', async () => {
  const { open, answer, sent, ready } = setUp(new Map([['l', 'port 80 is in use']]));
  open();
  await answer('clusters', '1', []);
  await answer('listeners', '1', [listener('l')]);
  assert.match(sent.at(-1)?.error ?? '', /l: port 80 is in use/);
  assert.equal(ready(), 0);
});

test('a new stream states the versions held', async () => {
  const { client, open, answer, sent } = setUp();
  open();
  await answer('clusters', '7', [cluster('a')]);
  await answer('endpoints', '8', [endpoints('a-eds')]);
  await answer('listeners', '9', []);
  client.closed();
  sent.length = 0;
  open();
  assert.deepEqual(
    sent.map(({ typeUrl, versionInfo, nonce, names, withNode }) => [typeUrl, versionInfo, nonce, names, withNode]),
    [
      [TYPE_URLS.clusters, '7', '', [], true],
      [TYPE_URLS.endpoints, '8', '', ['a-eds'], false],
      [TYPE_URLS.listeners, '9', '', [], false],
    ],
  );
});

test('a changed cluster keeps its applied row until its new endpoints are there', async () => {
  const { open, answer, applied } = setUp();
  open();
  await answer('clusters', '1', [cluster('a')]);
  await answer('endpoints', '1', [endpoints('a-eds')]);
  const before = applied.at(-1)?.clusters.get('a');
  await answer('clusters', '2', [{ ...cluster('a'), discovery: { kind: 'eds', serviceName: 'other' } }]);
  assert.equal(applied.at(-1)?.clusters.get('a'), before);
  await answer('endpoints', '2', [endpoints('other')]);
  assert.deepEqual(applied.at(-1)?.clusters.get('a')?.discovery, { kind: 'eds', serviceName: 'other' });
});

test('each row waits for what it names, and no longer than its time, however long the client has run', async () => {
  const clock = new FakeClock();
  const { client, open, answer, applied, ready } = setUp(new Map(), { fetch: { timeout: 15_000, clock } });
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  open();
  await answer('clusters', '1', [cluster('a'), cluster('never')]);
  await answer('endpoints', '1', [endpoints('a-eds')]);
  await answer('listeners', '1', []);
  clock.advance(14_999);
  await turns();
  assert.deepEqual([...(applied.at(-1)?.clusters.keys() ?? [])], ['a'], 'one has no endpoints yet');
  assert.equal(ready(), 0);
  clock.advance(1);
  await turns();
  assert.deepEqual([...(applied.at(-1)?.clusters.keys() ?? [])], ['a', 'never'], 'its time is over');
  assert.deepEqual(applied.at(-1)?.endpoints.get('never-eds')?.localities, []);
  assert.equal(ready(), 1);
  client.stopWaiting();
  clock.advance(60_000);
  await turns();
  // Much later: a change of what serves, and something new.
  const before = applied.at(-1)?.clusters.get('a');
  const other = { ...cluster('a'), discovery: { kind: 'eds', serviceName: 'other' } };
  await answer('clusters', '2', [other, cluster('b')]);
  assert.deepEqual([...(applied.at(-1)?.clusters ?? [])], [['a', before]], 'the old one serves until the new one can');
  await answer('endpoints', '2', [endpoints('b-eds')]);
  assert.deepEqual([...(applied.at(-1)?.clusters.keys() ?? [])], ['a', 'b']);
  assert.equal(applied.at(-1)?.clusters.get('a'), before);
  clock.advance(15_000);
  await turns();
  assert.deepEqual(applied.at(-1)?.clusters.get('a')?.discovery, { kind: 'eds', serviceName: 'other' });
  assert.equal(clock.waiting, 0);
  await answer('clusters', '3', [cluster('a'), cluster('c')]);
  assert.equal(clock.waiting, 2, 'a-eds is asked for anew, c-eds for the first time');
  client.stop();
  assert.equal(clock.waiting, 0);
});

test('what requests want is asked for by name beside everything, also on the next stream, and never forgotten for the others', async () => {
  const { client, open, answer, sent } = setUp(new Map(), { delta: true });
  open();
  await answer('clusters', '1', []);
  sent.length = 0;
  client.demand('clusters', 'late');
  client.demand('clusters', 'late');
  client.demand('routes', 'table');
  assert.deepEqual(
    sent.map(({ typeUrl, subscribe }) => [typeUrl, subscribe]),
    [
      [TYPE_URLS.clusters, ['late']],
      [TYPE_URLS.routes, ['table']],
    ],
  );
  client.closed();
  sent.length = 0;
  open();
  assert.deepEqual(
    sent.map(({ typeUrl, subscribe }) => [typeUrl, subscribe]),
    [
      [TYPE_URLS.clusters, ['*', 'late']],
      [TYPE_URLS.listeners, []],
      [TYPE_URLS.routes, ['table']],
    ],
  );
});

test('initial_fetch_timeout: a time of its own for each, and none for what says 0', async () => {
  const clock = new FakeClock();
  const { open, answer, applied } = setUp(new Map(), { fetch: { timeout: 15_000, clock } });
  const eds = (name: string, fetchTimeout: number) => ({
    name,
    discovery: { kind: 'eds', serviceName: `${name}-eds`, fetchTimeout },
  });
  const byRds = {
    ...listener('web'),
    filterChains: [
      {
        terminal: {
          kind: 'http-connection-manager',
          manager: { routes: { kind: 'rds', name: 'table', fetchTimeout: 3000 }, httpFilters: [] },
        },
      },
    ],
  };
  const after = async (ms: number): Promise<string[]> => {
    clock.advance(ms);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    return [...(applied.at(-1)?.clusters.keys() ?? []), ...(applied.at(-1)?.listeners.keys() ?? [])];
  };
  open();
  await answer('clusters', '1', [eds('soon', 1000), eds('for-ever', 0), cluster('as-ever')]);
  await answer('listeners', '1', [byRds]);
  assert.deepEqual(await after(999), []);
  assert.deepEqual(await after(1), ['soon']);
  assert.deepEqual(await after(2000), ['soon', 'web']);
  assert.deepEqual(await after(12_000), ['soon', 'as-ever', 'web']);
  assert.deepEqual(await after(3_600_000), ['soon', 'as-ever', 'web']);
  await answer('endpoints', '1', [endpoints('for-ever-eds')]);
  assert.deepEqual(await after(0), ['soon', 'for-ever', 'as-ever', 'web']);
});
