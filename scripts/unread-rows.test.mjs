// A field of a configuration that changes a row which nobody reads is ignored in silence, whatever the decoder's tests say: each field of a row must be
// named somewhere in the code that serves by it. Names are compared, not types, so it finds only fields that nothing is called like.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROWS = ['core/proxy-config/*.ts', 'envoy/bootstrap/bootstrap.ts', 'envoy/bootstrap/overload.ts'];
/** Who serves by them. */
const READERS = [
  'proxy/**/*.ts',
  'apps/weft/engine/**/*.ts',
  'core/{decide,proxy-config,metrics,traffic}/**/*.ts',
  'envoy/patch/*.ts',
];
const DECLARED = /^\s+readonly (\w+)\??:/;
const isProduct = (file) => !/\.test\.ts$|(?:^|\/)testing\/|node_modules/.test(file);

const text = (pattern) =>
  globSync(pattern, { cwd: ROOT })
    .filter(isProduct)
    .map((file) => ({ file, lines: readFileSync(`${ROOT}${file}`, 'utf8').split('\n') }));

/** Fields that rows declare and no line names that is not such a declaration, each with its file. */
export function unread(rows, readers) {
  const declared = new Map();
  for (const { file, lines } of rows)
    for (const line of lines) {
      const name = DECLARED.exec(line)?.[1];
      if (name !== undefined) declared.set(name, file);
    }
  const named = new Set();
  for (const { lines } of readers)
    for (const line of lines) {
      const own = DECLARED.exec(line)?.[1];
      const rest = own === undefined ? line : line.replace(own, '');
      for (const [word] of rest.matchAll(/\w+/g)) named.add(word);
    }
  return [...declared].filter(([name]) => !named.has(name)).map(([name, file]) => `${file}: ${name}`);
}

test('every field of a row is read by somebody who serves by it', () => {
  assert.deepEqual(unread(ROWS.flatMap(text), READERS.flatMap(text)), []);
});

test('a field that is only declared is found', () => {
  const rows = [
    {
      file: 'rows.ts',
      lines: ['export interface Row {', '  readonly used: number;', '  readonly forgotten?: string;', '}'],
    },
  ];
  assert.deepEqual(unread(rows, [...rows, { file: 'engine.ts', lines: ['row.used += 1;'] }]), ['rows.ts: forgotten']);
});
