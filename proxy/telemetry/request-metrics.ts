/**
 * Finished exchanges as rows of traffic. An outbound listener reports as `source`, any other as `destination`; a gateway always as `source`. The row
 * of an exchange is found by one look at who is on the other side and a comparison with the row before; only what is new is worked out.
 */
import {
  type Edge,
  endpointParty,
  NO_SELF,
  NOBODY,
  type Party,
  partyOf,
  routeOf,
  type SelfIdentity,
  selfParty,
  type Series,
  serviceOf,
  type TrafficProtocol,
  type TrafficTable,
} from '@weft/core/traffic';
import type { DownstreamConnection, EndpointRuntime, ExchangeRecord } from '../ports.ts';
import { formatResponseFlags } from '../response-flags.ts';

/** Rows with one other side. */
interface PeerRows {
  readonly party: Party | undefined;
  /** By cluster and source, then by answer. */
  readonly rows: Map<string, Map<number, Series>>;
  /** The last one found. */
  last: Series | undefined;
  answer: number;
  cluster: string;
  source: string;
}

/** Callers and clusters without an endpoint that are remembered; beyond it the memory starts anew (the rows stay). */
const PEERS = 10_000;
/** What a gRPC status that is none counts as: UNKNOWN. */
const GRPC_UNKNOWN = 2;
const GRPC_LAST = 16;

export class RequestMetrics {
  readonly #table: TrafficTable;
  readonly #self: Party;
  readonly #service: Edge['service'] | undefined;
  readonly #gateway: boolean;
  readonly #byEndpoint = new WeakMap<EndpointRuntime, PeerRows>();
  readonly #byConnection = new WeakMap<DownstreamConnection, PeerRows>();
  /** By identity inbound, by cluster outbound. */
  readonly #byName = new Map<string, PeerRows>();

  constructor(table: TrafficTable, self: SelfIdentity = NO_SELF) {
    this.#table = table;
    this.#self = selfParty(self);
    const dot = self.service.indexOf('.');
    this.#service =
      self.service === '' ? undefined : { name: self.service.slice(0, dot), namespace: self.service.slice(dot + 1) };
    this.#gateway = self.gateway ?? false;
  }

  record(record: ExchangeRecord): void {
    const row = this.#row(record);
    if (record.kind === 'tcp') {
      const { bytesReceived, bytesSent, duration, alreadyCounted: counted } = record;
      if (counted === undefined) row.closed(bytesReceived, bytesSent, duration);
      else row.closed(bytesReceived - counted.received, bytesSent - counted.sent, duration - counted.ms);
    } else {
      row.request(record.duration, record.bytesReceived, record.bytesSent, record.attempts);
      const { trace } = record;
      if (trace?.reported === true) row.traced(trace.traceId, record.duration, record.startWall + record.duration);
    }
  }

  /** A TCP connection; its bytes and its end come with `record`. */
  opened(record: ExchangeRecord): void {
    this.#row(record).opened();
  }

  /** It is open for `ms`: what came since the last time. */
  goesOn(record: ExchangeRecord, ms: number): void {
    const { bytesReceived, bytesSent, alreadyCounted: counted } = record;
    if (counted === undefined) return;
    this.#row(record).goesOn(bytesReceived - counted.received, bytesSent - counted.sent, ms - counted.ms);
    counted.received = bytesReceived;
    counted.sent = bytesSent;
    counted.ms = ms;
  }

