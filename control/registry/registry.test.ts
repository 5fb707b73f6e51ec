import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AttachDown, Hello } from '@weft/core/agent-api';
import { isAvailable } from '@weft/core/mesh-view';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { GATEWAY_NAME_LABEL, MESH, NAMESPACE } from '@weft/core/resources';
import { Resources } from '../api/index.ts';
import { Authorities, Credentials, JoinTokens } from '../authority/index.ts';
import { testKey } from '../authority/testing/index.ts';
import type { Peer } from '../server/index.ts';
import { memoryStore } from '../store/memory/index.ts';
import { AttachSession } from './attach-session.ts';
import { bindNode, Registry } from './index.ts';

const LOCAL: Peer = { kind: 'local' };

async function setUp(context: TestContext) {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const store = memoryStore();
  await store.start();
  const resources = new Resources(store, { clock: clock.wall });
  await resources.start();
  for (const name of ['shop', 'bank']) {
    const target = { kind: NAMESPACE, version: 'v1', namespace: '', name };
    const made = await resources.create(
      target,
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      { author: 'test' },
    );
    assert.ok(made.ok, JSON.stringify(made));
  }
  const authorities = new Authorities({ folder: folder.path, clock: clock.wall, primary: () => 'weft.local' });
  authorities.start();
  const tokens = new JoinTokens(store, clock.wall);
  const meshes = { meshOf: () => ({ mesh: 'default', trustDomain: 'weft.local' }) };
  const credentials = new Credentials({ authorities, tokens, meshes, clock });
  const withdrawals: { workload: string; done: (acknowledged: boolean) => void }[] = [];
  const holders = {
    withdrawn: (workload: string) => new Promise<boolean>((done) => withdrawals.push({ workload, done })),
  };
  const problems: string[] = [];
  const newRegistry = (): Registry =>
    new Registry({
      resources,
      holders,
      clock,
      onProblem: (workload, problem) => problems.push(`${workload} ${problem}`),
    });
  const registry = newRegistry();
  const join = async (namespace = 'shop', account = 'orders'): Promise<string> => {
    const joined = await credentials.join(
      { token: undefined, publicKey: testKey().publicKey, namespace, account },
      { kind: 'local' },
    );
    assert.ok(joined.ok);
    return joined.value.registration;
  };
  context.after(async () => {
    registry.stop();
    resources.stop();
    await store.stop();
    folder[Symbol.dispose]();
  });
  const open = (peer: Peer = LOCAL, into: Registry = registry) => {
    const sent: AttachDown[] = [];
    const refused: string[] = [];
    let ended = 0;
    const session = new AttachSession(
      peer,
      { authorities, credentials, registry: into },
      {
        send: (message) => sent.push(message),
        refuse: (reason) => refused.push(reason),
        end: () => {
          ended += 1;
        },
      },
    );
    return { session, sent, refused, ended: () => ended };
  };
  const names = async (kind: string): Promise<string[]> => {
    const listed = await store.list({ kind, namespace: 'shop' });
    assert.ok(listed.ok);
    return listed.value.items.map((item) => item.metadata.name);
  };
  const annotations = async (name: string): Promise<Readonly<Record<string, string>>> =>
    (await store.get({ group: 'weft.dev', kind: 'Workload', namespace: 'shop', name }))?.metadata.annotations ?? {};
  return {
    annotations,
    clock,
    store,
    resources,
    authorities,
    credentials,
    registry,
    newRegistry,
    withdrawals,
    problems,
    join,
    open,
    names,
  };
}

const hello = (registration: string, more: Partial<Hello> = {}): Hello => ({
  type: 'hello',
  registration,
  namespace: 'shop',
  workload: {
    name: 'orders',
    labels: new Map([['version', 'v1']]),
    addresses: [{ ip: '127.0.0.1', network: '' }],
    ports: [{ name: 'http', port: 8080, protocol: 'http', proxyPort: 40001 }],
    locality: { region: '', zone: '', subZone: '' },
  },
  service: { name: 'orders' },
  instance: undefined,
  bundle: '',
  readiness: new Map([['http', true]]),
  ...more,
});

async function registered(stream: { readonly sent: readonly AttachDown[] }): Promise<string> {
  const first = await until(() => stream.sent[0]);
  assert.ok(first.type === 'registered');
  return first.name;
}

