/** envoy.config.listener.v3.Listener to Listener. */
import type { Listener, SocketAddress } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { decodeAccessLog } from '../access-log/access-log.ts';
import { decodeAddress, NO_ADDRESS } from '../base/address.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { takeDuration } from '../base/duration.ts';
import { takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeKeepalive } from '../base/keepalive.ts';
import { takeOwnMetadata } from '../base/metadata.ts';
import { decodeHttpConnectionManager } from '../http/decode.ts';
import { decodeChain } from './chain.ts';
import { HCM } from './filters.ts';
import { decodeListenerFilter } from './listener-filters.ts';
import { BUFFER_LIMIT, LISTENER_FILTERS_TIMEOUT } from './standards.ts';
import { decodeUdp, isUdp } from './udp.ts';

type Wire = Messages['envoy.config.listener.v3.Listener'];

export const DIRECTIONS: EnumTable<Listener['direction'], 'UNSPECIFIED' | 'INBOUND' | 'OUTBOUND'> = [
  ['unspecified', 'UNSPECIFIED'],
  ['inbound', 'INBOUND'],
  ['outbound', 'OUTBOUND'],
];

export const DRAIN_TYPES: EnumTable<Listener['drainType'], 'DEFAULT' | 'MODIFY_ONLY'> = [
  ['default', 'DEFAULT'],
  ['modify-only', 'MODIFY_ONLY'],
];

export function decodeListener(cursor: Cursor<Wire>): Listener {
  for (const field of ['use_original_dst', 'transparent', 'freebind', 'enable_mptcp'] as const)
    cursor.only(field, false);
  cursor.only('bind_to_port', true);
  const apiListener = cursor.within('api_listener', (api) =>
    readingAny(api.take('api_listener'), api.at('api_listener'), api.report, { [HCM]: decodeHttpConnectionManager }),
  );
  const protocol = isUdp(cursor) ? 'UDP' : 'TCP';
  const stated = cursor.within('address', (inner) => decodeAddress(inner, false, protocol));
  const internal = cursor.within('internal_listener', () => true) ?? false;
  if (stated?.kind === 'internal')
    cursor.fault('address', 'unsupported-value', 'say internal_listener: {}, the name of the listener is its address');
  if (internal) checkInternal(cursor);
  const address: SocketAddress | undefined = internal
    ? { kind: 'internal', listener: cursor.take('name') ?? '', endpointId: '' }
    : stated;
  if (address === undefined && apiListener === undefined)
    cursor.fault('address', 'missing-field', 'a listener needs an address');
  const udp = protocol === 'UDP' ? decodeUdp(cursor) : undefined;
  const filterChains = cursor.each('filter_chains', decodeChain);
  const defaultFilterChain = cursor.within('default_filter_chain', decodeChain);
  if (filterChains.length === 0 && defaultFilterChain === undefined && (apiListener ?? udp) === undefined) {
    cursor.fault('filter_chains', 'missing-field', 'a listener needs a filter chain');
  }
  refuseEqualMatches(
    cursor,
    filterChains.map((chain) => JSON.stringify(chain.match)),
  );
  const statPrefix = cursor.take('stat_prefix') ?? '';
  return {
    ...(statPrefix === '' ? {} : { statPrefix }),
    ...(cursor.take('ignore_global_conn_limit') === true ? { ignoresConnectionLimit: true } : {}),
    name: cursor.take('name') || nameOf(address ?? NO_ADDRESS),
    address: address ?? NO_ADDRESS,
    additionalAddresses: cursor.each('additional_addresses', (entry) => {
      const further = entry.within('address', (inner) => decodeAddress(inner, false, protocol));
      if (further === undefined) entry.fault('address', 'missing-field', 'an entry needs its address');
      return further ?? NO_ADDRESS;
    }),
    direction: takeEnum(cursor, 'traffic_direction', DIRECTIONS),
    listenerFilters:
      udp === undefined
        ? cursor.each('listener_filters', decodeListenerFilter).filter((filter) => filter !== undefined)
        : [],
    listenerFiltersTimeout: takeDuration(cursor, 'listener_filters_timeout', LISTENER_FILTERS_TIMEOUT),
    continueOnListenerFiltersTimeout: cursor.take('continue_on_listener_filters_timeout') ?? false,
    filterChains,
    defaultFilterChain,
    perConnectionBufferLimitBytes: cursor.take('per_connection_buffer_limit_bytes') ?? BUFFER_LIMIT,
    drainType: takeEnum(cursor, 'drain_type', DRAIN_TYPES),
    enableReusePort: cursor.take('enable_reuse_port') ?? true,
    tcpBacklogSize: cursor.take('tcp_backlog_size') ?? 0,
    tcpKeepalive: cursor.within('tcp_keepalive', decodeKeepalive),
    accessLogs: cursor.each('access_log', decodeAccessLog),
    apiListener,
    udp,
    ...takeOwnMetadata(cursor),
  };
}

/** It is known by its name alone. */
function checkInternal(cursor: Cursor<Wire>): void {
  if ((cursor.take('name') ?? '') === '') cursor.fault('name', 'missing-field', 'an internal listener needs its name');
  for (const field of ['address', 'additional_addresses', 'udp_listener_config', 'api_listener'] as const)
    if (cursor.has(field)) cursor.fault(field, 'oneof-conflict', 'stands beside internal_listener');
}

/** A listener without a name is known by its address, as in Envoy's statistics. */
function nameOf(address: SocketAddress): string {
  switch (address.kind) {
    case 'pipe':
      return address.path;
    case 'internal':
      return address.listener;
    case 'ip':
      return `${address.ip}_${address.port}`;
    case 'name':
      return `${address.name}_${address.port}`;
  }
}

function refuseEqualMatches(cursor: Cursor<Wire>, matches: readonly string[]): void {
  matches.forEach((match, index) => {
    const first = matches.indexOf(match);
    if (first === index) return;
    const path = cursor.at('filter_chains').index(index).field('filter_chain_match');
    cursor.report.fault(path, 'duplicate-name', `the same match as filter_chains[${first}]`);
  });
}
