/** envoy.extensions.upstreams.http.v3.HttpProtocolOptions of a cluster. */
import type { AnswerMatcher, AutoSni, UpstreamProtocol } from '@weft/core/proxy-config';
import { pack, type AnyMessage, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { decodeAnswerMatcher, encodeAnswerMatcher } from '../base/answer-matcher.ts';
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
  readonly autoSni: AutoSni | undefined;
  readonly errorMatcher?: AnswerMatcher | undefined;
}

const STANDARD: UpstreamHttp = {
  protocol: { kind: 'http1', enableTrailers: false },
  idleTimeout: IDLE_TIMEOUT,
  maxRequestsPerConnection: 0,
  maxConnectionDuration: 0,
  autoSni: undefined,
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
  const autoSni = cursor.within('upstream_http_protocol_options', decodeAutoSni);
  if (
    http2 === undefined &&
    http1 === undefined &&
    common === undefined &&
    requests === undefined &&
    autoSni === undefined
  )
    return undefined;
  return {
    ...STANDARD,
    ...common,
    autoSni,
    ...(requests === undefined ? {} : { maxRequestsPerConnection: requests }),
    protocol:
      http2 === undefined ? { kind: 'http1', enableTrailers: http1 ?? false } : { kind: 'http2', options: http2 },
  };
}

const decodeCommonOptions = (
  cursor: Cursor<Messages['envoy.config.core.v3.HttpProtocolOptions']>,
): Omit<UpstreamHttp, 'protocol' | 'autoSni' | 'errorMatcher'> => ({
  idleTimeout: takeDuration(cursor, 'idle_timeout', IDLE_TIMEOUT),
  maxRequestsPerConnection: cursor.take('max_requests_per_connection') ?? 0,
  maxConnectionDuration: takeDuration(cursor, 'max_connection_duration', 0),
});

/** Undefined when it asks for nothing. */
function decodeAutoSni(
  cursor: Cursor<Messages['envoy.config.core.v3.UpstreamHttpProtocolOptions']>,
): AutoSni | undefined {
  const sni = cursor.take('auto_sni') ?? false;
  const san = cursor.take('auto_san_validation') ?? false;
  const header = (cursor.take('override_auto_sni_header') ?? '').toLowerCase();
  if (header !== '' && !sni) cursor.fault('override_auto_sni_header', 'invalid-value', 'only with auto_sni');
  return sni || san ? { sni, san, header } : undefined;
}

const encodeAutoSni = ({
  sni,
  san,
  header,
}: AutoSni): Messages['envoy.config.core.v3.UpstreamHttpProtocolOptions'] => ({
  auto_sni: sni ? true : undefined,
  auto_san_validation: san ? true : undefined,
  override_auto_sni_header: header || undefined,
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
  const autoSni = cursor.within('upstream_http_protocol_options', decodeAutoSni);
  const errorMatcher = cursor.within('outlier_detection', (inner) => {
    const matcher = inner.within('error_matcher', decodeAnswerMatcher);
    if (matcher === undefined) inner.fault('error_matcher', 'missing-field', 'outlier_detection needs it');
    return matcher;
  });
  return {
    ...STANDARD,
    ...common,
    autoSni,
    ...(errorMatcher === undefined ? {} : { errorMatcher }),
    protocol: explicit ?? downstream ?? auto ?? STANDARD.protocol,
  };
}

export function upstreamHttpField(http: UpstreamHttp): Wire['typed_extension_protocol_options'] {
  const common = filled({
    idle_timeout: durationUnless(http.idleTimeout, IDLE_TIMEOUT),
    max_requests_per_connection: unless(http.maxRequestsPerConnection, 0),
    max_connection_duration: durationUnless(http.maxConnectionDuration, 0),
  });
  const plain = http.protocol.kind === 'http1' && !http.protocol.enableTrailers;
  const { errorMatcher } = http;
  if (plain && common === undefined && http.autoSni === undefined && errorMatcher === undefined) return undefined;
  const options: Options = {
    common_http_protocol_options: common,
    upstream_http_protocol_options: http.autoSni === undefined ? undefined : encodeAutoSni(http.autoSni),
    ...protocolFields(http.protocol),
    outlier_detection: errorMatcher === undefined ? undefined : { error_matcher: encodeAnswerMatcher(errorMatcher) },
  };
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
