import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@weft/testkit/wait';
import { releaseStartMemory } from './release-start-memory.ts';

test('what nothing holds after the start is given back, what is held stays', async () => {
  const held = { what: 'a configuration' };
  const kept = new WeakRef(held);
  const dropped = new WeakRef({ what: 'a syntax tree' });
  releaseStartMemory();
  await until(() => dropped.deref() === undefined, { what: 'the collection', timeout: 2500 });
  assert.equal(kept.deref(), held);
});
