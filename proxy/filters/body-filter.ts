/**
 * The seam of filters that change an exchange beyond its request's head. One object serves one exchange; an exchange without one pays a look at
 * an undefined field. Slices go through as they come: a filter holds back only what it must see more of, in bounds it states, so that
 * back-pressure stays what it is without it. `bytes` are valid during the call only, where a slice is said to be shared.
 */
import type { FieldBlock } from '@weft/wire/http1';
import type { Exchange } from '../http/exchange.ts';
import type { AnswerSource } from '../http/stream.ts';

export interface BodyFilter {
  /** What goes on instead of these octets of the request, maybe none; undefined: the request is refused by `refusal`. */
  requestData(bytes: Uint8Array): Uint8Array | undefined;
  /** The request is complete; false: it is refused by `refusal`. */
  requestEnd(): boolean;
  readonly refusal: BodyRefusal;
  /** The answer's head as it would go to the client, in `exchange.response`. True: it waits until the answer's end (`heldAnswer`). */
  answerHead(exchange: Exchange, source: AnswerSource): boolean;
  /** What goes on instead of these octets of the answer, maybe none; the same array where nothing changes. */
  answerData(bytes: Uint8Array): Uint8Array;
  /** Octets behind the body, maybe none; where `takesTrailers` the trailers go no further. */
  answerEnd(trailers: FieldBlock | undefined): Uint8Array;
  readonly takesTrailers: boolean;
  /** The head that waited goes out now, without a body. */
  heldAnswer(exchange: Exchange): void;
  /** An answer of our own with that text; what comes back is its text. */
  localAnswer(exchange: Exchange, text: string): string;
}

export interface BodyRefusal {
  readonly status: number;
  readonly body: string;
  /** `%RESPONSE_CODE_DETAILS%` */
  readonly details: string;
}
