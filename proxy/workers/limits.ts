/**
 * Where the limits of filters are counted that are the process's: token buckets and open connections, found by the rows that configure them, and active faults, by the
 * stat_prefix of their connection manager. Both sides walk the rows of a handover in one order, so that no filter needs a name. It must never put memory
 * into a row.
 */
import { allocateBuckets } from '../filters/local-rate-limit/shared-bucket.ts';
import type { SharedBuckets, SharedLimits } from '../ports.ts';
import { Ledger } from '../upstream/index.ts';
import type { Handover } from './handover.ts';

/** What goes along with a handover. */
export interface LimitMemory {
  /** Of the filters that count in its rows, in the order of `walk`. */
  readonly filters: readonly SharedArrayBuffer[];
  /** All there are. */
  readonly faults: ReadonlyMap<string, SharedArrayBuffer>;
}

interface Counting {
  readonly kind: 'local-rate-limit' | 'connection-limit';
  readonly descriptors?: { readonly limits?: readonly unknown[] };
}

interface Found {
  readonly filters: Counting[];
  /** Of connection managers with a fault filter. */
  readonly prefixes: Set<string>;
}

interface RowMemory {
  /** By the filter's whole configuration; several may be equal. */
  readonly filters: ReadonlyMap<string, readonly Counted[]>;
  readonly prefixes: ReadonlySet<string>;
}

interface Counted {
  readonly kind: Counting['kind'];
  readonly buffer: SharedArrayBuffer;
}

const TABLES = ['listeners', 'routes'] as const;

/** Of the thread that coordinates. A filter of a row keeps its buckets while its configuration stays the same, whatever else changes in the row. */
export class LimitLedgers {
  readonly #engines: number;
  readonly #rows = { listeners: new Map<string, RowMemory>(), routes: new Map<string, RowMemory>() };
  readonly #faults = new Map<string, SharedArrayBuffer>();

  constructor(engines: number) {
    this.#engines = engines;
  }

  of(handed: Handover): LimitMemory {
    const filters: SharedArrayBuffer[] = [];
    for (const table of TABLES) {
      const known = this.#rows[table];
      const { names, rows } = handed[table];
      for (const [name, row] of rows) {
        const found = walk(row);
        const had = known.get(name)?.filters;
        const has = new Map<string, Counted[]>();
        for (const filter of found.filters) {
          const key = JSON.stringify(filter);
          const equal = has.get(key) ?? [];
          const counted = had?.get(key)?.[equal.length] ?? this.#counted(filter);
          has.set(key, [...equal, counted]);
          filters.push(counted.buffer);
        }
        if (has.size + found.prefixes.size > 0) known.set(name, { filters: has, prefixes: found.prefixes });
        else known.delete(name);
      }
      if (names !== undefined) {
        const there = new Set(names);
        for (const name of known.keys()) if (!there.has(name)) known.delete(name);
      }
    }
    const prefixes = new Set([...this.#rows.listeners.values()].flatMap((row) => [...row.prefixes]));
    for (const prefix of this.#faults.keys()) if (!prefixes.has(prefix)) this.#faults.delete(prefix);
    for (const prefix of prefixes)
      if (!this.#faults.has(prefix)) this.#faults.set(prefix, Ledger.allocate(1, this.#engines));
    return { filters, faults: this.#faults };
  }

  /** Gives back what a dead engine held. */
  settle(engine: number): void {
    for (const buffer of this.#faults.values()) new Ledger(buffer, 1, 0).settle(engine);
    for (const table of TABLES)
      for (const { filters } of this.#rows[table].values())
        for (const { kind, buffer } of [...filters.values()].flat())
          if (kind === 'connection-limit') new Ledger(buffer, 1, 0).settle(engine);
  }

  #counted(filter: Counting): Counted {
    const { kind } = filter;
    const buffer = kind === 'connection-limit' ? Ledger.allocate(1, this.#engines) : allocateBuckets(bucketsIn(filter));
    return { kind, buffer };
  }
}

/** Of a worker. */
export class FollowedLimits implements SharedLimits {
  readonly #engine: number;
  readonly #shift: number;
  readonly #buckets = new WeakMap<object, SharedBuckets>();
  readonly #connections = new WeakMap<object, Ledger>();
  #faults: LimitMemory['faults'] = new Map();

  /** `epoch`: as WorkerStart has it. */
  constructor(engine: number, epoch: bigint) {
    this.#engine = engine;
    this.#shift = shiftFrom(epoch);
  }

  /** Before the engine sees the rows. */
  take(handed: Handover, { filters: buffers, faults }: LimitMemory): void {
    this.#faults = faults;
    const filters = TABLES.flatMap((table) => handed[table].rows.flatMap(([, row]) => walk(row).filters));
    for (const [index, filter] of filters.entries()) {
      const buffer = buffers[index];
      if (buffer === undefined) continue;
      if (filter.kind === 'connection-limit') this.#connections.set(filter, new Ledger(buffer, 1, this.#engine));
      else this.#buckets.set(filter, { cells: new BigInt64Array(buffer), shift: this.#shift });
    }
  }

  buckets(row: object): SharedBuckets | undefined {
    return this.#buckets.get(row);
  }

  connections(row: object): Ledger | undefined {
    return this.#connections.get(row);
  }

  faults(statPrefix: string): Ledger | undefined {
    const buffer = this.#faults.get(statPrefix);
    return buffer === undefined ? undefined : new Ledger(buffer, 1, this.#engine);
  }
}

const READINGS = 8;

/**
 * ms between this thread's monotonic clock and `epoch`. A thread may be put aside between the two readings; of eight, the one counts whose second
 * clock was read within the shortest time.
 */
function shiftFrom(epoch: bigint): number {
  let [shift, shortest] = [0, Number.POSITIVE_INFINITY];
  for (let reading = 0; reading < READINGS; reading += 1) {
    const before = performance.now();
    const shared = Number(process.hrtime.bigint() - epoch) / 1e6;
    const after = performance.now();
    if (after - before >= shortest) continue;
    shortest = after - before;
    shift = shared - (before + after) / 2;
  }
  return shift;
}

/** The common bucket and one for each descriptor. */
const bucketsIn = ({ descriptors }: Counting): number => 1 + (descriptors?.limits?.length ?? 0);

function walk(row: object): Found {
  const found: Found = { filters: [], prefixes: new Set() };
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
    seen.add(value);
    if ('kind' in value && (value.kind === 'local-rate-limit' || value.kind === 'connection-limit')) {
      found.filters.push(value as Counting);
      return;
    }
    if ('httpFilters' in value && 'statPrefix' in value && Array.isArray(value.httpFilters))
      if (value.httpFilters.some(({ kind }: { kind?: unknown }) => kind === 'fault'))
        found.prefixes.add(String(value.statPrefix));
    for (const each of Object.values(value)) visit(each);
  };
  visit(row);
  return found;
}
