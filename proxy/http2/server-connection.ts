/** One downstream HTTP/2 connection: its streams' slots, idle time, drain and close. */
import { Http2Connection, type ConnectionOwner, type Http2Stream, NO_ERROR, type StreamOwner } from '@weft/wire/http2';
import type { ManagerContext } from '../http/manager-context.ts';
import type { DownstreamConnection, ReusableTimer, TimerTarget } from '../ports.ts';
import { Http2ServerStream, type StreamSlotOwner } from './server-stream.ts';
import { SocketEnd, type SocketEndOwner } from './socket-end.ts';
import { windowsOf } from './windows.ts';

export interface ServerConnectionOwner {
  readonly draining: boolean;
  connectionEnded(connection: Http2ServerConnection): void;
}

const TIMER_IDLE = 1;
const TIMER_LIFE = 2;
const TIMER_CLOSE = 3;
const TIMER_DRAIN = 4;
/** Slots kept for other streams, about 5 kB each: one is dear to make, and bursts leave none in use in between. */
const MAX_FREE_SLOTS = 64;
/** How long a peer may take to answer our first GOAWAY. */
const DRAIN_WAIT = 1000;

export class Http2ServerConnection implements ConnectionOwner, SocketEndOwner, StreamSlotOwner, TimerTarget {
  readonly #context: ManagerContext;
  readonly #downstream: DownstreamConnection;
  readonly #owner: ServerConnectionOwner;
  readonly #core: Http2Connection;
  readonly #end: SocketEnd;
  readonly #idle: ReusableTimer;
  readonly #closing: ReusableTimer;
  readonly #draining: ReusableTimer;
  readonly #slots: Http2ServerStream[] = [];
  #active = 0;
  #requests = 0;
  #over = false;
  #shedding = false;

  constructor(downstream: DownstreamConnection, context: ManagerContext, owner: ServerConnectionOwner) {
    this.#context = context;
    this.#downstream = downstream;
    this.#owner = owner;
    const { manager, http2, runtime } = context;
    this.#core = new Http2Connection(
      true,
      { ...windowsOf(manager.http2), maxHeaderListSize: context.limits.headOctets },
      this,
      http2.memory,
    );
    this.#end = new SocketEnd(downstream.socket, this.#core, this, http2);
    this.#idle = runtime.timers.create(this, TIMER_IDLE);
    this.#closing = runtime.timers.create(this, TIMER_CLOSE);
    this.#draining = runtime.timers.create(this, TIMER_DRAIN);
    const { maxConnectionDuration } = manager.timeouts;
    if (maxConnectionDuration > 0) runtime.timers.create(this, TIMER_LIFE).start(maxConnectionDuration);
  }

  /** `early`: octets that were read to tell the version. */
  start(early: Uint8Array | undefined): void {
    const { socket } = this.#downstream;
    this.#end.start();
    socket.on('data', this.#onData);
    this.#core.start();
    this.#idle.start(this.#context.manager.timeouts.idle);
    if (early !== undefined) this.#onData(early);
    socket.resume();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (this.#over) return;
    const { clock } = this.#context.runtime;
    const held = clock.hold();
    try {
      this.#core.receive(chunk, 0, chunk.length);
    } catch (error) {
      // A defect of ours outside of an exchange: it costs this connection only.
      this.#context.runtime.log.write('http', 'critical', 'defect: a connection was cut', {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      this.destroy();
    } finally {
      if (held) clock.release();
    }
  };

  get openExchanges(): number {
    return this.#active;
  }

  // --------------------------------------------------------------------------------------------------------------------- streams

  accept(stream: Http2Stream): StreamOwner {
    const { maxRequestsPerConnection } = this.#context.manager;
    this.#requests += 1;
    this.#idle.stop();
    const expired = maxRequestsPerConnection > 0 && this.#requests >= maxRequestsPerConnection;
    if (expired || this.#owner.draining || this.#context.asksToGo) this.drain();
    else if (this.#context.runtime.overload.closesConnections) this.#shed();
    const slot = this.#slots.pop() ?? new Http2ServerStream(this.#context, this.#downstream, this);
    slot.take(stream);
    this.#active += 1;
    return slot;
  }

  headTooLarge({ owner }: Http2Stream): void {
    if (owner instanceof Http2ServerStream) owner.refuseHead();
  }

  slotFree(slot: Http2ServerStream): void {
    this.#active -= 1;
    if (this.#slots.length < MAX_FREE_SLOTS) this.#slots.push(slot);
  }

  streamClosed(): void {
    if (this.#core.streams.size > 0 || this.#over) return;
    if (this.#core.drainConfirmed) this.#close();
    else this.#idle.start(this.#context.manager.timeouts.idle);
  }

  hasOutput(): void {
    this.#end.writeLater();
  }

  goAwayArrived(): void {
    if (this.#core.streams.size === 0) this.#close();
  }

  // ------------------------------------------------------------------------------------------------------------------------ ends

  #shed(): void {
    if (!this.#shedding) this.#context.overloadCloses.add(1);
    this.#shedding = true;
    this.drain();
  }

  /** GOAWAY; what is under way goes on. */
  drain(): void {
    if (this.#over) return;
    this.#core.drain();
    this.#draining.start(DRAIN_WAIT);
  }

  destroy(): void {
    if (this.#over) return;
    this.#over = true;
    this.#core.closed(NO_ERROR);
    this.#end.destroy();
    this.#ended();
  }

  connectionFailed(): void {
    this.#close();
  }

  socketClosed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#core.closed(NO_ERROR);
    this.#ended();
  }

  /** Ends our side; the peer gets the time of the delayed close to read it. */
  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#end.end();
    this.#idle.stop();
    this.#closing.start(this.#context.manager.timeouts.delayedClose || 1000);
    this.#ended();
  }

  #ended(): void {
    this.#idle.stop();
    this.#draining.stop();
    this.#owner.connectionEnded(this);
  }

  timerFired(kind: number): void {
    if (kind === TIMER_CLOSE) this.#end.destroy();
    else if (this.#over) return;
    else if (kind === TIMER_LIFE) this.drain();
    else if (kind === TIMER_DRAIN) {
      this.#core.confirmDrain();
      if (this.#core.streams.size === 0) this.#close();
    } else if (this.#core.streams.size === 0) {
      this.#core.drain();
      this.#core.confirmDrain();
      this.#close();
    }
  }
}
