import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { element, objectIdentifier, readChildren, readWhole, sequence, smallInteger, time, unsigned } from './index.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('an element reads back; a cut or longer one does not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70_000 }), (content) => {
      const bytes = element(0x04, content);
      const read = readWhole(bytes);
      assert.ok(read);
      assert.deepEqual(read.content, content);
      assert.equal(readWhole(bytes.subarray(0, -1)), undefined);
      assert.equal(readWhole(Buffer.concat([bytes, Uint8Array.of(0)])), undefined);
    }),
    { numRuns: 50 },
  );
});

test('known encodings', () => {
  assert.equal(hex(smallInteger(0)), '020100');
  assert.equal(hex(smallInteger(128)), '02020080');
  assert.equal(hex(unsigned(Uint8Array.of(0, 0, 127))), '02017f');
  assert.equal(hex(objectIdentifier('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
  assert.equal(hex(objectIdentifier('2.5.29.17')), '0603551d11');
});

test('times agree with the calendar of the platform, on both sides of 2050', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 7_000_000_000 }), (seconds) => {
      // oxlint-disable-next-line no-restricted-globals -- the platform's calendar is the judge
      const iso = new Date(seconds * 1000).toISOString();
      const digits = iso.replace(/[-:T]/g, '').slice(0, 14);
      const expected = Number(iso.slice(0, 4)) < 2050 ? `${digits.slice(2)}Z` : `${digits}Z`;
      const read = readWhole(time(seconds * 1000 + 999));
      assert.equal(Buffer.from(read?.content ?? []).toString('latin1'), expected);
    }),
    { numRuns: 300 },
  );
});

test('lengths that are not the shortest, indefinite or beyond the end are refused', () => {
  for (const bad of ['048000', '04810100', '0482000100', '0405aa', '1f8101aa', '04', '', '0484ffffffff'])
    assert.equal(readWhole(Buffer.from(bad, 'hex')), undefined, bad);
});

test('children: all or nothing, bounded', () => {
  const parent = readWhole(sequence(smallInteger(1), smallInteger(2)));
  assert.ok(parent);
  assert.equal(readChildren(parent)?.length, 2);
  assert.equal(readChildren(parent, 1), undefined);
  const leaf = readWhole(smallInteger(1));
  assert.ok(leaf);
  assert.equal(readChildren(leaf), undefined);
});

test('any bytes are answered, never thrown at', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const read = readWhole(bytes);
      if (read !== undefined) readChildren(read);
    }),
  );
});
