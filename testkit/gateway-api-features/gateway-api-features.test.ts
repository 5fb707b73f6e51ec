import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { judgeFeatures, readFeatures } from './index.ts';

const root = path.resolve(import.meta.dirname, '../..');

test('every feature of Gateway API is shown by cases that are there, or has a reason', () => {
  const { features, faults, version } = readFeatures(root);
  assert.deepEqual(faults, []);
  // What the suite of that version has: a name that is taken out here would be one that nobody speaks of.
  assert.equal(version, 'v1.6');
  const count = (kind: RegExp): number => features.filter(({ name }) => kind.test(name)).length;
  assert.deepEqual(
    {
      gateway: count(/^(Gateway|ListenerSet)/),
      httpRoute: count(/^HTTPRoute/),
      grpcRoute: count(/^GRPCRoute/),
      streams: count(/^(TLS|TCP|UDP)Route/),
      mesh: count(/^Mesh/),
      others: count(/^(BackendTLSPolicy|ReferenceGrant)/),
      all: features.length,
    },
    { gateway: 11, httpRoute: 29, grpcRoute: 3, streams: 5, mesh: 10, others: 3, all: 61 },
  );
});

test('docs/gateway-api.md leads to the table', () => {
  const page = readFileSync(path.join(root, 'docs/gateway-api.md'), 'utf8');
  assert.match(page, /\]\(reference\/gateway-api-features\.md\)/);
});

test('a case or test that is not there, a feature twice, held by nothing, without a reason', () => {
  const one = { level: 'core', held: 'yes', cases: ['a: one'] } as const;
  const faults = judgeFeatures(
    [
      { ...one, name: 'A' },
      { ...one, name: 'A' },
      { ...one, name: 'B', cases: ['a: two'], tests: [{ file: 'x.test.ts', title: 'gone' }] },
      { ...one, name: 'C', cases: [] },
      { ...one, name: 'D', held: 'no' },
      { ...one, name: 'E', held: 'no', cases: [], why: 'nobody asked' },
    ],
    new Set(['a: one']),
    () => false,
  );
  assert.deepEqual(faults, [
    'A: named twice',
    "B: there is no case 'a: two'",
    "B: there is no test 'gone' in x.test.ts",
    'C: held, and shown by no case',
    'D: not held, and shown by cases',
    'D: no, and no reason',
  ]);
});
