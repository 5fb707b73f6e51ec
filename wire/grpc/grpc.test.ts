import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MessageReader, prefixed } from './index.ts';

const read = (reader: MessageReader, slices: readonly Uint8Array[]): Uint8Array[] => {
  const messages: Uint8Array[] = [];
  for (const slice of slices) if (!reader.read(slice, 0, slice.length, (message) => messages.push(message))) break;
  return messages;
};

test('messages come out as they went in, however the stream is cut', () => {
  const law = fc.property(
    fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
    fc.array(fc.nat({ max: 60 }), { maxLength: 20 }),
    (messages, cuts) => {
      const stream = Uint8Array.from(messages.flatMap((message) => [...prefixed(message)]));
      const at = [0, ...cuts.map((cut) => Math.min(cut, stream.length)), stream.length].toSorted((a, b) => a - b);
      const slices = at.slice(1).map((end, index) => stream.subarray(at[index], end));
      const reader = new MessageReader(40);
      assert.deepEqual(read(reader, slices), messages);
      assert.equal(reader.complete, true);
    },
  );
  fc.assert(law);
});

test('a message over the limit and a compressed one end the reading, before any of their octets are held', () => {
  const long = new MessageReader(4);
  assert.deepEqual(read(long, [prefixed(Uint8Array.of(1, 2, 3, 4)), prefixed(new Uint8Array(5))]), [
    Uint8Array.of(1, 2, 3, 4),
  ]);
  assert.equal(long.fault, 'too-long');
  assert.equal(long.complete, false);
  const compressed = new MessageReader(4);
  assert.deepEqual(read(compressed, [Uint8Array.of(1, 0, 0, 0, 0)]), []);
  assert.equal(compressed.fault, 'compressed');
});

test('a message that is cut short is not complete', () => {
  const reader = new MessageReader(40);
  assert.deepEqual(read(reader, [prefixed(Uint8Array.of(1, 2)).subarray(0, 6)]), []);
  assert.equal(reader.complete, false);
});
