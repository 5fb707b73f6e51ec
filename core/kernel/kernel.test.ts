import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cidrContains,
  civilFromDays,
  daysFromCivil,
  formatCidr,
  formatDuration,
  formatIp,
  parseCidr,
  parseDuration,
  parseIp,
  unmapIpv4,
  unmapIpv4Cidr,
} from './index.ts';

test('IP text: canonical form is a fixed point and survives a round trip', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = parseIp(text);
      assert.ok(address, text);
      assert.deepEqual(parseIp(formatIp(address)), address);
    }),
  );
});

test('IP text: RFC 5952 examples and refusals', () => {
  for (const [text, canonical] of [
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::', '::'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ] as const) {
    const address = parseIp(text);
    assert.ok(address);
    assert.equal(formatIp(address), canonical);
  }
  for (const bad of [
    '',
    '1.2.3',
    '01.2.3.4',
    '256.1.1.1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'fe80::1%eth0',
    '::1.2.3',
    '1.2.3.4::',
  ]) {
    assert.equal(parseIp(bad), undefined, bad);
  }
});

test('IPv4 addresses and ranges in the spelling of IPv6 are the IPv4 ones, and nothing else is', () => {
  const plain = (text: string): string => formatIp(unmapIpv4(parseIp(text) ?? assert.fail(text)));
  assert.equal(plain('::ffff:10.1.2.3'), '10.1.2.3');
  assert.equal(plain('::FFFF:0a01:0203'), '10.1.2.3');
  for (const other of ['::10.1.2.3', '::fffe:a01:203', '1::ffff:a01:203', '10.1.2.3'])
    assert.equal(plain(other), formatIp(parseIp(other) ?? assert.fail(other)));
  const range = (text: string): string => formatCidr(unmapIpv4Cidr(parseCidr(text) ?? assert.fail(text)));
  assert.equal(range('::ffff:10.0.0.0/104'), '10.0.0.0/8');
  assert.equal(range('::ffff:10.0.0.0/95'), formatCidr(parseCidr('::ffff:10.0.0.0/95') ?? assert.fail()));
  assert.equal(range('::/0'), '::/0');
});

test('CIDR: containment by leading bits, never across families', () => {
  const has = (range: string, address: string): boolean => {
    const [cidr, ip] = [parseCidr(range), parseIp(address)];
    assert.ok(cidr && ip);
    return cidrContains(cidr, ip);
  };
  assert.equal(has('10.0.0.0/9', '10.127.0.1'), true);
  assert.equal(has('10.0.0.0/9', '10.128.0.1'), false);
  assert.equal(has('0.0.0.0/0', '::1'), false);
  assert.equal(has('2001:db8::/33', '2001:db8:7fff::1'), true);
  assert.equal(has('2001:db8::/33', '2001:db8:8000::1'), false);
});

test('durations: GEP-2257 round trip, refusals', () => {
  fc.assert(fc.property(fc.nat(359_999_999), (ms) => assert.equal(parseDuration(formatDuration(ms)), ms)));
  for (const bad of ['', '1', '1d', '-1s', '1.5s', '1s1m', '100000s']) assert.equal(parseDuration(bad), undefined, bad);
});

test('calendar: known days, and dates and days are each other’s inverse', () => {
  assert.equal(daysFromCivil({ year: 1970, month: 1, day: 1 }), 0);
  assert.equal(daysFromCivil({ year: 2000, month: 3, day: 1 }), 11_017);
  assert.deepEqual(civilFromDays(19_782), { year: 2024, month: 2, day: 29 });
  assert.deepEqual(civilFromDays(-1), { year: 1969, month: 12, day: 31 });
  assert.deepEqual(civilFromDays(daysFromCivil({ year: 2023, month: 2, day: 29 })), { year: 2023, month: 3, day: 1 });
  fc.assert(
    fc.property(fc.integer({ min: -719_468, max: 2_932_896 }), (days) => {
      assert.equal(daysFromCivil(civilFromDays(days)), days);
    }),
  );
});
