/**
 * The router's work for one exchange: watch the answer to the try that went out (outgoing-try.ts), and try again where the policy (or the
 * certainty that no application saw the request) allows it. One object serves all exchanges of a downstream connection. It never writes to
 * the client: the exchange does.
 */
import type { ClusterRuntime } from '../ports.ts';
import type { InternalRedirect } from '@weft/core/proxy-config';
import { type Step, STEP_BODY, STEP_END, STEP_FAULT, STEP_HEAD } from '@weft/wire/http1';
import { ERROR_ANSWERS, type ExchangeError } from '../errors.ts';
import { judgedStatus } from '../http/grpc.ts';
import { followRedirect, isRedirect } from '../http/internal-redirect.ts';
import { Http1Client } from './client.ts';
import { HedgedTry } from './hedged-try.ts';
import { type HedgeOwner, Hedges } from './hedges.ts';
import { OutgoingTry } from './outgoing-try.ts';
import { UNSEEN_TRIES, unseenByApplication } from './retry-policy.ts';
import { TIMER_BACK_OFF, TIMER_TRY, TIMER_TRY_IDLE } from './try-timers.ts';
import { END_ERRORS, grantsByAccident, passedOver } from './upstream-client.ts';
import type { UpstreamClient, UpstreamEnd, UpstreamPool } from './upstream-client.ts';

export class Forwarding extends OutgoingTry implements HedgeOwner {
  readonly #hedges = new Hedges(this);
  #headOwned = false;
  /** The answer is complete, and a filter holds its end; the client stays with it. */
  #passing = false;
  #reusable = false;

  /** The exchange is over for the client: nothing more is wanted from upstream. */
  cancel(): void {
    if (!this.active && !this.#passing) return;
    this.active = false;
    this.#passing = false;
    this.#leave(false);
    this.timers.stop();
  }

  // --------------------------------------------------------------------------------------------------------------- the answer

  /** Whether slices of what has arrived are still to be written. */
  get holdsBytes(): boolean {
    return this.exchange.connection.holdsBytes;
  }

  responseArrived(client: UpstreamClient): void {
    const { clock } = this.exchange.context.runtime;
    const held = clock.hold();
    try {
      this.#readResponse(client);
    } catch (error) {
      client.destroy();
      this.exchange.defect(error);
    } finally {
      if (held) clock.release();
    }
  }

  /** `headRead`: its head is the reader's last step. */
  #readResponse(client: UpstreamClient, headRead = false): void {
    const exchange = this.exchange;
    const { reader } = client;
    const now = exchange.context.runtime.clock.now();
    if (this.firstByteAt < 0) this.firstByteAt = now;
    this.lastByteAt = now;
    const { times } = this.retries;
    if (times !== undefined) this.timers.tryMoved(times.perTryIdleTimeout);
    let next: Step | undefined = headRead ? STEP_HEAD : undefined;
    while (this.client === client) {
      const step = next ?? reader.next();
      next = undefined;
      if (step === STEP_HEAD) {
        if (reader.isInterim) continue;
        if (!this.#answer(client, headRead)) return;
      } else if (step === STEP_BODY)
        exchange.responseBody(reader.bytes, reader.body.sliceStart, reader.body.sliceEnd, !client.bodyMayStay);
      else if (step === STEP_END) {
        if (reader.isInterim) continue;
        this.#answerComplete(client);
        return;
      } else if (step === STEP_FAULT) {
        this.failed('upstream-protocol-error');
        return;
      } else {
        // Records may ask for response headers at the end, when the bytes of this read are long gone.
        if (client.headIsShared && this.answered && !this.#headOwned) {
          this.#headOwned = true;
          reader.head.own();
        }
        exchange.flushResponse();
        return;
      }
    }
  }

  /** The head of the final answer is there; false: it is not passed on. `hedged`: the try went on beside others, and is not repeated. */
  #answer(client: UpstreamClient, hedged: boolean): boolean {
    const { reader, endpoint } = client;
    const exchange = this.exchange;
    this.timers.answered();
    this.afterTimeout = false;
    if ((reader.status === 101 && !exchange.isUpgrade) || grantsByAccident(exchange, reader)) {
      this.failed('upstream-protocol-error');
      return false;
    }
    const judged = judgedStatus(reader.status, reader.head, exchange.grpc, endpoint.failed);
    const time = this.lastByteAt - this.sentAt;
    const elsewhere = !hedged && this.retries.tellsUnseen(client) && this.#tryElsewhere(client);
    const unwanted = elsewhere || this.isUnwanted(client);
    const retried = elsewhere || (unwanted && !hedged && this.tryAgain(client));
    const outdone = unwanted && !retried && this.#hedges.any;
    const uncounted = outdone || exchange.healthCheck || !exchange.context.manager.router.dynamicStats;
    const counted = uncounted ? 'nothing' : retried ? 'retry' : 'answer';
    endpoint.reportStatus(reader.status, time, judged, counted);
    if (outdone) this.#abandonTry(passedOver(client, this.body), reader.status);
    if (retried || outdone) return false;
    this.#endHedges();
    if (!uncounted) for (const stats of exchange.counted) stats.status(reader.status);
    if (this.retries.count > 0 && !unwanted && !hedged) this.retries.tell('upstream_rq_retry_success');
    const redirect = exchange.plan?.forward?.internalRedirect;
    if (redirect !== undefined && this.#followed(redirect, client)) return false;
    this.answered = true;
    this.#headOwned = false;
    if (this.body.replayable) this.body.forgetSent();
    exchange.responseHead(reader, time);
    if (reader.switchesProtocol) {
      if (client.headIsShared) reader.head.own();
      this.timers.stop();
      this.active = false;
      this.slots.giveRequest();
      this.slots.giveRetry();
      this.client = undefined;
      exchange.startTunnel(client);
      return false;
    }
    return true;
  }

  #answerComplete(client: UpstreamClient): void {
    this.active = false;
    this.timers.stop();
    const reusable = this.body.fullySent && client.reader.keepAlive && client.reader.buffered === 0;
    const trailers = client.reader.body.trailers;
    this.#reusable = reusable;
    if (this.exchange.responseEnd(trailers !== undefined && trailers.count > 0 ? trailers : undefined))
      this.answerPassed();
    else this.#passing = true;
  }

