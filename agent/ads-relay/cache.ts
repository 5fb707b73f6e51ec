/**
 * The last configuration that a client accepted, kept in the agent's folder so that an engine starts while the control plane is away.
 * Resources of the configuration only: secrets never come here. A damaged file counts as none.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import { CLUSTER_TYPE, LISTENER_TYPE } from '@weft/envoy/discovery';
import type { AgentFolder } from '../folder/index.ts';

export interface CachedType {
  readonly version: string;
  /** By name; undecoded. */
  readonly resources: ReadonlyMap<string, Uint8Array>;
}

const FILE = 'last-good.json';
const FORMAT = 1;
/** ms from an ACK until it is on disk: the ACKs of one push are written together. */
const WRITE_DELAY = 200;
/** Clients (node id and engine) remembered; the one silent longest goes first. */
const MAX_CLIENTS = 4;

type Types = Map<string, CachedType>;

export class AdsCache {
  readonly #folder: AgentFolder;
  readonly #clock: MonotonicClock;
  readonly #onProblem: (error: unknown) => void;
  readonly #clients: Map<string, Types>;
  #timer: Timer | undefined;

  constructor(folder: AgentFolder, clock: MonotonicClock, onProblem: (error: unknown) => void) {
    this.#folder = folder;
    this.#clock = clock;
    this.#onProblem = onProblem;
    this.#clients = parse(folder.read(FILE));
  }

  get(client: string, typeUrl: string): CachedType | undefined {
    return this.#clients.get(client)?.get(typeUrl);
  }

  /** A resource of whichever client accepted one of that name last. */
  resource(typeUrl: string, name: string): Uint8Array | undefined {
    for (const types of [...this.#clients.values()].reverse()) {
      const found = types.get(typeUrl)?.resources.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * What a client accepted. Clusters and listeners come as a whole; of other types a response may hold some only, so those that are
   * still asked for (`names`) stay.
   */
  accept(
    client: string,
    typeUrl: string,
    version: string,
    resources: ReadonlyMap<string, Uint8Array>,
    names: readonly string[],
  ): void {
    const types: Types = this.#clients.get(client) ?? new Map();
    this.#clients.delete(client);
    this.#clients.set(client, types);
    const oldest = this.#clients.keys().next();
    if (this.#clients.size > MAX_CLIENTS && oldest.done !== true) this.#clients.delete(oldest.value);
    const whole = typeUrl === CLUSTER_TYPE || typeUrl === LISTENER_TYPE;
    const wanted = new Set(names);
    const kept = whole ? [] : [...(types.get(typeUrl)?.resources ?? [])].filter(([name]) => wanted.has(name));
    types.set(typeUrl, { version, resources: new Map([...kept, ...resources]) });
    this.#timer ??= this.#clock.after(WRITE_DELAY, () => this.flush());
  }

  /** Writes what waits to be written. */
  flush(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    const clients = [...this.#clients].map(([client, types]) => [
      client,
      [...types].map(([typeUrl, { version, resources }]) => [
        typeUrl,
        version,
        [...resources].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
      ]),
    ]);
    try {
      this.#folder.write(FILE, JSON.stringify({ format: FORMAT, clients }));
    } catch (error) {
      this.#onProblem(error);
    }
  }
}

function parse(text: string | undefined): Map<string, Types> {
  const clients = new Map<string, Types>();
  if (text === undefined) return clients;
  try {
    const file = JSON.parse(text) as { format: number; clients: [string, [string, string, [string, string][]][]][] };
    if (file.format !== FORMAT) return clients;
    for (const [client, types] of file.clients) {
      const read: Types = new Map();
      for (const [typeUrl, version, resources] of types) {
        const bytes = resources.map(([name, base64]) => [name, Buffer.from(base64, 'base64')] as const);
        read.set(typeUrl, { version, resources: new Map(bytes) });
      }
      clients.set(client, read);
    }
    return clients;
  } catch {
    return new Map();
  }
}
