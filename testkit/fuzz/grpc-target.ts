/**
 * Fuzz targets of gRPC's messages (PROTOCOL-HTTP2) and of gRPC-Web both ways (PROTOCOL-WEB). The first octet of an input is how the rest is cut. Node's
 * Buffer is the other reading of base64.
 */
import assert from 'node:assert/strict';
import { Base64Decoder, MessageEncoder, MessageReader, prefixed, trailerMessage } from '@weft/wire/grpc';
import { ResponseReader, STEP_END, STEP_FAULT, STEP_MORE } from '@weft/wire/http1';
import type { Target } from './targets.ts';

/** Octets of a message; small, so that an input can exceed it. */
const LIMIT = 40;

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const text = (input: string): Buffer => Buffer.from(`\x05${input}`, 'latin1');

/** `rest` in pieces that are gone when the next one comes. */
function* pieces(rest: Buffer, size: number): Generator<Uint8Array> {
  for (let at = 0; at < rest.length; at += size) {
    const piece = Uint8Array.from(rest.subarray(at, at + size));
    yield piece;
    piece.fill(0xaa);
  }
}

const sizeOf = (input: Buffer): number => 1 + ((input[0] ?? 0) % 31);

function messagesOf(rest: Buffer, size: number): { readonly seen: string[]; readonly reader: MessageReader } {
  const reader = new MessageReader(LIMIT);
  const seen: Uint8Array[] = [];
  for (const piece of pieces(rest, size)) reader.read(piece, 0, piece.length, (message) => seen.push(message));
  return { seen: seen.map((message) => Buffer.from(message).toString('hex')), reader };
}

/** The messages again, by arithmetic on the whole input. */
function expectedOf(rest: Buffer): { readonly seen: string[]; readonly fault: string; readonly complete: boolean } {
  const seen: string[] = [];
  let at = 0;
  while (rest.length - at >= 5) {
    if (rest[at] !== 0) return { seen, fault: 'compressed', complete: false };
    const length = rest.readUInt32BE(at + 1);
    if (length > LIMIT) return { seen, fault: 'too-long', complete: false };
    if (rest.length - at - 5 < length) break;
    seen.push(rest.toString('hex', at + 5, at + 5 + length));
    at += 5 + length;
  }
  return { seen, fault: '', complete: at === rest.length };
}

/** Octets of text in base64; undefined: refused. */
function decoded(rest: Buffer, size: number): { readonly octets: Buffer; readonly complete: boolean } | undefined {
  const decoder = new Base64Decoder();
  const parts: Uint8Array[] = [];
  let fed = 0;
  for (const piece of pieces(rest, size)) {
    const part = decoder.decode(piece);
    if (part === undefined) return undefined;
    fed += piece.length;
    parts.push(part);
    const given = parts.reduce((sum, one) => sum + one.length, 0);
    assert.ok(given <= (fed * 3) / 4, `${given} octets of ${fed} characters`);
  }
  return { octets: Buffer.concat(parts), complete: decoder.complete };
}

/** By Node's decoder, which is lenient: a group counts only as it would be written. A group that is not whole may be refused early or wait. */
function decodedByNode(rest: Buffer): { readonly octets: Buffer; readonly tail: string } | undefined {
  const groups = rest.toString('latin1').match(/[^]{1,4}/g) ?? [];
  const tail = (groups.at(-1)?.length ?? 4) < 4 ? (groups.pop() as string) : '';
  const octets = groups.map((group) => Buffer.from(group, 'base64'));
  if (octets.some((part, index) => part.toString('base64') !== groups[index])) return undefined;
  return { octets: Buffer.concat(octets), tail };
}

/** The text of each message apart, and of the rest as far as whole groups go: three octets each, counted from the message's begin. */
function encodedByNode(stream: Buffer): string {
  let out = '';
  let at = 0;
  while (stream.length - at >= 5 && stream.length - at - 5 >= stream.readUInt32BE(at + 1)) {
    const end = at + 5 + stream.readUInt32BE(at + 1);
    out += stream.toString('base64', at, end);
    at = end;
  }
  return out + stream.toString('base64', at, stream.length - ((stream.length - at) % 3));
}

