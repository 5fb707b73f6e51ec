/** Load by wrk on the load's core: requests it counted, and what it saw of errors. */
import { command } from '@weft/testkit/mesh';
import { toolPath } from '@weft/testkit/tools';
import { LOAD_CORE } from './contenders.ts';

export interface Load {
  readonly requests: number;
  readonly errors: number;
  /** Requests a second, as wrk saw them. */
  readonly rate: number;
}

export async function wrk(url: string, connections: number, seconds: number): Promise<Load> {
  const outcome = await command('taskset', [
    '-c',
    LOAD_CORE,
    toolPath('wrk'),
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    url,
  ]);
  const requests = Number(/(\d+) requests in/.exec(outcome.stdout)?.[1] ?? 0);
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(outcome.stdout)?.[1] ?? 0);
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(outcome.stdout);
  const statuses = Number(/Non-2xx or 3xx responses: (\d+)/.exec(outcome.stdout)?.[1] ?? 0);
  const errors = (sockets ?? []).slice(1).reduce((sum, text) => sum + Number(text), statuses);
  if (requests === 0) throw new Error(`wrk counted no request:\n${outcome.stdout}${outcome.stderr}`);
  return { requests, errors, rate };
}
