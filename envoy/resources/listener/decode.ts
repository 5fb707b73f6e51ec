/** envoy.config.listener.v3.Listener to Listener. */
import type { Listener, ListenerFilter, SocketAddress } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { decodeAccessLog } from '../access-log/access-log.ts';
import { decodeAddress, NO_ADDRESS } from '../base/address.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { takeDuration } from '../base/duration.ts';
import { takeEnum, type EnumTable } from '../base/enumeration.ts';
import { takeSource } from '../base/metadata.ts';
import { decodeHttpConnectionManager } from '../http/decode.ts';
import { decodeChain } from './chain.ts';
import { HCM } from './filters.ts';
import { BUFFER_LIMIT, LISTENER_FILTERS_TIMEOUT } from './standards.ts';

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
  const address = cursor.within('address', (inner) => decodeAddress(inner, false));
  if (address === undefined && apiListener === undefined)
    cursor.fault('address', 'missing-field', 'a listener needs an address');
  const filterChains = cursor.each('filter_chains', decodeChain);
  const defaultFilterChain = cursor.within('default_filter_chain', decodeChain);
  if (filterChains.length === 0 && defaultFilterChain === undefined && apiListener === undefined) {
    cursor.fault('filter_chains', 'missing-field', 'a listener needs a filter chain');
  }
  refuseEqualMatches(
    cursor,
    filterChains.map((chain) => JSON.stringify(chain.match)),
  );
  return {
    name: cursor.take('name') || nameOf(address ?? NO_ADDRESS),
    address: address ?? NO_ADDRESS,
    additionalAddresses: cursor.each('additional_addresses', (entry) => {
      const further = entry.within('address', (inner) => decodeAddress(inner, false));
      if (further === undefined) entry.fault('address', 'missing-field', 'an entry needs its address');
      return further ?? NO_ADDRESS;
    }),
    direction: takeEnum(cursor, 'traffic_direction', DIRECTIONS),
    listenerFilters: cursor.each('listener_filters', decodeListenerFilter).filter((filter) => filter !== undefined),
    listenerFiltersTimeout: takeDuration(cursor, 'listener_filters_timeout', LISTENER_FILTERS_TIMEOUT),
    continueOnListenerFiltersTimeout: cursor.take('continue_on_listener_filters_timeout') ?? false,
    filterChains,
    defaultFilterChain,
    perConnectionBufferLimitBytes: cursor.take('per_connection_buffer_limit_bytes') ?? BUFFER_LIMIT,
    drainType: takeEnum(cursor, 'drain_type', DRAIN_TYPES),
    enableReusePort: cursor.take('enable_reuse_port') ?? true,
    accessLogs: cursor.each('access_log', decodeAccessLog),
    apiListener,
    source: takeSource(cursor),
  };
}

/** A listener without a name is known by its address, as in Envoy's statistics. */
const nameOf = (address: SocketAddress): string =>
  address.kind === 'pipe' ? address.path : `${address.kind === 'ip' ? address.ip : address.name}_${address.port}`;

function refuseEqualMatches(cursor: Cursor<Wire>, matches: readonly string[]): void {
  matches.forEach((match, index) => {
    const first = matches.indexOf(match);
    if (first === index) return;
    const path = cursor.at('filter_chains').index(index).field('filter_chain_match');
    cursor.report.fault(path, 'duplicate-name', `the same match as filter_chains[${first}]`);
  });
}

const TLS_INSPECTOR = 'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector';
const HTTP_INSPECTOR = 'envoy.extensions.filters.listener.http_inspector.v3.HttpInspector';
const ORIGINAL_DST = 'envoy.extensions.filters.listener.original_dst.v3.OriginalDst';
const PROXY_PROTOCOL = 'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol';

/** Kind, canonical name and type of each listener filter. */
export const LISTENER_FILTERS = [
  ['tls-inspector', 'envoy.filters.listener.tls_inspector', TLS_INSPECTOR],
  ['http-inspector', 'envoy.filters.listener.http_inspector', HTTP_INSPECTOR],
  ['original-dst', 'envoy.filters.listener.original_dst', ORIGINAL_DST],
  ['proxy-protocol', 'envoy.filters.listener.proxy_protocol', PROXY_PROTOCOL],
] as const;

function decodeListenerFilter(
  cursor: Cursor<Messages['envoy.config.listener.v3.ListenerFilter']>,
): ListenerFilter | undefined {
  cursor.take('name');
  return readingAny<ListenerFilter>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [TLS_INSPECTOR]: () => ({ kind: 'tls-inspector' }),
    [HTTP_INSPECTOR]: () => ({ kind: 'http-inspector' }),
    [ORIGINAL_DST]: () => ({ kind: 'original-dst' }),
    [PROXY_PROTOCOL]: () => ({ kind: 'proxy-protocol' }),
  });
}
