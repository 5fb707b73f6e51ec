/** envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport: a PROXY header before an upstream's transport. */
import type { ProxyProtocolVersion, UpstreamTransport } from '@weft/core/proxy-config';
import { nameOfTypeUrl, pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { VERSION_NAMES, versionOf } from '../listener/listener-filters.ts';
import { decodeUpstream, encodeUpstream, RAW_BUFFER } from './transport.ts';

type TransportSocket = Messages['envoy.config.core.v3.TransportSocket'];

const PROXY_PROTOCOL = 'envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport';

export interface PrefixedTransport {
  readonly proxyProtocol: ProxyProtocolVersion | undefined;
  readonly transport: UpstreamTransport;
}

/** A cluster's transport socket, with or without the header before it. */
export function decodePrefixed(cursor: Cursor<TransportSocket>): PrefixedTransport {
  const config = cursor.take('typed_config');
  if (config === undefined || nameOfTypeUrl(config.type_url) !== PROXY_PROTOCOL) {
    return { proxyProtocol: undefined, transport: decodeUpstream(cursor) };
  }
  cursor.take('name');
  const found = readingAny<PrefixedTransport>(config, cursor.at('typed_config'), cursor.report, {
    [PROXY_PROTOCOL]: (prefix) => {
      prefix.only('allow_unspecified_address', false);
      prefix.only('tlv_as_pool_key', false);
      const version = prefix.within('config', (inner) => inner.take('version')) ?? 'V1';
      const transport = prefix.within('transport_socket', decodeUpstream);
      return {
        proxyProtocol: version === 'V2' ? versionOf('V2') : versionOf('V1'),
        transport: transport ?? { kind: 'plaintext' },
      };
    },
  });
  return found ?? { proxyProtocol: undefined, transport: { kind: 'plaintext' } };
}

export function encodePrefixed({ proxyProtocol, transport }: PrefixedTransport): TransportSocket | undefined {
  const inner = encodeUpstream(transport);
  if (proxyProtocol === undefined) return inner;
  return {
    name: 'envoy.transport_sockets.upstream_proxy_protocol',
    typed_config: pack(PROXY_PROTOCOL, {
      config: proxyProtocol === 'v1' ? {} : { version: VERSION_NAMES[proxyProtocol] },
      transport_socket: inner ?? RAW_BUFFER,
    }),
  };
}
