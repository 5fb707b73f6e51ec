/** Laws of gRPC-Web's text form: however a stream is cut, what comes out is the same. */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { Base64Decoder, MessageEncoder } from './index.ts';

const cuts = fc.array(fc.nat(200), { maxLength: 12 });

function slices(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const points = [...new Set([0, ...at.filter((point) => point < bytes.length), bytes.length])].sort((a, b) => a - b);
  return points.slice(1).map((end, index) => bytes.subarray(points[index], end));
}

const framed = (message: Uint8Array): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
};

const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 });

test('messages are encoded one by one, whatever the slices', () => {
  fc.assert(
    fc.property(messages, cuts, (list, at) => {
      const encoder = new MessageEncoder();
      const bytes = Buffer.concat(list.map(framed));
      const out = Buffer.concat(slices(bytes, at).map((slice) => encoder.encode(slice)));
      assert.equal(out.toString(), list.map((message) => framed(message).toString('base64')).join(''));
    }),
  );
});

test('groups are decoded as they come, padding anywhere', () => {
  fc.assert(
    fc.property(messages, cuts, (list, at) => {
      const decoder = new Base64Decoder();
      const bytes = Buffer.from(list.map((message) => Buffer.from(message).toString('base64')).join(''));
      const parts = slices(bytes, at).map((slice) => decoder.decode(slice));
      assert.deepEqual(Buffer.concat(parts.map((part) => part ?? Buffer.from('refused'))), Buffer.concat(list));
      assert.equal(decoder.complete, true);
    }),
  );
});

test('what is no base64 is refused', () => {
  for (const text of ['AA=A', 'A===', '====', 'AAA!', 'AA-_', 'AAB=', 'AB==', 'AA\r\n'])
    assert.equal(new Base64Decoder().decode(Buffer.from(text)), undefined, text);
  const half = new Base64Decoder();
  assert.equal(half.decode(Buffer.from('AAAAA'))?.length, 3);
  assert.equal(half.complete, false);
});

test('a length of 4 GiB is a number, no memory', () => {
  const out = new MessageEncoder().encode(Buffer.from('00ffffffff616263', 'hex'));
  assert.equal(Buffer.from(out).toString(), Buffer.from('00ffffffff6162', 'hex').toString('base64').slice(0, 8));
});
