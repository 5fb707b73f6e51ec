/**
 * The sending half of an HTTP/2 connection (RFC 9113): heads, data within the windows, ends, resets and window updates, appended to one
 * output that the owner writes once a turn.
 */
import type { MonotonicClock } from '@weft/core/kernel';
import type { Latin1Decoder } from '../http1/octets.ts';
import { type DecodeScratch, HpackEncoder, OctetWriter, type SlabPool } from '../hpack/index.ts';
import type { Http2Fault } from './errors.ts';
import * as F from './frames.ts';
import type { HeadMemory } from './message-head.ts';
import { StreamTable } from './stream-table.ts';
import { Http2Stream, type StreamOwner } from './stream.ts';

export interface Http2Settings {
  /** Streams the peer may have open at a time. Servers only. */
  readonly maxConcurrentStreams: number;
  /** Octets, 65,535 to 2^31-1. */
  readonly streamWindow: number;
  readonly connectionWindow: number;
  /** Octets of one decoded header section by RFC 7541, 4.1. */
  readonly maxHeaderListSize: number;
  /** Extended CONNECT is taken (RFC 8441). Servers only. */
  readonly connectProtocol: boolean;
}

export interface ConnectionOwner {
  /** A request's head is complete. The owner may answer or reset in `headArrived`, which follows. */
  accept(stream: Http2Stream): StreamOwner;
  /** Every head of this connection's peer: a request that exceeds the limits; the stream's own head is not filled. */
  headTooLarge(stream: Http2Stream): void;
  /** Something is in `out`. */
  hasOutput(): void;
  /** The peer's first SETTINGS are known. */
  settingsArrived?(): void;
  /** The peer will take no new streams; those above `lastStream` were reset with REFUSED_STREAM before. */
  goAwayArrived(error: number): void;
  /** A stream ended; all state about it is gone. */
  streamClosed(stream: Http2Stream): void;
  /** GOAWAY is in `out`: write it and close. Every stream has been told. */
  connectionFailed(fault: Http2Fault): void;
}

/** What all connections of an event loop share. */
export interface Http2Memory {
  readonly scratch: DecodeScratch;
  readonly heads: HeadMemory;
  readonly clock: MonotonicClock;
  readonly decode: Latin1Decoder;
  readonly slabs: SlabPool;
}

const REMEMBERED_RESETS = 256;
/** From a frame's start to behind its flags. */
const FLAGS_BACK = 5;

export abstract class ConnectionOutput {
  readonly out: OctetWriter;
  readonly encoder = new HpackEncoder();
  readonly streams = new StreamTable<Http2Stream>();
  /** Streams that wait for a window or for the socket. */
  readonly blocked = new Set<Http2Stream>();
  /** Octets a new stream's peer may send. */
  readonly localWindow: number;
  /** The socket's queue is full. Set by the owner; `drained` when it is not any more. */
  congested = false;
  failed = false;
  /** DATA frames written. */
  protected dataFrames = 0;
  /** The peer said GOAWAY. */
  peerGoesAway = false;
  /** Streams we may have open, by the peer. */
  peerMaxStreams = 2 ** 31;
  /** The peer takes extended CONNECT (RFC 8441). */
  peerConnectProtocol = false;
  protected readonly settings: Http2Settings;
  protected readonly events: ConnectionOwner;
  protected peerWindow = F.DEFAULT_WINDOW;
  protected peerFrameSize = F.DEFAULT_FRAME_SIZE;
  protected sendWindow = F.DEFAULT_WINDOW;
  protected receiveWindow: number;
  protected nextStream = 1;
  /** Ids of streams that we reset: frames still under way to them are no fault. */
  protected readonly forgotten = new Set<number>();
  readonly #fullWindow: number;
  /** Below it what we owe is told at once. */
  readonly #leastRoom: number;
  #credit = 0;
  // Header block being written, and the last frame that END_STREAM can still be set on.
  #blockStart = 0;
  #lastStream: Http2Stream | undefined;
  #lastStart = 0;
  #lastEnd = 0;

  constructor(settings: Http2Settings, owner: ConnectionOwner, slabs: SlabPool) {
    this.settings = settings;
    this.events = owner;
    this.localWindow = settings.streamWindow;
    this.out = new OctetWriter(slabs);
    this.#fullWindow = Math.max(settings.connectionWindow, F.DEFAULT_WINDOW);
    this.#leastRoom = Math.min(settings.streamWindow, this.#fullWindow / 4);
    this.receiveWindow = this.#fullWindow;
  }

  /** What was written since the last time; the sink's until it holds none. */
  takeOutput(): Uint8Array {
    this.#lastStream = undefined;
    return this.out.take();
  }

  /** Whether `open` may be called now. */
  get canOpen(): boolean {
    return (
      !this.failed && !this.peerGoesAway && this.streams.size < this.peerMaxStreams && this.nextStream < F.MAX_WINDOW
    );
  }

  /** A new stream of ours. Its head must be written next. Clients only. */
  open(owner: StreamOwner): Http2Stream {
    const stream = new Http2Stream(this.nextStream, this, owner, this.peerWindow, this.localWindow);
    this.nextStream += 2;
    this.streams.add(stream);
    return stream;
  }

