/** A finished exchange as a tap shows it. Made on request only, never for an exchange that nobody wants to see. */
import {
  shownHeader,
  shownPath,
  shownText,
  TAP_HEADERS,
  TAPPED_HEADERS,
  type Entered,
  type TapRecord,
} from '@weft/core/tap';
import { endpointParty, partyOf, serviceOf } from '@weft/core/traffic';
import type { ExchangeRecord } from '../ports.ts';
import { formatResponseFlags } from '../response-flags.ts';

/** `side`: whose proxy it is; `gateway` is the caller's, too. `weight`: how many exchanges it stands for. */
export function tapRecordOf(
  record: ExchangeRecord,
  side: 'inbound' | 'outbound' | 'gateway',
  weight: number,
): TapRecord {
  const outbound = side !== 'inbound';
  const { downstream, endpoint, upstream } = record;
  const caller = downstream.peer?.verified === true ? (downstream.peer.uriSans[0] ?? '') : '';
  const other = outbound ? endpointParty(endpoint?.endpoint.workload, upstream?.peerUriSan ?? '') : partyOf(caller);
  const address = outbound ? (endpoint?.address ?? '') : (record.client ?? downstream.remote).ip;
  const service = serviceOf(record.clusterName, endpoint?.cluster.config.source);
  return {
    at: Math.round(record.startWall),
    kind: record.kind,
    direction: outbound ? 'outbound' : 'inbound',
    port: downstream.local.port,
    peer: other.workload === '' ? address : `${other.namespace}/${other.workload}`,
    identity: other.identity,
    secured: outbound ? endpoint?.secure === true : downstream.peer?.verified === true,
    service: outbound
      ? shownText(service.namespace === '' ? service.name : `${service.namespace}/${service.name}`)
      : '',
    route: shownText(record.source),
    method: shownText(record.method),
    authority: shownText(record.authority),
    path: shownPath(record.path),
    protocol: record.protocol,
    status: record.status,
    grpc: record.grpcStatus,
    flags: record.flags === 0 ? '' : formatResponseFlags(record.flags),
    details: shownText(record.details),
    duration: record.duration,
    requestBytes: record.bytesReceived,
    responseBytes: record.bytesSent,
    attempts: record.attempts,
    requestId: record.kind === 'http' ? shownText(record.requestHeader('x-request-id') ?? '') : '',
    weight,
    headers: record.kind === 'http' ? headersOf(record) : [],
    ...(side === 'gateway' ? { entered: enteredOf(record, caller) } : {}),
  };
}

const enteredOf = ({ downstream, client }: ExchangeRecord, identity: string): Entered => ({
  address: downstream.remote.ip,
  client: (client ?? downstream.remote).ip,
  certificate: downstream.peer?.verified === true,
  identity: shownText(identity),
  serverName: shownText(downstream.serverName),
});

function headersOf(record: ExchangeRecord): (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [];
  for (const name of TAPPED_HEADERS) {
    const value = record.requestHeader(name);
    if (value !== undefined && headers.length < TAP_HEADERS) headers.push(shownHeader(name, value));
  }
  return headers;
}
