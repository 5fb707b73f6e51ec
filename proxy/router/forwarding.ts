/**
 * The router's work for one exchange: pick an endpoint, get a connection, send the request, watch the answer, and try again where the
 * policy (or the certainty that no application saw the request) allows it. One object serves all exchanges of a downstream connection.
 * It never writes to the client: the exchange does.
 */
import type { ClusterRuntime, EndpointRuntime, TimerTarget, UpstreamConnection } from '../ports.ts';
import type { InternalRedirect } from '@weft/core/proxy-config';
import { STEP_BODY, STEP_END, STEP_FAULT, STEP_HEAD } from '@weft/wire/http1';
import { type ConnectError, ERROR_ANSWERS, type ExchangeError } from '../errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { judgedStatus } from '../http/grpc.ts';
import { followRedirect, isRedirect } from '../http/internal-redirect.ts';
import { addPerTryHeaders } from '../http/request-fields.ts';
import { Http1Client } from './client.ts';
import { HeldSlots } from './held-slots.ts';
import { poolOf } from '../http2/pools.ts';
import { Http1Pool } from './pool.ts';
import { RequestBody } from './request-body.ts';
import { Retries } from './retries.ts';
import { hostFor } from './server-name.ts';
import { type CompiledRetryPolicy, UNSEEN_TRIES, unseenByApplication } from './retry-policy.ts';
import { PreviousPriorities } from './tried-priorities.ts';
import { TIMER_BACK_OFF, TIMER_TRY, TIMER_TRY_IDLE, TryTimers } from './try-timers.ts';
import { TunnelConnect, type TunnelConnectOwner } from './tunnel-connect.ts';
import type { PoolWaiter, ResponseTarget, UpstreamClient, UpstreamEnd } from './upstream-client.ts';
import { END_ERRORS, grantsByAccident, passedOver, type UpstreamPool } from './upstream-client.ts';

