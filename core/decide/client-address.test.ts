import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIp, parseIp } from '../kernel/index.ts';
import { ClientAddress } from './client-address.ts';

const ip = (text: string) => parseIp(text) ?? assert.fail(text);
const TRUSTED = new ClientAddress({
  useRemoteAddress: false,
  xffNumTrustedHops: 0,
  forwardedFor: { trusted: ['198.51.100.0/24', '2001:db8::/32'], append: false },
});
const told = (list: string | undefined, peer: string, client = TRUSTED): string => {
  const address = client.of(list, ip(peer));
  return address === undefined ? '' : formatIp(address);
};

test('from the right, what is trusted is passed over, where the peer is trusted', () => {
  const peer = '198.51.100.7';
  for (const [list, wanted] of [
    [undefined, peer],
    ['', peer],
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7, 198.51.100.8', '192.0.2.7'],
    ['192.0.2.7,203.0.113.9, 198.51.100.8,2001:db8::1', '203.0.113.9'],
    ['::ffff:192.0.2.7,::ffff:198.51.100.8', '192.0.2.7'],
    ['198.51.100.9,198.51.100.8', '198.51.100.9'],
    ['192.0.2.7,unknown,198.51.100.8', peer],
    ['192.0.2.7,', peer],
    ['192.0.2.7:80', peer],
    [',,,', peer],
  ] as const)
    assert.equal(told(list, peer), wanted, list);
});

test('whatever somebody else says, it is from that one', () => {
  const entry = fc.constantFrom('192.0.2.7', '198.51.100.8', '2001:db8::1', 'unknown', '');
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 6 }), (list) => {
      assert.equal(told(list.join(','), '203.0.113.9'), '203.0.113.9');
    }),
  );
});

test('what a client writes never counts before what trusted proxies append', () => {
  const text = fc.constantFrom('192.0.2.7', '198.51.100.8', 'unknown', '10.0.0.1');
  const proxies = fc.array(fc.constantFrom('198.51.100.1', '198.51.100.2', '2001:db8::5'), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), proxies, (written, behind) => {
      assert.equal(told([...written, '203.0.113.9', ...behind].join(','), '198.51.100.7'), '203.0.113.9');
    }),
  );
});

test('hops count from the right; with too few entries the peer counts', () => {
  const hops = new ClientAddress({ useRemoteAddress: true, xffNumTrustedHops: 2 });
  assert.equal(told('192.0.2.7,198.51.100.7', '127.0.0.1', hops), '192.0.2.7');
  assert.equal(told('198.51.100.7', '127.0.0.1', hops), '127.0.0.1');
  assert.equal(told('unknown,198.51.100.7', '127.0.0.1', hops), '127.0.0.1');
  const edge = new ClientAddress({ useRemoteAddress: true, xffNumTrustedHops: 0 });
  assert.equal(told('192.0.2.7', '127.0.0.1', edge), '127.0.0.1');
  const inside = new ClientAddress({ useRemoteAddress: false, xffNumTrustedHops: 0 });
  assert.equal(told('192.0.2.7', '127.0.0.1', inside), '192.0.2.7');
});
