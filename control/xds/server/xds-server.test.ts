import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '@weft/testkit/clock';
import { FixedSource, JSON_ENCODERS, namesOf, nobody, TestClient, trusting } from '../testing/harness.ts';
import { cluster, config, endpointSet, listener, route, routeTable } from '../testing/rows.ts';
import { XdsServer, type ClientStatus, type XdsLimits, type XdsObserver, type XdsServerOptions } from './index.ts';

const ADDRESS = { kind: 'ip', ip: '127.0.0.1', port: 8080 } as const;
const endpointsOf = (name: string, port: number) => endpointSet(name, { kind: 'ip', ip: '10.0.0.1', port });

const SHOP = {
  clusters: [cluster('a'), cluster('b')],
  endpoints: [endpointsOf('a', 1), endpointsOf('b', 1)],
  listeners: [listener('l', ADDRESS, 'r', { source: 'Service/shop/a#spec' })],
  routes: [routeTable('r', [route('a', { source: 'HTTPRoute/shop/r#spec.rules[0]' })])],
};

function setUp(context: TestContext, changes: Partial<XdsServerOptions> = {}, limits: Partial<XdsLimits> = {}) {
  const clock = new FakeClock();
  const source = new FixedSource(config(SHOP));
  const deferred: (() => void)[] = [];
  const server = new XdsServer({
    source,
    resolveProxy: trusting,
    encoders: JSON_ENCODERS,
    clock,
    wall: clock.wall,
    limits,
    defer: (run) => void deferred.push(run),
    ...changes,
  });
  context.after(() => server.stop());
  const run = (): void => {
    for (let next = deferred.shift(); next !== undefined; next = deferred.shift()) next();
  };
  return { clock, source, server, run };
}

/** Asks for everything and acknowledges it. */
function sync(client: TestClient, run: () => void): void {
  client.send('clusters');
  run();
  client.answer('clusters');
  client.send('endpoints', { resourceNames: ['a', 'b'] });
  run();
  client.answer('endpoints', ['a', 'b']);
  client.send('listeners');
  run();
  client.answer('listeners');
  client.send('routes', { resourceNames: ['r'] });
  run();
  client.answer('routes', ['r']);
  run();
}

test('serves all types in order, then nothing until something changes', (context) => {
  const { server, source, run } = setUp(context);
  const client = new TestClient(server);
  sync(client, run);
  assert.deepEqual(
    client.received.map((response) => namesOf(response)),
    [['a', 'b'], ['a', 'b'], ['l'], ['r']],
  );
  assert.equal(server.clients()[0]?.phase, 'synced');
  source.set(config({ ...SHOP, endpoints: [endpointsOf('a', 2), SHOP.endpoints[1] ?? endpointsOf('b', 1)] }));
  run();
  assert.equal(client.received.length, 5);
  assert.deepEqual(namesOf(client.last('endpoints')), ['a']);
  assert.equal(server.clients()[0]?.phase, 'stale');
});

test('a client that does not answer holds up what is newer for its patience only, also while something else waits longer', (context) => {
  const { server, source, run, clock } = setUp(context, {}, { holdMs: 60_000, patienceMs: 300 });
  const client = new TestClient(server);
  sync(client, run);
  const clusters = [...SHOP.clusters, cluster('c')];
  const endpoints = [...SHOP.endpoints, endpointsOf('c', 1)];
  const routes = [routeTable('r', [route('c')])];
  // The route waits for the endpoints of c, which this client never asks for.
  source.set(config({ ...SHOP, clusters, endpoints, routes }));
  run();
  client.answer('clusters');
  run();
  clock.advance(1000);
  run();
  const pushed = (connectTimeout: number): boolean => {
    const changed = [...SHOP.clusters, cluster('c', { connectTimeout })];
    const before = client.of('clusters').length;
    source.set(config({ ...SHOP, clusters: changed, endpoints, routes }));
    run();
    return client.of('clusters').length > before;
  };
  assert.ok(pushed(1));
  assert.ok(!pushed(2), 'one response of a type at a time');
  const before = client.of('clusters').length;
  clock.advance(400);
  run();
  assert.equal(client.of('clusters').length, before + 1);
});

test('streams in the same state get the same buffer', (context) => {
  const { server, run } = setUp(context);
  const one = new TestClient(server, { id: 'shop/one' });
  const other = new TestClient(server, { id: 'shop/other' });
  sync(one, run);
  sync(other, run);
  assert.equal(one.buffers.length, 4);
  one.buffers.forEach((bytes, index) => assert.equal(bytes, other.buffers[index]));
});

test('a foreign node is refused: the reason is ours, not the peer’s', (context) => {
  const closed: string[] = [];
  const observer: XdsObserver = {
    closed: (_, node, error) => closed.push(`${node} ${error?.code ?? ''} ${error?.message ?? ''}`),
  };
  const { server, source } = setUp(context, { resolveProxy: nobody, observer });
  const client = new TestClient(server, { id: 'shop/orders-1' });
  client.send('clusters');
  assert.deepEqual(client.ended, { status: 7, message: 'permission denied' });
  assert.deepEqual(closed, ['shop/orders-1 foreign-node the workload is registered by somebody else']);
  assert.equal(source.subscribers, 0);
  assert.deepEqual(server.clients(), []);
});

