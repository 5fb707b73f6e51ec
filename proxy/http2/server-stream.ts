/**
 * One downstream HTTP/2 stream: the request's source and the answer's sink of an exchange. A slot serves one stream after the other, so that
 * an exchange, its timers and its head are made once.
 */
import type { Socket } from 'node:net';
import { canonicalHost } from '@weft/core/decide';
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  type BodyKind,
  type ConnectionOptions,
  equalsText,
  type FieldBlock,
  octetsOf,
  type TargetForm,
} from '@weft/wire/http1';
import { CONNECT_ERROR, type Http2Stream, INTERNAL_ERROR, MessageHead, type StreamOwner } from '@weft/wire/http2';
import { Exchange } from '../http/exchange.ts';
import { type RequestTarget, targetOf } from '../http/known-targets.ts';
import type { CanonicalHost } from '../http/last-host.ts';
import type { ManagerContext } from '../http/manager-context.ts';
import { latin1Text } from '../http/octets.ts';
import type { AnswerSource, DownstreamStream, RequestSource } from '../http/stream.ts';
import { SocketSide, type TunnelSide } from '../http/tunnel-side.ts';
import { Tunnel, type TunnelOwner } from '../http/tunnel.ts';
import type { DownstreamConnection, ReusableTimer, TimerTarget } from '../ports.ts';
import { ResponseFlag } from '../response-flags.ts';
import type { UpstreamClient } from '../router/upstream-client.ts';
import { LEFT } from './left-stream.ts';
import { StreamSide } from './stream-side.ts';
import { encodeTrailers } from './trailers.ts';

const TIMER_IDLE = 1;
const TIMER_REQUEST = 2;
const TIMER_DURATION = 3;

const OPTIONS: ConnectionOptions = { close: false, keepAlive: true, upgrade: false, nominates: false };

export interface StreamSlotOwner {
  slotFree(slot: Http2ServerStream): void;
}

export class Http2ServerStream implements StreamOwner, DownstreamStream, RequestSource, TimerTarget, TunnelOwner {
  readonly exchange: Exchange;
  readonly messageHead: MessageHead;
  readonly body: { kind: BodyKind; trailers: FieldBlock | undefined } = { kind: BODY_NONE, trailers: undefined };
  readonly connection = OPTIONS;
  readonly minor = 2;
  readonly keepAlive = true;
  readonly expectation = 'none';
  readonly upgradeField = -1;
  form: TargetForm = 'origin';
  protocol = '';
  readonly #context: ManagerContext;
  readonly #downstream: DownstreamConnection;
  readonly #owner: StreamSlotOwner;
  readonly #idle: ReusableTimer;
  readonly #request: ReusableTimer | undefined;
  #duration: ReusableTimer | undefined;
  #stream: Http2Stream | undefined;
  #paused = false;
  /** Octets of the body not given back to the peer's window yet. */
  #held = 0;
  #full = false;

  constructor(context: ManagerContext, downstream: DownstreamConnection, owner: StreamSlotOwner) {
    this.#context = context;
    this.#downstream = downstream;
    this.#owner = owner;
    this.messageHead = new MessageHead(context.limits.fields, latin1Text);
    this.exchange = new Exchange(this, context, downstream, this);
    const { timers } = context.runtime;
    const { timeouts } = context.manager;
    this.#idle = timers.create(this, TIMER_IDLE);
    this.#request = timeouts.request > 0 ? timers.create(this, TIMER_REQUEST) : undefined;
    this.#duration = timeouts.maxStreamDuration > 0 ? timers.create(this, TIMER_DURATION) : undefined;
  }

  /** Serves that stream from now on. */
  take(stream: Http2Stream): void {
    this.#stream = stream;
    this.#paused = false;
    this.#held = 0;
    this.#full = false;
    this.#isFree = false;
    this.body.trailers = undefined;
  }

  /** The head is larger than allowed. */
  refuseHead(): void {
    this.exchange.refuse('request-headers-too-large', 'http2.headers_too_large', 431);
  }

  // ---------------------------------------------------------------------------------------------------------------- the request

  get head(): FieldBlock {
    return this.messageHead.fields;
  }
  get method(): string {
    return this.messageHead.method;
  }
  get pathStart(): number {
    return this.messageHead.pathStart;
  }
  get pathEnd(): number {
    return this.messageHead.pathEnd;
  }
  get hostStart(): number {
    return this.messageHead.hostStart;
  }
  get hostEnd(): number {
    return this.messageHead.hostEnd;
  }

