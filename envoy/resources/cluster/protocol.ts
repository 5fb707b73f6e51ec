/** envoy.extensions.upstreams.http.v3.HttpProtocolOptions of a cluster. */
import type { UpstreamProtocol } from '@weft/core/proxy-config';
import { pack, type AnyMessage, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { filled, unless } from '../base/encoding.ts';
import { decodeHttp2, encodeHttp2, HTTP2_OPTIONS } from '../http/protocol-options.ts';
import { IDLE_TIMEOUT } from './standards.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster'];
type Options = Messages['envoy.extensions.upstreams.http.v3.HttpProtocolOptions'];

const NAME = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

export interface UpstreamHttp {
  readonly protocol: UpstreamProtocol;
  /** ms; 0: never. */
  readonly idleTimeout: number;
  readonly maxRequestsPerConnection: number;
  /** ms; 0: no limit. */
  readonly maxConnectionDuration: number;
}

const STANDARD: UpstreamHttp = {
  protocol: { kind: 'http1', enableTrailers: false },
  idleTimeout: IDLE_TIMEOUT,
  maxRequestsPerConnection: 0,
  maxConnectionDuration: 0,
};

export function takeUpstreamHttp(cursor: Cursor<Wire>): UpstreamHttp {
  const options = cursor.take('typed_extension_protocol_options');
  const path = cursor.at('typed_extension_protocol_options');
  let found: UpstreamHttp | undefined;
  for (const [key, any] of options ?? new Map<string, AnyMessage>()) {
    if (key !== NAME) cursor.report.fault(path.key(key), 'unsupported-field', `only ${NAME} is supported here`);
    else found = readingAny(any, path.key(key), cursor.report, { [NAME]: decodeOptions });
  }
  const old = takeOldOptions(cursor);
  if (old !== undefined && found !== undefined) {
    cursor.fault('typed_extension_protocol_options', 'oneof-conflict', `${NAME} stands beside fields that it replaces`);
  }
  return found ?? old ?? STANDARD;
}

/** The fields of the cluster itself that the extension took the place of; undefined: none of them is set. */
function takeOldOptions(cursor: Cursor<Wire>): UpstreamHttp | undefined {
  const http2 = cursor.within('http2_protocol_options', decodeHttp2);
  const http1 = cursor.within('http_protocol_options', (inner) => inner.take('enable_trailers') ?? false);
  const common = cursor.within('common_http_protocol_options', decodeCommonOptions);
  const requests = cursor.take('max_requests_per_connection');
  if (http2 === undefined && http1 === undefined && common === undefined && requests === undefined) return undefined;
  return {
    ...STANDARD,
    ...common,
    ...(requests === undefined ? {} : { maxRequestsPerConnection: requests }),
    protocol:
      http2 === undefined ? { kind: 'http1', enableTrailers: http1 ?? false } : { kind: 'http2', options: http2 },
  };
}

const decodeCommonOptions = (
  cursor: Cursor<Messages['envoy.config.core.v3.HttpProtocolOptions']>,
): Omit<UpstreamHttp, 'protocol'> => ({
  idleTimeout: takeDuration(cursor, 'idle_timeout', IDLE_TIMEOUT),
  maxRequestsPerConnection: cursor.take('max_requests_per_connection') ?? 0,
  maxConnectionDuration: takeDuration(cursor, 'max_connection_duration', 0),
});

function decodeOptions(cursor: Cursor<Options>): UpstreamHttp {
  const common = cursor.within('common_http_protocol_options', decodeCommonOptions);
  const explicit = cursor.within('explicit_http_config', (config): UpstreamProtocol => {
    const http1 = config.within(
      'http_protocol_options',
      (inner): UpstreamProtocol => ({
        kind: 'http1',
        enableTrailers: inner.take('enable_trailers') ?? false,
      }),
    );
    const http2 = config.within('http2_protocol_options', decodeHttp2);
    return http1 ?? { kind: 'http2', options: http2 ?? HTTP2_OPTIONS };
  });
  const downstream = cursor.within('use_downstream_protocol_config', (config): UpstreamProtocol => {
    config.within('http_protocol_options', () => true);
    return { kind: 'downstream', options: config.within('http2_protocol_options', decodeHttp2) ?? HTTP2_OPTIONS };
  });
  const auto = cursor.within('auto_config', (config): UpstreamProtocol => {
    const enableTrailers = config.within('http_protocol_options', (inner) => inner.take('enable_trailers')) ?? false;
    const options = config.within('http2_protocol_options', decodeHttp2) ?? HTTP2_OPTIONS;
    return { kind: 'auto', enableTrailers, options };
  });
  return { ...STANDARD, ...common, protocol: explicit ?? downstream ?? auto ?? STANDARD.protocol };
}

export function upstreamHttpField(http: UpstreamHttp): Wire['typed_extension_protocol_options'] {
  const common = filled({
    idle_timeout: durationUnless(http.idleTimeout, IDLE_TIMEOUT),
    max_requests_per_connection: unless(http.maxRequestsPerConnection, 0),
    max_connection_duration: durationUnless(http.maxConnectionDuration, 0),
  });
  if (http.protocol.kind === 'http1' && !http.protocol.enableTrailers && common === undefined) return undefined;
  const options: Options = { common_http_protocol_options: common, ...protocolFields(http.protocol) };
  return new Map([[NAME, pack(NAME, options)]]);
}

function protocolFields(protocol: UpstreamProtocol): Options {
  switch (protocol.kind) {
    case 'http1':
      return {
        explicit_http_config: { http_protocol_options: protocol.enableTrailers ? { enable_trailers: true } : {} },
      };
    case 'http2':
      return { explicit_http_config: { http2_protocol_options: encodeHttp2(protocol.options) } };
    case 'auto':
      return {
        auto_config: {
          http_protocol_options: protocol.enableTrailers ? { enable_trailers: true } : undefined,
          http2_protocol_options: filled(encodeHttp2(protocol.options)),
        },
      };
    case 'downstream':
      return { use_downstream_protocol_config: { http2_protocol_options: filled(encodeHttp2(protocol.options)) } };
  }
}
