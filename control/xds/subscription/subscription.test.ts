/** The protocol's rules one by one (xDS REST and gRPC protocol; each name says which). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NameSets, type Snapshot } from '../snapshot/index.ts';
import { Snapshots, type Mesh } from '../testing/mesh.ts';
import { pushed, type Protocol, type Push } from './push.ts';
import { Subscription, type SubscriptionOptions } from './subscription.ts';

const snapshots = new Snapshots();

/** Clusters by name and revision; listener `l` with route table `r` that refers to all of them. */
function mesh(clusters: Readonly<Record<string, number>>, bad: readonly string[] = []): Snapshot {
  const names = Object.keys(clusters);
  const made: Mesh = {
    clusters: names.map((name) => ({
      name,
      revision: clusters[name] ?? 0,
      endpoints: 0,
      badCluster: bad.includes(name),
    })),
    routes: [{ name: 'r', revision: 0, clusters: names }],
    listeners: [{ name: 'l', revision: 0, routes: ['r'], clusters: [] }],
  };
  return snapshots.of(made);
}

function open(protocol: Protocol, snapshot: Snapshot, options: Partial<SubscriptionOptions> = {}) {
  const time = { now: 0 };
  const subscription = new Subscription({
    protocol,
    clock: { now: () => time.now },
    nameSets: new NameSets(),
    rewarmsClusters: false,
    holdMs: 5000,
    patienceMs: 5000,
    recall: () => undefined,
    leftover: () => undefined,
    ...options,
  });
  subscription.update(snapshot);
  return { subscription, time };
}

const names = (push: Push | undefined): readonly string[] | undefined => push && pushed(push).map(({ name }) => name);

type Type = 'clusters' | 'endpoints' | 'listeners' | 'routes';

const ask = (subscription: Subscription, type: Type, list: readonly string[], nonce = '', version = '') =>
  subscription.stateOfTheWorld(type, { names: list, nonce, version, error: undefined });

/** Acknowledges `push`, repeating the names asked for. */
function acknowledge(subscription: Subscription, push: Push | undefined, list: readonly string[] = []): void {
  assert.ok(push !== undefined);
  const outcome = ask(subscription, push.type, list, push.nonce, push.target.version);
  assert.equal(outcome.kind, 'acknowledged');
}

const askDelta = (
  subscription: Subscription,
  type: Type,
  request: {
    subscribe?: string[];
    unsubscribe?: string[];
    nonce?: string;
    initial?: Map<string, string>;
    error?: string;
  },
) =>
  subscription.delta(type, {
    subscribe: request.subscribe ?? [],
    unsubscribe: request.unsubscribe ?? [],
    nonce: request.nonce ?? '',
    initialVersions: request.initial ?? new Map(),
    error: request.error,
  });

test('an ACK that repeats the names is not answered; the nonce is the version', () => {
  const { subscription } = open('state-of-the-world', mesh({ a: 0, b: 0 }));
  ask(subscription, 'endpoints', ['a', 'b']);
  const push = subscription.next();
  assert.deepEqual(names(push), ['a', 'b']);
  assert.equal(push?.nonce, push?.target.version);
  acknowledge(subscription, push, ['a', 'b']);
  assert.equal(subscription.next(), undefined);
});

test('an outdated nonce gets no answer', () => {
  const { subscription } = open('state-of-the-world', mesh({ a: 0 }));
  ask(subscription, 'endpoints', ['a']);
  const first = subscription.next();
  acknowledge(subscription, first, ['a']);
  subscription.update(
    snapshots.of({ clusters: [{ name: 'a', revision: 0, endpoints: 7 }], routes: [], listeners: [] }),
  );
  const second = subscription.next();
  assert.equal(ask(subscription, 'endpoints', ['a'], first?.nonce).kind, 'outdated');
  assert.equal(subscription.next(), undefined);
  acknowledge(subscription, second, ['a']);
});