  #row(record: ExchangeRecord): Series {
    const outbound = this.#gateway || record.downstream.listener.direction === 'outbound';
    const peer = outbound ? this.#called(record) : this.#caller(record.downstream);
    const grpc = record.grpcStatus < 0 ? 0 : record.grpcStatus + 1;
    const answer = (record.status * 64 + Math.min(grpc, GRPC_LAST + 2)) * 2 ** 31 + record.flags;
    if (
      peer.last !== undefined &&
      peer.answer === answer &&
      peer.cluster === addressed(record) &&
      peer.source === record.source
    )
      return peer.last;
    return this.#find(record, outbound, peer, answer);
  }

  #find(record: ExchangeRecord, outbound: boolean, peer: PeerRows, answer: number): Series {
    const place = `${addressed(record)}\u0000${record.source}`;
    let rows = peer.rows.get(place);
    if (rows === undefined) {
      if (peer.rows.size >= PEERS) peer.rows.clear();
      rows = new Map();
      peer.rows.set(place, rows);
    }
    let row = rows.get(answer);
    if (row === undefined) {
      if (rows.size >= PEERS) rows.clear();
      row = this.#make(record, outbound, peer);
      rows.set(answer, row);
    }
    peer.last = row;
    peer.answer = answer;
    peer.cluster = addressed(record);
    peer.source = record.source;
    return row;
  }

  #make(record: ExchangeRecord, outbound: boolean, peer: PeerRows): Series {
    const other = peer.party ?? NOBODY;
    const secured = outbound ? record.endpoint?.secure === true : record.downstream.peer?.verified === true;
    const grpc = record.grpcStatus > GRPC_LAST ? GRPC_UNKNOWN : record.grpcStatus;
    const edge: Edge = {
      reporter: outbound ? 'source' : 'destination',
      protocol: protocolOf(record),
      source: outbound ? this.#self : other,
      destination: outbound ? other : this.#self,
      service: this.#serviceOf(record, outbound),
      route: routeOf(record.source),
      security: secured ? 'mutual_tls' : outbound ? 'unknown' : 'none',
    };
    const flags = record.flags === 0 ? '' : formatResponseFlags(record.flags);
    return this.#table.series(edge, record.kind === 'tcp' ? 0 : record.status, Math.max(grpc, -1), flags);
  }

  #serviceOf(record: ExchangeRecord, outbound: boolean): Edge['service'] {
    if (!outbound && this.#service !== undefined) return this.#service;
    const name = addressed(record);
    return name === '' ? NO_SERVICE : serviceOf(name, record.endpoint?.cluster.config.source);
  }

  #called(record: ExchangeRecord): PeerRows {
    const { endpoint } = record;
    if (endpoint === undefined) return this.#named(addressed(record), undefined);
    let peer = this.#byEndpoint.get(endpoint);
    if (peer === undefined) {
      peer = peerRows(endpointParty(endpoint.endpoint.workload, record.upstream?.peerUriSan ?? ''));
      this.#byEndpoint.set(endpoint, peer);
    }
    return peer;
  }

  #caller(downstream: DownstreamConnection): PeerRows {
    let peer = this.#byConnection.get(downstream);
    if (peer === undefined) {
      const identity = downstream.peer?.verified === true ? (downstream.peer.uriSans[0] ?? '') : '';
      const secured = downstream.peer?.verified === true ? 'verified' : '';
      peer = this.#named(`${secured}\u0000${identity}`, partyOf(identity));
      this.#byConnection.set(downstream, peer);
    }
    return peer;
  }

  #named(name: string, party: Party | undefined): PeerRows {
    let peer = this.#byName.get(name);
    if (peer === undefined) {
      if (this.#byName.size >= PEERS) this.#byName.clear();
      peer = peerRows(party);
      this.#byName.set(name, peer);
    }
    return peer;
  }
}

/**
 * The cluster of the request; of one that was answered before a cluster was chosen (a fault, a limit, a refusal) the service whose routes it
 * met: what failed must be told of whom it was for.
 */
function addressed({ clusterName, routes }: ExchangeRecord): string {
  if (clusterName !== '') return clusterName;
  const name = routes?.name ?? '';
  return name.startsWith('outbound/') ? name : '';
}

const NO_SERVICE: Edge['service'] = { namespace: '', name: '' };

const peerRows = (party: Party | undefined): PeerRows => ({
  party,
  rows: new Map(),
  last: undefined,
  answer: 0,
  cluster: '',
  source: '',
});

const protocolOf = ({ kind, grpcStatus }: ExchangeRecord): TrafficProtocol =>
  kind === 'tcp' ? 'tcp' : grpcStatus >= 0 ? 'grpc' : 'http';
