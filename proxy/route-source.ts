/** Part of the seams of ports.ts: where exchanges have their route tables from, and who brings rows that are missing. */
import type { RuntimeValues } from '@weft/core/proxy-config';
import type { CompiledRoutes } from './ports.ts';

/** Where a connection manager has its route table from; asked once per exchange, so that a swap applies to the next exchange. */
export interface RouteSource {
  /** The table now; undefined: 404 for everything. With `scoped` the newest of any scope. */
  readonly current: CompiledRoutes | undefined;
  /** The scope of a request by its headers, whose table counts; undefined: it has none, 404. Absent: `current` is for all requests. */
  readonly scoped?: (header: (name: string) => string | undefined) => ScopeTable | undefined;
  /** Absent: only `current` is. */
  readonly isLive?: (routes: CompiledRoutes) => boolean;
}

export interface ScopeTable {
  /** Undefined: not there (yet). */
  readonly current: CompiledRoutes | undefined;
  /** The route table that may be asked for on demand; '': none. */
  readonly onDemand: string;
}

/** Replaced as a whole when the runtime changes. */
export interface LiveValues {
  current: RuntimeValues;
}

/** What is fetched when a request first wants it. */
export type WantedRow = { readonly table: 'routes' | 'clusters'; readonly name: string };

/** Rows that are not in the configuration and that somebody can bring. */
export interface RowsOnDemand {
  /** Asks for it; `arrived` is called when it is at work, once, later than this call. Cancel: call what comes back. */
  want(row: WantedRow, arrived: () => void): () => void;
}
