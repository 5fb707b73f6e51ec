/**
 * Envoy's command operators over a record, by name. What one has nothing to say about is undefined. An operator that is not here is a fault of
 * the configuration.
 */
import { hostname } from 'node:os';
import { formatResponseFlags, formatResponseFlagsLong } from '../response-flags.ts';
import type { ExchangeRecord, SocketEnd } from '../ports.ts';
import { queryParameter } from '@weft/core/decide';
import { dynamicMetadata, metadata } from './metadata-operators.ts';
import { logTypeOf, type Operator } from './operator.ts';
import { compileTime } from './time-format.ts';

const ms = (value: number): number | undefined => (value < 0 ? undefined : Math.round(value));
const clientOf = (record: ExchangeRecord): SocketEnd => record.client ?? record.downstream.remote;
const some = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
const end = ({ ip, port }: { readonly ip: string; readonly port: number }): string | undefined =>
  ip === '' ? undefined : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

/** CAMEL_STRING names as Envoy prints them, by number. */
const GRPC_STATUS: readonly string[] = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
];

function grpcStatus(record: ExchangeRecord): string | number | undefined {
  return record.grpcStatus < 0 ? undefined : (GRPC_STATUS[record.grpcStatus] ?? record.grpcStatus);
}

/** Of `ip:port` and `[ip]:port`; undefined of a Unix socket. */
function hostOf(address: string | undefined): string | undefined {
  const colon = address?.lastIndexOf(':') ?? -1;
  return address === undefined || colon < 0 ? undefined : address.slice(0, colon).replace(/^\[|\]$/g, '');
}

function portOf(address: string | undefined): number | undefined {
  const colon = address?.lastIndexOf(':') ?? -1;
  return address === undefined || colon < 0 ? undefined : Number(address.slice(colon + 1));
}

const PLAIN: Readonly<Record<string, Operator>> = {
  PROTOCOL: (record) => some(record.protocol),
  RESPONSE_CODE: (record) => record.status,
  RESPONSE_CODE_DETAILS: (record) => (record.kind === 'http' ? some(record.details) : undefined),
  RESPONSE_FLAGS: (record) => formatResponseFlags(record.flags),
  RESPONSE_FLAGS_LONG: (record) => formatResponseFlagsLong(record.flags),
  BYTES_RECEIVED: (record) => record.bytesReceived,
  BYTES_SENT: (record) => record.bytesSent,
  DURATION: (record) => ms(record.duration),
  REQUEST_DURATION: (record) => ms(record.requestDuration),
  REQUEST_TX_DURATION: (record) => ms(record.requestTxDuration),
  RESPONSE_DURATION: (record) => ms(record.responseDuration),
  RESPONSE_TX_DURATION: (record) => ms(record.responseTxDuration),
  GRPC_STATUS_NUMBER: (record) => (record.grpcStatus < 0 ? undefined : record.grpcStatus),
  GRPC_STATUS: grpcStatus,
  CONNECTION_TERMINATION_DETAILS: (record) => (record.kind === 'tcp' ? some(record.details) : undefined),
  UPSTREAM_TRANSPORT_FAILURE_REASON: (record) => some(record.upstreamFailure ?? ''),
  HOSTNAME: () => hostname(),
  ROUTE_NAME: (record) => some(record.routeName),
  UPSTREAM_HOST: (record) => record.endpoint?.address,
  UPSTREAM_REMOTE_ADDRESS: (record) => record.endpoint?.address,
  UPSTREAM_CLUSTER: (record) => some(record.endpoint?.cluster.config.altStatName) ?? some(record.clusterName),
  UPSTREAM_CLUSTER_RAW: (record) => some(record.clusterName),
  UPSTREAM_LOCAL_ADDRESS: (record) => some(record.upstream?.localAddress),
  UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: (record) => hostOf(record.upstream?.localAddress),
  UPSTREAM_LOCAL_PORT: (record) => portOf(record.upstream?.localAddress),
  UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: (record) => hostOf(record.endpoint?.address),
  UPSTREAM_REMOTE_PORT: (record) => portOf(record.endpoint?.address),
  UPSTREAM_HOST_NAME: (record) => some(record.endpoint?.endpoint.hostname) ?? record.endpoint?.address,
  UPSTREAM_HOST_NAME_WITHOUT_PORT: (record) =>
    some(record.endpoint?.endpoint.hostname) ?? hostOf(record.endpoint?.address),
  UPSTREAM_REQUEST_ATTEMPT_COUNT: (record) => record.attempts,
  UPSTREAM_PEER_URI_SAN: (record) => some(record.upstream?.peerUriSan),
  DOWNSTREAM_REMOTE_ADDRESS: (record) => end(clientOf(record)),
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: (record) => some(clientOf(record).ip),
  DOWNSTREAM_REMOTE_PORT: (record) => clientOf(record).port,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: ({ downstream }) => end(downstream.directRemote ?? downstream.remote),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: ({ downstream }) =>
    some((downstream.directRemote ?? downstream.remote).ip),
  DOWNSTREAM_DIRECT_REMOTE_PORT: ({ downstream }) => (downstream.directRemote ?? downstream.remote).port,
  DOWNSTREAM_LOCAL_ADDRESS: ({ downstream }) => end(downstream.local),
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: ({ downstream }) => some(downstream.local.ip),
  DOWNSTREAM_LOCAL_PORT: ({ downstream }) => downstream.local.port,
  DOWNSTREAM_PEER_URI_SAN: ({ downstream }) => some(downstream.peer?.uriSans.join(',')),
  DOWNSTREAM_PEER_DNS_SAN: ({ downstream }) => some(downstream.peer?.dnsSans.join(',')),
  DOWNSTREAM_PEER_SUBJECT: ({ downstream }) => some(downstream.peer?.subject),
  DOWNSTREAM_PEER_FINGERPRINT_256: ({ downstream }) => some(downstream.peer?.sha256),
  DOWNSTREAM_LOCAL_URI_SAN: ({ downstream }) => some(downstream.peer?.localUriSan),
  DOWNSTREAM_TLS_VERSION: ({ downstream }) => some(downstream.peer?.tlsVersion),
  DOWNSTREAM_TLS_CIPHER: ({ downstream }) => some(downstream.peer?.cipher),
  REQUESTED_SERVER_NAME: ({ downstream }) => some(downstream.serverName),
  FILTER_CHAIN_NAME: ({ downstream }) => some(downstream.filterChain.name),
  CONNECTION_ID: ({ downstream }) => downstream.id,
  STREAM_ID: (record) => record.requestHeader('x-request-id'),
  TRACE_ID: (record) => record.trace?.traceId,
  SPAN_ID: (record) => record.trace?.spanId,
  ACCESS_LOG_TYPE: logTypeOf,
  LOCAL_REPLY_BODY: (record) => record.localReplyBody ?? '',
};

