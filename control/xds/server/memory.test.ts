/** What streams at rest hold. Octets after a forced collection, so neither other load nor V8's own times matter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { FakeClock } from '@weft/testkit/clock';
import { FixedSource, JSON_ENCODERS, TestClient, trusting } from '../testing/harness.ts';
import { cluster, config, endpointSet, listener, route, routeTable } from '../testing/rows.ts';
import { ResourceSet } from '../snapshot/index.ts';
import { XdsServer } from './index.ts';
import { ResponseEncoder } from './responses.ts';

v8.setFlagsFromString('--expose-gc');
const collect: unknown = vm.runInNewContext('gc');

/** Octets that live, on the heap and in buffers. */
function living(): number {
  assert.ok(typeof collect === 'function');
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const STREAMS = 200;
const SERVICES = 100;
const names = Array.from({ length: SERVICES }, (_, index) => `outbound/shop/service-${index}/8080`);

test('a stream at rest holds 9 kB beside what all share: no names and no resources of its own', (context) => {
  const clock = new FakeClock();
  const deferred: (() => void)[] = [];
  const server = new XdsServer({
    source: new FixedSource(
      config({
        clusters: names.map((name) => cluster(name)),
        endpoints: names.map((name) => endpointSet(name, { kind: 'ip', ip: '10.0.0.1', port: 8080 })),
        listeners: names.map((name) => listener(name, { kind: 'ip', ip: '127.0.0.1', port: 8080 }, name)),
        routes: names.map((name) => routeTable(name, [route(name)])),
      }),
    ),
    resolveProxy: trusting,
    encoders: JSON_ENCODERS,
    clock,
    wall: clock.wall,
    defer: (run) => void deferred.push(run),
  });
  context.after(() => server.stop());
  const run = (): void => {
    for (let next = deferred.shift(); next !== undefined; next = deferred.shift()) next();
  };
  const join = (id: string): TestClient => {
    const client = new TestClient(server, { id });
    for (const type of ['clusters', 'endpoints', 'listeners', 'routes'] as const) {
      const asked = type === 'endpoints' || type === 'routes' ? names : [];
      client.send(type, { resourceNames: asked });
      run();
      client.answer(type, asked);
      run();
    }
    assert.equal(client.received.length, 4);
    client.received.length = 0;
    client.buffers.length = 0;
    return client;
  };
  const warm = Array.from({ length: 20 }, (_, index) => join(`shop/warm-${index}`));
  clock.advance(60_000);
  run();
  const before = living();
  const clients = Array.from({ length: STREAMS }, (_, index) => join(`shop/web-${index}`));
  clock.advance(60_000);
  run();
  const each = (living() - before) / STREAMS;
  assert.ok(server.clients().every(({ phase }) => phase === 'synced'));
  assert.equal(warm.length + clients.length, server.clients().length);
  assert.ok(each < 11_000, `${each.toFixed(0)} octets each`);
  context.diagnostic(`${each.toFixed(0)} octets each`);
});

test('an encoded response is kept for those who come in the same state at the same time, not for good', () => {
  const clock = new FakeClock();
  const encoder = new ResponseEncoder('', 1000, clock);
  const body = new Uint8Array(300);
  const resource = { name: 'a', version: '1', body, references: undefined, sources: [] };
  const push = (key: string) =>
    ({
      type: 'clusters',
      protocol: 'state-of-the-world',
      nonce: '1',
      target: ResourceSet.of([resource]),
      names: undefined,
      removed: [],
      changed: ['a'],
      key,
    }) as const;
  const first = encoder.encode(push('one'));
  assert.equal(encoder.encode(push('one')), first);
  assert.equal(encoder.keptBytes, first.bytes.length);
  for (const key of ['two', 'three', 'four']) encoder.encode(push(key));
  assert.ok(encoder.keptBytes <= 1000);
  clock.advance(10_000);
  assert.equal(encoder.keptBytes, 0);
  const again = encoder.encode(push('one'));
  assert.notEqual(again, first);
  assert.deepEqual(again, first);
  encoder.stop();
});
