/**
 * The half of an exchange that leads to the client: the upstream's answer or one of our own, how the exchange ends, and its record. The
 * request's half (exchange.ts) is built on it; its methods run as those of a whole exchange.
 */
import type { Socket } from 'node:net';
import type { FieldBlock } from '@weft/wire/http1';
import { ERROR_ANSWERS, type ExchangeError } from '../errors.ts';
import type { FilterRun } from '../filters/filter-run.ts';
import type { OverrideHost } from '../ports.ts';
import { ResponseFlag, type ResponseFlags } from '../response-flags.ts';
import type { UpstreamClient } from '../router/upstream-client.ts';
import type { Exchange } from './exchange.ts';
import { ExchangeState } from './exchange-state.ts';
import { DEADLINE_EXCEEDED, grpcStatusIn, grpcStatusOf } from './grpc.ts';
import { type AnswerHeaders, NO_HEADERS, OwnAnswer } from './own-answer.ts';
import { addOwnHeaders, mutate, passesTrailers, runResponsePath } from './response-path.ts';
import type { AnswerSource, DownstreamStream } from './stream.ts';

export abstract class ExchangeAnswer extends ExchangeState {
  abstract readonly connection: DownstreamStream;
  /** Undefined: the connection manager has none. */
  abstract readonly filters: FilterRun | undefined;
  protected readonly own = new OwnAnswer();
  protected answerStarted = false;
  /** The answer's head waits for its end. */
  protected headHeld = false;
  protected requestEnded = false;

  override resetState(): void {
    super.resetState();
    this.own.reset();
    this.answerStarted = false;
    this.headHeld = false;
    this.requestEnded = false;
  }

  /** The request's answer is decided here; it is sent once the bytes at hand are read. */
  decide(
    this: Exchange,
    status: number,
    body: string,
    flag: ResponseFlags,
    details: string,
    headers: AnswerHeaders = NO_HEADERS,
    grpcStatus?: number,
  ): void {
    this.own.decide(this, status, body, flag, details, headers, grpcStatus);
  }

  decideError(this: Exchange, error: ExchangeError, details?: string): void {
    const answer = ERROR_ANSWERS[error];
    this.decide(answer.status, answer.body, answer.flag, details ?? answer.details);
    if (answer.close) this.closeAfter = true;
  }

  responseHead(this: Exchange, reader: AnswerSource, serviceTimeMs: number): void {
    this.answerStarted = true;
    this.status = reader.switchesProtocol ? this.switchedStatus : reader.status;
    this.details = 'via_upstream';
    this.answerBody = reader.body.kind;
    if (this.grpc) this.grpcStatus = grpcStatusIn(reader.head);
    this.context.downstreamOut.discard();
    runResponsePath(this, reader, serviceTimeMs);
    const { filters } = this;
    if (filters !== undefined && (filters.chain.seesAnswers || this.bodyFilter !== undefined))
      this.headHeld = filters.answerHead(this, reader);
    if (this.headHeld) return;
    addOwnHeaders(this);
    this.connection.writeHead(this, reader);
  }

  /** `shared`: the bytes are valid during the call only. */
  responseBody(this: Exchange, bytes: Uint8Array, start: number, end: number, shared: boolean): void {
    if (this.bodyFilter === undefined) {
      this.bytesSent += end - start;
      this.connection.writeBody(this, bytes, start, end, shared);
      return;
    }
    const slice = bytes.subarray(start, end);
    const changed = this.bodyFilter.answerData(slice);
    this.writeChanged(changed, shared && changed === slice);
  }

  /** Octets of the answer behind the filters. */
  writeChanged(this: Exchange, bytes: Uint8Array, shared: boolean): void {
    if (bytes.length === 0) return;
    this.bytesSent += bytes.length;
    this.connection.writeBody(this, bytes, 0, bytes.length, shared);
  }

  /** The bytes of this turn go out; a full queue stops the upstream. */
  flushResponse(this: Exchange): void {
    if (!this.connection.flushAnswer() || this.bodyFilter?.full === true) this.router.client?.pauseReading();
    this.connection.touch();
  }

