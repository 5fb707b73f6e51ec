import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutlierDetection } from '@weft/core/proxy-config';
import { FakeClock } from '@weft/testkit/clock';
import { OutlierDetector, type OutlierMonitor } from './outlier-detector.ts';

const base: OutlierDetection = {
  interval: 10_000,
  baseEjectionTime: 30_000,
  maxEjectionTime: 300_000,
  maxEjectionPercent: 100,
  maxEjectionTimeJitter: 0,
  consecutive5xx: 3,
  enforcingConsecutive5xx: 100,
  consecutiveGatewayFailure: 2,
  enforcingConsecutiveGatewayFailure: 0,
  splitExternalLocalOriginErrors: false,
  consecutiveLocalOriginFailure: 2,
  enforcingConsecutiveLocalOriginFailure: 100,
  alwaysEjectOne: false,
  returnsWhenChecked: true,
  successRate: { enforcing: 100, enforcingLocalOrigin: 100, minimumHosts: 5, requestVolume: 10, stdevFactor: 1900 },
  failurePercentage: { enforcing: 0, enforcingLocalOrigin: 0, threshold: 85, minimumHosts: 5, requestVolume: 50 },
};

function setUp(conf: Partial<OutlierDetection>, hosts: number) {
  const clock = new FakeClock();
  const log: string[] = [];
  const monitors: OutlierMonitor[] = [];
  const detector = new OutlierDetector(
    { ...base, ...conf },
    {
      clock,
      random: () => 0.5,
      changed: (monitor, cause) => void log.push(`${monitors.indexOf(monitor)} ${cause ?? 'returned'}`),
      detected: (cause, outcome) => {
        if (outcome !== 'enforced') log.push(`only detected ${cause}`);
      },
    },
  );
  for (let i = 0; i < hosts; i += 1) monitors.push(detector.add());
  detector.start();
  const fail = (index: number, times: number, code = 500): void => {
    for (let i = 0; i < times; i += 1) monitors[index]?.status(code);
  };
  return { clock, log, monitors, detector, fail };
}

test('consecutive 5xx: a success between starts anew, the third in a row ejects', () => {
  const { fail, log, monitors, detector } = setUp({}, 2);
  fail(0, 2);
  fail(0, 1, 200);
  fail(0, 2);
  assert.deepEqual(log, []);
  fail(0, 1);
  assert.deepEqual(log, ['0 consecutive_5xx']);
  assert.equal(monitors[0]?.ejected, true);
  assert.equal(detector.ejectedCount, 1);
});

test('gateway failures are detected apart, and only detected when enforcing is 0', () => {
  const { fail, log } = setUp({}, 2);
  fail(0, 2, 503);
  assert.deepEqual(log, ['only detected consecutive_gateway_failure']);
  fail(0, 1, 502);
  assert.deepEqual(log.slice(1), ['0 consecutive_5xx']);
});

test('max ejection percent counts the endpoint to come', () => {
  const { fail, log } = setUp({ maxEjectionPercent: 34 }, 3);
  fail(0, 3);
  fail(1, 3);
  assert.deepEqual(log, ['0 consecutive_5xx', 'only detected consecutive_5xx']);
  const none = setUp({ maxEjectionPercent: 10 }, 3);
  none.fail(0, 3);
  assert.deepEqual(none.log, ['only detected consecutive_5xx']);
});

test('ejection ends after its time, grows with each one, and the growth is forgotten', () => {
  const { clock, fail, monitors, log } = setUp({}, 2);
  const monitor = monitors[0];
  assert.ok(monitor);
  fail(0, 3);
  clock.advance(29_000);
  assert.equal(monitor.ejected, true);
  clock.advance(1000);
  assert.equal(monitor.ejected, false);
  fail(0, 3);
  assert.equal(monitor.ejectedFor, 60_000);
  clock.advance(60_000);
  assert.equal(monitor.ejected, false);
  assert.deepEqual(log, ['0 consecutive_5xx', '0 returned', '0 consecutive_5xx', '0 returned']);
  clock.advance(20_000);
  assert.equal(monitor.backOff, 0);
  fail(0, 3);
  assert.equal(monitor.ejectedFor, 30_000);
});

test('the ejection time stays at its maximum', () => {
  const { clock, fail, monitors } = setUp({ maxEjectionTime: 50_000 }, 2);
  for (let round = 0; round < 5; round += 1) {
    fail(0, 3);
    assert.ok((monitors[0]?.ejectedFor ?? 0) <= 50_000);
    clock.advance(50_000);
    assert.equal(monitors[0]?.ejected, false);
  }
});

test('local failures: as 503 without the split, on their own with it', () => {
  const joined = setUp({}, 2);
  for (let i = 0; i < 3; i += 1) joined.monitors[0]?.localFailure(false);
  assert.ok(joined.log.includes('0 consecutive_5xx'));
  const split = setUp({ splitExternalLocalOriginErrors: true }, 2);
  split.monitors[0]?.localFailure(false);
  split.monitors[0]?.localSuccess();
  split.monitors[0]?.localFailure(true);
  assert.deepEqual(split.log, []);
  split.monitors[0]?.localFailure(true);
  assert.deepEqual(split.log, ['0 consecutive_local_origin_failure']);
});

test('success rate: one bad endpoint of six is ejected at the interval', () => {
  const { clock, fail, log } = setUp({ consecutive5xx: 0, consecutiveGatewayFailure: 0 }, 6);
  for (let host = 0; host < 6; host += 1) {
    for (let i = 0; i < 20; i += 1) fail(host, 1, host === 4 && i % 2 === 0 ? 500 : 200);
  }
  assert.deepEqual(log, []);
  clock.advance(10_000);
  assert.deepEqual(log, ['4 success_rate']);
});

