/**
 * The seam of HTTP filters (docs/decisions/015). A filter is compiled once for the routes that configure it alike, and shared by their
 * exchanges: it keeps no state of one. What it must remember of an exchange, or wants of its body, is a part that joins that exchange.
 * Slices go through as they come: a part holds back only what it must see more of, in bounds it states, so that back-pressure stays
 * what it is without it.
 */
import type { FieldBlock } from '@weft/wire/http1';
import type { Exchange } from '../http/exchange.ts';
import type { AnswerSource } from '../http/stream.ts';
import type { FilterRun } from './filter-run.ts';

/** The request goes on. */
export const CONTINUE = 0;
/** The filter decided the answer (`exchange.decide`). */
export const ANSWERED = 1;
/** The request waits here until `run.resume` or `run.answer`. */
export const PAUSED = 2;
export type FilterVerdict = typeof CONTINUE | typeof ANSWERED | typeof PAUSED;

/** The answer's head waits for something outside. */
export const LATER = 'later';

export interface HttpFilter {
  /** The request's head is here, and its route as far as one matches. */
  onRequest?(exchange: Exchange, run: FilterRun, index: number): FilterVerdict;
  /** The head of any answer, the upstream's or our own, as it is in `exchange.response`; also of requests that did not come as far as here. */
  onAnswer?(exchange: Exchange): void;
  /** No connection comes to it any more: what it does of itself ends. Requests that are under way may still come. Idempotent. */
  stop?(): void;
}

/** What of one exchange belongs to one filter; `run.join` makes it take part. */
export interface StreamFilter {
  /** What goes on instead of these octets of the request, maybe none; undefined: the request is refused by `refusal`. Shared only during the call. */
  requestData?(bytes: Uint8Array): Uint8Array | undefined;
  /** The request is complete; false: it is refused by `refusal`; undefined: it is not over behind this part, `run.endRequest` will say so. */
  requestEnd?(): boolean | undefined;
  readonly refusal?: BodyRefusal;
  /** The request waits here for so many octets of its body at most. */
  readonly waitsFor?: number;
  /** The request waits here and its timer ended. */
  timeOver?(): void;
  /** The head of any answer, as `HttpFilter.onAnswer` sees it. */
  onAnswer?(exchange: Exchange): void;
  /**
   * The answer's head as it would go on to the client, in `exchange.response`. True: it waits until the answer's end (`heldAnswer`); LATER: until
   * `run.releaseHead`, and this part holds all of the body and its end that comes before.
   */
  answerHead?(exchange: Exchange, source: AnswerSource): boolean | typeof LATER;
  /** What goes on instead of these octets of the answer, maybe none; the same array where nothing changes. */
  answerData?(bytes: Uint8Array): Uint8Array;
  /** Octets behind the body, maybe none; undefined: it is not over, `run.endAnswer` will say so. */
  answerEnd?(trailers: FieldBlock | undefined): Uint8Array | undefined;
  /** The trailers of the answer go no further. */
  readonly takesTrailers?: boolean;
  /** The answer's length is not what its head says. */
  readonly changesAnswer?: boolean;
  /** So much of the answer is held that no more should come. */
  readonly full?: boolean;
  /** The head that waited goes out now, without a body. */
  heldAnswer?(exchange: Exchange): void;
  /** An answer of our own with that text; what comes back is its text. */
  localAnswer?(exchange: Exchange, text: string): string;
  /** The exchange is over, however it ended. */
  ended?(): void;
}

export interface BodyRefusal {
  readonly status: number;
  readonly body: string;
  /** `%RESPONSE_CODE_DETAILS%` */
  readonly details: string;
}
