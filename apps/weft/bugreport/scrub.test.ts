import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { temporaryFolder } from '@weft/testkit/folder';
import { isSecretName, scrub, scrubText } from './scrub.ts';
import { tar } from './tar.ts';

const CANARY = 'c4n4ryValueThatNobodyMaySee';

test('a canary is gone wherever secrets stand', () => {
  const documents: unknown[] = [
    { headers: [{ name: 'X-Api-Key', value: CANARY }] },
    { headers: [{ type: 'Exact', name: 'authorization', value: `Bearer ${CANARY}` }] },
    { match: { name: 'cookie', regex: `.*${CANARY}.*` } },
    { header: 'x-api-key', match: { kind: 'exact', text: CANARY } },
    { set: { 'x-session-token': CANARY } },
    { clientSecret: CANARY, apiKey: CANARY, password: [CANARY] },
    { env: { DB_PASSWORD: CANARY } },
    { url: `https://user:${CANARY}@host.example/path` },
    { path: `/callback?access_token=${CANARY}&x=1` },
    { note: `weft_abcd1234_${CANARY}` },
    { note: `eyJhbGciOiJFUzI1NiJ9.${CANARY}.${CANARY}` },
    { note: `Authorization: Basic ${CANARY}==` },
    { pem: `-----BEGIN EC PRIVATE KEY-----\n${CANARY}\n-----END EC PRIVATE KEY-----\n` },
    { pem: `-----BEGIN PRIVATE KEY-----\n${CANARY}` },
  ];
  for (const document of documents)
    assert.doesNotMatch(JSON.stringify(scrub(document)), new RegExp(CANARY), JSON.stringify(document));
});

test('what is no secret stays: structure, references, counts, certificates', () => {
  const document = {
    metadata: { name: 'orders', namespace: 'shop' },
    certificateRefs: [{ kind: 'Secret', name: 'edge' }],
    secretRef: { name: 'edge' },
    tokens: [{ id: 'a', role: 'view' }],
    headers: [{ name: 'x-user', value: 'ana' }],
    tokenCount: 3,
    pem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
    identity: 'spiffe://weft.local/ns/shop/sa/orders',
  };
  assert.deepEqual(scrub(document), document);
  assert.equal(isSecretName('authority'), false);
  fc.assert(fc.property(fc.string(), (text) => scrubText(scrubText(text)) === scrubText(text)));
});

test('an archive that tar reads', () => {
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'a.tar');
  const long = 'x'.repeat(1024);
  writeFileSync(
    file,
    tar(
      [
        { name: 'r/a.txt', text: 'ä\n' },
        { name: 'r/b/c.txt', text: long },
        { name: 'r/e', text: '' },
      ],
      1e12,
    ),
  );
  const out = path.join(folder.path, 'out');
  mkdirSync(out);
  execFileSync('tar', ['-xf', file, '-C', out]);
  assert.equal(readFileSync(path.join(out, 'r/a.txt'), 'utf8'), 'ä\n');
  assert.equal(readFileSync(path.join(out, 'r/b/c.txt'), 'utf8'), long);
  assert.throws(() => tar([{ name: 'x'.repeat(101), text: '' }], 0), /too long/);
});