test('failure percentage: threshold and least volume', () => {
  const conf = { consecutive5xx: 0, consecutiveGatewayFailure: 0, successRate: { ...base.successRate, enforcing: 0 } };
  const { clock, fail, log } = setUp(
    {
      ...conf,
      failurePercentage: { enforcing: 100, enforcingLocalOrigin: 0, threshold: 60, minimumHosts: 1, requestVolume: 10 },
    },
    2,
  );
  fail(0, 9);
  fail(1, 4, 200);
  fail(1, 6);
  clock.advance(10_000);
  assert.deepEqual(log, ['1 failure_percentage']);
});

test('what this side met itself is judged apart: by success rate and by failure percentage', () => {
  const split = { splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailure: 1000 };
  const volume = { minimumHosts: 3, requestVolume: 4 };
  const run = (rate: number, percentage: number): readonly string[] => {
    const { clock, log, monitors } = setUp(
      {
        ...split,
        successRate: { enforcing: 100, enforcingLocalOrigin: rate, stdevFactor: 1000, ...volume },
        failurePercentage: { enforcing: 0, enforcingLocalOrigin: percentage, threshold: 85, ...volume },
      },
      4,
    );
    for (const [index, monitor] of monitors.entries())
      for (let i = 0; i < 5; i += 1) {
        if (index === 0) monitor.localFailure(false);
        else monitor.localSuccess();
      }
    clock.advance(10_000);
    return log;
  };
  assert.deepEqual(run(100, 0), ['0 local_origin_success_rate']);
  assert.deepEqual(run(0, 100), ['only detected local_origin_success_rate', '0 local_origin_failure_percentage']);
});

test('one is ejected though the share does not allow it; one that passes its checks returns', () => {
  const { fail, log, monitors, detector } = setUp({ maxEjectionPercent: 0, alwaysEjectOne: true }, 3);
  fail(0, 3);
  fail(1, 3);
  assert.deepEqual(log, ['0 consecutive_5xx', 'only detected consecutive_5xx']);
  const [first] = monitors;
  assert.ok(first);
  detector.checkPassed(first);
  assert.equal(first.ejected, false);
  const other = setUp({ returnsWhenChecked: false }, 1);
  other.fail(0, 3);
  const [kept] = other.monitors;
  assert.ok(kept);
  other.detector.checkPassed(kept);
  assert.equal(kept.ejected, true);
});

test('latency: an endpoint whose answers at the percentile are too slow is out after an interval; few requests are not judged', () => {
  const own = { latency: { percentile: 50, threshold: 100, minimumHosts: 2, requestVolume: 4 } };
  const { clock, log, monitors } = setUp({ own }, 4);
  const took = (index: number, ...times: number[]): void => times.forEach((ms) => monitors[index]?.took(ms));
  took(0, 101, 500, 101, 1);
  took(1, 100, 100, 101, 101);
  took(2, 900, 900, 900);
  clock.advance(base.interval);
  assert.deepEqual(log, ['0 latency']);
  // Each interval is its own.
  took(1, 101, 101);
  clock.advance(base.interval);
  assert.deepEqual(log, ['0 latency']);
  took(1, 101, 101, 101, Number.POSITIVE_INFINITY);
  clock.advance(base.interval);
  assert.deepEqual(log, ['0 latency'], 'one endpoint alone is not compared');
  took(1, 101, 101, 101, Number.POSITIVE_INFINITY);
  took(3, 1, 1, 1, 1);
  clock.advance(base.interval);
  assert.deepEqual(log.slice(1), ['0 returned', '1 latency']);
});

test('probe: after an ejection one request decides; the next one waits until it has', () => {
  const { clock, log, monitors, detector, fail } = setUp({ own: { probes: true } }, 2);
  const [one] = monitors;
  assert.ok(one !== undefined);
  fail(0, 3);
  clock.advance(base.baseEjectionTime);
  assert.deepEqual([one.ejected, one.out, one.trial], [false, true, 'open']);
  one.chosen();
  assert.deepEqual([one.ejected, one.trial], [true, 'taken']);
  fail(0, 1);
  one.ended();
  assert.deepEqual([one.ejected, one.trial, one.ejectedFor], [true, 'none', 2 * base.baseEjectionTime]);
  clock.advance(2 * base.baseEjectionTime);
  assert.equal(one.trial, 'open');
  // Its client went away: the next one is tried.
  one.chosen();
  one.ended();
  assert.deepEqual([one.ejected, one.trial], [false, 'open']);
  one.chosen();
  fail(0, 1, 200);
  one.ended();
  assert.deepEqual([one.ejected, one.out, one.trial, detector.ejectedCount], [false, false, 'none', 0]);
  assert.equal(log.filter((line) => line === '0 failed_probe').length, 1);
});

test('probe: a connection that fails is its verdict, and one that says nothing is tried again after an interval', () => {
  const { clock, monitors, fail } = setUp({ own: { probes: true } }, 2);
  const [one] = monitors;
  assert.ok(one !== undefined);
  fail(0, 3);
  clock.advance(base.baseEjectionTime);
  one.chosen();
  one.localFailure(false);
  assert.deepEqual([one.ejected, one.trial], [true, 'none']);
  clock.advance(2 * base.baseEjectionTime);
  one.chosen();
  clock.advance(base.interval);
  assert.equal(one.trial, 'open');
});
