import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { messageType } from '../tables/index.ts';
import { anyMessageOf } from '../testing/messages.ts';
import { readText, toJson } from './index.ts';
import {
  formatTimestamp,
  parseBase64,
  formatBase64,
  parseProtoDuration,
  parseTimestamp,
  formatProtoDuration,
} from './scalars.ts';
import { textSource } from './yaml/index.ts';

const type = messageType('envoy.config.cluster.v3.Cluster');
assert.ok(type);

test('a text with characters changed is read or refused with places, never thrown at', () => {
  const mutated = fc
    .tuple(
      anyMessageOf(type, 2),
      fc.array(
        fc.tuple(fc.nat(2000), fc.constantFrom('{', '}', ':', '"', '\n', '- ', '&a ', '*a', '<<', 'é', '\u0000')),
        { maxLength: 3 },
      ),
    )
    .map(([message, changes]) => {
      let text = JSON.stringify(toJson('envoy.config.cluster.v3.Cluster', message as never), undefined, 1);
      for (const [at, char] of changes)
        text = text.slice(0, at % text.length) + char + text.slice((at % text.length) + 1);
      return text;
    });
  fc.assert(
    fc.property(mutated, (text) => {
      const read = readText('envoy.config.cluster.v3.Cluster', textSource(text, 'c.yaml'));
      if (read.ok) return;
      assert.ok(read.error.length > 0);
      for (const fault of read.error) assert.ok((fault.place.line ?? 0) >= 1 && (fault.place.column ?? 0) >= 1);
    }),
    { numRuns: 300 },
  );
});

test('deep nesting is refused, not thrown at', () => {
  for (const text of ['['.repeat(20_000), '{a: '.repeat(20_000)])
    assert.ok(!readText('envoy.config.core.v3.Node', textSource(text, 'n')).ok);
});

test('times and durations: known values and round trips', () => {
  assert.deepEqual(parseTimestamp('1970-01-01T00:00:00Z'), {});
  assert.deepEqual(parseTimestamp('2000-02-29T23:59:60Z'), undefined);
  assert.deepEqual(parseTimestamp('2024-02-29T12:00:00.5+01:00'), { seconds: 1_709_204_400, nanos: 500_000_000 });
  for (const bad of ['', '2024-13-01T00:00:00Z', '2024-02-29', '2024-02-29T24:00:00Z'])
    assert.equal(parseTimestamp(bad), undefined, bad);
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
      const text = formatTimestamp({ seconds });
      // oxlint-disable-next-line no-restricted-globals -- the judge of our own calendar
      assert.equal(text, new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'));
      assert.equal(parseTimestamp(text)?.seconds ?? 0, seconds);
    }),
  );
  for (const [text, value] of [
    ['1.5s', { seconds: 1, nanos: 500_000_000 }],
    ['-0.5s', { nanos: -500_000_000 }],
    ['0s', {}],
  ] as const)
    assert.deepEqual(parseProtoDuration(text), value);
  assert.equal(formatProtoDuration({ seconds: -1, nanos: -1 }), '-1.000000001s');
  for (const bad of ['', '1', '1m', '1.s', '.5s', '1.0000000001s', '999999999999s', '+1s'])
    assert.equal(parseProtoDuration(bad), undefined, bad);
});

test('base64: round trip in both alphabets', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      assert.equal(formatBase64(bytes), text);
      assert.deepEqual(parseBase64(text), bytes);
      assert.deepEqual(parseBase64(Buffer.from(bytes).toString('base64url')), bytes);
    }),
  );
  for (const bad of ['a', 'a b=', '====', 'a===']) assert.equal(parseBase64(bad), undefined, bad);
});