test('state of the world: wildcard, explicit and legacy; naming something ends the legacy one', () => {
  for (const [list, wanted] of [
    [[], ['a', 'b']],
    [['*'], ['a', 'b']],
    [
      ['*', 'a'],
      ['a', 'b'],
    ],
    [['b', 'none'], ['b']],
  ] as const) {
    const { subscription } = open('state-of-the-world', mesh({ a: 0, b: 0 }));
    ask(subscription, 'clusters', list);
    assert.deepEqual(names(subscription.next()), wanted);
  }
  const { subscription } = open('state-of-the-world', mesh({ a: 0, b: 0 }));
  ask(subscription, 'clusters', ['a']);
  acknowledge(subscription, subscription.next(), []);
  subscription.update(mesh({ a: 1, b: 1 }));
  assert.equal(subscription.next(), undefined, 'nothing is subscribed any more');
});

test('endpoints and routes have no wildcard', () => {
  const { subscription } = open('state-of-the-world', mesh({ a: 0 }));
  ask(subscription, 'endpoints', []);
  assert.equal(subscription.next(), undefined);
});

test('a name that is added is sent, what was there is not; a name that appears later is sent then', () => {
  const { subscription } = open('state-of-the-world', mesh({ a: 0, b: 0 }));
  ask(subscription, 'endpoints', ['a']);
  acknowledge(subscription, subscription.next(), ['a', 'b', 'later']);
  const push = subscription.next();
  assert.deepEqual(names(push), ['b']);
  acknowledge(subscription, push, ['a', 'b', 'later']);
  subscription.update(mesh({ a: 0, b: 0, later: 0 }));
  assert.deepEqual(names(subscription.next()), ['later']);
});

test('what is dropped and asked for again is sent again', () => {
  const { subscription } = open('state-of-the-world', mesh({ a: 0, b: 0 }));
  ask(subscription, 'endpoints', ['a', 'b']);
  acknowledge(subscription, subscription.next(), ['a']);
  const version = subscription.next();
  assert.deepEqual(names(version), [], 'only the version, so that a returning client is recognised');
  acknowledge(subscription, version, ['a', 'b']);
  assert.deepEqual(names(subscription.next()), ['b']);
});

test('an empty set is an answer too: a client waits for its first one', () => {
  const empty = snapshots.of({ clusters: [], routes: [], listeners: [] });
  const world = open('state-of-the-world', empty).subscription;
  ask(world, 'listeners', []);
  assert.deepEqual(names(world.next()), []);
  const delta = open('delta', empty).subscription;
  askDelta(delta, 'listeners', {});
  assert.deepEqual(names(delta.next()), []);
});

test('one push of a type at a time; what changes meanwhile is sent together', () => {
  const { subscription } = open('state-of-the-world', mesh({ a: 0, b: 0 }));
  ask(subscription, 'clusters', []);
  const push = subscription.next();
  subscription.update(mesh({ a: 1, b: 0 }));
  subscription.update(mesh({ a: 1, b: 1 }));
  assert.equal(subscription.next(), undefined);
  acknowledge(subscription, push);
  assert.deepEqual(subscription.next()?.changed, ['a', 'b']);
  assert.equal(subscription.next(), undefined);
});

test('an answer that never comes holds nothing up for ever, and late nonces are not mistaken', () => {
  const { subscription, time } = open('state-of-the-world', mesh({ a: 0 }));
  ask(subscription, 'clusters', []);
  const first = subscription.next();
  subscription.update(mesh({ a: 1 }));
  assert.equal(subscription.deadline, 5000);
  time.now = 5000;
  const second = subscription.next();
  assert.deepEqual(names(second), ['a']);
  subscription.update(mesh({ a: 0 }));
  time.now = 10_000;
  const third = subscription.next();
  assert.equal(third?.target.version, first?.target.version);
  assert.notEqual(third?.nonce, first?.nonce);
  assert.equal(ask(subscription, 'clusters', [], first?.nonce).kind, 'outdated');
  acknowledge(subscription, third);
  assert.ok(subscription.settled);
});

