import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { headerName } from '../http1/names.ts';
import { latin1, octetsOf } from '../http1/octets.ts';
import { huffmanDecode, huffmanEncode, huffmanLength, prepareHuffman } from './huffman.ts';
import { DecodeScratch, HpackDecoder, HpackEncoder, type HpackFault, OctetWriter, STATIC_FIELDS } from './index.ts';
import { VECTORS } from './testing/vectors.ts';

type Fields = (readonly [name: string, value: string])[];

function decode(
  decoder: HpackDecoder,
  block: Uint8Array,
): { readonly fields: Fields; readonly fault: HpackFault | undefined } {
  const fields: [string, string][] = [];
  const fault = decoder.decode(block, 0, block.length, {
    field(nameStart, nameEnd, valueStart, valueEnd) {
      const { bytes } = decoder.scratch;
      fields.push([latin1(bytes, nameStart, nameEnd), latin1(bytes, valueStart, valueEnd)]);
    },
  });
  return { fields, fault };
}

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

for (const { name, tableSize, blocks } of VECTORS)
  test(`RFC 7541, ${name}`, () => {
    const decoder = new HpackDecoder(tableSize, 65536);
    for (const { hex: block, fields } of blocks)
      assert.deepEqual(decode(decoder, hex(block)), { fields: [...fields], fault: undefined });
  });

test('the static table has 61 entries with unique names where the RFC says so', () => {
  assert.equal(STATIC_FIELDS.length, 61);
  assert.deepEqual(STATIC_FIELDS[1], [':method', 'GET']);
  assert.deepEqual(STATIC_FIELDS[60], ['www-authenticate', '']);
});

test('Huffman: every string comes back, and its length is foretold', () => {
  prepareHuffman();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (given) => {
      const out = new OctetWriter();
      huffmanEncode(out, given, 0, given.length);
      const coded = out.take();
      assert.equal(coded.length, huffmanLength(given, 0, given.length));
      const back = new Uint8Array(coded.length * 2 + 1);
      const end = huffmanDecode(coded, 0, coded.length, back, 0);
      assert.deepEqual(back.subarray(0, end), given);
    }),
    { numRuns: 300 },
  );
});

test('Huffman: EOS, padding of zeros and padding of a whole octet are refused', () => {
  const into = new Uint8Array(16);
  for (const coded of ['ffffffff', 'ffffff', '1800', '1fff', '00'])
    assert.equal(huffmanDecode(hex(coded), 0, coded.length / 2, into, 0), -1, coded);
  assert.equal(huffmanDecode(hex('1f'), 0, 1, into, 0), 1);
});

const name = fc.constantFrom(':path', 'accept', 'x-one', 'x-two', 'cookie', 'authorization', 'content-type', 'te');
const value = fc.oneof(
  fc.constantFrom('', '/', 'gzip', 'application/grpc', 'a'.repeat(300), 'b'.repeat(1900)),
  fc.string({ maxLength: 30 }).map((text) => text.replace(/[^ -~]/g, '~')),
);
const lists = fc.array(fc.array(fc.tuple(name, value), { maxLength: 12 }), { minLength: 1, maxLength: 12 });

test('what is encoded is decoded, block after block, through changes of the table size', () => {
  fc.assert(
    fc.property(lists, fc.array(fc.constantFrom(0, 64, 300, 4096), { maxLength: 12 }), (blocks, sizes) => {
      const encoder = new HpackEncoder();
      const decoder = new HpackDecoder(4096, 65536, new DecodeScratch());
      const out = new OctetWriter();
      blocks.forEach((fields, position) => {
        const size = sizes[position];
        if (size !== undefined) encoder.setMaximum(size);
        encoder.begin(out);
        for (const [key, text] of fields) encoder.text(out, key, text);
        assert.deepEqual(decode(decoder, out.take()), { fields, fault: undefined });
        assert.ok(decoder.tableSize <= 4096);
      });
    }),
    { numRuns: 200 },
  );
});

test('names are written in lower case, values as they are', () => {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder(4096, 65536);
  const out = new OctetWriter();
  const line = octetsOf('X-Thing: Value');
  const { hash = 0 } = headerName('x-thing') ?? {};
  for (let time = 0; time < 3; time += 1) {
    encoder.field(out, line, 0, 7, hash, line, 9, line.length, 0);
    encoder.text(out, 'x-thing', 'value');
    assert.deepEqual(decode(decoder, out.take()).fields, [
      ['x-thing', 'Value'],
      ['x-thing', 'value'],
    ]);
  }
});

test('a field met a third time is one octet; a secret never enters the table', () => {
  const encoder = new HpackEncoder();
  const out = new OctetWriter();
  const size = (key: string, text: string, never = false): number => {
    encoder.text(out, key, text, never);
    return out.take().length;
  };
  for (let time = 0; time < 2; time += 1) assert.ok(size('x-thing', 'some value') > 1);
  assert.equal(size('x-thing', 'some value'), 1);
  for (let time = 0; time < 4; time += 1) {
    assert.ok(size('authorization', 'Bearer secret') > 5);
    assert.ok(size('x-key', 'hidden', true) > 5);
  }
});

const REFUSED: readonly (readonly [why: string, block: string, fault: HpackFault])[] = [
  ['index 0', '80', 'index'],
  ['an index behind the tables', 'be', 'index'],
  ['a name index behind the tables', '7e0161', 'index'],
  ['an integer that never ends', 'ffffffffffffff', 'integer'],
  ['an integer cut off', 'ff80', 'truncated'],
  ['a string longer than the block', '000a6162', 'truncated'],
  ['a literal without value', '000161', 'truncated'],
  ['a table above the limit', '3fe21f', 'table-size'],
  ['an update behind a field', '8220', 'table-size-place'],
  ['three updates', '202020', 'table-size-place'],
  ['broken Huffman', '008184ff', 'huffman'],
  ['EOS in Huffman', '000161' + '84ffffffff', 'huffman'],
];
for (const [why, block, fault] of REFUSED)
  test(`refused: ${why}`, () => assert.equal(decode(new HpackDecoder(4096, 65536), hex(block)).fault, fault));

