/**
 * One HTTP/2 connection (RFC 9113) without a socket: octets in by `receive`, octets out in `out`, which the owner writes once a turn. Either
 * role. It holds at most: one frame, one header block within its limit, and what its streams' windows allow. Priorities are ignored.
 */
import { ConnectionHeads } from './connection-heads.ts';
import type { ConnectionOwner, Http2Memory, Http2Settings } from './connection-output.ts';
import { ENHANCE_YOUR_CALM, HTTP2_FAULTS, type Http2Fault, NO_ERROR, REFUSED_STREAM } from './errors.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import * as F from './frames.ts';
import type { Http2Stream } from './stream.ts';

/** WINDOW_UPDATE frames that need no excuse: so many, and so many a DATA frame of ours. */
const FREE_UPDATES = 200;
const UPDATES_A_FRAME = 10;
const DRAIN_PING = Uint8Array.from([119, 101, 102, 116, 100, 114, 97, 110]);

export class Http2Connection extends ConnectionHeads implements FrameSink {
  settingsSeen = false;
  readonly #reader: FrameReader;
  #drainAsked = false;
  // The DATA frame under way.
  #dataStream: Http2Stream | undefined;
  #dataFlags = 0;
  #dataLength = 0;
  #updates = 0;
  /** A setting gave the streams more room. */
  #windowsGrew = false;

  constructor(server: boolean, settings: Http2Settings, owner: ConnectionOwner, memory: Http2Memory) {
    super(server, settings, owner, memory);
    this.#reader = new FrameReader(this, server);
  }

  /** Writes what a connection begins with. */
  start(): void {
    const { out } = this;
    const { maxConcurrentStreams, streamWindow, maxHeaderListSize, connectProtocol } = this.settings;
    if (!this.server) for (let i = 0; i < F.PREFACE.length; i += 1) out.octet(F.PREFACE.charCodeAt(i));
    F.writeSettings(out, [
      this.server ? [F.SETTING_MAX_CONCURRENT_STREAMS, maxConcurrentStreams] : [F.SETTING_ENABLE_PUSH, 0],
      [F.SETTING_INITIAL_WINDOW_SIZE, streamWindow],
      [F.SETTING_MAX_HEADER_LIST_SIZE, maxHeaderListSize],
      ...(this.server && connectProtocol ? [[F.SETTING_ENABLE_CONNECT_PROTOCOL, 1] as const] : []),
    ]);
    const more = this.receiveWindow - F.DEFAULT_WINDOW;
    if (more > 0) F.writeWindowUpdate(out, 0, more);
    this.events.hasOutput();
  }

  /** Octets from the peer. Data is passed on as ranges of `bytes`. */
  receive(bytes: Uint8Array, start: number, end: number): void {
    this.#reader.feed(bytes, start, end);
  }

  // ------------------------------------------------------------------------------------------------------------------------ ends

  /** Takes no new streams soon: told at once, and for good when the peer has had the time to see it (RFC 9113, 6.8). Idempotent. */
  drain(): void {
    if (this.#drainAsked || this.failed) return;
    this.#drainAsked = true;
    F.writeGoAway(this.out, this.server ? F.MAX_WINDOW : 0, NO_ERROR);
    if (this.server) F.writePing(this.out, false, DRAIN_PING, 0);
    this.events.hasOutput();
  }

  /** The second GOAWAY has been written: streams that come now are not served. */
  get drainConfirmed(): boolean {
    return this.#drainAsked && (!this.server || this.lastServed !== F.MAX_WINDOW);
  }

  /** As if the peer had answered the first GOAWAY. */
  confirmDrain(): void {
    if (!this.#drainAsked || this.drainConfirmed || this.failed) return;
    this.lastServed = this.lastPeerStream;
    F.writeGoAway(this.out, this.lastPeerStream, NO_ERROR);
    this.events.hasOutput();
  }

  ping(octets: Uint8Array): void {
    F.writePing(this.out, false, octets, 0);
    this.events.hasOutput();
  }

  /** The transport is gone: every stream is told. */
  closed(error: number): void {
    if (this.failed) return;
    this.failed = true;
    this.forgetHeads();
    this.#resetAll(error);
  }

  #resetAll(error: number): void {
    for (const stream of this.streams.all()) {
      this.close(stream);
      stream.owner.wasReset(stream, error, true);
    }
  }

  broken(fault: Http2Fault): void {
    if (this.failed) return;
    F.writeGoAway(this.out, this.lastPeerStream, fault.error);
    this.failed = true;
    this.forgetHeads();
    this.#resetAll(fault.error);
    this.events.connectionFailed(fault);
  }

  protected completed(): void {
    this.resets.earn();
  }

  // -------------------------------------------------------------------------------------------------------------------- frames in

  frame(type: number, flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.blockStream !== 0 && (type !== F.CONTINUATION || id !== this.blockStream))
      return this.fail('continuation');
    if (!this.settingsSeen && (type !== F.SETTINGS || (flags & F.ACK) !== 0)) return this.fail('preface');
    switch (type) {
      case F.HEADERS:
        return this.headers(flags, id, bytes, start, end);
      case F.CONTINUATION:
        return this.continuation(flags, bytes, start, end);
      case F.WINDOW_UPDATE:
        return this.#windowUpdate(id, bytes, start, end);
      case F.RST_STREAM:
        return this.#reset(id, bytes, start, end);
      case F.SETTINGS:
        return this.#settingsFrame(flags, id, bytes, start, end);
      case F.PING:
        return this.#ping(flags, id, bytes, start, end);
      case F.GOAWAY:
        return this.#goAway(id, bytes, start, end);
      case F.PRIORITY:
        return this.#priority(id, bytes, start, end);
      case F.PUSH_PROMISE:
        return this.fail('push');
      default:
        if (!this.controls.spend()) this.fail('flood');
    }
  }

