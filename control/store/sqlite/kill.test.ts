import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { killRounds } from '../testing/kill.ts';

test('kill -9 in the middle of writing: 8 rounds, nothing acknowledged is lost (200: node bench/store-kill.ts)', async () => {
  using folder = temporaryFolder();
  const report = await killRounds(folder.path, 8, (n) => Math.floor(Math.random() * n));
  assert.ok(report.acknowledged > 8, JSON.stringify(report));
});
