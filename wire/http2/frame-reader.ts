/**
 * Cuts the octets of a connection into frames (RFC 9113, 4), however they are split. Payloads of DATA are passed on as they come, without
 * copies; a frame of another type is kept until it is whole, at most 16,384 octets.
 */
import { HTTP2_FAULTS, type Http2Fault } from './errors.ts';
import { DATA, DEFAULT_FRAME_SIZE, FRAME_HEAD, PADDED, PREFACE, uint32 } from './frames.ts';

export interface FrameSink {
  /** Set after a fault: nothing more is read. */
  readonly failed: boolean;
  /** A whole frame that is not DATA. The octets are valid during the call. */
  frame(type: number, flags: number, stream: number, bytes: Uint8Array, start: number, end: number): void;
  /** A DATA frame begins; `length` counts for flow control, padding included. */
  dataBegins(flags: number, stream: number, length: number): void;
  /** Octets of its data. Valid during the call. */
  data(bytes: Uint8Array, start: number, end: number): void;
  /** It is complete; `padding`: octets of it that were no data. */
  dataEnds(padding: number): void;
  broken(fault: Http2Fault): void;
}

const NONE = new Uint8Array(0);
const AT_PREFACE = 0;
const AT_HEAD = 1;
const AT_PAYLOAD = 2;
const AT_PAD_LENGTH = 3;
const AT_DATA = 4;
const AT_PADDING = 5;

export class FrameReader {
  readonly #sink: FrameSink;
  #state: number;
  /** Octets of the preface that have come. */
  #prefaced = 0;
  readonly #head = new Uint8Array(FRAME_HEAD);
  #headSize = 0;
  #length = 0;
  #type = 0;
  #flags = 0;
  #stream = 0;
  #kept: Uint8Array = NONE;
  #keptSize = 0;
  #left = 0;
  #padding = 0;
  #padLeft = 0;

  /** `preface`: the peer is a client. */
  constructor(sink: FrameSink, preface: boolean) {
    this.#sink = sink;
    this.#state = preface ? AT_PREFACE : AT_HEAD;
  }

  /** Whether a frame is under way. */
  get midFrame(): boolean {
    return this.#state !== AT_HEAD || this.#headSize > 0;
  }

  feed(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#sink.failed) at = this.#step(bytes, at, end);
  }

  #step(bytes: Uint8Array, at: number, end: number): number {
    switch (this.#state) {
      case AT_PREFACE:
        return this.#preface(bytes, at, end);
      case AT_HEAD:
        return this.#frameHead(bytes, at, end);
      case AT_PAYLOAD:
        return this.#payload(bytes, at, end);
      case AT_PAD_LENGTH:
        return this.#padLength(bytes, at);
      case AT_DATA:
        return this.#data(bytes, at, end);
      default:
        return this.#pad(at, end);
    }
  }

  #preface(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && this.#prefaced < PREFACE.length) {
      if (bytes[at] !== PREFACE.charCodeAt(this.#prefaced)) {
        this.#sink.broken(HTTP2_FAULTS.preface);
        return end;
      }
      at += 1;
      this.#prefaced += 1;
    }
    if (this.#prefaced === PREFACE.length) this.#state = AT_HEAD;
    return at;
  }

  #frameHead(bytes: Uint8Array, from: number, end: number): number {
    if (this.#headSize === 0 && end - from >= FRAME_HEAD) {
      this.#begin(bytes, from);
      return from + FRAME_HEAD;
    }
    let at = from;
    while (at < end && this.#headSize < FRAME_HEAD) {
      this.#head[this.#headSize] = bytes[at] as number;
      this.#headSize += 1;
      at += 1;
    }
    if (this.#headSize === FRAME_HEAD) {
      this.#headSize = 0;
      this.#begin(this.#head, 0);
    }
    return at;
  }

  #begin(bytes: Uint8Array, at: number): void {
    const length = uint32(bytes, at) >>> 8;
    this.#length = length;
    this.#type = bytes[at + 3] as number;
    this.#flags = bytes[at + 4] as number;
    this.#stream = uint32(bytes, at + 5) & 0x7fffffff;
    const sink = this.#sink;
    if (length > DEFAULT_FRAME_SIZE) {
      sink.broken(HTTP2_FAULTS['frame-size']);
      return;
    }
    if (this.#type !== DATA) {
      this.#keptSize = 0;
      this.#state = AT_PAYLOAD;
      if (length === 0) this.#whole(NONE, 0);
      return;
    }
    this.#left = length;
    this.#padding = 0;
    this.#padLeft = 0;
    sink.dataBegins(this.#flags, this.#stream, length);
    if ((this.#flags & PADDED) === 0) {
      this.#state = AT_DATA;
      if (length === 0) this.#dataDone();
    } else if (length === 0) sink.broken(HTTP2_FAULTS['frame-size']);
    else this.#state = AT_PAD_LENGTH;
  }

  #payload(bytes: Uint8Array, at: number, end: number): number {
    const need = this.#length - this.#keptSize;
    if (this.#keptSize === 0 && end - at >= need) {
      this.#whole(bytes, at);
      return at + need;
    }
    const take = Math.min(need, end - at);
    if (this.#kept.length < this.#length) {
      const wider = new Uint8Array(this.#length);
      wider.set(this.#kept.subarray(0, this.#keptSize));
      this.#kept = wider;
    }
    this.#kept.set(bytes.subarray(at, at + take), this.#keptSize);
    this.#keptSize += take;
    if (this.#keptSize === this.#length) {
      const kept = this.#kept;
      this.#kept = NONE;
      this.#whole(kept, 0);
    }
    return at + take;
  }

  #whole(bytes: Uint8Array, at: number): void {
    this.#state = AT_HEAD;
    this.#sink.frame(this.#type, this.#flags, this.#stream, bytes, at, at + this.#length);
  }

  #padLength(bytes: Uint8Array, at: number): number {
    const padding = bytes[at] as number;
    if (padding >= this.#left) {
      this.#sink.broken(HTTP2_FAULTS.padding);
      return at;
    }
    this.#padding = padding + 1;
    this.#padLeft = padding;
    this.#left -= padding + 1;
    this.#state = this.#left > 0 ? AT_DATA : AT_PADDING;
    if (this.#left === 0 && padding === 0) this.#dataDone();
    return at + 1;
  }

  #data(bytes: Uint8Array, at: number, end: number): number {
    const take = Math.min(this.#left, end - at);
    this.#left -= take;
    this.#sink.data(bytes, at, at + take);
    if (this.#left === 0) {
      if (this.#padLeft > 0) this.#state = AT_PADDING;
      else this.#dataDone();
    }
    return at + take;
  }

  #pad(at: number, end: number): number {
    const take = Math.min(this.#padLeft, end - at);
    this.#padLeft -= take;
    if (this.#padLeft === 0) this.#dataDone();
    return at + take;
  }

  #dataDone(): void {
    this.#state = AT_HEAD;
    this.#sink.dataEnds(this.#padding);
  }
}
