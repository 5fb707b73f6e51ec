/**
 * One TCP connection through the proxy: choose a cluster and an endpoint, connect (to another endpoint when one cannot be reached: nothing was sent
 * yet), splice, record. It is its own record.
 */
import type { LbMetadata } from '@weft/core/proxy-config';
import type { ConnectError } from '../errors.ts';
import { ERROR_ANSWERS } from '../errors.ts';
import type {
  ClusterRuntime,
  ConnectAttempt,
  ConnectHandler,
  DownstreamConnection,
  EndpointRuntime,
  ExchangeRecord,
  PickContext,
  ReusableTimer,
  TimerTarget,
  UpstreamConnection,
} from '../ports.ts';
import { ResponseFlag, type ResponseFlags } from '../response-flags.ts';
import { type Hash64, xxHash64 } from '../upstream/hash/index.ts';
import { sharedReads } from '../upstream/shared-reads.ts';
import { SocketSide, type TunnelSide } from '../http/tunnel-side.ts';
import { Tunnel, type TunnelOwner } from '../http/tunnel.ts';
import { Splice, type SpliceOwner } from './splice.ts';
import type { TcpProxyRuntime } from './tcp-proxy.ts';
import { TunnelRequest, type TunnelRequestOwner } from './tunnel-request.ts';

const NOTHING = new Uint8Array(0);
const IDLE = 0;
const NO_ALPN: readonly string[] = [];
const DURATION = 1;
const COUNTED = 2;
const LOGGED = 3;

/** ms between two times that an open connection is counted: it stays in view of whoever looks at the last minute. */
const COUNT_INTERVAL = 15_000;

