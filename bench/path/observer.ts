/**
 * What it costs a request that it is observed: two engines in one process, on sockets in memory, that differ in one thing; their requests go block by
 * block in turn, so that what disturbs the host disturbs both. CPU of the whole process, encoding and sending of what is observed included.
 * `npm run bench -- observer [--only NAME] [--blocks N]`.
 */
import { execFileSync, fork } from 'node:child_process';
import { openSync, constants } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { httpConnectionManagers } from '@weft/core/proxy-config';
import { temporaryFolder } from '@weft/testkit/folder';
import { benchBootstrap } from '../proxy/bootstrap.ts';
import { LOADS, PathRig } from './index.ts';

/** Turns of a block, of 128 requests each. */
const TURNS = 20;
const REQUESTS = TURNS * 128;
const WARM = 400;

interface Setting {
  readonly tracing?: { readonly percent: number; readonly collector: 'takes' | 'silent' | 'dead' };
  readonly log?: 'file' | 'unread';
  /** Nothing is counted and no record read. */
  readonly blind?: true;
  /** Requests are told to the control plane for `weft why`. */
  readonly kept?: true;
}

/** What is measured against what. The names stand in the table of docs/performance.md. */
const PAIRS: Readonly<Record<string, readonly [without: Setting, withIt: Setting]>> = {
  records: [{ blind: true }, {}],
  'requests kept': [{}, { kept: true }],
  'access log': [{}, { log: 'file' }],
  'access log that nobody reads': [{}, { log: 'unread' }],
  'tracing, none sampled': [{}, { tracing: { percent: 0, collector: 'takes' } }],
  'tracing, 1 %': [{}, { tracing: { percent: 1, collector: 'takes' } }],
  'tracing, 100 %': [{}, { tracing: { percent: 100, collector: 'takes' } }],
  'tracing, 1 %, collector dead': [{}, { tracing: { percent: 1, collector: 'dead' } }],
  'tracing, 100 %, collector dead': [{}, { tracing: { percent: 100, collector: 'dead' } }],
  'tracing, 100 %, collector silent': [{}, { tracing: { percent: 100, collector: 'silent' } }],
};

export async function benchObserver(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, pair: { type: 'string' }, blocks: { type: 'string', default: '60' } },
  });
  const blocks = Number(values.blocks);
  if (values.pair !== undefined) {
    await measure(values.pair, blocks);
    return;
  }
  process.stdout.write('CPU a request with and without, and wall time of turns of 128 requests (p50, p99), ms\n');
  for (const name of Object.keys(PAIRS)) {
    if (values.only !== undefined && !name.includes(values.only)) continue;
    const child = fork(
      path.join(import.meta.dirname, 'observer-main.ts'),
      ['--pair', name, '--blocks', String(blocks)],
      {
        execArgv: process.execArgv,
      },
    );
    await new Promise((resolve) => child.on('exit', resolve));
  }
}

async function measure(name: string, blocks: number): Promise<void> {
  const pair = PAIRS[name];
  if (pair === undefined) throw new Error(`no pair ${name}; there are ${Object.keys(PAIRS).join(', ')}`);
  using folder = temporaryFolder();
  const [one, other] = [await rigOf(pair[0], folder.path), await rigOf(pair[1], folder.path)];
  for (const rig of [one, other]) await rig.turns(WARM);
  const sides = [
    { rig: one, cpu: [] as number[], turns: [] as number[] },
    { rig: other, cpu: [] as number[], turns: [] as number[] },
  ];
  const ratios: number[] = [];
  for (let block = 0; block < blocks; block += 1) {
    // Who is first changes, so that neither always pays for the other's garbage.
    for (const side of block % 2 === 0 ? sides : sides.toReversed()) {
      const before = process.cpuUsage();
      side.turns.push(...(await side.rig.turns(TURNS)));
      const { user, system } = process.cpuUsage(before);
      side.cpu.push((user + system) / REQUESTS);
    }
    const [without = Number.NaN, withIt = Number.NaN] = sides.map(({ cpu }) => cpu.at(-1));
    ratios.push(withIt / without);
  }
  const [a, b] = sides.map(({ cpu, turns }) => ({
    cpu: part(cpu, 0.5),
    p50: (part(turns, 0.5) * 128) / 1000,
    p99: (part(turns, 0.99) * 128) / 1000,
  }));
  if (a === undefined || b === undefined) return;
  const share = (part(ratios, 0.5) - 1) * 100;
  const { telemetry } = other;
  const counted = ['spans_sent', 'spans_dropped']
    .map((stat) => `${stat} ${telemetry.counter(`tracing.opentelemetry.${stat}`).value}`)
    .join(', ');
  const dropped = pair[1].log === undefined ? '' : `, lines dropped ${telemetry.accessLogs.dropped}`;
  process.stdout.write(
    `${name.padEnd(34)} ${a.cpu.toFixed(2)} -> ${b.cpu.toFixed(2)} us (${share >= 0 ? '+' : ''}${share.toFixed(1)} %, quarters ${((part(ratios, 0.25) - 1) * 100).toFixed(1)} to ${((part(ratios, 0.75) - 1) * 100).toFixed(1)})` +
      `  p50 ${a.p50.toFixed(2)} -> ${b.p50.toFixed(2)}, p99 ${a.p99.toFixed(2)} -> ${b.p99.toFixed(2)}${pair[1].tracing === undefined ? '' : `  ${counted}`}${dropped}\n`,
  );
  one.stop();
  other.stop();
}

const part = (values: readonly number[], share: number): number =>
  values.toSorted((x, y) => x - y)[Math.floor(values.length * share)] ?? Number.NaN;

async function rigOf({ tracing, log, blind, kept }: Setting, folder: string): Promise<PathRig> {
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
  if (blind === true) rig.telemetry.exchangeEnded = () => {};
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