  headArrived(_stream: Http2Stream, ended: boolean): void {
    const { messageHead, exchange } = this;
    const { timeouts } = this.#context.manager;
    const connects = messageHead.method === 'CONNECT';
    this.protocol = messageHead.protocol;
    if (this.protocol !== '') messageHead.method = 'GET';
    const asterisk = messageHead.fields.bytes[messageHead.pathStart] === ASTERISK;
    this.form = connects && this.protocol === '' ? 'authority' : asterisk ? 'asterisk' : 'origin';
    this.body.kind = ended || connects ? BODY_NONE : messageHead.contentLength >= 0 ? BODY_LENGTH : BODY_CHUNKED;
    this.#idle.start(timeouts.streamIdle);
    // It is over with the request's end, which may be here.
    if (!ended) this.#request?.start(timeouts.request);
    this.#duration?.start(timeouts.maxStreamDuration);
    try {
      exchange.begin();
      if (!this.awaitsEnd) this.#proceed(ended);
    } catch (error) {
      exchange.defect(error);
    }
  }

  dataArrived(stream: Http2Stream, bytes: Uint8Array, start: number, end: number): void {
    const { exchange } = this;
    if (!exchange.active) {
      stream.consumed(end - start);
      return;
    }
    try {
      exchange.requestBody(bytes, start, end);
      this.#held += end - start;
      if (!this.awaitsEnd) exchange.proceed(false);
      this.touch();
      if (!this.#paused) this.#giveBack();
    } catch (error) {
      exchange.defect(error);
    }
  }

  endArrived(_stream: Http2Stream, trailers: boolean): void {
    this.body.trailers = trailers ? this.messageHead.trailers : undefined;
    if (!this.exchange.active) return;
    try {
      this.#proceed(true);
    } catch (error) {
      this.exchange.defect(error);
    }
  }

  /**
   * All of the announced content is here and END_STREAM is not: what is missing must not go on, as with it an HTTP/1.1 upstream would have a
   * whole request of one that may yet turn out to be malformed (RFC 9113, 8.1.1).
   */
  get awaitsEnd(): boolean {
    const stream = this.#stream;
    if (stream === undefined) return false;
    const tunnels = this.protocol !== '' || this.form === 'authority';
    return stream.expected === 0 && !stream.remoteEnded && !tunnels && !this.exchange.decided;
  }

  #proceed(ended: boolean): void {
    if (ended) this.#request?.stop();
    this.exchange.proceed(ended);
  }

  wasReset(_stream: Http2Stream, _error: number, remote: boolean): void {
    const { exchange } = this;
    this.#stream = undefined;
    if (!exchange.active) {
      this.#free();
      return;
    }
    if (!remote) exchange.flags |= ResponseFlag.downstreamProtocolError;
    exchange.downstreamClosed();
  }

  hasRoom(): void {
    if (!this.#full) return;
    this.#full = false;
    this.exchange.router.client?.resumeReading();
  }

  #giveBack(): void {
    const held = this.#held;
    this.#held = 0;
    this.#stream?.consumed(held);
  }

  stopReading(): void {
    this.#paused = true;
  }

  readOn(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#giveBack();
  }

  // ------------------------------------------------------------------------------------------------------------------ the answer

  /** They may wait for the client's window. */
  get holdsBytes(): boolean {
    return true;
  }

  get mustClose(): boolean {
    return false;
  }

  /** RFC 9110, 10.1.1: the upstream's own 100 is not waited for; HTTP/2 clients do not wait either. */
  writeContinue(): void {}

