/** envoy.service.accesslog.v3.StreamAccessLogsMessage and the entries of envoy.data.accesslog.v3 in it. */
import type { LogAddress, LogEntry, LogHttp, LogIdentifier } from '@weft/core/services';
import { writeMessage } from '../codec/index.ts';
import { messageType, type Messages } from '../tables/index.ts';
import { fromMilliseconds } from '../resources/base/duration.ts';
import { lengthPrefix } from './length-prefix.ts';
import { FLAGS } from './response-flags.ts';

type Common = Messages['envoy.data.accesslog.v3.AccessLogCommon'];
type Tls = Messages['envoy.data.accesslog.v3.TLSProperties'];
type Flags = Messages['envoy.data.accesslog.v3.ResponseFlags'];
type Http = Messages['envoy.data.accesslog.v3.HTTPAccessLogEntry'];

const MESSAGE = 'envoy.service.accesslog.v3.StreamAccessLogsMessage';
const HTTP_ENTRY = 'envoy.data.accesslog.v3.HTTPAccessLogEntry';
const TCP_ENTRY = 'envoy.data.accesslog.v3.TCPAccessLogEntry';

export function encodeLogEntry(kind: 'http' | 'tcp', entry: LogEntry): Uint8Array {
  const common_properties = commonOf(kind, entry);
  if (kind === 'http') return writeMessage(HTTP_ENTRY, { common_properties, ...httpOf(entry, entry.http) });
  const connection_properties = { received_bytes: entry.bytesReceived, sent_bytes: entry.bytesSent };
  return writeMessage(TCP_ENTRY, { common_properties, connection_properties });
}

/** Entries are octets already; around them stand only lengths. */
export function encodeLogMessage(
  kind: 'http' | 'tcp',
  entries: readonly Uint8Array[],
  identifier: LogIdentifier | undefined,
): Uint8Array {
  const head = identifier === undefined ? new Uint8Array(0) : writeMessage(MESSAGE, { identifier: wireOf(identifier) });
  const prefixes = entries.map((entry) => lengthPrefix(1, entry.length));
  const size = entries.reduce((sum, entry, index) => sum + entry.length + (prefixes[index]?.length ?? 0), 0);
  const list = lengthPrefix(messageType(MESSAGE)?.byName.get(`${kind}_logs`)?.number ?? 0, size);
  const message = new Uint8Array(head.length + list.length + size);
  message.set(head);
  message.set(list, head.length);
  let at = head.length + list.length;
  for (const [index, entry] of entries.entries()) {
    for (const part of [prefixes[index] ?? [], entry]) {
      message.set(part, at);
      at += part.length;
    }
  }
  return message;
}

const wireOf = ({
  node: { id, cluster, metadata, locality },
  logName,
}: LogIdentifier): NonNullable<Messages[typeof MESSAGE]['identifier']> => ({
  node: {
    id,
    cluster,
    metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
    locality:
      locality.region === '' && locality.zone === '' && locality.subZone === ''
        ? undefined
        : { region: locality.region, zone: locality.zone, sub_zone: locality.subZone },
    user_agent_name: 'weft',
  },
  log_name: logName,
});