test('a node that changes, is absent or malformed ends the stream', (context) => {
  const { server } = setUp(context);
  const absent = new TestClient(server);
  absent.send('clusters', { node: undefined });
  assert.match(absent.ended?.message ?? '', /no node/);
  const garbage = new TestClient(server);
  garbage.raw(new Uint8Array([0xff, 0xff, 0xff]));
  assert.equal(garbage.ended?.status, 3);
  const malformed = new TestClient(server, {
    id: 'nobody',
    metadata: { 'dev.weft': { upstreams: [{ localPort: 0 }], colour: 'red' } },
  });
  malformed.send('clusters');
  for (const part of ['"nobody"', 'colour', 'upstreams[0].service', 'upstreams[0].localPort'])
    assert.ok(malformed.ended?.message.includes(part), part);
  assert.equal(malformed.ended?.status, 3);
});

test('a refusal is in the status within a second, with its sources; what is right goes on', (context) => {
  const { server, source, run, clock } = setUp(context);
  const told: ClientStatus[] = [];
  server.onStatus((status) => told.push(status));
  const client = new TestClient(server);
  sync(client, run);
  const version = client.last('routes').versionInfo;
  source.set(
    config({ ...SHOP, routes: [routeTable('r', [route('b', { source: 'HTTPRoute/shop/r#spec.rules[0]' })])] }),
  );
  run();
  client.answer('routes', ['r'], 'r: unknown cluster', version);
  run();
  clock.advance(1000);
  const status = told.at(-1);
  assert.equal(status?.phase, 'rejected');
  assert.deepEqual(
    status?.rejections.map(({ type, name, reason, sources, since }) => ({ type, name, reason, sources, since })),
    [
      {
        type: 'routes',
        name: 'r',
        reason: 'r: unknown cluster',
        sources: ['HTTPRoute/shop/r#spec.rules[0]'],
        since: clock.wall.now() - 1000,
      },
    ],
  );
  source.set(config({ ...SHOP, clusters: [cluster('a', { connectTimeout: 1 }), cluster('b')] }));
  run();
  client.answer('clusters');
  run();
  clock.advance(1000);
  assert.equal(told.at(-1)?.phase, 'synced', 'the refused version is no longer wanted');
});

test('a client that comes back with what it holds gets what changed only', (context) => {
  const { server, source, run } = setUp(context);
  const first = new TestClient(server);
  sync(first, run);
  const versions = { clusters: first.last('clusters').versionInfo, endpoints: first.last('endpoints').versionInfo };
  first.disconnect();
  assert.equal(source.subscribers, 0);
  const again = (on: XdsServer): TestClient => {
    const client = new TestClient(on);
    client.send('clusters', { versionInfo: versions.clusters, responseNonce: 'old' });
    client.send('endpoints', { versionInfo: versions.endpoints, responseNonce: 'old', resourceNames: ['a', 'b'] });
    return client;
  };
  const other = setUp(context);
  for (const [on, flush] of [
    [server, run],
    [other.server, other.run],
  ] as const) {
    const client = again(on);
    flush();
    assert.deepEqual(client.received, []);
    assert.equal(on.clients().at(-1)?.phase, 'synced');
  }
  source.set(config({ ...SHOP, endpoints: [endpointsOf('a', 7), SHOP.endpoints[1] ?? endpointsOf('b', 1)] }));
  const changed = again(server);
  run();
  assert.deepEqual(
    changed.received.map((response) => namesOf(response)),
    [['a']],
  );
});

test('delta: versions by resource decide what a returning client gets', (context) => {
  const { server, source, run } = setUp(context);
  const first = new TestClient(server, { protocol: 'delta' });
  first.sendDelta('clusters');
  run();
  const versions = new Map(first.last('clusters').resources.map(({ name, version }) => [name, version]));
  assert.deepEqual([...versions.keys()], ['a', 'b']);
  first.disconnect();
  source.set(config({ ...SHOP, clusters: [cluster('a', { connectTimeout: 9 }), cluster('b')] }));
  const back = new TestClient(server, { protocol: 'delta' });
  back.sendDelta('clusters', { subscribe: ['*'], initialVersions: new Map([...versions, ['gone', '1']]) });
  run();
  assert.deepEqual(
    back.last('clusters').resources.map(({ name }) => name),
    ['a'],
  );
});

