/** The router's way out for one exchange: pick an endpoint, get a connection, send the request. What comes back, forwarding.ts reads. */
import type { ClusterRuntime, EndpointRuntime, TimerTarget, UpstreamConnection } from '../ports.ts';
import type { ConnectError, ExchangeError } from '../errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { addPerTryHeaders } from '../http/request-fields.ts';
import { HeldSlots } from './held-slots.ts';
import { connectAhead } from '../upstream/preconnect.ts';
import { poolOf } from '../http2/pools.ts';
import { Http1Pool } from './pool.ts';
import { Retries } from './retries.ts';
import { hostFor } from './server-name.ts';
import type { CompiledRetryPolicy } from './retry-policy.ts';
import { PreviousPriorities } from './tried-priorities.ts';
import { TryState } from './try-state.ts';
import { TryTimers } from './try-timers.ts';
import { TunnelConnect, type TunnelConnectOwner } from './tunnel-connect.ts';
import type { PoolWaiter, ResponseTarget, UpstreamClient, UpstreamEnd, UpstreamPool } from './upstream-client.ts';

export abstract class OutgoingTry
  extends TryState
  implements PoolWaiter, ResponseTarget, TimerTarget, TunnelConnectOwner
{
  protected readonly exchange: Exchange;
  protected readonly slots = new HeldSlots();
  protected readonly retries: Retries;
  protected pool: UpstreamPool | undefined;
  protected reused = false;
  protected headSent = false;
  /** The peer said that it did not touch the request. */
  protected refused = false;
  protected mark = 0;
  protected answered = false;
  protected active = false;
  /** CONNECT: a connection of its own, outside the pool, for raw bytes. */
  protected raw = false;
  protected rawAttempt: TunnelConnect | undefined;
  protected readonly timers: TryTimers;

  constructor(exchange: Exchange) {
    super();
    this.exchange = exchange;
    this.retries = new Retries(exchange, this.slots);
    this.timers = new TryTimers(exchange.context.runtime.timers, this);
  }

  override reset(): void {
    super.reset();
    this.active = false;
  }

  /** The route is decided and the request's head is as it will be sent. */
  start(
    cluster: ClusterRuntime,
    policy: CompiledRetryPolicy | undefined,
    priority: 'default' | 'high',
    raw: boolean,
  ): void {
    this.cluster = cluster;
    this.raw = raw;
    this.retries.use(policy);
    const every = policy?.policy.priorityUpdateFrequency ?? 0;
    this.triedPriorities = every === 0 ? undefined : new PreviousPriorities(this.tried, every);
    this.afterTimeout = false;
    this.slots.use(cluster.breaker(priority));
    this.answered = false;
    this.active = true;
    this.mark = this.exchange.head.edit.mark;
    this.attempt(undefined);
  }

  /** The whole request is here: from now on the route's time-out runs. */
  requestComplete(timeoutMs: number): void {
    const later = !this.body.ended;
    this.body.ended = true;
    if (!this.active) return;
    if (timeoutMs > 0) this.timers.startRoute(timeoutMs);
    if (later && this.client !== undefined) this.#startTry();
  }

  /** Sends what has arrived, if there is a connection. */
  flush(): void {
    const { client } = this;
    if (client === undefined) return;
    const exchange = this.exchange;
    if (!this.headSent) {
      this.headSent = true;
      this.sentAt = exchange.context.runtime.clock.now();
      exchange.head.edit.truncate(this.mark);
      addPerTryHeaders(exchange, this.attempts, client.endpoint);
      client.sendHead(exchange, this.body.chunked);
    }
    if (!client.sendBody(exchange, this.body)) exchange.connection.stopReading();
  }

  // ------------------------------------------------------------------------------------------------------------------ a try

  protected override nextTry(): void {
    super.nextTry();
    this.headSent = false;
    this.refused = false;
  }

  /** `otherwise`: the error to end with when only endpoints that were tried are left; undefined takes them too. */
  protected attempt(otherwise: ExchangeError | undefined): void {
    this.nextTry();
    const endpoint = (this.cluster as ClusterRuntime).pick(this.exchange);
    if (endpoint === undefined) {
      this.give(otherwise ?? 'no-healthy-endpoint');
      return;
    }
    if (otherwise !== undefined && this.tried.includes(endpoint)) {
      this.attempts -= 1;
      if (this.retries.policy?.retriesError(otherwise, false) !== true || !this.tryAgain(undefined))
        this.give(otherwise);
      return;
    }
    this.tryAt(endpoint);
  }

  /** The try is counted already. */
  protected tryAt(endpoint: EndpointRuntime): void {
    this.endpoint = endpoint;
    const exchange = this.exchange;
    const cluster = this.cluster as ClusterRuntime;
    if (this.raw) {
      this.#connectRaw(endpoint);
      return;
    }
    const pool = this.#poolFor(endpoint);
    // A request with content of its own before the upgrade has no form in HTTP/2.
    if (exchange.upgrade !== '' && !this.body.withheld && !(pool instanceof Http1Pool)) {
      this.give('upgrade-not-allowed');
      return;
    }
    this.pool = pool;
    if (cluster.config.preconnect.predictive > 1)
      connectAhead(cluster, (next) => this.#poolFor(next), exchange.priority);
    const client = pool.take();
    if (client !== undefined) {
      this.reused = true;
      this.#attach(client);
      return;
    }
    if (!this.slots.wait()) {
      this.give('overflow');
      return;
    }
    this.reused = false;
    pool.wait(this, exchange.priority);
  }

  #poolFor(endpoint: EndpointRuntime): UpstreamPool {
    const { context, reader, upgrade, downstream, head } = this.exchange;
    return poolOf(endpoint, context, reader.minor === 2, upgrade !== '', downstream, hostFor(endpoint, head.edit));
  }

  #connectRaw(endpoint: EndpointRuntime): void {
    if (!this.slots.wait()) {
      this.give('overflow');
      return;
    }
    this.reused = false;
    const { priority, downstream } = this.exchange;
    this.rawAttempt = new TunnelConnect(endpoint, priority, downstream, this);
  }

  tunnelConnected(connection: UpstreamConnection): void {
    this.rawAttempt = undefined;
    this.slots.stopWaiting();
    this.connection = connection;
    this.active = false;
    this.slots.giveRetry();
    this.timers.stop();
    this.exchange.startConnectTunnel(connection.socket);
  }

  clientReady(client: UpstreamClient): void {
    this.slots.stopWaiting();
    this.reused = client.served > 0;
    try {
      this.#attach(client);
      if (this.client === client) this.flush();
    } catch (error) {
      client.destroy();
      this.exchange.defect(error);
    }
  }

  clientFailed(error: ConnectError, detail: string): void {
    this.rawAttempt = undefined;
    this.slots.stopWaiting();
    this.exchange.upstreamFailure = `${error}: ${detail}`;
    this.failed(error);
  }

  #attach(client: UpstreamClient): void {
    if (!this.slots.takeRequest(client.endpoint)) {
      this.pool?.release(client);
      this.give('overflow');
      return;
    }
    this.client = client;
    this.connection = client.connection;
    client.begin(this, this.exchange.head.method);
    for (const stats of this.exchange.counted) stats.count('upstream_rq_total');
    if (this.body.ended) this.#startTry();
    this.timers.tryMoved(this.retries.times?.perTryIdleTimeout ?? 0);
    this.exchange.connection.readOn();
    if (this.attempts > 1) this.flush();
  }

  /** From the end of the request on. */
  #startTry(): void {
    this.timers.startTry(this.retries.times?.perTryTimeout ?? 0);
  }

  /** Ends with an error: the exchange answers it, or cuts the answer that has begun; tries beside this one may still bring an answer. */
  protected abstract give(error: ExchangeError): void;
  /** The try ended without an answer that could be passed on. */
  protected abstract failed(error: ExchangeError): void;
  /** By policy: a retry left, the budget free, the body still here. `answered`: whose answer is passed over. */
  protected abstract tryAgain(answered: UpstreamClient | undefined): boolean;
  abstract readonly holdsBytes: boolean;
  abstract responseArrived(client: UpstreamClient): void;
  abstract upstreamClosed(client: UpstreamClient, complete: boolean, how: UpstreamEnd): void;
  abstract upstreamDrained(): void;
  abstract timerFired(kind: number): void;
}