  /** The answer's end is written. */
  answerPassed(): void {
    // What the filters let go of may have filled the client's queue: the connection is another exchange's now.
    if (this.#passing) this.client?.resumeReading();
    this.#passing = false;
    this.#leave(this.#reusable);
    this.exchange.finish();
  }

  upstreamClosed(client: UpstreamClient, complete: boolean, how: UpstreamEnd): void {
    if (this.client !== client) return;
    if (this.#passing) {
      this.#reusable = false;
      return;
    }
    // An answer that had begun: the application did see the request.
    if (client instanceof Http1Client && !client.reader.isIdle) this.reused = false;
    this.refused = how === 'refused';
    if (how === 'no-tunnels') this.give(END_ERRORS[how]);
    else if (complete && this.answered) this.#answerComplete(client);
    else this.failed(END_ERRORS[how]);
  }

  upstreamDrained(): void {
    this.exchange.connection.readOn();
  }

  timerFired(kind: number): void {
    if (!this.active) return;
    if (kind === TIMER_BACK_OFF) this.attempt(undefined);
    else if (kind === TIMER_TRY || kind === TIMER_TRY_IDLE) {
      if (this.#hedge()) return;
      this.endpoint?.reportLocalOriginFailure('timeout');
      this.cluster?.count('upstream_rq_per_try_timeout');
      this.failed('per-try-timeout');
    } else {
      if (this.client !== undefined) this.endpoint?.reportLocalOriginFailure('timeout');
      for (const stats of this.exchange.counted) stats.count('upstream_rq_timeout', 1 + this.#hedges.size);
      if (this.#hedges.any) this.cluster?.counter('upstream_rq_timeout').add(this.#hedges.size);
      this.give('upstream-timeout');
    }
  }

  // --------------------------------------------------------------------------------------------------------------- trying again

  /** The try ended without an answer that could be passed on. */
  protected override failed(error: ExchangeError): void {
    const sent = this.headSent;
    this.afterTimeout = error === 'per-try-timeout';
    if (sent && error !== 'per-try-timeout') {
      this.endpoint?.reportLocalOriginFailure(error === 'upstream-protocol-error' ? 'protocol-error' : 'reset');
    }
    if (!this.answered) {
      const unseen = this.refused || unseenByApplication(error, this.reused, sent, this.exchange.head.method);
      if (unseen && this.#mayTryElsewhere() && this.#tryUnseen(error, sent)) return;
      if (this.retries.policy?.retriesError(error, sent) === true && this.tryAgain(undefined)) return;
    }
    this.give(error);
  }

  /** The request goes on as another one; this try is over. */
  #followed(redirect: InternalRedirect, client: UpstreamClient): boolean {
    const exchange = this.exchange;
    if (!isRedirect(redirect, client.reader.status)) return false;
    exchange.head.edit.truncate(this.mark);
    const whole = this.body.wholeLength >= 0 && !exchange.isUpgrade;
    const cluster = this.cluster as ClusterRuntime;
    if (!whole || !followRedirect(exchange, redirect, client.reader)) {
      cluster.count('upstream_internal_redirect_failed_total');
      return false;
    }
    cluster.count('upstream_internal_redirect_succeeded_total');
    exchange.trace?.tryEnds(exchange, client.reader.status);
    this.timers.stop();
    this.#leave(passedOver(client, this.body));
    this.body.rewind();
    this.tried.length = 0;
    this.attempts = 0;
    exchange.restart();
    return true;
  }

  /** By policy: a retry left, the budget free, the body still here. `answered`: whose answer is passed over. */
  protected override tryAgain(answered: UpstreamClient | undefined): boolean {
    const wait = this.retries.permit(answered, !this.headSent || this.body.replayable);
    if (wait < 0) return false;
    this.#abandonTry(answered !== undefined && passedOver(answered, this.body), answered?.reader.status);
    this.timers.startBackOff(wait);
    return true;
  }

  /** A policy that says 0 tries means it, as Envoy's does; a connection of the pool that had gone is still replaced. */
  #mayTryElsewhere(): boolean {
    return this.reused || this.retries.policy?.policy.numRetries !== 0;
  }

  /** Before any policy, and outside of its budget, since it multiplies nothing: at once, on an endpoint that was not tried yet, or on a fresh connection when an idle one had gone. */
  #tryUnseen(error: ExchangeError, sent: boolean): boolean {
    if (this.attempts >= UNSEEN_TRIES || (sent && !this.body.replayable)) return false;
    this.#abandonTry(false);
    if (error === 'upstream-closed' || this.refused) {
      this.tried.pop();
      this.pool?.dropIdle();
    }
    this.attempt(error);
    return true;
  }

  /** Likewise for an answer by which the peer's proxy says that it reached no application; false: no other endpoint is there, or the request is not. */
  #tryElsewhere(client: UpstreamClient): boolean {
    if (this.attempts >= UNSEEN_TRIES || this.retries.times?.numRetries === 0 || !this.body.replayable) return false;
    this.tried.push(client.endpoint);
    const endpoint = (this.cluster as ClusterRuntime).pick(this.exchange);
    const isAnother = endpoint !== undefined && !this.tried.includes(endpoint);
    this.tried.pop();
    if (!isAnother) return false;
    this.#abandonTry(passedOver(client, this.body), client.reader.status);
    this.nextTry();
    this.tryAt(endpoint);
    return true;
  }

  #abandonTry(reusable: boolean, status = 0): void {
    this.exchange.trace?.tryEnds(this.exchange, status);
    if (this.endpoint !== undefined) this.tried.push(this.endpoint);
    this.timers.tryOver();
    this.#leaveTry(reusable);
    this.body.rewind();
  }

