import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusPasses } from './health-checker.ts';
import { HealthState } from './health-state.ts';

test('the first result counts at once, later ones after their threshold', () => {
  const state = new HealthState(2, 3);
  assert.equal(state.take('passed'), true);
  assert.deepEqual(
    ['network-failure', 'network-failure', 'passed'].map((result) => state.take(result as 'passed')),
    [false, false, false],
  );
  assert.deepEqual(
    [1, 2, 3].map(() => state.take('network-failure')),
    [false, false, true],
  );
  assert.equal(state.healthy, false);
  assert.deepEqual(
    [1, 2].map(() => state.take('passed')),
    [false, true],
  );
});

test('an unexpected status makes unhealthy at once', () => {
  const state = new HealthState(2, 3);
  state.take('passed');
  assert.equal(state.take('failed'), true);
  assert.equal(state.healthy, false);
});

test('a first failure is no change, but the next pass needs its threshold', () => {
  const state = new HealthState(2, 3);
  assert.equal(state.take('network-failure'), false);
  assert.deepEqual([state.take('passed'), state.take('passed')], [false, true]);
});

test('statuses of an HTTP check', () => {
  assert.equal(statusPasses('HTTP/1.1 200 OK\r\n', []), true);
  assert.equal(statusPasses('HTTP/1.1 204\r\n', []), false);
  assert.equal(statusPasses('HTTP/1.1 204 No\r\n', [{ start: 200, end: 300 }]), true);
  assert.equal(statusPasses('HTTP/1.1 300 No\r\n', [{ start: 200, end: 300 }]), false);
  assert.equal(statusPasses('SSH-2.0\r\n', [{ start: 0, end: 1000 }]), false);
});
