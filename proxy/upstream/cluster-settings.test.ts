// Settings of a cluster that change what its endpoints count for, when it is ready, and how long connections stay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthCheck } from '@weft/core/proxy-config';
import { PLAIN_CLUSTER } from '@weft/core/proxy-config';
import type { EndpointPool } from '../ports.ts';
import { endpoint, endpointSet } from '../testing/config.ts';
import { anyone, world } from './testing/world.ts';

const neverEnds: HealthCheck = {
  timeout: 1e9,
  interval: 1e9,
  unhealthyThreshold: 1,
  healthyThreshold: 1,
  noTrafficInterval: 1e9,
  intervalJitter: 0,
  intervalJitterPercent: 0,
  unhealthyInterval: 1e9,
  unhealthyEdgeInterval: 1e9,
  healthyEdgeInterval: 1e9,
  noTrafficHealthyInterval: 1e9,
  initialJitter: 1e9,
  check: { kind: 'tcp', send: '', receive: [] },
};
const unchecked = { port: 0, hostname: '', disabled: true };

test('endpoints that were never checked do not count as unhealthy where the cluster says so', (context) => {
  const { make } = world(context);
  const endpoints = [endpoint(1, { healthCheck: unchecked }), endpoint(2), endpoint(3)];
  const picks = (ignoreUncheckedEndpoints: boolean): number => {
    const made = make({ healthChecks: [neverEnds], ignoreUncheckedEndpoints }, endpoints);
    return new Set(Array.from({ length: 30 }, () => made.pick(anyone)?.address)).size;
  };
  assert.equal(picks(false), 3, 'one of three is panic');
  assert.equal(picks(true), 1);
});

test('a cluster is ready at once that does not wait to warm', (context) => {
  const { make } = world(context);
  assert.equal(make({ healthChecks: [neverEnds] }, [endpoint(1)]).ready, false);
  assert.equal(make({ healthChecks: [neverEnds], waitForWarm: false }, [endpoint(1)]).ready, true);
});

test('connections end when an endpoint comes or goes, where the cluster says so', (context) => {
  const { make } = world(context);
  const drains = (closeConnectionsOnChange: boolean): number[] => {
    const made = make({ closeConnectionsOnChange }, [endpoint(1)]);
    let count = 0;
    const pool: EndpointPool = {
      drain: () => void (count += 1),
      destroy: () => undefined,
      connections: 0,
      load: { waiting: 0, active: 0, spare: 0 },
    };
    for (const one of made.endpoints.values()) one.pool = pool;
    return [[endpoint(1, { weight: 2 })], [endpoint(1), endpoint(2)], [endpoint(1)]].map((next) => {
      made.setEndpoints(endpointSet('c', next));
      return count;
    });
  };
  assert.deepEqual(drains(false), [0, 0, 0]);
  assert.deepEqual(drains(true), [0, 1, 2]);
});

test('an endpoint has a limit of connections of its own', (context) => {
  const { make } = world(context);
  const limits = {
    maxConnections: 5,
    maxConnectionsPerEndpoint: 2,
    maxPendingRequests: 1,
    maxRequests: 1,
    maxRetries: 1,
    retryBudget: undefined,
    trackRemaining: false,
  };
  const made = make({ circuitBreakers: { default: limits, high: { ...limits, maxConnectionsPerEndpoint: 3 } } }, [
    endpoint(1),
    endpoint(2),
  ]);
  const [one, two] = [...made.endpoints.values()];
  assert.ok(one && two);
  one.connectionOpened();
  assert.equal(one.canConnect('default'), true);
  one.connectionOpened();
  assert.equal(one.canConnect('default'), false);
  assert.equal(one.canConnect('high'), true);
  assert.equal(two.canConnect('default'), true);
});

test('names are asked for later by up to the jitter', (context) => {
  const { make, clock, answers } = world(context);
  const named = endpoint(0, { address: { kind: 'name', name: 'db.test', port: 1 } });
  answers.set('db.test', { addresses: ['10.0.0.1'], ttl: undefined });
  const made = make({
    ...PLAIN_CLUSTER,
    discovery: {
      kind: 'strict-dns',
      endpoints: endpointSet('c', [named]),
      refreshRate: 1000,
      failureRefreshRate: undefined,
      respectTtl: false,
      jitter: 600,
      family: 'auto',
    },
  });
  answers.set('db.test', { addresses: ['10.0.0.9'], ttl: undefined });
  const addresses = (): string[] => [...made.endpoints.values()].map(({ address }) => address);
  // Chance is one half here.
  clock.advance(1299);
  assert.deepEqual(addresses(), ['10.0.0.1:1']);
  clock.advance(1);
  assert.deepEqual(addresses(), ['10.0.0.9:1']);
});
