// Sessions are read back as they were written, end when they should, and nothing that a client sends throws.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressInCookie, addressInHeader, cookieOf, headerOf } from './session-cookie.ts';

const address = fc.oneof(
  fc.constantFrom('127.0.0.1:80', '[2001:db8::5]:65535'),
  fc.stringMatching(/^\/[a-z/.]{1,100}$/),
);

test('an address goes through a cookie and a header; an expired cookie says nothing', () => {
  fc.assert(
    fc.property(address, fc.nat(4_000_000_000), (text, expires) => {
      assert.equal(addressInHeader(headerOf(text)), text);
      assert.equal(addressInCookie(cookieOf(text, expires), expires), text);
      assert.equal(addressInCookie(cookieOf(text, expires), expires + 1), expires === 0 ? text : undefined);
    }),
  );
});

test('what Envoy wrote before it wrote messages is read, and so is what it writes now', () => {
  assert.equal(addressInCookie(Buffer.from('10.1.2.3:80').toString('base64'), 0), '10.1.2.3:80');
  assert.equal(addressInCookie(Buffer.from('\x0a\x0b10.1.2.3:80\x10\x05').toString('base64'), 5), '10.1.2.3:80');
  assert.equal(addressInCookie(Buffer.from('\x0a\x0b10.1.2.3:80\x10\x05').toString('base64'), 6), undefined);
});

test('anything else is no session', () => {
  fc.assert(fc.property(fc.string(), (text) => void addressInCookie(text, 1)));
  for (const text of ['', '%%', 'Cg==', 'Cv8=', 'A'.repeat(1000)]) assert.equal(addressInCookie(text, 1), undefined);
});