  /** False: a filter holds the end back, and `answerComplete` follows. */
  responseEnd(this: Exchange, trailers: FieldBlock | undefined): boolean {
    if (this.grpc && trailers !== undefined) {
      const told = grpcStatusIn(trailers);
      if (told >= 0) this.grpcStatus = told;
    }
    const { bodyFilter } = this;
    if (bodyFilter !== undefined && !bodyFilter.answerEnd(trailers)) {
      // The output is shared: nothing may stand in it when others have their turn.
      this.flushResponse();
      return false;
    }
    this.#writeEnd(bodyFilter === undefined ? trailers : bodyFilter.trailers);
    return true;
  }

  /** The filters let the answer end. */
  answerComplete(this: Exchange): void {
    if (!this.active) return;
    this.#writeEnd(this.bodyFilter?.trailers);
    this.router.answerPassed();
  }

  #writeEnd(this: Exchange, trailers: FieldBlock | undefined): void {
    const passed =
      trailers !== undefined && this.cluster !== undefined && passesTrailers(this, this.cluster) ? trailers : undefined;
    this.connection.writeEnd(this, passed);
  }

  /** The head of an answer whose body stays here. */
  writeHeldHead(this: Exchange): void {
    this.headHeld = false;
    addOwnHeaders(this);
    this.response.set('content-length', '0');
    this.chunkedOut = false;
    this.connection.writeHead(this, undefined);
  }

  /** The head that waited at a filter. */
  writeLateHead(this: Exchange, reader: AnswerSource): void {
    if (!this.active) return;
    this.headHeld = false;
    this.headWasLate = true;
    this.context.downstreamOut.discard();
    addOwnHeaders(this);
    this.connection.writeHead(this, reader);
    this.flushResponse();
  }

  /** A filter answers in place of the upstream, whose answer has not left here yet; no filter sees that one. */
  replaceAnswer(
    this: Exchange,
    status: number,
    body: string,
    details: string,
    headers: AnswerHeaders,
    grpcStatus?: number,
  ): void {
    if (!this.active) return;
    this.filters?.leave();
    this.router.cancel();
    this.headHeld = false;
    this.grpcStatus = -1;
    this.decide(status, body, ResponseFlag.none, details, headers, grpcStatus);
    this.answerLocally();
  }

  /** Whether the client may not send another request on this connection. */
  shouldClose(this: Exchange): boolean {
    if (!this.closeAfter && (!this.reader.keepAlive || this.connection.mustClose)) this.closeAfter = true;
    if (!this.closeAfter && this.context.runtime.overload.closesConnections) {
      this.context.overloadCloses.add(1);
      this.closeAfter = true;
    }
    return this.closeAfter;
  }

  /** The router gave up. */
  fail(this: Exchange, error: ExchangeError): void {
    const answer = ERROR_ANSWERS[error];
    if (this.answerStarted) {
      this.flags |= answer.flag;
      this.details = answer.details;
      this.context.downstreamOut.discard();
      this.abort();
      return;
    }
    this.decideError(error);
    if (this.noContentOnTimeout && answer.status === 504) {
      this.status = 204;
      this.own.body = '';
    }
    if (error === 'no-healthy-endpoint' && this.overrideHost !== undefined) this.#tellLostSession(this.overrideHost);
    if (error === 'connect-failed' || error === 'tls-failed') this.own.body = answer.body;
    this.answerLocally();
  }

  #tellLostSession({ strict, known, notFoundStatus }: OverrideHost): void {
    if (strict && !known && notFoundStatus > 0) this.status = notFoundStatus;
  }

  /** An answer of our own. A request whose body has not all arrived ends the connection: what follows cannot be told from a request. */
  protected answerLocally(this: Exchange): void {
    this.context.downstreamOut.discard();
    this.answerStarted = true;
    // Nor can what came for a tunnel that was not granted.
    if ((!this.requestEnded || this.wantsTunnel) && this.reader.minor !== 2) this.closeAfter = true;
    this.own.write(this);
    this.finish();
  }

  /** A time-out of the connection manager: Envoy says 504 when the whole request is here, else 408. */
  timeOut(this: Exchange, error: 'stream-idle-timeout' | 'max-stream-duration'): void {
    this.refuse(error, ERROR_ANSWERS[error].details, this.requestEnded ? 504 : 408);
  }

  /** A fault of the request's bytes: before or inside the exchange. */
  refuse(this: Exchange, error: ExchangeError, details: string, status: number): void {
    if (!this.active) {
      this.resetState();
      this.active = true;
      this.startWall = this.context.runtime.wall.now();
      this.startedAt = this.context.runtime.clock.now();
      this.head.edit.reset(undefined);
      // An answer to HEAD has no content, also when the rest of the request is refused (RFC 9110, 9.3.2).
      this.head.method = this.reader.minor === 2 ? '' : this.reader.method;
      this.head.path = '';
      this.head.originalPath = '';
      this.head.host = '';
      this.head.spelledHost = '';
      this.router.reset();
    }
    this.router.cancel();
    if (this.answerStarted) {
      this.flags |= ERROR_ANSWERS[error].flag;
      this.abort();
      return;
    }
    this.decideError(error, details);
    if (error === 'max-stream-duration') this.own.grpcStatus = DEADLINE_EXCEEDED;
    this.status = status;
    this.closeAfter = true;
    this.answerLocally();
  }

  /** The response is complete on our side. */
  finish(this: Exchange): void {
    if (!this.active) return;
    this.active = false;
    this.#record();
    const keep = this.requestEnded && !this.closeAfter;
    this.#letGo();
    this.connection.exchangeEnded(keep);
  }

  #record(this: Exchange): void {
    this.endedAt = this.context.runtime.clock.now();
    this.waiting = false;
    this.filters?.ended();
    this.router.cancel();
    if (this.grpc && this.grpcStatus < 0 && this.status > 0) this.grpcStatus = grpcStatusOf(this.status);
    this.trace?.end(this);
    this.context.runtime.records.exchangeEnded(this, this.context.setting.accessLoggers);
    this.trace = undefined;
  }

  /** An idle connection keeps neither bytes nor a configuration alive. */
  #letGo(this: Exchange): void {
    this.routes = undefined;
    this.scope = undefined;
    this.plan = undefined;
    this.weighted = undefined;
    this.cluster = undefined;
    this.router.reset();
    this.reader.head.release();
    this.response.reset(undefined);
  }

  /** Nothing more can be said: both sides are cut. */
  abort(this: Exchange): void {
    if (!this.active) return;
    this.active = false;
    this.#record();
    if (this.answerStarted && this.reader.minor === 0) this.connection.reset();
    else this.connection.destroy();
  }

  /** A defect of ours came up while this exchange ran: it costs this exchange and its two connections, nothing else. */
  defect(this: Exchange, error: unknown): void {
    this.context.downstreamOut.discard();
    this.context.upstreamOut.discard();
    this.context.runtime.log.write('http', 'critical', 'defect: an exchange was cut', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.flags |= ResponseFlag.localReset;
    this.details = ERROR_ANSWERS['local-reset'].details;
    this.abort();
    this.connection.destroy();
  }

  /** The client went away. */
  downstreamClosed(this: Exchange): void {
    if (!this.active) return;
    this.flags |= ResponseFlag.downstreamConnectionTermination;
    this.details = ERROR_ANSWERS['downstream-closed'].details;
    this.abort();
  }

  startTunnel(this: Exchange, client: UpstreamClient): void {
    this.connection.startTunnel(client);
  }

  /** CONNECT is granted: raw bytes to that socket from now on. */
  startConnectTunnel(this: Exchange, socket: Socket): void {
    this.answerStarted = true;
    this.status = 200;
    this.details = 'via_upstream';
    this.response.reset(undefined);
    mutate(this);
    addOwnHeaders(this);
    this.connection.grantConnect(this, socket);
  }

  get responseStarted(): boolean {
    return this.answerStarted;
  }
}
