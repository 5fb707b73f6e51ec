import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_PROXY_CONFIG, type ProxyConfig } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { cluster, endpoint, endpointSet, routeTable } from '../testing/config.ts';
import { config } from '../testing/engines.ts';
import { handover, received } from './handover.ts';

const NAMES = ['a', 'b', 'c', 'd'];
/** For each name a version of its rows, 0: absent. Rows of one name and version are one object, as the control plane's compiler makes them. */
const versions = fc.array(fc.nat(3), { minLength: NAMES.length, maxLength: NAMES.length });
const rows = new Map<string, ReturnType<typeof row>>();
const row = (name: string, version: number) => ({
  cluster: cluster(name),
  set: endpointSet(name, [endpoint(version)]),
  routes: routeTable(name, `${name}${version}`),
});

function make(of: readonly number[]): ProxyConfig {
  const chosen = NAMES.flatMap((name, index) => {
    const version = of[index] ?? 0;
    if (version === 0) return [];
    const key = `${name}${version}`;
    const known = rows.get(key) ?? row(name, version);
    rows.set(key, known);
    return [known];
  });
  return config({
    clusters: chosen.map((each) => each.cluster),
    endpoints: chosen.map(({ set }) => set),
    routes: chosen.map(({ routes }) => routes),
  });
}

test('what is handed over arrives equal, in order, and rows that stay keep their identity; what did not change is not sent', () => {
  fc.assert(
    fc.property(fc.array(versions, { minLength: 1, maxLength: 6 }), (changes) => {
      let sent = EMPTY_PROXY_CONFIG;
      let there = EMPTY_PROXY_CONFIG;
      for (const change of changes) {
        const next = make(change);
        const handed = handover(sent, next);
        const arrived = received(there, structuredClone(handed));
        assert.deepEqual(arrived, next);
        assert.deepEqual([...arrived.clusters.keys()], [...next.clusters.keys()]);
        for (const [name, set] of next.endpoints) {
          const stayed = sent.endpoints.get(name) === set;
          assert.equal(arrived.endpoints.get(name) === there.endpoints.get(name), stayed);
          assert.equal(
            handed.endpoints.rows.some(([sentName]) => sentName === name),
            !stayed,
          );
        }
        sent = next;
        there = arrived;
      }
      const again = handover(sent, make(changes.at(-1) ?? []));
      assert.ok(Object.values(again).every((table) => table.rows.length === 0 && table.names === undefined));
    }),
  );
});
