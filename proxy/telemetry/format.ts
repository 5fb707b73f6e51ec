/**
 * Access log formats: Envoy's command operators compiled once into pieces (`%REQ(NAME?OTHER):LENGTH%`). An unknown operator is a fault of the
 * configuration, never printed as it stands. Values from peers are cleaned of control characters.
 */
import { hostname } from 'node:os';
import type { ExchangeRecord } from '../ports.ts';
import { formatResponseFlags, formatResponseFlagsLong } from '../response-flags.ts';

/** Undefined prints as `-`, in JSON as null. */
export type Operator = (record: ExchangeRecord) => string | number | undefined;
export type Piece = string | Operator;

export const DEFAULT_FORMAT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ' +
  '%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" ' +
  '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"\n';

/** Throws with the operator's text when there is no such operator. */
export function compileFormat(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(/%(?:%|([A-Z0-9_]+)(?:\(([^)]*)\))?(?::(\d+))?%)/g)) {
    if (match.index > at) pieces.push(text.slice(at, match.index));
    at = match.index + match[0].length;
    const [whole, name, argument, length] = match;
    if (name === undefined) pieces.push('%');
    else pieces.push(shortened(operator(whole, name, argument), length));
  }
  if (text.indexOf('%', at) >= 0) throw new Error(`access log format: stray % in ${JSON.stringify(text.slice(at))}`);
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}

export function render(pieces: readonly Piece[], record: ExchangeRecord): string {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else {
      const value = piece(record);
      text += value === undefined ? '-' : typeof value === 'number' ? String(value) : clean(value);
    }
  }
  return text;
}

// oxlint-disable-next-line no-control-regex
const FORGING = /[\u0000-\u001f\u007f-\u009f"\\]/;
const EVERY_FORGING = new RegExp(FORGING, 'g');
const SURROGATE = /[\ud800-\udfff]/;

/** JSON leaves DEL and the C1 controls as they are, and terminals obey them (U+009B begins an escape sequence). */
export const withoutControls = (json: string): string =>
  /[\u007f-\u009f]/.test(json)
    ? json.replace(/[\u007f-\u009f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
    : json;

/** A JSON string of a text, without controls; most texts need no escape. */
export function jsonText(text: string): string {
  if (!FORGING.test(text) && !SURROGATE.test(text)) return `"${text}"`;
  return withoutControls(JSON.stringify(text));
}

/** Control characters and quotes of a peer must not forge a line. */
const clean = (text: string): string =>
  FORGING.test(text)
    ? text.replace(EVERY_FORGING, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
    : text;

function shortened(value: Operator, length: string | undefined): Operator {
  if (length === undefined) return value;
  const limit = Number(length);
  return (record) => {
    const full = value(record);
    return typeof full === 'string' ? full.slice(0, limit) : full;
  };
}

const ms = (value: number): number | undefined => (value < 0 ? undefined : Math.round(value));
const some = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
const end = ({ ip, port }: { readonly ip: string; readonly port: number }): string | undefined =>
  ip === '' ? undefined : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

/** Names as Envoy prints them, by number. */
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

const PLAIN: Readonly<Record<string, Operator>> = {
  PROTOCOL: (record) => some(record.protocol),
  RESPONSE_CODE: (record) => record.status,
  RESPONSE_CODE_DETAILS: (record) => some(record.details),
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
  GRPC_STATUS: (record) => (record.grpcStatus < 0 ? undefined : (GRPC_STATUS[record.grpcStatus] ?? record.grpcStatus)),
  CONNECTION_TERMINATION_DETAILS: (record) => (record.kind === 'tcp' ? some(record.details) : undefined),
  UPSTREAM_TRANSPORT_FAILURE_REASON: (record) => some(record.upstreamFailure ?? ''),
  HOSTNAME: () => hostname(),
  ROUTE_NAME: (record) => some(record.routeName),
  UPSTREAM_HOST: (record) => record.endpoint?.address,
  UPSTREAM_REMOTE_ADDRESS: (record) => record.endpoint?.address,
  UPSTREAM_CLUSTER: (record) => some(record.clusterName),
  UPSTREAM_CLUSTER_RAW: (record) => some(record.clusterName),
  UPSTREAM_LOCAL_ADDRESS: (record) => some(record.upstream?.localAddress),
  UPSTREAM_REQUEST_ATTEMPT_COUNT: (record) => record.attempts,
  UPSTREAM_PEER_URI_SAN: (record) => some(record.upstream?.peerUriSan),
  DOWNSTREAM_REMOTE_ADDRESS: ({ downstream }) => end(downstream.remote),
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ({ downstream }) => some(downstream.remote.ip),
  DOWNSTREAM_REMOTE_PORT: ({ downstream }) => downstream.remote.port,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: ({ downstream }) => end(downstream.directRemote ?? downstream.remote),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: ({ downstream }) =>
    some((downstream.directRemote ?? downstream.remote).ip),
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
};

function operator(whole: string, name: string, argument: string | undefined): Operator {
  switch (name) {
    case 'START_TIME':
      return startTime(whole, argument);
    case 'REQ':
      return header(whole, argument, (record, wanted) => requestValue(record, wanted));
    case 'RESP':
      return header(whole, argument, (record, wanted) => record.responseHeader(wanted));
    default: {
      const plain = argument === undefined ? PLAIN[name] : undefined;
      if (plain === undefined) throw new Error(`access log format: ${whole} is not supported`);
      return plain;
    }
  }
}

function startTime(whole: string, argument: string | undefined): Operator {
  if (argument !== undefined && argument !== '' && argument !== '%s' && argument !== '%Y-%m-%dT%H:%M:%S.%3fZ') {
    throw new Error(`access log format: ${whole} is not supported`);
  }
  return argument === '%s' ? (record) => Math.floor(record.startWall / 1000) : (record) => isoTime(record.startWall);
}

let second = Number.NaN;
let secondText = '';

/** As Date's toISOString; the text of a second is made once. */
function isoTime(wall: number): string {
  const whole = Math.floor(wall / 1000);
  if (whole !== second) {
    second = whole;
    secondText = new Date(whole * 1000).toISOString().slice(0, -4);
  }
  const rest = Math.floor(wall - whole * 1000);
  return `${secondText}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
}

function header(
  whole: string,
  argument: string | undefined,
  read: (record: ExchangeRecord, name: string) => string | undefined,
): Operator {
  const [first = '', second] = (argument ?? '').toLowerCase().split('?');
  if (first === '') throw new Error(`access log format: ${whole} names no header`);
  return (record) => read(record, first) ?? (second === undefined ? undefined : read(record, second));
}

function requestValue(record: ExchangeRecord, name: string): string | undefined {
  switch (name) {
    case ':method':
      return some(record.method);
    case ':path':
      return some(record.path);
    case ':authority':
    case 'host':
      return some(record.authority);
    default:
      return record.requestHeader(name);
  }
}
