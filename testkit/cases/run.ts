/** Starts an engine on the bootstrap of all cases and finds each listener's port by the admin interface, as Envoy answers it. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { exchange } from '../http-client/index.ts';
import { TestProcess } from '../process/index.ts';
import { weftProgram } from '../program/index.ts';
import type { Place } from '../streams/index.ts';
import { toolPath } from '../tools/index.ts';
import { START, until } from '../wait/index.ts';
import { type BootstrapInput, caseBootstrap, filledIn, listenerName } from './bootstrap.ts';
import type { Case, CaseFile } from './case.ts';
import { judgeCounters, judgeLogs } from './judge-records.ts';

export type EngineName = 'weft' | 'envoy';

export interface EngineFlags {
  /** Threads that serve; default 1. */
  readonly concurrency?: number;
}

/** `[command, ...arguments]` that runs the engine on a bootstrap file. */
export const engineCommand = (
  engine: EngineName,
  file: string,
  { concurrency = 1 }: EngineFlags = {},
): [string, ...string[]] =>
  engine === 'weft'
    ? [weftProgram(), 'proxy', '-c', file, '--concurrency', String(concurrency)]
    : [
        toolPath('envoy'),
        '-c',
        file,
        '--use-dynamic-base-id',
        '--concurrency',
        String(concurrency),
        '-l',
        'warning',
        '--file-flush-interval-msec',
        '50',
      ];

export const readCases = (file: string): readonly Case[] => (parse(readFileSync(file, 'utf8')) as CaseFile).cases;

export interface RunningCases {
  readonly process: TestProcess;
  /** Port, or path, of the listener of each case, in their order. */
  readonly ports: readonly Place[];
  /** Unix socket of the admin interface. */
  readonly adminPath: string;
  /** What is wrong with the logs and counters of a case whose requests are over. */
  judgeRecords(index: number): Promise<string[]>;
}

export async function startCases(
  engine: EngineName,
  folder: string,
  input: Omit<BootstrapInput, 'adminPath' | 'logPath'>,
  flags: EngineFlags = {},
): Promise<RunningCases> {
  const adminPath = path.join(folder, `${engine}.sock`);
  const file = path.join(folder, `${engine}.json`);
  const logPath = (index: number): string => path.join(folder, `${engine}-${index}.log`);
  writeFileSync(file, JSON.stringify(caseBootstrap({ ...input, adminPath, logPath }), undefined, 1));
  const [command, ...args] = engineCommand(engine, file, flags);
  const running = new TestProcess(command, args);
  const ports = await until(
    async () => {
      if (running.exit !== undefined) return 'ended' as const;
      const ready = await exchange({ socketPath: adminPath }, { path: '/ready' });
      if (ready.status !== 200) return undefined;
      return listenerPorts(
        (await exchange({ socketPath: adminPath }, { path: '/listeners?format=json' })).body.toString(),
        input.cases.length,
      );
    },
    { timeout: START, what: `${engine} ready` },
  ).catch(async (error: unknown) => {
    await running.stop();
    throw new Error(`${String(error)}\n${running.stdout}\n${running.stderr}`);
  });
  if (ports === 'ended') throw new Error(`${running.command} ended\n${running.stdout}\n${running.stderr}`);
  return {
    process: running,
    ports,
    adminPath,
    judgeRecords: async (index) => {
      const one = filledIn(input.cases[index], index);
      if (one === undefined) return [];
      return [...(await judgeLogs(one, logPath(index))), ...(await judgeCounters(one, adminPath))];
    },
  };
}

interface ListenerStatuses {
  readonly listener_statuses: readonly {
    readonly name: string;
    readonly local_address: {
      readonly socket_address?: { readonly port_value: number };
      readonly pipe?: { readonly path: string };
    };
  }[];
}

function listenerPorts(text: string, count: number): Place[] | undefined {
  const statuses = (JSON.parse(text) as ListenerStatuses).listener_statuses;
  const ports = Array.from({ length: count }, (_, index): Place => {
    const address = statuses.find(({ name }) => name === listenerName(index))?.local_address;
    return address?.pipe?.path ?? address?.socket_address?.port_value ?? 0;
  });
  return ports.includes(0) ? undefined : ports;
}
