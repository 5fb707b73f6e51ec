/**
 * Reads a message body (RFC 9112, 6 and 7) from bytes as they come, as slices of the caller's bytes: nothing is copied. Chunked
 * framing is checked and taken away; extensions are checked, counted (at most 4 KiB a body) and dropped.
 */
import { BODY_LENGTH, BODY_NONE, BODY_UNTIL_CLOSE, type BodyKind } from './framing.ts';
import { FAULTS, type Http1Fault } from './errors.ts';
import { FAULT, FieldBlock, forbiddenTrailer, MORE } from './field-block.ts';
import { CR, FIELD_VALUE, HEX, LF, type Latin1Decoder, TOKEN_LOWER } from './octets.ts';

/** Answers of `next` here and of the message readers. */
export const STEP_MORE = 0;
export const STEP_HEAD = 1;
export const STEP_BODY = 2;
export const STEP_END = 3;
export const STEP_FAULT = 4;
export type Step = 0 | 1 | 2 | 3 | 4;

const MAX_EXTENSION_OCTETS = 4096;

const SIZE_FIRST = 0;
const SIZE = 1;
const EXTENSION_NAME_FIRST = 2;
const EXTENSION_NAME = 3;
const EXTENSION_VALUE_FIRST = 4;
const EXTENSION_VALUE = 5;
const EXTENSION_QUOTED = 6;
const EXTENSION_ESCAPE = 7;
const EXTENSION_QUOTED_END = 8;
const SIZE_LF = 9;
const DATA = 10;
const DATA_CR = 11;
const DATA_LF = 12;
const TRAILERS = 13;

export class BodyReader {
  kind: BodyKind = BODY_NONE;
  /** Octets of a BODY_LENGTH body. */
  length = 0;
  /** Body octets given so far. */
  received = 0;
  /** The slice that the last STEP_BODY gave. */
  sliceStart = 0;
  sliceEnd = 0;
  /** Where `next` stopped. */
  at = 0;
  fault: Http1Fault = FAULTS.truncated;
  /** Fields after a chunked body; undefined when there was no chunked body yet. Valid after STEP_END. */
  trailers: FieldBlock | undefined;
  /** Octets from here on must be kept until STEP_END (trailers are offsets); -1: none. */
  holdFrom = -1;
  #state = SIZE_FIRST;
  #left = 0;
  #digits = 0;
  #extensionOctets = 0;
  readonly #maxTrailerOctets: number;
  readonly #maxTrailers: number;
  readonly #decode: Latin1Decoder;

  constructor(maxTrailerOctets: number, maxTrailers: number, decode: Latin1Decoder) {
    this.#maxTrailerOctets = maxTrailerOctets;
    this.#maxTrailers = maxTrailers;
    this.#decode = decode;
  }

  /** Starts a body; `length` counts only for BODY_LENGTH. */
  start(kind: BodyKind, length: number): void {
    this.kind = kind;
    this.length = length;
    this.received = 0;
    this.holdFrom = -1;
    this.#left = length;
    this.#state = SIZE_FIRST;
    this.#extensionOctets = 0;
    if (this.trailers !== undefined) this.trailers.count = 0;
  }

  /** Body octets still owed; undefined when only the end will tell. */
  get remaining(): number | undefined {
    return this.kind === BODY_LENGTH ? this.#left : this.kind === BODY_NONE ? 0 : undefined;
  }

