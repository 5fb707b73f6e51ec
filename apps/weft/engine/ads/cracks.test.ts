// Cracks of xDS that others met in the field, each as a case of the client, in both variants of the protocol.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { XdsSecret } from './port.ts';
import { cluster, endpoints, listener, type Sent, setUp } from './testing/scripted.ts';
import { TYPE_URLS } from './types.ts';

const bad = (name: string): object => ({ name, bad: 'cannot be' });
const byRds = (name: string, table: string): object => ({
  ...listener(name),
  filterChains: [
    {
      terminal: { kind: 'http-connection-manager', manager: { routes: { kind: 'rds', name: table }, httpFilters: [] } },
    },
  ],
});

for (const delta of [false, true]) {
  const variant = delta ? 'delta' : 'state of the world';
  const refusals = (sent: readonly Sent[], table: keyof typeof TYPE_URLS): string[] =>
    sent
      .filter(({ typeUrl, error }) => typeUrl === TYPE_URLS[table] && error !== undefined)
      .map(({ error }) => error ?? '');

  test(`${variant}: of an answer with a bad listener the rest is at work, removals too, and the mended one counts (Envoy 12592)`, async () => {
    const { open, answer, sent, applied } = setUp(new Map(), { delta });
    open();
    await answer('clusters', '1', []);
    await answer('listeners', '1', [listener('gone'), { ...listener('kept'), mark: 1 }]);
    const names = (): string[] => [...(applied.at(-1)?.listeners.keys() ?? [])].sort();
    assert.deepEqual(names(), ['gone', 'kept']);
    const before = applied.at(-1)?.listeners.get('kept');
    await answer('listeners', '2', [bad('kept'), listener('new')], ['gone']);
    assert.deepEqual(names(), ['kept', 'new']);
    assert.equal(applied.at(-1)?.listeners.get('kept'), before, 'its last good row');
    assert.match(refusals(sent, 'listeners').join(), /^kept: .*cannot be/);
    if (!delta) assert.equal(sent.at(-1)?.versionInfo, '1', 'what was accepted last');
    await answer('listeners', '3', [{ ...listener('kept'), mark: 3 }, listener('new')]);
    assert.equal((applied.at(-1)?.listeners.get('kept') as { mark?: number } | undefined)?.mark, 3);
    assert.equal(sent.at(-1)?.error, undefined);
    assert.equal(refusals(sent, 'listeners').length, 1);
  });

  test(`${variant}: after a refusal of clusters and a new stream clusters are asked for again, and taken (Envoy 34334)`, async () => {
    const { client, open, answer, sent, applied } = setUp(new Map(), { delta });
    open();
    await answer('clusters', '1', [bad('a')]);
    assert.equal(refusals(sent, 'clusters').length, 1);
    client.closed();
    sent.length = 0;
    open();
    const [asked] = sent.filter(({ typeUrl }) => typeUrl === TYPE_URLS.clusters);
    assert.ok(asked !== undefined, 'nobody asked');
    assert.equal(asked.error, undefined);
    assert.equal(asked.versionInfo ?? '', '', 'nothing was accepted');
    await answer('clusters', '2', [cluster('a')]);
    await answer('endpoints', '2', [endpoints('a-eds')]);
    assert.deepEqual([...(applied.at(-1)?.clusters.keys() ?? [])], ['a']);
  });

  test(`${variant}: a listener whose routes were bad serves as soon as they are mended (kgateway 14264)`, async () => {
    const { open, answer, sent, applied, ready } = setUp(new Map(), { delta });
    open();
    await answer('clusters', '1', []);
    await answer('listeners', '1', [byRds('web', 'table')]);
    await answer('routes', '1', [bad('table')]);
    assert.equal(applied.at(-1)?.listeners.size, 0);
    assert.equal(ready(), 0);
    assert.match(refusals(sent, 'routes').join(), /^table: .*cannot be/);
    await answer('routes', '2', [{ name: 'table', mark: 2 }]);
    assert.deepEqual([...(applied.at(-1)?.listeners.keys() ?? [])], ['web']);
    assert.equal(ready(), 1);
    // And again, while it serves: the good table stays.
    await answer('routes', '3', [bad('table')]);
    const table = (): unknown => (applied.at(-1)?.routes.get('table') as { mark?: number } | undefined)?.mark;
    assert.equal(table(), 2);
    await answer('routes', '4', [{ name: 'table', mark: 4 }]);
    assert.equal(table(), 4);
  });

  test(`${variant}: who starts while a resource is bad serves the others, and says which is bad (Envoy Gateway 9198)`, async () => {
    const { open, answer, sent, applied, refused, ready } = setUp(new Map(), { delta });
    open();
    await answer('clusters', '1', [bad('b'), cluster('a')]);
    await answer('endpoints', '1', [endpoints('a-eds')]);
    await answer('listeners', '1', [listener('web')]);
    assert.deepEqual([...(applied.at(-1)?.clusters.keys() ?? [])], ['a']);
    assert.deepEqual([...(applied.at(-1)?.listeners.keys() ?? [])], ['web']);
    assert.match(refusals(sent, 'clusters').join(), /^b: .*cannot be/, 'the control plane is told');
    assert.match(refused.join(), /^b: /, 'the log too');
    assert.equal(ready(), 1, 'it is ready for what it can do');
  });

  test(`${variant}: a secret that is bad after it was good is told, and the good one stays (Envoy 9447)`, async () => {
    const given: [string, XdsSecret | undefined][] = [];
    const { open, answer, sent, refused } = setUp(new Map(), {
      delta,
      onSecret: (name, secret) => void given.push([name, secret]),
    });
    open();
    await answer('clusters', '1', []);
    const sds = { kind: 'sds', name: 'own', sdsCluster: undefined };
    await answer('listeners', '1', [
      {
        ...listener('tls'),
        filterChains: [
          {
            transport: { kind: 'tls', certificates: [sds], validation: undefined },
            terminal: { kind: 'tcp-proxy', proxy: {} },
          },
        ],
      },
    ]);
    assert.deepEqual(
      sent.filter(({ typeUrl }) => typeUrl === TYPE_URLS.secrets).flatMap(({ names, subscribe }) => subscribe ?? names),
      ['own'],
    );
    await answer('secrets', '1', [{ name: 'own', kind: 'certificate' }]);
    assert.deepEqual(
      given.map(([name]) => name),
      ['own'],
    );
    await answer('secrets', '2', [bad('own')]);
    assert.match(refusals(sent, 'secrets').join(), /^own: .*cannot be/);
    assert.match(refused.join(), /^own: /);
    assert.equal(given.length, 1, 'nothing was taken away');
    await answer('secrets', '3', [{ name: 'own', kind: 'certificate', mark: 3 }]);
    assert.equal(given.length, 2);
  });

  test(`${variant}: nobody is ready by an application that began before the listeners came`, async () => {
    const slow = Promise.withResolvers<ReadonlyMap<string, string>>();
    const at: string[][] = [];
    const { open, answer, ready } = setUp(new Map(), {
      delta,
      apply: (config) => {
        at.push([...config.listeners.keys()]);
        return at.length === 1 ? slow.promise : Promise.resolve(new Map());
      },
    });
    open();
    await answer('clusters', '1', []);
    await answer('listeners', '1', [byRds('web', 'table')]);
    slow.resolve(new Map());
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(ready(), 0, 'its routes are not there');
    await answer('routes', '1', [{ name: 'table' }]);
    assert.equal(ready(), 1);
    assert.deepEqual(at.at(-1), ['web']);
  });
}
