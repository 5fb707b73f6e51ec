/** Network filters and the terminal filter of a chain (envoy.config.listener.v3.Filter). */
import {
  type NetworkFilter,
  PLAIN_TCP_PROXY,
  type TcpProxy,
  type TcpTunnel,
  type TerminalFilter,
} from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { decodeAccessLog, encodeAccessLog } from '../access-log/access-log.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { some, unless, type Encoding } from '../base/encoding.ts';
import { metadataMatchField, takeMetadataMatch } from '../base/lb-metadata.ts';
import { decodeHttpConnectionManager } from '../http/decode.ts';
import { encodeHttpConnectionManager } from '../http/encode.ts';
import { decodeTokenBucket, encodeTokenBucket } from '../http-filters/local-rate-limit.ts';
import { decodeRbac, encodeRbac } from '../rbac/rbac.ts';
import { decodeHeaderOption, encodeHeaderOption } from '../route/headers.ts';
import { MAX_CONNECT_ATTEMPTS, TCP_IDLE_TIMEOUT } from './standards.ts';

type Wire = Messages['envoy.config.listener.v3.Filter'];
type WireLogOptions = Messages['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TcpAccessLogOptions'];
type WireTunnel = Messages['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig'];
type WireTcp = Messages['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy'];

export const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const TCP_PROXY = 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';
const RBAC = 'envoy.extensions.filters.network.rbac.v3.RBAC';
const SNI_CLUSTER = 'envoy.extensions.filters.network.sni_cluster.v3.SniCluster';
const LOCAL_RATE_LIMIT = 'envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit';
const CONNECTION_LIMIT = 'envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit';

/** A filter in its place in the chain: only the last one ends it. */
export type PlacedFilter =
  | { readonly ends: true; readonly filter: TerminalFilter }
  | { readonly ends: false; readonly filter: NetworkFilter };

export function decodeFilter(cursor: Cursor<Wire>): PlacedFilter | undefined {
  cursor.take('name');
  return readingAny<PlacedFilter>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [HCM]: (manager) => ({
      ends: true,
      filter: { kind: 'http-connection-manager', manager: decodeHttpConnectionManager(manager) },
    }),
    [TCP_PROXY]: (proxy) => ({ ends: true, filter: { kind: 'tcp-proxy', proxy: decodeTcpProxy(proxy) } }),
    [RBAC]: (rbac) => {
      rbac.only('enforcement_type', 'ONE_TIME_ON_FIRST_BYTE');
      return {
        ends: false,
        filter: {
          kind: 'rbac',
          statPrefix: rbac.take('stat_prefix') ?? '',
          rules: rbac.within('rules', (rules) => decodeRbac(rules, false)),
          shadowRules: rbac.within('shadow_rules', (rules) => decodeRbac(rules, false)),
        },
      };
    },
    [SNI_CLUSTER]: () => ({ ends: false, filter: { kind: 'sni-cluster' } }),
    [LOCAL_RATE_LIMIT]: (limit) => {
      limit.only('share_key', '');
      return {
        ends: false,
        filter: {
          kind: 'local-rate-limit',
          statPrefix: limit.take('stat_prefix') ?? '',
          bucket: limit.within('token_bucket', decodeTokenBucket) ?? {
            maxTokens: 0,
            tokensPerFill: 1,
            fillInterval: 50,
          },
          enabled:
            limit.within('runtime_enabled', (enabled) => {
              enabled.take('runtime_key');
              return enabled.take('default_value') ?? false;
            }) ?? true,
        },
      };
    },
    [CONNECTION_LIMIT]: (limit) => {
      if (!limit.has('max_connections')) limit.fault('max_connections', 'missing-field', 'Envoy requires this field');
      return {
        ends: false,
        filter: {
          kind: 'connection-limit',
          statPrefix: limit.take('stat_prefix') ?? '',
          maxConnections: Number(limit.take('max_connections') ?? 0),
          delay: takeDuration(limit, 'delay', 0),
        },
      };
    },
  });
}

function decodeTcpProxy(cursor: Cursor<WireTcp>): TcpProxy {
  return {
    statPrefix: cursor.take('stat_prefix') ?? '',
    destination: decodeDestination(cursor),
    idleTimeout: takeDuration(cursor, 'idle_timeout', TCP_IDLE_TIMEOUT),
    maxConnectionDuration: takeDuration(cursor, 'max_downstream_connection_duration', 0),
    maxConnectAttempts: cursor.take('max_connect_attempts') ?? MAX_CONNECT_ATTEMPTS,
    hashSourceIp: cursor.each('hash_policy', decodeHashPolicy).length > 0,
    maxConnectionDurationJitter:
      cursor.within('max_downstream_connection_duration_jitter_percentage', (percent) => percent.take('value') ?? 0) ??
      0,
    metadataMatch: takeMetadataMatch(cursor.take('metadata_match'), cursor.at('metadata_match'), cursor.report),
    tunnel: cursor.within('tunneling_config', decodeTunnel),
    accessLogs: cursor.each('access_log', decodeAccessLog),
    earlyRecords: cursor.within('access_log_options', decodeEarlyRecords) ?? PLAIN_TCP_PROXY.earlyRecords,
  };
}

const decodeEarlyRecords = (cursor: Cursor<WireLogOptions>): TcpProxy['earlyRecords'] => {
  cursor.only('flush_access_log_on_start', false);
  return {
    interval: takeDuration(cursor, 'access_log_flush_interval', 0),
    connected: cursor.take('flush_access_log_on_connected') ?? false,
  };
};

