/**
 * What it costs a request that it is observed, by sockets in memory: CPU of the whole process, its collections of garbage and the encoding and
 * sending of what is observed included. Two sides take turns, block by block, and who begins changes with each. Two sides that differ in records alone are
 * one engine with a switch before them, so that nothing else can differ; others are two engines of one process. Each block ends with
 * a collection of the young generation within its own account. A pair is measured in several processes, in every other one with the second side made first; a
 * process is one observation, of which mean and confidence are told. The pairs `nothing` have two equal sides: what they show is the error of the method.
 * `npm run bench -- observer [--only NAME] [--blocks N] [--processes N] [--count]`. `--count`: instructions under valgrind instead of CPU, on one thread; slow, and
 * nothing else on the machine changes it.
 */
import { execFile, execFileSync, fork, spawn } from 'node:child_process';
import { constants, openSync, readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { httpConnectionManagers } from '@weft/core/proxy-config';
import { temporaryFolder } from '@weft/testkit/folder';
import { benchBootstrap } from '../proxy/bootstrap.ts';
import { LOADS, PathRig } from './index.ts';

/** Turns of a block, of 128 requests each, and before that, while V8 still compiles. */
const TURNS = 20;
const WARM = 400;
/** Instructions are a hundred times as dear, and need no large blocks. */
const COUNTED_TURNS = 4;
const COUNTED_WARM = 800;
const PER_TURN = 128;

interface Setting {
  readonly tracing?: { readonly percent: number; readonly collector: 'takes' | 'silent' | 'dead' };
  readonly log?: 'file' | 'unread';
  /** Nothing is counted and no record read. */
  readonly blind?: true;
  /** Requests are told to the control plane for `weft why`. */
  readonly kept?: true;
}

interface Pair {
  readonly without: Setting;
  readonly with: Setting;
  /** One engine, records switched. */
  readonly oneEngine?: true;
}

const traced = (percent: number, collector: 'takes' | 'silent' | 'dead' = 'takes'): Setting => ({
  tracing: { percent, collector },
});
const records = (setting: Setting): Pair => ({ without: { ...setting, blind: true }, with: setting, oneEngine: true });

/** What is measured against what. The names stand in the table of docs/performance.md. */
const PAIRS: Readonly<Record<string, Pair>> = {
  'nothing, one engine': { without: {}, with: {}, oneEngine: true },
  'nothing, two engines': { without: {}, with: {} },
  records: records({}),
  'records, 1 % traced': records(traced(1)),
  'records, 100 % traced': records(traced(100)),
  'requests kept': { without: {}, with: { kept: true } },
  'access log': { without: {}, with: { log: 'file' } },
  'access log that nobody reads': { without: {}, with: { log: 'unread' } },
  'tracing, none sampled': { without: {}, with: traced(0) },
  'tracing, 1 %': { without: {}, with: traced(1) },
  'tracing, 100 %': { without: {}, with: traced(100) },
  'tracing, 1 %, collector dead': { without: {}, with: traced(1, 'dead') },
  'tracing, 100 %, collector dead': { without: {}, with: traced(100, 'dead') },
  'tracing, 100 %, collector silent': { without: {}, with: traced(100, 'silent') },
};

/** Of one process: cost of a request on each side (us of CPU or instructions), and turns of 128 requests, ms. */
interface Observed {
  readonly without: number;
  readonly with: number;
  /** Mean of blocks over their neighbours, the outer tenths left out. */
  readonly ratio: number;
  readonly p50: readonly [without: number, withIt: number];
  readonly p99: readonly [without: number, withIt: number];
  readonly told: string;
}

const OPTIONS = {
  only: { type: 'string' },
  pair: { type: 'string' },
  blocks: { type: 'string' },
  processes: { type: 'string' },
  swapped: { type: 'boolean', default: false },
  count: { type: 'boolean', default: false },
} as const;

export async function benchObserver(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const blocks = Number(values.blocks ?? (values.count ? 16 : 40));
  const processes = Number(values.processes ?? (values.count ? 2 : 6));
  if (values.pair !== undefined) {
    await measure(values.pair, blocks, values.swapped, values.count);
    return;
  }
  const unit = values.count ? 'instructions' : 'us of CPU';
  process.stdout.write(
    `${unit} a request without and with (mean of ${processes} processes, 95 % confidence)${values.count ? '' : ', and wall time of turns of 128 requests, ms'}\n`,
  );
  for (const name of Object.keys(PAIRS)) {
    if (values.only !== undefined && !name.includes(values.only)) continue;
    const observed: Observed[] = [];
    for (let at = 0; at < processes; at += 1) {
      const flags = ['--pair', name, '--blocks', String(blocks), ...(at % 2 === 1 ? ['--swapped'] : [])];
      observed.push(await (values.count ? counted : timed)(flags));
    }
    process.stdout.write(`${name.padEnd(34)} ${told(observed, values.count)}\n`);
  }
}

/** Two-sided, 95 %, by degrees of freedom from 1. */
const STUDENT = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2];

