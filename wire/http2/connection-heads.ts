/**
 * Header blocks of an HTTP/2 connection (RFC 9113, 4.3 and 6.2): put together, decoded, checked and given to their streams. A block is decoded
 * whatever becomes of its stream, so that the tables of both sides stay in step.
 */
import { HpackDecoder } from '../hpack/index.ts';
import { Budget } from './budget.ts';
import { type ConnectionOwner, ConnectionOutput, type Http2Memory, type Http2Settings } from './connection-output.ts';
import { compressionFault, HTTP2_FAULTS, type Http2Fault, type Http2FaultCode, REFUSED_STREAM } from './errors.ts';
import * as F from './frames.ts';
import { KnownHeads } from './known-heads.ts';
import { HeadBuilder } from './head-builder.ts';
import { Http2Stream, NOBODY } from './stream.ts';

const MAX_CONTINUATIONS = 16;
/** A block is decoded, and its message refused alone, up to so many times the limit; a larger one ends the connection. */
const MAX_BLOCK_FACTOR = 2;
/**
 * Streams that may end by a reset, of the peer's or for a fault of the peer's, beyond 100 a second; each that ends well allows another one. A
 * client can cancel all the streams we let it open; a server may have as many to refuse as we opened.
 */
const CLIENT_RESETS = 100;
const SERVER_RESETS = 500;
const NONE = new Uint8Array(0);

export abstract class ConnectionHeads extends ConnectionOutput {
  protected readonly server: boolean;
  protected readonly resets: Budget;
  protected readonly controls: Budget;
  protected lastPeerStream = 0;
  /** Streams above it are not served any more; 2^31-1: all are. */
  protected lastServed = F.MAX_WINDOW;
  /** Whose header block is under way; 0: nobody's. */
  protected blockStream = 0;
  readonly #decoder: HpackDecoder;
  readonly #builder: HeadBuilder;
  readonly #known: KnownHeads;
  #blockFlags = 0;
  #block: Uint8Array = NONE;
  #blockSize = 0;
  #continuations = 0;

  constructor(server: boolean, settings: Http2Settings, owner: ConnectionOwner, memory: Http2Memory) {
    super(settings, owner, memory.slabs);
    this.server = server;
    this.resets = new Budget(memory.clock, server ? CLIENT_RESETS : SERVER_RESETS, 100);
    this.controls = new Budget(memory.clock, 2000, 500);
    this.#decoder = new HpackDecoder(4096, settings.maxHeaderListSize, memory.scratch);
    this.#builder = new HeadBuilder(memory.scratch, memory.heads, memory.decode, server && settings.connectProtocol);
    this.#known = new KnownHeads(memory.heads);
  }

  /** The connection cannot go on. */
  abstract broken(fault: Http2Fault): void;

  protected fail(code: Http2FaultCode): void {
    this.broken(HTTP2_FAULTS[code]);
  }

  /** A fault of one stream only. */
  protected failStream(stream: Http2Stream, fault: Http2Fault): void {
    if (!this.resets.spend()) return this.fail('flood');
    this.resetStream(stream, fault.error);
    stream.owner.wasReset(stream, fault.error, false);
  }

  /** Nothing is read any more. */
  protected forgetHeads(): void {
    this.#known.clear();
  }

  protected headers(flags: number, id: number, bytes: Uint8Array, from: number, to: number): void {
    if (id === 0 || (this.server && id % 2 === 0)) return this.fail('stream-id');
    let start = from;
    let end = to;
    if ((flags & F.PADDED) !== 0) {
      if (start === end) return this.fail('frame-size');
      end -= bytes[start] as number;
      start += 1;
      if (end < start) return this.fail('padding');
    }
    if ((flags & F.PRIORITISED) !== 0) {
      if (end - start < 5) return this.fail('frame-size');
      if ((F.uint32(bytes, start) & 0x7fffffff) === id) return this.fail('dependency');
      start += 5;
    }
    this.blockStream = id;
    this.#blockFlags = flags;
    if ((flags & F.END_HEADERS) !== 0) return this.#wholeBlock(bytes, start, end);
    this.#continuations = 0;
    this.#block = new Uint8Array(Math.max(1024, (end - start) * 2));
    this.#block.set(bytes.subarray(start, end));
    this.#blockSize = end - start;
  }