test('an agent registers its Workload and the Service, and takes them up again under the same name', async (context) => {
  const t = await setUp(context);
  const registration = await t.join();
  const first = t.open();
  first.session.receive(hello(registration));
  const name = await registered(first);
  assert.match(name, /^orders-[a-z0-9]{5}$/);
  assert.equal(first.sent[1]?.type, 'bundle');
  assert.deepEqual([await t.names('Workload'), await t.names('Service')], [[name], ['orders']]);
  assert.deepEqual(t.problems, []);
  const revision = t.store.revision();
  assert.equal(isAvailable(t.registry.liveness(), `shop/${name}`, 8080), true);
  first.session.receive({ type: 'readiness', ports: new Map([['http', false]]) });
  await until(() => !isAvailable(t.registry.liveness(), `shop/${name}`, 8080));
  first.session.lost();
  const second = t.open();
  const bundle = t.authorities.bundle('weft.local').version;
  second.session.receive(hello(registration, { instance: name, bundle }));
  assert.equal(await registered(second), name);
  assert.equal(second.sent.length, 1, 'the bundle in use is not sent again');
  assert.equal(t.store.revision(), revision, 'neither readiness nor a reconnect touches the store');
});

test('who registers is told how many threads a proxy of its mesh, namespace and kind has', async (context) => {
  const t = await setUp(context);
  const registration = await t.join();
  const told = async (labels: readonly (readonly [string, string])[] = []): Promise<number> => {
    const stream = t.open();
    stream.session.receive(hello(registration, { workload: { ...hello('').workload, labels: new Map(labels) } }));
    await registered(stream);
    return stream.sent[0]?.type === 'registered' ? stream.sent[0].concurrency : 0;
  };
  const gateway = [[GATEWAY_NAME_LABEL, 'orders']] as const;
  assert.deepEqual([await told(), await told(gateway)], [1, 1], 'no mesh says anything');
  const target = { kind: MESH, version: MESH.versions[0], namespace: '', name: 'default' };
  const spec = { trustDomain: 'weft.local', concurrency: { workloads: 2, namespaces: { shop: { gateways: 4 } } } };
  const document = { apiVersion: 'weft.dev/v1alpha1', kind: 'Mesh', metadata: { name: 'default' }, spec };
  const made = await t.resources.create(target, document, { author: 'test' });
  assert.ok(made.ok, JSON.stringify(made));
  assert.deepEqual([await told(), await told(gateway)], [2, 4]);
});

test('a newer stream of the same agent replaces the older one, whose end then changes nothing', async (context) => {
  const t = await setUp(context);
  const registration = await t.join();
  const first = t.open();
  first.session.receive(hello(registration));
  const name = await registered(first);
  const second = t.open();
  second.session.receive(hello(registration, { instance: name }));
  await registered(second);
  assert.equal(first.ended(), 1);
  first.session.lost();
  t.clock.advance(1_000_000);
  assert.equal(isAvailable(t.registry.liveness(), `shop/${name}`, 8080), true);
  assert.deepEqual(await t.names('Workload'), [name]);
});

test('a farewell waits for the holders; the Workload goes with the stream', async (context) => {
  const t = await setUp(context);
  const stream = t.open();
  stream.session.receive(hello(await t.join()));
  const name = await registered(stream);
  stream.session.receive({ type: 'deregister' });
  const withdrawal = await until(() => t.withdrawals[0]);
  assert.equal(withdrawal.workload, `shop/${name}`);
  assert.equal(isAvailable(t.registry.liveness(), `shop/${name}`, 8080), false);
  assert.deepEqual(await t.names('Workload'), [name], 'not deleted while proxies may still send');
  withdrawal.done(true);
  await until(() => stream.sent.at(-1)?.type === 'deregistered');
  assert.deepEqual(stream.sent.at(-1), { type: 'deregistered', acknowledged: true });
  assert.deepEqual(await t.names('Workload'), [name], 'its own proxy still works');
  stream.session.lost();
  await until(async () => (await t.names('Workload')).length === 0);
  assert.deepEqual(await t.names('Service'), ['orders'], 'the Service stays');
});

