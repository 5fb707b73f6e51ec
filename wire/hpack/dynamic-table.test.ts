import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DynamicTable } from './dynamic-table.ts';
import { FIELD_OVERHEAD } from './overhead.ts';

interface Line {
  readonly octets: Uint8Array;
  readonly nameLength: number;
}

const sizeOf = ({ octets }: Line): number => octets.length - 4 + FIELD_OVERHEAD;

/** RFC 7541, 4, as a list with the newest first. */
class Model {
  lines: Line[] = [];
  capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.lines.reduce((sum, line) => sum + sizeOf(line), 0);
  }

  resize(capacity: number): void {
    this.capacity = capacity;
    while (this.size > capacity) this.lines.pop();
  }

  insert(line: Line): void {
    while (this.lines.length > 0 && this.size + sizeOf(line) > this.capacity) this.lines.pop();
    if (sizeOf(line) <= this.capacity) this.lines.unshift(line);
  }
}

const line = fc
  .tuple(
    fc.nat(60),
    fc.oneof({ weight: 8, arbitrary: fc.nat(80) }, { weight: 1, arbitrary: fc.nat(5000) }),
    fc.nat(255),
  )
  .map(
    ([nameLength, valueLength, fill]): Line => ({
      nameLength,
      octets: Uint8Array.from({ length: nameLength + valueLength + 4 }, (_, index) => (fill + index) & 255),
    }),
  );
const step = fc.oneof({ weight: 20, arbitrary: line }, { weight: 1, arbitrary: fc.nat(4096) });

test('entries, their order, sizes and evictions are those of RFC 7541, 4, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const table = new DynamicTable(4096);
      const model = new Model(4096);
      for (const each of steps) {
        if (typeof each === 'number') {
          table.resize(each);
          model.resize(each);
        } else {
          const bytes = Uint8Array.from([1, 2, 3, ...each.octets]);
          table.insert(bytes, 3, each.nameLength, each.octets.length, each.nameLength + 1, each.octets.length + 2, 7);
          model.insert(each);
        }
        assert.equal(table.size, model.size);
        model.lines.forEach((known, position) => {
          const entry = table.entry(position + 1);
          const start = table.start(entry);
          assert.equal(table.nameLength(entry), known.nameLength);
          const told = [table.nameHash(entry), table.hash(entry), table.marks(entry)];
          assert.deepEqual(told, [known.nameLength + 1, known.octets.length + 2, 7]);
          assert.deepEqual(table.octets.subarray(start, start + table.length(entry)), known.octets);
        });
        assert.equal(table.entry(model.lines.length + 1), -1);
        assert.ok(table.octets.length <= 2 * 4096);
      }
    }),
    { numRuns: 60 },
  );
});
