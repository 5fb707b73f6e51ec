/** Listener to envoy.config.listener.v3.Listener. */
import type { Listener } from '@weft/core/proxy-config';
import type { ClientProfile } from '../../profile/index.ts';
import { pack, type Messages } from '../../tables/index.ts';
import { encodeAccessLog } from '../access-log/access-log.ts';
import { encodeAddress } from '../base/address.ts';
import { durationUnless } from '../base/duration.ts';
import { Encoding, some, unless, type Encoded } from '../base/encoding.ts';
import { enumName } from '../base/enumeration.ts';
import { encodeKeepalive } from '../base/keepalive.ts';
import { routeMetadata } from '../base/metadata.ts';
import { encodeHttpConnectionManager, encodeManagerForGrpc } from '../http/encode.ts';
import { encodeChain } from './chain.ts';
import { DIRECTIONS, DRAIN_TYPES } from './decode.ts';
import { HCM } from './filters.ts';
import { encodeListenerFilter } from './listener-filters.ts';
import { BUFFER_LIMIT, LISTENER_FILTERS_TIMEOUT } from './standards.ts';
import { encodeUdp } from './udp.ts';

type Wire = Messages['envoy.config.listener.v3.Listener'];

export function encodeListener(listener: Listener, profile: ClientProfile): Encoded<Wire> {
  const encoding = new Encoding(profile, `listeners[${listener.name}]`);
  const message = profile.engine === 'grpc' ? forGrpc(listener, encoding) : listenerMessage(listener, encoding);
  return { message: encoding.check('envoy.config.listener.v3.Listener', message), diagnostics: encoding.diagnostics() };
}

/** gRPC clients ask for a listener by their target's name and read its api_listener only (gRFC A27). */
function forGrpc(listener: Listener, encoding: Encoding): Wire {
  if (listener.apiListener === undefined) {
    encoding.cannotSay('apiListener', 'gRPC clients need an API listener: this one binds an address', 'error');
    return { name: listener.name };
  }
  const manager = encodeManagerForGrpc(listener.apiListener, encoding, 'apiListener');
  return { name: listener.name, api_listener: { api_listener: pack(HCM, manager) } };
}

function listenerMessage(listener: Listener, encoding: Encoding): Wire {
  const { apiListener, udp } = listener;
  const protocol = udp === undefined ? 'TCP' : 'UDP';
  if (apiListener !== undefined && encoding.profile.engine === 'envoy') {
    encoding.cannotSay('apiListener', 'Envoy takes an API listener from its bootstrap only', 'error');
  }
  return {
    name: listener.name,
    ...(listener.address.kind === 'internal'
      ? { internal_listener: {} }
      : { address: apiListener === undefined ? encodeAddress(listener.address, protocol) : undefined }),
    additional_addresses: some(
      listener.additionalAddresses.map((address) => ({
        address: encodeAddress(address, protocol),
      })),
    ),
    filter_chains: some(
      listener.filterChains.map((chain, index) => encodeChain(chain, encoding, `filterChains[${index}]`)),
    ),
    default_filter_chain:
      listener.defaultFilterChain === undefined
        ? undefined
        : encodeChain(listener.defaultFilterChain, encoding, 'defaultFilterChain'),
    per_connection_buffer_limit_bytes: unless(listener.perConnectionBufferLimitBytes, BUFFER_LIMIT),
    metadata: routeMetadata(listener),
    drain_type: enumName(listener.drainType, DRAIN_TYPES),
    stat_prefix: listener.statPrefix,
    ignore_global_conn_limit: listener.ignoresConnectionLimit,
    listener_filters: some(listener.listenerFilters.map(encodeListenerFilter)),
    listener_filters_timeout: durationUnless(listener.listenerFiltersTimeout, LISTENER_FILTERS_TIMEOUT),
    continue_on_listener_filters_timeout: listener.continueOnListenerFiltersTimeout ? true : undefined,
    traffic_direction: enumName(listener.direction, DIRECTIONS),
    api_listener:
      apiListener === undefined
        ? undefined
        : { api_listener: pack(HCM, encodeHttpConnectionManager(apiListener, encoding, 'apiListener')) },
    enable_reuse_port: unless(listener.enableReusePort, true),
    tcp_backlog_size: unless(listener.tcpBacklogSize, 0),
    tcp_keepalive: listener.tcpKeepalive === undefined ? undefined : encodeKeepalive(listener.tcpKeepalive),
    access_log: some(listener.accessLogs.map(encodeAccessLog)),
    ...(udp === undefined ? {} : encodeUdp(udp)),
  };
}
