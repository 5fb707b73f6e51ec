import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSubjectAltNames } from './certificate.ts';

test('SAN text: kinds, quoting, nothing smuggled', () => {
  assert.deepEqual(parseSubjectAltNames('URI:spiffe://td/ns/a/sa/b, DNS:a.local, IP Address:10.0.0.1, email:x@y'), {
    uri: ['spiffe://td/ns/a/sa/b'],
    dns: ['a.local'],
    email: ['x@y'],
    ip: ['10.0.0.1'],
  });
  const smuggled = parseSubjectAltNames('DNS:"evil, URI:spiffe://td/ns/a/sa/b", DNS:c');
  assert.deepEqual(smuggled?.uri, []);
  assert.deepEqual(smuggled?.dns, ['evil, URI:spiffe://td/ns/a/sa/b', 'c']);
  assert.deepEqual(parseSubjectAltNames('DirName:"CN=x", URI:a:b')?.uri, ['a:b']);
  for (const bad of ['URI', 'DNS:"open', 'DNS:"a"x, DNS:b']) assert.equal(parseSubjectAltNames(bad), undefined, bad);
});
