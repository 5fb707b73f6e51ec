import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { tokenVerifier } from './token-verifier.ts';

const NOW = 1_800_000_000;
const verify = tokenVerifier({ now: () => NOW * 1000 });
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const jwk = (one: typeof key, kid: string): object => ({ ...one.publicKey.export({ format: 'jwk' }), kid });
const JWKS = new Map([
  ['weft.local', JSON.stringify({ keys: [jwk(key, 'k'), { ...ed.publicKey.export({ format: 'jwk' }), kid: 'e' }] })],
  ['other.test', JSON.stringify({ keys: [jwk(other, 'k')] })],
  ['empty.test', '{"keys":[]}'],
]);
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const CLAIMS = { sub: 'spiffe://weft.local/ns/a/sa/b', aud: ['ledger'], exp: NOW + 60, iat: NOW };

function token(header: object = {}, claims: object = {}, by = key): string {
  const text = `${part({ alg: 'ES256', kid: 'k', typ: 'JWT', ...header })}.${part({ ...CLAIMS, ...claims })}`;
  const signature = sign('sha256', Buffer.from(text), { key: by.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

test('61: a JWT-SVID counts with a key of its own trust domain, for whom it is meant, in time', async () => {
  const good = await verify(token(), 'ledger', JWKS);
  assert.ok(good.ok && good.value.spiffeId === CLAIMS.sub);
  const unsigned = `${part({ alg: 'none' })}.${part(CLAIMS)}.AAAA`;
  const text = `${part({ alg: 'HS256', kid: 'k' })}.${part(CLAIMS)}`;
  const secret = key.publicKey.export({ type: 'spki', format: 'pem' });
  const mixed = `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  const edText = `${part({ alg: 'EdDSA', kid: 'e' })}.${part(CLAIMS)}`;
  const edToken = `${edText}.${sign(null, Buffer.from(edText), ed.privateKey).toString('base64url')}`;
  for (const [what, one, reason] of [
    ['no signature', unsigned, /not supported/],
    ['a public key as a secret', mixed, /not one of JWT-SVIDs/],
    ['EdDSA', edToken, /not one of JWT-SVIDs/],
    ['a key of another trust domain', token({}, {}, other), /verification fails/],
    ['a subject of another trust domain', token({}, { sub: 'spiffe://other.test/x' }), /verification fails/],
    ['a trust domain without keys', token({}, { sub: 'spiffe://empty.test/x' }), /no keys/],
    ['an unknown trust domain', token({}, { sub: 'spiffe://constructor/x' }), /no keys/],
    ['no subject', token({}, { sub: undefined }), /no SPIFFE ID/],
    ['another subject', token({}, { sub: 'spiffe://weft.local/../x' }), /no SPIFFE ID/],
    ['no end', token({}, { exp: undefined }), /exp is missing/],
    ['expired', token({}, { exp: NOW - 31 }), /expired/],
    ['not yet', token({}, { nbf: NOW + 31 }), /not yet/],
    ['no audience', token({}, { aud: undefined }), /audience/],
    ['another audience', token({}, { aud: ['ledger2', 'LEDGER'] }), /audience/],
    ['another type', token({ typ: 'at+jwt' }), /typ/],
    ['a brought key', token({ jwk: jwk(other, 'k') }, {}, other), /verification fails/],
    ['a demand', token({ crit: ['x'] }), /verification fails/],
    ['another kid', token({ kid: '../k' }), /doesn't have key/],
  ] as const) {
    const verdict = await verify(one, 'ledger', JWKS);
    assert.match(verdict.ok ? 'taken' : verdict.error, reason, what);
  }
});
