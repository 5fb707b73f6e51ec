/** Envoy's attributes (core/cel) of a record. */
import {
  type AttributeName,
  type AttributeSource,
  CelDuration,
  CelList,
  CelMap,
  CelTimestamp,
  CelUint,
  type CelValue,
} from '@weft/core/cel';
import type { MetadataStruct, MetadataValue } from '@weft/core/proxy-config';
import { grpcStatusOf } from '../http/grpc.ts';
import type { ExchangeRecord, SocketEnd } from '../ports.ts';

type Read = (record: ExchangeRecord) => CelValue | undefined;

const NANOSECONDS = 1_000_000;
const some = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
const count = (value: number): bigint => BigInt(Math.trunc(value));
const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms * NANOSECONDS));
const endOf = ({ ip, port }: SocketEnd): string | undefined =>
  ip === '' ? undefined : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

const pathOf = (record: ExchangeRecord): string | undefined => record.requestHeader(':path');
const client = (record: ExchangeRecord): SocketEnd => record.client ?? record.downstream.remote;

function lengthOf(record: ExchangeRecord): bigint | undefined {
  const said = record.requestHeader('content-length');
  if (said === undefined) return count(record.bytesReceived);
  return /^\d{1,18}$/.test(said) ? BigInt(said) : undefined;
}

const headers =
  (read: (record: ExchangeRecord, name: string) => string | undefined): Read =>
  (record) =>
    new CelMap({ get: (name) => read(record, name.toLowerCase()), size: -1 });

/** Numbers of metadata are doubles. */
function valueOf(value: MetadataValue): CelValue {
  if (value === null || typeof value !== 'object') return value;
  return Array.isArray(value)
    ? new CelList((value as readonly MetadataValue[]).map(valueOf))
    : structOf(value as MetadataStruct);
}

const structOf = (struct: MetadataStruct): CelMap =>
  new CelMap({
    get: (key) => (Object.hasOwn(struct, key) ? valueOf(struct[key] as MetadataValue) : undefined),
    size: Object.keys(struct).length,
  });

const READS: Readonly<Record<AttributeName, Read>> = {
  'request.path': pathOf,
  'request.url_path': (record) => pathOf(record)?.split('?', 1)[0],
  'request.host': (record) => some(record.authority),
  'request.scheme': (record) => record.requestHeader(':scheme'),
  'request.method': (record) => some(record.method),
  'request.headers': headers((record, name) => record.requestHeader(name)),
  'request.referer': (record) => record.requestHeader('referer'),
  'request.useragent': (record) => record.requestHeader('user-agent'),
  'request.id': (record) => record.requestHeader('x-request-id'),
  'request.protocol': (record) => some(record.protocol),
  'request.query': (record) => {
    const path = pathOf(record);
    const question = path?.indexOf('?') ?? -1;
    return path === undefined ? undefined : question < 0 ? '' : path.slice(question + 1).split('#', 1)[0];
  },
  'request.time': (record) => new CelTimestamp(nanoseconds(record.startWall)),
  'request.duration': ({ duration }) => (duration < 0 ? undefined : new CelDuration(nanoseconds(duration))),
  'request.size': lengthOf,
  'response.code': ({ status }) => (status === 0 ? undefined : count(status)),
  'response.code_details': (record) => some(record.details),
  'response.grpc_status': ({ grpcStatus, status }) =>
    grpcStatus >= 0 ? count(grpcStatus) : status === 0 ? undefined : count(grpcStatusOf(status)),
  'response.headers': headers((record, name) => record.responseHeader(name)),
  'response.size': (record) => count(record.bytesSent),
  'source.address': (record) => endOf(client(record)),
  'source.port': (record) => count(client(record).port),
  'destination.address': ({ downstream }) => endOf(downstream.local),
  'destination.port': ({ downstream }) => count(downstream.local.port),
  'connection.id': ({ downstream }) => new CelUint(count(downstream.id)),
  'connection.mtls': ({ downstream }) => downstream.peer?.presented === true,
  'connection.requested_server_name': ({ downstream }) => downstream.serverName,
  'connection.tls_version': ({ downstream }) => downstream.peer?.tlsVersion,
  'connection.subject_peer_certificate': ({ downstream }) => downstream.peer?.subject,
  'connection.dns_san_peer_certificate': ({ downstream }) => downstream.peer?.dnsSans[0],
  'connection.uri_san_peer_certificate': ({ downstream }) => downstream.peer?.uriSans[0],
  'connection.uri_san_local_certificate': ({ downstream }) => some(downstream.peer?.localUriSan),
  'connection.sha256_peer_certificate_digest': ({ downstream }) => downstream.peer?.sha256,
  'connection.termination_details': ({ kind, details }) => (kind === 'tcp' ? some(details) : undefined),
  'upstream.address': (record) => record.endpoint?.address,
  'upstream.port': (record) => {
    const address = record.endpoint?.address;
    const colon = address?.lastIndexOf(':') ?? -1;
    return address === undefined || colon < 0 ? undefined : BigInt(address.slice(colon + 1));
  },
  'upstream.local_address': (record) => some(record.upstream?.localAddress),
  'upstream.transport_failure_reason': (record) => record.upstreamFailure ?? '',
  'upstream.request_attempt_count': (record) => new CelUint(count(record.attempts)),
  'upstream.uri_san_peer_certificate': (record) => some(record.upstream?.peerUriSan),
  'xds.cluster_name': (record) => some(record.clusterName),
  'xds.route_name': (record) => record.routeName,
  'xds.filter_chain_name': ({ downstream }) => downstream.filterChain.name,
  'metadata.filter_metadata': ({ metadata }) =>
    new CelMap({
      get: (namespace) => {
        const found = metadata?.get(namespace);
        return found === undefined ? undefined : structOf(found);
      },
      size: metadata?.size ?? 0,
    }),
};

export class RecordAttributes implements AttributeSource {
  readonly #record: ExchangeRecord;

  constructor(record: ExchangeRecord) {
    this.#record = record;
  }

  attribute(name: AttributeName): CelValue | undefined {
    return READS[name](this.#record);
  }
}
