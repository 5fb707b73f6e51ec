import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JwkSet, type Jwt, parseJwt } from '../../jwt/index.ts';
import { TokenCache } from './token-cache.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = parseJwt(`${part({ alg: 'HS256' })}.${part({})}.AAAA`);
assert.ok(typeof token === 'object');
const jwt: Jwt = token;
const keys: JwkSet = { keys: [], faults: [] };

test('tokens leave in the order in which they were last used, and are not kept where they are long', () => {
  const cache = new TokenCache(2, 4);
  cache.add('a', jwt, keys);
  cache.add('b', jwt, keys);
  assert.equal(cache.get('a', keys), jwt);
  cache.add('c', jwt, keys);
  cache.add('long!', jwt, keys);
  assert.deepEqual(
    ['a', 'b', 'c', 'long!'].map((text) => cache.get(text, keys) !== undefined),
    [true, false, true, false],
  );
  cache.forget('a');
  assert.equal(cache.get('a', keys), undefined);
});

test('a token is forgotten with the keys that verified it', () => {
  const cache = new TokenCache(2, 4);
  cache.add('a', jwt, keys);
  assert.equal(cache.get('a', { keys: [], faults: [] }), undefined);
  assert.equal(cache.get('a', keys), undefined);
});
