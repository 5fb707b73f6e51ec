import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { judgeBehaviours, readBehaviours } from './index.ts';

const root = path.resolve(import.meta.dirname, '../..');
const ROW = { id: 'retries', group: 'Traffic', title: 'Retries' };
const marks = { weft: 'runs', envoy: 'runs', grpc: 'elsewhere' } as const;
const shown = (name: string, ...shows: string[]) => ({ file: 'mesh-cases/a', name, shows, marks });
const faultsOf = (...[rows, cases]: [Parameters<typeof judgeBehaviours>[0], Parameters<typeof judgeBehaviours>[1]]) =>
  judgeBehaviours(rows, cases, ({ title }) => title === 'there').faults;

test('every behaviour has three cases, and every engine a case or a reason', () => {
  const { faults, unassigned } = readBehaviours(root);
  assert.deepEqual(faults, []);
  assert.deepEqual(unassigned, [], 'name rows of e2e/behaviours.yaml in `shows`');
});

test('too few cases, an engine without one, and a name that is no row are said', () => {
  assert.deepEqual(faultsOf([ROW], [shown('one', 'retries'), shown('two', 'retrys'), shown('three')]), [
    'mesh-cases/a: two: there is no row retrys',
    'retries: 1 cases, 3 at least',
    'retries: no case on grpc, and no reason',
  ]);
});

test('a case that names no row is said', () => {
  const { unassigned } = judgeBehaviours([ROW], [shown('three')], () => true);
  assert.deepEqual(unassigned, ['mesh-cases/a: three: shows nothing']);
});

test('tests count when they are there; a reason closes a hole', () => {
  const tests = [
    { file: 'a.test.ts', title: 'there' },
    { file: 'a.test.ts', title: 'gone' },
  ];
  const row = { ...ROW, tests, notes: { grpc: 'it cannot' } };
  assert.deepEqual(faultsOf([row], [shown('one', 'retries')]), ["retries: there is no test 'gone' in a.test.ts"]);
});