function encoded(stream: Buffer, size: number): string {
  const encoder = new MessageEncoder();
  let out = '';
  for (const piece of pieces(stream, size)) out += Buffer.from(encoder.encode(piece)).toString('latin1');
  return out;
}

export const GRPC_TARGETS: readonly Target[] = [
  {
    name: 'grpc-messages',
    seeds: [
      hex('05 0000000003616263 0000000000 000000000161'),
      hex('02 0000000028' + '61'.repeat(40) + '000000002961'),
      hex('00 0000000001610100000001'),
    ],
    run(input) {
      const rest = input.subarray(1);
      const { seen, fault, complete } = expectedOf(rest);
      for (const size of [sizeOf(input), Math.max(1, rest.length)]) {
        const { seen: got, reader } = messagesOf(rest, size);
        assert.deepEqual(got, seen);
        assert.equal(reader.fault ?? '', fault);
        assert.equal(reader.complete, complete);
      }
      const again = Buffer.concat(seen.map((message) => prefixed(Buffer.from(message, 'hex'))));
      assert.ok(rest.subarray(0, again.length).equals(again), 'not what it was read from');
    },
  },
  {
    name: 'grpc-web-text',
    seeds: [
      text(hex('0000000003616263').toString('base64') + hex('000000000161').toString('base64')),
      text('AAAAAAA='),
      text('AB=='),
      text('gAAAAA1ncnBjLXN0YXR1czowDQo='),
    ],
    run(input) {
      const rest = input.subarray(1);
      const expected = decodedByNode(rest);
      const whole = decoded(rest, Math.max(1, rest.length));
      const cut = decoded(rest, sizeOf(input));
      assert.deepEqual(cut, whole);
      if (whole === undefined) {
        assert.ok(expected === undefined || !/^[A-Za-z0-9+/]*$/.test(expected.tail), 'good base64 is refused');
        return;
      }
      assert.deepEqual(whole.octets, expected?.octets);
      assert.equal(whole.complete, expected?.tail === '');
      const out = encoded(whole.octets, sizeOf(input));
      assert.equal(out, encodedByNode(whole.octets));
      assert.equal(out, encoded(whole.octets, Math.max(1, whole.octets.length)));
    },
  },
  {
    name: 'grpc-web-trailers',
    seeds: [
      'grpc-status: 0\r\ngrpc-message: a b\r\n',
      'Grpc-Status:7\r\nX-Bin: /+8=\r\nx: \xe4\r\n',
      '',
      'a: b\r\na: c\r\n',
    ].map((lines) => Buffer.from(lines, 'latin1')),
    run(input) {
      const reader = new ResponseReader();
      const head = Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n', 'latin1');
      const octets = Buffer.concat([head, input, Buffer.from('\r\n')]);
      reader.feed(octets, 0, octets.length);
      let step = reader.next();
      while (step !== STEP_END && step !== STEP_FAULT && step !== STEP_MORE) step = reader.next();
      const { trailers } = reader.body;
      if (step !== STEP_END || trailers === undefined) return;
      const message = Buffer.from(trailerMessage(trailers));
      assert.equal(message[0], 0x80);
      assert.equal(message.readUInt32BE(1), message.length - 5);
      const lines = message.toString('latin1', 5).split('\r\n');
      assert.equal(lines.pop(), '');
      const fields = Array.from({ length: trailers.count }, (_, n) => [trailers.name(n), trailers.value(n)] as const);
      assert.deepEqual(
        lines,
        fields.map(([name, value]) => `${name.toLowerCase()}:${value}`),
      );
      assert.ok(
        lines.every((line) => /^[!-9;-~]+:[^\r\n\0]*$/.test(line)),
        'a line that is no field',
      );
    },
  },
];
