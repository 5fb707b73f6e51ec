/**
 * `npm run bench -- proxy [--quick] [--only NAME] [--json FILE] [--checkout]`: what our engine costs and what Envoy costs on the same bootstrap,
 * pinned to the same core in turn, interleaved runs, median. Ours is the package as users install it, built first; with --checkout the checkout. Figures are ratios within one run; bare times say nothing.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { BODIES } from './bodies.ts';
import { HANDSHAKE } from './handshake.ts';
import { HTTP1, HTTP1_JSON_LOG, TWO_ENGINES } from './http1.ts';
import { HTTP2 } from './http2.ts';
import { LATENCY } from './latency.ts';
import { MEMORY } from './memory.ts';
import { type Bench, type BenchRow, rowText } from './rows.ts';
import { START } from './start.ts';
import { TWO_THREADS } from './threads.ts';

export const BENCHES: readonly Bench[] = [
  HTTP1,
  HTTP1_JSON_LOG,
  HTTP2,
  TWO_ENGINES,
  TWO_THREADS,
  BODIES,
  LATENCY,
  HANDSHAKE,
  MEMORY,
  START,
];

export interface ProxyOptions {
  readonly quick: boolean;
  /** One of the names of BENCHES; undefined: all. */
  readonly only: string | undefined;
  /** File for the rows as JSON. */
  readonly json: string | undefined;
  /** Measures the checkout's TypeScript instead of the build. */
  readonly checkout: boolean;
}

/** Others' work on these cores changes ratios too: what runs by batches, ours, loses more than what runs by events. */
const loadText = (): string => `load average ${(loadavg()[0] ?? 0).toFixed(1)}`;

/** The ratios of the last run that was kept: `--json bench/proxy/recorded.json` keeps a run of all rows. */
const recorded: readonly Pick<BenchRow, 'name' | 'ratio'>[] = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'recorded.json'), 'utf8'),
);

function lastText({ name }: BenchRow): string {
  const last = recorded.find((row) => row.name === name);
  return last === undefined ? '' : `  last recorded ${last.ratio.toFixed(2)}`;
}

/** What `weft` is from here on, in words: the build, the checkout, or what WEFT_PROGRAM names already. */
function chooseProgram(checkout: boolean): string {
  if (!checkout && process.env['WEFT_PROGRAM'] === undefined) {
    const root = path.resolve(import.meta.dirname, '../..');
    const build = ['--disable-warning=ExperimentalWarning', path.join(root, 'scripts/build.mjs')];
    execFileSync(process.execPath, build, { stdio: 'inherit' });
    process.env['WEFT_PROGRAM'] = path.join(root, 'dist/weft/bin/weft');
  }
  return checkout ? 'the checkout' : path.relative(process.cwd(), process.env['WEFT_PROGRAM'] ?? '');
}

/** Exit code: 2 for an unknown name. */
export async function benchProxy({ quick, only, json, checkout }: ProxyOptions): Promise<number> {
  const chosen = BENCHES.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) {
    process.stderr.write(`bench: --only ${only}: say one of ${BENCHES.map(({ name }) => name).join(', ')}\n`);
    return 2;
  }
  if (checkout) delete process.env['WEFT_PROGRAM'];
  const program = chooseProgram(checkout);
  process.stdout.write(`${availableParallelism()} cores, ${loadText()} before the start; weft: ${program}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const rows: BenchRow[] = [];
  for (const bench of chosen) {
    const measured = await bench.run({ quick });
    for (const row of measured) process.stdout.write(`${rowText(row)}${lastText(row)}\n`);
    rows.push(...measured);
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, undefined, 2)}\n`);
  return 0;
}
