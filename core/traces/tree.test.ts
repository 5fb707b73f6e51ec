import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KeptSpan } from './index.ts';
import { extent, spanTree } from './tree.ts';

const span = (id: string, parent: string, start = 0, duration = 1): KeptSpan => ({
  trace: 't',
  id,
  parent,
  name: id,
  kind: 'server',
  start,
  duration,
  error: false,
  attributes: [],
  namespace: 'n',
  workload: 'w',
});

const text = (spans: readonly KeptSpan[]): string[] =>
  spanTree(spans).map(({ span: { id }, depth, orphan }) => `${' '.repeat(depth)}${id}${orphan ? '?' : ''}`);

test('each below its parent, in order; those whose parent is not here at the left', () => {
  const spans = [span('a', ''), span('b', 'a'), span('c', 'b'), span('d', 'a'), span('e', 'gone')];
  assert.deepEqual(text(spans), ['a', ' b', '  c', ' d', 'e?']);
  assert.deepEqual(extent([span('a', '', 5, 2), span('b', 'a', 6, 9)]), { start: 5, length: 10 });
  assert.deepEqual(extent([]), { start: 0, length: 0 });
});

test('every span stands there once, whatever parents are said, rings and doubles among them', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const spans = fc.array(fc.tuple(id, fc.oneof(id, fc.constant(''))).map(([own, parent]) => span(own, parent)));
  fc.assert(
    fc.property(spans, (all) => {
      const placed = spanTree(all);
      assert.equal(placed.length, all.length);
      assert.equal(new Set(placed.map((one) => one.span)).size, all.length);
    }),
  );
});
