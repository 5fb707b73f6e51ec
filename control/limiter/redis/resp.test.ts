import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeCommand, RespError, type Reply, RespReader, RespSyntaxError } from './resp.ts';

const text = (reply: Reply): string => {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  if (reply instanceof RespError) return `-${reply.message}\r\n`;
  return `*${reply.length}\r\n${reply.map(text).join('')}`;
};

const scalar = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.integer(), fc.constant(null));
const reply: fc.Arbitrary<Reply> = fc.oneof(
  scalar,
  fc.array(fc.oneof(scalar, fc.array(scalar, { maxLength: 4 })), { maxLength: 4 }),
);

test('replies are read however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 5 }), fc.integer({ min: 1, max: 9 }), (replies, size) => {
      const bytes = Buffer.from(replies.map(text).join(''));
      const reader = new RespReader();
      const read: Reply[] = [];
      for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)));
      assert.deepEqual(read, replies);
    }),
  );
});

test('a command is a list of texts, by octets', () => {
  assert.equal(encodeCommand(['SET', 'ä', 12]).toString(), '*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$2\r\n12\r\n');
});

test('errors are replies, with their code', () => {
  const [read] = new RespReader().push(Buffer.from('-NOSCRIPT No matching script\r\n'));
  assert.ok(read instanceof RespError);
  assert.equal(read.code, 'NOSCRIPT');
});

for (const [what, bytes] of [
  ['another type', '?\r\n'],
  ['a number that is none', ':x\r\n'],
  ['a text too long', '$99999999\r\n'],
  ['a list too long', '*99999999\r\n'],
  ['lists too deep', '*1\r\n'.repeat(9)],
  ['a text that does not end', '$1\r\nabc\r\n'],
] as const)
  test(`refused: ${what}`, () => {
    assert.throws(() => new RespReader().push(Buffer.from(bytes)), RespSyntaxError);
  });
