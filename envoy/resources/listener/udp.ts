/** A UDP listener: udp_listener_config and its one listener filter, envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig. */
import type { UdpProxy } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { decodeAccessLog, encodeAccessLog } from '../access-log/access-log.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { filled, some, unless } from '../base/encoding.ts';
import { MAX_DATAGRAM, UDP_IDLE_TIMEOUT } from './standards.ts';

type Listener = Messages['envoy.config.listener.v3.Listener'];
type Wire = Messages['envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig'];
type Matcher = Messages['xds.type.matcher.v3.Matcher'];

const UDP_PROXY = 'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig';
const ROUTE = 'envoy.extensions.filters.udp.udp_proxy.v3.Route';

/** Whether the listener is meant to be a UDP one. */
export function isUdp(cursor: Cursor<Listener>): boolean {
  const address = cursor.take('address');
  return (
    address?.socket_address?.protocol === 'UDP' || (address?.pipe !== undefined && cursor.has('udp_listener_config'))
  );
}

export function decodeUdp(cursor: Cursor<Listener>): UdpProxy {
  if (cursor.has('filter_chains') || cursor.has('default_filter_chain')) {
    cursor.fault('filter_chains', 'unsupported-field', 'a UDP listener is served by its udp_proxy filter alone');
  }
  const maxDatagramBytes = cursor.within('udp_listener_config', (config) => {
    config.only('udp_packet_packet_writer_config', {});
    return config.within('downstream_socket_config', decodeSocket);
  });
  const filters = cursor.each('listener_filters', (filter) => {
    filter.take('name');
    return readingAny(filter.take('typed_config'), filter.at('typed_config'), filter.report, {
      [UDP_PROXY]: decodeProxy,
    });
  });
  if (filters.length !== 1) {
    cursor.fault('listener_filters', 'invalid-value', 'a UDP listener needs exactly one udp_proxy filter');
  }
  return { ...(filters[0] ?? NO_PROXY), maxDatagramBytes: maxDatagramBytes ?? MAX_DATAGRAM };
}

const NO_PROXY: UdpProxy = {
  statPrefix: '',
  cluster: '',
  idleTimeout: UDP_IDLE_TIMEOUT,
  hashPolicy: { kind: 'none' },
  perPacketLoadBalancing: false,
  maxDatagramBytes: MAX_DATAGRAM,
  maxUpstreamDatagramBytes: MAX_DATAGRAM,
  accessLogs: [],
};

function decodeSocket(cursor: Cursor<Messages['envoy.config.core.v3.UdpSocketConfig']>): number {
  // An offload of the kernel; nothing that a peer can see.
  cursor.take('prefer_gro');
  return Number(cursor.take('max_rx_datagram_size') ?? MAX_DATAGRAM);
}

function decodeProxy(cursor: Cursor<Wire>): UdpProxy {
  cursor.only('use_original_src_ip', false);
  const policy = cursor.each('hash_policies', (entry): UdpProxy['hashPolicy'] => {
    const key = entry.take('key');
    return entry.take('source_ip') === true || key === undefined ? { kind: 'source-ip' } : { kind: 'key', key };
  });
  if (policy.length > 1) cursor.fault('hash_policies', 'unsupported-value', 'only one is supported, as in Envoy');
  const cluster = cursor.take('cluster') ?? cursor.within('matcher', decodeMatcher);
  if (cluster === undefined) cursor.fault('matcher', 'missing-field', 'a UDP proxy needs its cluster');
  return {
    ...NO_PROXY,
    statPrefix: cursor.take('stat_prefix') ?? '',
    cluster: cluster ?? '',
    idleTimeout: takeDuration(cursor, 'idle_timeout', UDP_IDLE_TIMEOUT),
    hashPolicy: policy[0] ?? { kind: 'none' },
    perPacketLoadBalancing: cursor.take('use_per_packet_load_balancing') ?? false,
    maxUpstreamDatagramBytes: cursor.within('upstream_socket_config', decodeSocket) ?? MAX_DATAGRAM,
    accessLogs: cursor.each('access_log', decodeAccessLog),
  };
}

/** Only the form that sends everything to one cluster: `on_no_match` with a Route. Lists and trees are refused by their names. */
function decodeMatcher(cursor: Cursor<Matcher>): string {
  const cluster = cursor.within('on_no_match', (otherwise) =>
    otherwise.within('action', (action) => {
      action.take('name');
      return readingAny(action.take('typed_config'), action.at('typed_config'), action.report, {
        [ROUTE]: (route) => route.take('cluster') ?? '',
      });
    }),
  );
  if (cluster === undefined) cursor.fault('on_no_match', 'missing-field', 'needs an action with a Route');
  return cluster ?? '';
}

/** The fields of a UDP listener beside its address. */
export const encodeUdp = (proxy: UdpProxy): Partial<Listener> => ({
  udp_listener_config: { downstream_socket_config: encodeSocket(proxy.maxDatagramBytes) },
  listener_filters: [
    {
      name: 'envoy.filters.udp_listener.udp_proxy',
      typed_config: pack(UDP_PROXY, {
        stat_prefix: proxy.statPrefix,
        matcher: {
          on_no_match: { action: { name: 'route', typed_config: pack(ROUTE, { cluster: proxy.cluster }) } },
        },
        idle_timeout: durationUnless(proxy.idleTimeout, UDP_IDLE_TIMEOUT),
        hash_policies:
          proxy.hashPolicy.kind === 'none'
            ? undefined
            : [proxy.hashPolicy.kind === 'key' ? { key: proxy.hashPolicy.key } : { source_ip: true }],
        upstream_socket_config: encodeSocket(proxy.maxUpstreamDatagramBytes),
        use_per_packet_load_balancing: proxy.perPacketLoadBalancing ? true : undefined,
        access_log: some(proxy.accessLogs.map(encodeAccessLog)),
      }),
    },
  ],
});

const encodeSocket = (bytes: number): Messages['envoy.config.core.v3.UdpSocketConfig'] | undefined =>
  filled({ max_rx_datagram_size: unless(bytes, MAX_DATAGRAM) });
