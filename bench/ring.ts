/**
 * `npm run bench -- ring [--payloads N] [--path NAME] [--seed N] [--index I] [--file FILE] [--json FILE]`: hostile requests through our engines to
 * nginx, HAProxy, Envoy and Node, and answers of a hostile server to strict clients; N in all over all paths. Each disagreement is printed with the
 * payload as one line, which `--file` and e2e/ring/corpus.jsonl take where it is a request.
 */
import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '@weft/testkit/folder';
import { type PathReport, readPayloads, RING_PATHS, runPath } from '@weft/testkit/ring';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** The exit code: 0 no disagreement, 1 at least one, 2 the flags are wrong. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      payloads: { type: 'string', default: '100000' },
      path: { type: 'string' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      index: { type: 'string' },
      file: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  const listed = values.file === undefined ? undefined : readPayloads(readFileSync(values.file, 'utf8'));
  const paths = RING_PATHS.filter(
    ({ name, way }) =>
      (values.path === undefined || name === values.path) && (listed === undefined || way === 'requests'),
  );
  if (paths.length === 0 || (values.index !== undefined && values.path === undefined)) {
    process.stderr.write(`ring: --index needs a --path of ${RING_PATHS.map(({ name }) => name).join(', ')}\n`);
    return 2;
  }
  const whole = paths.reduce((sum, { share }) => sum + share, 0);
  const reports: PathReport[] = [];
  for (const path of paths) {
    using folder = temporaryFolder();
    const count = values.index !== undefined ? 1 : Math.round((Number(values.payloads) * path.share) / whole);
    const first = Number(values.index ?? 0);
    const report = await runPath(path, folder.path, { seed, first, listed, count: listed?.length ?? count });
    describe(report, seed);
    reports.push(report);
  }
  const faults = reports.reduce((sum, { disagreements, strays }) => sum + disagreements.length + strays.length, 0);
  print(`${reports.reduce((sum, { payloads }) => sum + payloads, 0)} payloads, ${faults} disagreements`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ seed, reports }, undefined, 1)}\n`);
  return faults > 0 ? 1 : 0;
}

function describe({ path, judges, ...report }: PathReport, seed: number): void {
  const { payloads, seconds, whole, refused, disagreements, notes, strays } = report;
  for (const { index, faults, payload } of disagreements) {
    print(`--path ${path} --seed ${seed} --index ${index}:`);
    for (const fault of faults) print(`  ${fault}`);
    print(`  ${payload}`);
  }
  for (const stray of strays.slice(0, 20)) print(`of no payload: ${stray}`);
  print(
    `${path} (seed ${seed}; ${judges.join(', ')}): ${payloads} payloads in ${seconds.toFixed(1)} s, whole ${whole}, refused at least in part ${refused}, disagreements ${disagreements.length}`,
  );
  for (const note of notes) print(`  ${note}`);
}

process.exitCode = await main();