test('make before break: the new cluster, its endpoints, the route, and only then the old cluster goes', () => {
  const { subscription } = open('state-of-the-world', mesh({ old: 0 }));
  const list = ['old', 'new'];
  ask(subscription, 'clusters', []);
  acknowledge(subscription, subscription.next());
  ask(subscription, 'endpoints', list);
  acknowledge(subscription, subscription.next(), list);
  ask(subscription, 'listeners', []);
  acknowledge(subscription, subscription.next());
  ask(subscription, 'routes', ['r']);
  acknowledge(subscription, subscription.next(), ['r']);
  const steps: string[] = [];
  subscription.update(mesh({ new: 0 }));
  for (let push = subscription.next(); push !== undefined; push = subscription.next()) {
    steps.push(`${push.type} ${names(push)?.join(' ')}`);
    acknowledge(subscription, push, push.type === 'endpoints' ? list : push.type === 'routes' ? ['r'] : []);
  }
  assert.deepEqual(steps.slice(0, 4), ['clusters new old', 'endpoints new', 'routes r', 'clusters new']);
});

test('a resource waits no longer than it may for what it refers to', () => {
  const { subscription, time } = open('state-of-the-world', mesh({ a: 0 }));
  ask(subscription, 'clusters', []);
  ask(subscription, 'routes', ['r']);
  assert.equal(subscription.next()?.type, 'clusters');
  assert.equal(subscription.next(), undefined);
  time.now = 5000;
  assert.deepEqual(names(subscription.next()), ['r']);
});

test('Envoy: a cluster that is sent again takes its endpoints along', () => {
  const { subscription } = open('delta', mesh({ a: 0, b: 0 }), { rewarmsClusters: true });
  askDelta(subscription, 'clusters', {});
  askDelta(subscription, 'clusters', { nonce: subscription.next()?.nonce ?? '' });
  askDelta(subscription, 'endpoints', { subscribe: ['a', 'b'] });
  askDelta(subscription, 'endpoints', { nonce: subscription.next()?.nonce ?? '' });
  subscription.update(mesh({ a: 1, b: 0 }));
  assert.deepEqual(names(subscription.next()), ['a']);
  const again = subscription.next();
  assert.equal(again?.type, 'endpoints');
  assert.deepEqual(names(again), ['a']);
  assert.equal(again?.nonce, `${again?.target.version}.1`, 'the same version, another response');
});

test('Envoy: the correction of a cluster that it refused takes its endpoints along, for it may be warming', () => {
  const { subscription } = open('state-of-the-world', mesh({ a: 0 }), { rewarmsClusters: true });
  ask(subscription, 'clusters', []);
  acknowledge(subscription, subscription.next());
  ask(subscription, 'endpoints', ['a']);
  acknowledge(subscription, subscription.next(), ['a']);
  assert.equal(subscription.next(), undefined);

  subscription.update(mesh({ a: 1 }, ['a']));
  const refused = subscription.next();
  assert.equal(refused?.type, 'clusters');
  acknowledge(subscription, subscription.next(), ['a']);
  subscription.stateOfTheWorld('clusters', {
    names: [],
    nonce: refused?.nonce ?? '',
    version: '',
    error: 'Error adding/updating cluster(s) a: no.',
  });
  const correction = subscription.next();
  assert.equal(correction?.type, 'clusters');
  const warming = subscription.next();
  assert.equal(warming?.type, 'endpoints');
  assert.deepEqual(names(warming), ['a']);
});

test('a refused resource stays at its last good version, the rest goes on, a new version is tried', () => {
  const { subscription } = open('state-of-the-world', mesh({ a: 0, b: 0 }));
  ask(subscription, 'clusters', []);
  const first = subscription.next();
  acknowledge(subscription, first);
  subscription.update(mesh({ a: 1, b: 1 }));
  const push = subscription.next();
  const error = 'Error adding/updating cluster(s) b: no.';
  const outcome = subscription.stateOfTheWorld('clusters', {
    names: [],
    nonce: push?.nonce ?? '',
    version: first?.target.version ?? '',
    error,
  });
  assert.equal(outcome.kind, 'rejected');
  const corrected = subscription.next();
  assert.deepEqual(corrected?.target.get('b'), first?.target.get('b'));
  assert.deepEqual(corrected?.changed, ['a']);
  acknowledge(subscription, corrected);
  assert.equal(subscription.next(), undefined);
  const [status] = subscription.status();
  assert.equal(status?.phase, 'rejected');
  assert.deepEqual(
    status?.rejections.map(({ name, reason }) => [name, reason]),
    [['b', error]],
  );
  subscription.update(mesh({ a: 1, b: 2 }));
  acknowledge(subscription, subscription.next());
  subscription.next();
  assert.equal(subscription.status()[0]?.phase, 'synced');
});

