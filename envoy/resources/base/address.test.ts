import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCidr } from './address.ts';

test('ranges of addresses; an address alone is a range of its own', () => {
  const ranges = ['10.0.0.0/8', '0.0.0.0/0', '192.0.2.7', '2001:db8::/32', 'fd00::9'].map(encodeCidr);
  assert.deepEqual(
    ranges.map((range) => [range.address_prefix, range.prefix_len]),
    [
      ['10.0.0.0', 8],
      ['0.0.0.0', 0],
      ['192.0.2.7', 32],
      ['2001:db8::', 32],
      ['fd00::9', 128],
    ],
  );
});
