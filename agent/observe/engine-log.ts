/**
 * The access log of an engine beside the agent, counted as our own engine counts: the same rows, metrics, reports and taps. Entries name an
 * address, a cluster and a route; whom they stand for is found in the configuration that the agent relayed.
 */
import { SOURCE_LOG } from '@weft/core/agent-api';
import type { MonotonicClock } from '@weft/core/kernel';
import type { EndpointWorkload } from '@weft/core/proxy-config';
import type { LogEntry, LogHttp } from '@weft/core/services';
import { isTelling, isTellingConnection, TapGate, type TapRecord, type TapRequest } from '@weft/core/tap';
import {
  type Edge,
  endpointParty,
  type Party,
  partyOf,
  routeOf,
  type SelfIdentity,
  selfParty,
  type Series,
  type SeriesAmounts,
  serviceOf,
  TrafficTable,
} from '@weft/core/traffic';
import { readLogMessage } from '@weft/envoy/services';
import { EndpointNames } from './endpoint-names.ts';
import type { ObservedProxy } from './proxy.ts';
import { tapRecordOf } from './tap-entry.ts';

export interface EngineLogOptions {
  readonly clock: MonotonicClock;
  readonly self: SelfIdentity;
  /** The endpoint set of a cluster as the engine has it. */
  readonly endpoints: (cluster: string) => Uint8Array | undefined;
}

/** Rows found by what an entry says; beyond it they are looked up anew. */
const MAX_ROWS = 10_000;
/** Connections of which it is known what was counted; beyond it the oldest is forgotten, and its octets since then count again at its end. */
const MAX_CONNECTIONS = 50_000;

/** Of an open connection: what was counted of it, and monotonic ms of the last time. */
interface Counted {
  /** Its opening is. */
  opened: boolean;
  received: number;
  sent: number;
  at: number;
}

export class EngineLog implements ObservedProxy {
  readonly table: TrafficTable;
  readonly #clock: MonotonicClock;
  readonly #self: Party;
  readonly #gateway: boolean;
  readonly #service: Edge['service'];
  readonly #endpoints: EndpointNames;
  readonly #rows = new Map<string, Series>();
  readonly #taps = new Set<TapGate>();
  /** By who connected when. */
  readonly #open = new Map<string, Counted>();
  #unreadable = 0;

  constructor({ clock, self, endpoints }: EngineLogOptions) {
    this.table = new TrafficTable({ clock });
    this.#clock = clock;
    this.#self = selfParty(self);
    this.#gateway = self.gateway ?? false;
    const dot = self.service.indexOf('.');
    this.#service = { name: self.service.slice(0, dot), namespace: self.service.slice(dot + 1) };
    this.#endpoints = new EndpointNames(endpoints);
  }

  /** Messages that could not be read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Reads one stream: its first message says which log it is. */
  open(): (message: Uint8Array) => void {
    let outbound = false;
    return (bytes) => {
      const message = readLogMessage(bytes);
      if (message === undefined) {
        this.#unreadable += 1;
        return;
      }
      if (message.logName !== undefined) outbound = message.logName === SOURCE_LOG;
      for (const entry of message.entries) this.#count(entry, outbound);
    };
  }

  take(): readonly SeriesAmounts[] {
    return this.table.take();
  }

