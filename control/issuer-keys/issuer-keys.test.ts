import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, ok, parseIp, type Result } from '@weft/core/kernel';
import type { Authentication, StoredObject } from '@weft/core/resources';
import { readObjects } from '@weft/core/resources/text';
import { FakeClock } from '@weft/testkit/clock';
import { isElsewhere } from './fetch.ts';
import { IssuerKeys } from './index.ts';

const object = (url: string, refresh = '1m'): StoredObject => {
  const read = readObjects(
    `apiVersion: weft.dev/v1alpha1\nkind: Authentication\nmetadata: { name: a }\nspec: { targetRefs: [{ name: a }], issuers: [{ issuer: i, audiences: [a], keys: { url: "${url}", refresh: ${refresh} } }] }`,
    'test',
  );
  assert.deepEqual(read.diagnostics, []);
  const [first] = read.objects;
  assert.ok(first?.object);
  return first.object;
};

/** Answers fetches when the test says so. */
class Issuer {
  readonly asked: string[] = [];
  #answer: ((result: Result<string, string>) => void) | undefined;
  readonly fetch = (url: string): Promise<Result<string, string>> => {
    this.asked.push(url);
    return new Promise((resolve) => (this.#answer = resolve));
  };
  async answer(result: Result<string, string>): Promise<void> {
    this.#answer?.(result);
    await Promise.resolve();
    await Promise.resolve();
  }
}

const rig = () => {
  const clock = new FakeClock();
  const issuer = new Issuer();
  let changes = 0;
  const keys = new IssuerKeys({ fetch: issuer.fetch, clock, onChange: () => void (changes += 1) });
  return { clock, issuer, keys, changes: () => changes };
};

const jwks = (filled: StoredObject): string | undefined => (filled as Authentication).spec.issuers?.[0]?.keys.jwks;

test('keys are fetched at once and again, kept when that fails, and tried sooner then', async () => {
  const { clock, issuer, keys, changes } = rig();
  const one = object('https://a.example/keys');
  keys.follow([one]);
  assert.equal(jwks(keys.filled(one)), undefined);
  await issuer.answer(ok('first'));
  assert.equal(changes(), 1);
  assert.equal(jwks(keys.filled(one)), 'first');
  assert.equal(keys.filled(one), keys.filled(one), 'the same object for the same keys');
  clock.advance(60_000);
  await issuer.answer(err('the issuer answered 503'));
  assert.equal(jwks(keys.filled(one)), 'first');
  assert.deepEqual(
    keys.findings([one]).map(({ severity, place }) => `${severity} ${place.path}`),
    ['warning spec.issuers[0].keys.url'],
  );
  clock.advance(1000);
  assert.equal(issuer.asked.length, 3);
  await issuer.answer(ok('second'));
  assert.equal(jwks(keys.filled(one)), 'second');
  assert.deepEqual(keys.findings([one]), []);
  clock.advance(60_000);
  await issuer.answer(ok('second'));
  assert.equal(changes(), 2, 'the same keys again change nothing');
});

test('an address that nobody names any more is forgotten, a late answer of it too', async () => {
  const { clock, issuer, keys, changes } = rig();
  const one = object('https://a.example/keys');
  keys.follow([one]);
  keys.follow([]);
  await issuer.answer(ok('late'));
  assert.equal(changes(), 0);
  assert.equal(jwks(keys.filled(one)), undefined);
  assert.equal(clock.waiting, 0);
  keys.follow([one]);
  await issuer.answer(ok('first'));
  keys.stop();
  assert.equal(clock.waiting, 0);
});

test('without any keys it is an error, and waits double up to a minute', async () => {
  const { clock, issuer, keys } = rig();
  const one = object('https://a.example/keys', '1h');
  keys.follow([one]);
  for (const wait of [1, 2, 4, 8, 16, 32, 60, 60]) {
    await issuer.answer(err('no'));
    const before = issuer.asked.length;
    clock.advance(wait * 1000 - 1);
    assert.equal(issuer.asked.length, before);
    clock.advance(1);
    assert.equal(issuer.asked.length, before + 1);
  }
  assert.equal(keys.findings([one])[0]?.severity, 'error');
});

test('addresses of the host itself, its link, and of many are not connected to', () => {
  const of = (text: string): boolean => {
    const ip = parseIp(text);
    assert.ok(ip, text);
    return isElsewhere(ip);
  };
  for (const text of [
    '127.0.0.1',
    '0.0.0.0',
    '169.254.169.254',
    '::1',
    '::',
    'fe80::1',
    'ff02::1',
    '224.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
  ])
    assert.equal(of(text), false, text);
  for (const text of ['192.0.2.1', '10.0.0.1', '2001:db8::1', 'fd00::1']) assert.equal(of(text), true, text);
});
