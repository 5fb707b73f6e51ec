/** A stream of HTTP/2 as one side of a tunnel (RFC 9113, 8.5; RFC 8441): its data is the tunnel's, END_STREAM a half-close, a reset a reset. */
import { CANCEL, type Http2Stream, type MessageHead, type StreamOwner } from '@weft/wire/http2';
import type { TunnelSide, TunnelSideOwner } from '../http/tunnel-side.ts';

export class StreamSide implements TunnelSide, StreamOwner {
  readonly messageHead: MessageHead;
  readonly #stream: Http2Stream;
  readonly #resetCode: number;
  #owner: TunnelSideOwner | undefined;
  #paused = false;
  /** Octets passed on that the peer's window has not got back. */
  #held = 0;
  #closed = false;
  /** The other side is gone: the stream ends when what waits has left. */
  #finishing = false;

  /** `resetCode`: what the peer is told when the tunnel breaks. */
  constructor(stream: Http2Stream, messageHead: MessageHead, resetCode: number) {
    this.#stream = stream;
    this.messageHead = messageHead;
    this.#resetCode = resetCode;
  }

  open(owner: TunnelSideOwner): void {
    this.#owner = owner;
    if (this.#closed) {
      owner.sideClosed(this, true);
      return;
    }
    const stream = this.#stream;
    stream.owner = this;
    if (stream.closed) this.#close(true);
    else if (stream.remoteEnded) owner.sideEnded(this);
  }

  // ---------------------------------------------------------------------------------------------------------------- the stream

  headArrived(): void {}

  dataArrived(stream: Http2Stream, bytes: Uint8Array, start: number, end: number): void {
    this.#held += end - start;
    if (end > start) this.#owner?.sideData(this, bytes.subarray(start, end), true);
    if (this.#paused) return;
    const held = this.#held;
    this.#held = 0;
    stream.consumed(held);
  }

  endArrived(stream: Http2Stream): void {
    this.#owner?.sideEnded(this);
    if (stream.localEnded) this.#close(false);
  }

  wasReset(): void {
    this.#close(true);
  }

  hasRoom(): void {
    if (this.#finishing) this.#stream.reset(CANCEL);
    else this.#owner?.sideDrained(this);
  }

  // ---------------------------------------------------------------------------------------------------------------- the tunnel

  write(chunk: Uint8Array): boolean {
    return this.#stream.send(chunk, 0, chunk.length);
  }

  end(): void {
    this.#stream.end();
    if (this.#stream.remoteEnded) this.#close(false);
  }

  finish(): void {
    this.#stream.end();
    if (!this.#stream.closed && !this.#stream.remoteEnded) {
      this.#finishing = true;
      if (this.#stream.endSent) this.#stream.reset(CANCEL);
    }
    this.#close(false);
  }

  reset(): void {
    this.#stream.reset(this.#resetCode);
    this.#close(true);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const held = this.#held;
    this.#held = 0;
    this.#stream.consumed(held);
  }

  #close(broken: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner?.sideClosed(this, broken);
  }
}
