/**
 * One downstream HTTP/1.1 connection: bytes in, requests one after the other, answers in order, time-outs, close. It owns its socket
 * until it ends or becomes a tunnel.
 */
import type { Socket } from 'node:net';
import {
  type Http1Fault,
  RequestReader,
  STEP_BODY,
  STEP_END,
  STEP_FAULT,
  STEP_HEAD,
  writeStatusLine,
} from '@weft/wire/http1';
import type { DownstreamConnection, ReusableTimer, TimerTarget } from '../ports.ts';
import { letGo } from './turn.ts';
import { ResponseFlag } from '../response-flags.ts';
import type { UpstreamClient } from '../router/upstream-client.ts';
import { readShared } from '../transport/accepted-reads.ts';
import { resetSocket } from '../transport/reset.ts';
import { AnswerWriter } from './answer-writer.ts';
import { Exchange } from './exchange.ts';
import { type RequestTarget, targetOf } from './known-targets.ts';
import { type CanonicalHost, LastHost } from './last-host.ts';
import type { ManagerContext } from './manager-context.ts';
import { latin1Text } from './octets.ts';
import { beginsHttp2, joined } from './preface.ts';
import { refusalError } from './refusal-error.ts';
import type { DownstreamStream } from './stream.ts';
import { SocketSide, type TunnelSide } from './tunnel-side.ts';
import { Tunnel, type TunnelOwner } from './tunnel.ts';

export interface ConnectionOwner {
  readonly draining: boolean;
  connectionEnded(connection: ServerConnection): void;
  /** The connection speaks HTTP/2: `early` are its first octets. It has let go of the socket. */
  becomesHttp2(connection: ServerConnection, early: Uint8Array): void;
}

const OPEN = 0;
const TUNNEL = 1;
/** The last answer is written; what still arrives is thrown away. */
const CLOSING = 2;
const CLOSED = 3;

const TIMER_ACTIVITY = 1;
const TIMER_REQUEST = 2;
const TIMER_LIFE = 3;
const TIMER_STREAM = 4;

export class ServerConnection extends AnswerWriter implements TimerTarget, TunnelOwner, DownstreamStream {
  readonly downstream: DownstreamConnection;
  readonly exchange: Exchange;
  readonly #reader: RequestReader;
  readonly #owner: ConnectionOwner;
  /** By phase: idle connection, unfinished head, idle stream, delayed close. */
  readonly #activity: ReusableTimer;
  readonly #requestTimer: ReusableTimer | undefined;
  #streamTimer: ReusableTimer | undefined;
  #phase = OPEN;
  #requests = 0;
  /** The current request is read to its end; the next one waits for the answer. */
  #requestRead = false;
  #reading = true;
  #pumping = false;
  #expired = false;
  #tunnel: Tunnel | undefined;
  readonly #lastHost = new LastHost();

