/** An engine of either kind on a bootstrap of the test's making, as a process of its own; its listeners' ports as its admin interface says them. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type EngineName, engineCommand } from '../cases/index.ts';
import { exchange } from '../http-client/index.ts';
import { TestProcess } from '../process/index.ts';
import { START, until } from '../wait/index.ts';

export interface RunningEngine {
  readonly process: TestProcess;
  readonly adminPath: string;
  /** The port that the listener of that name got; throws for a name that is not there. */
  port(listener: string): number;
  /** A page of the admin interface. */
  admin(page: string): Promise<string>;
  stop(): Promise<void>;
}

export interface EngineInput {
  readonly engine: EngineName;
  /** For the bootstrap file and the admin socket. */
  readonly folder: string;
  /** Of the files; several engines may share a folder. */
  readonly name: string;
  /** Without `admin`, which is added. Listeners may have port 0. */
  readonly bootstrap: Readonly<Record<string, unknown>>;
  /** ms until it must be ready; default 15 s. */
  readonly timeout?: number;
}

interface ListenerStatuses {
  readonly listener_statuses?: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address?: { readonly port_value: number } };
  }[];
}

/** Resolves when it is ready and all its listeners have their ports; throws with its output otherwise. */
export async function startEngine({
  engine,
  folder,
  name,
  bootstrap,
  timeout = START,
}: EngineInput): Promise<RunningEngine> {
  const adminPath = path.join(folder, `${name}.sock`);
  const file = path.join(folder, `${name}.json`);
  writeFileSync(
    file,
    JSON.stringify({ ...bootstrap, admin: { address: { pipe: { path: adminPath } } } }, undefined, 1),
  );
  const [command, ...args] = engineCommand(engine, file);
  const running = new TestProcess(command, args);
  const admin = async (page: string): Promise<string> =>
    (await exchange({ socketPath: adminPath }, { path: page })).body.toString();
  const wanted = listenersOf(bootstrap);
  const ports = await until(
    async () => {
      if (running.exit !== undefined) return 'ended' as const;
      if ((await exchange({ socketPath: adminPath }, { path: '/ready' })).status !== 200) return undefined;
      const { listener_statuses: all = [] } = JSON.parse(await admin('/listeners?format=json')) as ListenerStatuses;
      const found = new Map(all.map((one) => [one.name, one.local_address.socket_address?.port_value ?? 0]));
      return wanted.every((one) => (found.get(one) ?? 0) > 0) ? found : undefined;
    },
    { timeout, what: `${engine} ready` },
  ).catch(() => 'late' as const);
  if (ports === 'ended' || ports === 'late') {
    await running.stop();
    throw new Error(`${running.command}: ${ports}\n${running.stdout}\n${running.stderr}`);
  }
  return {
    process: running,
    adminPath,
    admin,
    stop: () => running.stop(),
    port: (listener) => {
      const port = ports.get(listener);
      if (port === undefined) throw new Error(`no listener ${listener}`);
      return port;
    },
  };
}

/** Of those on ports: the others have the path that they were given. */
function listenersOf(bootstrap: Readonly<Record<string, unknown>>): readonly string[] {
  const { static_resources: resources } = bootstrap as {
    readonly static_resources?: {
      readonly listeners?: readonly { readonly name: string; readonly address?: { readonly pipe?: unknown } }[];
    };
  };
  return (resources?.listeners ?? []).filter(({ address }) => address?.pipe === undefined).map(({ name }) => name);
}

/** Resident KiB of a process, and the most it had since it began. */
export function residentKib(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return { now: read('VmRSS'), peak: read('VmHWM') };
}
