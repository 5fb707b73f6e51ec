/** Secrets: written, used, never answered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '@weft/testkit/folder';
import { testKey } from '../authority/testing/index.ts';
import { runApi } from './testing/running-api.ts';

/** Self-signed, by openssl. */
function testRoot(): { readonly certificate: string; readonly key: string } {
  using folder = temporaryFolder();
  const { pem: key } = testKey();
  const file = path.join(folder.path, 'key.pem');
  writeFileSync(file, key, { mode: 0o600 });
  const args = ['req', '-x509', '-new', '-key', file, '-subj', '/CN=a', '-days', '2'];
  return { key, certificate: execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' }) };
}

const SECRETS = '/api/v1/namespaces/default/secrets';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const secret = (data: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'shop', ...more },
  type: 'kubernetes.io/tls',
  ...data,
});

test('no answer holds a value; what was hidden comes back as it was; a copy of the text is dropped', async (t) => {
  const { call, resources } = await runApi(t);
  const { certificate, key } = testRoot();
  const stringData = { 'tls.crt': certificate, 'tls.key': key };
  const created = await call(
    'POST',
    SECRETS,
    secret({ stringData }, { annotations: { [LAST_APPLIED]: JSON.stringify(stringData), mine: 'stays' } }),
  );
  assert.equal(created.code, 201, JSON.stringify(created.body));
  assert.deepEqual(created.body.metadata.annotations, { mine: 'stays' });
  assert.equal(created.body.stringData, undefined);
  const hidden = { 'tls.crt': '<redacted>', 'tls.key': '<redacted>' };
  assert.deepEqual(created.body.data, hidden);
  const updated = await call('PUT', `${SECRETS}/shop`, {
    ...created.body,
    metadata: { ...created.body.metadata, labels: { a: 'b' } },
  });
  assert.equal(updated.code, 200, JSON.stringify(updated.body));
  const patched = await call(
    'PATCH',
    `${SECRETS}/shop`,
    { metadata: { labels: { a: 'c' } } },
    { 'content-type': 'application/merge-patch+json' },
  );
  assert.equal(patched.code, 200, JSON.stringify(patched.body));
  for (const place of [SECRETS, `${SECRETS}/shop`, `${SECRETS}/shop/history`]) {
    const { body } = await call('GET', place);
    const text = JSON.stringify(body);
    assert.ok(
      text.includes('<redacted>') && !text.includes(btoa(key).slice(0, 40)) && !text.includes('PRIVATE'),
      place,
    );
  }
  const [stored] = (
    await resources.store.history({ group: '', kind: 'Secret', namespace: 'default', name: 'shop' })
  ).slice(-1);
  assert.deepEqual(stored?.after?.spec, {
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': btoa(certificate), 'tls.key': btoa(key) },
  });
});

test('a pair that does not fit, or is no pair, is refused without a word of what it holds', async (t) => {
  const { call } = await runApi(t);
  const [first, second] = [testRoot(), testRoot()];
  const refused = async (data: object): Promise<string[]> => {
    const { code, body } = await call('POST', SECRETS, secret(data));
    assert.equal(code, 422);
    const text = JSON.stringify(body);
    assert.ok(!text.includes('hush') && !text.includes('BEGIN'), text);
    return body.details.causes.map(({ field }: { readonly field: string }) => field);
  };
  assert.deepEqual(await refused({ stringData: { 'tls.crt': first.certificate, 'tls.key': second.key } }), [
    'data["tls.key"]',
  ]);
  assert.deepEqual(await refused({ data: { 'tls.crt': 'hush!', 'tls.key': 'hush!' } }), [
    'data["tls.crt"]',
    'data["tls.key"]',
  ]);
  assert.deepEqual(await refused({ stringData: { 'tls.crt': 'hush', 'tls.key': 'hush' } }), [
    'stringData["tls.crt"]',
    'stringData["tls.key"]',
  ]);
  assert.deepEqual(await refused({}), ['data["tls.crt"]', 'data["tls.key"]']);
  assert.deepEqual(await refused({ data: { 'tls.crt': '<redacted>', 'tls.key': '<redacted>' } }), [
    'data["tls.crt"]',
    'data["tls.key"]',
  ]);
});