export class TcpSession
  implements PickContext, ConnectHandler, SpliceOwner, TunnelRequestOwner, TunnelOwner, TimerTarget, ExchangeRecord
{
  readonly kind = 'tcp';
  readonly downstream: DownstreamConnection;
  readonly startWall: number;
  readonly hash: Hash64 | undefined;
  readonly protocol = '';
  readonly method = '';
  readonly path = '';
  readonly authority = '';
  readonly routeName = '';
  readonly grpcStatus = -1;
  readonly status = 0;
  readonly requestTxDuration = -1;
  readonly requestDuration = -1;
  readonly responseDuration = -1;
  readonly responseTxDuration = -1;
  duration = -1;
  flags: ResponseFlags = ResponseFlag.none;
  details = '';
  early: ExchangeRecord['early'];
  readonly alreadyCounted = { received: 0, sent: 0, ms: 0 };
  clusterName = '';
  metadataMatch: LbMetadata = [];

  /** What a cluster of this engine passed on. */
  get metadata(): DownstreamConnection['metadata'] {
    return this.downstream.metadata;
  }

  attempts = 0;
  upstreamFailure = '';
  endpoint: EndpointRuntime | undefined;
  upstream: UpstreamConnection | undefined;
  readonly reads = sharedReads();
  readonly #proxy: TcpProxyRuntime;
  readonly #tried: EndpointRuntime[] = [];
  readonly #idle: ReusableTimer;
  readonly #limit: ReusableTimer;
  /** Made when it is open. */
  #count: ReusableTimer | undefined;
  #log: ReusableTimer | undefined;
  #cluster: ClusterRuntime | undefined;
  #attempt: ConnectAttempt | undefined;
  #splice: Splice | undefined;
  #tunnel: Tunnel | undefined;
  #request: TunnelRequest | undefined;
  #tunnelled = { received: 0, sent: 0 };
  #ended = false;

  constructor(proxy: TcpProxyRuntime, downstream: DownstreamConnection) {
    this.#proxy = proxy;
    this.downstream = downstream;
    const { runtime } = proxy;
    this.startWall = runtime.wall.now();
    this.hash = proxy.conf.hashSourceIp && downstream.remote.ip !== '' ? xxHash64(downstream.remote.ip) : undefined;
    this.#idle = runtime.timers.create(this, IDLE);
    this.#limit = runtime.timers.create(this, DURATION);
  }

  /** Its bytes are of no protocol that we know, so that none is offered where ALPN would choose one. */
  get alpn(): readonly string[] | undefined {
    return this.#cluster?.config.protocol.kind === 'auto' ? NO_ALPN : undefined;
  }

  get source(): string {
    return this.downstream.filterChain.source ?? '';
  }

  get bytesReceived(): number {
    return this.#splice?.bytesReceived ?? this.#tunnelled.received;
  }

  get bytesSent(): number {
    return this.#splice?.bytesSent ?? this.#tunnelled.sent;
  }

  get avoidTried(): boolean {
    return this.#tried.length > 0;
  }

  hasTried(endpoint: EndpointRuntime): boolean {
    return this.#tried.includes(endpoint);
  }

  requestHeader(): undefined {
    return undefined;
  }

  responseHeader(): undefined {
    return undefined;
  }

  start(): void {
    const { conf, clusters } = this.#proxy;
    const jitter = (conf.maxConnectionDuration * conf.maxConnectionDurationJitter * this.#proxy.runtime.random()) / 100;
    this.#limit.start(conf.maxConnectionDuration + jitter);
    this.downstream.socket.once('close', this.#downstreamClosed);
    const { cluster, metadataMatch } = this.#proxy.chooseCluster(this.downstream);
    this.clusterName = cluster;
    this.metadataMatch = metadataMatch;
    this.#cluster = clusters.get(this.clusterName);
    if (this.#cluster === undefined) this.#fail('cluster-not-found');
    else this.#connect();
  }

  destroy(): void {
    this.#attempt?.cancel();
    if (this.#splice !== undefined) this.#splice.destroy();
    else if (this.#tunnel !== undefined) this.#tunnel.destroy();
    else this.downstream.socket.destroy();
  }

  connected(connection: UpstreamConnection): void {
    this.upstream = connection;
    this.#attempt = undefined;
    this.downstream.socket.removeListener('close', this.#downstreamClosed);
    connection.endpoint.requestStarted();
    this.#splice = new Splice(
      this.downstream.socket,
      connection.socket,
      this,
      connection.endpoint.secure ? undefined : this.reads,
    );
    this.#idle.start(this.#proxy.conf.idleTimeout);
    this.#opened();
    this.#splice.start();
  }

  tunnelGranted(side: TunnelSide, connection: UpstreamConnection): void {
    const { runtime, conf } = this.#proxy;
    this.upstream = connection;
    this.#attempt = undefined;
    this.downstream.socket.removeListener('close', this.#downstreamClosed);
    this.#idle.start(conf.idleTimeout);
    this.#opened();
    const own = new SocketSide(this.downstream.socket, NOTHING);
    this.#tunnel = new Tunnel(own, side, this, runtime.timers, 0);
    this.#tunnel.start([]);
  }

  tunnelled(fromDownstream: boolean, octets: number): void {
    if (fromDownstream) this.#tunnelled.received += octets;
    else this.#tunnelled.sent += octets;
    this.#idle.start(this.#proxy.conf.idleTimeout);
  }

  tunnelEnded(): void {
    this.#request?.tunnelEnded();
    this.#end();
  }

  connectFailed(error: ConnectError, detail: string): void {
    this.#attempt = undefined;
    this.upstreamFailure = `${error}: ${detail}`;
    if (error !== 'overflow' && this.#proxy.mayTry(this.attempts) && this.#connect()) return;
    this.#fail(error);
  }

  spliceActive(): void {
    this.#idle.start(this.#proxy.conf.idleTimeout);
  }

  spliceClosed(failed: 'downstream' | 'upstream' | undefined): void {
    this.endpoint?.requestEnded();
    if (failed === 'downstream') this.flags |= ResponseFlag.downstreamConnectionTermination;
    if (failed === 'upstream') this.flags |= ResponseFlag.upstreamConnectionTermination;
    this.#end();
  }

  timerFired(kind: number): void {
    if (kind === COUNTED) {
      this.#proxy.runtime.records.connectionGoesOn?.(this, this.#age());
      this.#count?.start(COUNT_INTERVAL);
      return;
    }
    if (kind === LOGGED) {
      this.#written('periodic');
      this.#log?.start(this.#proxy.conf.earlyRecords.interval);
      return;
    }
    if (kind === IDLE) {
      this.details = 'tcp_session_idle_timeout';
      this.flags |= ResponseFlag.streamIdleTimeout;
      this.#proxy.stats.idleTimeout.add(1);
    } else {
      this.details = 'max_connection_duration_reached';
      this.flags |= ResponseFlag.durationTimeout;
    }
    this.destroy();
  }

  #opened(): void {
    const { runtime, conf } = this.#proxy;
    runtime.records.connectionOpened?.(this);
    this.#count = runtime.timers.create(this, COUNTED);
    this.#count.start(COUNT_INTERVAL);
    const { interval, connected } = conf.earlyRecords;
    if (connected) this.#written('connected');
    if (interval === 0) return;
    this.#log = runtime.timers.create(this, LOGGED);
    this.#log.start(interval);
  }

  /** Into access logs alone. */
  #written(early: NonNullable<ExchangeRecord['early']>): void {
    this.early = early;
    this.duration = this.#age();
    this.#proxy.write(this);
    this.early = undefined;
    this.duration = -1;
  }

  /** ms since it was accepted. */
  #age(): number {
    return this.#proxy.runtime.clock.now() - this.downstream.acceptedAt;
  }

  /** False: there is no endpoint that was not tried. */
  #connect(): boolean {
    const endpoint = this.#cluster?.pick(this);
    if (
      endpoint === undefined ||
      (this.avoidTried && this.attempts >= this.#proxy.conf.maxConnectAttempts && this.hasTried(endpoint))
    ) {
      if (!this.avoidTried) this.#fail('no-healthy-endpoint');
      return false;
    }
    this.attempts += 1;
    this.endpoint = endpoint;
    this.#tried.push(endpoint);
    const { tunnel } = this.#proxy;
    if (tunnel === undefined) this.#attempt = endpoint.connect(this, 'default');
    else this.#attempt = this.#request = new TunnelRequest(tunnel, endpoint, this).begin();
    return true;
  }

  readonly #downstreamClosed = (): void => {
    this.#attempt?.cancel();
    this.flags |= ResponseFlag.downstreamConnectionTermination;
    this.#end();
  };

  #fail(error: ConnectError | 'cluster-not-found' | 'no-healthy-endpoint'): void {
    const answer = ERROR_ANSWERS[error];
    this.flags |= answer.flag;
    this.details = answer.details;
    this.#proxy.stats.failed(error);
    this.downstream.socket.removeListener('close', this.#downstreamClosed);
    this.downstream.socket.destroy();
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#idle.stop();
    this.#limit.stop();
    this.#count?.stop();
    this.#log?.stop();
    this.duration = this.#age();
    this.#proxy.ended(this);
  }
}
