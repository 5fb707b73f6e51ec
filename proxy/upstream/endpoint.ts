/**
 * One endpoint of one cluster at run time: what outlives configuration changes that keep it (in-flight count, ejection, health, pool) and
 * its part in the statistics. Owned by its cluster; the address and whether it is secure never change during its life.
 */
import { addressText, type Endpoint, type MetadataStruct, type UpstreamProtocol } from '@weft/core/proxy-config';
import type { ConnectError } from '../errors.ts';
import type { InternalPath } from '../listen/internal.ts';
import type {
  BreakerPriority,
  ConnectAttempt,
  ConnectHandler,
  CountedAs,
  LocalOriginFailure,
  DatagramHandler,
  DatagramPath,
  EndpointPool,
  EndpointRuntime,
} from '../ports.ts';
import type { TlsRefusal } from '../transport/index.ts';
import { type Balanced, Latency } from './balance/index.ts';
import type { UpstreamCluster } from './cluster.ts';
import type { ClusterStats } from './cluster-stats.ts';
import { Connecting } from './connect.ts';
import { UpstreamDatagrams } from './datagrams.ts';
import type { FailedAnswers } from '../http/answer-matcher.ts';
import type { EndpointMonitor } from './outlier-detector.ts';
import type { UpstreamSetting } from './setting.ts';

/** Errors of this process when it runs out of something: no fault of the endpoint. */
const OURS = /\b(?:EMFILE|ENFILE|ENOBUFS|ENOMEM|EADDRNOTAVAIL)\b/;

export type EndpointHealth = 'healthy' | 'degraded' | 'unhealthy';

/** The locality of an endpoint: a text that is equal for equal localities, and load_balancing_weight (0: none). */
export interface Place {
  readonly key: string;
  readonly weight: number;
}

export class UpstreamEndpoint implements EndpointRuntime, Balanced {
  readonly cluster: UpstreamCluster;
  readonly setting: UpstreamSetting;
  readonly stats: ClusterStats;
  readonly address: string;
  readonly secure: boolean;
  readonly protocol: UpstreamProtocol;
  readonly since: number;
  readonly latency: Latency | undefined;
  endpoint: Endpoint;
  priority: number;
  place: Place;
  retired = false;
  pool: EndpointPool | undefined;
  monitor: EndpointMonitor | undefined;
  /** Counts of outlier detection that the process's engines share; undefined when this engine is alone. */
  counts: SharedArrayBuffer | undefined;
  /** Verdict of active health checks; true without any. */
  checkedHealthy = true;
  /** Active checks have not ended once. */
  unchecked = false;
  activeRequests = 0;
  activeConnections = 0;
  readonly totals = { requests: 0, successes: 0, errors: 0, timeouts: 0, connections: 0, connectFailures: 0 };

  constructor(cluster: UpstreamCluster, endpoint: Endpoint, priority: number, place: Place, secure: boolean) {
    this.cluster = cluster;
    this.setting = cluster.setting;
    this.stats = cluster.stats;
    this.endpoint = endpoint;
    this.priority = priority;
    this.place = place;
    this.address = addressText(endpoint.address);
    this.secure = secure;
    this.protocol = cluster.config.protocol;
    const { loadBalancing } = cluster.config;
    this.latency = loadBalancing.kind === 'peak-ewma' ? new Latency(loadBalancing) : undefined;
    this.since = cluster.setting.runtime.clock.now();
  }

  /** Unique in its cluster. */
  get key(): string {
    return endpointKey(this.secure, this.endpoint);
  }

  get failed(): FailedAnswers | undefined {
    return this.cluster.failed;
  }

  get weight(): number {
    return this.endpoint.weight;
  }

  /** It counts neither as healthy nor as unhealthy. */
  get excluded(): boolean {
    return this.unchecked && this.cluster.config.ignoreUncheckedEndpoints;
  }

  hashKey(useHostname: boolean): string {
    const { lbMetadata, hostname } = this.endpoint;
    const stated = lbMetadata.find(([key]) => key === 'hash_key')?.[1];
    if (typeof stated === 'string' && stated !== '') return stated;
    return useHostname ? hostname : this.address;
  }

  /** As Envoy tells it: what was found out comes before what was stated. */
  get status(): Endpoint['health'] {
    return !this.checkedHealthy || this.monitor?.ejected === true ? 'unhealthy' : this.endpoint.health;
  }

  get health(): EndpointHealth {
    if (!this.checkedHealthy || this.monitor?.ejected === true) return 'unhealthy';
    switch (this.endpoint.health) {
      case 'unknown':
      case 'healthy':
        return 'healthy';
      case 'degraded':
        return 'degraded';
      case 'unhealthy':
      case 'draining':
      case 'timeout':
        return 'unhealthy';
    }
  }