function commonOf(kind: 'http' | 'tcp', entry: LogEntry): Common {
  const seconds = Math.floor(entry.start / 1000);
  return {
    downstream_remote_address: addressOf(entry.client),
    downstream_direct_remote_address: addressOf(entry.directClient),
    downstream_local_address: addressOf(entry.local),
    tls_properties: tlsOf(entry),
    start_time: { seconds, nanos: Math.round((entry.start - seconds * 1000) * 1_000_000) },
    duration: after(entry.duration),
    time_to_last_rx_byte: after(entry.lastRequestByte),
    time_to_first_upstream_tx_byte: after(entry.firstUpstreamSent),
    time_to_first_upstream_rx_byte: after(entry.firstUpstreamReceived),
    time_to_last_upstream_rx_byte: after(entry.lastUpstreamReceived),
    upstream_remote_address: addressOf(entry.upstreamRemote),
    upstream_local_address: addressOf(entry.upstreamLocal),
    upstream_cluster: entry.upstreamCluster,
    upstream_transport_failure_reason: entry.upstreamFailure,
    route_name: entry.routeName,
    upstream_request_attempt_count: entry.attempts,
    connection_termination_details: entry.terminationDetails,
    response_flags: flagsOf(entry.flags),
    metadata: entry.metadata.size === 0 ? undefined : { filter_metadata: entry.metadata },
    stream_id: entry.streamId,
    intermediate_log_entry: entry.early === undefined ? undefined : true,
    access_log_type: kind === 'http' ? 'DownstreamEnd' : TCP_TYPES[entry.early ?? 'ended'],
  };
}

const TCP_TYPES = { ended: 'TcpConnectionEnd', connected: 'TcpUpstreamConnected', periodic: 'TcpPeriodic' } as const;

const after = (ms: number): Messages['google.protobuf.Duration'] | undefined =>
  ms < 0 ? undefined : fromMilliseconds(ms);

const addressOf = (address: LogAddress | undefined): Messages['envoy.config.core.v3.Address'] | undefined =>
  address === undefined ? undefined : { socket_address: { address: address.ip, port_value: address.port } };

const VERSIONS: Readonly<Record<string, Tls['tls_version']>> = {
  TLSv1: 'TLSv1',
  'TLSv1.1': 'TLSv1_1',
  'TLSv1.2': 'TLSv1_2',
  'TLSv1.3': 'TLSv1_3',
};

function tlsOf({ tls, serverName }: LogEntry): Tls | undefined {
  if (tls === undefined) return serverName === '' ? undefined : { tls_sni_hostname: serverName };
  return {
    tls_version: VERSIONS[tls.version],
    tls_sni_hostname: serverName,
    local_certificate_properties: { subject_alt_name: tls.localUriSan === '' ? [] : [{ uri: tls.localUriSan }] },
    peer_certificate_properties: {
      subject_alt_name: tls.peerUriSans.map((uri) => ({ uri })),
      subject: tls.peerSubject,
    },
  };
}

function flagsOf(names: readonly string[]): Flags | undefined {
  if (names.length === 0) return undefined;
  const plain = names.flatMap((name) => FLAGS[name] ?? []);
  return {
    ...Object.fromEntries(plain.map((field) => [field, true])),
    ...(names.includes('UAEX') ? { unauthorized_details: { reason: 'EXTERNAL_SERVICE' } } : {}),
  };
}

const PROTOCOLS: Readonly<Record<string, Http['protocol_version']>> = {
  'HTTP/1.0': 'HTTP10',
  'HTTP/1.1': 'HTTP11',
  'HTTP/2': 'HTTP2',
  'HTTP/3': 'HTTP3',
};
type Method = NonNullable<NonNullable<Http['request']>['request_method']>;
const METHODS: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

/** A method that is not in the enumeration is told as none. */
function httpOf(entry: LogEntry, http: LogHttp | undefined): Omit<Http, 'common_properties'> {
  if (http === undefined) return { request: {}, response: {} };
  return {
    protocol_version: PROTOCOLS[http.protocol],
    request: {
      request_method: METHODS.find((method) => method === http.method),
      scheme: http.scheme,
      authority: http.authority,
      path: http.path,
      user_agent: http.userAgent,
      referer: http.referer,
      forwarded_for: http.forwardedFor,
      request_id: http.requestId,
      original_path: http.originalPath,
      request_body_bytes: entry.bytesReceived,
      request_headers: new Map(http.requestHeaders),
    },
    response: {
      response_code: http.status === 0 ? undefined : http.status,
      response_body_bytes: entry.bytesSent,
      response_headers: new Map(http.responseHeaders),
      response_trailers: new Map(http.responseTrailers),
      response_code_details: http.details,
    },
  };
}
