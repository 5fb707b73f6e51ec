/**
 * The seams inside the engine: between the connection half (listen, transport, upstream, tcp, telemetry) and the HTTP half (http,
 * router, filters), and between both and the process around them (secrets, logs, time, chance).
 * Rules of the hot path: no promise, closure or options object per exchange. Callbacks are methods of long-lived objects; a record or a
 * context passed here is read synchronously and never kept.
 */
import type { Socket } from 'node:net';
import type { IpAddress, MonotonicClock, WallClock } from '@weft/core/kernel';
import type {
  Cluster,
  Endpoint,
  HttpConnectionManager,
  Listener,
  Tracing,
  RouteConfiguration,
  UpstreamProtocol,
} from '@weft/core/proxy-config';
import type { ServiceMessages } from '@weft/core/services';
import type { ConnectError } from './errors.ts';
import type { DownstreamConnection } from './downstream-connection.ts';
import type { EndpointPool, PoolLoad } from './endpoint-pool.ts';
import type { FailedAnswers } from './http/answer-matcher.ts';
import type { AccessLogger, RecordSink } from './exchange-record.ts';
import type { PickContext } from './pick-context.ts';
import type { ManagerTracing } from './tracing/index.ts';
import type { LiveValues, RowsOnDemand, RouteSource } from './route-source.ts';
import type { DnsResolver } from './upstream/dns.ts';
import type { Ledger } from './upstream/ledger.ts';

export type { OverrideHost, PickContext, ResolvedHost, TriedPriorities } from './pick-context.ts';
export type { LiveValues, RowsOnDemand, RouteSource, ScopeTable, WantedRow } from './route-source.ts';
export type { DownstreamConnection, PassedConnection } from './downstream-connection.ts';
export type { EndpointPool, PoolLoad } from './endpoint-pool.ts';
export type { AccessLogger, ExchangeRecord, RecordSink } from './exchange-record.ts';

// ---------------------------------------------------------------------------------------------------------------- time and chance

/** Told when a `Timer` of the wheel ends. `kind` is what the owner gave when it made the timer, so one object can own several. */
export interface TimerTarget {
  timerFired(kind: number): void;
}

/** Made once per connection or stream slot and started again as often as needed; starting and stopping allocate nothing. */
export interface ReusableTimer {
  /** (Re)starts it: fires once, `delayMs` from now, late by at most the wheel's tick (10 ms). 0 or less stops it: "no time-out". */
  start(delayMs: number): void;
  stop(): void;
  readonly running: boolean;
}

export interface TimerWheel {
  create(target: TimerTarget, kind: number): ReusableTimer;
}

/** Everything an engine part takes from outside. One object per engine. */
export interface EngineClock extends MonotonicClock {
  /** Until `release` it is one moment: that of the first question. Only around what is done at once. False: it was held before, and whoever did so releases it. */
  hold(): boolean;
  release(): void;
}

export interface EngineRuntime {
  readonly clock: EngineClock;
  readonly wall: WallClock;
  readonly timers: TimerWheel;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: EngineLog;
  readonly records: RecordSink;
  readonly counters: EngineCounters;
  /** The messages of services that filters ask; absent: such filters are refused. Asked when one is made, so that they are loaded then. */
  readonly messages?: (() => ServiceMessages) | undefined;
  /** What the engine refuses while it sheds load; asked per connection, request and answer. */
  readonly overload: OverloadState;
  readonly health: LocalHealth;
  /** What keys of the runtime say now. */
  readonly values: LiveValues;
  /** What a connection manager's word on tracing makes of its requests; throws when it cannot be compiled. Absent: it has none to say. */
  readonly tracing?: (
    manager: HttpConnectionManager,
    row: Tracing,
    egress: boolean,
    report: (fault: string) => void,
  ) => ManagerTracing;
  /** How hosts that requests name are resolved; absent: such requests are refused. */
  readonly dns?: DnsResolver | undefined;
  /** Absent: nobody brings what is missing. */
  readonly onDemand?: RowsOnDemand | undefined;
  /** Absent in an engine that is alone. */
  readonly limits?: SharedLimits | undefined;
}

/** Limits of filters that the engines of one process count together. */
export interface SharedLimits {
  /** Of the filter, or the route's word on it, that this row configures; undefined: they are this engine's own. */
  buckets(row: object): SharedBuckets | undefined;
  /** One cell: open connections of the connection limit that this row configures. */
  connections(row: object): Ledger | undefined;
  /** One cell: active faults of the connection managers with this stat_prefix. */
  faults(statPrefix: string): Ledger | undefined;
}

