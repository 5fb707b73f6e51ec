import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import { needs } from '@weft/testkit/tools';
import { memoryStore } from '../store/memory/index.ts';
import { Authorities } from './authorities.ts';
import { Credentials } from './credentials.ts';
import { JoinTokens } from './join-tokens.ts';
import { issueRequest, opensslCsr, testKey } from './testing/index.ts';

const LOCAL = { kind: 'local' } as const;
const TLS = { kind: 'tls', address: '10.0.0.9' } as const;
const SHOP = { mesh: 'default', trustDomain: 'weft.local', namespace: 'shop', account: 'orders' };
const CLAIM = { namespace: 'shop', account: 'orders' };

async function setUp() {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const store = memoryStore();
  await store.start();
  const tokens = new JoinTokens(store, clock.wall);
  const authorities = new Authorities({ folder: folder.path, clock: clock.wall, primary: () => 'weft.local' });
  authorities.start();
  const meshes = new Map([['shop', { mesh: 'default', trustDomain: 'weft.local' }]]);
  const directory = { meshOf: (namespace: string) => meshes.get(namespace) };
  const credentials = new Credentials({ authorities, tokens, meshes: directory, clock });
  const token = async () => {
    const made = await tokens.create(SHOP);
    assert.ok(made.ok);
    return made.value.proof;
  };
  return {
    folder,
    clock,
    store,
    tokens,
    credentials,
    meshes,
    token,
    [Symbol.asyncDispose]: async () => {
      await store.stop();
      folder[Symbol.dispose]();
    },
  };
}

const reason = (result: { readonly ok: boolean; readonly error?: string }): string => result.error ?? 'ok';

test('a token joins once, for its own namespace and account, until it expires', async () => {
  await using t = await setUp();
  const key = testKey();
  const proof = await t.token();
  const join = { token: proof, publicKey: key.publicKey, ...CLAIM };
  assert.equal(reason(await t.credentials.join({ ...join, account: 'payments' }, TLS)), 'token-foreign');
  assert.equal(reason(await t.credentials.join({ ...join, namespace: 'bank' }, TLS)), 'token-foreign');
  const joined = await t.credentials.join(join, TLS);
  assert.ok(joined.ok);
  assert.deepEqual(joined.value.binding, SHOP);
  assert.deepEqual(await t.credentials.join(join, TLS), joined, 'the same key may ask again: the answer can be lost');
  assert.equal(reason(await t.credentials.join({ ...join, publicKey: testKey().publicKey }, TLS)), 'token-used');
  const wrong = { id: proof.id, secret: 'A'.repeat(43) };
  assert.equal(reason(await t.credentials.join({ ...join, token: wrong }, TLS)), 'token-unknown');
  const foreign = { id: 'f'.repeat(24), secret: proof.secret };
  assert.equal(reason(await t.credentials.join({ ...join, token: foreign }, TLS)), 'token-unknown');
  const late = await t.token();
  t.clock.advance(600_000);
  assert.equal(reason(await t.credentials.join({ ...join, token: late }, TLS)), 'token-expired');
});

test('two joins with one token at once: one wins', async () => {
  await using t = await setUp();
  const token = await t.token();
  const results = await Promise.all(
    [testKey(), testKey()].map((key) => t.credentials.join({ token, publicKey: key.publicKey, ...CLAIM }, TLS)),
  );
  assert.deepEqual(results.map(reason).sort(), ['ok', 'token-used']);
});

test('the secret of a token is in no stored object', async () => {
  await using t = await setUp();
  const proof = await t.token();
  const listed = await t.store.list({});
  assert.ok(listed.ok && listed.value.items.length === 1);
  assert.equal(JSON.stringify(listed.value.items).includes(proof.secret), false);
});

