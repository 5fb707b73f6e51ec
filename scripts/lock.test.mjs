// The lock as `npm run lock` leaves it: it must install the same on every machine.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));

test('a package of one platform asks for no version of the Node that installs: npm would skip it without a word', () => {
  const platforms = Object.entries(packages).filter(([, { optional }]) => optional === true);
  assert.ok(platforms.length > 10);
  assert.deepEqual(
    platforms.filter(([, { engines }]) => engines !== undefined).map(([name]) => name),
    [],
  );
});

test('an entry names no address that it was fetched from', () => {
  assert.deepEqual(
    Object.entries(packages).filter(([, { resolved }]) => resolved?.startsWith('http')),
    [],
  );
});