  connect(handler: ConnectHandler, priority: BreakerPriority): ConnectAttempt {
    const tls = this.secure ? this.cluster.tls : undefined;
    return new Connecting(this, handler, this.cluster.breaker(priority), tls).begin();
  }

  /** As `connect`, outside the limits and the outlier statistics of traffic. */
  connectForCheck(handler: ConnectHandler): ConnectAttempt {
    const tls = this.secure ? this.cluster.tls : undefined;
    const own = this.endpoint.healthCheck?.port ?? 0;
    return new Connecting(this, handler, undefined, tls, own).begin();
  }

  /** To a listener of this engine, with what the cluster passes on. Throws when there is no such listener. */
  internalPath(listener: string): InternalPath {
    const { passthroughMetadata, metadata: ofCluster = [] } = this.cluster.config;
    const metadata = new Map<string, MetadataStruct>();
    for (const { of, namespace } of passthroughMetadata) {
      const [, value] =
        (of === 'cluster' ? ofCluster : (this.endpoint.metadata ?? [])).find(([name]) => name === namespace) ?? [];
      if (value !== undefined) metadata.set(namespace, value);
    }
    const path = this.setting.internal.pathTo(listener, { metadata });
    if (path === undefined) throw new Error(`no internal listener is named ${listener}`);
    return path;
  }

  canConnect(priority: BreakerPriority): boolean {
    const breaker = this.cluster.breaker(priority);
    return this.activeConnections < breaker.thresholds.maxConnectionsPerEndpoint && breaker.canConnect;
  }

  openDatagrams(handler: DatagramHandler, maxBytes: number): DatagramPath | undefined {
    return UpstreamDatagrams.open(this, this.cluster.breaker('default'), handler, maxBytes);
  }

  requestStarted(): void {
    if (!this.cluster.hadTraffic) this.cluster.firstTraffic();
    this.monitor?.localSuccess();
    this.activeRequests += 1;
    this.totals.requests += 1;
    this.stats.requestStarted();
  }

  requestEnded(): void {
    this.activeRequests -= 1;
    this.monitor?.ended();
    this.stats.requestEnded();
  }

  reportStatus(status: number, durationMs: number, judged = status, counted: CountedAs = 'answer'): void {
    if (judged >= 500) this.totals.errors += 1;
    else this.totals.successes += 1;
    if (counted === 'retry') this.stats.retriedStatus(status);
    else if (counted === 'answer') this.stats.status(status, durationMs);
    if (durationMs > 0) this.latency?.observe(durationMs, this.setting.runtime.clock.now(), judged >= 500);
    if (durationMs > 0) this.monitor?.took(durationMs);
    this.monitor?.status(judged);
  }

  reportLocalOriginFailure(kind: LocalOriginFailure): void {
    if (kind === 'timeout') {
      this.totals.timeouts += 1;
      this.stats.requestTimedOut();
    } else if (kind !== 'soft-timeout') this.totals.errors += 1;
    const late = kind === 'timeout' || kind === 'soft-timeout';
    // It took longer than anybody waits.
    if (late) this.monitor?.took(Number.POSITIVE_INFINITY);
    this.monitor?.localFailure(late);
  }

  /** Takes no more traffic; what is open goes on. */
  retire(): void {
    this.retired = true;
    this.pool?.drain();
  }

  connectionOpened(): void {
    this.activeConnections += 1;
    this.totals.connections += 1;
    this.stats.connectionOpened();
  }

  connectionClosed(): void {
    this.activeConnections -= 1;
    this.stats.connectionClosed();
  }

  connectFailed(error: ConnectError, detail: string): void {
    if (error === 'overflow') return;
    this.totals.connectFailures += 1;
    this.stats.connectFailed(error === 'connect-timeout');
    if (!OURS.test(detail)) this.monitor?.localFailure(error === 'connect-timeout');
    const { log } = this.setting.runtime;
    if (log.enabled('upstream', 'debug')) {
      log.write('upstream', 'debug', 'connect failed', {
        cluster: this.cluster.name,
        endpoint: this.address,
        error,
        detail,
      });
    }
  }

  refusedPeer(reason: TlsRefusal, detail: string): void {
    this.stats.refusedPeer(reason);
    this.setting.runtime.log.write('tls', 'warning', 'endpoint refused', {
      cluster: this.cluster.name,
      endpoint: this.address,
      reason,
      detail,
    });
  }
}

export const endpointKey = (secure: boolean, endpoint: Endpoint): string =>
  `${secure ? 'tls' : 'plain'} ${addressText(endpoint.address)}`;
