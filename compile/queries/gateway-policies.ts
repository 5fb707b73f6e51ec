/**
 * What policies about a Gateway ask of whoever enters it. Listeners that share a connection manager and agree have their filters in its
 * chain, where they hold also for what no route takes. Where they differ, each listener has filters of its own, switched on by its virtual
 * hosts: the bucket of a limit is then still one for the whole listener.
 */
import type { GatewayListenerRow, ViewReader } from '@weft/core/mesh-view';
import type { FilterChain, FilterOverride, HttpFilter } from '@weft/core/proxy-config';
import { edgeConnections, edgeRequests } from '../behaviours/access/index.ts';
import { tokenFilters } from '../behaviours/authentication/index.ts';
import { limitedConnections, limitFilter } from '../behaviours/rate-limit/index.ts';

/** In the order in which a request meets them: who asks, whether it may, how often. */
function ofListener(reader: ViewReader, { key, port }: GatewayListenerRow): readonly HttpFilter[] {
  const tokens = reader.read('edgeTokens', key);
  const limit = reader.read('edgeLimit', key);
  const filters = [
    ...(tokens === undefined ? [] : tokenFilters(tokens)),
    ...edgeRequests(reader.read('edgeAccess', key) ?? [], port),
    ...(limit === undefined ? [] : [limitFilter(limit)]),
  ];
  return filters.map((filter) => ({ ...filter, name: `edge/${filter.name}` }));
}

/** The same rows are said of all of them. */
function agree(reader: ViewReader, listeners: readonly GatewayListenerRow[]): boolean {
  const [first, ...others] = listeners.map(({ key }) => [
    reader.read('edgeTokens', key)?.source,
    reader.read('edgeLimit', key)?.source,
    ...(reader.read('edgeAccess', key) ?? []).map(({ source }) => source),
  ]);
  return others.every((other) => other.length === first?.length && other.every((source, at) => source === first[at]));
}

const ofOne = ({ key }: GatewayListenerRow, { name, ...filter }: HttpFilter): HttpFilter =>
  ({ ...filter, name: `${name}/${key.slice(key.lastIndexOf('/') + 1)}`, disabled: true }) as HttpFilter;

/** The filters of a connection manager that serves these listeners. */
export function edgeFilters(reader: ViewReader, listeners: readonly GatewayListenerRow[]): readonly HttpFilter[] {
  const [first] = listeners;
  if (first === undefined) return [];
  return agree(reader, listeners)
    ? ofListener(reader, first)
    : listeners.flatMap((listener) => ofListener(reader, listener).map((filter) => ofOne(listener, filter)));
}

/** What a virtual host of `listener` says about them. */
export const edgeOverrides = (
  reader: ViewReader,
  listener: GatewayListenerRow,
  group: readonly GatewayListenerRow[],
): readonly FilterOverride[] =>
  agree(reader, group)
    ? []
    : ofListener(reader, listener)
        .map(
          (filter): FilterOverride => ({
            filter: ofOne(listener, filter).name,
            disabled: false,
            config: undefined,
          }),
        )
        .sort((a, b) => (a.filter < b.filter ? -1 : 1));

/** A chain without requests. */
export function guardedConnections(reader: ViewReader, chain: FilterChain, row: GatewayListenerRow): FilterChain {
  const limit = reader.read('edgeLimit', row.key);
  const guarded = edgeConnections(chain, reader.read('edgeAccess', row.key) ?? [], row.port);
  return limit === undefined ? guarded : limitedConnections(guarded, limit);
}
