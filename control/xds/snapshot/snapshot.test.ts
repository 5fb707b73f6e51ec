import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ClientEngine } from '@weft/core/mesh-view';
import type { ProxyConfig } from '@weft/core/proxy-config';
import { JSON_ENCODERS } from '../testing/harness.ts';
import { cluster, config, endpointSet, listener, route, routeTable } from '../testing/rows.ts';
import { NameSet, ResourceSet, SnapshotEncoder } from './index.ts';

const WEFT: ClientEngine = { name: 'weft', version: '0.1.0', features: [] };
const ADDRESS = { kind: 'ip', ip: '127.0.0.1', port: 8080 } as const;

const shop = (changes: Partial<Parameters<typeof config>[0]> = {}): ProxyConfig =>
  config({
    clusters: [cluster('a'), cluster('b')],
    endpoints: [endpointSet('a', ADDRESS), endpointSet('b', ADDRESS)],
    listeners: [listener('l', ADDRESS, 'r')],
    routes: [routeTable('r', [route('a'), route('b')])],
    ...changes,
  });

test('versions are hashes of contents: equal in another process, different for different bytes', () => {
  const [one, other] = [new SnapshotEncoder(JSON_ENCODERS), new SnapshotEncoder(JSON_ENCODERS)].map((encoder) =>
    encoder.snapshot(shop(), WEFT),
  );
  assert.ok(one !== undefined && other !== undefined);
  for (const type of ['clusters', 'endpoints', 'listeners', 'routes'] as const) {
    assert.match(one.tables[type].version, /^[0-9a-f]{16}$/);
    assert.equal(one.tables[type].version, other.tables[type].version);
    for (const [name, { version }] of one.tables[type].resources)
      assert.equal(other.tables[type].get(name)?.version, version);
  }
  const changed = new SnapshotEncoder(JSON_ENCODERS).snapshot(
    shop({ clusters: [cluster('a', { connectTimeout: 1 }), cluster('b')] }),
    WEFT,
  );
  assert.notEqual(changed.tables.clusters.version, one.tables.clusters.version);
  assert.equal(changed.tables.clusters.get('b')?.version, one.tables.clusters.get('b')?.version);
  assert.equal(changed.tables.routes.version, one.tables.routes.version);
});

test('a row is encoded once a profile, whatever number of configurations it is in', () => {
  let encoded = 0;
  const encoder = new SnapshotEncoder({
    ...JSON_ENCODERS,
    clusters: (row, client) => {
      encoded++;
      return { bytes: new TextEncoder().encode(`${client.name} ${row.name}`), diagnostics: [] };
    },
  });
  const rows = [cluster('a'), cluster('b')];
  const first = encoder.snapshot(shop({ clusters: rows }), WEFT);
  const second = encoder.snapshot(shop({ clusters: rows }), WEFT);
  assert.equal(encoded, 2);
  assert.equal(first.tables.clusters, second.tables.clusters, 'and equal tables are one object');
  encoder.snapshot(shop({ clusters: rows }), { ...WEFT, name: 'envoy' });
  assert.equal(encoded, 4);
});

test('what resources refer to is known', () => {
  const { tables } = new SnapshotEncoder(JSON_ENCODERS).snapshot(shop(), WEFT);
  assert.deepEqual(tables.listeners.get('l')?.references, { clusters: [], routes: ['r'] });
  assert.deepEqual(tables.routes.get('r')?.references, { clusters: ['a', 'b'] });
  assert.deepEqual(tables.clusters.get('a')?.references, { endpoints: ['a'] });
});

test('a row that cannot be encoded is left out and told', () => {
  const fault = { severity: 'error', code: 'unsupported', message: 'no', place: {} } as const;
  const encoder = new SnapshotEncoder({ ...JSON_ENCODERS, routes: () => ({ bytes: undefined, diagnostics: [fault] }) });
  const { tables, inexpressible } = encoder.snapshot(shop(), WEFT);
  assert.equal(tables.routes.size, 0);
  assert.deepEqual(inexpressible, [{ type: 'routes', name: 'r', sources: [], sent: false, diagnostics: [fault] }]);
});

test('a snapshot made from its predecessor equals one made from scratch', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const configs = fc.array(
    fc
      .subarray(names)
      .chain((chosen) => fc.tuple(...chosen.map((name) => fc.tuple(fc.constant(name), fc.nat({ max: 2 }))))),
    { minLength: 2, maxLength: 8 },
  );
  fc.assert(
    fc.property(configs, (history) => {
      const encoder = new SnapshotEncoder(JSON_ENCODERS);
      let before: ProxyConfig | undefined;
      for (const rows of history) {
        const made = config({
          clusters: rows.map(([name, connectTimeout]) => cluster(name, { connectTimeout })),
          endpoints: rows.map(([name]) => endpointSet(name, ADDRESS)),
        });
        const snapshot = encoder.snapshot(made, WEFT, before);
        const scratch = new SnapshotEncoder(JSON_ENCODERS).snapshot(made, WEFT);
        for (const type of ['clusters', 'endpoints'] as const) {
          assert.equal(snapshot.tables[type].version, scratch.tables[type].version);
          assert.deepEqual([...snapshot.tables[type].resources.keys()], [...scratch.tables[type].resources.keys()]);
        }
        before = made;
      }
    }),
    { numRuns: 100 },
  );
});

test('a set knows its parts and its differences', () => {
  const { tables } = new SnapshotEncoder(JSON_ENCODERS).snapshot(shop(), WEFT);
  const set = tables.clusters;
  assert.deepEqual([...set.only(NameSet.of(['b', 'x'])).resources.keys()], ['b']);
  assert.equal(set.only(NameSet.of(['a', 'b'])), set);
  const a = set.get('a');
  assert.ok(a !== undefined);
  const later = set.with(
    new Map([
      ['b', undefined],
      ['c', { ...a, name: 'c' }],
    ]),
  );
  assert.deepEqual(set.difference(later), { changed: ['c'], removed: ['b'] });
  assert.deepEqual(ResourceSet.EMPTY.difference(set), { changed: ['a', 'b'], removed: [] });
});