test('what a client holds that came back after our restart is not removed by a refusal', () => {
  const { subscription } = open('state-of-the-world', mesh({ a: 1, b: 1 }));
  ask(subscription, 'clusters', [], '', 'of-before');
  const push = subscription.next();
  subscription.stateOfTheWorld('clusters', {
    names: [],
    nonce: push?.nonce ?? '',
    version: 'of-before',
    error: 'b: no',
  });
  assert.equal(subscription.next(), undefined, 'leaving b out would remove the older b');
  subscription.update(mesh({ a: 2, b: 1 }));
  assert.deepEqual(names(subscription.next()), ['a', 'b']);
});

test('delta: absent names are answered as removed; names asked for again are sent again', () => {
  const { subscription } = open('delta', mesh({ a: 0 }));
  askDelta(subscription, 'endpoints', { subscribe: ['a', 'none'] });
  const push = subscription.next();
  assert.deepEqual([names(push), push?.removed], [['a'], ['none']]);
  askDelta(subscription, 'endpoints', { nonce: push?.nonce ?? '', subscribe: ['a'] });
  assert.deepEqual(names(subscription.next()), ['a']);
});

test('delta: a name given up under a wildcard is answered with its standing', () => {
  const { subscription } = open('delta', mesh({ a: 0, b: 0 }));
  askDelta(subscription, 'clusters', { subscribe: ['*', 'a', 'none'] });
  const push = subscription.next();
  assert.deepEqual([names(push), push?.removed], [['a', 'b'], ['none']]);
  askDelta(subscription, 'clusters', { nonce: push?.nonce ?? '', unsubscribe: ['a', 'none'] });
  const answer = subscription.next();
  assert.deepEqual([names(answer), answer?.removed], [['a'], ['none']]);
  askDelta(subscription, 'clusters', { nonce: answer?.nonce ?? '', unsubscribe: ['*'] });
  subscription.update(mesh({ a: 1, b: 1 }));
  assert.equal(subscription.next(), undefined);
});

test('delta: what goes is told as removed once nothing refers to it', () => {
  const { subscription } = open('delta', mesh({ a: 0, b: 0 }));
  askDelta(subscription, 'clusters', {});
  askDelta(subscription, 'clusters', { nonce: subscription.next()?.nonce ?? '' });
  subscription.update(mesh({ a: 0 }));
  const push = subscription.next();
  assert.deepEqual([names(push), push?.removed], [[], ['b']]);
});

test('a refusal that names nobody: halves are tried until the culprit is alone, everything else arrives', () => {
  const all = ['a', 'b', 'c', 'd', 'e'];
  const { subscription } = open('state-of-the-world', mesh(Object.fromEntries(all.map((name) => [name, 0]))));
  ask(subscription, 'endpoints', all);
  const arrived = new Set<string>();
  let version = '';
  let responses = 0;
  for (let push = subscription.next(); push !== undefined; push = subscription.next()) {
    responses += 1;
    assert.ok(responses < 12, 'it comes to an end');
    const sent = names(push) ?? [];
    const error = sent.includes('d') ? 'something is wrong' : undefined;
    if (error === undefined) {
      version = push.target.version;
      for (const name of sent) arrived.add(name);
    }
    subscription.stateOfTheWorld('endpoints', { names: all, nonce: push.nonce, version, error });
  }
  assert.deepEqual([...arrived].sort(), ['a', 'b', 'c', 'e']);
  const status = subscription.status().find(({ type }) => type === 'endpoints');
  assert.equal(status?.phase, 'rejected');
  assert.deepEqual(
    status.rejections.map(({ name }) => name),
    ['d'],
  );
});