  constructor(downstream: DownstreamConnection, context: ManagerContext, owner: ConnectionOwner) {
    super(context, downstream.socket);
    this.downstream = downstream;
    this.#owner = owner;
    this.#reader = new RequestReader(context.limits, latin1Text);
    this.exchange = new Exchange(this, context, downstream, this.#reader);
    const { timers } = context.runtime;
    const { timeouts } = context.manager;
    this.#activity = timers.create(this, TIMER_ACTIVITY);
    this.#requestTimer = timeouts.request > 0 ? timers.create(this, TIMER_REQUEST) : undefined;
    this.#streamTimer = timeouts.maxStreamDuration > 0 ? timers.create(this, TIMER_STREAM) : undefined;
    if (timeouts.maxConnectionDuration > 0) timers.create(this, TIMER_LIFE).start(timeouts.maxConnectionDuration);
  }

  /** `sniff`: the first octets may be HTTP/2's preface. */
  start(sniff: boolean): void {
    const { socket } = this;
    readShared(socket);
    socket.on('data', sniff ? this.#onFirst : this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
    this.#activity.start(this.context.manager.timeouts.idle);
    socket.resume();
  }

  /** The answer at hand must be the connection's last one. */
  get mustClose(): boolean {
    const limit = this.context.manager.maxRequestsPerConnection;
    return this.#expired || this.#owner.draining || this.context.asksToGo || (limit > 0 && this.#requests >= limit);
  }

  get openExchanges(): number {
    return this.exchange.active ? 1 : 0;
  }

  /** Cuts an answer whose end the client could only tell by the connection's: it must see a reset, not an end. */
  reset(): void {
    if (this.#phase === CLOSED) return;
    resetSocket(this.socket);
    this.#closed();
  }

  /** Closes now when nothing is under way; otherwise the answer at hand carries `connection: close`. */
  drain(): void {
    if (this.#phase === OPEN && !this.exchange.active && this.#reader.isIdle) this.#close();
  }

  destroy(): void {
    if (this.#phase === CLOSED) return;
    this.#tunnel?.destroy();
    this.socket.destroy();
    this.#closed();
  }

  // --------------------------------------------------------------------------------------------------------------------- bytes in

  readonly #onFirst = (chunk: Uint8Array): void => {
    if (this.#phase !== OPEN) return;
    const early = this.#early === undefined ? chunk : joined(this.#early, chunk);
    this.#early = early;
    const http2 = beginsHttp2(early);
    if (http2 === undefined) return;
    const { socket } = this;
    this.#early = undefined;
    socket.off('data', this.#onFirst);
    if (!http2) {
      socket.on('data', this.#onData);
      this.#onData(early);
      return;
    }
    this.#phase = CLOSED;
    this.#activity.stop();
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.off('close', this.#onClose);
    this.#owner.becomesHttp2(this, early);
  };
  #early: Uint8Array | undefined;

  readonly #onData = (chunk: Uint8Array): void => {
    if (this.#phase !== OPEN) return;
    this.#reader.feed(chunk, 0, chunk.length);
    if (this.#requestRead) {
      // The next request came before this one was answered: it waits, and so does the client.
      this.stopReading();
      return;
    }
    const { clock } = this.context.runtime;
    const held = clock.hold();
    try {
      this.#pump();
    } finally {
      if (held) clock.release();
    }
  };

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      this.#readRequests();
    } catch (error) {
      this.exchange.defect(error);
    }
    this.#pumping = false;
  }

  #readRequests(): void {
    const reader = this.#reader;
    const { exchange } = this;
    while (this.#phase === OPEN && !this.#requestRead) {
      const step = reader.next();
      if (step === STEP_HEAD) {
        this.#requests += 1;
        this.#activity.start(this.#streamIdle());
        this.#requestTimer?.start(this.context.manager.timeouts.request);
        this.#streamTimer?.start(this.context.manager.timeouts.maxStreamDuration);
        exchange.begin();
      } else if (step === STEP_BODY) {
        if (exchange.active) exchange.requestBody(reader.bytes, reader.body.sliceStart, reader.body.sliceEnd);
      } else if (step === STEP_END) {
        this.#requestRead = true;
        this.#requestTimer?.stop();
        exchange.proceed(true);
      } else if (step === STEP_FAULT) {
        this.#refuse(reader.fault);
      } else {
        if (exchange.active) {
          exchange.proceed(false);
          this.touch();
        } else if (!reader.isIdle) this.#headUnderWay();
        break;
      }
    }
  }

  /** Part of a head is here: the header time-out runs from its first byte. */
  #headUnderWay(): void {
    const { requestHeaders, request } = this.context.manager.timeouts;
    if (requestHeaders > 0 && !this.#headTimed) {
      this.#headTimed = true;
      this.#activity.start(requestHeaders);
    }
    if (request > 0 && this.#requestTimer?.running === false) this.#requestTimer.start(request);
  }
  #headTimed = false;

  #refuse(fault: Http1Fault): void {
    this.exchange.refuse(refusalError(fault), `http1.${fault.code}`, fault.status);
  }

  #streamIdle(): number {
    this.#headTimed = false;
    return this.context.manager.timeouts.streamIdle;
  }

  /** Something moved: the stream is not idle. */
  touch(): void {
    if (this.exchange.active)
      this.#activity.start(this.exchange.plan?.forward?.idleTimeout ?? this.context.manager.timeouts.streamIdle);
  }

  limitDuration(ms: number): void {
    if (ms === 0) this.#streamTimer?.stop();
    else (this.#streamTimer ??= this.context.runtime.timers.create(this, TIMER_STREAM)).start(ms);
  }

  stopReading(): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.socket.pause();
  }

  readOn(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.socket.resume();
  }

  readonly awaitsEnd = false;

  // -------------------------------------------------------------------------------------------------------------------- the ends

  /** The exchange is over; `keep`: the next request may follow. */
  exchangeEnded(keep: boolean): void {
    if (this.#phase === TUNNEL || this.#phase === CLOSED) return;
    if (!keep) {
      this.#close();
      return;
    }
    this.#requestRead = false;
    this.#streamTimer?.stop();
    this.#activity.start(this.context.manager.timeouts.idle);
    if (this.#pumping) return;
    this.readOn();
    if (this.#reader.buffered > 0) this.#pump();
  }

  /** Ends our side; the client gets the time of the delayed close to read the answer. */
  #close(): void {
    if (this.#phase === CLOSING || this.#phase === CLOSED) return;
    this.#phase = CLOSING;
    this.#requestTimer?.stop();
    letGo(this.socket);
    this.socket.end();
    this.#activity.start(this.context.manager.timeouts.delayedClose || 1000);
    this.#reading = true;
    this.socket.resume();
  }

  readonly #onEnd = (): void => {
    if (this.#phase === OPEN) {
      if (this.exchange.active) this.exchange.downstreamClosed();
      else this.#close();
    }
  };

  readonly #onDrain = (): void => {
    this.exchange.router.client?.resumeReading();
  };

  readonly #onClose = (): void => {
    if (this.#phase === TUNNEL) return;
    this.#closed();
  };

  #closed(): void {
    if (this.#phase === CLOSED) return;
    this.#phase = CLOSED;
    this.#activity.stop();
    this.#requestTimer?.stop();
    this.#streamTimer?.stop();
    this.exchange.downstreamClosed();
    this.#owner.connectionEnded(this);
  }

  timerFired(kind: number): void {
    if (this.#phase === TUNNEL && kind === TIMER_STREAM) {
      this.exchange.flags |= ResponseFlag.durationTimeout;
      this.#tunnel?.destroy();
    }
    if (this.#phase === CLOSED || this.#phase === TUNNEL) return;
    if (kind === TIMER_LIFE) {
      this.#expired = true;
      this.drain();
      return;
    }
    if (this.#phase === CLOSING) {
      this.socket.destroy();
      return;
    }
    const { exchange } = this;
    if (kind === TIMER_STREAM) {
      if (exchange.active) exchange.timeOut('max-stream-duration');
    } else if (kind === TIMER_REQUEST) exchange.refuse('request-timeout', 'request_overall_timeout', 408);
    else if (exchange.active) exchange.timeOut('stream-idle-timeout');
    else if (this.#reader.isIdle) this.#close();
    else exchange.refuse('request-header-timeout', 'request_header_timeout', 408);
  }

  // ------------------------------------------------------------------------------------------------------------------- tunnels

  grantConnect(exchange: Exchange, upstream: Socket): void {
    const out = this.context.downstreamOut;
    writeStatusLine(out, 200, 'OK');
    exchange.response.write(out);
    out.crlf();
    this.write(out.take());
    this.#tunnelTo(new SocketSide(upstream, NOTHING));
  }

  startTunnel(client: UpstreamClient): void {
    this.write(this.context.downstreamOut.take());
    this.#tunnelTo(client.tunnelSide());
  }

  /** From now on bytes go between the client and `upstream` as they are. */
  #tunnelTo(upstream: TunnelSide): void {
    this.#phase = TUNNEL;
    this.#activity.stop();
    this.#requestTimer?.stop();
    const { socket } = this;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.off('close', this.#onClose);
    const idle = this.exchange.plan?.forward?.idleTimeout ?? this.context.manager.timeouts.streamIdle;
    const own = new SocketSide(socket, this.#reader.takeRest());
    this.#tunnel = new Tunnel(own, upstream, this, this.context.runtime.timers, idle);
    this.#tunnel.start([]);
  }

  tunnelled(fromDownstream: boolean, octets: number): void {
    if (fromDownstream) this.exchange.bytesReceived += octets;
    else this.exchange.bytesSent += octets;
  }

  tunnelEnded(): void {
    if (this.#phase === CLOSED) return;
    this.#tunnel = undefined;
    this.exchange.finish();
    this.#phase = CLOSED;
    this.#owner.connectionEnded(this);
  }

  // ------------------------------------------------------------------------------------------------------ text of the current head

  canonicalHost(): CanonicalHost {
    return this.#lastHost.of(this.#reader, this.context, this.downstream.local.port);
  }

  /** Path and query as sent. */
  sentTarget(): RequestTarget {
    const reader = this.#reader;
    return targetOf(reader.head.bytes, reader.pathStart, reader.pathEnd);
  }
}

const NOTHING = new Uint8Array(0);

function ignore(): void {}
