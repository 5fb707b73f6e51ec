/**
 * Where the limits of filters are counted that are the process's: token buckets, found by the rows that configure them, and active faults, by the
 * stat_prefix of their connection manager. Both sides walk the rows of a handover in one order, so that no filter needs a name. It must never put memory
 * into a row.
 */
import { allocateBuckets } from '../filters/local-rate-limit/shared-bucket.ts';
import type { SharedBuckets, SharedLimits } from '../ports.ts';
import { Ledger } from '../upstream/index.ts';
import type { Handover } from './handover.ts';

/** What goes along with a handover. */
export interface LimitMemory {
  /** Of the filters with buckets in its rows, in the order of `walk`. */
  readonly buckets: readonly SharedArrayBuffer[];
  /** All there are. */
  readonly faults: ReadonlyMap<string, SharedArrayBuffer>;
}

interface Found {
  readonly buckets: object[];
  /** Of connection managers with a fault filter. */
  readonly prefixes: Set<string>;
}

interface RowMemory {
  /** By the filter's whole configuration; several may be equal. */
  readonly buckets: ReadonlyMap<string, readonly SharedArrayBuffer[]>;
  readonly prefixes: ReadonlySet<string>;
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
    const buckets: SharedArrayBuffer[] = [];
    for (const table of TABLES) {
      const known = this.#rows[table];
      const { names, rows } = handed[table];
      for (const [name, row] of rows) {
        const found = walk(row);
        const had = known.get(name)?.buckets;
        const has = new Map<string, SharedArrayBuffer[]>();
        for (const filter of found.buckets) {
          const key = JSON.stringify(filter);
          const equal = has.get(key) ?? [];
          const buffer = had?.get(key)?.[equal.length] ?? allocateBuckets(bucketsIn(filter));
          has.set(key, [...equal, buffer]);
          buckets.push(buffer);
        }
        if (has.size + found.prefixes.size > 0) known.set(name, { buckets: has, prefixes: found.prefixes });
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
    return { buckets, faults: this.#faults };
  }

  /** Gives back what a dead engine held. */
  settle(engine: number): void {
    for (const buffer of this.#faults.values()) new Ledger(buffer, 1, 0).settle(engine);
  }
}

/** Of a worker. */
export class FollowedLimits implements SharedLimits {
  readonly #engine: number;
  readonly #shift: number;
  readonly #buckets = new WeakMap<object, SharedBuckets>();
  #faults: LimitMemory['faults'] = new Map();

  /** `epoch`: as WorkerStart has it. */
  constructor(engine: number, epoch: bigint) {
    this.#engine = engine;
    this.#shift = Number(process.hrtime.bigint() - epoch) / 1e6 - performance.now();
  }

  /** Before the engine sees the rows. */
  take(handed: Handover, { buckets, faults }: LimitMemory): void {
    this.#faults = faults;
    const filters = TABLES.flatMap((table) => handed[table].rows.flatMap(([, row]) => walk(row).buckets));
    for (const [index, filter] of filters.entries()) {
      const buffer = buckets[index];
      if (buffer !== undefined) this.#buckets.set(filter, { cells: new BigInt64Array(buffer), shift: this.#shift });
    }
  }

  buckets(row: object): SharedBuckets | undefined {
    return this.#buckets.get(row);
  }

  faults(statPrefix: string): Ledger | undefined {
    const buffer = this.#faults.get(statPrefix);
    return buffer === undefined ? undefined : new Ledger(buffer, 1, this.#engine);
  }
}

/** The common bucket and one for each descriptor. */
const bucketsIn = (filter: { descriptors?: { limits?: readonly unknown[] } }): number =>
  1 + (filter.descriptors?.limits?.length ?? 0);

function walk(row: object): Found {
  const found: Found = { buckets: [], prefixes: new Set() };
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
    seen.add(value);
    if ('kind' in value && value.kind === 'local-rate-limit') {
      found.buckets.push(value);
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