  // ------------------------------------------------------------------------------------------------------------------ hedging

  /** The try's time is over, but it goes on beside another one, or alone where no other may begin; false: it ends. */
  #hedge(): boolean {
    const exchange = this.exchange;
    const { client } = this;
    const { policy } = this.retries;
    if (!exchange.hedges || this.answered || client === undefined) return false;
    client.endpoint.reportLocalOriginFailure('soft-timeout');
    const wait =
      policy === undefined || policy.policy.retryOn.length === 0
        ? -1
        : this.retries.permit(undefined, this.body.replayable);
    if (wait < 0) return true;
    this.tried.push(client.endpoint);
    this.timers.tryOver();
    const pool = this.pool as UpstreamPool;
    const slots = this.slots.handOverRequest();
    this.#hedges.add(new HedgedTry(exchange, this.#hedges, { client, pool, slots, sentAt: this.sentAt }));
    this.client = undefined;
    this.afterTimeout = true;
    this.body.rewind();
    this.timers.startBackOff(wait);
    return true;
  }

  isUnwanted(client: UpstreamClient): boolean {
    const { retries } = this;
    const { status, head } = client.reader;
    return retries.policy !== undefined && (retries.policy.retriesAnswer(status, head) || retries.tellsUnseen(client));
  }

  get isTrying(): boolean {
    return this.client !== undefined || this.slots.waiting || this.timers.backingOff;
  }

  takeOver(hedge: HedgedTry): void {
    const { client } = hedge;
    this.timers.tryOver();
    this.#leaveTry(false);
    hedge.leave(this.slots);
    this.pool = hedge.pool;
    this.client = client;
    this.connection = client.connection;
    this.endpoint = client.endpoint;
    this.sentAt = hedge.sentAt;
    this.firstByteAt = -1;
    this.body.become(hedge.body);
    client.target = this;
    this.#readResponse(client, true);
  }

  giveUp(error: ExchangeError): void {
    this.give(error);
  }

  #endHedges(): void {
    if (!this.#hedges.any) return;
    this.#hedges.end();
    this.timers.stopBackOff();
  }

  /** Ends with an error: the exchange answers it, or cuts the answer that has begun; tries beside this one may still bring an answer. */
  protected override give(error: ExchangeError): void {
    if (this.#hedges.any && error !== 'upstream-timeout') {
      this.#abandonTry(false);
      return;
    }
    this.active = false;
    this.timers.stop();
    this.#leave(false);
    if (!this.answered) for (const stats of this.exchange.counted) stats.status(ERROR_ANSWERS[error].status);
    this.exchange.fail(error);
  }

  #leave(reusable: boolean): void {
    this.#endHedges();
    this.#leaveTry(reusable);
    this.slots.giveRetry();
  }

  /** Gives back everything the try holds. */
  #leaveTry(reusable: boolean): void {
    if (this.slots.waiting) {
      if (this.raw) this.rawAttempt?.cancel();
      else this.pool?.stopWaiting(this);
      this.rawAttempt = undefined;
      this.slots.stopWaiting();
    }
    const { client } = this;
    if (client === undefined) return;
    this.slots.giveRequest();
    this.client = undefined;
    client.target = undefined;
    if (reusable) this.pool?.release(client);
    else client.destroy();
  }
}
