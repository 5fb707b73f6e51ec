/**
 * `npm run bench -- fuzz [--minutes N] [--only TARGET] [--seed N] [--keep]`: coverage-guided fuzzing of the decoders in wire/, N minutes a target.
 * `--keep` writes the inputs that reached something new to testkit/fuzz/corpus, where the tests replay them.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz, readCorpus, TARGETS, writeCorpus } from '@weft/testkit/fuzz';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    keep: { type: 'boolean', default: false },
  },
});

for (const target of TARGETS.filter(({ name }) => values.only === undefined || name === values.only)) {
  const { runs, blocks, kept, faults } = fuzz(
    target,
    readCorpus(target.name),
    { seconds: Number(values.minutes) * 60 },
    Number(values.seed),
  );
  for (const { input, error } of faults) process.stdout.write(`${target.name} ${input.toString('hex')}\n${error}\n`);
  process.stdout.write(
    `${target.name}: ${runs} inputs, ${blocks} blocks, ${kept.length} kept, ${faults.length} faults (seed ${values.seed})\n`,
  );
  if (faults.length > 0) process.exitCode = 1;
  if (values.keep) writeCorpus(target.name, kept);
}