test('ports open beside a proxy hold as long as the stream that told of them', async (context) => {
  const t = await setUp(context);
  const registration = await t.join();
  const first = t.open();
  first.session.receive(hello(registration));
  const name = await registered(first);
  const open = [{ port: 8080, ip: '0.0.0.0', process: 'node' }];
  const told = (): unknown => t.registry.openPortsOf(`shop/${name}`);
  first.session.receive({ type: 'openPorts', ports: open });
  await until(() => t.registry.openPortsOf(`shop/${name}`).length === 1);
  assert.deepEqual(told(), open);
  first.session.receive({ type: 'openPorts', ports: [] });
  await until(() => t.registry.openPortsOf(`shop/${name}`).length === 0);
  first.session.receive({ type: 'openPorts', ports: open });
  await until(() => t.registry.openPortsOf(`shop/${name}`).length === 1);
  const second = t.open();
  second.session.receive(hello(registration, { instance: name }));
  await registered(second);
  assert.deepEqual(told(), [], 'the newer stream has not said it');
  second.session.receive({ type: 'openPorts', ports: open });
  await until(() => t.registry.openPortsOf(`shop/${name}`).length === 1);
  second.session.lost();
  assert.deepEqual(told(), []);
});

test('a lost agent: out of service first, its Workload deleted later', async (context) => {
  const t = await setUp(context);
  const streams = [t.open(), t.open(), t.open()];
  for (const stream of streams) stream.session.receive(hello(await t.join()));
  const names = await Promise.all(streams.map(registered));
  streams[0]?.session.lost();
  t.clock.advance(2000);
  assert.equal(isAvailable(t.registry.liveness(), `shop/${names[0]}`, 8080), false);
  t.clock.advance(58_000);
  await until(async () => (await t.names('Workload')).length === 2);
});

test('after a restart known workloads count as ready, and expire only when their agents stay away', async (context) => {
  const t = await setUp(context);
  const stream = t.open();
  stream.session.receive(hello(await t.join()));
  const name = await registered(stream);
  t.registry.stop();
  t.clock.advance(10_000_000);
  const again = t.newRegistry();
  await again.start();
  context.after(() => again.stop());
  assert.equal(isAvailable(again.liveness(), `shop/${name}`, 8080), true);
  t.clock.advance(299_000);
  assert.deepEqual(await t.names('Workload'), [name]);
  t.clock.advance(1000);
  await until(async () => (await t.names('Workload')).length === 0);
});

test('what was withdrawn before a restart stays out after it, until its agent comes back', async (context) => {
  const t = await setUp(context);
  const streams = [t.open(), t.open(), t.open()];
  const registrations = await Promise.all(streams.map(() => t.join()));
  streams.forEach((stream, index) => stream.session.receive(hello(registrations[index] ?? '')));
  const [name = ''] = await Promise.all(streams.map(registered));
  const withdrawn = async (): Promise<boolean> => (await t.annotations(name))['weft.dev/withdrawn'] === 'true';
  streams[0]?.session.lost();
  t.clock.advance(2000);
  await until(withdrawn);
  t.registry.stop();
  const again = t.newRegistry();
  await again.start();
  context.after(() => again.stop());
  assert.equal(isAvailable(again.liveness(), `shop/${name}`, 8080), false);
  const back = t.open(LOCAL, again);
  back.session.receive(hello(registrations[0] ?? '', { instance: name }));
  assert.equal(await registered(back), name);
  assert.equal(isAvailable(again.liveness(), `shop/${name}`, 8080), true);
  assert.equal(await withdrawn(), false);
  assert.deepEqual(t.problems, []);
});