export class Forwarding implements PoolWaiter, ResponseTarget, TimerTarget, TunnelConnectOwner {
  readonly body = new RequestBody();
  cluster: ClusterRuntime | undefined;
  endpoint: EndpointRuntime | undefined;
  client: UpstreamClient | undefined;
  /** The connection of the last try; stays after the exchange left it. */
  connection: UpstreamConnection | undefined;
  attempts = 0;
  /** The last try ended by its own time-out. */
  afterTimeout = false;
  /** Monotonic ms; -1: did not happen. Of the last try. */
  sentAt = -1;
  firstByteAt = -1;
  lastByteAt = -1;
  readonly tried: EndpointRuntime[] = [];
  triedPriorities: PreviousPriorities | undefined;
  readonly #exchange: Exchange;
  readonly #slots = new HeldSlots();
  readonly #retries: Retries;
  #pool: UpstreamPool | undefined;
  #reused = false;
  #headSent = false;
  /** The peer said that it did not touch the request. */
  #refused = false;
  #mark = 0;
  #answered = false;
  #headOwned = false;
  /** The answer is complete, and a filter holds its end; the client stays with it. */
  #passing = false;
  #reusable = false;
  #active = false;
  /** CONNECT: a connection of its own, outside the pool, for raw bytes. */
  #raw = false;
  #rawAttempt: TunnelConnect | undefined;
  readonly #timers: TryTimers;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#retries = new Retries(exchange, this.#slots);
    this.#timers = new TryTimers(exchange.context.runtime.timers, this);
  }

  /** Before the request's stages run. */
  reset(): void {
    this.cluster = undefined;
    this.endpoint = undefined;
    this.client = undefined;
    this.connection = undefined;
    this.attempts = 0;
    this.sentAt = -1;
    this.firstByteAt = -1;
    this.lastByteAt = -1;
    if (this.tried.length > 0) this.tried.length = 0;
    this.#active = false;
  }

  /** The route is decided and the request's head is as it will be sent. */
  start(
    cluster: ClusterRuntime,
    policy: CompiledRetryPolicy | undefined,
    priority: 'default' | 'high',
    raw: boolean,
  ): void {
    this.cluster = cluster;
    this.#raw = raw;
    this.#retries.use(policy);
    const every = policy?.policy.priorityUpdateFrequency ?? 0;
    this.triedPriorities = every === 0 ? undefined : new PreviousPriorities(this.tried, every);
    this.afterTimeout = false;
    this.#slots.use(cluster.breaker(priority));
    this.#answered = false;
    this.#active = true;
    this.#mark = this.#exchange.head.edit.mark;
    this.#attempt(undefined);
  }

  /** The whole request is here: from now on the route's time-out runs. */
  requestComplete(timeoutMs: number): void {
    this.body.ended = true;
    if (this.#active && timeoutMs > 0) this.#timers.startRoute(timeoutMs);
  }

  /** Sends what has arrived, if there is a connection. */
  flush(): void {
    const { client } = this;
    if (client === undefined) return;
    const exchange = this.#exchange;
    if (!this.#headSent) {
      this.#headSent = true;
      this.sentAt = exchange.context.runtime.clock.now();
      exchange.head.edit.truncate(this.#mark);
      addPerTryHeaders(exchange, this.attempts, client.endpoint);
      client.sendHead(exchange, this.body.chunked);
    }
    if (!client.sendBody(exchange, this.body)) exchange.connection.stopReading();
  }

  /** The exchange is over for the client: nothing more is wanted from upstream. */
  cancel(): void {
    if (!this.#active && !this.#passing) return;
    this.#active = false;
    this.#passing = false;
    this.#leave(false);
    this.#timers.stop();
  }

  // ------------------------------------------------------------------------------------------------------------------ a try

  /** `otherwise`: the error to end with when only endpoints that were tried are left; undefined takes them too. */
  #attempt(otherwise: ExchangeError | undefined): void {
    this.attempts += 1;
    this.#headSent = false;
    this.#refused = false;
    this.sentAt = -1;
    this.firstByteAt = -1;
    this.lastByteAt = -1;
    const exchange = this.#exchange;
    const cluster = this.cluster as ClusterRuntime;
    const endpoint = cluster.pick(exchange);
    if (endpoint === undefined) {
      this.#give(otherwise ?? 'no-healthy-endpoint');
      return;
    }
    if (otherwise !== undefined && this.tried.includes(endpoint)) {
      this.attempts -= 1;
      if (this.#retries.policy?.retriesError(otherwise, false) !== true || !this.#tryAgain(undefined))
        this.#give(otherwise);
      return;
    }
    this.endpoint = endpoint;
    if (this.#raw) {
      this.#connectRaw(endpoint);
      return;
    }
    const pool = poolOf(
      endpoint,
      exchange.context,
      exchange.reader.minor === 2,
      exchange.upgrade !== '',
      exchange.downstream,
      hostFor(endpoint, exchange.head.edit),
    );
    // A request with content of its own before the upgrade has no form in HTTP/2.
    if (exchange.upgrade !== '' && !this.body.withheld && !(pool instanceof Http1Pool)) {
      this.#give('upgrade-not-allowed');
      return;
    }
    this.#pool = pool;
    const client = pool.take();
    if (client !== undefined) {
      this.#reused = true;
      this.#attach(client);
      return;
    }
    if (!this.#slots.wait()) {
      this.#give('overflow');
      return;
    }
    this.#reused = false;
    pool.wait(this, exchange.priority);
  }

  #connectRaw(endpoint: EndpointRuntime): void {
    if (!this.#slots.wait()) {
      this.#give('overflow');
      return;
    }
    this.#reused = false;
    const { priority, downstream } = this.#exchange;
    this.#rawAttempt = new TunnelConnect(endpoint, priority, downstream, this);
  }

  tunnelConnected(connection: UpstreamConnection): void {
    this.#rawAttempt = undefined;
    this.#slots.stopWaiting();
    this.connection = connection;
    this.#active = false;
    this.#slots.giveRetry();
    this.#timers.stop();
    this.#exchange.startConnectTunnel(connection.socket);
  }

  clientReady(client: UpstreamClient): void {
    this.#slots.stopWaiting();
    this.#reused = client.served > 0;
    try {
      this.#attach(client);
      if (this.client === client) this.flush();
    } catch (error) {
      client.destroy();
      this.#exchange.defect(error);
    }
  }

  clientFailed(error: ConnectError, detail: string): void {
    this.#rawAttempt = undefined;
    this.#slots.stopWaiting();
    this.#exchange.upstreamFailure = `${error}: ${detail}`;
    this.#failed(error);
  }

  #attach(client: UpstreamClient): void {
    if (!this.#slots.takeRequest(client.endpoint)) {
      this.#pool?.release(client);
      this.#give('overflow');
      return;
    }
    this.client = client;
    this.connection = client.connection;
    client.begin(this, this.#exchange.head.method);
    for (const stats of this.#exchange.counted) stats.count('upstream_rq_total');
    const { policy } = this.#retries;
    this.#timers.startTry(policy?.policy.perTryTimeout ?? 0);
    this.#timers.tryMoved(policy?.policy.perTryIdleTimeout ?? 0);
    this.#exchange.connection.readOn();
    if (this.attempts > 1) this.flush();
  }

  // --------------------------------------------------------------------------------------------------------------- the answer

  /** Whether slices of what has arrived are still to be written. */
  get holdsBytes(): boolean {
    return this.#exchange.connection.holdsBytes;
  }

  responseArrived(client: UpstreamClient): void {
    try {
      this.#readResponse(client);
    } catch (error) {
      client.destroy();
      this.#exchange.defect(error);
    }
  }

  #readResponse(client: UpstreamClient): void {
    const exchange = this.#exchange;
    const { reader } = client;
    const now = exchange.context.runtime.clock.now();
    if (this.firstByteAt < 0) this.firstByteAt = now;
    this.lastByteAt = now;
    const { policy } = this.#retries;
    if (policy !== undefined) this.#timers.tryMoved(policy.policy.perTryIdleTimeout);
    while (this.client === client) {
      const step = reader.next();
      if (step === STEP_HEAD) {
        if (reader.isInterim) continue;
        if (!this.#answer(client)) return;
      } else if (step === STEP_BODY)
        exchange.responseBody(reader.bytes, reader.body.sliceStart, reader.body.sliceEnd, !client.bodyMayStay);
      else if (step === STEP_END) {
        if (reader.isInterim) continue;
        this.#answerComplete(client);
        return;
      } else if (step === STEP_FAULT) {
        this.#failed('upstream-protocol-error');
        return;
      } else {
        // Records may ask for response headers at the end, when the bytes of this read are long gone.
        if (client.headIsShared && this.#answered && !this.#headOwned) {
          this.#headOwned = true;
          reader.head.own();
        }
        exchange.flushResponse();
        return;
      }
    }
  }

  /** The head of the final answer is there; false: it is not passed on. */
  #answer(client: UpstreamClient): boolean {
    const { reader, endpoint } = client;
    const exchange = this.#exchange;
    this.#timers.answered();
    this.afterTimeout = false;
    if ((reader.status === 101 && !exchange.isUpgrade) || grantsByAccident(exchange, reader)) {
      this.#failed('upstream-protocol-error');
      return false;
    }
    const judged = exchange.grpc ? judgedStatus(reader.status, reader.head) : reader.status;
    const time = this.lastByteAt - this.sentAt;
    const unwanted = this.#retries.policy?.retriesAnswer(reader.status, reader.head) === true;
    const retried = unwanted && this.#tryAgain(client);
    const uncounted = exchange.healthCheck || !exchange.context.manager.router.dynamicStats;
    const counted = uncounted ? 'nothing' : retried ? 'retry' : 'answer';
    endpoint.reportStatus(reader.status, time, judged, counted);
    if (retried) return false;
    if (!uncounted) for (const stats of exchange.counted) stats.status(reader.status);
    if (this.#retries.count > 0 && !unwanted) this.#retries.tell('upstream_rq_retry_success');
    const redirect = exchange.plan?.forward?.internalRedirect;
    if (redirect !== undefined && this.#followed(redirect, client)) return false;
    this.#answered = true;
    this.#headOwned = false;
    if (this.body.replayable) this.body.forgetSent();
    exchange.responseHead(reader, time);
    if (reader.switchesProtocol) {
      if (client.headIsShared) reader.head.own();
      this.#timers.stop();
      this.#active = false;
      this.#slots.giveRequest();
      this.#slots.giveRetry();
      this.client = undefined;
      exchange.startTunnel(client);
      return false;
    }
    return true;
  }

  #answerComplete(client: UpstreamClient): void {
    this.#active = false;
    this.#timers.stop();
    const reusable = this.body.fullySent && client.reader.keepAlive && client.reader.buffered === 0;
    const trailers = client.reader.body.trailers;
    this.#reusable = reusable;
    if (this.#exchange.responseEnd(trailers !== undefined && trailers.count > 0 ? trailers : undefined))
      this.answerPassed();
    else this.#passing = true;
  }

  /** The answer's end is written. */
  answerPassed(): void {
    // What the filters let go of may have filled the client's queue: the connection is another exchange's now.
    if (this.#passing) this.client?.resumeReading();
    this.#passing = false;
    this.#leave(this.#reusable);
    this.#exchange.finish();
  }

  upstreamClosed(client: UpstreamClient, complete: boolean, how: UpstreamEnd): void {
    if (this.client !== client) return;
    if (this.#passing) {
      this.#reusable = false;
      return;
    }
    // An answer that had begun: the application did see the request.
    if (client instanceof Http1Client && !client.reader.isIdle) this.#reused = false;
    this.#refused = how === 'refused';
    if (how === 'no-tunnels') this.#give(END_ERRORS[how]);
    else if (complete && this.#answered) this.#answerComplete(client);
    else this.#failed(END_ERRORS[how]);
  }

  upstreamDrained(): void {
    this.#exchange.connection.readOn();
  }

  timerFired(kind: number): void {
    if (!this.#active) return;
    if (kind === TIMER_BACK_OFF) this.#attempt(undefined);
    else if (kind === TIMER_TRY || kind === TIMER_TRY_IDLE) {
      this.endpoint?.reportLocalOriginFailure('timeout');
      this.cluster?.count('upstream_rq_per_try_timeout');
      this.#failed('per-try-timeout');
    } else {
      if (this.client !== undefined) this.endpoint?.reportLocalOriginFailure('timeout');
      for (const stats of this.#exchange.counted) stats.count('upstream_rq_timeout');
      this.#give('upstream-timeout');
    }
  }

  // --------------------------------------------------------------------------------------------------------------- trying again

  /** The try ended without an answer that could be passed on. */
  #failed(error: ExchangeError): void {
    const sent = this.#headSent;
    this.afterTimeout = error === 'per-try-timeout';
    if (sent && error !== 'per-try-timeout') {
      this.endpoint?.reportLocalOriginFailure(error === 'upstream-protocol-error' ? 'protocol-error' : 'reset');
    }
    if (!this.#answered) {
      const unseen = this.#refused || unseenByApplication(error, this.#reused, sent, this.#exchange.head.method);
      if (unseen && this.#tryUnseen(error, sent)) return;
      if (this.#retries.policy?.retriesError(error, sent) === true && this.#tryAgain(undefined)) return;
    }
    this.#give(error);
  }

  /** The request goes on as another one; this try is over. */
  #followed(redirect: InternalRedirect, client: UpstreamClient): boolean {
    const exchange = this.#exchange;
    if (!isRedirect(redirect, client.reader.status)) return false;
    exchange.head.edit.truncate(this.#mark);
    const whole = this.body.wholeLength >= 0 && !exchange.isUpgrade;
    const cluster = this.cluster as ClusterRuntime;
    if (!whole || !followRedirect(exchange, redirect, client.reader)) {
      cluster.count('upstream_internal_redirect_failed_total');
      return false;
    }
    cluster.count('upstream_internal_redirect_succeeded_total');
    this.#timers.stop();
    this.#leave(passedOver(client, this.body));
    this.body.rewind();
    this.tried.length = 0;
    this.attempts = 0;
    exchange.restart();
    return true;
  }

  /** By policy: a retry left, the budget free, the body still here. `answered`: whose answer is passed over. */
  #tryAgain(answered: UpstreamClient | undefined): boolean {
    const wait = this.#retries.permit(answered, !this.#headSent || this.body.replayable);
    if (wait < 0) return false;
    this.#abandonTry(answered !== undefined && passedOver(answered, this.body));
    this.#timers.startBackOff(wait);
    return true;
  }

  /** Before any policy, and outside of its budget, since it multiplies nothing: at once, on an endpoint that was not tried yet, or on a fresh connection when an idle one had gone. */
  #tryUnseen(error: ExchangeError, sent: boolean): boolean {
    if (this.attempts >= UNSEEN_TRIES || (sent && !this.body.replayable)) return false;
    this.#abandonTry(false);
    if (error === 'upstream-closed' || this.#refused) {
      this.tried.pop();
      this.#pool?.dropIdle();
    }
    this.#attempt(error);
    return true;
  }

  #abandonTry(reusable: boolean): void {
    if (this.endpoint !== undefined) this.tried.push(this.endpoint);
    this.#timers.tryOver();
    this.#leaveTry(reusable);
    this.body.rewind();
  }

  /** Ends with an error: the exchange answers it, or cuts the answer that has begun. */
  #give(error: ExchangeError): void {
    this.#active = false;
    this.#timers.stop();
    this.#leave(false);
    if (!this.#answered) for (const stats of this.#exchange.counted) stats.status(ERROR_ANSWERS[error].status);
    this.#exchange.fail(error);
  }

  #leave(reusable: boolean): void {
    this.#leaveTry(reusable);
    this.#slots.giveRetry();
  }

  /** Gives back everything the try holds. */
  #leaveTry(reusable: boolean): void {
    if (this.#slots.waiting) {
      if (this.#raw) this.#rawAttempt?.cancel();
      else this.#pool?.stopWaiting(this);
      this.#rawAttempt = undefined;
      this.#slots.stopWaiting();
    }
    const { client } = this;
    if (client === undefined) return;
    this.#slots.giveRequest();
    this.client = undefined;
    client.target = undefined;
    if (reusable) this.#pool?.release(client);
    else client.destroy();
  }
}
