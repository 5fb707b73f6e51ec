/**
 * Where an agent keeps its things: `DATA/agents/NAMESPACE.NAME...`. With the local control plane it lives as long as the run; a workload
 * that joined by a token keeps its folder, since its registration key is there. `node.json` lets other commands find a running agent.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locality } from '@weft/core/mesh-view';
import { privateFolder } from '../../cli/data-folder.ts';
import { CommandError } from '../../errors.ts';

const NODE_FILE = 'node.json';

/** A running agent, as `weft bootstrap` finds it. */
export interface RunningAgent {
  readonly pid: number;
  readonly namespace: string;
  /** What `--name` said, and the Workload's name. */
  readonly name: string;
  readonly workload: string;
  readonly socket: string;
  readonly admin: string;
  /** Metadata `dev.weft` of its node. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Of the workload. */
  readonly locality: Locality;
  readonly folder: string;
}

const agentsFolder = (data: string): string => path.join(data, 'agents');

/** `lasting`: the same folder at the next run of this name; an instance that still runs is refused. */
export function agentFolder(data: string, namespace: string, name: string, lasting: boolean): string {
  const folder = path.join(
    agentsFolder(data),
    lasting ? `${namespace}.${name}` : `${namespace}.${name}.${process.pid}`,
  );
  const other = lasting ? readNode(folder) : undefined;
  if (other !== undefined && other.pid !== process.pid && alive(other.pid)) {
    throw new CommandError(
      `${namespace}/${name} runs already on this host (process ${other.pid})`,
      'Choose another --data for a second instance that joins by a token.',
    );
  }
  privateFolder(agentsFolder(data));
  privateFolder(folder);
  return folder;
}

export function announce(agent: RunningAgent): void {
  writeFileSync(path.join(agent.folder, NODE_FILE), JSON.stringify(agent), { mode: 0o600 });
}

export function forget(folder: string, lasting: boolean): void {
  rmSync(lasting ? path.join(folder, NODE_FILE) : folder, { recursive: true, force: true });
}

export function runningAgents(data: string): RunningAgent[] {
  const folder = agentsFolder(data);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const node = readNode(path.join(folder, name));
    return node !== undefined && alive(node.pid) ? [node] : [];
  });
}

function readNode(folder: string): RunningAgent | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, NODE_FILE), 'utf8')) as RunningAgent;
  } catch {
    return undefined;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
