/**
 * One request and its answer on a downstream HTTP/1.1 connection or HTTP/2 stream. It carries the state that the stages of both directions
 * (request-path.ts, response-path.ts) read and write, writes to the client, and is its own record at the end. One object serves all
 * exchanges of a connection (or of a stream slot), one after the other: `begin` resets it.
 */
import type { Socket } from 'node:net';
import type { FieldBlock } from '@weft/wire/http1';
import { ERROR_ANSWERS, type ExchangeError } from '../errors.ts';
import type { DownstreamConnection } from '../ports.ts';
import { ResponseFlag, type ResponseFlags } from '../response-flags.ts';
import { Forwarding } from '../router/forwarding.ts';
import { sendMirrors } from '../router/mirror.ts';
import type { UpstreamClient } from '../router/upstream-client.ts';
import type { BodyRefusal } from '../filters/filter.ts';
import { FilterRun } from '../filters/filter-run.ts';
import { ExchangeState } from './exchange-state.ts';
import { DEADLINE_EXCEEDED, grpcStatusIn, grpcStatusOf, isGrpc } from './grpc.ts';
import type { ManagerContext } from './manager-context.ts';
import { type AnswerHeaders, NO_HEADERS, OwnAnswer } from './own-answer.ts';
import { resumeRequestPath, runRequestPath } from './request-path.ts';
import { addOwnHeaders, mutate, passesTrailers, runResponsePath } from './response-path.ts';
import type { AnswerSource, DownstreamStream, RequestSource } from './stream.ts';

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

export class Exchange extends ExchangeState {
  readonly connection: DownstreamStream;
  readonly router: Forwarding;
  /** Undefined: the connection manager has none. */
  readonly filters: FilterRun | undefined;
  readonly #own = new OwnAnswer();
  #responseStarted = false;
  /** The answer's head waits for its end. */
  #headHeld = false;
  #started = false;
  #requestEnded = false;
  #continued = false;

  constructor(
    connection: DownstreamStream,
    context: ManagerContext,
    downstream: DownstreamConnection,
    reader: RequestSource,
  ) {
    super(context, downstream, reader);
    this.connection = connection;
    this.router = new Forwarding(this);
    this.filters = context.filters === undefined ? undefined : new FilterRun(this);
  }

  // ------------------------------------------------------------------------------------------------------------------ request

  /** The reader has a head. Decides what will happen; nothing is sent yet. */
  begin(): void {
    const { clock, wall } = this.context.runtime;
    this.#reset();
    this.active = true;
    this.startWall = wall.now();
    this.startedAt = clock.now();
    this.head.method = this.reader.method;
    this.head.edit.reset(this.reader.head);
    this.grpcClient = isGrpc(this.reader.head);
    this.grpc = this.grpcClient;
    this.router.reset();
    runRequestPath(this);
    if (!this.waiting) this.#prepareBody();
  }

