// Numbers of findings are unique, and each stands for a code that the product gives.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FINDING_CODES } from '@weft/core/kernel';

/** `no-endpoints`, or as the reason of a condition `NoEndpoints`. */
const asReason = (code) => code.replace(/(?:^|-)([a-z])/g, (_, letter) => letter.toUpperCase());

test('numbers and codes are given once, in order', () => {
  const numbers = FINDING_CODES.map(({ number }) => number);
  assert.deepEqual(numbers, [...new Set(numbers)].sort());
  assert.equal(new Set(FINDING_CODES.map(({ code }) => code)).size, numbers.length);
});

test('each code is one that is given somewhere', () => {
  const files = globSync('{core,compile,control,apps}/**/*.ts', { exclude: (name) => name.includes('node_modules') });
  const text = files
    .filter((file) => !file.endsWith('.test.ts') && !file.endsWith('finding-codes.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  for (const { code } of FINDING_CODES)
    assert.ok(text.includes(`'${code}'`) || text.includes(`'${asReason(code)}'`), `${code} is given nowhere`);
});
