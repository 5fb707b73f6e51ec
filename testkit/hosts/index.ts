/** Two hosts on one machine: network namespaces joined by a veth pair, for what must cross a network. Needs root and iproute2. */
import { execFileSync } from 'node:child_process';
import { needs } from '../tools/index.ts';

export interface Host {
  readonly ip: string;
  /** Puts a command into the host: `[command, ...arguments]`. */
  command(...command: readonly string[]): [string, ...string[]];
}

/** For a test's `skip`: false when hosts can be made here. */
export function needsHosts(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux for network namespaces';
  const absent = needs('ip');
  if (absent !== false) return absent;
  try {
    ip('netns', 'add', `weft-try-${process.pid}`);
    ip('netns', 'delete', `weft-try-${process.pid}`);
    return false;
  } catch {
    return 'network namespaces cannot be made here';
  }
}

const ip = (...args: readonly string[]): void => void execFileSync('ip', args, { stdio: 'ignore' });

export class TwoHosts {
  readonly #names = [`weft-a-${process.pid}`, `weft-b-${process.pid}`] as const;
  readonly a: Host;
  readonly b: Host;

  constructor() {
    const [first, second] = this.#names;
    const [left, right] = [`wa${process.pid}`.slice(0, 15), `wb${process.pid}`.slice(0, 15)];
    ip('netns', 'add', first);
    ip('netns', 'add', second);
    ip('link', 'add', left, 'type', 'veth', 'peer', 'name', right);
    this.a = this.#host(first, left, '10.231.77.1');
    this.b = this.#host(second, right, '10.231.77.2');
  }

  #host(name: string, link: string, address: string): Host {
    ip('link', 'set', link, 'netns', name);
    ip('-n', name, 'address', 'add', `${address}/24`, 'dev', link);
    ip('-n', name, 'link', 'set', link, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
    return { ip: address, command: (...command) => ['ip', 'netns', 'exec', name, ...command] };
  }

  [Symbol.dispose](): void {
    for (const name of this.#names) ip('netns', 'delete', name);
  }
}
