/** For tests: the HTTP half between a real listening socket and real backends, with plain stand-ins for the connection half. */
import net from 'node:net';
import { parseIp } from '@weft/core/kernel';
import {
  type Cluster,
  type HttpConnectionManager,
  PLAIN_ENDPOINT,
  type RouteConfiguration,
} from '@weft/core/proxy-config';
import type {
  CircuitBreaker,
  ClusterRuntime,
  Counter,
  ConnectAttempt,
  ConnectHandler,
  DownstreamConnection,
  EndpointPool,
  EndpointRuntime,
  EngineRuntime,
  ExchangeRecord,
  HttpManager,
  PeerIdentity,
  PickContext,
  RouterEvent,
  SocketEnd,
} from '../../ports.ts';
import { calm } from '../../overload/overload.ts';
import { formatResponseFlags } from '../../response-flags.ts';
import { HashedTimerWheel, systemMonotonicClock, TurnClock, systemWallClock } from '../../time/index.ts';
import { readInto } from '../../upstream/shared-reads.ts';
import { createHttpPath } from '../index.ts';
import { clusterOf, listenerOf, managerOf } from './configuration.ts';

/** The parts of a finished exchange that tests look at. */
export interface SeenRecord {
  readonly status: number;
  readonly flags: string;
  readonly details: string;
  readonly cluster: string;
  readonly endpoint: string;
  readonly attempts: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly source: string;
  readonly path: string;
  /** The response's x-backend, asked at the end as an access log would. */
  readonly backend: string | undefined;
}

class TestBreaker implements CircuitBreaker {
  pending = 0;
  requests = 0;
  retries = 0;
  readonly #limits: { readonly pending: number; readonly requests: number; readonly retries: number };
  constructor(cluster: Cluster) {
    const { maxPendingRequests, maxRequests, maxRetries } = cluster.circuitBreakers.default;
    this.#limits = { pending: maxPendingRequests, requests: maxRequests, retries: maxRetries };
  }
  tryPending = (): boolean => this.pending < this.#limits.pending && (this.pending += 1) > 0;
  releasePending = (): void => void (this.pending -= 1);
  tryRequest = (): boolean => this.requests < this.#limits.requests && (this.requests += 1) > 0;
  releaseRequest = (): void => void (this.requests -= 1);
  tryRetry = (): boolean => this.retries < this.#limits.retries && (this.retries += 1) > 0;
  releaseRetry = (): void => void (this.retries -= 1);
  readonly canConnect = true;
}

export class TestEndpoint implements EndpointRuntime {
  readonly cluster: ClusterRuntime;
  endpoint: EndpointRuntime['endpoint'];
  readonly address: string;
  secure = false;
  readonly health = 'healthy';
  readonly priority = 0;
  readonly protocol: Cluster['protocol'];
  retired = false;
  readonly failed = undefined;
  pool: EndpointPool | undefined;
  active = 0;
  statuses: number[] = [];
  failures: string[] = [];
  connects = 0;
  readonly #port: number;

  constructor(cluster: ClusterRuntime, port: number) {
    this.cluster = cluster;
    this.protocol = cluster.config.protocol;
    this.#port = port;
    this.address = `127.0.0.1:${port}`;
    this.endpoint = {
      address: { kind: 'ip', ip: '127.0.0.1', port },
      ...PLAIN_ENDPOINT,
      health: 'healthy',
    };
  }

  /** Taken for one behind mutual TLS; its connections stay plaintext. */
  becomePeer(): void {
    this.secure = true;
    const workload = { workload: '', identity: '', app: '', version: '', transport: 'mtls' } as const;
    this.endpoint = { ...this.endpoint, workload };
  }

  openDatagrams(): undefined {
    return undefined;
  }

  canConnect(priority: 'default' | 'high'): boolean {
    return this.cluster.breaker(priority).canConnect;
  }

  connect(handler: ConnectHandler): ConnectAttempt {
    this.connects += 1;
    const { reads } = handler;
    const socket: net.Socket = net.connect({
      port: this.#port,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
      ...(reads === undefined ? {} : { onread: readInto(reads, () => socket) }),
    });
    socket.pause();
    socket.unref();
    const failed = (): void => handler.connectFailed('connect-failed', 'refused');
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      handler.connected({
        endpoint: this,
        socket,
        alpn: '',
        peerUriSan: '',
        localAddress: `127.0.0.1:${socket.localPort}`,
        connectedAt: systemMonotonicClock.now(),
      });
    });
    return {
      cancel: () => {
        socket.removeAllListeners();
        socket.on('error', () => {});
        socket.destroy();
      },
    };
  }
  requestStarted = (): void => void (this.active += 1);
  requestEnded = (): void => void (this.active -= 1);
  reportStatus = (status: number): void => void (this.statuses.length < 1000 && this.statuses.push(status));
  reportLocalOriginFailure = (kind: string): void => void this.failures.push(kind);
}

