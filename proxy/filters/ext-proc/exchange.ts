/** One exchange and its stream to the service: what is shown when, and what the service's words do. */
import type { ProcessingModes } from '@weft/core/proxy-config';
import type { ProcessingPart, ProcessingQuestion, ProcessingVerdict } from '@weft/core/services';
import type { FieldBlock } from '@weft/wire/http1';
import type { GrpcFailure, GrpcStream, GrpcStreamHandler } from '../../calls/port.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { AnswerSource } from '../../http/stream.ts';
import type { ReusableTimer, TimerTarget } from '../../ports.ts';
import { ResponseFlag } from '../../response-flags.ts';
import { clientTrailers, upstreamTrailers } from '../../http/response-path.ts';
import { areFields, deniedFields } from '../ext-authz/changes.ts';
import { type BodyRefusal, LATER, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { ProcessorSetting } from './setting.ts';
import { changeHead, changeTrailers, type CommonVerdict } from './header-changes.ts';
import { type MessagePath, ProcessedMessage } from './message.ts';
import { requestHeaders, answerHeaders, shownTrailers } from './shown-headers.ts';

const NOTHING = new Uint8Array(0);
const REFUSAL: BodyRefusal = { status: 413, body: 'Payload Too Large', details: 'request_payload_too_large' };
const GATEWAY_TIMEOUT = 504;
const INTERNAL = 500;
/** ms that the service gets to end a stream whose exchange is over. */
const CLOSE = 5000;

const TIMER_REQUEST = 0;
const TIMER_ANSWER = 1;
const TIMER_CLOSE = 2;

export class ProcessedExchange implements StreamFilter, GrpcStreamHandler, TimerTarget {
  readonly refusal = REFUSAL;
  readonly #setting: ProcessorSetting;
  readonly #exchange: Exchange;
  readonly #run: FilterRun;
  readonly #timers: (ReusableTimer | undefined)[] = [];
  readonly #request: ProcessedMessage;
  readonly #answer: ProcessedMessage;
  #modes: ProcessingModes;
  #stream: GrpcStream | undefined;
  /** Nothing more is shown. */
  #over = false;
  #told = false;
  /** Bits of the messages, request 1 and answer 2, whose attributes were told. */
  #attributed = 0;
  #requestTrailers: FieldBlock | undefined;
  #answerTrailers: FieldBlock | undefined;
  /** The answer's head does not say its length any more. */
  #lengthGone = false;

  constructor(setting: ProcessorSetting, exchange: Exchange, run: FilterRun) {
    this.#setting = setting;
    this.#exchange = exchange;
    this.#run = run;
    this.#modes = setting.row.modes;
    this.#request = new ProcessedMessage(this.#requestPath());
    this.#answer = new ProcessedMessage(this.#answerPath());
  }

  #requestPath(): MessagePath {
    const run = this.#run;
    return {
      releaseHead: () => run.resume(),
      send: (bytes) => run.sendRequest(this, bytes),
      end: () => run.endRequest(),
      show: (body, ends) => this.#ask(this.#request, { part: 'request-body', body, ends, ...this.#first(true) }),
      showTrailers: () => this.#askTrailers(true),
    };
  }

  #answerPath(): MessagePath {
    const run = this.#run;
    return {
      releaseHead: () => run.releaseHead(),
      send: (bytes) => run.sendAnswer(this, bytes),
      end: () => run.endAnswer(),
      show: (body, ends) => this.#ask(this.#answer, { part: 'response-body', body, ends, ...this.#first(false) }),
      showTrailers: () => this.#askTrailers(false),
    };
  }

  // ---------------------------------------------------------------------------------------------------------------- the request

  /** Whether the request waits. */
  begin(): boolean {
    const exchange = this.#exchange;
    const hasBody = exchange.reader.body.kind !== 0 && !exchange.wantsTunnel;
    const message = this.#request;
    message.mode = hasBody ? this.#modes.requestBody : 'none';
    message.headHeld = this.#modes.requestHeaders || message.buffers;
    if (message.mode === 'streamed') exchange.head.edit.remove('content-length');
    if (this.#modes.requestHeaders) {
      const headers = requestHeaders(exchange, this.#setting.headers);
      this.#ask(message, { part: 'request-headers', headers, ends: !hasBody, ...this.#first(true) });
    }
    return message.headHeld;
  }

  requestData(bytes: Uint8Array): Uint8Array | undefined {
    const message = this.#request;
    if (message.passes) return bytes;
    const { bodyLimit } = this.#exchange.context;
    if (message.mode === 'buffered' && message.octets + bytes.length > bodyLimit) return undefined;
    message.take(bytes);
    if (message.octets >= bodyLimit) {
      message.full = true;
      if (message.mode === 'buffered-partial' && message.asked === undefined) message.showAll();
      else this.#exchange.connection.stopReading();
    }
    return NOTHING;
  }

  requestEnd(): boolean | undefined {
    const { trailers } = this.#exchange.reader.body;
    const come = trailers !== undefined && trailers.count > 0 && clientTrailers(this.#exchange);
    const shown = come && !this.#over && this.#modes.requestTrailers;
    if (this.#request.passes && !shown) return true;
    if (shown) {
      trailers.own();
      this.#requestTrailers = trailers;
    }
    // Held first: what ends at once finds it so.
    queueMicrotask(() => this.#within(() => this.#request.over(come, shown)));
    return undefined;
  }

  // ----------------------------------------------------------------------------------------------------------------- the answer

  get changesAnswer(): boolean {
    return this.#lengthGone;
  }

  get full(): boolean {
    return this.#answer.octets > this.#exchange.context.bodyLimit;
  }

  answerHead(exchange: Exchange, source: AnswerSource): boolean | typeof LATER {
    if (this.#over) return false;
    if (source.switchesProtocol) {
      this.#finish();
      return false;
    }
    const hasBody = source.hasEnd !== true && source.body.kind !== 0;
    const message = this.#answer;
    message.mode = hasBody ? this.#modes.responseBody : 'none';
    message.headHeld = this.#modes.responseHeaders || message.buffers;
    if (message.mode !== 'none') this.#dropLength();
    if (!message.headHeld) return false;
    source.head.own();
    if (this.#modes.responseHeaders) {
      const headers = answerHeaders(exchange, this.#setting.headers);
      this.#ask(message, { part: 'response-headers', headers, ends: !hasBody, ...this.#first(false) });
    }
    return LATER;
  }

  answerData(bytes: Uint8Array): Uint8Array {
    const message = this.#answer;
    if (message.passes) return bytes;
    message.take(bytes);
    if (message.octets <= this.#exchange.context.bodyLimit) return NOTHING;
    message.full = true;
    if (message.mode === 'buffered-partial' && message.asked === undefined) message.showAll();
    else if (message.mode === 'buffered')
      queueMicrotask(() => this.#within(() => this.#respond(INTERNAL, '', 'response_payload_too_large')));
    return NOTHING;
  }

  answerEnd(trailers: FieldBlock | undefined): Uint8Array | undefined {
    const { cluster } = this.#exchange;
    const come =
      trailers !== undefined &&
      trailers.count > 0 &&
      cluster !== undefined &&
      upstreamTrailers(this.#exchange, cluster);
    const shown = come && !this.#over && this.#modes.responseTrailers;
    if (this.#answer.passes && !shown) return NOTHING;
    if (come) {
      trailers.own();
      this.#answerTrailers = trailers;
    }
    queueMicrotask(() => this.#within(() => this.#answer.over(come, shown)));
    return undefined;
  }

  ended(): void {
    this.#finish();
  }

  // ---------------------------------------------------------------------------------------------------------------- the service

  /** Stated once, with the first message. */
  #protocol(): ProcessingQuestion['protocol'] {
    if (this.#told) return undefined;
    this.#told = true;
    return { requestBody: this.#modes.requestBody, responseBody: this.#modes.responseBody };
  }

  /** What goes with the first part of each message. */
  #first(isRequest: boolean): Pick<ProcessingQuestion, 'protocol' | 'attributes'> {
    const side = isRequest ? 1 : 2;
    const first = (this.#attributed & side) === 0;
    this.#attributed |= side;
    return {
      protocol: this.#protocol(),
      attributes: first ? this.#setting.attributes?.(this.#exchange, isRequest) : undefined,
    };
  }

  #askTrailers(isRequest: boolean): void {
    const trailers = isRequest ? this.#requestTrailers : this.#answerTrailers;
    if (trailers === undefined) return;
    this.#ask(isRequest ? this.#request : this.#answer, {
      part: isRequest ? 'request-trailers' : 'response-trailers',
      trailers: shownTrailers(trailers, this.#setting.headers),
      ...this.#first(isRequest),
    });
  }

  #ask(message: ProcessedMessage, question: ProcessingQuestion): void {
    message.asked = question.part;
    this.#stream ??= this.#setting.open(this.#exchange, this);
    this.#setting.stats.stream_msgs_sent.add(1);
    this.#stream.send(this.#setting.messages.processingRequest(question));
    this.#timer(message === this.#request ? TIMER_REQUEST : TIMER_ANSWER, this.#setting.row.messageTimeout);
  }

  #timer(kind: number, ms: number): void {
    let timer = this.#timers[kind];
    if (timer === undefined) {
      if (ms === 0) return;
      timer = this.#exchange.context.runtime.timers.create(this, kind);
      this.#timers[kind] = timer;
    }
    timer.start(ms);
  }

  timerFired(kind: number): void {
    if (kind === TIMER_CLOSE) {
      this.#stream?.cancel();
      this.#stream = undefined;
      return;
    }
    this.#setting.stats.message_timeouts.add(1);
    this.#within(() => this.#fail('ext_proc_error_per-message_timeout_exceeded', GATEWAY_TIMEOUT));
  }

  streamDrained(): void {
    // One message a direction is under way, which bounds what waits.
  }

  streamEnded(failure: GrpcFailure | undefined): void {
    this.#stream = undefined;
    this.#timers[TIMER_CLOSE]?.stop();
    if (this.#over) return;
    const { stats } = this.#setting;
    if (failure === undefined) {
      stats.streams_closed.add(1);
      this.#within(() => this.#passUnprocessed());
    } else {
      stats.streams_failed.add(1);
      this.#within(() => this.#fail(`ext_proc_error_gRPC_error_${failure.status}`));
    }
  }

  streamMessage(bytes: Uint8Array): void {
    if (this.#over) return;
    const { messages, stats, row } = this.#setting;
    stats.stream_msgs_received.add(1);
    const verdict = messages.processingVerdict(bytes);
    this.#within(() => {
      if (verdict === undefined || (verdict.kind === 'immediate' && row.disableImmediateResponse)) this.#spurious();
      else if (verdict.kind === 'more-time') this.#extend(verdict.timeout);
      else if (verdict.kind === 'immediate') this.#immediate(verdict);
      else this.#follow(verdict);
    });
  }

  #spurious(): void {
    this.#setting.stats.spurious_msgs_received.add(1);
    this.#fail('ext_proc_error_spurious_message');
  }

  #extend(ms: number): void {
    if (ms < 1 || ms > this.#setting.row.maxMessageTimeout) return;
    if (this.#request.asked !== undefined) this.#timer(TIMER_REQUEST, ms);
    if (this.#answer.asked !== undefined) this.#timer(TIMER_ANSWER, ms);
  }

  #immediate({ status, set, body, grpcStatus, details }: Extract<ProcessingVerdict, { kind: 'immediate' }>): void {
    if (!areFields(set)) {
      this.#reject();
      return;
    }
    this.#setting.stats.immediate_responses_sent.add(1);
    const said = details === '' ? 'ext_proc_immediate_response' : details;
    this.#respond(status === 0 ? 200 : status, body, said, deniedFields(set), grpcStatus);
  }

  #follow(verdict: CommonVerdict): void {
    const isRequest = verdict.part.startsWith('request');
    const message = isRequest ? this.#request : this.#answer;
    if (message.asked !== verdict.part) {
      this.#spurious();
      return;
    }
    if (!areFields(verdict.set)) {
      this.#reject();
      return;
    }
    message.asked = undefined;
    this.#timers[isRequest ? TIMER_REQUEST : TIMER_ANSWER]?.stop();
    if (verdict.part === 'request-trailers' || verdict.part === 'response-trailers') {
      if (this.#changeTrailers(isRequest, verdict)) message.trailersDone();
      return;
    }
    if (message.headHeld && !changeHead(this.#setting, this.#exchange, isRequest, verdict)) {
      this.#reject();
      return;
    }
    if (verdict.part === 'request-headers' || verdict.part === 'response-headers') {
      if (verdict.modes !== undefined && this.#setting.mayOverride(verdict.modes))
        this.#override(verdict.part, verdict.modes);
      if (verdict.replaces) this.#replace(message, isRequest, verdict);
      else message.headDone();
    } else {
      if (verdict.body.kind === 'set' && message.headHeld) this.#setLength(isRequest, verdict.body.body.length);
      message.answered(verdict.body);
    }
    this.#readOn(isRequest);
  }

  /** From what follows on: parts that were shown already were. */
  #override(part: ProcessingPart, modes: ProcessingModes): void {
    this.#modes = { ...modes, requestHeaders: this.#modes.requestHeaders };
    const [message, mode] =
      part === 'request-headers' ? [this.#request, modes.requestBody] : [this.#answer, modes.responseBody];
    if (message.ended && message.octets === 0) return;
    message.mode = mode;
    if (mode === 'none') return;
    if (part === 'request-headers') this.#exchange.head.edit.remove('content-length');
    else this.#dropLength();
  }

  #dropLength(): void {
    this.#lengthGone = true;
    this.#exchange.response.remove('content-length');
  }

  #replace(message: ProcessedMessage, isRequest: boolean, { body }: CommonVerdict): void {
    const whole = body.kind === 'set' ? body.body : NOTHING;
    this.#setLength(isRequest, whole.length);
    message.replace(whole);
  }

  /** A request's length is told; an answer's is told by its end, since how it is framed is the upstream's matter. */
  #setLength(isRequest: boolean, length: number): void {
    if (isRequest) this.#exchange.head.edit.set('content-length', String(length));
    else this.#dropLength();
  }

  /** False: the change is refused, and the exchange answered. */
  #changeTrailers(isRequest: boolean, verdict: CommonVerdict): boolean {
    const trailers = isRequest ? this.#requestTrailers : this.#answerTrailers;
    if (trailers === undefined) return true;
    const edited = changeTrailers(this.#setting, trailers, verdict);
    if (edited === undefined) {
      this.#reject();
      return false;
    }
    if (edited === trailers) return true;
    if (isRequest) this.#run.requestTrailers = edited;
    else this.#run.changeTrailers(edited);
    return true;
  }

  #readOn(isRequest: boolean): void {
    if (!this.#exchange.active) return;
    if (isRequest) this.#exchange.connection.readOn();
    else this.#exchange.router.client?.resumeReading();
  }

  /** What cannot be put on the wire as it is. */
  #reject(): void {
    this.#setting.stats.rejected_header_mutations.add(1);
    this.#fail('ext_proc_error_invalid_header_mutation');
  }

  #fail(details: string, status = this.#setting.row.statusOnError): void {
    if (!this.#setting.row.failureModeAllow) {
      this.#respond(status, '', details);
      return;
    }
    this.#setting.stats.failure_mode_allowed.add(1);
    this.#passUnprocessed();
  }

  #passUnprocessed(): void {
    this.#finish();
    this.#request.giveUp();
    this.#answer.giveUp();
    this.#readOn(true);
    this.#readOn(false);
  }

  #respond(
    status: number,
    body: string,
    details: string,
    headers: readonly (readonly [string, string])[] = [],
    grpcStatus?: number,
  ): void {
    const exchange = this.#exchange;
    this.#finish();
    if (exchange.waiting) {
      exchange.decide(status, body, ResponseFlag.none, details, headers, grpcStatus);
      this.#run.answer();
    } else if (exchange.responseStarted && !this.#answer.headHeld) {
      exchange.router.cancel();
      exchange.details = details;
      exchange.abort();
    } else exchange.replaceAnswer(status, body, details, headers, grpcStatus);
  }

  /** Nothing more is asked. The service may still end its stream in its own time. */
  #finish(): void {
    this.#over = true;
    this.#timers[TIMER_REQUEST]?.stop();
    this.#timers[TIMER_ANSWER]?.stop();
    if (this.#stream === undefined || this.#timers[TIMER_CLOSE] !== undefined) return;
    this.#stream.end();
    this.#timer(TIMER_CLOSE, CLOSE);
  }

  #within(work: () => void): void {
    if (!this.#exchange.active) return;
    try {
      work();
    } catch (error) {
      this.#exchange.defect(error);
    }
  }
}
