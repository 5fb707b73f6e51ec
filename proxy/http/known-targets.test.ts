import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlainPath } from '@weft/core/decide';
import fc from 'fast-check';
import { targetOf } from './known-targets.ts';

/** Few octets, so that targets repeat and differ in one place only. */
const octet = fc.constantFrom(...'/ab.%2F?\\-'.split(''), 'é').map((character) => character.charCodeAt(0));
const target = fc.oneof(
  fc.array(octet, { maxLength: 5 }),
  fc.array(octet, { minLength: 20, maxLength: 140 }),
  fc.constantFrom('/api/x', '/api/x?a=1', '?', '').map((text) => [...Buffer.from(text, 'latin1')]),
);

test('a target is read as if it had never come before, whatever came before in the same memory', () => {
  const memory = new Uint8Array(200);
  fc.assert(
    fc.property(fc.array(target, { minLength: 1, maxLength: 4 }), fc.nat(40), (targets, start) => {
      for (const octets of [...targets, ...targets, ...targets]) {
        memory.set(octets, start);
        const text = Buffer.from(octets).toString('latin1');
        const [path = '', ...rest] = text.split('?');
        assert.deepEqual(targetOf(memory, start, start + octets.length), {
          text,
          path,
          query: rest.length === 0 ? undefined : rest.join('?'),
          plain: path !== '' && isPlainPath(path),
        });
        memory.fill(255, start, start + octets.length);
      }
    }),
    { numRuns: 500 },
  );
});

test('what comes again is the same text from the third time on', () => {
  const octets = Buffer.from('/again/and/again?n=1', 'latin1');
  const seen = [1, 2, 3, 4].map(() => targetOf(octets, 0, octets.length));
  assert.equal(seen[3], seen[2]);
  assert.notEqual(seen[1], seen[0]);
});
