import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cidrContains, isSpecial, isSpecialRange, parseCidr, parseIp, SPECIAL_RANGES, withoutRanges } from './index.ts';

const range = (text: string) => parseCidr(text) ?? assert.fail(text);
const address = (text: string) => parseIp(text) ?? assert.fail(text);

test('addresses of this machine, of links and of private networks are special, others are not', () => {
  for (const one of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '172.31.0.1', '192.168.1.1', '0.0.0.0', '224.0.0.1'])
    assert.ok(isSpecial(address(one)), one);
  for (const one of ['::1', '::', 'fe80::1', 'fd00::1', '::ffff:8.8.8.8', '64:ff9b::a00:1'])
    assert.ok(isSpecial(address(one)), one);
  for (const one of ['8.8.8.8', '172.32.0.1', '192.0.2.1', '2001:db8::1', '2606:4700::1'])
    assert.ok(!isSpecial(address(one)), one);
  assert.ok(isSpecialRange(range('10.2.0.0/16')));
  assert.ok(!isSpecialRange(range('0.0.0.0/0')), 'more than what is special does not ask for it');
});

test('what is taken out is out, and nothing else', () => {
  assert.deepEqual(withoutRanges(['10.0.0.0/8'], [range('10.0.0.0/8')]), []);
  assert.deepEqual(withoutRanges(['10.0.0.0/8'], [range('11.0.0.0/8')]), ['10.0.0.0/8']);
  assert.deepEqual(withoutRanges(['10.0.0.0/8'], [range('10.128.0.0/9')]), ['10.0.0.0/9']);
  const left = withoutRanges(SPECIAL_RANGES, [range('10.20.0.0/16'), range('10.20.3.0/24'), range('::1/128')]).map(
    range,
  );
  const holds = (text: string): boolean => left.some((cidr) => cidrContains(cidr, address(text)));
  for (const out of ['10.20.0.0', '10.20.255.255', '::1']) assert.ok(!holds(out), out);
  for (const within of ['10.19.255.255', '10.21.0.0', '10.0.0.1', '127.0.0.1', '::2', 'fe80::1'])
    assert.ok(holds(within), within);
  assert.ok(left.length < 150);
});
