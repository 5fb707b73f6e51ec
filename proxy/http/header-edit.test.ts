import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HpackDecoder, HpackEncoder, OctetWriter } from '@weft/wire/hpack';
import { FieldBlock, type FieldsImage, latin1 } from '@weft/wire/http1';
import fc from 'fast-check';
import { HeaderEdit } from './header-edit.ts';

type Fields = readonly (readonly [name: string, value: string])[];

const name = fc.constantFrom('accept', 'x-one', 'x-two', 'cookie', 'authorization', 'content-type', 'date', 'Server');
const value = fc.constantFrom('a', 'gzip', 'application/grpc', 'b'.repeat(200), 'c'.repeat(1700));
const section = fc.array(fc.tuple(name, value), { maxLength: 6 });

/** A section as a connection keeps it to take it again. */
function imageOf(fields: Fields): FieldsImage {
  const octets = Buffer.from(`${fields.map(([key, text]) => `${key}: ${text}\r\n`).join('')}\r\n`, 'latin1');
  const block = new FieldBlock(100, latin1);
  block.reset(0);
  assert.equal(block.parse(octets, octets.length), octets.length);
  return block.image(octets, 0);
}

function decoded(decoder: HpackDecoder, block: Uint8Array): Fields {
  const fields: [string, string][] = [];
  const fault = decoder.decode(block, 0, block.length, {
    field(nameStart, nameEnd, valueStart, valueEnd) {
      const { bytes } = decoder.scratch;
      fields.push([latin1(bytes, nameStart, nameEnd), latin1(bytes, valueStart, valueEnd)]);
    },
  });
  assert.equal(fault, undefined);
  return fields;
}

test('sections that come again are encoded as what they say, through drops, evictions and changes of the table’s size', () => {
  fc.assert(
    fc.property(
      fc.array(section, { minLength: 1, maxLength: 7 }),
      fc.array(
        fc.record({
          which: fc.nat(6),
          times: fc.integer({ min: 1, max: 4 }),
          drop: fc.option(fc.nat(5), { nil: undefined }),
          size: fc.option(fc.constantFrom(0, 100, 600, 4096), { nil: undefined, freq: 8 }),
          added: fc.option(value, { nil: undefined }),
        }),
        { minLength: 1, maxLength: 40 },
      ),
      (sections, steps) => {
        const images = sections.map(imageOf);
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder(4096, 1 << 20);
        const out = new OctetWriter();
        const block = new FieldBlock(100, latin1);
        const edit = new HeaderEdit();
        for (const { which, times, drop, size, added } of steps) {
          const fields = sections[which % sections.length] as Fields;
          if (size !== undefined) encoder.setMaximum(size);
          for (let time = 0; time < times; time += 1) {
            block.load(images[which % sections.length] as FieldsImage);
            edit.reset(block);
            if (drop !== undefined && drop < block.count) block.drop(drop);
            if (added !== undefined) edit.add('x-added', added);
            encoder.begin(out);
            edit.encode(encoder, out);
            const expected = fields
              .filter((_, index) => index !== drop)
              .map(([key, text]) => [key.toLowerCase(), text] as const);
            assert.deepEqual(decoded(decoder, out.take()), [
              ...expected,
              ...(added === undefined ? [] : [['x-added', added] as const]),
            ]);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a section that comes again takes an octet a field', () => {
  const image = imageOf([
    ['accept', 'gzip'],
    ['x-one', 'b'.repeat(100)],
  ]);
  const encoder = new HpackEncoder();
  const out = new OctetWriter();
  const block = new FieldBlock(100, latin1);
  const edit = new HeaderEdit();
  const sizes = [1, 2, 3, 4, 5].map(() => {
    block.load(image);
    edit.reset(block);
    edit.encode(encoder, out);
    return out.take().length;
  });
  assert.equal(sizes[4], 2, String(sizes));
});