function told(observed: readonly Observed[], count: boolean): string {
  const over = (of: (one: Observed) => number): number => mean(observed.map(of));
  const ratios = observed.map(({ ratio }) => (ratio - 1) * 100);
  const share = mean(ratios);
  const variance = ratios.reduce((sum, each) => sum + (each - share) ** 2, 0) / (ratios.length - 1);
  const within = (STUDENT[ratios.length - 2] ?? 2) * Math.sqrt(variance / ratios.length);
  const [digits, each] = count ? [0, ''] : [2, ' us'];
  const costs = `${over((one) => one.without).toFixed(digits)} -> ${over((one) => one.with).toFixed(digits)}${each}`;
  const sign = share >= 0 ? '+' : '';
  const text = `${costs} (${sign}${share.toFixed(1)} %${ratios.length > 1 ? ` ± ${within.toFixed(1)}` : ''})`;
  if (count) return text;
  const wall = (['p50', 'p99'] as const).map(
    (name) => `${name} ${over((one) => one[name][0]).toFixed(2)} -> ${over((one) => one[name][1]).toFixed(2)}`,
  );
  return `${text}  ${wall.join(', ')}  ${observed.at(-1)?.told ?? ''}`.trimEnd();
}

const MAIN = path.join(import.meta.dirname, 'observer-main.ts');

/** One process, by its CPU. */
function timed(flags: readonly string[]): Promise<Observed> {
  const child = fork(MAIN, [...flags], { execArgv: [...process.execArgv, '--expose-gc'] });
  return new Promise((resolve, reject) => {
    child.once('message', (observed: Observed) => resolve(observed));
    child.once('exit', (code) => reject(new Error(`${flags.join(' ')} ended with ${code}`)));
  });
}

/** One process under valgrind, which is asked after each block what it counted. */
async function counted(flags: readonly string[]): Promise<Observed> {
  using folder = temporaryFolder('weft-observer-');
  const out = path.join(folder.path, 'count');
  const command = [
    '--quiet',
    '--tool=callgrind',
    '--smc-check=all-non-file',
    `--callgrind-out-file=${out}`,
    process.execPath,
  ];
  const child = spawn(
    'valgrind',
    [...command, ...process.execArgv, '--single-threaded', '--expose-gc', MAIN, '--count', ...flags],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const dumped = async (): Promise<void> => {
    await promisify(execFile)('callgrind_control', ['--dump', String(child.pid)]);
    const last = Math.max(...readdirSync(folder.path).map((name) => Number(/^count\.(\d+)$/.exec(name)?.[1] ?? 0)));
    const instructions = /^(?:totals|summary): (\d+)/m.exec(readFileSync(`${out}.${last}`, 'utf8'))?.[1];
    if (instructions === undefined) throw new Error(`no count in ${out}.${last}`);
    child.send(Number(instructions));
  };
  let observed: Observed | undefined;
  // Awaited here: valgrind's last words go to the folder, which is there until then.
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      if (observed === undefined) reject(new Error(`valgrind ended with ${code}`));
      else resolve(observed);
    });
    child.on('message', (message: Observed | 'dump') => {
      if (message === 'dump') dumped().catch(reject);
      else observed = message;
    });
  });
}

/** What was spent since it was asked last: us of CPU, or instructions. */
async function spentSince(count: boolean): Promise<number> {
  if (!count) {
    const { user, system } = process.cpuUsage();
    const spent = user + system - cpuBefore;
    cpuBefore += spent;
    return spent;
  }
  return new Promise((resolve) => {
    process.once('message', (instructions) => resolve(Number(instructions)));
    process.send?.('dump');
  });
}
let cpuBefore = 0;

interface Side {
  readonly rig: PathRig;
  /** Before its block. */
  readonly turnTo: () => void;
  readonly costs: number[];
  readonly turns: number[];
}

async function measure(name: string, blocks: number, swapped: boolean, count: boolean): Promise<void> {
  const pair = PAIRS[name];
  if (pair === undefined) throw new Error(`no pair ${name}; there are ${Object.keys(PAIRS).join(', ')}`);
  using folder = temporaryFolder();
  const [without, withIt] = await sidesOf(pair, folder.path, swapped);
  const each = count ? COUNTED_TURNS : TURNS;
  const inTurn = [without, withIt];
  // Warm by blocks too: what V8 compiles has seen both.
  for (let turn = 0; turn < (count ? COUNTED_WARM : WARM); turn += TURNS)
    for (const side of inTurn) {
      side.turnTo();
      await side.rig.turns(TURNS);
    }
  const ratios: number[] = [];
  for (let block = 0; block < blocks; block += 1) {
    const first = (block % 2 === 1) === swapped;
    for (const side of first ? inTurn : inTurn.toReversed()) {
      side.turnTo();
      collect();
      await spentSince(count);
      side.turns.push(...(await side.rig.turns(each)));
      collect();
      side.costs.push((await spentSince(count)) / (each * PER_TURN));
    }
    ratios.push((withIt.costs.at(-1) ?? Number.NaN) / (without.costs.at(-1) ?? Number.NaN));
  }
  const wall = (share: number) =>
    [without, withIt].map(({ turns }) => (part(turns, share) * PER_TURN) / 1000) as [number, number];
  const { telemetry } = withIt.rig;
  const spans = ['spans_sent', 'spans_dropped']
    .map((stat) => `${stat} ${telemetry.counter(`tracing.opentelemetry.${stat}`).value}`)
    .join(', ');
  const observed: Observed = {
    without: trimmed(without.costs),
    with: trimmed(withIt.costs),
    ratio: trimmed(ratios),
    p50: wall(0.5),
    p99: wall(0.99),
    told: [
      ...(pair.with.tracing === undefined ? [] : [spans]),
      ...(pair.with.log === undefined ? [] : [`lines dropped ${telemetry.accessLogs.dropped}`]),
    ].join(', '),
  };
  without.rig.stop();
  if (withIt.rig !== without.rig) withIt.rig.stop();
  if (process.send === undefined) process.stdout.write(`${JSON.stringify(observed)}\n`);
  else await new Promise((resolve) => process.send?.(observed, resolve));
}

