// Tokens and keys: Wycheproof's vectors of JSON web signatures and keys (the module's own files, by `npm run tools`), and what attackers try.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { MetadataStruct } from '@weft/core/proxy-config';
import { needsData, toolData } from '@weft/testkit/tools';
import fc from 'fast-check';
import { fromBase64url } from './base64url.ts';
import { parseJwt, timeFault } from './claims.ts';
import { parseJwk } from './jwk.ts';
import { parseJwkSet } from './jwk-set.ts';
import { jsonObject } from './json-object.ts';
import { parseJws } from './jws.ts';
import { verifyJws } from './verify.ts';

/** As Wycheproof's files have them: keys of a group, `public` where they are not secrets, one alone or a set. */
interface VectorFile {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly public?: MetadataStruct;
    readonly private: MetadataStruct;
    readonly tests: readonly { readonly tcId: number; readonly jws: string; readonly result: string }[];
  }[];
}

/** Where we say something else, with the reason. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'jws 346': 'the key says PS256 and the token PS384',
  'jws 347': 'the key says ES521, which is no algorithm',
  'jws 350': 'the key says PS256 and the token PS384',
  'jws 351': 'the key says ES521, which is no algorithm',
  'jws 367': 'the vector holds the octets of the valid one',
  'jws 370': 'the vector holds the octets of the valid one',
  'jws 372': 'stricter: a character that is not base64url',
  'jws 373': 'stricter: a character that is not base64url',
  'jwk 1': 'secrets and public keys in one set: each serves algorithms of its own type only',
  'jwk 4': 'two keys of one id: issuers have them while they change keys, and each is tried',
};

async function verified(token: string, keys: readonly MetadataStruct[]): Promise<string> {
  const jws = parseJws(token, () => undefined);
  if (typeof jws === 'string') return jws;
  const usable = keys.map(parseJwk).filter((key) => typeof key === 'object');
  return new Promise((done) => verifyJws(jws, usable, done));
}

describe('vectors of Wycheproof', { skip: needsData('wycheproof') }, () => {
  test('every signature and key set is judged as it says, but for those that are listed', async () => {
    const otherwise: string[] = [];
    let count = 0;
    for (const from of ['jws', 'jwk']) {
      const name = `testvectors_v1/json_web_${from === 'jws' ? 'signature' : 'key'}_test.json`;
      const file = path.join(toolData('wycheproof') ?? '', name);
      const { testGroups, numberOfTests } = JSON.parse(readFileSync(file, 'utf8')) as VectorFile;
      count += numberOfTests;
      for (const group of testGroups) {
        const shown = group.public ?? group.private;
        const keys = Array.isArray(shown.keys) ? (shown.keys as unknown as MetadataStruct[]) : [shown];
        for (const { tcId, jws, result } of group.tests)
          if (((await verified(jws, keys)) === 'ok') !== (result === 'valid')) otherwise.push(`${from} ${tcId}`);
      }
    }
    assert.deepEqual(otherwise, Object.keys(OTHERWISE));
    assert.equal(count, 427);
  });
});

const encoded = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwkOf = (key: KeyObject, more: MetadataStruct = {}): MetadataStruct =>
  ({ ...key.export({ format: 'jwk' }), ...more }) as MetadataStruct;
const signed = (header: unknown, payload: unknown): string => {
  const text = `${encoded(header)}.${encoded(payload)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
};
const CLAIMS = { iss: 'i', exp: 4_102_444_800 };

test('a public key is no secret, whatever it is written as', async () => {
  const text = `${encoded({ alg: 'HS256' })}.${encoded(CLAIMS)}`;
  for (const secret of [
    rsa.publicKey.export({ type: 'spki', format: 'pem' }),
    rsa.publicKey.export({ type: 'spki', format: 'der' }),
    Buffer.from(JSON.stringify(jwkOf(rsa.publicKey))),
  ]) {
    const forged = `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    assert.equal(await verified(forged, [jwkOf(rsa.publicKey)]), 'failed');
    assert.equal(await verified(forged, [jwkOf(rsa.publicKey, { alg: 'RS256' })]), 'no-such-key');
  }
});

test('signatures of another length, of zeros or of another curve are none', async () => {
  const token = signed({ alg: 'ES256' }, CLAIMS);
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  assert.equal(await verified(token, [jwkOf(ec.publicKey)]), 'ok');
  for (const wrong of [
    Buffer.alloc(64),
    bytes.subarray(0, 63),
    Buffer.concat([bytes, Buffer.alloc(1)]),
    Buffer.concat([Buffer.alloc(1), bytes.subarray(0, 32), Buffer.alloc(1), bytes.subarray(32)]),
    sign('sha256', Buffer.from(`${header}.${payload}`), ec.privateKey),
  ])
    assert.equal(
      await verified(`${header}.${payload}.${wrong.toString('base64url')}`, [jwkOf(ec.publicKey)]),
      'failed',
    );
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  assert.equal(await verified(token, [jwkOf(other.publicKey)]), 'failed');
});

test('a key that the token brings along, and what it names, is never used; what it demands is refused', async () => {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const brought = {
    jwk: jwkOf(ec.publicKey),
    jku: 'http://127.0.0.1/',
    x5u: 'file:///etc/passwd',
    kid: '../../dev/null',
  };
  assert.equal(await verified(signed({ alg: 'ES256', ...brought }, CLAIMS), [jwkOf(own.publicKey)]), 'failed');
  assert.equal(
    await verified(signed({ alg: 'ES256', crit: ['b64'], b64: false }, CLAIMS), [jwkOf(ec.publicKey)]),
    'failed',
  );
  for (const alg of ['none', 'None', 'nOnE', '', '__proto__', 'constructor', 'HS1', 'RS1'])
    assert.equal(parseJwt(`${encoded({ alg })}.${encoded(CLAIMS)}.AAAA`), 'header-alg-unknown');
});

test('short, foreign and misplaced keys are none, and the reason holds no part of them', () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const secret = Buffer.alloc(31, 7).toString('base64url');
  for (const [key, fault] of [
    [jwkOf(short.publicKey), /1024 bits/],
    [{ kty: 'oct', k: secret }, /31 octets/],
    [{ kty: 'oct', k: Buffer.alloc(32).toString('base64url'), alg: 'HS512' }, /64 at least/],
    [jwkOf(ec.publicKey, { use: 'enc' }), /use/],
    [jwkOf(ec.publicKey, { key_ops: ['sign'] }), /key_ops/],
    [jwkOf(ec.publicKey, { alg: 'ES384' }), /P-256/],
    [jwkOf(ec.publicKey, { x: 'AAAA' }), /no point/],
    [{ kty: 'OKP', crv: 'X25519', x: secret }, /crv/],
    [{ kty: 'dilithium' }, /not supported/],
    [{}, /kty/],
  ] as const) {
    const made = parseJwk(key as MetadataStruct);
    assert.equal(typeof made, 'string');
    assert.match(String(made), fault);
    assert.ok(!String(made).includes(secret));
  }
  const set = parseJwkSet(Buffer.from(JSON.stringify({ keys: [jwkOf(ec.publicKey), { kty: 'x' }, 7] })));
  assert.ok(typeof set === 'object' && set.keys.length === 1 && set.faults.length === 2);
  for (const [text, fault] of [
    ['[]', /JSON object/],
    ['{"keys":{}}', /no list/],
    ['{"keys":[]}', /no keys/],
    ['{"keys":[],"keys":[]}', /once/],
    ['{"a":"-----BEGIN CERTIFICATE-----"}', /no certificate/],
    [`{"keys":[${'{},'.repeat(256)}{}]}`, /256/],
    [' '.repeat(1_048_577), /octets/],
  ] as const)
    assert.match(String(parseJwkSet(Buffer.from(text))), fault);
});

test('times: the edges of what holds, with clocks that differ', () => {
  const jwt = parseJwt(signed({ alg: 'ES256' }, { nbf: 1000, exp: 2000.9 }));
  assert.ok(typeof jwt === 'object');
  const at = (now: number): string | undefined => timeFault(jwt, now, 60);
  assert.deepEqual([at(939), at(940), at(2060), at(2061)], ['not-yet-valid', undefined, undefined, 'expired']);
  for (const [claim, status] of [
    [{ exp: -1 }, 'payload-exp-range'],
    [{ exp: 1e300 }, 'payload-exp-range'],
    [{ nbf: '1' }, 'payload-nbf'],
    [{ aud: { a: 1 } }, 'payload-aud'],
    [{ iss: null }, 'payload-iss'],
  ] as const)
    assert.equal(parseJwt(signed({ alg: 'ES256' }, claim)), status);
});

test('base64url has one spelling for each value', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom('=', '==', ' ', '\n', '+', '/', '.'),
      (bytes, junk) => {
        const text = Buffer.from(bytes).toString('base64url');
        assert.deepEqual(fromBase64url(text), Buffer.from(bytes));
        assert.equal(fromBase64url(text + junk), undefined);
      },
    ),
  );
  assert.equal(fromBase64url('AB'), undefined, 'bits left over');
});

test('objects have one reading: names once, also written otherwise; depth and text are bounded', () => {
  const read = (text: string): unknown => jsonObject(Buffer.from(text));
  for (const twice of [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"x":[{"b":1,"b":2}]}',
    '{"__proto__":1,"__proto__":2}',
  ])
    assert.equal(read(twice), undefined, twice);
  assert.deepEqual(Object.keys(read('{"__proto__":{"a":1},"constructor":2}') as object), ['__proto__', 'constructor']);
  assert.equal(read(`{"a":${'['.repeat(100_000)}`), undefined);
  assert.equal(read(`{"a":${'['.repeat(70)}${']'.repeat(70)}}`), undefined);
  assert.equal(jsonObject(Uint8Array.of(123, 34, 255, 34, 58, 49, 125)), undefined, 'no UTF-8');
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true }), (value) => {
      const text = JSON.stringify(value);
      assert.deepEqual(read(text), JSON.parse(text));
    }),
  );
});
