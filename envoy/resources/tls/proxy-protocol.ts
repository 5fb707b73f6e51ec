/**
 * envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport: a PROXY header before an upstream's transport;
 * internal_upstream.v3.InternalUpstreamTransport: metadata that goes along to a listener of the same process.
 */
import type { PassedMetadata, ProxyProtocolVersion, UpstreamTransport } from '@weft/core/proxy-config';
import { nameOfTypeUrl, pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { VERSION_NAMES, versionOf } from '../listener/listener-filters.ts';
import { decodeUpstream, encodeUpstream, RAW_BUFFER } from './transport.ts';

type TransportSocket = Messages['envoy.config.core.v3.TransportSocket'];

const PROXY_PROTOCOL = 'envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport';
const INTERNAL = 'envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport';

export interface PrefixedTransport {
  readonly proxyProtocol: ProxyProtocolVersion | undefined;
  readonly passthroughMetadata: readonly PassedMetadata[];
  readonly transport: UpstreamTransport;
}

const PLAIN: PrefixedTransport = {
  proxyProtocol: undefined,
  passthroughMetadata: [],
  transport: { kind: 'plaintext' },
};

/** A cluster's transport socket, with or without what goes before it. */
export function decodePrefixed(cursor: Cursor<TransportSocket>): PrefixedTransport {
  const config = cursor.take('typed_config');
  const type = config === undefined ? '' : nameOfTypeUrl(config.type_url);
  if (type !== PROXY_PROTOCOL && type !== INTERNAL) return { ...PLAIN, transport: decodeUpstream(cursor) };
  cursor.take('name');
  const found = readingAny<PrefixedTransport>(config, cursor.at('typed_config'), cursor.report, {
    [PROXY_PROTOCOL]: (prefix) => {
      prefix.only('allow_unspecified_address', false);
      prefix.only('tlv_as_pool_key', false);
      const version = prefix.within('config', (inner) => inner.take('version')) ?? 'V1';
      const transport = prefix.within('transport_socket', decodeUpstream);
      return {
        ...PLAIN,
        proxyProtocol: version === 'V2' ? versionOf('V2') : versionOf('V1'),
        transport: transport ?? PLAIN.transport,
      };
    },
    [INTERNAL]: (internal) => ({
      ...PLAIN,
      passthroughMetadata: internal.each('passthrough_metadata', decodePassed),
      transport: internal.within('transport_socket', decodeUpstream) ?? PLAIN.transport,
    }),
  });
  return found ?? PLAIN;
}

type WirePassed =
  Messages['envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport.MetadataValueSource'];

function decodePassed(cursor: Cursor<WirePassed>): PassedMetadata {
  const namespace = cursor.take('name') ?? '';
  const of = cursor.within('kind', (kind): PassedMetadata['of'] | undefined => {
    if (kind.within('cluster', () => true) === true) return 'cluster';
    if (kind.within('host', () => true) === true) return 'endpoint';
    return undefined;
  });
  if (of === undefined)
    cursor.fault('kind', 'unsupported-value', 'only the metadata of the host and of the cluster is passed on here');
  return { of: of ?? 'endpoint', namespace };
}

export function encodePrefixed({
  proxyProtocol,
  passthroughMetadata,
  transport,
}: PrefixedTransport): TransportSocket | undefined {
  const inner = encodeUpstream(transport);
  if (passthroughMetadata.length > 0)
    return {
      name: 'envoy.transport_sockets.internal_upstream',
      typed_config: pack(INTERNAL, {
        passthrough_metadata: passthroughMetadata.map(({ of, namespace }) => ({
          kind: of === 'cluster' ? { cluster: {} } : { host: {} },
          name: namespace,
        })),
        transport_socket: inner ?? RAW_BUFFER,
      }),
    };
  if (proxyProtocol === undefined) return inner;
  return {
    name: 'envoy.transport_sockets.upstream_proxy_protocol',
    typed_config: pack(PROXY_PROTOCOL, {
      config: proxyProtocol === 'v1' ? {} : { version: VERSION_NAMES[proxyProtocol] },
      transport_socket: inner ?? RAW_BUFFER,
    }),
  };
}
