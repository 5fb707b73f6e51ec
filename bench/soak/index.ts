/** `npm run bench -- soak`: a real mesh under mixed load while everything about it changes; see docs/soak.md. */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@weft/testkit/ports';
import { until } from '@weft/testkit/wait';
import { Churn } from './churn.ts';
import { Fleet } from './fleet.ts';
import { Journal } from './journal.ts';
import { base, route } from './objects.ts';
import { faults, type Finding, type Outcome, summary } from './report.ts';
import { Resources } from './resources.ts';
import { Rpc } from './rpc.ts';
import { Streams } from './streams.ts';
import { Traffic } from './traffic.ts';

export type Engines = 'weft' | 'envoy' | 'mixed';

export interface SoakFlags {
  /** How long the load lasts. */
  readonly minutes: number;
  readonly engine: Engines;
  /** Requests a second, all clients together. */
  readonly rate: number;
  /** Where the outcome goes as JSON. */
  readonly json?: string | undefined;
  /** Folder for what each process printed. */
  readonly logs?: string | undefined;
}

const backend = (file: string): string => path.join(import.meta.dirname, 'backends', file);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Whether nothing is wrong. */
export async function soak(flags: SoakFlags): Promise<boolean> {
  await using fleet = new Fleet();
  try {
    const outcome = await round(fleet, flags);
    print(summary(outcome));
    if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(outcome, undefined, 2)}\n`);
    return outcome.ok;
  } finally {
    if (flags.logs !== undefined) fleet.writeOutput(flags.logs);
  }
}

/** The engine of the n-th workload. */
const engineOf = (engines: Engines, index: number): string =>
  engines === 'mixed' ? (index % 2 === 0 ? 'weft' : 'envoy') : engines;

async function startFleet(fleet: Fleet, engines: Engines): Promise<{ readonly first: Ports; readonly second: Ports }> {
  await fleet.up();
  await fleet.apply(base + route(50, false));
  let index = 0;
  const engine = (): string => engineOf(engines, index++);
  const app = (file: string, ...variables: readonly string[]): string[] => [
    '--',
    '/usr/bin/env',
    '-u',
    'NODE_OPTIONS',
    ...variables,
    process.execPath,
    backend(file),
  ];
  for (const role of ['hello a1', 'hello a2', 'hello b1', 'hello b2']) {
    const version = role.charAt(6);
    const port = await freePort();
    const flags = ['--name', 'hello', '--version', version, '--engine', engine(), '--port', `${port}/http`];
    await fleet.run(role, [...flags, '--drain', '15s', ...app('service.mjs', `PORT=${port}`, `NAME=${role.slice(6)}`)]);
  }
  const rpc = await freePort();
  for (const role of ['rpc 1', 'rpc 2']) {
    const port = role === 'rpc 1' ? rpc : await freePort();
    const flags = ['--name', 'rpc', '--engine', engine(), '--port', `grpc:${port}/grpc`, '--drain', '15s'];
    await fleet.run(role, [...flags, ...app('rpc.mjs', `PORT=${port}`, `NAME=${role}`)]);
  }
  const tcp = await freePort();
  const web = await freePort();
  const flags = ['--name', 'streams', '--engine', engine(), '--port', `echo:${tcp}/tcp`, '--port', `web:${web}/http`];
  await fleet.run('streams', [...flags, ...app('streams.mjs', `PORT=${tcp}`, `WS_PORT=${web}`)]);
  const client = async (role: string): Promise<Ports> => {
    const ports = { http: await freePort(), rpc: await freePort(), tcp: await freePort(), web: await freePort() };
    const upstreams = [
      `hello=${ports.http}`,
      `rpc=${ports.rpc}`,
      `streams:${tcp}=${ports.tcp}`,
      `streams:${web}=${ports.web}`,
    ];
    const named = ['--name', role.replace(' ', '-'), '--engine', engine()];
    await fleet.run(role, [...named, ...upstreams.flatMap((upstream) => ['--upstream', upstream])]);
    return ports;
  };
  index = 0;
  return { first: await client('client 1'), second: await client('client 2') };
}

interface Ports {
  readonly http: number;
  readonly rpc: number;
  readonly tcp: number;
  readonly web: number;
}

async function round(fleet: Fleet, flags: SoakFlags): Promise<Outcome> {
  const duration = flags.minutes * 60;
  const ports = await startFleet(fleet, flags.engine);
  await fleet.synced();
  for (const { http } of [ports.first, ports.second]) {
    await until(async () => (await fetch(`http://127.0.0.1:${http}/`)).status === 200, { what: 'the first answer' });
  }
  const journal = new Journal(print);
  const fail = (what: string): void => journal.fail(what);
  const slow = (what: string, ms: number): void => journal.slow(what, ms);
  const traffics = [
    new Traffic('client 1', ports.first.http, fail, slow),
    new Traffic('client 2', ports.second.http, fail, slow),
  ] as const;
  const calls = [new Rpc('client 1', ports.first.rpc, fail), new Rpc('client 2', ports.second.rpc, fail)] as const;
  const streams = new Streams(ports.first, fail);
  const resources = new Resources(fleet);
  const churn = new Churn({
    fleet,
    journal,
    flapping: ['hello a2', 'rpc 2', 'hello b2'],
    restarted: { role: 'client 2', loads: [traffics[1], calls[1]] },
    duration,
  });
  print(`soak: ${flags.minutes} min on ${flags.engine}, ${flags.rate} requests a second`);
  for (const traffic of traffics) traffic.start(flags.rate / traffics.length);
  for (const one of calls) one.start(flags.rate / 10);
  streams.start();
  resources.start();
  churn.start();
  let hiccup = 0;
  let interrupted = false;
  // The round ends early and is judged as far as it came; nothing that it started is left behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (interrupted = true));
  for (let tick = 1; journal.now() < duration && !interrupted; tick += 1) {
    const asleep = performance.now();
    await pause(1000);
    hiccup = Math.max(hiccup, performance.now() - asleep - 1000);
    if (tick % 60 === 0) print(`${tick / 60} min, ${journal.failures.length} failures`);
    if (journal.failures.length > 500) break;
  }
  await churn.stop();
  await Promise.all([...traffics, ...calls].map((load) => load.stop()));
  streams.stop();
  resources.stop();
  await journal.during('end', 'all synced at the end', () => fleet.synced());
  for (const text of fleet.ended()) journal.fail(text);
  const findings = await found(fleet);
  const growth = resources.growth();
  return {
    ok: journal.failures.length === 0 && growth.every(({ within }) => within) && findings.length === 0,
    flags,
    seconds: journal.now(),
    requests: Object.fromEntries(sums(traffics.map(({ counts }) => counts))),
    backends: Object.fromEntries(sums([...traffics, ...calls].map(({ backends }) => backends))),
    latencies: quantiles(traffics.flatMap(({ latencies }) => latencies)),
    machine: { load: loadavg()[1] ?? 0, hiccup },
    calls: { unary: sum(calls.map(({ unary }) => unary)), streams: sum(calls.map((one) => one.streams)) },
    echoes: streams.echoes,
    shortConnections: streams.short,
    events: Object.fromEntries(journal.counts),
    failures: journal.failures,
    slowest: journal.slowest,
    growth,
    findings,
  };
}

/** ms in which a Workload is forgotten whose instance ended while the control plane was away. */
const FORGOTTEN = 90_000;

/** What `weft check` finds and goes on to find. */
async function found(fleet: Fleet): Promise<readonly Finding[]> {
  for (const end = performance.now() + FORGOTTEN; ; await pause(5000)) {
    const { stdout } = await fleet.weft('check', '-o', 'json');
    const findings = faults((JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings);
    if (findings.length === 0 || performance.now() > end) return findings;
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function sums(maps: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const map of maps) for (const [key, count] of map) all.set(key, (all.get(key) ?? 0) + count);
  return all;
}

function quantiles(values: readonly number[]): { readonly p50: number; readonly p99: number; readonly max: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
