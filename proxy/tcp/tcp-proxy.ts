/** The terminal filter envoy.filters.network.tcp_proxy of one filter chain, with the sessions it was given. */
import { chooseWeighted } from '@weft/core/decide';
import type { LbMetadata, TcpProxy } from '@weft/core/proxy-config';
import type {
  AccessLogger,
  ClusterDirectory,
  Counter,
  DownstreamConnection,
  EngineRuntime,
  ExchangeRecord,
} from '../ports.ts';
import type { Registry } from '../telemetry/registry.ts';
import { StatScope } from '../telemetry/scope.ts';
import { TcpSession } from './session.ts';
import { compileTunnel, type TunnelPlan } from './tunnel-plan.ts';

/** Endpoints tried in all when the configuration asks for fewer: a refused connect reached no application. */
const LEAST_ATTEMPTS = 3;

class TcpStats {
  readonly total: Counter;
  readonly received: Counter;
  readonly sent: Counter;
  readonly idleTimeout: Counter;
  readonly noRoute: Counter;

  constructor(registry: Registry, statPrefix: string, active: () => number) {
    const scope = new StatScope(registry, `tcp.${statPrefix}.`, 'envoy_tcp_', [['envoy_tcp_prefix', statPrefix]]);
    this.total = scope.counter('downstream_cx_total');
    this.received = scope.counter('downstream_cx_rx_bytes_total');
    this.sent = scope.counter('downstream_cx_tx_bytes_total');
    this.idleTimeout = scope.counter('idle_timeout');
    this.noRoute = scope.counter('downstream_cx_no_route');
    scope.observed('downstream_cx_active', 'gauge', active);
  }

  failed(error: string): void {
    if (error === 'cluster-not-found') this.noRoute.add(1);
  }
}

interface Destination {
  readonly cluster: string;
  readonly metadataMatch: LbMetadata;
}

/** Both, sorted by key; `own` comes before `common`. */
const joined = (common: LbMetadata, own: LbMetadata): LbMetadata =>
  [...new Map([...common, ...own])].sort(([a], [b]) => (a < b ? -1 : 1));

export class TcpProxyRuntime {
  readonly conf: TcpProxy;
  readonly runtime: EngineRuntime;
  readonly clusters: ClusterDirectory;
  readonly stats: TcpStats;
  readonly tunnel: TunnelPlan | undefined;
  readonly #bySni: boolean;
  readonly #weighted: readonly Destination[];
  readonly #accessLoggers: readonly AccessLogger[];
  readonly #sessions = new Set<TcpSession>();

  /** `bySni`: a server name names the cluster. Throws with what of a tunnel cannot be compiled. */
  constructor(
    conf: TcpProxy,
    bySni: boolean,
    runtime: EngineRuntime,
    clusters: ClusterDirectory,
    accessLoggers: readonly AccessLogger[],
    registry: Registry,
  ) {
    this.conf = conf;
    this.#bySni = bySni;
    this.runtime = runtime;
    this.clusters = clusters;
    this.#accessLoggers = accessLoggers;
    this.tunnel = conf.tunnel === undefined ? undefined : compileTunnel(conf.tunnel, runtime);
    this.#weighted =
      conf.destination.kind === 'cluster'
        ? []
        : conf.destination.clusters.map(({ cluster, metadataMatch }) => ({
            cluster,
            metadataMatch: joined(conf.metadataMatch, metadataMatch),
          }));
    this.stats = new TcpStats(registry, conf.statPrefix, () => this.#sessions.size);
  }

  get openConnections(): number {
    return this.#sessions.size;
  }

  get openExchanges(): number {
    return this.#sessions.size;
  }

  accept(connection: DownstreamConnection): void {
    const session = new TcpSession(this, connection);
    this.#sessions.add(session);
    this.stats.total.add(1);
    session.start();
  }

  /** TCP has no way to ask for an end: open sessions go on until the engine cuts them. */
  ask(): void {
    // Nothing to say to either side.
  }

  drain(): void {
    // Nothing to say to either side.
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy();
  }

  chooseCluster({ serverName }: DownstreamConnection): Destination {
    const { destination, metadataMatch } = this.conf;
    if (this.#bySni && serverName !== '') return { cluster: serverName, metadataMatch };
    if (destination.kind === 'cluster') return { cluster: destination.cluster, metadataMatch };
    return (
      this.#weighted[chooseWeighted(destination.clusters, this.runtime.random())] ?? { cluster: '', metadataMatch }
    );
  }

  mayTry(attempts: number): boolean {
    return attempts < Math.max(this.conf.maxConnectAttempts, LEAST_ATTEMPTS);
  }

  /** Into access logs alone. */
  write(session: ExchangeRecord): void {
    for (const logger of this.#accessLoggers) logger.log(session);
  }

  refused(record: ExchangeRecord): void {
    this.write(record);
  }

  ended(session: TcpSession): void {
    this.#sessions.delete(session);
    this.stats.received.add(session.bytesReceived);
    this.stats.sent.add(session.bytesSent);
    this.runtime.records.exchangeEnded(session, this.#accessLoggers);
  }
}
