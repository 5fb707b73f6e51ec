import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_ZONE_AWARE } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { type LocalityCounts, zoneRouting } from './zone-routing.ts';

const ZONES = ['a', 'b', 'c', 'd'];
const conf = { ...PLAIN_ZONE_AWARE, minClusterSize: 0 };
const counts = (numbers: readonly number[]): LocalityCounts =>
  new Map(numbers.map((count, index) => [ZONES[index] ?? '', { healthy: count, weight: count, total: count }]));

/** What each zone of the cluster gets when the proxies of every zone route by the rules, as parts of the whole. */
function loads(upstream: readonly number[], proxies: readonly number[]): number[] {
  const total = proxies.reduce((sum, count) => sum + count, 0);
  const got = upstream.map(() => 0);
  const add = (index: number, share: number): void => void (got[index] = (got[index] ?? 0) + share);
  for (const [index, count] of proxies.entries()) {
    const part = count / total;
    const routing = zoneRouting(conf, counts(upstream), counts(proxies), ZONES[index] ?? '');
    assert.notEqual(routing.kind, 'none');
    if (routing.kind === 'direct') add(index, part);
    else if (routing.kind === 'residual') {
      add(index, (part * routing.local) / 10_000);
      const room = routing.others.at(-1)?.until ?? 0;
      let before = 0;
      for (const [other, { until }] of routing.others.entries()) {
        add(other, (part * (1 - routing.local / 10_000) * (until - before)) / Math.max(1, room));
        before = until;
      }
    }
  }
  return got;
}

test('when proxies of every zone do the same, every zone gets its part of the load', () => {
  const number = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 4 }), fc.array(number, { minLength: 8, maxLength: 8 }), (zones, numbers) => {
      const upstream = numbers.slice(0, zones);
      const proxies = numbers.slice(4, 4 + zones);
      const total = upstream.reduce((sum, count) => sum + count, 0);
      for (const [index, load] of loads(upstream, proxies).entries())
        assert.ok(Math.abs(load - (upstream[index] ?? 0) / total) < 0.01, `${upstream} ${proxies} ${load}`);
    }),
  );
});

test('zones do not matter without two of them, without proxies here, or to a small cluster', () => {
  const none = (...args: Parameters<typeof zoneRouting>): unknown => {
    const routing = zoneRouting(...args);
    return routing.kind === 'none' ? routing.because : routing.kind;
  };
  assert.equal(none(conf, counts([5]), counts([1, 1]), 'a'), undefined);
  assert.equal(none(conf, counts([5, 5]), counts([1]), 'a'), undefined);
  assert.equal(none(conf, counts([5, 5]), counts([1, 1]), 'z'), 'lb_local_cluster_not_ok');
  assert.equal(none(PLAIN_ZONE_AWARE, counts([2, 3]), counts([1, 1]), 'a'), 'lb_zone_cluster_too_small');
  assert.equal(none({ ...conf, forceLocalZone: 2 }, counts([1, 9]), counts([1]), 'a'), 'residual');
  assert.equal(none({ ...conf, forceLocalZone: 2 }, counts([2, 9]), counts([1]), 'a'), 'direct');
});
