/**
 * `npm run bench -- ring [--payloads N] [--seed N] [--index I] [--file FILE] [--json FILE]`: hostile requests through our engine to nginx, HAProxy,
 * Envoy and Node. Each disagreement is printed with the payload as one line, which `--file` and e2e/ring/corpus.jsonl take.
 */
import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '@weft/testkit/folder';
import { payloadOf, payloadText, readPayloads, type Report, Ring } from '@weft/testkit/ring';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** The exit code: 0 no disagreement, 1 at least one. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      payloads: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      index: { type: 'string' },
      file: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  const listed = values.file === undefined ? undefined : readPayloads(readFileSync(values.file, 'utf8'));
  const single = values.index !== undefined;
  const count = listed?.length ?? (single ? 1 : Number(values.payloads));
  using folder = temporaryFolder();
  const ring = await Ring.start(folder.path);
  try {
    const report = await ring.run((index) => listed?.[index] ?? payloadOf(seed, index), count, {
      first: single ? Number(values.index) : 0,
    });
    describe(report, seed);
    if (values.json !== undefined)
      writeFileSync(
        values.json,
        `${JSON.stringify({ seed, ...report, refusedBy: Object.fromEntries(report.refusedBy) }, undefined, 1)}\n`,
      );
    return report.disagreements.length + report.strays.length > 0 ? 1 : 0;
  } finally {
    await ring.stop();
  }
}

function describe(report: Report, seed: number): void {
  const { payloads, seconds, routed, refused, disagreements, backends, refusedBy, strays } = report;
  for (const { index, faults, payload } of disagreements) {
    print(`seed ${seed} index ${index}:`);
    for (const fault of faults) print(`  ${fault}`);
    print(`  ${payloadText(payload)}`);
  }
  for (const stray of strays.slice(0, 20)) print(`of no payload: ${stray}`);
  print(
    `seed ${seed}: ${payloads} payloads in ${seconds.toFixed(1)} s (${Math.round(payloads / seconds)} a second), ${backends.join(', ')}`,
  );
  print(
    `routed ${routed}, refused ${refused}, disagreements ${disagreements.length}${strays.length > 0 ? `, of no payload ${strays.length}` : ''}`,
  );
  for (const [what, { times, sample }] of [...refusedBy].sort((a, b) => b[1].times - a[1].times)) {
    const { method, target, host, fields } = sample;
    print(
      `  routed, but not taken by ${what} (${times} times, as ${JSON.stringify({ method, target, host, fields }).slice(0, 300)})`,
    );
  }
}

process.exitCode = await main();
