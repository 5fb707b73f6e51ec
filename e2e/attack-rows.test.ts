/** Every row of the attack list has a test that exists, or a reason. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readAttackRows, WIRE_ROWS } from '@weft/testkit/attacks';

const root = path.resolve(import.meta.dirname, '..');

test('each row has its tests or a reason', () => {
  const rows = readAttackRows();
  assert.deepEqual(
    rows.map(({ row }) => row),
    WIRE_ROWS,
  );
  for (const { row, tests, why } of rows) assert.ok(tests.length > 0 !== (why !== ''), `row ${row}: tests or a reason`);
});

test('the tests that are named exist', () => {
  for (const { row, tests } of readAttackRows())
    for (const { file, title } of tests) {
      assert.ok(existsSync(path.join(root, file)), `row ${row}: ${file}`);
      // Titles of cases come from their data.
      if (/^e2e\/attacks(-http2)?\.test\.ts$/.test(file) || title === '') continue;
      const text = readFileSync(path.join(root, file), 'utf8');
      assert.ok(
        ["'", '"', '`'].some((quote) => text.includes(`test(${quote}${title}`)),
        `row ${row}: ${file}: ${title}`,
      );
    }
});