  /** Begins a header block: encode its fields with `encoder` into `out`, then call `endBlock`; nothing else may be written between. */
  beginBlock(stream: Http2Stream): void {
    this.#blockStart = this.out.size;
    F.writeFrameHead(this.out, 0, F.HEADERS, F.END_HEADERS, stream.id);
    this.encoder.begin(this.out);
  }

  endBlock(stream: Http2Stream, ended: boolean): void {
    const { out } = this;
    const length = out.size - this.#blockStart - F.FRAME_HEAD;
    this.#lastStream = stream;
    this.#lastStart = this.#blockStart;
    if (length <= this.peerFrameSize) {
      out.patch24(length + F.FRAME_HEAD, length);
    } else this.#splitBlock(stream.id, length);
    this.#lastEnd = out.size;
    if (ended) out.raise(out.size - this.#blockStart - FLAGS_BACK, F.END_STREAM);
    this.events.hasOutput();
  }

  #splitBlock(id: number, length: number): void {
    const { out } = this;
    const size = this.peerFrameSize;
    const block = out.copyOfLast(length);
    out.truncate(this.#blockStart);
    F.writeFrameHead(out, size, F.HEADERS, 0, id);
    out.octets(block, 0, size);
    for (let at = size; at < length; at += size) {
      const end = Math.min(at + size, length);
      F.writeFrameHead(out, end - at, F.CONTINUATION, end === length ? F.END_HEADERS : 0, id);
      out.octets(block, at, end);
    }
    this.#lastStream = undefined;
  }

  /** Writes as much as the windows allow; returns where it stopped. */
  writeData(stream: Http2Stream, bytes: Uint8Array, start: number, end: number): number {
    const { out } = this;
    let at = start;
    while (at < end) {
      const room = Math.min(stream.sendWindow, this.sendWindow, this.peerFrameSize, F.DEFAULT_FRAME_SIZE, end - at);
      if (room <= 0) break;
      this.#lastStream = stream;
      this.#lastStart = out.size;
      F.writeFrameHead(out, room, F.DATA, 0, stream.id);
      out.octets(bytes, at, at + room);
      this.#lastEnd = out.size;
      this.dataFrames += 1;
      stream.sendWindow -= room;
      this.sendWindow -= room;
      at += room;
    }
    if (at > start) this.events.hasOutput();
    return at;
  }

  /** Ends our side: on the stream's last frame if that has not left, else by an empty one. */
  writeEnd(stream: Http2Stream): void {
    const { out } = this;
    if (this.#lastStream === stream && out.size === this.#lastEnd) {
      out.raise(out.size - this.#lastStart - FLAGS_BACK, F.END_STREAM);
      this.#lastStream = undefined;
    } else F.writeFrameHead(out, 0, F.DATA, F.END_STREAM, stream.id);
    this.events.hasOutput();
  }

  writeStreamCredit(stream: number, octets: number): void {
    if (this.failed) return;
    F.writeWindowUpdate(this.out, stream, octets);
    this.events.hasOutput();
  }

  /** Octets of DATA that nobody holds any more. */
  credit(octets: number): void {
    if (this.failed || octets === 0) return;
    this.#credit += octets;
    if (this.#credit * 2 >= this.#fullWindow || this.receiveWindow < this.#leastRoom) this.sendCredit();
  }

  /**
   * The peer has used up so much of the connection's window that streams which stand still could hold the rest: what we owe is told, or
   * the others would wait for ever.
   */
  protected get roomIsShort(): boolean {
    return this.receiveWindow < this.#leastRoom && this.#credit > 0;
  }

  protected sendCredit(): void {
    this.receiveWindow += this.#credit;
    F.writeWindowUpdate(this.out, 0, this.#credit);
    this.#credit = 0;
    this.events.hasOutput();
  }

  resetStream(stream: Http2Stream, error: number): void {
    if (stream.closed) return;
    F.writeReset(this.out, stream.id, error);
    this.#remember(stream.id);
    this.close(stream);
    this.events.hasOutput();
  }

  /** Our side has ended: the stream is over when the peer's has, too. */
  settle(stream: Http2Stream): void {
    if (!stream.remoteEnded || !stream.endSent || stream.closed) return;
    this.close(stream);
    this.completed();
  }

  /** A stream ended well on both sides. */
  protected abstract completed(): void;

  #remember(id: number): void {
    this.forgotten.add(id);
    if (this.forgotten.size <= REMEMBERED_RESETS) return;
    for (const oldest of this.forgotten) {
      this.forgotten.delete(oldest);
      return;
    }
  }

  protected close(stream: Http2Stream): void {
    if (stream.closed) return;
    stream.closed = true;
    this.streams.delete(stream.id);
    if (this.blocked.size > 0) this.blocked.delete(stream);
    const { held } = stream;
    stream.held = 0;
    this.credit(held);
    this.events.streamClosed(stream);
  }

  /** The socket has room again. */
  drained(): void {
    this.congested = false;
    this.unblock();
  }

  protected unblock(): void {
    const waiting = [...this.blocked];
    for (const stream of waiting) {
      if (stream.closed || !stream.flush()) continue;
      this.blocked.delete(stream);
      if (this.congested) this.blocked.add(stream);
      else if (!stream.closed) stream.owner.hasRoom(stream);
    }
  }
}
