import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBlock, encodeBlock } from './block-codec.ts';
import { BLOCK_SLOTS } from './grid.ts';

const number = fc.oneof(
  { weight: 4, arbitrary: fc.maxSafeInteger() },
  { weight: 2, arbitrary: fc.constant(Number.NaN) },
  { weight: 2, arbitrary: fc.nat(100) },
  { weight: 1, arbitrary: fc.double() },
);
const column = fc
  .array(number, { minLength: BLOCK_SLOTS, maxLength: BLOCK_SLOTS })
  .map((values) => Float64Array.from(values));
const whole = fc
  .array(fc.nat(5000), { minLength: BLOCK_SLOTS, maxLength: BLOCK_SLOTS })
  .map((steps) => Float64Array.from(steps, (_, index) => steps.slice(0, index).reduce((a, b) => a + b, 0)));
const fields = fc
  .array(fc.tuple(fc.integer({ min: -5000, max: 5000 }), fc.oneof(column, whole)), { maxLength: 8 })
  .map((entries) => new Map(entries));

test('what is encoded is decoded, number by number', () => {
  fc.assert(
    fc.property(fields, (made) => {
      const read = decodeBlock(encodeBlock(made));
      assert.ok(read !== undefined);
      assert.deepEqual([...read], [...made]);
    }),
  );
});

test('any octets decode to a block or to nothing', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodeBlock(bytes)));
  fc.assert(
    fc.property(fields, fc.nat(), fc.nat(255), (made, place, octet) => {
      const bytes = encodeBlock(made);
      if (bytes.length > 0) bytes[place % bytes.length] = octet;
      const read = decodeBlock(bytes);
      for (const values of read?.values() ?? []) assert.equal(values.length, BLOCK_SLOTS);
    }),
  );
});

test('whole numbers whose difference is not exact are doubles', () => {
  const made = new Map([
    [0, new Float64Array(BLOCK_SLOTS).fill(5_480_271_479_102_137).fill(-3_527_026_780_331_820, 9)],
  ]);
  assert.deepEqual(decodeBlock(encodeBlock(made)), made);
});

test('a counter that rests takes a few octets', () => {
  const resting = new Map([[0, new Float64Array(BLOCK_SLOTS).fill(123_456_789)]]);
  assert.ok(encodeBlock(resting).length < 12);
});
