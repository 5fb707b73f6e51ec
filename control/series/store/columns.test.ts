import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Columns } from './columns.ts';
import { BLOCK_SLOTS, TICKS } from './grid.ts';

const value = fc.oneof(
  fc.nat(10_000),
  fc.constantFrom(
    0,
    -0,
    1.5,
    -7,
    Number.NaN,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 32 + 5,
    2 ** 53 - 1,
    1e300,
    Number.POSITIVE_INFINITY,
  ),
  fc.integer({ min: 5_000_000_000, max: 5_000_010_000 }),
);

const step = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ kind: 'add' } as const) },
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constantFrom('tick', 'slot'),
      column: fc.nat(9),
      at: fc.nat(200),
      value,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear-tick'), at: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear-slots' } as const) },
);

test('columns hold every value as it was, whole or not, whatever the distance', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.nat(3), (steps, room) => {
      const columns = new Columns(room);
      const model: { ticks: Float64Array; slots: Float64Array }[] = [];
      const add = (): void => {
        assert.equal(columns.add(), model.length);
        const absent = (length: number): Float64Array => new Float64Array(length).fill(Number.NaN);
        model.push({ ticks: absent(TICKS), slots: absent(BLOCK_SLOTS) });
      };
      add();
      for (const each of steps) {
        if (each.kind === 'add') add();
        else if (each.kind === 'clear-slots') {
          columns.clearSlots();
          for (const { slots } of model) slots.fill(Number.NaN);
        } else if (each.kind === 'clear-tick') {
          columns.clearTick(each.at);
          for (const { ticks } of model) ticks[each.at % TICKS] = Number.NaN;
        } else if ('column' in each) {
          const column = each.column % model.length;
          const known = model[column];
          if (known === undefined) continue;
          if (each.kind === 'tick') {
            columns.setTick(column, each.at, each.value);
            known.ticks[each.at % TICKS] = each.value;
          } else {
            columns.setSlot(column, each.at, each.value);
            known.slots[each.at % BLOCK_SLOTS] = each.value;
          }
        }
      }
      for (const [column, { ticks, slots }] of model.entries()) {
        assert.deepEqual(columns.slots(column, new Float64Array(BLOCK_SLOTS)), slots);
        for (const [tick, held] of ticks.entries()) assert.ok(Object.is(columns.tick(column, tick), held));
      }
    }),
    { numRuns: 500 },
  );
});