test('no token: the Unix socket only', async () => {
  await using t = await setUp();
  const join = { token: undefined, publicKey: testKey().publicKey, ...CLAIM };
  assert.equal(reason(await t.credentials.join(join, TLS)), 'token-missing');
  assert.equal(reason(await t.credentials.join(join, LOCAL)), 'ok');
  assert.equal(reason(await t.credentials.join({ ...join, namespace: 'nowhere' }, LOCAL)), 'namespace-unknown');
  const p384 = { ...join, publicKey: testKey('P-384').publicKey };
  assert.equal(reason(await t.credentials.join(p384, LOCAL)), 'key-unsupported');
});

test('guessing is slowed down, by address', async () => {
  await using t = await setUp();
  const join = { token: { id: 'a', secret: 'b' }, publicKey: testKey().publicKey, ...CLAIM };
  const results = [];
  for (let i = 0; i < 25; i += 1) results.push(reason(await t.credentials.join(join, TLS)));
  assert.deepEqual([results[0], results[19], results[20]], ['token-unknown', 'token-unknown', 'rate-limited']);
  assert.equal(reason(await t.credentials.join(join, { kind: 'tls', address: '10.0.0.10' })), 'token-unknown');
  t.clock.advance(1000);
  assert.equal(reason(await t.credentials.join(join, TLS)), 'token-unknown');
});

test('renewals of the shortest life, 10 s, are never too many', { skip: needs('openssl') }, async () => {
  await using t = await setUp();
  const key = testKey();
  const joined = await t.credentials.join({ token: await t.token(), publicKey: key.publicKey, ...CLAIM }, TLS);
  assert.ok(joined.ok);
  const { registration } = joined.value;
  const request = issueRequest(registration, opensslCsr(t.folder.path, testKey().pem), key);
  for (let renewal = 0; renewal < 100; renewal += 1) {
    t.clock.advance(5000);
    assert.equal(reason(await t.credentials.issue(request, TLS)), 'ok', `renewal ${renewal}`);
  }
});

test('certificates for a proof of the registration key, until revoked', { skip: needs('openssl') }, async () => {
  await using t = await setUp();
  const key = testKey();
  const joined = await t.credentials.join({ token: await t.token(), publicKey: key.publicKey, ...CLAIM }, TLS);
  assert.ok(joined.ok);
  const { registration } = joined.value;
  const csr = opensslCsr(t.folder.path, testKey().pem);
  const request = issueRequest(registration, csr, key);
  const issued = await t.credentials.issue(request, TLS);
  assert.ok(issued.ok);
  const leaf = new X509Certificate(issued.value.certificateChain);
  assert.equal(leaf.subjectAltName, 'URI:spiffe://weft.local/ns/shop/sa/orders');
  assert.match(leaf.subject, new RegExp(registration));
  t.clock.advance(40 * 86_400_000);
  assert.equal(reason(await t.credentials.issue(request, TLS)), 'ok', 'long after the last certificate expired');

  assert.equal(reason(await t.credentials.issue(issueRequest(registration, csr, testKey()), TLS)), 'proof-invalid');
  const other = opensslCsr(t.folder.path, testKey().pem).toString('base64');
  assert.equal(
    reason(await t.credentials.issue({ ...request, csr: other }, TLS)),
    'proof-invalid',
    'the proof names the CSR',
  );
  assert.equal(reason(await t.credentials.issue(issueRequest('f'.repeat(32), csr, key), TLS)), 'registration-unknown');
  const tampered = Buffer.from(csr);
  tampered[tampered.length - 5] = (tampered[tampered.length - 5] ?? 0) ^ 1;
  assert.match(reason(await t.credentials.issue(issueRequest(registration, tampered, key), TLS)), /^csr-/);

  t.meshes.set('shop', { mesh: 'other', trustDomain: 'other.local' });
  assert.equal(reason(await t.credentials.issue(request, TLS)), 'namespace-moved');
  t.meshes.set('shop', { mesh: 'default', trustDomain: 'weft.local' });
  assert.equal(await t.credentials.revoke(registration), true);
  assert.equal(reason(await t.credentials.issue(request, TLS)), 'registration-revoked');
});