export class TestCluster implements ClusterRuntime {
  readonly load = { waiting: 0, active: 0, spare: 0 };
  readonly ahead = (): undefined => undefined;
  readonly events: RouterEvent[] = [];
  count(event: RouterEvent): void {
    this.events.push(event);
  }

  readonly config: Cluster;
  readonly name: string;
  readonly endpoints: TestEndpoint[];
  readonly breakerState: TestBreaker;
  #next = 0;
  constructor(name: string, ports: readonly number[], more: Partial<Cluster> = {}) {
    this.config = clusterOf(name, more);
    this.name = name;
    this.endpoints = ports.map((port) => new TestEndpoint(this, port));
    this.breakerState = new TestBreaker(this.config);
  }
  /** Round robin; endpoints that were tried only when there is no other. */
  pick(context: PickContext): EndpointRuntime | undefined {
    for (let k = 0; k < this.endpoints.length; k += 1) {
      const endpoint = this.endpoints[this.#next++ % this.endpoints.length];
      if (endpoint !== undefined && !(context.avoidTried && context.hasTried(endpoint))) return endpoint;
    }
    return this.endpoints[0];
  }
  breaker = (): CircuitBreaker => this.breakerState;
  counter = (): Counter => ({ add: () => {}, value: 0 });
  membership = (): { total: number; available: number } => ({
    total: this.endpoints.length,
    available: this.endpoints.length,
  });
}

export interface HarnessSetting {
  readonly routes: RouteConfiguration;
  readonly clusters: readonly TestCluster[];
  readonly manager?: Partial<HttpConnectionManager>;
  readonly peer?: PeerIdentity;
  readonly random?: () => number;
}

export class Harness {
  readonly records: SeenRecord[] = [];
  readonly runtime: EngineRuntime;
  readonly manager: HttpManager;
  readonly drain = { draining: false };
  readonly counters = new Map<string, number>();
  readonly #server: net.Server;
  #waiters: (() => void)[] = [];
  readonly #clusters: readonly TestCluster[];

  constructor({ routes, clusters, manager: more = {}, peer, random = Math.random }: HarnessSetting) {
    this.#clusters = clusters;
    this.runtime = {
      clock: new TurnClock(systemMonotonicClock),
      wall: systemWallClock,
      timers: new HashedTimerWheel(systemMonotonicClock),
      random,
      values: { current: new Map() },
      log: { enabled: () => false, write: () => {} },
      overload: calm(),
      health: { failing: false, serviceCluster: '' },
      records: { exchangeEnded: (record) => this.#record(record) },
      counters: {
        counter: (name) => ({
          add: (amount) => void this.counters.set(name, (this.counters.get(name) ?? 0) + amount),
          value: 0,
        }),
        gauge: (name) => ({
          add: (amount) => void this.counters.set(name, (this.counters.get(name) ?? 0) + amount),
          value: 0,
        }),
      },
    };
    const path = createHttpPath(this.runtime);
    const compiled = path.compileRoutes(routes);
    if ('faults' in compiled) throw new Error(compiled.faults.join('; '));
    const config = managerOf(routes, more);
    const listener = listenerOf(config);
    this.manager = path.createManager(config, {
      listener,
      routes: { current: compiled.routes },
      clusters: { get: (name) => clusters.find((cluster) => cluster.name === name) },
      accessLoggers: [],
      drain: this.drain,
    });
    let id = 0;
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
      socket.unref();
      const [chain] = listener.filterChains;
      if (chain === undefined) throw new Error('no filter chain');
      const connection: DownstreamConnection = {
        id: (id += 1),
        socket,
        peer,
        serverName: '',
        alpn: '',
        remote: end(socket.remoteAddress, socket.remotePort),
        local: end(socket.localAddress, socket.localPort),
        listener,
        filterChain: chain,
        acceptedAt: systemMonotonicClock.now(),
      };
      this.manager.accept(connection);
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    this.#server.unref();
    return this.port;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Waits until that many records were written, at most 5 s. */
  async recorded(count: number): Promise<void> {
    while (this.records.length < count) {
      await new Promise<void>((done, fail) => {
        const timer = setTimeout(() => fail(new Error(`${this.records.length} of ${count} records`)), 5000);
        this.#waiters.push(() => {
          clearTimeout(timer);
          done();
        });
      });
    }
  }

  async stop(): Promise<void> {
    this.manager.destroy();
    for (const cluster of this.#clusters) for (const endpoint of cluster.endpoints) endpoint.pool?.destroy();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #record(record: ExchangeRecord): void {
    if (this.records.length > 10_000) return;
    this.records.push({
      status: record.status,
      flags: formatResponseFlags(record.flags),
      details: record.details,
      cluster: record.clusterName,
      endpoint: record.endpoint?.address ?? '',
      attempts: record.attempts,
      bytesReceived: record.bytesReceived,
      bytesSent: record.bytesSent,
      source: record.source,
      path: record.path,
      backend: record.responseHeader('x-backend'),
    });
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

function end(ip: string | undefined, port: number | undefined): SocketEnd {
  return { ip: ip ?? '', port: port ?? 0, address: ip === undefined ? undefined : parseIp(ip) };
}