export interface SharedBuckets {
  readonly cells: BigInt64Array;
  /** To add to this engine's monotonic clock, ms, for the time that all share. */
  readonly shift: number;
}

/** Of this engine, by its operator's word (`/healthcheck/fail`, `/healthcheck/ok`). */
export interface LocalHealth {
  /** Asks its callers to go, and health checks fail; everything goes on. */
  failing: boolean;
  /** Envoy's node.cluster, which answers to health checks tell; may be empty. */
  readonly serviceCluster: string;
}

/** All false in an engine that sheds no load. */
export interface OverloadState {
  /** Answers ask their callers to go. */
  closesConnections: boolean;
  /** New requests get 503. */
  refusesRequests: boolean;
  /** New connections are closed at once. */
  refusesConnections: boolean;
}

// --------------------------------------------------------------------------------------------------------------------------- logs

export type LogLevel = 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'critical' | 'off';

/** Must not be given a secret. Values are written as JSON strings or numbers, so no peer can break a line. */
export interface EngineLog {
  /** Whether `level` is written for `component`; ask before building costly fields. */
  enabled(component: LogComponent, level: LogLevel): boolean;
  write(
    component: LogComponent,
    level: LogLevel,
    message: string,
    fields?: Readonly<Record<string, string | number>>,
  ): void;
}

export const LOG_COMPONENTS = [
  'admin',
  'config',
  'connection',
  'filter',
  'health',
  'http',
  'overload',
  'pool',
  'rbac',
  'router',
  'tls',
  'upstream',
] as const;
export type LogComponent = (typeof LOG_COMPONENTS)[number];

// ------------------------------------------------------------------------------------------------------------------------ secrets

/** PEM. The key never leaves the transport half: no log, no dump. */
export interface CertificateSecret {
  readonly certificateChain: string;
  readonly privateKey: string;
}

/** Secrets by SDS name, filled by the agent's stream (or by files in tests). Undefined: not there yet. */
export interface SecretSource {
  certificate(name: string): CertificateSecret | undefined;
  /** PEM roots for names that are not in the table `trustBundles`. */
  trustRoots(name: string): string | undefined;
  /** Calls `changed` with a secret's name after it was set, replaced or removed. Returns the unsubscribe function. */
  onChange(changed: (name: string) => void): () => void;
}

// --------------------------------------------------------------------------------------------------------------------- downstream

/** Who is at the other end of a TLS connection. Absent on plaintext. */
export interface PeerIdentity {
  /** The peer sent a certificate. */
  readonly presented: boolean;
  /** It chains to our roots, is in its time and its SANs are accepted. Only then the names below may be trusted; otherwise they are empty. */
  readonly verified: boolean;
  readonly uriSans: readonly string[];
  readonly dnsSans: readonly string[];
  /** RFC 2253 text, '' when there is none. */
  readonly subject: string;
  /** Lower-case hex SHA-256 of the leaf's DER, '' without certificate (x-forwarded-client-cert `Hash`). */
  readonly sha256: string;
  /** PEM of the leaf, for x-forwarded-client-cert `Cert`; computed on first use. */
  certificatePem(): string;
  /** Ours towards it: first URI SAN of the certificate we showed, '' when unknown. */
  readonly localUriSan: string;
  readonly tlsVersion: string;
  readonly cipher: string;
}

export interface SocketEnd {
  /** Canonical text; '' on a Unix socket. */
  readonly ip: string;
  readonly port: number;
  /** Parsed `ip` (v4-mapped IPv6 as IPv4); undefined on a Unix socket. */
  readonly address: IpAddress | undefined;
}

/** The HTTP half, as the engine composes it. `proxy/http/index.ts` exports `createHttpPath(runtime): HttpPath`. */
export interface HttpPath {
  /** Once per changed route table. Throws nothing: a ProxyConfig is valid by construction; an uncompilable regex is reported here. */
  compileRoutes(
    configuration: RouteConfiguration,
  ): { readonly routes: CompiledRoutes } | { readonly faults: readonly string[] };
  createManager(manager: HttpConnectionManager, setting: HttpManagerSetting): HttpManager;
}

/** Opaque to the engine. */
export interface CompiledRoutes {
  readonly name: string;
}

export interface HttpManagerSetting {
  readonly listener: Listener;
  readonly routes: RouteSource;
  readonly clusters: ClusterDirectory;
  /** `manager.accessLogs` compiled; hand them to `runtime.records` with every record. */
  readonly accessLoggers: readonly AccessLogger[];
  /** Whether answers should carry `connection: close`, asked once per answer: the engine drains. */
  readonly drain: { readonly draining: boolean };
}

