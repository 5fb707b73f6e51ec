import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeakEwma } from '@weft/core/proxy-config';
import { type Balanced, balancer, Latency } from './index.ts';

const CONF: PeakEwma = { kind: 'peak-ewma', decayTime: 10_000, defaultRtt: 10, penalty: 1_000_000 };

const host = (name: string, latency: Latency, activeRequests = 0, weight = 1): Balanced => ({
  address: name,
  hashKey: () => name,
  weight,
  activeRequests,
  since: 0,
  latency,
});

function measured(ms: number, now = 0): Latency {
  const latency = new Latency(CONF);
  latency.observe(ms, now, false);
  return latency;
}

/** Both of two are drawn at every pick. */
const picked = (hosts: readonly Balanced[], now = 0): string =>
  balancer(CONF, hosts, { random: () => 0.3, now: () => now }).pick(undefined, 0)?.address ?? '';

test('a peak counts at once, what is faster only as time goes by', () => {
  const latency = measured(10);
  latency.observe(200, 1, false);
  assert.equal(latency.at(1), 200);
  latency.observe(10, 1, false);
  assert.equal(latency.at(1), 200, 'no time has gone by');
  latency.observe(10, 10_001, false);
  const kept = Math.exp(-1);
  assert.ok(Math.abs(latency.at(10_001) - (200 * kept + 10 * (1 - kept))) < 1e-9);
});

test('a latency decays while nothing is measured, and a failure makes nothing look faster', () => {
  const latency = measured(100);
  assert.ok(Math.abs(latency.at(10_000) - 100 / Math.E) < 1e-9);
  latency.observe(1, 10_000, true);
  assert.ok(Math.abs(latency.at(10_000) - 100 / Math.E) < 1e-9);
  latency.observe(500, 10_000, true);
  assert.equal(latency.at(10_000), 500);
});

test('the cheaper of two is picked: latency, requests under way, weight', () => {
  assert.equal(picked([host('a', measured(10)), host('b', measured(30))]), 'a');
  assert.equal(picked([host('a', measured(10), 5), host('b', measured(30))]), 'b');
  assert.equal(picked([host('a', measured(10)), host('b', measured(30), 0, 10)]), 'b');
});

test('an endpoint that has not answered yet counts by the stated latency, with requests under way as a last resort', () => {
  assert.equal(picked([host('a', new Latency(CONF)), host('b', measured(30))]), 'a');
  assert.equal(picked([host('a', new Latency(CONF)), host('b', measured(5))]), 'b');
  assert.equal(picked([host('a', new Latency(CONF), 1), host('b', measured(3000), 9)]), 'b');
});

test('one endpoint is picked, of none none', () => {
  assert.equal(picked([host('a', measured(1))]), 'a');
  assert.equal(picked([]), '');
});
