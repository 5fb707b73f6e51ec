import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterCircuitBreaker } from './circuit-breaker.ts';

const limits = {
  maxConnections: 1,
  maxConnectionsPerEndpoint: 4_294_967_295,
  maxPendingRequests: 2,
  maxRequests: 3,
  maxRetries: 1,
  retryBudget: undefined,
  trackRemaining: false,
};

test('each limit refuses at its number and counts the overflow', () => {
  const breaker = new ClusterCircuitBreaker(limits, () => 0);
  assert.deepEqual([breaker.tryConnection(), breaker.canConnect, breaker.tryConnection()], [true, false, false]);
  assert.deepEqual([breaker.tryPending(), breaker.tryPending(), breaker.tryPending()], [true, true, false]);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => breaker.tryRequest()),
    [true, true, true, false],
  );
  assert.deepEqual([breaker.tryRetry(), breaker.tryRetry()], [true, false]);
  assert.deepEqual(breaker.overflow, { connection: 1, pending: 1, request: 1, retry: 1 });
  breaker.releaseRequest();
  assert.equal(breaker.tryRequest(), true);
});

test('a retry budget follows the open requests, never below its minimum', () => {
  const breaker = new ClusterCircuitBreaker(
    {
      ...limits,
      maxRequests: 1000,
      retryBudget: { percent: 20, minRetryConcurrency: 3, interval: 0 },
    },
    () => 0,
  );
  assert.equal(breaker.maxRetries(), 3);
  for (let i = 0; i < 99; i += 1) breaker.tryRequest();
  assert.equal(breaker.tryPending(), true);
  assert.equal(breaker.maxRetries(), 20);
});

test('a retry budget with an interval looks at what began in it, whether it is over or not', () => {
  let now = 5000;
  const retryBudget = { percent: 50, minRetryConcurrency: 0, interval: 1600 };
  const breaker = new ClusterCircuitBreaker({ ...limits, maxRequests: 1000, retryBudget }, () => now);
  for (let i = 0; i < 8; i += 1) {
    breaker.tryRequest();
    breaker.releaseRequest();
  }
  assert.equal(breaker.maxRetries(), 4);
  now += 1500;
  for (let i = 0; i < 4; i += 1) breaker.tryRequest();
  assert.equal(breaker.maxRetries(), 6);
  now += 200;
  assert.equal(breaker.maxRetries(), 2);
  now += 100_000;
  assert.equal(breaker.maxRetries(), 2, 'those that are active count');
});

test('giving back what was not taken is a defect', () => {
  assert.throws(() => new ClusterCircuitBreaker(limits, () => 0).releaseRetry(), /given back twice/);
});
