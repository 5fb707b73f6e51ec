import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StreamTable } from './stream-table.ts';

type Step = { readonly kind: 'add' | 'delete' | 'get'; readonly id: number };

/** Ids that fall on few places, and ids that come in order. */
const id = fc.oneof(
  fc.nat(400).map((n) => n * 2 + 1),
  fc.nat(400).map((n) => n * 512 + 1),
);
const step = fc.record<Step>({ kind: fc.constantFrom('add', 'add', 'delete', 'get'), id });

test('a table of streams holds what a Map would, whatever ids come in which order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 900 }), (steps) => {
      const table = new StreamTable<{ readonly id: number }>();
      const map = new Map<number, { readonly id: number }>();
      for (const { kind, id: wanted } of steps) {
        if (kind === 'delete') {
          table.delete(wanted);
          map.delete(wanted);
        } else if (kind === 'add' && !map.has(wanted)) {
          const stream = { id: wanted };
          table.add(stream);
          map.set(wanted, stream);
        }
        assert.equal(table.get(wanted), map.get(wanted));
        assert.equal(table.size, map.size);
      }
      assert.deepEqual(
        table.all(),
        [...map.values()].sort((a, b) => a.id - b.id),
      );
      for (const known of map.keys()) table.delete(known);
      assert.equal(table.size, 0);
      assert.deepEqual(table.all(), []);
    }),
    { numRuns: 300 },
  );
});

test('a thousand streams at once, ended from either end', () => {
  for (const backwards of [false, true]) {
    const table = new StreamTable<{ readonly id: number }>();
    const ids = Array.from({ length: 1000 }, (_, index) => index * 2 + 1);
    for (const each of ids) table.add({ id: each });
    assert.deepEqual(
      table.all().map((stream) => stream.id),
      ids,
    );
    for (const each of backwards ? ids.toReversed() : ids) {
      assert.equal(table.get(each)?.id, each);
      table.delete(each);
      assert.equal(table.get(each), undefined);
    }
    assert.equal(table.size, 0);
  }
});