  /** The cluster is known, or the answer. */
  #prepareBody(): void {
    if (this.cluster === undefined || this.decided) return;
    const policy = this.plan?.retry;
    const { body } = this.router;
    const { kind } = this.reader.body;
    body.reset(
      this.bodyFilter === undefined ? kind === 2 : kind !== 0 && !this.head.edit.has('content-length'),
      policy !== undefined ||
        this.mirrors.length > 0 ||
        this.plan?.forward?.internalRedirect !== undefined ||
        IDEMPOTENT.has(this.head.method),
    );
    body.withheld = this.wantsTunnel && this.reader.body.kind === 0;
  }

  #reset(): void {
    this.resetState();
    this.filters?.reset();
    this.#own.reset();
    this.#responseStarted = false;
    this.#headHeld = false;
    this.#started = false;
    this.#requestEnded = false;
    this.#continued = false;
  }

  /** The request's answer is decided here; it is sent once the bytes at hand are read. */
  decide(
    status: number,
    body: string,
    flag: ResponseFlags,
    details: string,
    headers: AnswerHeaders = NO_HEADERS,
    grpcStatus?: number,
  ): void {
    this.#own.decide(this, status, body, flag, details, headers, grpcStatus);
  }

  decideError(error: ExchangeError, details?: string): void {
    const answer = ERROR_ANSWERS[error];
    this.decide(answer.status, answer.body, answer.flag, details ?? answer.details);
    if (answer.close) this.closeAfter = true;
  }

  requestBody(bytes: Uint8Array, start: number, end: number): void {
    this.bytesReceived += end - start;
    if (this.waiting) {
      this.#waitingBody(bytes.subarray(start, end));
      return;
    }
    if (this.decided || this.cluster === undefined) return;
    const { body } = this.router;
    const arrived = bytes.subarray(start, end);
    if (this.bodyFilter === undefined) body.push(arrived);
    else {
      const changed = this.bodyFilter.requestData(arrived);
      if (changed === undefined) {
        this.#refuseBody(this.bodyFilter.refusal);
        return;
      }
      if (changed.length > 0) body.push(changed);
    }
    if (body.held <= this.context.bodyLimit) return;
    if (this.router.client !== undefined) body.forgetSent();
    if (body.held > this.context.bodyLimit) this.connection.stopReading();
  }

  /** What arrives while the request waits at a filter: up to there it passes, and waits with it. */
  #waitingBody(arrived: Uint8Array): void {
    const { filters } = this;
    if (filters === undefined) return;
    if (filters.requestData(arrived) === undefined) {
      this.#refuseBody(filters.refusal);
      return;
    }
    if (filters.heldOctets > Math.max(this.context.bodyLimit, filters.waitsFor)) this.connection.stopReading();
    if (filters.takeResumed()) this.#goOn();
  }

  /** All bytes at hand are read; `ended`: the request is complete. */
  proceed(ended: boolean): void {
    if (ended) {
      this.#requestEnded = true;
      this.requestEndedAt = this.context.runtime.clock.now();
      const filters = this.waiting ? this.filters : this.bodyFilter;
      if (filters !== undefined && !this.decided && !filters.requestEnd()) this.#refuseBody(filters.refusal);
      else if (this.waiting && filters?.takeResumed() === true) this.#goOn();
    }
    if (!this.active) return;
    if (this.waiting) {
      this.#continueExpected(ended);
      return;
    }
    this.#proceed(ended);
  }

  #proceed(ended: boolean): void {
    const { cluster } = this;
    if (this.decided || cluster === undefined) {
      if (!this.#responseStarted) this.#answerLocally();
      return;
    }
    const { router } = this;
    if (ended) {
      const { trailers } = this.reader.body;
      if (trailers !== undefined && trailers.count > 0 && passesTrailers(this, cluster))
        router.body.trailers = trailers;
    }
    const { timeout } = this;
    if (!this.#started) {
      this.#started = true;
      this.#continueExpected(ended);
      router.body.ended = ended;
      router.start(cluster, this.plan?.retry, this.priority, this.reader.form === 'authority');
    }
    if (!this.active) return;
    if (ended && this.mirrors.length > 0) sendMirrors(this, timeout);
    if (ended) router.requestComplete(this.upgrade === '' && this.reader.form !== 'authority' ? timeout : 0);
    router.flush();
  }

  #continueExpected(ended: boolean): void {
    if (ended || this.reader.expectation !== 'continue' || this.#continued) return;
    this.#continued = true;
    this.connection.writeContinue();
  }

  /** The filter at which the request waited lets it on, from outside of the request's own bytes. */
  resume(): void {
    if (!this.active || this.filters?.takeResumed() !== true) return;
    try {
      this.#goOn();
      if (!this.active || this.waiting) return;
      if (this.#started) this.restart();
      else if (this.decided || !this.connection.awaitsEnd) this.#proceed(this.#requestEnded);
    } catch (error) {
      this.defect(error);
    }
  }

  /** The rest of the filters, the route, and what waited of the body. */
  #goOn(): void {
    const { filters } = this;
    if (filters === undefined) return;
    const passed: Uint8Array[] = [];
    do {
      const { waitedAt } = filters;
      this.waiting = false;
      resumeRequestPath(this);
      if (!this.decided && !filters.passHeld(waitedAt, passed)) this.#refuseBody(filters.refusal);
    } while (this.waiting && filters.takeResumed());
    this.connection.readOn();
    if (this.waiting || this.#started) return;
    this.#prepareBody();
    if (this.decided || this.cluster === undefined) return;
    for (const slice of passed) this.router.body.push(slice);
  }

  /** The filter at which the request waited has decided its answer. */
  answerWaiting(): void {
    this.waiting = false;
    if (!this.active) return;
    try {
      if (!this.#responseStarted) this.#answerLocally();
    } catch (error) {
      this.defect(error);
    }
  }

  /** An internal redirect: the whole request, which is here, goes out again. */
  restart(): void {
    if (this.waiting) return;
    const { cluster, router } = this;
    if (this.decided || cluster === undefined) {
      this.#answerLocally();
      return;
    }
    router.start(cluster, this.plan?.retry, this.priority, false);
    if (!this.active) return;
    router.requestComplete(this.timeout);
    router.flush();
  }

  /** A filter found fault with the body. */
  #refuseBody({ status, body, details }: BodyRefusal): void {
    this.router.cancel();
    this.waiting = false;
    if (this.#responseStarted) this.abort();
    else this.decide(status, body, ResponseFlag.none, details);
  }

  hostText(): { readonly canonical: string; readonly changed: boolean } {
    return this.connection.canonicalHost();
  }

  pathText(): string {
    return this.connection.pathText();
  }

  // ----------------------------------------------------------------------------------------------------------------- response

  responseHead(reader: AnswerSource, serviceTimeMs: number): void {
    this.#responseStarted = true;
    this.status = reader.switchesProtocol ? this.switchedStatus : reader.status;
    this.details = 'via_upstream';
    if (this.grpc) this.grpcStatus = grpcStatusIn(reader.head);
    this.context.downstreamOut.discard();
    runResponsePath(this, reader, serviceTimeMs);
    const { filters } = this;
    if (filters !== undefined && (filters.chain.seesAnswers || this.bodyFilter !== undefined))
      this.#headHeld = filters.answerHead(this, reader);
    if (this.#headHeld) return;
    addOwnHeaders(this);
    this.connection.writeHead(this, reader);
  }

  /** `shared`: the bytes are valid during the call only. */
  responseBody(bytes: Uint8Array, start: number, end: number, shared: boolean): void {
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
  writeChanged(bytes: Uint8Array, shared: boolean): void {
    if (bytes.length === 0) return;
    this.bytesSent += bytes.length;
    this.connection.writeBody(this, bytes, 0, bytes.length, shared);
  }

  /** The bytes of this turn go out; a full queue stops the upstream. */
  flushResponse(): void {
    if (!this.connection.flushAnswer() || this.bodyFilter?.full === true) this.router.client?.pauseReading();
    this.connection.touch();
  }

  /** False: a filter holds the end back, and `answerComplete` follows. */
  responseEnd(trailers: FieldBlock | undefined): boolean {
    if (this.grpc && trailers !== undefined) {
      const told = grpcStatusIn(trailers);
      if (told >= 0) this.grpcStatus = told;
    }
    const { bodyFilter } = this;
    if (bodyFilter !== undefined && !bodyFilter.answerEnd(trailers)) return false;
    this.#writeEnd(bodyFilter === undefined ? trailers : bodyFilter.trailers);
    return true;
  }

  /** The filters let the answer end. */
  answerComplete(): void {
    if (!this.active) return;
    this.#writeEnd(this.bodyFilter?.trailers);
    this.router.answerPassed();
  }

  #writeEnd(trailers: FieldBlock | undefined): void {
    const passed =
      trailers !== undefined && this.cluster !== undefined && passesTrailers(this, this.cluster) ? trailers : undefined;
    this.connection.writeEnd(this, passed);
  }

  /** The head of an answer whose body stays here. */
  writeHeldHead(): void {
    this.#headHeld = false;
    addOwnHeaders(this);
    this.response.set('content-length', '0');
    this.chunkedOut = false;
    this.connection.writeHead(this, undefined);
  }

  /** Whether the client may not send another request on this connection. */
  shouldClose(): boolean {
    if (!this.closeAfter && (!this.reader.keepAlive || this.connection.mustClose)) this.closeAfter = true;
    if (!this.closeAfter && this.context.runtime.overload.closesConnections) {
      this.context.overloadCloses.add(1);
      this.closeAfter = true;
    }
    return this.closeAfter;
  }

  /** The router gave up. */
  fail(error: ExchangeError): void {
    const answer = ERROR_ANSWERS[error];
    if (this.#responseStarted) {
      this.flags |= answer.flag;
      this.details = answer.details;
      this.context.downstreamOut.discard();
      this.abort();
      return;
    }
    this.decideError(error);
    if (error === 'connect-failed' || error === 'tls-failed') this.#own.body = answer.body;
    this.#answerLocally();
  }

  /** An answer of our own. A request whose body has not all arrived ends the connection: what follows cannot be told from a request. */
  #answerLocally(): void {
    this.context.downstreamOut.discard();
    this.#responseStarted = true;
    // Nor can what came for a tunnel that was not granted.
    if ((!this.#requestEnded || this.wantsTunnel) && this.reader.minor !== 2) this.closeAfter = true;
    this.#own.write(this);
    this.finish();
  }

  /** A time-out of the connection manager: Envoy says 504 when the whole request is here, else 408. */
  timeOut(error: 'stream-idle-timeout' | 'max-stream-duration'): void {
    this.refuse(error, ERROR_ANSWERS[error].details, this.#requestEnded ? 504 : 408);
  }

  /** A fault of the request's bytes: before or inside the exchange. */
  refuse(error: ExchangeError, details: string, status: number): void {
    if (!this.active) {
      this.#reset();
      this.active = true;
      this.startWall = this.context.runtime.wall.now();
      this.startedAt = this.context.runtime.clock.now();
      this.head.edit.reset(undefined);
      // An answer to HEAD has no content, also when the rest of the request is refused (RFC 9110, 9.3.2).
      this.head.method = this.reader.minor === 2 ? '' : this.reader.method;
      this.head.path = '';
      this.head.originalPath = '';
      this.head.host = '';
      this.router.reset();
    }
    this.router.cancel();
    if (this.#responseStarted) {
      this.flags |= ERROR_ANSWERS[error].flag;
      this.abort();
      return;
    }
    this.decideError(error, details);
    if (error === 'max-stream-duration') this.#own.grpcStatus = DEADLINE_EXCEEDED;
    this.status = status;
    this.closeAfter = true;
    this.#answerLocally();
  }

  /** The response is complete on our side. */
  finish(): void {
    if (!this.active) return;
    this.active = false;
    this.#record();
    const keep = this.#requestEnded && !this.closeAfter;
    this.#letGo();
    this.connection.exchangeEnded(keep);
  }

  #record(): void {
    this.endedAt = this.context.runtime.clock.now();
    this.waiting = false;
    this.filters?.ended();
    this.router.cancel();
    if (this.grpc && this.grpcStatus < 0 && this.status > 0) this.grpcStatus = grpcStatusOf(this.status);
    this.context.runtime.records.exchangeEnded(this, this.context.setting.accessLoggers);
  }

  /** An idle connection keeps neither bytes nor a configuration alive. */
  #letGo(): void {
    this.plan = undefined;
    this.weighted = undefined;
    this.cluster = undefined;
    this.router.reset();
    this.reader.head.release();
    this.response.reset(undefined);
  }

  /** Nothing more can be said: both sides are cut. */
  abort(): void {
    if (!this.active) return;
    this.active = false;
    this.#record();
    if (this.#responseStarted && this.reader.minor === 0) this.connection.reset();
    else this.connection.destroy();
  }

  /** A defect of ours came up while this exchange ran: it costs this exchange and its two connections, nothing else. */
  defect(error: unknown): void {
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
  downstreamClosed(): void {
    if (!this.active) return;
    this.flags |= ResponseFlag.downstreamConnectionTermination;
    this.details = ERROR_ANSWERS['downstream-closed'].details;
    this.abort();
  }

  startTunnel(client: UpstreamClient): void {
    this.connection.startTunnel(client);
  }

  /** CONNECT is granted: raw bytes to that socket from now on. */
  startConnectTunnel(socket: Socket): void {
    this.#responseStarted = true;
    this.status = 200;
    this.details = 'via_upstream';
    this.response.reset(undefined);
    mutate(this);
    addOwnHeaders(this);
    this.connection.grantConnect(this, socket);
  }

  // ------------------------------------------------------------------------------------------------------- what others may ask

  get responseStarted(): boolean {
    return this.#responseStarted;
  }
}
