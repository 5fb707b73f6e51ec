/** One upstream HTTP/2 connection: streams for many exchanges, idle time, GOAWAY. */
import { type ConnectionOwner, Http2Connection, type Http2Stream, NO_ERROR, type StreamOwner } from '@weft/wire/http2';
import type { Http2Options } from '@weft/core/proxy-config';
import type {
  EngineClock,
  ReadReceiver,
  ReusableTimer,
  SharedReads,
  TimerTarget,
  TimerWheel,
  UpstreamConnection,
} from '../ports.ts';
import { answersRead } from '../time/turn-end.ts';
import { Http2ClientStream } from './client-stream.ts';
import { LEFT } from './left-stream.ts';
import type { Http2Shared } from './shared.ts';
import { SocketEnd, type SocketEndOwner } from './socket-end.ts';
import { windowsOf } from './windows.ts';

export interface ClientConnectionOwner {
  /** A stream ended: there may be room for another. */
  roomChanged(connection: Http2ClientConnection): void;
  connectionGone(connection: Http2ClientConnection): void;
}

const IDLE = 0;
const LIFE = 1;
const MAX_HEADER_LIST = 60 * 1024;
/** Clients kept for other exchanges, about 1 kB each: as many as streams that servers commonly allow. */
const MAX_FREE = 128;

export class Http2ClientConnection implements ConnectionOwner, SocketEndOwner, ReadReceiver, TimerTarget {
  readonly connection: UpstreamConnection;
  readonly core: Http2Connection;
  bytesAreShared = false;
  /** Clients given out whose stream is not open yet. */
  reserved = 0;
  readonly #owner: ClientConnectionOwner;
  readonly #end: SocketEnd;
  readonly #idle: ReusableTimer;
  readonly #life: ReusableTimer | undefined;
  readonly #clock: EngineClock;
  readonly #limit: number;
  readonly #free: Http2ClientStream[] = [];
  #later: Http2ClientStream[] = [];
  #afterSettings: (() => void)[] = [];
  #served = 0;
  #retiring = false;
  #gone = false;