  tap(request: TapRequest, shown: (record: TapRecord) => void, missed: (count: number) => void): { close(): void } {
    const gate = new TapGate(request, this.#clock, shown, missed);
    this.#taps.add(gate);
    return { close: () => void this.#taps.delete(gate) };
  }

  #count(entry: LogEntry, outbound: boolean): void {
    const workload = outbound ? this.#endpoints.find(entry.upstreamCluster, entry.upstreamRemote) : undefined;
    const { http } = entry;
    const grpc = http === undefined ? -1 : grpcStatus(http);
    const row = this.#row(entry, outbound, workload, grpc);
    if (http === undefined) {
      this.#connection(entry, row);
      if (entry.early !== undefined) return;
    } else {
      const duration = Math.max(entry.duration, 0);
      row.request(duration, entry.bytesReceived, entry.bytesSent, entry.attempts);
      const traceId = sampledTrace(http.requestHeaders);
      if (traceId !== '') row.traced(traceId, duration, entry.start + duration);
    }
    if (this.#taps.size === 0) return;
    const telling = isTold(entry, grpc);
    for (const gate of this.#taps) {
      const weight = gate.weigh(telling, http?.requestId ?? '');
      if (weight > 0) gate.offer(tapRecordOf(entry, this.#sideOf(outbound), workload, grpc, weight));
    }
  }

  /** Amounts since it was told last; octets and durations of entries are those since its beginning. */
  #connection(entry: LogEntry, row: Series): void {
    const { early, client, start, bytesReceived: received, bytesSent: sent } = entry;
    const key = `${client?.ip} ${client?.port} ${start} ${entry.local?.port}`;
    const known = this.#open.get(key);
    const now = this.#clock.now();
    if (known?.opened === false) {
      row.opened();
      known.opened = true;
    }
    if (early === undefined) {
      this.#open.delete(key);
      if (known !== undefined) {
        row.closed(Math.max(0, received - known.received), Math.max(0, sent - known.sent), now - known.at);
        return;
      }
      if (entry.upstreamRemote !== undefined) row.opened();
      row.closed(received, sent, Math.max(entry.duration, 0));
      return;
    }
    if (known === undefined) {
      const opened = !isEarly(entry);
      if (opened && early === 'connected') row.opened();
      const [oldest] = this.#open.size < MAX_CONNECTIONS ? [] : this.#open.keys();
      if (oldest !== undefined) this.#open.delete(oldest);
      this.#open.set(key, { opened, received, sent, at: now });
      if (opened) row.goesOn(0, 0, 0);
      return;
    }
    row.goesOn(Math.max(0, received - known.received), Math.max(0, sent - known.sent), now - known.at);
    known.received = received;
    known.sent = sent;
    known.at = now;
  }

  #sideOf(outbound: boolean): Parameters<typeof tapRecordOf>[1] {
    return this.#gateway ? 'gateway' : outbound ? 'outbound' : 'inbound';
  }

  #row(entry: LogEntry, outbound: boolean, workload: EndpointWorkload | undefined, grpc: number): Series {
    const caller = entry.tls?.peerUriSans[0] ?? '';
    const code = entry.http?.status ?? 0;
    const flags = entry.flags.join(',');
    const key = [
      outbound,
      entry.http === undefined ? 'tcp' : grpc,
      code,
      flags,
      entry.upstreamCluster,
      entry.routeName,
      outbound ? (workload?.workload ?? '') : caller,
      entry.upstreamRemote === undefined,
    ].join('\u0000');
    let row = this.#rows.get(key);
    if (row === undefined) {
      if (this.#rows.size >= MAX_ROWS) this.#rows.clear();
      const edge = this.#edge(entry, outbound, workload, grpc, caller);
      row = this.table.series(edge, code, grpc, flags);
      this.#rows.set(key, row);
    }
    return row;
  }

  #edge(
    entry: LogEntry,
    outbound: boolean,
    workload: EndpointWorkload | undefined,
    grpc: number,
    caller: string,
  ): Edge {
    const other = outbound ? endpointParty(workload, '') : partyOf(caller);
    return {
      reporter: outbound ? 'source' : 'destination',
      protocol: entry.http === undefined ? 'tcp' : grpc >= 0 ? 'grpc' : 'http',
      source: outbound ? this.#self : other,
      destination: outbound ? other : this.#self,
      service: outbound ? serviceOf(entry.upstreamCluster, routedService(entry.routeName)) : this.#service,
      route: routeOf(entry.routeName),
      security: outbound
        ? workload?.transport === 'mtls' && entry.upstreamRemote !== undefined
          ? 'mutual_tls'
          : 'unknown'
        : caller === ''
          ? 'none'
          : 'mutual_tls',
    };
  }
}

/** Envoy reaches the application before the caller has shown its certificate: who that is comes with the next entry. */
const isEarly = ({ early, tls }: LogEntry): boolean =>
  early === 'connected' && tls !== undefined && tls.peerUriSans.length === 0;

const isTold = ({ http, flags, terminationDetails }: LogEntry, grpc: number): boolean =>
  http === undefined
    ? isTellingConnection(flags.length > 0, terminationDetails)
    : isTelling(http.status, grpc, flags.length > 0);

/** A default route is named by the service that it is of: known also where no cluster was reached. */
const routedService = (route: string): string | undefined => (route.startsWith('Service/') ? route : undefined);

/** As our engine says it: told in trailers or head, else what the HTTP status stands for; -1 for what is not gRPC. */
function grpcStatus({ requestHeaders, responseHeaders, responseTrailers, status }: LogHttp): number {
  const type = valueOf(requestHeaders, 'content-type') ?? valueOf(responseHeaders, 'content-type') ?? '';
  if (!/^application\/grpc(?:$|[+;])/i.test(type)) return -1;
  const told = valueOf(responseTrailers, 'grpc-status') ?? valueOf(responseHeaders, 'grpc-status');
  if (told !== undefined) return /^(?:\d|1[0-6])$/.test(told) ? Number(told) : UNKNOWN;
  return status > 0 ? (OF_STATUS.get(status) ?? UNKNOWN) : -1;
}

const UNKNOWN = 2;
/** gRPC statuses that HTTP statuses stand for (gRPC's http-grpc-status-mapping). */
const OF_STATUS: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, 14],
  [502, 14],
  [503, 14],
  [504, 14],
]);

/** The trace of a request whose headers say that it is sampled, 32 hexadecimal digits; '': none. */
function sampledTrace(headers: LogHttp['requestHeaders']): string {
  const context = valueOf(headers, 'traceparent');
  if (context !== undefined) {
    const [, trace = '', flags = ''] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/.exec(context) ?? [];
    return (Number.parseInt(flags, 16) & 1) === 1 && /[^0]/.test(trace) ? trace : '';
  }
  if (valueOf(headers, 'x-b3-sampled') !== '1') return '';
  const trace = valueOf(headers, 'x-b3-traceid') ?? '';
  return /^(?:[0-9a-f]{16}){1,2}$/.test(trace) && /[^0]/.test(trace) ? trace.padStart(32, '0') : '';
}

const valueOf = (fields: LogHttp['requestHeaders'], name: string): string | undefined =>
  fields.find(([field]) => field === name)?.[1];
