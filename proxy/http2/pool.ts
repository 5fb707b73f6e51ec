/**
 * HTTP/2 connections to one endpoint under its transport and our identity: one, and another only when the first has no room for a stream.
 * Exchanges that wait for a connection are served first in first out.
 */
import type { Http2Options } from '@weft/core/proxy-config';
import type { ConnectError } from '../errors.ts';
import type {
  BreakerPriority,
  ConnectAttempt,
  ConnectHandler,
  DownstreamConnection,
  EndpointRuntime,
  PoolLoad,
  SharedReads,
  TimerWheel,
  UpstreamConnection,
} from '../ports.ts';
import type { PoolWaiter, UpstreamClient, UpstreamPool } from '../router/upstream-client.ts';
import { wantsMore } from '../upstream/preconnect.ts';
import { sharedReads } from '../upstream/shared-reads.ts';
import { type ClientConnectionOwner, Http2ClientConnection } from './client-connection.ts';
import { HTTP2_ONLY, offersOwn, speaksHttp2 } from './alpn.ts';
import { Http2ClientStream } from './client-stream.ts';
import type { Http2Shared } from './shared.ts';

/** Streams of a connection for which nobody states a limit. */
const NO_LIMIT = 2 ** 29;

/** Who is told what ALPN chose, when HTTP/2 is not the only choice. */
export interface VersionChoice {
  choseHttp2(): void;
  /** The connection is handed over, and with it whoever waits. */
  choseHttp1(connection: UpstreamConnection, reads: SharedReads, waiters: readonly PoolWaiter[]): void;
}

export class Http2Pool implements UpstreamPool, ClientConnectionOwner, ConnectHandler {
  readonly #endpoint: EndpointRuntime;
  readonly #options: Http2Options;
  readonly #timers: TimerWheel;
  readonly #shared: Http2Shared;
  readonly #choice: VersionChoice | undefined;
  readonly #connections: Http2ClientConnection[] = [];
  readonly #waiters: PoolWaiter[] = [];
  /** As Envoy: what the transport says, else HTTP/2. */
  readonly alpn: readonly string[] | undefined;
  readonly downstream: DownstreamConnection | undefined;
  readonly serverName: string;
  #attempt: ConnectAttempt | undefined;
  /** preconnect_policy.per_upstream_preconnect_ratio */
  readonly #ratio: number;
  #reads: SharedReads = sharedReads();
  #destroyed = false;

  /** `downstream`: the caller that the pool is for alone, where connections name it. */
  constructor(
    endpoint: EndpointRuntime,
    options: Http2Options,
    timers: TimerWheel,
    shared: Http2Shared,
    choice: VersionChoice | undefined,
    downstream?: DownstreamConnection,
    serverName = '',
  ) {
    this.serverName = serverName;
    this.#choice = choice;
    this.downstream = downstream;
    this.#endpoint = endpoint;
    this.#ratio = endpoint.cluster.config.preconnect.perUpstream;
    this.#options = options;
    this.#timers = timers;
    this.#shared = shared;
    this.alpn = offersOwn(endpoint) ? undefined : HTTP2_ONLY;
  }

  get connections(): number {
    return this.#connections.length;
  }

  get reads(): SharedReads {
    return this.#reads;
  }

  get load(): PoolLoad {
    let [active, spare] = [0, this.#attempt === undefined ? 0 : this.#options.maxConcurrentStreams || NO_LIMIT];
    for (const connection of this.#connections) {
      active += connection.active;
      spare += connection.room;
    }
    return { waiting: this.#waiters.length, active, spare };
  }

  take(): UpstreamClient | undefined {
    for (const connection of this.#connections) {
      if (!connection.usable) continue;
      const client = connection.reserve();
      if (this.#ratio > 1) this.expect(this.#ratio, 'default', 0);
      return client;
    }
    return undefined;
  }

  expect(ratio: number, priority: BreakerPriority, expected = 1): void {
    if (this.#attempt !== undefined || !wantsMore(this.load, ratio, expected)) return;
    if (this.#endpoint.health === 'healthy' && this.#endpoint.canConnect(priority)) this.#connect(priority);
  }

  wait(waiter: PoolWaiter, priority: BreakerPriority): void {
    this.#waiters.push(waiter);
    if (this.#attempt !== undefined) return;
    // With no room for another connection it waits for a stream to end.
    if (this.#connections.length > 0 && !this.#endpoint.canConnect(priority)) return;
    this.#connect(priority);
  }

  #connect(priority: BreakerPriority): void {
    this.#reads = sharedReads();
    this.#attempt = this.#endpoint.connect(this, priority);
  }

  stopWaiting(waiter: PoolWaiter): void {
    const index = this.#waiters.indexOf(waiter);
    if (index >= 0) this.#waiters.splice(index, 1);
  }

  /** Its stream is over, or was never opened. */
  release(client: UpstreamClient): void {
    const done = client instanceof Http2ClientStream && client.complete ? client : undefined;
    client.destroy();
    done?.keep();
    for (const connection of this.#connections) connection.rest();
  }

  /** A broken connection is known by itself here. */
  dropIdle(): void {}

  drain(): void {
    const all = [...this.#connections];
    for (const connection of all) connection.retire();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#attempt?.cancel();
    this.#attempt = undefined;
    const all = [...this.#connections];
    for (const connection of all) connection.destroy();
    while (this.#waiters.length > 0) this.#waiters.shift()?.clientFailed('connect-failed', 'pool destroyed');
  }

  connected(connection: UpstreamConnection): void {
    this.#attempt = undefined;
    if (this.#choice !== undefined) {
      if (!speaksHttp2(connection.alpn)) {
        this.#choice.choseHttp1(connection, this.#reads, this.#waiters.splice(0));
        return;
      }
      this.#choice.choseHttp2();
    } else if (connection.alpn !== '' && !speaksHttp2(connection.alpn)) {
      connection.socket.destroy();
      this.connectFailed('connect-failed', 'the endpoint does not agree to HTTP/2');
      return;
    }
    const reads = this.#endpoint.secure ? undefined : this.#reads;
    const made = new Http2ClientConnection(connection, this.#options, this, this.#shared, this.#timers, reads);
    this.#connections.push(made);
    this.roomChanged(made);
    if (this.#endpoint.retired) made.retire();
    else made.rest();
    if (this.#waiters.length > 0 && this.#attempt === undefined && !made.usable) this.#connect('default');
  }

  connectFailed(error: ConnectError, detail: string): void {
    this.#attempt = undefined;
    const waiters = this.#waiters.splice(0);
    for (const waiter of waiters) waiter.clientFailed(error, detail);
  }

  roomChanged(connection: Http2ClientConnection): void {
    while (this.#waiters.length > 0 && connection.usable) this.#waiters.shift()?.clientReady(connection.reserve());
  }

  connectionGone(connection: Http2ClientConnection): void {
    const index = this.#connections.indexOf(connection);
    if (index >= 0) this.#connections.splice(index, 1);
    if (this.#waiters.length > 0 && this.#attempt === undefined && !this.#destroyed) this.#connect('default');
  }
}
