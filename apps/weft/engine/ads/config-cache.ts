/**
 * The last configuration that was at work, in a file of the user's, so that `weft proxy` serves at once while its control plane is away. Resources
 * and their versions only: secrets never come here. A file that is damaged, or of another node, counts as none.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import { WEFT_PROFILE } from '@weft/envoy/profile';
import {
  readCluster,
  readEndpointSet,
  readListener,
  readRouteConfiguration,
  readRouteScope,
  writeCluster,
  writeEndpointSet,
  writeListener,
  writeRouteConfiguration,
  writeRouteScope,
} from '@weft/envoy/resources';
import type { HeldTables } from './client.ts';

type Table = keyof HeldTables;
type Codec<Row> = {
  readonly write: (row: Row, profile: typeof WEFT_PROFILE) => { readonly bytes: Uint8Array };
  readonly read: (bytes: Uint8Array) => { readonly ok: boolean; readonly value?: Row };
};

const FILE = 'last-good.json';
const FORMAT = 2;
/** ms from a change until it is on disk: what comes together is written together. */
const WRITE_DELAY = 500;
const MAX_BYTES = 256 * 1024 * 1024;

const CODECS = {
  clusters: { write: writeCluster, read: readCluster },
  endpoints: { write: writeEndpointSet, read: readEndpointSet },
  listeners: { write: writeListener, read: readListener },
  scopes: { write: writeRouteScope, read: readRouteScope },
  routes: { write: writeRouteConfiguration, read: readRouteConfiguration },
} as unknown as Readonly<Record<Table, Codec<object>>>;
const TABLES = Object.keys(CODECS) as Table[];

interface SavedTable {
  readonly version: string;
  /** Name, version and the resource's bytes in base64. */
  readonly resources: readonly (readonly [name: string, version: string, bytes: string])[];
}

interface SavedFile {
  readonly format: number;
  /** Who it was for: node id, cluster of the control plane, variant. */
  readonly owner: string;
  readonly tables: Readonly<Record<Table, SavedTable>>;
}

export interface ConfigCacheOptions {
  /** Made with mode 0700 when it is not there. */
  readonly folder: string;
  readonly owner: string;
  readonly clock: MonotonicClock;
  readonly onProblem: (message: string) => void;
}

export class ConfigCache {
  readonly #options: ConfigCacheOptions;
  #timer: Timer | undefined;
  #held: (() => HeldTables) | undefined;

  constructor(options: ConfigCacheOptions) {
    this.#options = options;
  }

  /** undefined: there is none that can be used. */
  read(): HeldTables | undefined {
    let text: string;
    try {
      text = readFileSync(path.join(this.#options.folder, FILE), 'utf8');
    } catch {
      return undefined;
    }
    try {
      const file = JSON.parse(text) as SavedFile;
      if (file.format !== FORMAT || file.owner !== this.#options.owner) return undefined;
      return Object.fromEntries(TABLES.map((table) => [table, readTable(table, file.tables[table])])) as HeldTables;
    } catch (error) {
      this.#options.onProblem(`the saved configuration is not used: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Writes what `held` gives a little later. */
  changed(held: () => HeldTables): void {
    this.#held = held;
    this.#timer ??= this.#options.clock.after(WRITE_DELAY, () => this.flush());
  }

  /** Writes now what is waiting to be written. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const held = this.#held?.();
    this.#held = undefined;
    if (held === undefined) return;
    const { folder, owner, onProblem } = this.#options;
    const tables = Object.fromEntries(TABLES.map((table) => [table, saveTable(table, held)]));
    const text = JSON.stringify({ format: FORMAT, owner, tables });
    if (text.length > MAX_BYTES) {
      onProblem('the configuration is too large to be saved');
      return;
    }
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = path.join(folder, FILE);
      writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
      chmodSync(`${file}.new`, 0o600);
      renameSync(`${file}.new`, file);
    } catch (error) {
      onProblem(`the configuration cannot be saved: ${messageOf(error)}`);
    }
  }
}

function saveTable(table: Table, held: HeldTables): SavedTable {
  const { version, rows } = held[table];
  const { write } = CODECS[table];
  return {
    version,
    resources: [...rows].map(([name, { row, version: own }]) => [
      name,
      own,
      Buffer.from(write(row, WEFT_PROFILE).bytes).toString('base64'),
    ]),
  };
}

/** Throws when a resource cannot be read: a part of a configuration is none. */
function readTable(table: Table, saved: SavedTable): HeldTables[Table] {
  const rows = saved.resources.map(([name, version, bytes]) => {
    const read = CODECS[table].read(Buffer.from(bytes, 'base64'));
    if (!read.ok || read.value === undefined) throw new Error(`${table} ${name} cannot be read`);
    return [name, { row: read.value, version }] as const;
  });
  return { version: saved.version, rows: new Map(rows) } as HeldTables[Table];
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
