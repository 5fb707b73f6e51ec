/** Fetching over real TLS: what is taken, and what is not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { pairingCertificates } from '@weft/testkit/pairing';
import { fetchKeys } from './fetch.ts';

const ANSWERS: Readonly<Record<string, readonly [status: number, body: string]>> = {
  '/keys': [200, '{"keys":[{"kty":"EC","x":"1"}],"more":1}'],
  '/private': [200, '{"keys":[{"kty":"EC","d":"1"},{"kty":"oct","k":"1"},{"kty":"RSA","n":"1"}]}'],
  '/all-private': [200, '{"keys":[{"kty":"EC","d":"1"}]}'],
  '/moved': [302, ''],
  '/text': [200, '<html>'],
  '/other': [200, '[]'],
  '/long': [200, `{"keys":[{"kty":"EC","x":"${'1'.repeat(1 << 20)}"}]}`],
};

const folder = temporaryFolder();
let server: https.Server;
let base = '';
let ca = '';

before(async () => {
  const certificates = pairingCertificates(folder.path, 'localhost');
  ca = readFileSync(certificates.chain, 'utf8');
  server = https.createServer(
    { cert: readFileSync(certificates.chain), key: readFileSync(certificates.key) },
    (request, response) => {
      const found = ANSWERS[request.url ?? ''];
      if (found === undefined) return;
      response.writeHead(found[0], { location: '/keys' }).end(found[1]);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `https://localhost:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
  folder[Symbol.dispose]();
});

const get = (path: string, timeout = 5000) => fetchKeys(base + path, { permits: () => true, ca, timeout });

test('the public keys of a set, and nothing else of it', async () => {
  assert.deepEqual(await get('/keys'), { ok: true, value: '{"keys":[{"kty":"EC","x":"1"}]}' });
  assert.deepEqual(await get('/private'), { ok: true, value: '{"keys":[{"kty":"RSA","n":"1"}]}' });
});

for (const [path, reason] of [
  ['/all-private', /no public key/],
  ['/moved', /answered 302/],
  ['/text', /no JSON/],
  ['/other', /no JWK set/],
  ['/long', /longer than/],
] as const)
  test(`refused: ${path}`, async () => {
    const got = await get(path);
    assert.ok(!got.ok);
    assert.match(got.error, reason);
  });

test('an issuer that does not answer in time, one of whom nobody vouches, one on this host', async () => {
  const late = await get('/never', 50);
  assert.match(late.ok ? '' : late.error, /no answer within 50 ms|aborted/);
  const unknown = await fetchKeys(`${base}/keys`, { permits: () => true });
  assert.match(unknown.ok ? '' : unknown.error, /certificate/);
  const own = await fetchKeys(`${base}/keys`, { ca });
  assert.match(own.ok ? '' : own.error, /address of this host/);
});
