/** All that one engine counts and logs of its exchanges. */
import type { MonotonicClock } from '@weft/core/kernel';
import type { AccessLog } from '@weft/core/proxy-config';
import { isTelling, isTellingConnection, TapGate, type TapRecord, type TapRequest } from '@weft/core/tap';
import { type SelfIdentity, TrafficTable } from '@weft/core/traffic';
import type { AccessLogger, Counter, EngineCounters, ExchangeRecord, RecordSink } from '../ports.ts';
import { AccessLogs } from './access-log.ts';
import type { GrpcLogParts } from './grpc-log.ts';
import { HttpMetrics, httpScope } from './http-metrics.ts';
import { type LabelPairs, Registry } from './registry.ts';
import { RequestMetrics } from './request-metrics.ts';
import type { OtlpLogParts } from './otlp-log.ts';
import { tapRecordOf } from './tap-record.ts';

/** What access logs that go to services need besides; asked when the first is made, throws where there is none. */
export type LogServices = Pick<GrpcLogParts, 'calls' | 'messages' | 'node' | 'random'> & Pick<OtlpLogParts, 'resource'>;

/** Statistics of a connection manager and of its filters. */
const MANAGER_STAT = /^http\.(.+?)\.((?:rbac|fault|cors|csrf|compressor|tracing)\.[\w.-]+|downstream_[a-z_]+)$/;

export class Telemetry implements RecordSink, EngineCounters {
  readonly registry = new Registry();
  /** Who called whom, with what outcome. */
  readonly traffic: TrafficTable;
  readonly accessLogs: AccessLogs;
  readonly #requests: RequestMetrics;
  readonly #http = new HttpMetrics(this.registry);
  readonly #clock: MonotonicClock;
  readonly #gateway: boolean;
  readonly #listeners = new Set<(record: ExchangeRecord) => void>();

  constructor(clock: MonotonicClock, self: SelfIdentity | undefined, services: () => LogServices) {
    this.#clock = clock;
    this.#gateway = self?.gateway ?? false;
    const counts = (stats: string) => ({
      clock,
      written: this.counter(`access_logs.${stats}.logs_written`),
      dropped: this.counter(`access_logs.${stats}.logs_dropped`),
    });
    this.accessLogs = new AccessLogs(clock, {
      grpc: () => ({ ...services(), ...counts('grpc_access_log') }),
      otlp: ({ statPrefix }) => ({
        ...services(),
        ...counts(`open_telemetry_access_log${statPrefix === '' ? '' : `.${statPrefix}`}`),
      }),
    });
    this.traffic = new TrafficTable({ clock });
    this.#requests = new RequestMetrics(this.traffic, self);
  }

  connectionOpened(record: ExchangeRecord): void {
    this.#requests.opened(record);
  }

  connectionGoesOn(record: ExchangeRecord, ms: number): void {
    this.#requests.goesOn(record, ms);
  }

  exchangeEnded(record: ExchangeRecord, logs: readonly AccessLogger[]): void {
    this.#requests.record(record);
    if (record.kind === 'http') this.#http.record(record);
    for (const log of logs) log.log(record);
    for (const listener of this.#listeners) listener(record);
  }

  /** `seen` gets every record, synchronously; it must not keep it. Returns the unsubscribe function. */
  onRecord(seen: (record: ExchangeRecord) => void): () => void {
    this.#listeners.add(seen);
    return () => void this.#listeners.delete(seen);
  }

  /** Shows exchanges as they end until it is closed; `missed` counts those that matched and were too many. */
  tap(request: TapRequest, shown: (record: TapRecord) => void, missed: (count: number) => void): { close(): void } {
    const gate = new TapGate(request, this.#clock, shown, missed);
    const close = this.onRecord((record) => {
      const telling = gate.keeps && isTold(record);
      const weight = gate.weigh(telling, gate.keeps && !telling ? idOf(record) : '');
      if (weight === 0) return;
      const { direction } = record.downstream.listener;
      const side = this.#gateway ? 'gateway' : direction === 'outbound' ? 'outbound' : 'inbound';
      gate.offer(tapRecordOf(record, side, weight));
    });
    return { close };
  }

  counter(name: string, labels: LabelPairs = []): Counter {
    const [, manager, stat] = MANAGER_STAT.exec(name) ?? [];
    if (manager !== undefined && stat !== undefined) return httpScope(this.registry, manager).counter(stat);
    const prefix = name.startsWith('weft.') ? '' : 'envoy_';
    return this.registry.counter(
      `${prefix}${name.replace(/[^a-zA-Z0-9_]/g, '_')}`,
      labels,
      labels.length === 0 ? name : '',
    );
  }

  gauge(name: string): Counter {
    const [, manager, stat] = MANAGER_STAT.exec(name) ?? [];
    if (manager !== undefined && stat !== undefined) return httpScope(this.registry, manager).gauge(stat);
    return this.registry.gauge(`envoy_${name.replace(/[^a-zA-Z0-9_]/g, '_')}`, [], name);
  }

  /** Throws when a format has an unknown operator. */
  accessLoggers(logs: readonly AccessLog[]): readonly AccessLogger[] {
    return logs.map((log) => this.accessLogs.logger(log));
  }

  observeServer(uptime: () => number, live: () => boolean, connections: () => number, epoch: number): void {
    const gauge = (stat: string, read: () => number): void =>
      this.registry.observed(`envoy_server_${stat}`, 'gauge', [], `server.${stat}`, read);
    gauge('uptime', () => Math.floor(uptime()));
    gauge('live', () => Number(live()));
    gauge('total_connections', connections);
    gauge('hot_restart_epoch', () => epoch);
    gauge('memory_allocated', () => process.memoryUsage().heapUsed);
    gauge('memory_physical_size', () => process.memoryUsage.rss());
    this.registry.observed('weft_access_log_dropped_total', 'counter', [], '', () => this.accessLogs.dropped);
    this.registry.observed('weft_traffic_overflow_total', 'counter', [], '', () => this.traffic.overflow);
  }

  observeManagers(listeners: () => number, clusters: () => number): void {
    const { registry } = this;
    registry.observed(
      'envoy_listener_manager_total_listeners_active',
      'gauge',
      [],
      'listener_manager.total_listeners_active',
      listeners,
    );
    registry.observed(
      'envoy_cluster_manager_active_clusters',
      'gauge',
      [],
      'cluster_manager.active_clusters',
      clusters,
    );
  }

  /** Outcome of one `apply`. */
  applied(whole: boolean): void {
    this.counter(whole ? 'weft.config_applied' : 'weft.config_rejected').add(1);
  }

  stop(): void {
    this.accessLogs.stop();
  }
}

const isTold = ({ kind, status, grpcStatus, flags, details }: ExchangeRecord): boolean =>
  kind === 'http' ? isTelling(status, grpcStatus, flags !== 0) : isTellingConnection(flags !== 0, details);

const idOf = (record: ExchangeRecord): string =>
  record.kind === 'http' ? (record.requestHeader('x-request-id') ?? '') : '';
