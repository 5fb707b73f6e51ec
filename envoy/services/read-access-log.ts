/** envoy.service.accesslog.v3.StreamAccessLogsMessage as it comes from an engine: the entries of one message, in our words. */
import type { LogAddress, LogEntry, LogHttp } from '@weft/core/services';
import { readMessage } from '../codec/index.ts';
import type { Messages } from '../tables/index.ts';
import { FLAGS } from './response-flags.ts';

type Common = Messages['envoy.data.accesslog.v3.AccessLogCommon'];
type Http = Messages['envoy.data.accesslog.v3.HTTPAccessLogEntry'];

export interface LogMessage {
  /** Of the log, in the first message of a stream; undefined in others. */
  readonly logName: string | undefined;
  readonly entries: readonly LogEntry[];
}

/** Undefined: it cannot be read. Entries of requests that have not ended yet are left out. */
export function readLogMessage(bytes: Uint8Array): LogMessage | undefined {
  const read = readMessage('envoy.service.accesslog.v3.StreamAccessLogsMessage', bytes, {
    unknown: 'skip',
    keepAny: true,
  });
  if (!read.ok) return undefined;
  const { identifier, http_logs: http, tcp_logs: tcp } = read.value;
  return {
    logName: identifier === undefined ? undefined : (identifier.log_name ?? ''),
    entries: [
      ...(http?.log_entry ?? []).flatMap((entry) => {
        const common = entry.common_properties ?? {};
        return momentOf(common) === 'ended' ? [entryOf(common, httpOf(entry), bodies(entry))] : [];
      }),
      ...(tcp?.log_entry ?? []).flatMap(({ common_properties: common = {}, connection_properties: sizes }) =>
        momentOf(common) !== undefined
          ? [entryOf(common, undefined, [Number(sizes?.received_bytes ?? 0), Number(sizes?.sent_bytes ?? 0)])]
          : [],
      ),
    ],
  };
}

/** undefined: of no use here. */
function momentOf({ intermediate_log_entry: early, access_log_type: type }: Common): Moment | undefined {
  if (type === 'TcpUpstreamConnected') return 'connected';
  if (type === 'TcpPeriodic') return 'periodic';
  return early !== true && (type === undefined || type === 'DownstreamEnd' || type === 'TcpConnectionEnd')
    ? 'ended'
    : undefined;
}
type Moment = NonNullable<LogEntry['early']> | 'ended';

const bodies = ({ request, response }: Http): [received: number, sent: number] => [
  Number(request?.request_body_bytes ?? 0),
  Number(response?.response_body_bytes ?? 0),
];

function entryOf(
  common: Common,
  http: LogHttp | undefined,
  [bytesReceived, bytesSent]: readonly [number, number],
): LogEntry {
  const moment = momentOf(common);
  return {
    early: moment === 'ended' ? undefined : moment,
    client: addressOf(common.downstream_remote_address),
    directClient: addressOf(common.downstream_direct_remote_address),
    local: addressOf(common.downstream_local_address),
    serverName: common.tls_properties?.tls_sni_hostname ?? '',
    tls: tlsOf(common),
    start: milliseconds(common.start_time, 0),
    duration: milliseconds(common.duration),
    lastRequestByte: milliseconds(common.time_to_last_rx_byte),
    firstUpstreamSent: milliseconds(common.time_to_first_upstream_tx_byte),
    firstUpstreamReceived: milliseconds(common.time_to_first_upstream_rx_byte),
    lastUpstreamReceived: milliseconds(common.time_to_last_upstream_rx_byte),
    upstreamRemote: addressOf(common.upstream_remote_address),
    upstreamLocal: addressOf(common.upstream_local_address),
    upstreamCluster: common.upstream_cluster ?? '',
    upstreamFailure: common.upstream_transport_failure_reason ?? '',
    routeName: common.route_name ?? '',
    attempts: common.upstream_request_attempt_count ?? 0,
    terminationDetails: common.connection_termination_details ?? '',
    flags: flagsOf(common.response_flags),
    metadata: new Map(),
    streamId: common.stream_id ?? '',
    bytesReceived,
    bytesSent,
    http,
  };
}

/** `absent` of what did not happen. */
const milliseconds = (
  time: Messages['google.protobuf.Duration'] | Messages['google.protobuf.Timestamp'] | undefined,
  absent = -1,
): number => (time === undefined ? absent : Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1_000_000);

function addressOf(address: Messages['envoy.config.core.v3.Address'] | undefined): LogAddress | undefined {
  const socket = address?.socket_address;
  return socket === undefined ? undefined : { ip: socket.address ?? '', port: socket.port_value ?? 0 };
}

function tlsOf({ tls_properties: tls }: Common): LogEntry['tls'] {
  if (tls?.tls_version === undefined) return undefined;
  const uris = (side: typeof tls.peer_certificate_properties): string[] =>
    (side?.subject_alt_name ?? []).flatMap(({ uri }) => uri ?? []);
  return {
    version: tls.tls_version.replace('_', '.'),
    peerUriSans: uris(tls.peer_certificate_properties),
    peerSubject: tls.peer_certificate_properties?.subject ?? '',
    localUriSan: uris(tls.local_certificate_properties)[0] ?? '',
  };
}

function flagsOf(flags: Common['response_flags']): string[] {
  if (flags === undefined) return [];
  const names = Object.entries(FLAGS).flatMap(([name, field]) => (flags[field] === true ? [name] : []));
  return flags.unauthorized_details === undefined ? names : [...names, 'UAEX'];
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  HTTP10: 'HTTP/1.0',
  HTTP11: 'HTTP/1.1',
  HTTP2: 'HTTP/2',
  HTTP3: 'HTTP/3',
};

function httpOf({ protocol_version: version, request = {}, response = {} }: Http): LogHttp {
  const method = request.request_method;
  return {
    protocol: PROTOCOLS[version ?? ''] ?? '',
    method: method === undefined || method === 'METHOD_UNSPECIFIED' ? '' : method,
    scheme: request.scheme ?? '',
    authority: request.authority ?? '',
    path: request.path ?? '',
    originalPath: request.original_path ?? '',
    userAgent: request.user_agent ?? '',
    referer: request.referer ?? '',
    forwardedFor: request.forwarded_for ?? '',
    requestId: request.request_id ?? '',
    requestHeaders: [...(request.request_headers ?? [])],
    status: response.response_code ?? 0,
    details: response.response_code_details ?? '',
    responseHeaders: [...(response.response_headers ?? [])],
    responseTrailers: [...(response.response_trailers ?? [])],
  };
}