/** One HTTP connection manager of one filter chain, with the connections it was given. */
export interface HttpManager {
  accept(connection: DownstreamConnection): void;
  /** Sends GOAWAY on HTTP/2 connections. What is under way, and HTTP/1.1, goes on. Idempotent. */
  ask(): void;
  /** From now on: idle connections close, every answer carries close (HTTP/2: GOAWAY). Open exchanges go on. Idempotent. */
  drain(): void;
  /** Cuts what is left. */
  destroy(): void;
  readonly openConnections: number;
  readonly openExchanges: number;
}

// ----------------------------------------------------------------------------------------------------------------------- upstream

export interface ClusterDirectory {
  /** The current runtime of that name. Ask once per exchange (or try) and hold on to it for its length. */
  get(name: string): ClusterRuntime | undefined;
}

export type BreakerPriority = 'default' | 'high';

/** A cluster as it is now. Lives until its row changes or goes; then its endpoints retire and the next `get` gives the successor. */
export interface ClusterRuntime {
  readonly config: Cluster;
  readonly name: string;
  /** Undefined: no endpoint can be used (503 UH). Never blocks; DNS clusters that have not resolved yet answer undefined. */
  pick(context: PickContext): EndpointRuntime | undefined;
  /** The endpoint that `pick` will give next; undefined: its policy cannot tell. */
  ahead(): EndpointRuntime | undefined;
  /** Of the pools of all its endpoints. */
  readonly load: PoolLoad;
  breaker(priority: BreakerPriority): CircuitBreaker;
  /** One of its statistics, by Envoy's name behind `cluster.<name>.`. */
  counter(stat: string): Counter;
  /** Its endpoints, and those of them that are healthy or degraded. */
  membership(): { readonly total: number; readonly available: number };
  /** What the router did with an exchange, by Envoy's name of the cluster's counter. */
  count(event: RouterEvent): void;
}

export type RouterEvent =
  | 'upstream_rq_retry'
  | 'upstream_rq_retry_success'
  | 'upstream_rq_retry_limit_exceeded'
  | 'upstream_rq_retry_backoff_exponential'
  | 'upstream_rq_retry_backoff_ratelimited'
  | 'upstream_rq_per_try_timeout'
  | 'upstream_cx_max_duration_reached'
  | 'upstream_cx_idle_timeout'
  | 'upstream_cx_max_requests'
  | 'upstream_internal_redirect_succeeded_total'
  | 'upstream_internal_redirect_failed_total'
  /** What a service said of requests to it. */
  | `ratelimit.${string}`;

/**
 * envoy.config.cluster.v3.CircuitBreakers for one priority of one cluster. Each `try...` takes a slot or counts an overflow and says
 * false; every slot taken is given back exactly once by its owner. Connection slots are taken and given back by `connect` itself.
 */
export interface CircuitBreaker {
  /** An exchange waits for a connection. */
  tryPending(): boolean;
  releasePending(): void;
  /** An exchange is on a connection. */
  tryRequest(): boolean;
  releaseRequest(): void;
  /** Held from the decision to retry until that try ends. */
  tryRetry(): boolean;
  releaseRetry(): void;
  /** Whether a connection could be opened now. */
  readonly canConnect: boolean;
}

/**
 * One endpoint of one cluster, with everything that must outlive a configuration change that keeps it: in-flight count, ejection,
 * pooled connections.
 */
export interface EndpointRuntime {
  readonly cluster: ClusterRuntime;
  readonly endpoint: Endpoint;
  /** `ip:port` or the pipe's path, as metrics and `%UPSTREAM_HOST%` show it. */
  readonly address: string;
  /** What it speaks: TLS unless the transport or the endpoint says plaintext. Part of the pool key; constant for this object's life. */
  readonly secure: boolean;
  readonly protocol: UpstreamProtocol;
  /** 0 is the highest. */
  readonly priority: number;
  readonly health: 'healthy' | 'degraded' | 'unhealthy';
  /** No new exchange may start here; idle pooled connections close. */
  readonly retired: boolean;
  /** What outlier detection takes for a failed answer, where its cluster says so itself. */
  readonly failed: FailedAnswers | undefined;
  /** The HTTP half's pool for this endpoint. Owned by it; the endpoint only tells it about retirement. */
  pool: EndpointPool | undefined;

  /** Whether a connection could be opened now: by the limits of the cluster, and of this endpoint alone. */
  canConnect(priority: BreakerPriority): boolean;