test('limits: streams, names, request rate and size', (context) => {
  const limits = { streams: 3, streamsPerPeer: 1, names: 3, requestBurst: 5, requestsPerSecond: 1, requestBytes: 1000 };
  const { server, run } = setUp(context, {}, limits);
  const peer = { kind: 'tls', address: '10.0.0.9:5', identity: undefined, refusal: '' } as const;
  const remote = new TestClient(server, { peer });
  assert.equal(new TestClient(server, { peer: { ...peer, address: '10.0.0.9:6' } }).ended?.status, 8);
  const names = new TestClient(server);
  names.send('endpoints', { resourceNames: ['a', 'b', 'c', 'd'] });
  assert.match(names.ended?.message ?? '', /4 resource names/);
  const big = new TestClient(server);
  big.raw(new Uint8Array(1001));
  assert.match(big.ended?.message ?? '', /1001 bytes/);
  const busy = new TestClient(server);
  for (let count = 0; count < 7; count++) busy.send('clusters');
  assert.equal(busy.ended?.status, 8);
  remote.disconnect();
  for (let count = 0; count < 3; count++) new TestClient(server);
  assert.match(new TestClient(server).ended?.message ?? '', /too many streams/);
  run();
});

test('a reader that does not read holds nobody up, and is ended', (context) => {
  const { server, run, clock } = setUp(context, {}, { bytesInFlight: 1, slowAfterMs: 1000, stalledAfterMs: 5000 });
  const stuck = new TestClient(server, { id: 'shop/stuck' });
  stuck.reads = false;
  stuck.send('clusters');
  run();
  assert.equal(stuck.received.length, 1);
  const other = new TestClient(server, { id: 'shop/other' });
  other.send('clusters');
  run();
  assert.equal(other.received.length, 0, 'there is no room yet');
  clock.advance(2000);
  run();
  assert.equal(other.received.length, 1);
  clock.advance(5000);
  assert.deepEqual(stuck.ended?.status, 8);
});

test('converged tells when all have what they were given', async (context) => {
  const { server, source, run, clock } = setUp(context);
  const client = new TestClient(server);
  sync(client, run);
  assert.equal(await server.converged(1000), true);
  source.set(config({ ...SHOP, endpoints: [endpointsOf('a', 2), SHOP.endpoints[1] ?? endpointsOf('b', 1)] }));
  const late = server.converged(1000);
  clock.advance(1000);
  assert.equal(await late, false);
  const soon = server.converged(1000);
  run();
  client.answer('endpoints', ['a', 'b']);
  run();
  assert.equal(await soon, true);
  source.set(config(SHOP));
  const gone = server.converged(1000);
  client.disconnect();
  assert.equal(await gone, true);
});

test('a row that the client’s engine cannot be told stays away and is reported', (context) => {
  const diagnostics = [{ severity: 'error', code: 'unsupported', message: 'no mirrors', place: {} }] as const;
  const encoders = {
    ...JSON_ENCODERS,
    clusters: (row: { readonly name: string }) =>
      row.name === 'b'
        ? { bytes: undefined, diagnostics }
        : { bytes: new TextEncoder().encode(JSON.stringify(row)), diagnostics: [] },
  };
  const { server, run } = setUp(context, { encoders });
  const client = new TestClient(server);
  client.send('clusters');
  run();
  assert.deepEqual(namesOf(client.last('clusters')), ['a']);
  client.answer('clusters');
  run();
  const [status] = server.clients();
  assert.equal(status?.phase, 'rejected');
  assert.deepEqual(
    status?.inexpressible.map(({ type, name, sent }) => `${type} ${name} ${sent}`),
    ['clusters b false'],
  );
});

test('whatever bytes come, the stream ends or goes on; nothing is thrown', (context) => {
  const { server, run } = setUp(context);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom('delta', 'state-of-the-world'), (bytes, protocol) => {
      const client = new TestClient(server, { protocol });
      client.raw(bytes);
      run();
      assert.notEqual(client.ended?.status, 13);
      client.disconnect();
    }),
  );
});

test('a defect of ours ends one stream', (context) => {
  const closed: string[] = [];
  const { server, run } = setUp(context, {
    resolveProxy: (claim, peer) => {
      if (claim.id === 'shop/bad') throw new Error('a secret of ours');
      return trusting(claim, peer);
    },
    observer: { closed: (_, node, error) => closed.push(`${node} ${error?.code ?? ''}`) },
  });
  const good = new TestClient(server);
  const bad = new TestClient(server, { id: 'shop/bad' });
  bad.send('clusters');
  assert.deepEqual(bad.ended, { status: 13, message: 'internal error' });
  assert.deepEqual(closed, ['shop/bad internal']);
  sync(good, run);
  assert.equal(good.ended, undefined);
});

test('a stream on which nothing is asked is ended', (context) => {
  const { server, clock, run } = setUp(context, {}, { identifyMs: 1000 });
  const silent = new TestClient(server);
  const client = new TestClient(server);
  client.send('clusters');
  run();
  clock.advance(1000);
  assert.equal(silent.ended?.status, 8);
  assert.equal(client.ended, undefined);
});

test('stop ends every stream and takes no more', (context) => {
  const { server, run, clock } = setUp(context);
  const client = new TestClient(server);
  sync(client, run);
  server.stop();
  assert.equal(client.ended?.status, 14);
  assert.equal(new TestClient(server).ended?.status, 14);
  assert.equal(clock.waiting, 0);
});
