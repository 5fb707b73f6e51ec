import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Journal } from './journal.ts';
import { faults } from './report.ts';
import { grown } from './resources.ts';

const life = (length: number, value: (index: number) => number): { heap: number }[] =>
  Array.from({ length }, (_, index) => ({ heap: value(index) }));

test('a steady rise is growth, warm-up and a peak in between are not', () => {
  const within = (value: (index: number) => number): boolean | undefined =>
    grown('a', 'heap', life(50, value))[0]?.within;
  assert.equal(
    within((index) => 20 + index / 5),
    false,
  );
  assert.equal(
    within((index) => Math.min(20, index * 4)),
    true,
  );
  assert.equal(
    within((index) => (index === 25 ? 90 : 20)),
    true,
  );
});

test('a short life is not judged, nor what was not measured', () => {
  assert.deepEqual(
    grown(
      'a',
      'heap',
      life(9, (index) => index * 100),
    ),
    [],
  );
  assert.deepEqual(
    grown(
      'a',
      'timers',
      life(50, () => 1),
    ),
    [],
  );
});

test('an old Node and notes are no faults of the mesh', () => {
  const finding = (severity: string, code: string) => ({ severity, code, text: '' });
  const found = [finding('warning', 'old-node'), finding('info', 'note'), finding('warning', 'stale')];
  assert.deepEqual(
    faults(found).map(({ code }) => code),
    ['stale'],
  );
});

test('a failure is told with the steps under way, and a step that throws is one', async () => {
  const journal = new Journal(() => undefined);
  await journal.during('flap', 'b2 stops', async () => {
    journal.fail('503');
    throw new Error('killed');
  });
  assert.deepEqual(
    journal.failures.map(({ what, during }) => [what, during.length]),
    [
      ['503', 1],
      ['b2 stops: killed', 1],
    ],
  );
  assert.match(journal.failures[0]?.during[0] ?? '', /^b2 stops \(for 0\.\d s\)$/);
});
