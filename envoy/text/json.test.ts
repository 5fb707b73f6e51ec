// The JSON reader beside the YAML reader: what it takes it must take in the same way, at the same places.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDiagnostic } from '@weft/core/kernel';
import { messageType } from '../tables/index.ts';
import { anyMessageOf } from '../testing/messages.ts';
import { jsonSource, readPartly, type SourceText, toJson } from './index.ts';
import { yamlSource } from './yaml/index.ts';

const NAME = 'envoy.config.cluster.v3.Cluster';
const type = messageType(NAME);
assert.ok(type);

/** What becomes of a text: the message, and every fault with its place. */
function outcome(source: SourceText): unknown {
  const { message, faults, locate } = readPartly(NAME, source);
  const meaning = locate([
    { severity: 'error', code: 'x', message: 'm', place: { path: 'load_assignment.endpoints[1]' } },
  ]);
  return { message, faults: [...faults, ...meaning].map(formatDiagnostic) };
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const json = (space: number | undefined) =>
  anyMessageOf(type, 3).map((message) => JSON.stringify(toJson(NAME, message as never), undefined, space));

test('messages and their faults are those of the YAML reader', () => {
  // Fields that are wrong, and names that stand there twice, beside what is right.
  const MORE = [
    '"nmae": 1',
    '"name": 7',
    '"name": "\\u00e9\\ud83d\\ude00\\/\\n"',
    '"connectTimeout": "1"',
    '"type": 3',
    '"type": "EDSS"',
    '"name": null',
    '"lb_policy": {}',
    '"health_checks": [1, [], {"timeout": -0.5e1}]',
    '"metadata": {"filter_metadata": {"a": {"b": 1e400, "b": 12345678901234567890}}}',
  ];
  fc.assert(
    fc.property(json(1), fc.subarray(MORE), (text, more) => {
      const changed =
        text === '{}' ? `{${more.join(',\n')}}` : `{${more.map((field) => `${field},\n`).join('')}${text.slice(1)}`;
      const source = jsonSource(changed, 'c');
      assert.ok(source, changed);
      assert.deepEqual(outcome(source), outcome(yamlSource(changed, 'c')));
    }),
    { numRuns: 200 },
  );
});

test('it takes what JSON.parse takes, and nothing else', () => {
  const changes = fc.array(
    fc.tuple(
      fc.nat(2000),
      fc.constantFrom('', '{', '}', '[', ']', ',', ':', '"', '\\', '\n', '0', '-', '.', 'e', 't', '\u0000', '\u00a0'),
    ),
    { maxLength: 2 },
  );
  fc.assert(
    fc.property(fc.constantFrom(undefined, 1).chain(json), changes, (given, mutations) => {
      let text = given;
      for (const [at, char] of mutations)
        text = text.slice(0, at % text.length) + char + text.slice((at % text.length) + 1);
      assert.equal(jsonSource(text, 'c') !== undefined, isJson(text), text);
    }),
    { numRuns: 500 },
  );
  for (const text of [
    '',
    ' ',
    '1',
    '-0',
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    'nul',
    'null',
    'nulll',
    '"a',
    '"\\x"',
    '"\\u12"',
    '"\t"',
    '[1,]',
    '[,1]',
    '{"a":1,}',
    '{"a" 1}',
    '{a:1}',
    '{"a":}',
    '[1 2]',
    '{}{}',
    '\ufeff{}',
    '{"a":[]}\n',
    "'a'",
  ])
    assert.equal(jsonSource(text, 'c') !== undefined, isJson(text), JSON.stringify(text));
});

test('a deeper nesting than protobuf reads is left to the YAML reader', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  assert.ok(jsonSource(nested(100), 'c'));
  assert.equal(jsonSource(nested(101), 'c'), undefined);
});
