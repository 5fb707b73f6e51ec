import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_VIEW, type TableName } from '@weft/core/mesh-view';
import { join, mark, type Marks, meet, noMarks } from './changes.ts';

const TABLES = Object.keys(EMPTY_VIEW) as readonly TableName[];
const marksOf = (table: TableName, key: string): Marks => {
  const marks = noMarks();
  mark(marks, table, key);
  return marks;
};

test('a look-up of one table has nothing in common with a change of another', () => {
  for (const read of TABLES)
    for (const changed of TABLES)
      for (const key of ['shop/orders', 'shop/web/80'])
        assert.equal(meet(marksOf(read, key), marksOf(changed, key)), read === changed, `${read}, ${changed}`);
});

test('what was read through others is among the marks', () => {
  for (const read of TABLES) {
    const marks = marksOf('mesh', 'default');
    join(marks, marksOf(read, 'shop/orders'));
    assert.ok(meet(marks, marksOf(read, 'shop/orders')), read);
  }
});