  /** `reads`: how a plaintext connection's bytes come; undefined: by 'data' events. */
  constructor(
    connection: UpstreamConnection,
    options: Http2Options,
    owner: ClientConnectionOwner,
    shared: Http2Shared,
    timers: TimerWheel,
    reads: SharedReads | undefined,
  ) {
    this.connection = connection;
    this.#owner = owner;
    this.#clock = shared.clock;
    this.#limit = options.maxConcurrentStreams;
    const settings = { ...windowsOf(options), maxHeaderListSize: MAX_HEADER_LIST };
    this.core = new Http2Connection(false, settings, this, shared.memory);
    this.#end = new SocketEnd(connection.socket, this.core, this, shared);
    this.#idle = timers.create(this, IDLE);
    const { maxConnectionDuration } = connection.endpoint.cluster.config;
    if (maxConnectionDuration > 0) {
      this.#life = timers.create(this, LIFE);
      this.#life.start(maxConnectionDuration);
    }
    this.#end.start();
    if (reads !== undefined) reads.receiver = this;
    connection.socket.on('data', this.#onData);
    this.core.start();
    connection.socket.resume();
  }

  /** Exchanges that are on it or about to be. */
  get active(): number {
    return this.core.streams.size + this.reserved;
  }

  /** How many more exchanges may use it. */
  get room(): number {
    const { core } = this;
    if (this.#retiring || this.#gone || !core.canOpen) return 0;
    return Math.max(0, Math.min(core.peerMaxStreams, this.#limit || core.peerMaxStreams) - this.active);
  }

  /** Whether another exchange may use it. */
  get usable(): boolean {
    return this.room > 0;
  }

  /** A client for one exchange; `usable` must hold. */
  reserve(): Http2ClientStream {
    this.#idle.stop();
    this.reserved += 1;
    const client = this.#free.pop() ?? new Http2ClientStream(this, this.#served);
    client.renew(this.#served);
    this.#served += 1;
    const { maxRequestsPerConnection } = this.connection.endpoint.cluster.config;
    if (maxRequestsPerConnection > 0 && this.#served >= maxRequestsPerConnection && !this.#retiring) {
      this.connection.endpoint.cluster.count('upstream_cx_max_requests');
      this.#retiring = true;
    }
    return client;
  }

  /** The client's exchange is complete: another one may have it. */
  keep(client: Http2ClientStream): void {
    if (this.#free.length < MAX_FREE && !this.#gone) this.#free.push(client);
  }

  /** Takes no new exchanges and closes after the last one. */
  retire(): void {
    this.#retiring = true;
    this.rest();
  }

  /** Nothing may be under way: closes if it retires, else waits for the cluster's idle time-out. */
  rest(): void {
    if (this.core.streams.size + this.reserved > 0 || this.#gone) return;
    if (this.#retiring || this.core.peerGoesAway) this.#close();
    else {
      for (const client of this.#free) client.rest();
      this.#idle.start(this.connection.endpoint.cluster.config.idleTimeout);
    }
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.bytesAreShared = false;
    this.#receive(chunk, chunk.length);
  };

  received(bytes: Uint8Array, length: number): void {
    this.bytesAreShared = true;
    this.#receive(bytes, length);
  }

  #receive(bytes: Uint8Array, length: number): void {
    if (this.#gone) return;
    const held = this.#clock.hold();
    const { streams } = this.core;
    const before = streams.size;
    try {
      this.core.receive(bytes, 0, length);
      this.#deliver();
      if (streams.size < before) answersRead(before - streams.size, streams.size);
    } catch {
      // A defect of ours outside of an exchange: its exchanges end as with a broken connection.
      this.destroy();
    } finally {
      if (held) this.#clock.release();
    }
  }

  #deliver(): void {
    if (this.#later.length === 0) return;
    const later = this.#later;
    this.#later = [];
    for (const client of later) client.deliver();
  }

  /** A head without data yet: told when all that has arrived is read. */
  arrivedLater(client: Http2ClientStream): void {
    this.#later.push(client);
  }

  /** `work` is done when the peer's first SETTINGS are known; never if the connection ends before. */
  afterSettings(work: () => void): void {
    this.#afterSettings.push(work);
  }

  settingsArrived(): void {
    for (const work of this.#afterSettings.splice(0)) work();
  }

  /** A server opens no streams here: pushes are faults. */
  accept(): StreamOwner {
    return LEFT;
  }

  headTooLarge(stream: Http2Stream): void {
    stream.reset();
    stream.owner.wasReset(stream, NO_ERROR, false);
  }

  hasOutput(): void {
    this.#end.writeLater();
  }

  goAwayArrived(): void {
    this.rest();
  }

  streamClosed(): void {
    if (this.#gone || this.core.failed) return;
    this.rest();
    this.#owner.roomChanged(this);
  }

  connectionFailed(): void {
    this.#close();
  }

  socketClosed(): void {
    this.#leave();
    this.core.closed(NO_ERROR);
  }

  destroy(): void {
    if (this.#gone) return;
    this.#leave();
    this.#end.destroy();
    this.core.closed(NO_ERROR);
  }

  #close(): void {
    if (this.#gone) return;
    this.#leave();
    this.core.drain();
    this.#end.end();
    this.#end.socket.once('end', () => this.#end.socket.destroy());
    this.#idle.start(1000);
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#idle.stop();
    this.#life?.stop();
    this.#owner.connectionGone(this);
  }

  timerFired(kind: number): void {
    if (kind === LIFE) {
      this.connection.endpoint.cluster.count('upstream_cx_max_duration_reached');
      this.retire();
    } else if (this.#gone) this.#end.destroy();
    else if (this.core.streams.size + this.reserved === 0) {
      this.connection.endpoint.cluster.count('upstream_cx_idle_timeout');
      this.#close();
    }
  }
}