  next(bytes: Uint8Array, from: number, end: number): Step {
    if (this.kind === BODY_NONE) {
      this.at = from;
      return STEP_END;
    }
    if (this.kind === BODY_LENGTH) {
      this.at = from;
      if (this.#left === 0) return STEP_END;
      return this.#slice(from, end);
    }
    if (this.kind === BODY_UNTIL_CLOSE) {
      this.#left = end - from;
      return this.#slice(from, end);
    }
    return this.#chunked(bytes, from, end);
  }

  /** The connection ended: STEP_END when that completes the body, STEP_FAULT (truncated) when it does not. */
  finish(): Step {
    if (this.kind === BODY_UNTIL_CLOSE || (this.kind === BODY_LENGTH && this.#left === 0)) return STEP_END;
    return this.#refuse(FAULTS.truncated);
  }

  #slice(from: number, end: number): Step {
    const size = end - from < this.#left ? end - from : this.#left;
    this.at = from + size;
    if (size === 0) return STEP_MORE;
    this.sliceStart = from;
    this.sliceEnd = from + size;
    this.#left -= size;
    this.received += size;
    return STEP_BODY;
  }

  #refuse(fault: Http1Fault): Step {
    this.fault = fault;
    return STEP_FAULT;
  }

  #chunked(bytes: Uint8Array, from: number, end: number): Step {
    let i = from;
    while (i < end) {
      const state = this.#state;
      if (state === DATA) {
        const step = this.#slice(i, end);
        if (this.#left === 0) this.#state = DATA_CR;
        return step;
      }
      if (state === TRAILERS) return this.#trailers(bytes, end);
      const octet = bytes[i] as number;
      i += 1;
      if (state >= EXTENSION_NAME_FIRST && state <= EXTENSION_QUOTED_END) {
        if (!this.#extension(octet)) return this.#refuse(FAULTS['chunk-extension']);
      } else if (state === DATA_CR || state === DATA_LF) {
        if (octet !== (state === DATA_CR ? CR : LF)) return this.#refuse(FAULTS['chunk-end']);
        this.#state = state === DATA_CR ? DATA_LF : SIZE_FIRST;
      } else if (state === SIZE_LF) {
        if (octet !== LF) return this.#refuse(FAULTS['bare-cr']);
        this.#startChunk(i);
      } else {
        const fault = this.#size(octet, state);
        if (fault !== undefined) return this.#refuse(fault);
      }
    }
    this.at = i;
    return STEP_MORE;
  }

  #size(octet: number, state: number): Http1Fault | undefined {
    const digit = HEX[octet] as number;
    if (state === SIZE_FIRST) {
      if (digit === 255) return FAULTS['chunk-size'];
      this.#left = digit;
      this.#digits = 1;
      this.#state = SIZE;
    } else if (digit !== 255) {
      this.#left = this.#left * 16 + digit;
      this.#digits += 1;
      if (this.#digits > 16 || this.#left > Number.MAX_SAFE_INTEGER) return FAULTS['chunk-size'];
    } else if (octet === CR) this.#state = SIZE_LF;
    else if (octet === 59) this.#state = EXTENSION_NAME_FIRST;
    else return octet === LF ? FAULTS['bare-lf'] : FAULTS['chunk-size'];
    return undefined;
  }

  /** One octet of `*( ";" name [ "=" value ] )` (RFC 9112, 7.1.1); false when it is refused. */
  #extension(octet: number): boolean {
    this.#extensionOctets += 1;
    if (this.#extensionOctets > MAX_EXTENSION_OCTETS) return false;
    const state = this.#state;
    if (state === EXTENSION_QUOTED) {
      if (octet === 34) this.#state = EXTENSION_QUOTED_END;
      else if (octet === 92) this.#state = EXTENSION_ESCAPE;
      return FIELD_VALUE[octet] === 1;
    }
    if (state === EXTENSION_ESCAPE) {
      this.#state = EXTENSION_QUOTED;
      return FIELD_VALUE[octet] === 1;
    }
    if (state !== EXTENSION_QUOTED_END && TOKEN_LOWER[octet] !== 0) {
      if (state === EXTENSION_NAME_FIRST) this.#state = EXTENSION_NAME;
      else if (state === EXTENSION_VALUE_FIRST) this.#state = EXTENSION_VALUE;
      return true;
    }
    if (state === EXTENSION_VALUE_FIRST && octet === 34) this.#state = EXTENSION_QUOTED;
    else if (state === EXTENSION_NAME && octet === 61) this.#state = EXTENSION_VALUE_FIRST;
    else if (state === EXTENSION_NAME_FIRST || state === EXTENSION_VALUE_FIRST) return false;
    else if (octet === 59) this.#state = EXTENSION_NAME_FIRST;
    else if (octet === CR) this.#state = SIZE_LF;
    else return false;
    return true;
  }

  #startChunk(at: number): void {
    if (this.#left > 0) {
      this.#state = DATA;
      return;
    }
    this.trailers ??= new FieldBlock(this.#maxTrailers, this.#decode);
    this.trailers.reset(at);
    this.holdFrom = at;
    this.#state = TRAILERS;
  }

  #trailers(bytes: Uint8Array, end: number): Step {
    const trailers = this.trailers as FieldBlock;
    const limit = this.holdFrom + this.#maxTrailerOctets;
    const parsed = trailers.parse(bytes, end < limit ? end : limit);
    if (parsed === FAULT) {
      const { fault } = trailers;
      return this.#refuse(fault === FAULTS['too-many-headers'] ? FAULTS['trailers-too-large'] : fault);
    }
    if (parsed === MORE) {
      this.at = trailers.at;
      return end >= limit ? this.#refuse(FAULTS['trailers-too-large']) : STEP_MORE;
    }
    if (forbiddenTrailer(trailers)) return this.#refuse(FAULTS['trailer-forbidden']);
    this.at = parsed;
    this.holdFrom = -1;
    this.kind = BODY_NONE;
    return STEP_END;
  }

  /** The held octets were copied: offsets move by `delta`. */
  rebase(delta: number): void {
    if (this.holdFrom < 0) return;
    this.holdFrom += delta;
    this.trailers?.rebase(delta);
  }
}
