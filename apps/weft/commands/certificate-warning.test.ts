import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningBefore } from './certificate-warning.ts';

test('a quarter of the life that the mesh states, of a day where it states none', () => {
  assert.equal(warningBefore('30s'), 7500);
  assert.equal(warningBefore('24h'), 6 * 3_600_000);
  assert.equal(warningBefore(undefined), 6 * 3_600_000);
});
