/**
 * The part of a request's body that has arrived and that a try has still to send, and, while the request may be tried again, what was
 * sent already. Slices are kept, not copied.
 */
import type { ByteWriter, FieldBlock } from '@weft/wire/http1';
import { writeLastChunk } from '@weft/wire/http1';
import type { Http2Stream } from '@weft/wire/http2';
import type { Socket } from 'node:net';
import { letGo, writeInTurn } from '../http/turn.ts';
import { encodeTrailers } from '../http2/trailers.ts';

/** A longer slice is written from where it is. */
const COPY_LIMIT = 8192;

export class RequestBody {
  /** Octets held: not yet sent, or kept for another try. */
  held = 0;
  /** The whole body has arrived. */
  ended = false;
  /** Slices are kept after sending. */
  replayable = false;
  /** Sent in chunked coding. */
  chunked = false;
  trailers: FieldBlock | undefined;
  /** What arrives is for a tunnel that is not granted yet: it is kept, and no part of the request. */
  withheld = false;
  readonly #slices: Uint8Array[] = [];
  #sent = 0;
  #endSent = false;
  /** Something was let go after sending. */
  #dropped = false;

  reset(chunked: boolean, replayable: boolean): void {
    this.held = 0;
    this.ended = false;
    this.chunked = chunked;
    this.replayable = replayable;
    this.trailers = undefined;
    this.withheld = false;
    if (this.#slices.length > 0) this.#slices.length = 0;
    this.#sent = 0;
    this.#endSent = false;
    this.#dropped = false;
  }

  push(slice: Uint8Array): void {
    this.#slices.push(slice);
    this.held += slice.length;
  }

  /** The next try sends everything again. */
  rewind(): void {
    this.#sent = 0;
    this.#endSent = false;
  }

  /** What is still to be sent, by itself: for a try that goes on beside the next one. */
  rest(): RequestBody {
    const rest = new RequestBody();
    rest.reset(this.chunked, false);
    for (const slice of this.#slices.slice(this.#sent)) rest.push(slice);
    rest.ended = this.ended;
    rest.trailers = this.trailers;
    rest.#endSent = this.#endSent;
    return rest;
  }

  /** That rest is all that is left, and nothing is sent again. */
  become(rest: RequestBody): void {
    this.#slices.splice(0, this.#slices.length, ...rest.#slices);
    this.held = rest.held;
    this.#sent = rest.#sent;
    this.#endSent = rest.#endSent;
    this.replayable = false;
    this.#dropped = true;
  }

  /** The request has no content any more. */
  clear(): void {
    this.#slices.length = 0;
    this.held = 0;
    this.chunked = false;
    this.trailers = undefined;
    this.rewind();
  }

  /** Nothing may be sent again from now on. */
  forgetSent(): void {
    this.replayable = false;
    this.#dropSent();
  }

  /** Octets of the whole body, when all of it is here and held; -1 otherwise. */
  get wholeLength(): number {
    return this.ended && !this.#dropped ? this.held : -1;
  }

  /** The whole body as it is, for a copy of the request. */
  copy(out: ByteWriter): void {
    for (const slice of this.#slices) out.octets(slice, 0, slice.length);
  }

  /** What was withheld, for the tunnel that takes it over. */
  takeWithheld(): readonly Uint8Array[] {
    this.held = 0;
    return this.#slices.splice(0);
  }

  get fullySent(): boolean {
    return this.#endSent;
  }

  /** Writes what is there: short slices into `out`, together with what stands there already. False: the socket's queue is full. */
  flush(out: ByteWriter, socket: Socket): boolean {
    if (this.withheld) return out.size === 0 || writeInTurn(socket, out.take());
    let room = true;
    const isLong = this.#isLong();
    for (; this.#sent < this.#slices.length; this.#sent += 1) {
      const slice = this.#slices[this.#sent] as Uint8Array;
      if (slice.length <= COPY_LIMIT) {
        if (this.chunked) out.chunk(slice, 0, slice.length);
        else out.octets(slice, 0, slice.length);
        continue;
      }
      if (this.chunked) out.chunkHead(slice.length);
      if (out.size > 0) writeInTurn(socket, out.take());
      writeInTurn(socket, slice);
      if (this.chunked) out.crlf();
    }
    if (this.ended && !this.#endSent) {
      this.#endSent = true;
      if (this.chunked) writeLastChunk(out, this.trailers);
    }
    if (out.size > 0) room = writeInTurn(socket, out.take());
    if (isLong) {
      letGo(socket);
      room = !socket.writableNeedDrain;
    }
    if (!this.replayable) this.#dropSent();
    return room;
  }

  /** As `flush`, for a stream of HTTP/2. */
  flushTo(stream: Http2Stream): boolean {
    if (this.withheld) return true;
    let room = true;
    for (; this.#sent < this.#slices.length; this.#sent += 1) {
      const slice = this.#slices[this.#sent] as Uint8Array;
      if (!stream.send(slice, 0, slice.length)) room = false;
    }
    if (this.ended && !this.#endSent) {
      this.#endSent = true;
      const { trailers } = this;
      if (trailers === undefined) stream.end();
      else stream.endWithTrailers(() => encodeTrailers(stream, trailers));
    }
    if (!this.replayable) this.#dropSent();
    return room;
  }

  #isLong(): boolean {
    for (let index = this.#sent; index < this.#slices.length; index += 1) {
      if ((this.#slices[index] as Uint8Array).length > COPY_LIMIT) return true;
    }
    return false;
  }

  #dropSent(): void {
    if (this.#sent === 0) return;
    this.#dropped = true;
    if (this.#sent === this.#slices.length) {
      for (; this.#sent > 0; this.#sent -= 1) this.#slices.pop();
      this.held = 0;
      return;
    }
    for (const slice of this.#slices.splice(0, this.#sent)) this.held -= slice.length;
    this.#sent = 0;
  }
}
