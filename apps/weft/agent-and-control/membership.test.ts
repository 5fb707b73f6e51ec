import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { Agent, AgentError, type AgentEvents, type Membership, type Secret } from '@weft/agent/agent';
import { formatJoinToken, parseJoinToken } from '@weft/core/agent-api';
import { CLUSTER_TYPE, LISTENER_TYPE } from '@weft/envoy/discovery';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { Rig } from './rig.ts';
import { ordersAgent, TestEngine } from './workloads.ts';

async function setUp(context: TestContext, svidLife?: number) {
  const folder = temporaryFolder();
  const rig = new Rig({ folder: folder.path, ...(svidLife === undefined ? {} : { svidLife }) });
  await rig.start();
  const agents: Agent[] = [];
  context.after(async () => {
    await Promise.all(agents.map((agent) => agent.stop()));
    await rig.stop();
    folder[Symbol.dispose]();
  });
  const agent = (
    membership: Membership,
    name = 'agent',
    events: Partial<AgentEvents> = {},
    more: Partial<ConstructorParameters<typeof Agent>[0]> = {},
  ): Agent => {
    const made = ordersAgent(path.join(folder.path, name), membership, more, events);
    agents.push(made);
    return made;
  };
  return { folder: folder.path, rig, agent };
}

const code = (agent: Agent): Promise<string> =>
  agent.start().then(
    () => 'started',
    (error: unknown) => (error instanceof AgentError ? error.code : String(error)),
  );

function secretsOf(agent: Agent): Map<string, Secret> {
  const secrets = new Map<string, Secret>();
  agent.onSecret((name, secret) => secrets.set(name, secret));
  return secrets;
}

const certificateOf = (secret: Secret | undefined): X509Certificate => {
  assert.ok(secret?.kind === 'certificate');
  return new X509Certificate(secret.certificateChain);
};

test('with a token: joined, certified, registered; the token is spent, the agent can be restarted', async (context) => {
  const t = await setUp(context);
  const token = await t.rig.token();
  const first = t.agent({ kind: 'token', token });
  await first.start();
  assert.match(first.nodeId ?? '', /^shop\/orders-[a-z0-9]{5}$/);
  const secrets = secretsOf(first);
  const own = secrets.get('default');
  assert.equal(certificateOf(own).subjectAltName, 'URI:spiffe://weft.local/ns/shop/sa/orders');
  assert.ok(own?.kind === 'certificate' && certificateOf(own).checkPrivateKey(createPrivateKey(own.privateKey)));
  assert.deepEqual(secrets.get('trust/weft.local'), { kind: 'roots', roots: t.rig.authority.roots() });
  const { name } = first;
  await first.stop();
  const again = t.agent({ kind: 'token', token: undefined });
  await again.start();
  assert.equal(again.name, name, 'the same registration takes its Workload up again');

  assert.equal(await code(t.agent({ kind: 'token', token }, 'second')), 'refused');
  assert.equal(t.rig.refusals.at(-1)?.reason, 'token-used');
});

test('refused tokens: expired, foreign, damaged, of another control plane; the reason is in the log, not in the answer', async (context) => {
  const t = await setUp(context);
  const reason = (): string => t.rig.refusals.at(-1)?.reason ?? '';
  assert.equal(await code(t.agent({ kind: 'token', token: await t.rig.token('orders', -1) }, 'a')), 'refused');
  assert.equal(reason(), 'token-expired');
  assert.equal(await code(t.agent({ kind: 'token', token: await t.rig.token('payments') }, 'b')), 'refused');
  assert.equal(reason(), 'token-foreign');
  const good = parseJoinToken(await t.rig.token());
  assert.ok(good.ok);
  const guessed = formatJoinToken({ ...good.value, proof: { ...good.value.proof, secret: 'x' } });
  const agent = t.agent({ kind: 'token', token: guessed }, 'c');
  await assert.rejects(agent.start(), (error: Error) => !/token-unknown/.test(error.message));
  assert.equal(reason(), 'token-unknown');
  const elsewhere = formatJoinToken({ ...good.value, rootSha256: 'a'.repeat(64) });
  assert.equal(await code(t.agent({ kind: 'token', token: elsewhere }, 'd')), 'root-mismatch');
  assert.equal(await code(t.agent({ kind: 'token', token: 'weft1.abc' }, 'e')), 'token-malformed');
  assert.equal(await code(t.agent({ kind: 'token', token: undefined }, 'f')), 'token-malformed');
  const dead = formatJoinToken({ ...good.value, controlPlane: '127.0.0.1:1' });
  assert.equal(await code(t.agent({ kind: 'token', token: dead }, 'g')), 'unreachable');
});

test('on the control plane’s host: no token, and a restarted control plane knows nobody but is joined again', async (context) => {
  const t = await setUp(context);
  const names: string[] = [];
  const agent = t.agent({ kind: 'local', socket: t.rig.socket }, 'agent', { registered: (name) => names.push(name) });
  await agent.start();
  await t.rig.close();
  await until(() => !agent.connected);
  await t.rig.open();
  await until(() => agent.connected);
  assert.deepEqual(new Set(names).size, 1, 'its name stays');
  assert.deepEqual(t.rig.refusals, []);
});

test('an agent that waits for its first control plane can be stopped, and one that waited long enough starts', async (context) => {
  const t = await setUp(context);
  await t.rig.close();
  const tries: string[] = [];
  const events = { certificateFailed: (error: { readonly kind: string }) => tries.push(error.kind) };
  const stopped = t.agent({ kind: 'local', socket: t.rig.socket }, 'a', events);
  const outcome = code(stopped);
  await until(() => tries.length > 0);
  await stopped.stop();
  assert.equal(await outcome, 'stopped');
  const patient = t.agent({ kind: 'local', socket: t.rig.socket }, 'b');
  const started = code(patient);
  await t.rig.open();
  assert.equal(await started, 'started');
});

