/** Starts engines on the attack bootstrap: one in front of the recorder, or a chain of two. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type EngineName, engineCommand } from '../cases/index.ts';
import { exchange } from '../http-client/index.ts';
import { TestProcess } from '../process/index.ts';
import { START, until } from '../wait/index.ts';
import { attackBootstrap, attackListeners, type TlsFiles } from './bootstrap.ts';
import { Recorder } from './recorder.ts';

export interface Chain {
  readonly recorder: Recorder;
  /** From the last to the first. */
  readonly engines: readonly TestProcess[];
  readonly port: (listener: string) => number;
  /** The first engine's admin socket. */
  readonly adminPath: string;
  stop(): Promise<void>;
}

export async function startChain(engine: EngineName, hops: number, folder: string, tls?: TlsFiles): Promise<Chain> {
  const recorder = new Recorder();
  const backend = await recorder.start();
  const engines: TestProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(engines.map((one) => one.stop()));
    await recorder.stop();
  };
  let upstream = (): number => backend;
  let front: (listener: string) => number = () => 0;
  try {
    for (let hop = hops; hop >= 1; hop -= 1) {
      const started = await startOne(engine, path.join(folder, `${engine}-${hops}-${hop}`), upstream, tls);
      engines.push(started.process);
      front = started.port;
      // Behind the first engine stands one with the plain safe values, whatever the listener.
      upstream = () => started.port('safe');
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { recorder, engines, port: front, adminPath: path.join(folder, `${engine}-${hops}-1.sock`), stop };
}

async function startOne(
  engine: EngineName,
  prefix: string,
  upstream: (listener: string) => number,
  tls: TlsFiles | undefined,
): Promise<{ process: TestProcess; port: (listener: string) => number }> {
  const adminPath = `${prefix}.sock`;
  const file = `${prefix}.json`;
  writeFileSync(
    file,
    JSON.stringify(
      attackBootstrap({ upstream, adminPath, delayedClose: engine === 'envoy' ? '0.1s' : '1s', tls }),
      undefined,
      1,
    ),
  );
  const [command, ...args] = engineCommand(engine, file);
  const running = new TestProcess(command, args);
  const ports = await until(
    async () => {
      if (running.exit !== undefined) return 'ended' as const;
      const ready = await exchange({ socketPath: adminPath }, { path: '/ready' });
      if (ready.status !== 200) return undefined;
      return listenerPorts((await exchange({ socketPath: adminPath }, { path: '/listeners?format=json' })).body);
    },
    { timeout: START, what: `${engine} ready` },
  ).catch(() => 'late' as const);
  if (ports === 'ended' || ports === 'late') {
    await running.stop();
    throw new Error(`${running.command}: ${ports}\n${running.stdout}\n${running.stderr}`);
  }
  return { process: running, port: (listener) => ports.get(listener) ?? 0 };
}

interface ListenerStatuses {
  readonly listener_statuses: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address: { readonly port_value: number } };
  }[];
}

function listenerPorts(json: Buffer): ReadonlyMap<string, number> | undefined {
  const { listener_statuses: all } = JSON.parse(json.toString()) as ListenerStatuses;
  const ports = new Map(all.map((one) => [one.name, one.local_address.socket_address.port_value]));
  return attackListeners.every((name) => (ports.get(name) ?? 0) > 0) ? ports : undefined;
}

/** Resident KiB of a process. */
export const residentKib = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

/** User and system CPU of a process in ms, by ticks of 10 ms. */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