/** Operators that take an argument; undefined: the argument says nothing. */
const CALLS: Readonly<Record<string, (argument: string) => Operator | undefined>> = {
  START_TIME: (argument) => timed(argument, (record) => record.startWall),
  EMIT_TIME: (argument) => timed(argument, (record) => record.startWall + Math.max(record.duration, 0)),
  REQ: (argument) => header(argument, (record, name) => record.requestHeader(name)),
  REQUEST_HEADER: (argument) => header(argument, (record, name) => record.requestHeader(name)),
  RESP: (argument) => header(argument, (record, name) => record.responseHeader(name)),
  RESPONSE_HEADER: (argument) => header(argument, (record, name) => record.responseHeader(name)),
  GRPC_STATUS: (argument) => {
    if (argument === 'NUMBER') return PLAIN['GRPC_STATUS_NUMBER'];
    if (argument === '' || argument === 'CAMEL_STRING') return grpcStatus;
    return argument !== 'SNAKE_STRING'
      ? undefined
      : (record) => {
          const name = grpcStatus(record);
          if (typeof name !== 'string') return name;
          return name === 'OK' ? name : name.replace(/(?!^)[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
        };
  },
  QUERY_PARAM: (argument) =>
    argument === ''
      ? undefined
      : (record) => {
          const question = record.path.indexOf('?');
          return question < 0 ? undefined : queryParameter(record.path.slice(question + 1), argument);
        },
  PATH: path,
  DYNAMIC_METADATA: dynamicMetadata,
  METADATA: metadata,
  ENVIRONMENT: (argument) => (argument === '' ? undefined : () => process.env[argument]),
  COMMON_DURATION: commonDuration,
};

/** The operator `NAME` or `NAME(argument)`; undefined when there is none. */
export function operatorOf(name: string, argument: string | undefined): Operator | undefined {
  const call = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
  if (call !== undefined) return call(argument ?? '');
  return argument === undefined && Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined;
}

function timed(argument: string, at: (record: ExchangeRecord) => number): Operator | undefined {
  const format = compileTime(argument);
  return format === undefined ? undefined : (record) => format(at(record));
}

function header(
  argument: string,
  read: (record: ExchangeRecord, name: string) => string | undefined,
): Operator | undefined {
  const [first = '', second] = argument.toLowerCase().split('?');
  if (first === '') return undefined;
  return (record) => some(read(record, first)) ?? (second === undefined ? undefined : some(read(record, second)));
}

/** `%PATH(WQ:ORIG_OR_PATH)%`: with or without query, and which path. */
function path(argument: string): Operator | undefined {
  const [query = 'WQ', which = 'ORIG_OR_PATH'] = argument === '' ? [] : argument.split(':');
  if (!['WQ', 'NQ'].includes(query) || !['ORIG', 'PATH', 'ORIG_OR_PATH'].includes(which)) return undefined;
  return (record) => {
    const original = which === 'PATH' ? undefined : record.requestHeader('x-envoy-original-path');
    const found = original ?? (which === 'ORIG' ? undefined : record.requestHeader(':path'));
    return query === 'WQ' ? found : found?.split('?', 1)[0];
  };
}

/** Points in time of an exchange that `%COMMON_DURATION(START:END:PRECISION)%` names, in ms from its beginning; negative: did not happen. */
const POINTS: Readonly<Record<string, (record: ExchangeRecord) => number>> = {
  DS_RX_BEG: () => 0,
  DS_RX_END: (record) => record.requestDuration,
  US_TX_BEG: (record) => record.requestTxDuration,
  US_RX_BEG: (record) => record.responseDuration,
  US_RX_END: (record) => record.responseTxDuration,
  DS_TX_END: (record) => record.duration,
};
const PRECISIONS: Readonly<Record<string, number>> = { ms: 1, us: 1000, ns: 1_000_000 };

function commonDuration(argument: string): Operator | undefined {
  const [start = '', end = '', precision = 'ms'] = argument.split(':');
  const from = Object.hasOwn(POINTS, start) ? POINTS[start] : undefined;
  const to = Object.hasOwn(POINTS, end) ? POINTS[end] : undefined;
  const factor = Object.hasOwn(PRECISIONS, precision) ? PRECISIONS[precision] : undefined;
  if (from === undefined || to === undefined || factor === undefined) return undefined;
  return (record) => {
    const [begun, ended] = [from(record), to(record)];
    return begun < 0 || ended < begun ? undefined : Math.floor((ended - begun) * factor);
  };
}
