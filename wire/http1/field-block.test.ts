import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FieldBlock, NO_HASH } from './field-block.ts';

const octets = new TextEncoder();

/** `a0: 0`, `a1: 1` ... without those at `gone`: read, or taken from an image of what was read. */
function section(
  count: number,
  loaded: boolean,
  gone: readonly number[] = [],
): { readonly block: FieldBlock; readonly again: () => FieldBlock } {
  const text = `${Array.from({ length: count }, (_, index) => `a${index % 7}: ${index}\r\n`).join('')}\r\n`;
  const read = new FieldBlock(1000);
  read.parse(octets.encode(text), text.length);
  for (const index of gone) if (index < count) read.drop(index);
  const image = read.image(octets.encode(text), 0);
  const again = (): FieldBlock => {
    const block = new FieldBlock(1000);
    block.load(image);
    return block;
  };
  return { block: loaded ? again() : read, again };
}

const values = (block: FieldBlock): string[] =>
  Array.from({ length: block.count }, (_, index) => (block.dropped(index) ? '-' : block.value(index)));

const change = fc.oneof(
  fc.record({ kind: fc.constantFrom('drop', 'restore'), index: fc.nat(79) }),
  fc.record({ kind: fc.constant('append'), index: fc.constant(0) }),
  fc.record({ kind: fc.constant('rebase'), index: fc.nat(9) }),
);

test('a section is what was read and done to it, whether read or loaded, and an image stays what it was', () => {
  fc.assert(
    fc.property(
      fc.nat(80),
      fc.boolean(),
      fc.array(fc.nat(79), { maxLength: 3 }),
      fc.array(change, { maxLength: 30 }),
      (count, loaded, gone, changes) => {
        const { block, again } = section(count, loaded, gone);
        const model = Array.from({ length: count }, (_, index) => ({
          value: String(index),
          dropped: gone.includes(index),
        }));
        for (const { kind, index } of changes) {
          const field = model[index];
          if (kind === 'rebase') {
            const moved = new Uint8Array(block.bytes.length + index);
            moved.set(block.bytes, index);
            block.bytes = moved;
            block.rebase(index);
          } else if (kind === 'append') {
            // Another field of the first one's octets.
            if (count === 0) continue;
            const [start, end] = [block.valueStart(0), block.valueEnd(0)];
            block.append(block.nameStart(0), block.nameEnd(0), start, end, block.nameHash(0), block.known(0), NO_HASH);
            model.push({ value: '0', dropped: false });
          } else if (field !== undefined && index < block.count) {
            block[kind as 'drop' | 'restore'](index);
            field.dropped = kind === 'drop';
          }
        }
        assert.deepEqual(
          values(block),
          model.map(({ value, dropped }) => (dropped ? '-' : value)),
        );
        assert.deepEqual(
          values(again()),
          Array.from({ length: count }, (_, index) => (gone.includes(index) ? '-' : String(index))),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('a block that was loaded serves the next section as if nothing had been', () => {
  const { block } = section(60, true);
  block.drop(3);
  block.drop(50);
  block.reset(0);
  const text = `b: 1\r\n${'c: 2\r\n'.repeat(59)}\r\n`;
  assert.equal(block.parse(octets.encode(text), text.length), text.length);
  assert.deepEqual(values(block), ['1', ...Array.from({ length: 59 }, () => '2')]);
});