function decodeTunnel(cursor: Cursor<WireTunnel>): TcpTunnel {
  cursor.only('propagate_response_headers', false);
  cursor.only('propagate_response_trailers', false);
  const usesPost = cursor.take('use_post') ?? false;
  const path = cursor.take('post_path') ?? '';
  if (!usesPost && path !== '') cursor.fault('post_path', 'invalid-value', 'only with use_post');
  if (path !== '' && !path.startsWith('/')) cursor.fault('post_path', 'invalid-value', 'a path begins with /');
  return {
    hostname: cursor.take('hostname') ?? '',
    postPath: usesPost ? path || '/' : undefined,
    headersToAdd: cursor.each('headers_to_add', decodeHeaderOption),
  };
}

const encodeTunnel = ({ hostname, postPath, headersToAdd }: TcpTunnel): WireTunnel => ({
  hostname,
  use_post: postPath === undefined ? undefined : true,
  post_path: postPath === undefined || postPath === '/' ? undefined : postPath,
  headers_to_add: some(headersToAdd.map(encodeHeaderOption)),
});

function decodeHashPolicy(cursor: Cursor<Messages['envoy.type.v3.HashPolicy']>): true {
  const source = cursor.within('source_ip', () => true);
  if (source === undefined) cursor.refuse('unsupported-value', 'only source_ip is supported here');
  return true;
}

function decodeDestination(cursor: Cursor<WireTcp>): TcpProxy['destination'] {
  const clusters = cursor.within('weighted_clusters', (weighted) =>
    weighted.each('clusters', (entry) => ({
      cluster: entry.take('name') ?? '',
      weight: entry.take('weight') ?? 0,
      metadataMatch: takeMetadataMatch(entry.take('metadata_match'), entry.at('metadata_match'), entry.report),
    })),
  );
  if (clusters !== undefined) return { kind: 'weighted', clusters };
  const cluster = cursor.take('cluster') ?? '';
  if (cluster === '' && cursor.has('cluster')) cursor.fault('cluster', 'missing-field', 'must name a cluster');
  return { kind: 'cluster', cluster };
}

export function encodeNetworkFilter(filter: NetworkFilter, encoding: Encoding, path: string): Wire {
  if (filter.kind === 'sni-cluster') {
    return { name: 'envoy.filters.network.sni_cluster', typed_config: pack(SNI_CLUSTER, {}) };
  }
  if (filter.kind === 'local-rate-limit') {
    return {
      name: 'envoy.filters.network.local_ratelimit',
      typed_config: pack(LOCAL_RATE_LIMIT, {
        stat_prefix: filter.statPrefix,
        token_bucket: encodeTokenBucket(filter.bucket),
        runtime_enabled: filter.enabled ? undefined : { default_value: false, runtime_key: 'local_rate_limit' },
      }),
    };
  }
  if (filter.kind === 'connection-limit') {
    return {
      name: 'envoy.filters.network.connection_limit',
      typed_config: pack(CONNECTION_LIMIT, {
        stat_prefix: filter.statPrefix,
        max_connections: filter.maxConnections,
        delay: durationUnless(filter.delay, 0),
      }),
    };
  }
  return {
    name: 'envoy.filters.network.rbac',
    typed_config: pack(RBAC, {
      stat_prefix: filter.statPrefix,
      rules: filter.rules === undefined ? undefined : encodeRbac(filter.rules, encoding, `${path}.rules`),
      shadow_rules:
        filter.shadowRules === undefined ? undefined : encodeRbac(filter.shadowRules, encoding, `${path}.shadowRules`),
    }),
  };
}

export const encodeTerminalFilter = (filter: TerminalFilter, encoding: Encoding, path: string): Wire =>
  filter.kind === 'http-connection-manager'
    ? {
        name: 'envoy.filters.network.http_connection_manager',
        typed_config: pack(HCM, encodeHttpConnectionManager(filter.manager, encoding, `${path}.manager`)),
      }
    : { name: 'envoy.filters.network.tcp_proxy', typed_config: pack(TCP_PROXY, encodeTcpProxy(filter.proxy)) };

const encodeTcpProxy = (proxy: TcpProxy): WireTcp => ({
  stat_prefix: proxy.statPrefix,
  ...(proxy.destination.kind === 'cluster'
    ? { cluster: proxy.destination.cluster }
    : {
        weighted_clusters: {
          clusters: proxy.destination.clusters.map((entry) => ({
            name: entry.cluster,
            weight: entry.weight,
            metadata_match: metadataMatchField(entry.metadataMatch),
          })),
        },
      }),
  idle_timeout: durationUnless(proxy.idleTimeout, TCP_IDLE_TIMEOUT),
  max_downstream_connection_duration: durationUnless(proxy.maxConnectionDuration, 0),
  max_downstream_connection_duration_jitter_percentage:
    proxy.maxConnectionDurationJitter === 0 ? undefined : { value: proxy.maxConnectionDurationJitter },
  metadata_match: metadataMatchField(proxy.metadataMatch),
  tunneling_config: proxy.tunnel === undefined ? undefined : encodeTunnel(proxy.tunnel),
  max_connect_attempts: unless(proxy.maxConnectAttempts, MAX_CONNECT_ATTEMPTS),
  hash_policy: proxy.hashSourceIp ? [{ source_ip: {} }] : undefined,
  access_log: some(proxy.accessLogs.map(encodeAccessLog)),
  access_log_options: encodeEarlyRecords(proxy.earlyRecords),
});

const encodeEarlyRecords = ({ interval, connected }: TcpProxy['earlyRecords']): WireLogOptions | undefined =>
  interval === 0 && !connected
    ? undefined
    : {
        access_log_flush_interval: durationUnless(interval, 0),
        flush_access_log_on_connected: connected ? true : undefined,
      };
