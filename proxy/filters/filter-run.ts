/**
 * The filters of one exchange, in their order for the request and in reverse for the answer. One object serves all exchanges of a slot. It
 * knows where the request waits, what of its body waits with it, and which filters take part beyond the head.
 */
import type { FieldBlock } from '@weft/wire/http1';
import type { Exchange } from '../http/exchange.ts';
import type { AnswerSource } from '../http/stream.ts';
import type { ReusableTimer, TimerTarget } from '../ports.ts';
import { type FilterChain, NO_FILTERS } from './chains.ts';
import { ANSWERED, type BodyRefusal, CONTINUE, LATER, type StreamFilter } from './filter.ts';

const NOTHING = new Uint8Array(0);
const NO_REFUSAL: BodyRefusal = { status: 400, body: '', details: 'filter_refused' };

export class FilterRun implements TimerTarget {
  readonly #exchange: Exchange;
  chain: FilterChain = NO_FILTERS;
  /** By index of the filter. */
  readonly #parts: (StreamFilter | undefined)[] = [];
  #joined = false;
  /** The filter to ask next; where the request waits it is the one behind. */
  #next = 0;
  #waits = false;
  #resumed = false;
  #inside = false;
  /** The request's end has reached the filter where it waits. */
  #ended = false;
  /** Body that waits with the request. */
  readonly #held: Uint8Array[] = [];
  heldOctets = 0;
  #refusal = NO_REFUSAL;
  /** Codings that compressors offer for the answer. */
  readonly encodings: string[] = [];
  /** The one that is preferred among those that the client takes alike; '': the client's order counts. */
  firstEncoding = '';
  /** The filters below it have not seen the answer's head. */
  #headHeldAt = -1;
  /** The answer's head waits there for something outside. */
  #lateHeadAt = -1;
  #lateSource: AnswerSource | undefined;
  /** The request's end waits there. */
  #requestHeldAt = -1;
  /** The answer's end waits there. */
  #endHeldAt = -1;
  #trailers: FieldBlock | undefined;
  /** Of the request, where a part changed them; undefined: as they arrived. */
  requestTrailers: FieldBlock | undefined;
  #timer: ReusableTimer | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  reset(): void {
    this.chain = NO_FILTERS;
    if (this.#joined) this.#parts.length = 0;
    this.#joined = false;
    this.#next = 0;
    this.#waits = false;
    this.#resumed = false;
    this.#ended = false;
    if (this.#held.length > 0) this.#held.length = 0;
    this.heldOctets = 0;
    if (this.encodings.length > 0) this.encodings.length = 0;
    this.firstEncoding = '';
    this.#headHeldAt = -1;
    this.#lateHeadAt = -1;
    this.#lateSource = undefined;
    this.#requestHeldAt = -1;
    this.#endHeldAt = -1;
    this.#trailers = undefined;
    this.requestTrailers = undefined;
  }

  // ---------------------------------------------------------------------------------------------------------------- the request

  /** Asks the filters that were not asked yet. False: the request has its answer or waits. */
  passHead(): boolean {
    const exchange = this.#exchange;
    while (this.#next < this.chain.filters.length) {
      const index = this.#next;
      this.#next += 1;
      const verdict = this.chain.filters[index]?.onRequest?.(exchange, this, index) ?? CONTINUE;
      if (verdict === CONTINUE) continue;
      if (verdict === ANSWERED) return false;
      this.#waits = true;
      exchange.waiting = true;
      return false;
    }
    return true;
  }

  /** `part` sees the rest of the exchange, as that filter's. */
  join(index: number, part: StreamFilter): void {
    this.#parts[index] = part;
    this.#joined = true;
    this.#exchange.bodyFilter = this;
  }

  /** The request that waits goes on with the next filter. */
  resume(): void {
    if (!this.#waits) return;
    this.#resumed = true;
    if (!this.#inside) this.#exchange.resume();
  }

  /** The request that waits has its answer: `exchange.decide` was called. */
  answer(): void {
    if (!this.#waits) return;
    this.#waits = false;
    this.#timer?.stop();
    this.#exchange.answerWaiting();
  }

  /** The part at which the request waits is told by `timeOver`. */
  startTimer(ms: number): void {
    this.#timer ??= this.#exchange.context.runtime.timers.create(this, 0);
    this.#timer.start(ms);
  }

  timerFired(): void {
    if (this.#waits && this.#exchange.active) this.#parts[this.#next - 1]?.timeOver?.();
  }

  /** Whether the filter at which the request waited let it on; asked once. */
  takeResumed(): boolean {
    if (!this.#resumed) return false;
    this.#resumed = false;
    this.#waits = false;
    this.#timer?.stop();
    return true;
  }

  /** What goes on of octets that arrived; undefined: refused. */
  requestData(bytes: Uint8Array): Uint8Array | undefined {
    return this.#pass(bytes, 0);
  }

  #pass(bytes: Uint8Array, from: number): Uint8Array | undefined {
    const end = this.#waits ? this.#next : this.chain.filters.length;
    let passed = bytes;
    for (let index = from; index < end && passed.length > 0; index += 1) {
      const part = this.#parts[index];
      if (part?.requestData === undefined) continue;
      this.#inside = true;
      const changed = part.requestData(passed);
      this.#inside = false;
      if (changed === undefined) {
        this.#refusal = part.refusal ?? NO_REFUSAL;
        return undefined;
      }
      passed = changed;
    }
    if (!this.#waits) return passed;
    if (passed.length > 0) {
      this.#held.push(passed);
      this.heldOctets += passed.length;
    }
    return NOTHING;
  }

  /** False: refused. */
  requestEnd(): boolean {
    return this.#passEnd(0);
  }

  #passEnd(from: number): boolean {
    const end = this.#waits ? this.#next : this.chain.filters.length;
    for (let index = from; index < end; index += 1) {
      const part = this.#parts[index];
      if (part?.requestEnd === undefined) continue;
      this.#inside = true;
      const over = part.requestEnd();
      this.#inside = false;
      if (over === undefined) {
        this.#requestHeldAt = index;
        return true;
      }
      if (over) continue;
      this.#refusal = part.refusal ?? NO_REFUSAL;
      return false;
    }
    this.#ended = true;
    return true;
  }

  /** A part has not let the request end. */
  get requestHeld(): boolean {
    return this.#requestHeldAt >= 0;
  }

  /** Octets of a part that held them go on to the upstream now. */
  sendRequest(part: StreamFilter, bytes: Uint8Array): void {
    const passed = this.#pass(bytes, this.#parts.indexOf(part) + 1);
    if (passed === undefined) this.#exchange.refuseBody(this.#refusal);
    else if (passed.length > 0) this.#exchange.pushBody(passed);
  }

  /** The part that held the request's end lets go of it. */
  endRequest(): void {
    const at = this.#requestHeldAt;
    if (at < 0) return;
    this.#requestHeldAt = -1;
    if (!this.#passEnd(at + 1)) this.#exchange.refuseBody(this.#refusal);
    else if (!this.requestHeld) this.#exchange.requestOver();
  }

  /** Octets of the body that the filter where the request waits wants to have at once. */
  get waitsFor(): number {
    return this.#parts[this.#next - 1]?.waitsFor ?? 0;
  }

  /** The request's body has gone through a filter, which cannot see it once more. */
  get seesRequestBodies(): boolean {
    return this.#parts.some((part) => part?.requestData !== undefined);
  }

  get refusal(): BodyRefusal {
    return this.#refusal;
  }

  /** Where the request waited before it went on; what waited with it has passed the filters up to there. */
  get waitedAt(): number {
    return this.#next - 1;
  }

  /** Takes what waited through the filters behind `waitedAt`, into `into` or to where the request waits now. False: refused. */
  passHeld(waitedAt: number, into: Uint8Array[]): boolean {
    const held = this.#held.splice(0);
    this.heldOctets = 0;
    for (const slice of held) {
      const passed = this.#pass(slice, waitedAt + 1);
      if (passed === undefined) return false;
      if (passed.length > 0) into.push(passed);
    }
    return !this.#ended || this.#passEnd(waitedAt + 1);
  }

  // ----------------------------------------------------------------------------------------------------------------- the answer

  /** The answer's head goes to the client's side. True: it waits. */
  answerHead(exchange: Exchange, source: AnswerSource | undefined): boolean {
    return this.#passAnswerHead(exchange, source, this.chain.filters.length - 1);
  }

  #passAnswerHead(exchange: Exchange, source: AnswerSource | undefined, from: number): boolean {
    for (let index = from; index >= 0; index -= 1) {
      this.#passOwnHead(exchange, index);
      const waits = source === undefined ? undefined : this.#parts[index]?.answerHead?.(exchange, source);
      if (waits === LATER) {
        this.#lateHeadAt = index;
        this.#lateSource = source;
      } else if (waits === true) this.#headHeldAt = index;
      else continue;
      return true;
    }
    return false;
  }

  /** The part at which the answer's head waited for something outside lets it on; what it held of the body may follow. */
  releaseHead(): void {
    const at = this.#lateHeadAt;
    const source = this.#lateSource;
    if (at < 0 || source === undefined) return;
    this.#lateHeadAt = -1;
    this.#lateSource = undefined;
    if (!this.#passAnswerHead(this.#exchange, source, at - 1)) this.#exchange.writeLateHead(source);
  }

  /** No filter sees any more of this exchange. */
  leave(): void {
    this.ended();
    this.chain = NO_FILTERS;
    this.#lateHeadAt = -1;
    this.#lateSource = undefined;
    this.#endHeldAt = -1;
    this.#headHeldAt = -1;
    this.#exchange.bodyFilter = undefined;
  }

  #passOwnHead(exchange: Exchange, index: number): void {
    this.chain.filters[index]?.onAnswer?.(exchange);
    this.#parts[index]?.onAnswer?.(exchange);
  }

  /** What the client gets instead of these octets. */
  answerData(bytes: Uint8Array): Uint8Array {
    return this.#passAnswer(bytes, this.#parts.length - 1);
  }

  #passAnswer(bytes: Uint8Array, from: number): Uint8Array {
    let passed = bytes;
    for (let index = from; index >= 0 && passed.length > 0; index -= 1)
      passed = this.#parts[index]?.answerData?.(passed) ?? passed;
    return passed;
  }

  /** Octets of a part that held them go on to the client now. */
  sendAnswer(part: StreamFilter, bytes: Uint8Array): void {
    this.#exchange.writeChanged(this.#passAnswer(bytes, this.#parts.indexOf(part) - 1), false);
    this.#exchange.flushResponse();
  }

  /** The answer is complete upstream: what comes behind its body goes out. False: a part has not let it end. */
  answerEnd(trailers: FieldBlock | undefined): boolean {
    this.#trailers = trailers;
    return this.#passAnswerEnd(this.#parts.length - 1);
  }

  #passAnswerEnd(from: number): boolean {
    const exchange = this.#exchange;
    for (let index = from; index >= 0; index -= 1) {
      const part = this.#parts[index];
      if (index === this.#headHeldAt) {
        part?.heldAnswer?.(exchange);
        this.#headHeldAt = -1;
        this.#passAnswerHead(exchange, undefined, index - 1);
        exchange.writeHeldHead();
      }
      if (part?.answerEnd === undefined) continue;
      const rest = part.answerEnd(this.#trailers);
      if (part.takesTrailers === true) this.#trailers = undefined;
      if (rest === undefined) {
        this.#endHeldAt = index;
        return false;
      }
      if (rest.length > 0) exchange.writeChanged(this.#passAnswer(rest, index - 1), false);
    }
    return true;
  }

  /** The part that held the answer's end lets go of it. */
  endAnswer(): void {
    if (this.#endHeldAt < 0) return;
    const at = this.#endHeldAt;
    this.#endHeldAt = -1;
    if (this.#passAnswerEnd(at - 1)) this.#exchange.answerComplete();
    else this.#exchange.flushResponse();
  }

  /** Of the answer that ends now. */
  get trailers(): FieldBlock | undefined {
    return this.#trailers;
  }

  /** Those that go on behind the part that says so. */
  changeTrailers(trailers: FieldBlock): void {
    this.#trailers = trailers;
  }

  get changesAnswer(): boolean {
    return this.#parts.some((part) => part?.changesAnswer === true);
  }

  get full(): boolean {
    return this.#parts.some((part) => part?.full === true);
  }

  /** An answer of our own with that text; what comes back is its text. */
  localAnswer(exchange: Exchange, text: string): string {
    let said = text;
    for (let index = this.chain.filters.length - 1; index >= 0; index -= 1) {
      this.#passOwnHead(exchange, index);
      said = this.#parts[index]?.localAnswer?.(exchange, said) ?? said;
    }
    return said;
  }

  /** The exchange is over. */
  ended(): void {
    this.#waits = false;
    this.#timer?.stop();
    if (!this.#joined) return;
    for (const part of this.#parts) part?.ended?.();
    this.#parts.length = 0;
    this.#joined = false;
  }
}
