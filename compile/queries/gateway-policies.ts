/**
 * What policies about a Gateway ask of whoever enters it. Listeners that share a connection manager and agree have their filters in its
 * chain, where they hold also for what no route takes. Where they differ, each listener has filters of its own, switched on by its virtual
 * hosts: the bucket of a limit is then still one for the whole listener.
 */
import {
  askedPort,
  byName,
  type GatewayListenerRow,
  limiterOf,
  providersOf,
  type ProcessorRow,
  type RateLimitRow,
  type ViewReader,
} from '@weft/core/mesh-view';
import type {
  AccessLog,
  FaultFilter,
  FilterChain,
  FilterOverride,
  HttpFilter,
  VirtualHost,
} from '@weft/core/proxy-config';
import { AUDIT_LOG, edgeConnections, edgeRequests } from '../behaviours/access/index.ts';
import { tokenFilters } from '../behaviours/authentication/index.ts';
import { askingFilter } from '../behaviours/ask/index.ts';
import { NO_FAULT } from '../behaviours/fault/index.ts';
import { ALWAYS } from '../behaviours/rate-limit/answer.ts';
import { descriptorsOf, EDGE_STAGE } from '../behaviours/rate-limit/global.ts';
import { limitedConnections, limitFilters } from '../behaviours/rate-limit/index.ts';
import { askFilter, EDGE_FILTERS, globalLimitFilter } from '../names.ts';

/** In the order in which a request meets them: who asks, whether it may, how often, who processes it. */
function ofListener(reader: ViewReader, { key, port }: GatewayListenerRow): readonly HttpFilter[] {
  const tokens = reader.read('edgeTokens', key);
  const limit = reader.read('edgeLimit', key);
  const access = reader.read('edgeAccess', key) ?? [];
  const processor = reader.read('edgeProcessor', key);
  const filters = [
    ...(tokens === undefined ? [] : tokenFilters(tokens)),
    ...edgeRequests(access, port, providersOf(reader, access)),
    ...(limit === undefined ? [] : edgeLimits(reader, limit)),
    ...(processor === undefined ? [] : edgeProcessing(reader, processor)),
  ];
  return filters.map((filter) => ({ ...filter, name: `${EDGE_FILTERS}${filter.name}` }));
}

/** What the limiter counts at an edge is said by virtual hosts, in a stage of its own. Without a limiter nothing passes where the policy says so. */
function edgeLimits(reader: ViewReader, row: RateLimitRow): readonly HttpFilter[] {
  const limiter = limiterOf(reader, row);
  if (row.global?.denies === true && row.enforced && limiter === undefined)
    return [{ ...NO_FAULT, name: globalLimitFilter(row.key), disabled: false, abort: NO_LIMITER }];
  return limitFilters(row, limiter).map((filter) =>
    filter.kind === 'rate-limit' ? { ...filter, stage: EDGE_STAGE } : filter,
  );
}

/** Where the service is not there nothing passes, unless the Extension says otherwise. */
function edgeProcessing(reader: ViewReader, row: ProcessorRow): readonly HttpFilter[] {
  const port = askedPort(reader, row);
  if (port !== undefined) return [{ ...askingFilter(row.key, row, port), disabled: false }];
  return row.denies ? [{ ...NO_FAULT, name: askFilter(row.key), disabled: false, abort: NOBODY_TO_ASK }] : [];
}

const NOBODY_TO_ASK: FaultFilter['abort'] = {
  status: { kind: 'http', code: 500 },
  fraction: ALWAYS,
  body: 'whoever processes requests is not there\n',
};

const NO_LIMITER: FaultFilter['abort'] = {
  status: { kind: 'http', code: 500 },
  fraction: ALWAYS,
  body: 'there is no limiter\n',
};

/** Where policies write down requests that enter. */
export const edgeLogs = (reader: ViewReader, listeners: readonly GatewayListenerRow[]): readonly AccessLog[] =>
  listeners.some(({ key }) => reader.read('edgeAccess', key)?.some(({ action }) => action === 'AUDIT'))
    ? [AUDIT_LOG]
    : [];

/** What a virtual host of `listener` says of what is counted where its requests enter. */
export function edgeHost(
  reader: ViewReader,
  listener: GatewayListenerRow,
  group: readonly GatewayListenerRow[],
): Partial<VirtualHost> {
  const overrides = edgeOverrides(reader, listener, group);
  const limit = reader.read('edgeLimit', listener.key);
  if (limit?.global === undefined || limiterOf(reader, limit) === undefined) return { filterOverrides: overrides };
  const own = `${EDGE_FILTERS}${globalLimitFilter(limit.key)}`;
  const filter = agree(reader, group) ? own : `${own}/${listener.key.slice(listener.key.lastIndexOf('/') + 1)}`;
  const counts: FilterOverride = {
    filter,
    disabled: false,
    config: { kind: 'rate-limit', hostLimits: 'include', domain: '' },
  };
  return {
    filterOverrides: [...overrides.filter((override) => override.filter !== filter), counts].sort((a, b) =>
      byName(a.filter, b.filter),
    ),
    rateLimits: descriptorsOf(limit, limit.global, EDGE_STAGE),
  };
}

/** The same rows are said of all of them. Of local limits each listener has a bucket of its own, whatever the others have. */
function agree(reader: ViewReader, listeners: readonly GatewayListenerRow[]): boolean {
  if (listeners.length > 1 && listeners.some(({ key }) => reader.read('edgeLimit', key)?.local !== undefined))
    return false;
  const [first, ...others] = listeners.map(({ key }) => [
    reader.read('edgeTokens', key)?.source,
    reader.read('edgeLimit', key)?.source,
    reader.read('edgeProcessor', key)?.source,
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
const edgeOverrides = (
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