  protected continuation(flags: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.blockStream === 0) return this.fail('continuation');
    this.#continuations += 1;
    const size = this.#blockSize + end - start;
    if (this.#continuations > MAX_CONTINUATIONS || size > this.settings.maxHeaderListSize * MAX_BLOCK_FACTOR)
      return this.fail('header-block');
    if (size > this.#block.length) {
      const wider = new Uint8Array(size * 2);
      wider.set(this.#block.subarray(0, this.#blockSize));
      this.#block = wider;
    }
    this.#block.set(bytes.subarray(start, end), this.#blockSize);
    this.#blockSize = size;
    if ((flags & F.END_HEADERS) === 0) return;
    const block = this.#block;
    this.#block = NONE;
    this.#wholeBlock(block, 0, size);
  }

  #wholeBlock(bytes: Uint8Array, start: number, end: number): void {
    const id = this.blockStream;
    this.blockStream = 0;
    const ended = (this.#blockFlags & F.END_STREAM) !== 0;
    let stream = this.streams.get(id);
    if (stream === undefined) {
      if (!this.server) return this.#stray(id, bytes, start, end);
      if (id <= this.lastPeerStream) {
        if (!this.forgotten.has(id)) return this.fail('stream-closed');
        return this.#stray(id, bytes, start, end);
      }
      this.lastPeerStream = id;
      if (id > this.lastServed) return this.#stray(id, bytes, start, end);
      stream = new Http2Stream(id, this, NOBODY, this.peerWindow, this.localWindow);
      if (this.streams.size >= this.settings.maxConcurrentStreams) {
        this.#stray(id, bytes, start, end);
        if (this.failed) return;
        if (!this.resets.spend()) return this.fail('flood');
        return this.resetStream(stream, REFUSED_STREAM);
      }
      this.streams.add(stream);
      stream.owner = this.events.accept(stream);
    } else if (stream.remoteEnded) return this.fail('stream-closed');
    this.#section(stream, ended, bytes, start, end);
  }

  /** Headers of no stream of ours: decoded to keep the tables in step. */
  #stray(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.server && id >= this.nextStream) return this.fail('stream-id');
    if (!this.server && !this.forgotten.has(id)) return this.fail('stream-closed');
    if (!this.controls.spend()) return this.fail('flood');
    const fault = this.#decoder.decode(bytes, start, end, IGNORE);
    if (fault !== undefined) this.broken(compressionFault(fault));
  }

  #section(stream: Http2Stream, ended: boolean, bytes: Uint8Array, start: number, end: number): void {
    const builder = this.#builder;
    const { owner } = stream;
    const trailers = stream.headSeen;
    // RFC 9113, 8.5: only data goes through a tunnel.
    const sectionInTunnel = trailers && stream.tunnel;
    const { messageHead } = owner;
    let tooLarge = false;
    if (!this.#known.take(bytes, start, end, trailers, messageHead, this.#decoder)) {
      const { generation } = this.#decoder;
      builder.begin(trailers ? 'trailers' : this.server ? 'request' : 'response', messageHead);
      const broken = this.#decoder.decode(bytes, start, end, builder);
      if (broken !== undefined) return this.broken(compressionFault(broken));
      tooLarge = this.#decoder.overLimit || builder.tooMany;
      if (!tooLarge) builder.finish();
      if (builder.fault !== undefined) return this.failStream(stream, builder.fault);
      tooLarge = tooLarge || builder.tooMany;
      if (!tooLarge) this.#known.decoded(bytes, start, end, trailers, messageHead, this.#decoder, generation);
    }
    if (sectionInTunnel) return this.failStream(stream, HTTP2_FAULTS.message);
    if (trailers) {
      if (!ended || tooLarge) return this.failStream(stream, HTTP2_FAULTS.trailers);
      return this.remoteEnd(stream, true);
    }
    if (tooLarge) {
      stream.headSeen = true;
      stream.remoteEnded = ended;
      return this.events.headTooLarge(stream);
    }
    const { status, method } = messageHead;
    if (this.server && method === 'CONNECT') stream.tunnel = true;
    if (status !== 0 && status < 200) {
      if (ended || status === 101) return this.failStream(stream, HTTP2_FAULTS.message);
      return owner.headArrived(stream, false);
    }
    stream.headSeen = true;
    const noContent = stream.noContent || status === 204 || status === 304;
    const tunnels = stream.tunnel && (this.server || (status >= 200 && status < 300));
    stream.expected = tunnels ? -1 : noContent ? 0 : messageHead.contentLength;
    if (ended && stream.expected > 0) return this.failStream(stream, HTTP2_FAULTS['content-length']);
    stream.remoteEnded = ended;
    owner.headArrived(stream, ended);
    if (ended) this.settle(stream);
  }

  protected remoteEnd(stream: Http2Stream, trailers: boolean): void {
    if (stream.expected > 0) return this.failStream(stream, HTTP2_FAULTS['content-length']);
    stream.remoteEnded = true;
    stream.owner.endArrived(stream, trailers);
    this.settle(stream);
  }
}

const IGNORE = { field(): void {} };
