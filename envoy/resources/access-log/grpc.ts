/** envoy.extensions.access_loggers.grpc.v3: access logs that go to a service. Trailers but grpc-status, tags and filter state are not taken. */
import type { GrpcLogSink } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { some, unless } from '../base/encoding.ts';
import { decodeGrpcService, encodeGrpcService } from '../base/service.ts';

type Common = Messages['envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig'];
type Http = Messages['envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig'];
type Tcp = Messages['envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig'];

export const HTTP_GRPC = 'envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig';
export const TCP_GRPC = 'envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig';

const GRPC_STATUS = 'grpc-status';
export const FLUSH_INTERVAL = 1000;
export const BUFFER_BYTES = 16_384;

type CommonSink = Pick<GrpcLogSink, 'service' | 'logName' | 'flushInterval' | 'bufferBytes'>;

export const decodeHttpGrpc = (cursor: Cursor<Http>): GrpcLogSink | undefined => {
  const common = cursor.within('common_config', decodeCommon);
  const requestHeaders = lower(cursor.take('additional_request_headers_to_log'));
  const responseHeaders = lower(cursor.take('additional_response_headers_to_log'));
  const responseTrailers = decodeTrailers(cursor);
  return common === undefined
    ? undefined
    : { kind: 'grpc', entries: 'http', ...common, requestHeaders, responseHeaders, responseTrailers };
};

export const decodeTcpGrpc = (cursor: Cursor<Tcp>): GrpcLogSink | undefined => {
  const common = cursor.within('common_config', decodeCommon);
  return common === undefined
    ? undefined
    : { kind: 'grpc', entries: 'tcp', ...common, requestHeaders: [], responseHeaders: [], responseTrailers: [] };
};

function decodeTrailers(cursor: Cursor<Http>): GrpcLogSink['responseTrailers'] {
  const names = new Set(lower(cursor.take('additional_response_trailers_to_log')));
  for (const name of names)
    if (name !== GRPC_STATUS)
      cursor.fault(
        'additional_response_trailers_to_log',
        'unsupported-value',
        `the trailer ${name} is not kept until an exchange is logged`,
        'name grpc-status alone, or a header',
      );
  return names.has(GRPC_STATUS) ? [GRPC_STATUS] : [];
}

const lower = (names: readonly string[] | undefined): readonly string[] =>
  (names ?? []).map((name) => name.toLowerCase());

export function decodeCommon(cursor: Cursor<Common>): CommonSink | undefined {
  if (cursor.take('transport_api_version') !== 'V3')
    cursor.fault('transport_api_version', 'invalid-value', 'only V3 is spoken', 'set transport_api_version: V3');
  const logName = cursor.take('log_name') ?? '';
  const flushInterval = takeDuration(cursor, 'buffer_flush_interval', FLUSH_INTERVAL);
  const bufferBytes = cursor.take('buffer_size_bytes') ?? BUFFER_BYTES;
  const service = cursor.within('grpc_service', decodeGrpcService);
  for (const [name, value] of service?.initialMetadata ?? []) {
    if (value.includes('%'))
      cursor.fault(
        'grpc_service',
        'unsupported-value',
        `initial_metadata ${name}: a stream of access logs belongs to no request that operators could ask`,
        'write the value as it is',
      );
  }
  return service === undefined ? undefined : { service, logName, flushInterval, bufferBytes };
}

export const encodeGrpcSink = (sink: GrpcLogSink): NonNullable<Messages['envoy.config.accesslog.v3.AccessLog']> => {
  const common_config: Common = {
    log_name: sink.logName,
    grpc_service: encodeGrpcService(sink.service),
    transport_api_version: 'V3',
    buffer_flush_interval: durationUnless(sink.flushInterval, FLUSH_INTERVAL),
    buffer_size_bytes: unless(sink.bufferBytes, BUFFER_BYTES),
  };
  if (sink.entries === 'tcp')
    return { name: 'envoy.access_loggers.tcp_grpc', typed_config: pack(TCP_GRPC, { common_config }) };
  const typed_config = pack(HTTP_GRPC, {
    common_config,
    additional_request_headers_to_log: some(sink.requestHeaders),
    additional_response_headers_to_log: some(sink.responseHeaders),
    additional_response_trailers_to_log: some(sink.responseTrailers),
  });
  return { name: 'envoy.access_loggers.http_grpc', typed_config };
};
