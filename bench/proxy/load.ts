/** Load on the load's core: wrk, and our own clients (client.ts) for what wrk cannot do. */
import path from 'node:path';
import { command } from '@weft/testkit/mesh';
import type { TestProcess } from '@weft/testkit/process';
import { toolPath } from '@weft/testkit/tools';
import type { HandshakeOrder, IdleOrder, PacedOrder } from './client.ts';
import { LOAD_CORE, pinnedProcess } from './contenders.ts';

export interface Load {
  readonly requests: number;
  readonly errors: number;
}

export async function wrk(url: string, connections: number, seconds: number): Promise<Load> {
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`];
  const outcome = await command('taskset', ['-c', LOAD_CORE, toolPath('wrk'), ...flags, url]);
  const requests = Number(/(\d+) requests in/.exec(outcome.stdout)?.[1] ?? 0);
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(outcome.stdout);
  const statuses = Number(/Non-2xx or 3xx responses: (\d+)/.exec(outcome.stdout)?.[1] ?? 0);
  const errors = (sockets ?? []).slice(1).reduce((sum, text) => sum + Number(text), statuses);
  if (requests === 0) throw new Error(`wrk counted no request:\n${outcome.stdout}${outcome.stderr}`);
  return { requests, errors };
}

/** Requests that were answered well; fails when any was not. */
export async function h2load(url: string, flags: readonly string[]): Promise<number> {
  const outcome = await command('taskset', ['-c', LOAD_CORE, toolPath('h2load'), '-t1', ...flags, url]);
  const [, good = '0', failed = '0'] = /(\d+) succeeded, (\d+) failed/.exec(outcome.stdout) ?? [];
  if (Number(good) === 0 || Number(failed) > 0) throw new Error(`h2load: ${outcome.stdout}${outcome.stderr}`);
  return Number(good);
}

const CLIENT = path.join(import.meta.dirname, 'client.ts');

const client = (kind: string, order: object): TestProcess =>
  pinnedProcess(LOAD_CORE, [process.execPath, CLIENT, kind, JSON.stringify(order)]);

async function answer(running: TestProcess, seconds: number): Promise<Record<string, number>> {
  const [line] = await running.matching(/^\{.*\}$/m, (seconds + 20) * 1000);
  return JSON.parse(line);
}

/** Latencies in ms at a fixed rate, as the client saw them. */
export async function paced(order: PacedOrder): Promise<{ readonly p50: number; readonly p99: number }> {
  const { p50 = Number.NaN, p99 = Number.NaN } = await answer(client('paced', order), order.seconds);
  return { p50, p99 };
}

/** How many connections were opened with a full handshake and answered. */
export async function handshakes(order: HandshakeOrder): Promise<number> {
  const { count = 0 } = await answer(client('handshakes', order), order.seconds);
  return count;
}

/** Opens the connections and keeps them while the returned process lives. */
export async function idleConnections(order: IdleOrder): Promise<TestProcess> {
  const running = client('idle', order);
  await answer(running, 120);
  return running;
}