test('refused: another namespace, somebody else’s workload or registration, no identity, out of turn', async (context) => {
  const t = await setUp(context);
  const mine = await t.join();
  const owner = t.open();
  owner.session.receive(hello(mine));
  const name = await registered(owner);
  const reasonOf = async (message: Hello, peer: Peer = LOCAL): Promise<string> => {
    const stream = t.open(peer);
    stream.session.receive(message);
    return until(() => stream.refused[0]);
  };
  assert.equal(await reasonOf(hello(mine, { namespace: 'bank' })), 'workload-foreign');
  assert.equal(await reasonOf(hello(await t.join(), { instance: name })), 'workload-foreign');
  assert.equal(await reasonOf(hello('f'.repeat(32))), 'registration-unknown');
  const anonymous: Peer = { kind: 'tls', address: '10.0.0.1:1', identity: undefined, refusal: '' };
  assert.equal(await reasonOf(hello(mine), anonymous), 'identity-missing');
  assert.equal(await reasonOf(hello(mine), { ...anonymous, refusal: 'CERT_HAS_EXPIRED' }), 'certificate-refused');
  const stranger: Peer = {
    ...anonymous,
    identity: {
      trustDomain: 'weft.local',
      namespace: 'shop',
      account: 'orders',
      spiffeId: 'spiffe://weft.local/ns/shop/sa/orders',
      registration: 'e'.repeat(32),
    },
  };
  assert.equal(await reasonOf(hello(mine), stranger), 'registration-foreign');
  const early = t.open();
  early.session.receive({ type: 'deregister' });
  assert.deepEqual(await until(() => early.refused[0]), 'message-malformed');

  const binding = (peer: Peer, node: string): string => {
    const bound = bindNode(t.registry, peer, node);
    return bound.ok ? bound.value.workload : bound.error;
  };
  assert.equal(binding(LOCAL, `shop/${name}`), `shop/${name}`);
  assert.equal(binding(LOCAL, 'shop/orders-aaaaa'), 'node-foreign');
  assert.equal(binding(stranger, `shop/${name}`), 'node-foreign');
  assert.equal(binding(anonymous, `shop/${name}`), 'identity-missing');
});

test('a revoked registration loses its streams and workloads', async (context) => {
  const t = await setUp(context);
  const registration = await t.join();
  const stream = t.open();
  stream.session.receive(hello(registration));
  await registered(stream);
  await t.credentials.revoke(registration);
  await t.registry.revoke(registration);
  assert.equal(stream.sent.at(-1)?.type, 'revoked');
  assert.equal(stream.ended(), 1);
  assert.deepEqual(await t.names('Workload'), []);
});

test('one registration cannot fill the store: not by streams at once, not one after another, not by a restart', async (context) => {
  const t = await setUp(context);
  const registration = await t.join();
  const all = Array.from({ length: 150 }, () => t.open());
  for (const { session } of all) session.receive(hello(registration, { service: undefined }));
  await until(() => all.every(({ sent, refused }) => sent.length + refused.length > 0));
  assert.equal(all.filter(({ refused }) => refused[0] === 'rate-limited').length, 50);
  const names = await t.names('Workload');
  assert.equal(names.length, 100);
  for (const { session } of all) session.lost();
  const more = t.open();
  more.session.receive(hello(registration));
  await until(() => more.refused[0] === 'rate-limited');
  const again = t.open();
  again.session.receive(hello(registration, { instance: names[0] }));
  assert.equal(await registered(again), names[0]);
  const restarted = t.newRegistry();
  context.after(() => restarted.stop());
  await restarted.start();
  const after = t.open(LOCAL, restarted);
  after.session.receive(hello(registration));
  await until(() => after.refused[0] === 'rate-limited');
  const other = t.open();
  other.session.receive(hello(await t.join()));
  await registered(other);
});

test('what a Gateway refers to goes to the processes with its identity that say they serve it, and to nobody else', async (context) => {
  const t = await setUp(context);
  const material = (version: string) => ({
    certificates: [{ name: 'secret/shop/edge', certificateChain: version, privateKey: 'key' }],
    authorities: [],
  });
  const asked: string[] = [];
  const set = (version: string): void =>
    t.registry.setMaterial((gateway) => {
      asked.push(gateway);
      return gateway === 'shop/edge' ? material(version) : undefined;
    });
  set('1');
  const label = (name: string) => new Map([['gateway.networking.k8s.io/gateway-name', name]]);
  const start = async (account: string, labels: ReadonlyMap<string, string>) => {
    const registration = await t.join('shop', account);
    const stream = t.open();
    const { workload } = hello(registration);
    stream.session.receive(hello(registration, { workload: { ...workload, labels }, service: undefined }));
    await registered(stream);
    return () => stream.sent.filter(({ type }) => type === 'material');
  };
  const edge = await start('edge', label('edge'));
  const impostor = await start('orders', label('edge'));
  const unasked = await start('edge', new Map());
  await until(() => edge().length === 1);
  set('1');
  set('2');
  await until(() => edge().length === 2);
  assert.deepEqual(edge()[1], { type: 'material', material: material('2') });
  assert.deepEqual([impostor(), unasked()], [[], []]);
  assert.ok(asked.every((gateway) => gateway === 'shop/edge'));
});
