import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatSpiffeId,
  identityOf,
  matchesIdentity,
  parseIdentityPattern,
  parseSpiffeId,
  parseWorkloadIdentity,
} from './index.ts';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/);
const trustDomain = fc.stringMatching(/^[a-z0-9._-]{1,20}$/);

test('SPIFFE IDs: parts survive a round trip', () => {
  fc.assert(
    fc.property(
      trustDomain,
      fc.array(fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,9}$/), { maxLength: 4 }),
      (domain, segments) => {
        const id = { trustDomain: domain, path: segments.map((segment) => `/${segment}`).join('') };
        assert.deepEqual(parseSpiffeId(formatSpiffeId(id)), { ok: true, value: id });
      },
    ),
  );
});

test('SPIFFE IDs: any text is answered, and what is accepted is its own canonical form', () => {
  const part = fc.constantFrom(
    'spiffe://',
    'SPIFFE://',
    'a',
    '/',
    '.',
    '..',
    '%2e',
    ':80',
    'u@',
    '?q',
    '#f',
    'Ä',
    '*',
    ' ',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      const id = parseSpiffeId(text);
      if (id.ok) assert.equal(formatSpiffeId(id.value), text);
    }),
    { numRuns: 500 },
  );
});

test('SPIFFE IDs: what the standard refuses', () => {
  for (const text of [
    '',
    'spiffe://',
    'spiffe:///a',
    'SPIFFE://a/b',
    'https://a/b',
    'spiffe:/a/b',
    'spiffe://A/b',
    'spiffe://a:80/b',
    'spiffe://u@a/b',
    'spiffe://a/',
    'spiffe://a/b/',
    'spiffe://a//b',
    'spiffe://a/./b',
    'spiffe://a/../b',
    'spiffe://a/b?c',
    'spiffe://a/b#c',
    'spiffe://a/%62',
    'spiffe://a%62/b',
    'spiffe://a/b c',
    'spiffe://a/ä',
    'spiffe://[::1]/a',
    ' spiffe://a/b',
    `spiffe://${'a'.repeat(256)}/b`,
    `spiffe://a/${'b'.repeat(2048)}`,
  ]) {
    assert.equal(parseSpiffeId(text).ok, false, text);
  }
  assert.ok(parseSpiffeId(`spiffe://${'a'.repeat(255)}/b`).ok);
  assert.ok(parseSpiffeId(`spiffe://a/${'b'.repeat(2048 - 'spiffe://a/'.length)}`).ok);
  assert.ok(parseSpiffeId('spiffe://a').ok);
});

test('workload identities survive a round trip, and other paths are none', () => {
  fc.assert(
    fc.property(trustDomain, label, label, (domain, namespace, account) => {
      assert.deepEqual(parseWorkloadIdentity(identityOf(domain, namespace, account)), {
        ok: true,
        value: { trustDomain: domain, namespace, account },
      });
    }),
  );
  for (const path of ['', '/ns/a', '/ns/a/sa', '/ns/a/sa/b/c', '/sa/a/ns/b', '/NS/a/sa/b', '/x']) {
    assert.equal(parseWorkloadIdentity(`spiffe://a${path}`).ok, false, path);
  }
});

const pattern = (text: string) => {
  const parsed = parseIdentityPattern(text, 'own');
  return parsed.ok ? parsed.value : undefined;
};

test('patterns: short forms stand in the own trust domain, wildcards at the end only', () => {
  assert.deepEqual(pattern('shop/orders'), { kind: 'exact', value: 'spiffe://own/ns/shop/sa/orders' });
  assert.deepEqual(pattern('shop/*'), { kind: 'prefix', value: 'spiffe://own/ns/shop/sa/' });
  assert.deepEqual(pattern('*'), { kind: 'any' });
  assert.deepEqual(pattern('spiffe://p/*'), { kind: 'prefix', value: 'spiffe://p/' });
  assert.deepEqual(pattern('spiffe://p/ns/a/*'), { kind: 'prefix', value: 'spiffe://p/ns/a/' });
  assert.deepEqual(pattern('spiffe://p/x'), { kind: 'exact', value: 'spiffe://p/x' });
  for (const text of [
    '',
    'a',
    '*/a',
    '**',
    'shop/a*',
    'shop/*/x',
    'spiffe://*',
    'spiffe://*/a',
    'spiffe://p/a*',
    'spiffe://p/*/b',
    'a/b/c',
    'A/b',
    'a/B',
    'spiffe:/a/b',
  ]) {
    assert.equal(pattern(text), undefined, text);
  }
});

test('a prefix holds at whole names only, and an exact pattern for its identity alone', () => {
  fc.assert(
    fc.property(label, label, label, label, (namespace, account, otherNamespace, otherAccount) => {
      const identity = identityOf('own', otherNamespace, otherAccount);
      const exact = pattern(`${namespace}/${account}`);
      const prefix = pattern(`${namespace}/*`);
      assert.ok(exact && prefix);
      assert.equal(matchesIdentity(exact, identity), namespace === otherNamespace && account === otherAccount);
      assert.equal(matchesIdentity(prefix, identity), namespace === otherNamespace);
      assert.equal(matchesIdentity(prefix, identityOf('other', namespace, account)), false);
      assert.equal(matchesIdentity({ kind: 'any' }, identity), true);
    }),
  );
  const shop = pattern('shop/*');
  assert.ok(shop);
  assert.equal(matchesIdentity(shop, identityOf('own', 'shopping', 'a')), false);
});
