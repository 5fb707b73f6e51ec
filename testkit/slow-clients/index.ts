/** Crowds of slow clients by slowhttptest, in its four modes, and what a good client on the same listener notices. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { exchange } from '../http-client/index.ts';
import { toolPath } from '../tools/index.ts';

/** Slow heads, slow bodies, range requests, slow reading. */
export const MODES = ['-H', '-B', '-R', '-X'] as const;

/** Connections of one process: slowhttptest opens one in each turn over all that it has, so that thousands of its own take it a minute. */
const OF_ONE = 1000;

/** How a crowd behaves. */
export interface Crowd {
  readonly seconds: number;
  /** Default: all four side by side. */
  readonly modes?: readonly (typeof MODES)[number][];
  /** Seconds between the pieces of a slow head or body; slowhttptest's own default is 10. Default 1. */
  readonly interval?: number;
  /** Connections a second that each process opens. Default: as many as it has. */
  readonly rate?: number;
}

/**
 * Runs the modes side by side with so many connections each; resolves when the last has ended. It yields to whoever shares its core: what it
 * takes from a good client and the backend is no slowness of the engine. Needs `slowhttptest`.
 */
export async function slowCrowd(port: number, each: number, { modes = MODES, ...crowd }: Crowd): Promise<void> {
  const sizes = Array.from({ length: Math.ceil(each / OF_ONE) }, (_, index) => Math.min(OF_ONE, each - index * OF_ONE));
  await Promise.all(modes.flatMap((mode) => sizes.map((size) => slowClients(port, mode, size, crowd))));
}

async function slowClients(
  port: number,
  mode: (typeof MODES)[number],
  size: number,
  { seconds, interval = 1, rate = size }: Omit<Crowd, 'modes'>,
): Promise<void> {
  const url = `http://127.0.0.1:${port}/good`;
  const common = ['-u', url, '-c', String(size), '-r', String(rate), '-l', String(seconds)];
  const every = String(interval);
  const read = mode === '-X' ? ['-w', '10', '-y', '20', '-n', every, '-z', '16', '-k', '3'] : ['-i', every, '-x', '24'];
  const child = spawn('nice', ['-n', '19', toolPath('slowhttptest'), mode, ...common, '-p', '3', ...read], {
    stdio: 'ignore',
  });
  await once(child, 'exit');
}

/** ms of the share `rank` (0.99: p99) of good requests one after the other on one connection, until `over`; at least `least` of them. */
export async function goodLatency(port: number, rank: number, least: number, over: () => boolean): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const took: number[] = [];
  while (took.length < least || !over()) {
    const start = performance.now();
    const { status } = await exchange({ port }, { path: '/good', headers: { host: 'good.test' } }, agent);
    if (status !== 200) throw new Error(`a good request was answered ${status}`);
    took.push(performance.now() - start);
  }
  agent.destroy();
  return took.sort((a, b) => a - b)[Math.floor(took.length * rank)] ?? 0;
}

/** ms of good requests, sorted: one each `every` ms on one connection until `over`, at least `least`. One that waits for a slow one before it counts from when it was due. */
export async function pacedLatency(port: number, every: number, least: number, over: () => boolean): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const took: number[] = [];
  const start = performance.now();
  while (took.length < least || !over()) {
    const due = start + took.length * every;
    const early = due - performance.now();
    if (early > 0) await pause(early);
    const began = early > 0 ? performance.now() : due;
    const { status } = await exchange({ port }, { path: '/good', headers: { host: 'good.test' } }, agent);
    if (status !== 200) throw new Error(`a good request was answered ${status}`);
    took.push(performance.now() - began);
  }
  agent.destroy();
  return took.sort((a, b) => a - b);
}