  dataBegins(flags: number, id: number, length: number): void {
    if (this.blockStream !== 0) return this.fail('continuation');
    if (!this.settingsSeen) return this.fail('preface');
    if (id === 0) return this.fail('stream-id');
    this.receiveWindow -= length;
    if (this.receiveWindow < 0) return this.fail('window-exceeded');
    if (this.roomIsShort) this.sendCredit();
    this.#dataFlags = flags;
    const stream = this.streams.get(id);
    this.#dataStream = undefined;
    if (stream === undefined || stream.remoteEnded) return this.#strayData(stream, id, length);
    if (!stream.headSeen) {
      this.credit(length);
      return this.failStream(stream, HTTP2_FAULTS.message);
    }
    stream.receiveWindow -= length;
    stream.held += length;
    if (stream.receiveWindow < 0) return this.failStream(stream, HTTP2_FAULTS['window-exceeded']);
    this.#dataStream = stream;
    this.#dataLength = length;
  }

  #strayData(stream: Http2Stream | undefined, id: number, length: number): void {
    this.credit(length);
    if (stream !== undefined) return this.failStream(stream, HTTP2_FAULTS['stream-closed']);
    const last = this.server ? this.lastPeerStream : this.nextStream - 2;
    if (id > last || (this.server && id % 2 === 0)) return this.fail('stream-idle');
    if (!this.forgotten.has(id) && id <= this.lastServed) this.fail('stream-closed');
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    const stream = this.#dataStream;
    if (stream === undefined || stream.closed) return;
    if (stream.expected >= 0) {
      stream.expected -= end - start;
      if (stream.expected < 0) {
        this.#dataStream = undefined;
        stream.expected = -1;
        return this.failStream(stream, HTTP2_FAULTS['content-length']);
      }
    }
    stream.owner.dataArrived(stream, bytes, start, end);
  }

  dataEnds(padding: number): void {
    const stream = this.#dataStream;
    this.#dataStream = undefined;
    if (stream === undefined || stream.closed) return;
    stream.consumed(padding);
    if ((this.#dataFlags & F.END_STREAM) !== 0) this.remoteEnd(stream, false);
    else if (padding === this.#dataLength && !this.controls.spend()) this.fail('flood');
  }

  #windowUpdate(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== 4) return this.fail('frame-size');
    this.#updates += 1;
    if (this.#updates > this.dataFrames * UPDATES_A_FRAME + FREE_UPDATES && !this.controls.spend())
      return this.fail('flood');
    const increment = F.uint32(bytes, start) & 0x7fffffff;
    if (id === 0) {
      if (increment === 0) return this.fail('window-zero');
      this.sendWindow += increment;
      if (this.sendWindow > F.MAX_WINDOW) return this.fail('window-overflow');
      return this.unblock();
    }
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.#isIdle(id)) return this.fail('stream-idle');
      if (!this.controls.spend()) this.fail('flood');
      return;
    }
    if (increment === 0) return this.failStream(stream, HTTP2_FAULTS['window-zero']);
    stream.sendWindow += increment;
    if (stream.sendWindow > F.MAX_WINDOW) return this.failStream(stream, HTTP2_FAULTS['window-overflow']);
    if (stream.isBlocked) this.unblock();
  }

  #isIdle(id: number): boolean {
    return this.server ? id % 2 === 0 || id > this.lastPeerStream : id % 2 === 0 || id >= this.nextStream;
  }

  #reset(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== 4) return this.fail('frame-size');
    if (id === 0) return this.fail('stream-id');
    if (this.#isIdle(id)) return this.fail('stream-idle');
    if (!this.resets.spend()) return this.fail('flood');
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    this.close(stream);
    stream.owner.wasReset(stream, F.uint32(bytes, start), true);
  }

  #settingsFrame(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id !== 0) return this.fail('stream-id');
    const length = end - start;
    if ((flags & F.ACK) !== 0) {
      if (length !== 0) this.fail('frame-size');
      return;
    }
    if (length % 6 !== 0) return this.fail('frame-size');
    if (!this.controls.spend()) return this.fail('flood');
    for (let at = start; at < end && !this.failed; at += 6)
      this.#setting(((bytes[at] as number) << 8) | (bytes[at + 1] as number), F.uint32(bytes, at + 2));
    if (this.failed) return;
    const first = !this.settingsSeen;
    this.settingsSeen = true;
    // At once (RFC 9113, 6.5.3): before any data that the new windows let out.
    F.writeFrameHead(this.out, 0, F.SETTINGS, F.ACK, 0);
    this.events.hasOutput();
    if (this.#windowsGrew) this.unblock();
    this.#windowsGrew = false;
    if (first) this.events.settingsArrived?.();
  }

  #setting(id: number, value: number): void {
    switch (id) {
      case F.SETTING_HEADER_TABLE_SIZE:
        this.encoder.setMaximum(value);
        return;
      case F.SETTING_ENABLE_PUSH:
        if (value > 1 || (!this.server && value === 1)) this.fail('settings');
        return;
      case F.SETTING_MAX_CONCURRENT_STREAMS:
        this.peerMaxStreams = value;
        return;
      case F.SETTING_INITIAL_WINDOW_SIZE: {
        if (value > F.MAX_WINDOW) return this.fail('settings-window');
        const change = value - this.peerWindow;
        this.peerWindow = value;
        for (const stream of this.streams.all()) {
          stream.sendWindow += change;
          if (stream.sendWindow > F.MAX_WINDOW) return this.fail('window-overflow');
        }
        if (change > 0) this.#windowsGrew = true;
        return;
      }
      case F.SETTING_MAX_FRAME_SIZE:
        if (value < F.DEFAULT_FRAME_SIZE || value > 16_777_215) this.fail('settings');
        else this.peerFrameSize = value;
        return;
      case F.SETTING_ENABLE_CONNECT_PROTOCOL:
        if (value > 1 || (value === 0 && this.peerConnectProtocol)) this.fail('settings');
        else this.peerConnectProtocol = value === 1;
    }
  }

  #ping(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id !== 0) return this.fail('stream-id');
    if (end - start !== 8) return this.fail('frame-size');
    if ((flags & F.ACK) !== 0) {
      if (this.#drainAsked && bytes[start] === DRAIN_PING[0]) this.confirmDrain();
      return;
    }
    if (!this.controls.spend()) return this.fail('flood');
    F.writePing(this.out, true, bytes, start);
    this.events.hasOutput();
  }

  #goAway(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id !== 0) return this.fail('stream-id');
    if (end - start < 8) return this.fail('frame-size');
    if (!this.controls.spend()) return this.fail('flood');
    const last = F.uint32(bytes, start) & 0x7fffffff;
    const error = F.uint32(bytes, start + 4);
    this.peerGoesAway = true;
    if (this.server) return this.events.goAwayArrived(error);
    for (const stream of this.streams.all()) {
      if (stream.id <= last) continue;
      this.close(stream);
      stream.owner.wasReset(stream, error === ENHANCE_YOUR_CALM ? error : REFUSED_STREAM, true);
    }
    this.events.goAwayArrived(error);
  }

  #priority(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id === 0) return this.fail('stream-id');
    if (end - start !== 5) return this.fail('frame-size');
    if ((F.uint32(bytes, start) & 0x7fffffff) === id) return this.fail('dependency');
    if (!this.controls.spend()) this.fail('flood');
  }
}
