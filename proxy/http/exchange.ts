/**
 * One request and its answer on a downstream HTTP/1.1 connection or HTTP/2 stream. It carries the state that the stages of both directions
 * (request-path.ts, response-path.ts) read and write; here is what leads to the upstream, in exchange-answer.ts what leads back. One object
 * serves all exchanges of a connection (or of a stream slot), one after the other: `begin` resets it.
 */
import type { BodyRefusal } from '../filters/filter.ts';
import { FilterRun } from '../filters/filter-run.ts';
import type { DownstreamConnection } from '../ports.ts';
import { ResponseFlag } from '../response-flags.ts';
import { Forwarding } from '../router/forwarding.ts';
import { sendMirrors } from '../router/mirror.ts';
import { ExchangeAnswer } from './exchange-answer.ts';
import { isGrpc } from './grpc.ts';
import type { CanonicalHost } from './last-host.ts';
import type { ManagerContext } from './manager-context.ts';
import { resumeRequestPath, routeAgain, runRequestPath } from './request-path.ts';
import { passesTrailers } from './response-path.ts';
import type { DownstreamStream, RequestSource } from './stream.ts';

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

export class Exchange extends ExchangeAnswer {
  readonly connection: DownstreamStream;
  readonly router: Forwarding;
  readonly filters: FilterRun | undefined;
  #started = false;
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
    this.resetState();
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
    const policy = this.retry;
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

  override resetState(): void {
    super.resetState();
    this.filters?.reset();
    this.#started = false;
    this.#continued = false;
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
      this.requestEnded = true;
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
    this.#proceed(ended && this.bodyFilter?.requestHeld !== true);
  }

  #proceed(ended: boolean): void {
    const { cluster } = this;
    if (this.decided || cluster === undefined) {
      if (!this.answerStarted) this.answerLocally();
      return;
    }
    const { router } = this;
    if (ended) {
      const trailers = this.bodyFilter?.requestTrailers ?? this.reader.body.trailers;
      if (trailers !== undefined && trailers.count > 0 && passesTrailers(this, cluster))
        router.body.trailers = trailers;
    }
    const { timeout } = this;
    if (!this.#started) {
      this.#started = true;
      this.#continueExpected(ended);
      router.body.ended = ended;
      router.start(cluster, this.retry, this.priority, this.reader.form === 'authority');
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

  /** A filter changed what routes are chosen by. */
  routeAgain(): void {
    routeAgain(this);
  }

  /** The filter at which the request waited lets it on, from outside of the request's own bytes. */
  resume(): void {
    if (!this.active || this.filters?.takeResumed() !== true) return;
    try {
      this.#goOn();
      if (!this.active || this.waiting) return;
      if (this.#started) this.restart();
      else if (this.decided || !this.connection.awaitsEnd)
        this.#proceed(this.requestEnded && this.bodyFilter?.requestHeld !== true);
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
      if (!this.answerStarted) this.answerLocally();
    } catch (error) {
      this.defect(error);
    }
  }

  /** An internal redirect: the whole request, which is here, goes out again. */
  restart(): void {
    if (this.waiting) return;
    const { cluster, router } = this;
    if (this.decided || cluster === undefined) {
      this.answerLocally();
      return;
    }
    router.start(cluster, this.retry, this.priority, false);
    if (!this.active) return;
    router.requestComplete(this.timeout);
    router.flush();
  }

  /** A filter found fault with the body. */
  #refuseBody({ status, body, details }: BodyRefusal): void {
    this.router.cancel();
    this.waiting = false;
    if (this.answerStarted) this.abort();
    else this.decide(status, body, ResponseFlag.none, details);
  }

  /** As `#refuseBody`, by a filter that found it later. */
  refuseBody(refusal: BodyRefusal): void {
    this.#refuseBody(refusal);
    if (this.active) this.#proceed(false);
  }

  /** Octets of the request behind the filters, later than they came. */
  pushBody(bytes: Uint8Array): void {
    if (!this.active || this.decided || this.cluster === undefined) return;
    const { body } = this.router;
    body.push(bytes);
    if (this.#started) this.router.flush();
    if (body.held <= this.context.bodyLimit) return;
    if (this.router.client !== undefined) body.forgetSent();
    if (body.held > this.context.bodyLimit) this.connection.stopReading();
  }

  /** The filters let the request end, later than it did. */
  requestOver(): void {
    if (this.active && !this.waiting && this.#started) this.#proceed(true);
  }

  hostText(): CanonicalHost {
    return this.connection.canonicalHost();
  }

  pathText(): string {
    return this.connection.sentTarget().text;
  }
}