test('drain: out of every proxy’s endpoints when it resolves; the Workload goes when the agent stops', async (context) => {
  const t = await setUp(context);
  const agent = t.agent({ kind: 'local', socket: t.rig.socket });
  await agent.start();
  const workloads = async (): Promise<number> => {
    const listed = await t.rig.store.list({ kind: 'Workload' });
    return listed.ok ? listed.value.items.length : -1;
  };
  assert.equal(await agent.drain(), true);
  assert.equal(t.rig.registry.liveness().get(agent.nodeId ?? '')?.draining, true);
  assert.equal(await workloads(), 1);
  await agent.stop();
  await until(async () => (await workloads()) === 0);
});

test('certificates are renewed with an overlap, and one that expired while the control plane was away comes back by itself', async (context) => {
  const t = await setUp(context, 4000);
  const expiries: number[] = [];
  const agent = t.agent({ kind: 'token', token: await t.rig.token() }, 'agent', {
    certificate: (notAfter) => expiries.push(notAfter),
  });
  await agent.start();
  const secrets = secretsOf(agent);
  const first = certificateOf(secrets.get('default')).serialNumber;
  await until(() => certificateOf(secrets.get('default')).serialNumber !== first);
  assert.ok(Date.now() < (expiries[0] ?? 0), 'the next one was there before the first had expired');
  assert.equal(agent.connected, true, 'the lease outlives a renewal');
  await t.rig.close();
  await until(() => Date.now() > agent.certificateNotAfter);
  await t.rig.open();
  await until(() => agent.certificateNotAfter > Date.now() && agent.connected);
});

test('a new root: the agent uses the bundle, says so, and lives on under it', async (context) => {
  const t = await setUp(context);
  const agent = t.agent({ kind: 'token', token: await t.rig.token() });
  await agent.start();
  const secrets = secretsOf(agent);
  const { authorities, authority, registry, server } = t.rig;
  const bundle = (trustDomain: string) => authorities.bundle(trustDomain);
  const lagging = (): readonly string[] => registry.lagging(bundle, () => undefined);
  const serve = (): void => server.setTls(t.rig.tls());
  assert.equal((await authority.beginRotation()).ok, true);
  serve();
  const early = authority.promoteRoot(lagging());
  assert.deepEqual(early.ok ? [] : early.error.code === 'not-acknowledged' && early.error.lagging, [agent.nodeId]);
  registry.pushBundles(bundle);
  await until(() => authority.promoteRoot(lagging()).ok);
  assert.deepEqual(secrets.get('trust/weft.local'), { kind: 'roots', roots: authority.roots() });
  serve();
  await t.rig.close();
  await until(() => !agent.connected);
  await t.rig.open();
  await until(() => agent.connected);
  assert.deepEqual(t.rig.refusals, []);
});

test('a revoked registration: told, disconnected, and refused from then on', async (context) => {
  const t = await setUp(context);
  let revoked = false;
  const agent = t.agent({ kind: 'token', token: await t.rig.token() }, 'agent', {
    revoked: () => {
      revoked = true;
    },
  });
  await agent.start();
  const [registration] = await until(async () => {
    const listed = await t.rig.store.list({ kind: 'Registration' });
    return listed.ok ? listed.value.items : undefined;
  });
  const id = registration?.metadata.name ?? '';
  assert.equal(await t.rig.credentials.revoke(id), true);
  await t.rig.registry.revoke(id);
  await until(() => revoked);
  await agent.stop();
  assert.equal(await code(t.agent({ kind: 'token', token: undefined })), 'refused');
  assert.equal(t.rig.refusals.at(-1)?.reason, 'registration-revoked');
});

test('keys stay where they belong: no file but the key files, no store, no log holds one', async (context) => {
  const t = await setUp(context);
  const told: unknown[] = [];
  const agent = t.agent({ kind: 'token', token: await t.rig.token() }, 'agent', {
    certificateFailed: (error) => told.push(error),
    disconnected: (error) => told.push(error),
  });
  await agent.start();
  const files = t.agent({ kind: 'local', socket: t.rig.socket }, 'files', {}, { certificateFiles: true });
  await files.start();
  new TestEngine(files, files.nodeId ?? '').subscribe(CLUSTER_TYPE);
  assert.equal(existsSync(path.join(t.folder, 'files', 'key.pem')), false);
  new TestEngine(files, files.nodeId ?? '', {}, 'gRPC Node Pure JS').subscribe(LISTENER_TYPE, ['orders:80']);
  const own = secretsOf(files).get('default');
  assert.ok(own?.kind === 'certificate');
  assert.equal(readFileSync(path.join(t.folder, 'files', 'key.pem'), 'utf8'), own.privateKey);
  const holders: string[] = [];
  for (const entry of readdirSync(t.folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    if (!readFileSync(file, 'utf8').includes('PRIVATE KEY')) continue;
    holders.push(path.relative(t.folder, file));
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
    assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700, file);
  }
  assert.deepEqual(new Set(holders), new Set(['agent/registration.key', 'authority/authority.json', 'files/key.pem']));
  const stored = await t.rig.store.list({});
  assert.ok(stored.ok);
  for (const text of [JSON.stringify(stored.value.items), JSON.stringify(t.rig.refusals), JSON.stringify(told)])
    assert.doesNotMatch(text, /PRIVATE/);
  await files.stop();
  assert.equal(existsSync(path.join(t.folder, 'files', 'key.pem')), false);
});
