/** Every kept input of the fuzzers again, and new ones for a target that must be caught. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOf, fuzz, readCorpus, type Target, TARGETS } from './index.ts';

for (const target of TARGETS)
  test(`${target.name}: kept inputs`, () => {
    const corpus = readCorpus(target.name);
    assert.ok(corpus.length > 0, 'no corpus');
    for (const input of corpus) {
      const fault = faultOf(target, input);
      // A collection of garbage or the compiler may fall on one: what stalls does so twice.
      if (fault !== undefined) assert.equal(faultOf(target, input), undefined, input.toString('hex'));
    }
  });

test('a target that throws is caught', () => {
  const target: Target = {
    name: 'planted',
    seeds: [Buffer.from('ab')],
    run: (input) => assert.notEqual(input[0], 0),
  };
  assert.ok(fuzz(target, [], { inputs: 2000 }, 1).faults.length > 0);
});
