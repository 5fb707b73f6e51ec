import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { until } from '@weft/testkit/wait';
import { releaseStartMemory, spareStartMemory } from './release-start-memory.ts';

/** Of V8's %GetOptimizationStatus: compiled by its last compiler. */
const TURBOFANNED = 1 << 6;

test('nothing is optimised by the last compiler while a start spares memory, and everything is again after it', async () => {
  setFlagsFromString('--allow-natives-syntax');
  const status = runInThisContext('(f) => %GetOptimizationStatus(f)') as (f: unknown) => number;
  const optimised = (f: (n: number) => number): boolean => {
    for (let i = 0; i < 20_000; i += 1) f(i);
    return (status(f) & TURBOFANNED) !== 0;
  };
  const made = (): ((n: number) => number) =>
    runInThisContext('(n) => { let s = 0; for (let i = 0; i < 99; i++) s += n ^ i; return s; }') as (
      n: number,
    ) => number;
  spareStartMemory();
  const start = made();
  for (let round = 0; round < 20; round += 1) assert.ok(!optimised(start));
  releaseStartMemory();
  await until(() => optimised(start), { what: 'what was hot during the start being optimised', timeout: 10_000 });
  const later = made();
  await until(() => optimised(later), { what: 'a new function being optimised', timeout: 10_000 });
});

test('what nothing holds after the start is given back, what is held stays', async () => {
  const held = { what: 'a configuration' };
  const kept = new WeakRef(held);
  const dropped = new WeakRef({ what: 'a syntax tree' });
  releaseStartMemory();
  await until(() => dropped.deref() === undefined, { what: 'the collection', timeout: 2500 });
  assert.equal(kept.deref(), held);
});
