/**
 * Ports of the workload that others reach without its proxy: looked for every five seconds, and soon after a port began or ceased to accept.
 * Told when they are others than before, hence at most once a second; one that was closed is missing in what is told next.
 */
import type { OpenPort } from '@weft/core/agent-api';
import { LIMITS } from '@weft/core/agent-api';
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import { type Listener, openListeners } from './listeners.ts';
import { type Owner, socketOwners } from './owners.ts';

/** ms between two looks that nothing asked for, and the least between any two. */
const LOOK = 5000;
const LEAST = 1000;

export interface OpenPortsOptions {
  readonly clock: MonotonicClock;
  /** Where the application listens. UDP has no proxy that it could be beside. */
  readonly ports: ReadonlySet<number>;
  readonly onChange: (open: readonly OpenPort[]) => void;
  readonly listeners?: () => Promise<readonly Listener[]>;
  readonly owners?: (inodes: ReadonlySet<number>) => Promise<ReadonlyMap<number, Owner>>;
  /** Process of the proxy: its own sockets are not beside it. */
  readonly self?: number;
}

export class OpenPorts {
  readonly #options: Required<OpenPortsOptions>;
  /** Of sockets that are open now; '' where nobody could be found, undefined where it is the proxy's own. */
  #owners = new Map<number, string | undefined>();
  #told = '[]';
  #timer: Timer | undefined;
  /** Clock time of the last look. */
  #last = Number.NEGATIVE_INFINITY;
  #looking = false;
  #again = false;
  #stopped = false;

  constructor(options: OpenPortsOptions) {
    const { self = process.pid } = options;
    this.#options = {
      listeners: () => openListeners(),
      owners: (inodes) => socketOwners(inodes, self),
      self,
      ...options,
    };
  }

  start(): void {
    if (this.#options.ports.size > 0) this.soon();
  }

  /** Something may have changed. */
  soon(): void {
    if (this.#stopped || this.#options.ports.size === 0) return;
    if (this.#looking) this.#again = true;
    else this.#after(Math.max(0, this.#last + LEAST - this.#options.clock.now()));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #after(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#looking = true;
    this.#last = this.#options.clock.now();
    const open = await this.#found();
    this.#looking = false;
    if (this.#stopped) return;
    const text = JSON.stringify(open);
    if (text !== this.#told) this.#options.onChange(open);
    this.#told = text;
    this.#after(this.#again ? LEAST : LOOK);
    this.#again = false;
  }

  async #found(): Promise<readonly OpenPort[]> {
    const { ports, listeners, owners, self } = this.#options;
    const open = (await listeners()).filter(({ port }) => ports.has(port));
    const strange = new Set(open.map(({ inode }) => inode).filter((inode) => !this.#owners.has(inode)));
    const found = strange.size === 0 ? undefined : await owners(strange);
    const ownerOf = (inode: number): string | undefined => {
      const owner = found?.get(inode);
      return owner?.pid === self ? undefined : (owner?.name ?? '');
    };
    this.#owners = new Map(
      open.map(({ inode }) => [inode, this.#owners.has(inode) ? this.#owners.get(inode) : ownerOf(inode)]),
    );
    // Several sockets may share an address (SO_REUSEPORT).
    const distinct = new Map<string, OpenPort>();
    for (const { ip, port, inode } of open) {
      const name = this.#owners.get(inode);
      const key = `${port} ${ip}`;
      if (name !== undefined && (distinct.get(key)?.process ?? '') === '')
        distinct.set(key, { port, ip, process: name });
    }
    return [...distinct]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, one]) => one)
      .slice(0, LIMITS.openPorts);
  }
}
