/**
 * HTTP/1.1 connections to one endpoint under its transport and our identity: idle ones last in first out, exchanges that wait for a
 * connection first in first out. A connection is opened for each exchange that waits and has none coming, and more where the cluster asks
 * for them ahead.
 */
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
import { MOST_AT_ONCE, wantsMore } from '../upstream/preconnect.ts';
import { sharedReads } from '../upstream/shared-reads.ts';
import { type ClientOwner, Http1Client } from './client.ts';
import type { PoolWaiter, UpstreamClient, UpstreamPool } from './upstream-client.ts';

export class Http1Pool implements UpstreamPool, ClientOwner {
  readonly #endpoint: EndpointRuntime;
  readonly #timers: TimerWheel;
  readonly #all = new Set<Http1Client>();
  readonly #idle: Http1Client[] = [];
  readonly #waiters: PoolWaiter[] = [];
  readonly #connecting = new Set<Connecting>();
  readonly alpn: readonly string[] | undefined;
  readonly downstream: DownstreamConnection | undefined;
  readonly serverName: string;
  /** preconnect_policy.per_upstream_preconnect_ratio */
  readonly #ratio: number;
  #destroyed = false;

  /** `alpn`: what to offer instead of the transport's own list. `downstream`: the caller that the pool is for alone. */
  constructor(
    endpoint: EndpointRuntime,
    timers: TimerWheel,
    alpn?: readonly string[],
    downstream?: DownstreamConnection,
    serverName = '',
  ) {
    this.serverName = serverName;
    this.downstream = downstream;
    this.#endpoint = endpoint;
    this.#timers = timers;
    this.alpn = alpn;
    this.#ratio = endpoint.cluster.config.preconnect.perUpstream;
  }

  get connections(): number {
    return this.#all.size;
  }

  get load(): PoolLoad {
    const idle = this.#idle.length;
    return {
      waiting: this.#waiters.length,
      active: this.#all.size - idle,
      spare: idle + this.#connecting.size,
    };
  }

  /** An idle connection; undefined: `wait`. */
  take(): Http1Client | undefined {
    for (let client = this.#idle.pop(); client !== undefined; client = this.#idle.pop()) {
      if (!client.usable) client.destroy();
      else {
        if (this.#ratio > 1) this.#connectAhead('default');
        return client;
      }
    }
    return undefined;
  }

  wait(waiter: PoolWaiter, priority: BreakerPriority): void {
    this.#waiters.push(waiter);
    if (this.#connecting.size >= this.#waiters.length) return;
    // With no room for another connection it waits for one that comes or becomes free.
    if (this.#all.size + this.#connecting.size > 0 && !this.#endpoint.canConnect(priority)) return;
    this.#connect(priority);
    if (this.#ratio > 1) this.#connectAhead(priority);
  }

  expect(ratio: number, priority: BreakerPriority): void {
    if (wantsMore(this.load, ratio, 1) && this.#endpoint.canConnect(priority)) this.#connect(priority);
  }

  #connectAhead(priority: BreakerPriority): void {
    for (let begun = 0; begun < MOST_AT_ONCE && wantsMore(this.load, this.#ratio); begun += 1) {
      if (this.#endpoint.health !== 'healthy' || !this.#endpoint.canConnect(priority)) return;
      this.#connect(priority);
    }
  }

  #connect(priority: BreakerPriority): void {
    const connecting = new Connecting(this, priority);
    this.#connecting.add(connecting);
    connecting.attempt = this.#endpoint.connect(connecting, priority);
  }

  stopWaiting(waiter: PoolWaiter): void {
    const index = this.#waiters.indexOf(waiter);
    if (index >= 0) this.#waiters.splice(index, 1);
  }

  /** An exchange is over on `client`: the next waiting one takes it, else it rests. */
  release(client: UpstreamClient): void {
    if (!(client instanceof Http1Client)) return;
    client.target = undefined;
    if (!client.usable || this.#destroyed || this.#endpoint.retired) client.destroy();
    else this.#offer(client);
  }

  /** One idle connection turned out to be closed: the others of its age are not worth a try. */
  dropIdle(): void {
    while (this.#idle.length > 0) this.#idle.pop()?.destroy();
  }

  drain(): void {
    for (const client of this.#all) client.closeAfter = true;
    this.dropIdle();
  }

  destroy(): void {
    this.#destroyed = true;
    for (const connecting of this.#connecting) connecting.attempt?.cancel();
    this.#connecting.clear();
    for (const client of this.#all) client.socket.destroy();
    while (this.#waiters.length > 0) this.#waiters.shift()?.clientFailed('connect-failed', 'pool destroyed');
  }

  clientGone(client: Http1Client): void {
    if (!this.#all.delete(client)) return;
    const index = this.#idle.indexOf(client);
    if (index >= 0) this.#idle.splice(index, 1);
    // A waiter may have counted on this connection to become free.
    if (this.#waiters.length > this.#connecting.size + this.#all.size && !this.#destroyed) this.#connect('default');
  }

  connected(connecting: Connecting, connection: UpstreamConnection): void {
    this.#connecting.delete(connecting);
    this.#offer(this.#clientOn(connection, connecting.reads));
  }

  /** Takes a connection that was opened elsewhere, and who waits for it. */
  adopt(connection: UpstreamConnection, reads: SharedReads, waiter: PoolWaiter | undefined): void {
    const client = this.#clientOn(connection, reads);
    if (waiter === undefined) this.#offer(client);
    else waiter.clientReady(client);
  }

  #clientOn(connection: UpstreamConnection, reads: SharedReads): Http1Client {
    const client = new Http1Client(connection, this, this.#timers, this.#endpoint.secure ? undefined : reads);
    this.#all.add(client);
    return client;
  }

  connectFailed(connecting: Connecting, error: ConnectError, detail: string): void {
    this.#connecting.delete(connecting);
    if (this.#connecting.size < this.#waiters.length) this.#waiters.shift()?.clientFailed(error, detail);
    if (this.#all.size + this.#connecting.size > 0) return;
    // Nothing is left that could become free for those who waited for want of room.
    for (const waiter of this.#waiters.splice(0)) waiter.clientFailed(error, detail);
  }

  #offer(client: Http1Client): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.clientReady(client);
    else if (this.#endpoint.retired) client.destroy();
    else {
      client.becomeIdle();
      this.#idle.push(client);
    }
  }
}

class Connecting implements ConnectHandler {
  readonly reads: SharedReads = sharedReads();
  readonly alpn: readonly string[] | undefined;
  attempt: ConnectAttempt | undefined;
  readonly #pool: Http1Pool;
  readonly priority: BreakerPriority;

  get downstream(): DownstreamConnection | undefined {
    return this.#pool.downstream;
  }

  get serverName(): string {
    return this.#pool.serverName;
  }

  constructor(pool: Http1Pool, priority: BreakerPriority) {
    this.#pool = pool;
    this.alpn = pool.alpn;
    this.priority = priority;
  }

  connected(connection: UpstreamConnection): void {
    this.#pool.connected(this, connection);
  }

  connectFailed(error: ConnectError, detail: string): void {
    this.#pool.connectFailed(this, error, detail);
  }
}
