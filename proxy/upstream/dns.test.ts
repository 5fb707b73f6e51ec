/** Row 84 of the attack list: names and answers of a hostile DNS. Kept addresses and times to live of 0 are in cluster.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosen, type DnsAnswer, systemDns } from './dns.ts';

const ask = (name: string, withTtl: boolean): Promise<DnsAnswer | undefined> =>
  new Promise((resolve) => {
    let later = false;
    systemDns.resolve(name, 'auto', withTtl, (answer) => {
      assert.ok(later, 'answered within the call');
      resolve(answer);
    });
    later = true;
  });

test('84: names with a NUL, and none, have no answer and throw nothing', async () => {
  for (const name of ['localhost\0', 'localhost\0.evil.test', '\0', ''])
    for (const withTtl of [false, true]) assert.equal(await ask(name, withTtl), undefined, JSON.stringify(name));
  assert.notDeepEqual(await ask('localhost', false), undefined);
});

test('names below localhost are this machine, whatever DNS says', async () => {
  const own = await ask('localhost', false);
  assert.deepEqual(await ask('a.b.LocalHost', true), own);
  assert.deepEqual(await ask('a.localhost.', false), own);
});

test('84: of ten thousand answers a thousand are taken', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  for (const family of ['auto', 'all', 'v4-only', 'v4-preferred'] as const)
    assert.deepEqual(chosen(many, family), many.slice(0, 1000), family);
});