  writeHead(exchange: Exchange, _source: AnswerSource | undefined): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    const { connection } = stream;
    const { encoder, out } = connection;
    connection.beginBlock(stream);
    encoder.status(out, exchange.status);
    exchange.response.encode(encoder, out);
    connection.endBlock(stream, false);
  }

  writeBody(_exchange: Exchange, bytes: Uint8Array, start: number, end: number): void {
    if (this.#stream?.send(bytes, start, end) === false) this.#full = true;
  }

  writeText(text: string): void {
    if (text === '') return;
    this.#stream?.send(octetsOf(text), 0, text.length);
  }

  flushAnswer(): boolean {
    return !this.#full;
  }

  writeEnd(_exchange: Exchange, trailers: FieldBlock | undefined): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    if (trailers === undefined) {
      stream.end();
      return;
    }
    if (!stream.isBlocked) stream.endWithTrailers(() => encodeTrailers(stream, trailers));
    else {
      // The upstream's memory goes with its exchange; these have to wait for the client.
      const kept = keep(trailers);
      stream.endWithTrailers(() => {
        for (const [name, value] of kept) stream.connection.encoder.text(stream.connection.out, name, value);
      });
    }
  }

  touch(): void {
    const { exchange } = this;
    if (exchange.active)
      this.#idle.start(exchange.plan?.forward?.idleTimeout ?? this.#context.manager.timeouts.streamIdle);
  }

  limitDuration(ms: number): void {
    if (ms === 0) this.#duration?.stop();
    else (this.#duration ??= this.#context.runtime.timers.create(this, TIMER_DURATION)).start(ms);
  }

  exchangeEnded(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined && !stream.closed) {
      stream.owner = LEFT;
      stream.consumed(this.#held);
      if (!stream.remoteEnded && stream.endSent) stream.stopReading();
    }
    this.#free();
  }

  reset(): void {
    this.destroy();
  }

  /** The answer is cut: a reset says so. */
  destroy(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.reset(INTERNAL_ERROR);
    this.#free();
  }

  #isFree = true;
  #free(): void {
    this.#idle.stop();
    this.#request?.stop();
    this.#duration?.stop();
    if (this.#isFree) return;
    this.#isFree = true;
    this.#owner.slotFree(this);
  }

  timerFired(kind: number): void {
    const { exchange } = this;
    if (!exchange.active) return;
    if (this.#tunnel !== undefined) {
      exchange.flags |= ResponseFlag.durationTimeout;
      this.#tunnel.destroy();
    } else if (kind === TIMER_DURATION) exchange.timeOut('max-stream-duration');
    else if (kind === TIMER_REQUEST) exchange.refuse('request-timeout', 'request_overall_timeout', 408);
    else exchange.timeOut('stream-idle-timeout');
  }

  // ------------------------------------------------------------------------------------------------------- text of the current head

  canonicalHost(): CanonicalHost {
    const { bytes } = this.head;
    const { hostStart: start, hostEnd: end } = this;
    if (equalsText(bytes, start, end, this.#hostSent)) return this.#host;
    const sent = latin1Text(bytes, start, end);
    const canonical = canonicalHost(sent, this.#context.manager, this.#downstream.local.port);
    this.#hostSent = sent;
    this.#host = { canonical, spelled: sent, changed: canonical.length !== sent.length };
    return this.#host;
  }
  /** The last host of this slot, and what it means. */
  #hostSent = '';
  #host: CanonicalHost = { canonical: '', spelled: '', changed: false };

  sentTarget(): RequestTarget {
    return targetOf(this.head.bytes, this.pathStart, this.pathEnd);
  }

  // -------------------------------------------------------------------------------------------------------------------- tunnels

  startTunnel(client: UpstreamClient): void {
    this.#tunnelTo(client.tunnelSide());
  }

  grantConnect(exchange: Exchange, upstream: Socket): void {
    this.writeHead(exchange, undefined);
    this.#tunnelTo(new SocketSide(upstream, NOTHING));
  }

  #tunnelTo(upstream: TunnelSide): void {
    const { exchange } = this;
    const early = exchange.router.body.takeWithheld();
    const stream = this.#stream;
    if (stream === undefined) {
      upstream.reset();
      return;
    }
    this.#idle.stop();
    this.#request?.stop();
    const { timers } = this.#context.runtime;
    const idle = exchange.plan?.forward?.idleTimeout ?? this.#context.manager.timeouts.streamIdle;
    this.#tunnel = new Tunnel(new StreamSide(stream, this.messageHead, CONNECT_ERROR), upstream, this, timers, idle);
    this.#tunnel.start(early);
    this.#paused = false;
    this.#giveBack();
  }

  tunnelled(fromDownstream: boolean, octets: number): void {
    if (fromDownstream) this.exchange.bytesReceived += octets;
    else this.exchange.bytesSent += octets;
  }

  tunnelEnded(): void {
    this.#tunnel = undefined;
    this.exchange.finish();
  }
  #tunnel: Tunnel | undefined;
}

const ASTERISK = 42;
const NOTHING = new Uint8Array(0);

function keep(trailers: FieldBlock): readonly (readonly [string, string])[] {
  const kept: [string, string][] = [];
  for (let index = 0; index < trailers.count; index += 1)
    if (!trailers.dropped(index)) kept.push([trailers.name(index).toLowerCase(), trailers.value(index)]);
  return kept;
}
