/**
 * A configuration on its way to another thread: only rows that are not those of the configuration before. Rows keep their identity when they did not
 * change, on both sides, so that the engine there finds what is new without comparing. Pure.
 */
import type { ProxyConfig } from '@weft/core/proxy-config';

type Table = keyof ProxyConfig;
type Row = ProxyConfig[Table] extends ReadonlyMap<string, infer Each> ? Each : never;

interface TableHandover {
  /** All names, in order; undefined: as before. */
  readonly names: readonly string[] | undefined;
  readonly rows: readonly (readonly [name: string, row: Row])[];
}

export type Handover = Readonly<Record<Table, TableHandover>>;

export const handover = (from: ProxyConfig, to: ProxyConfig): Handover => ({
  listeners: tableHandover(from.listeners, to.listeners),
  routes: tableHandover(from.routes, to.routes),
  clusters: tableHandover(from.clusters, to.clusters),
  endpoints: tableHandover(from.endpoints, to.endpoints),
  scopes: tableHandover(from.scopes, to.scopes),
  trustBundles: tableHandover(from.trustBundles, to.trustBundles),
});

/** What `handover(from, to)` makes of `from`: equal to `to`, with the rows of `from` that stayed. */
export const received = (from: ProxyConfig, handed: Handover): ProxyConfig => ({
  listeners: receivedTable(from.listeners, handed.listeners),
  routes: receivedTable(from.routes, handed.routes),
  clusters: receivedTable(from.clusters, handed.clusters),
  endpoints: receivedTable(from.endpoints, handed.endpoints),
  scopes: receivedTable(from.scopes, handed.scopes),
  trustBundles: receivedTable(from.trustBundles, handed.trustBundles),
});

function tableHandover<Each extends Row>(
  from: ReadonlyMap<string, Each>,
  to: ReadonlyMap<string, Each>,
): TableHandover {
  const before = [...from.keys()];
  const names = [...to.keys()];
  const asBefore = names.length === before.length && names.every((name, index) => name === before[index]);
  return { names: asBefore ? undefined : names, rows: [...to].filter(([name, row]) => from.get(name) !== row) };
}

function receivedTable<Each extends Row>(from: ReadonlyMap<string, Each>, handed: TableHandover): Map<string, Each> {
  const rows = new Map(handed.rows as readonly (readonly [string, Each])[]);
  const table = new Map<string, Each>();
  for (const name of handed.names ?? from.keys()) {
    const row = rows.get(name) ?? from.get(name);
    if (row !== undefined) table.set(name, row);
  }
  return table;
}