/** The young generation alone; that of V8 takes what both sides left before it if nobody asks. */
const collect = (): void => globalThis.gc?.({ type: 'minor', execution: 'sync' });

const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;

const part = (values: readonly number[], share: number): number =>
  values.toSorted((x, y) => x - y)[Math.floor(values.length * share)] ?? Number.NaN;

function trimmed(values: readonly number[]): number {
  const cut = Math.floor(values.length / 10);
  return mean(values.toSorted((x, y) => x - y).slice(cut, values.length - cut));
}

/** `swapped`: the second is made first. */
async function sidesOf(pair: Pair, folder: string, swapped: boolean): Promise<[without: Side, withIt: Side]> {
  const side = (rig: PathRig, turnTo: () => void): Side => ({ rig, turnTo, costs: [], turns: [] });
  if (pair.oneEngine === true) {
    const rig = await rigOf(pair.with, folder);
    const { telemetry } = rig;
    const real = telemetry.exchangeEnded.bind(telemetry);
    let seen = true;
    telemetry.exchangeEnded = (record, logs) => {
      if (seen) real(record, logs);
    };
    return [side(rig, () => (seen = pair.without.blind !== true)), side(rig, () => (seen = true))];
  }
  const made = [];
  for (const setting of swapped ? [pair.with, pair.without] : [pair.without, pair.with])
    made.push(side(await rigOf(setting, folder), () => undefined));
  if (swapped) made.reverse();
  return made as [Side, Side];
}

async function rigOf({ tracing, log, kept }: Setting, folder: string): Promise<PathRig> {
  const collector = tracing === undefined ? undefined : await collectorOf(tracing.collector);
  const bootstrap = benchBootstrap({
    port: 0,
    backend: 1,
    adminPath: '/none',
    http2: true,
    accessLog: log === undefined ? undefined : logOf(log, folder),
    tracing: tracing === undefined ? undefined : TRACING,
    collector,
  });
  const load = LOADS['same'];
  if (load === undefined) throw new Error('no load');
  const rig = await PathRig.of(bootstrap, load, undefined, ({ listeners }) => {
    if (tracing === undefined) return;
    // The mesh's own sampler has no form in a bootstrap.
    for (const manager of [...listeners.values()].flatMap(httpConnectionManagers))
      Object.assign(manager.tracing?.provider ?? {}, {
        sampler: { kind: 'mesh', sampling: tracing.percent, rules: [], tail: undefined, headers: ['w3c'] },
      });
  });
  if (kept === true)
    rig.telemetry.tap(
      { to: '', method: '', path: '', status: 0, rate: 20, keep: true },
      () => {},
      () => {},
    );
  return rig;
}

function logOf(kind: 'file' | 'unread', folder: string): string {
  const file = path.join(folder, kind);
  if (kind === 'unread') {
    execFileSync('mkfifo', [file]);
    openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  }
  return file;
}

/** A port; who takes spans does so in a process of its own, so that its work is not counted. */
async function collectorOf(kind: 'takes' | 'silent' | 'dead'): Promise<number> {
  if (kind === 'takes') {
    const child = fork(path.join(import.meta.dirname, 'collector-main.ts'), { execArgv: [] });
    const port = await new Promise<number>((resolve) => child.once('message', (message) => resolve(Number(message))));
    child.unref();
    child.channel?.unref();
    process.once('exit', () => child.kill());
    return port;
  }
  const server = net.createServer((socket) => void socket.on('error', () => undefined).pause());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (kind === 'dead') await new Promise((resolve) => server.close(resolve));
  return port;
}

/** As the control plane configures it, but for the sampler. */
const TRACING = {
  provider: {
    name: 'envoy.tracers.opentelemetry',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig',
      grpc_service: { envoy_grpc: { cluster_name: 'collector' }, timeout: '10s' },
      service_name: 'bench',
      max_cache_size: 2048,
    },
  },
};