  /** Begins a connection; exactly one method of `handler` is called, always later than this call. Cancel: `attempt.cancel()`. */
  connect(handler: ConnectHandler, priority: BreakerPriority): ConnectAttempt;

  /**
   * Opens a UDP socket to it; undefined: no connection slot is left (counted) or it has no IP address. Datagrams longer than `maxBytes` that come
   * back are dropped and counted.
   */
  openDatagrams(handler: DatagramHandler, maxBytes: number): DatagramPath | undefined;

  /** In-flight count of least request and `rq_active`; call both exactly once per try that was sent. */
  requestStarted(): void;
  requestEnded(): void;
  /** Status of a response with the try's duration, for counters; `judged`: what outlier detection takes it for, where a gRPC status in the head says another; `counted` (default 'answer'): which of the cluster's counters it goes to. */
  reportStatus(status: number, durationMs: number, judged?: number, counted?: CountedAs): void;
  /** No response: time-out of a try, reset, early close. Failed connects are reported by `connect` itself. */
  reportLocalOriginFailure(kind: LocalOriginFailure): void;
}

/** `soft-timeout`: of a try that goes on all the same, which outlier detection alone is told. */
export type LocalOriginFailure = 'timeout' | 'soft-timeout' | 'reset' | 'protocol-error';

/** Passed on, tried again, or in no counter, as answers to health checks. */
export type CountedAs = 'answer' | 'retry' | 'nothing';

/**
 * Where a plaintext connection's bytes go instead of 'data' events: one buffer that all connections of the loop share, valid only during
 * the call. Without a receiver the bytes are copied and come by 'data' as usual.
 */
export interface SharedReads {
  receiver: ReadReceiver | undefined;
  /** Set by the receiver: it can make use of `owned` bytes. */
  keeps: boolean;
  /** During `received`: the bytes are in a buffer of this connection alone. */
  owned: boolean;
  /** Set by the receiver of owned bytes before it returns: who may still need slices of them; nothing is read over them while it holds any. */
  holder: OctetHolder | undefined;
}

/** Whom octets were given to, in order. */
export interface OctetHolder {
  /** Some that it was given have not left. */
  readonly holdsBytes: boolean;
}

export interface ReadReceiver {
  /** bytes[0, length) just arrived. */
  received(bytes: Uint8Array, length: number): void;
}

export interface ConnectHandler {
  /** ALPN protocols to offer, none when empty; absent: those of the cluster's transport. */
  readonly alpn?: readonly string[] | undefined;
  /** The host that the requests are for, where the cluster's `autoSni` asks for it; absent or '': none. */
  readonly serverName?: string | undefined;
  /** Set: a plaintext connection reads through it. */
  readonly reads?: SharedReads | undefined;
  /** Whom the connection is for, where the cluster says so in a PROXY header; absent: nobody, as for health checks. */
  readonly downstream?: DownstreamConnection | undefined;
  connected(connection: UpstreamConnection): void;
  connectFailed(error: ConnectError, detail: string): void;
}

export interface ConnectAttempt {
  /** After it neither method of the handler is called. No effect once one was. */
  cancel(): void;
}

export interface DatagramHandler {
  /** `bytes` are the receiver's. */
  answered(bytes: Uint8Array): void;
}

export interface DatagramPath {
  /** The endpoint is there and healthy. */
  readonly usable: boolean;
  /** Never blocks: what cannot leave is dropped and counted, as a network would. */
  send(bytes: Uint8Array): void;
  /** Gives the slot back. Idempotent. */
  close(): void;
}

export interface UpstreamConnection {
  readonly endpoint: EndpointRuntime;
  /** net.Socket or tls.TLSSocket, TLS done and peer verified, allowHalfOpen, noDelay, paused, no listener but ours for 'close'. The receiver owns it. */
  readonly socket: Socket;
  /** '' without. */
  readonly alpn: string;
  /** SPIFFE ID the endpoint proved, '' on plaintext. */
  readonly peerUriSan: string;
  /** `ip:port` of our end. */
  readonly localAddress: string;
  /** Monotonic ms. */
  readonly connectedAt: number;
}

// ---------------------------------------------------------------------------------------------------------------------- telemetry

/** Counters that are no business of a cluster or listener object. Names are Envoy's, without prefix. */
export interface EngineCounters {
  /** Handle of a counter, made once at configuration time and bounded in number. */
  counter(name: string, labels?: readonly (readonly [name: string, value: string])[]): Counter;
  /** As `counter`, for a number that falls again. */
  gauge(name: string): Counter;
}

export interface Counter {
  add(amount: number): void;
  readonly value: number;
}
