/** docs/from-other-meshes.md says of every word of the nine meshes where it lives, or that it does not: scripts/words-of-other-meshes.yaml is the list. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';

const root = path.join(import.meta.dirname, '..');

/** By section. */
export const wordsBySection = (text) => new Map(Object.entries(parse(text)));

/** By section: first columns of its table, and rows whose second column says nothing. */
export function rowsBySection(page) {
  return new Map(
    page.split(/^## /m).map((part) => {
      const rows = part.split('\n').filter((line) => /^\| (?!word \||---)/.test(line));
      const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
      const text = (cell = '') => cell.replaceAll('`', '');
      return [part.split('\n', 1)[0], cells.map(([, word, where]) => ({ word: text(word), where: text(where) }))];
    }),
  );
}

/** Whether `word` stands in `text` with no letter, digit, `-` or `_` beside it. */
const holds = (text, word) =>
  text
    .split(word)
    .some((before, at, parts) => at < parts.length - 1 && !/[\w-]$/.test(before) && !/^[\w-]/.test(parts[at + 1]));

const missing = (words, page) => {
  const rows = rowsBySection(page);
  return [...words].flatMap(([section, list]) =>
    list
      .filter((word) => !(rows.get(section) ?? []).some((row) => holds(row.word, word) || holds(row.where, word)))
      .map((word) => `${section}: ${word}`),
  );
};

const words = wordsBySection(readFileSync(path.join(root, 'scripts/words-of-other-meshes.yaml'), 'utf8'));
const page = readFileSync(path.join(root, 'docs/from-other-meshes.md'), 'utf8');

test('every word of the nine has a row', () => {
  assert.equal(words.size, 9);
  assert.deepEqual(missing(words, page), []);
});

test('every row says where', () => {
  for (const [section, rows] of rowsBySection(page))
    for (const { word, where } of rows) assert.ok(where, `${section}: ${word}`);
});

test('a word without a row is told', () => {
  const without = page.replace(/^\| AUDIT;.*\n/m, '');
  assert.notEqual(without, page);
  assert.deepEqual(missing(new Map([['Istio', ['AUDIT', 'ALLOW']]]), without), ['Istio: AUDIT']);
  assert.equal(holds('peak EWMA', 'EWMA'), true);
  assert.equal(holds('retryOnNext', 'retryOn'), false);
});