test('never faults by exception, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (block) => {
      decode(new HpackDecoder(4096, 1000), block);
    }),
    { numRuns: 500 },
  );
});

test('a bomb of indexed fields is counted, not written, and ends the connection far above the limit', () => {
  const decoder = new HpackDecoder(4096, 8192);
  const out = new OctetWriter();
  for (const octet of hex('40016b7f9f1e')) out.octet(octet);
  for (let i = 0; i < 4000; i += 1) out.octet(97);
  const plant = out.take();
  // 127 + 31 + 30 * 128 = 3998 octets announced: the rest of the block is cut away.
  assert.equal(decode(decoder, plant.subarray(0, 6 + 3998)).fault, undefined);
  const few = decode(decoder, new Uint8Array(20).fill(0xbe));
  assert.equal(few.fault, undefined);
  assert.equal(decoder.overLimit, true);
  assert.equal(few.fields.length, 2);
  assert.ok(decoder.scratch.bytes.length <= 16_384);
  assert.equal(decode(decoder, new Uint8Array(4000).fill(0xbe)).fault, 'list-too-large');
});

test('values that never come again, given as text: literals that enter no table, until they come again', () => {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder(4096, 65536, new DecodeScratch());
  const out = new OctetWriter();
  const sizes: number[] = [];
  const written = (fields: Fields): void => {
    encoder.begin(out);
    for (const [key, text] of fields) encoder.text(out, key, text);
    const block = out.take();
    sizes.push(block.length);
    assert.deepEqual(decode(decoder, block), { fields, fault: undefined });
  };
  for (let count = 0; count < 300; count += 1)
    written([
      ['x-request-id', `id-${count}-${'x'.repeat(200)}`],
      [':path', `/orders/${count}`],
      ['x-same', 'same'],
      ['x-either', String(count % 2)],
    ]);
  const before = decoder.generation;
  for (let count = 0; count < 300; count += 1) written([['x-request-id', `other-${count}`]]);
  assert.equal(decoder.generation, before, 'nothing was added to the table');
  for (let count = 0; count < 200; count += 1) written([['x-request-id', 'the same']]);
  assert.equal(sizes.at(-1), 1, 'what comes again is known again');
});

test('a secret that is given as text is never indexed, however often it is a new one', () => {
  const encoder = new HpackEncoder();
  const out = new OctetWriter();
  for (let count = 0; count < 100; count += 1) {
    encoder.text(out, 'authorization', `Bearer ${count}`);
    assert.equal((out.take()[0] ?? 0) >> 4, 1, `the ${count}th`);
    encoder.text(out, 'x-token', `secret ${count}`, true);
    assert.equal((out.take()[0] ?? 0) >> 4, 1, `the ${count}th, said to be one`);
    encoder.text(out, 'x-token', `other ${count}`);
    out.take();
  }
});

/** A string as it is (RFC 7541, 5.2). */
function plainString(text: string): number[] {
  const out = [Math.min(text.length, 127)];
  if (text.length >= 127) {
    let rest = text.length - 127;
    for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
    out.push(rest);
  }
  return [...out, ...Buffer.from(text)];
}

/** A literal with incremental indexing and a new name (RFC 7541, 6.2.1). */
const added = (name: string, value: string): number[] => [0x40, ...plainString(name), ...plainString(value)];

/** Every entry, newest first. */
function tableOf(decoder: HpackDecoder): Fields {
  const all: (readonly [string, string])[] = [];
  for (let index = STATIC_FIELDS.length + 1; ; index += 1) {
    const rest = index - 127;
    const block =
      rest < 0 ? [128 + index] : rest < 128 ? [255, rest] : [255, (rest % 128) + 128, Math.floor(rest / 128)];
    const { fields, fault } = decode(decoder, Uint8Array.from(block));
    if (fault !== undefined) return all;
    all.push(...fields);
  }
}

test('additions that are repeated leave the table that decoding the block as often would', () => {
  const line = fc.tuple(
    fc.constantFrom('x-a', 'date', 'server'),
    fc.constantFrom('', 'v', 'y'.repeat(700), 'z'.repeat(5000)),
  );
  fc.assert(
    fc.property(
      fc.array(fc.array(line, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.record({ block: fc.nat(2), times: fc.nat(70) }), { minLength: 1, maxLength: 6 }),
      (blocks, turns) => {
        const [often, repeated] = [new HpackDecoder(4096, 100_000), new HpackDecoder(4096, 100_000)];
        for (const { block, times } of turns) {
          const bytes = Uint8Array.from(
            (blocks[block % blocks.length] ?? []).flatMap(([name, value]) => added(name, value)),
          );
          for (let time = 0; time <= times; time += 1) assert.equal(decode(often, bytes).fault, undefined);
          assert.equal(decode(repeated, bytes).fault, undefined);
          const [lines, additions] = [repeated.additionLines(), repeated.additions()];
          for (let time = 0; time < times; time += 1) repeated.repeat(lines, additions);
          assert.equal(repeated.generation, often.generation);
        }
        assert.deepEqual(tableOf(repeated), tableOf(often));
        assert.equal(repeated.tableSize, often.tableSize);
      },
    ),
    { numRuns: 200 },
  );
});
