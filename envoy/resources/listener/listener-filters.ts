/** Listener filters (envoy.config.listener.v3.ListenerFilter) of a TCP listener. */
import type { ListenerFilter, ProxyProtocolVersion } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { some, unless } from '../base/encoding.ts';
import { MAX_CLIENT_HELLO } from './standards.ts';

type Wire = Messages['envoy.config.listener.v3.ListenerFilter'];

const TLS_INSPECTOR = 'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector';
const HTTP_INSPECTOR = 'envoy.extensions.filters.listener.http_inspector.v3.HttpInspector';
const ORIGINAL_DST = 'envoy.extensions.filters.listener.original_dst.v3.OriginalDst';
const PROXY_PROTOCOL = 'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol';

const VERSIONS = { V1: 'v1', V2: 'v2' } as const;
export const VERSION_NAMES = { v1: 'V1', v2: 'V2' } as const;

export const versionOf = (name: keyof typeof VERSIONS): ProxyProtocolVersion => VERSIONS[name];

export function decodeListenerFilter(cursor: Cursor<Wire>): ListenerFilter | undefined {
  cursor.take('name');
  return readingAny<ListenerFilter>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [TLS_INSPECTOR]: (inspector) => {
      inspector.only('enable_ja3_fingerprinting', false);
      inspector.only('enable_ja4_fingerprinting', false);
      inspector.only('close_connection_on_client_hello_parsing_errors', true);
      // How much Envoy reads at first; nothing that can be seen.
      inspector.take('initial_read_buffer_size');
      return {
        kind: 'tls-inspector',
        maxClientHelloBytes: inspector.take('max_client_hello_size') ?? MAX_CLIENT_HELLO,
      };
    },
    [HTTP_INSPECTOR]: () => ({ kind: 'http-inspector' }),
    [ORIGINAL_DST]: () => ({ kind: 'original-dst' }),
    [PROXY_PROTOCOL]: (filter) => {
      filter.only('tlv_location', 'DYNAMIC_METADATA');
      return {
        kind: 'proxy-protocol',
        allowWithout: filter.take('allow_requests_without_proxy_protocol') ?? false,
        disallowedVersions: (filter.take('disallowed_versions') ?? []).map((name) =>
          versionOf(name as keyof typeof VERSIONS),
        ),
        statPrefix: filter.take('stat_prefix') ?? '',
      };
    },
  });
}

export function encodeListenerFilter(filter: ListenerFilter): Wire {
  switch (filter.kind) {
    case 'tls-inspector':
      return {
        name: 'envoy.filters.listener.tls_inspector',
        typed_config: pack(TLS_INSPECTOR, {
          max_client_hello_size: unless(filter.maxClientHelloBytes, MAX_CLIENT_HELLO),
        }),
      };
    case 'http-inspector':
      return { name: 'envoy.filters.listener.http_inspector', typed_config: pack(HTTP_INSPECTOR, {}) };
    case 'original-dst':
      return { name: 'envoy.filters.listener.original_dst', typed_config: pack(ORIGINAL_DST, {}) };
    case 'proxy-protocol':
      return {
        name: 'envoy.filters.listener.proxy_protocol',
        typed_config: pack(PROXY_PROTOCOL, {
          allow_requests_without_proxy_protocol: filter.allowWithout ? true : undefined,
          disallowed_versions: some(filter.disallowedVersions.map((version) => VERSION_NAMES[version])),
          stat_prefix: filter.statPrefix || undefined,
        }),
      };
  }
}
