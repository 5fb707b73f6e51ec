/** One upstream HTTP/1.1 connection of a pool: at most one exchange at a time. Octets nobody asked for end it. */
import type { Socket } from 'node:net';
import { type ReaderLimits, ResponseReader, STEP_END, writeRequestLine } from '@weft/wire/http1';
import { SocketSide, type TunnelSide } from '../http/tunnel-side.ts';
import { completeWebSocketRequest } from '../http/websocket.ts';
import { latin1Text } from '../http/octets.ts';
import type {
  EndpointRuntime,
  ReadReceiver,
  ReusableTimer,
  SharedReads,
  TimerTarget,
  TimerWheel,
  UpstreamConnection,
} from '../ports.ts';
import type { RequestBody } from './request-body.ts';
import type { OutgoingRequest, ResponseTarget, UpstreamClient } from './upstream-client.ts';

/** The pool that owns a client. */
export interface ClientOwner {
  clientGone(client: Http1Client): void;
}

/** Of octets that nobody asked for. */
const HOLDS = { holdsBytes: true };

const IDLE = 0;
const LIFE = 1;
/** Envoy's defaults for responses. */
const LIMITS: ReaderLimits = { headOctets: 60 * 1024, fields: 100 };

export class Http1Client implements TimerTarget, ReadReceiver, UpstreamClient {
  readonly connection: UpstreamConnection;
  readonly endpoint: EndpointRuntime;
  readonly socket: Socket;
  readonly reader: ResponseReader;
  /** The try at work; undefined: idle. */
  target: ResponseTarget | undefined;
  headIsShared = false;
  bodyMayStay = false;
  /** Exchanges begun. */
  served = 0;
  /** Must not serve another exchange. */
  closeAfter = false;
  closed = false;
  readonly #owner: ClientOwner;
  readonly #idleTimer: ReusableTimer;
  readonly #lifeTimer: ReusableTimer | undefined;
  readonly #reads: SharedReads | undefined;
  #detached = false;

  /** `reads`: how a plaintext connection's bytes come; undefined: by 'data' events. */
  constructor(connection: UpstreamConnection, owner: ClientOwner, timers: TimerWheel, reads: SharedReads | undefined) {
    this.connection = connection;
    this.endpoint = connection.endpoint;
    this.socket = connection.socket;
    this.#owner = owner;
    this.reader = new ResponseReader(LIMITS, latin1Text);
    this.#idleTimer = timers.create(this, IDLE);
    const { maxConnectionDuration } = this.endpoint.cluster.config;
    if (maxConnectionDuration > 0) {
      this.#lifeTimer = timers.create(this, LIFE);
      this.#lifeTimer.start(maxConnectionDuration);
    }
    const { socket } = this;
    this.#reads = reads;
    if (reads !== undefined) {
      reads.receiver = this;
      reads.keeps = true;
    }
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
    socket.resume();
  }

  /** Begins an exchange. */
  begin(target: ResponseTarget, method: string): void {
    this.target = target;
    this.served += 1;
    this.#idleTimer.stop();
    this.reader.expect(method);
    const limit = this.endpoint.cluster.config.maxRequestsPerConnection;
    if (limit > 0 && this.served >= limit) {
      this.closeAfter = true;
      this.endpoint.cluster.count('upstream_cx_max_requests');
    }
  }

  sendHead(request: OutgoingRequest, chunked: boolean): void {
    const { head, reader } = request;
    const out = request.context.upstreamOut;
    out.discard();
    if (request.target === undefined) {
      out.text(head.method);
      out.text(' ');
      out.octets(reader.head.bytes, reader.pathStart, reader.pathEnd);
      out.text(' HTTP/1.1\r\n');
    } else writeRequestLine(out, head.method, request.target);
    completeWebSocketRequest(request);
    head.edit.write(out);
    if (request.upgrade !== '') {
      out.text('connection: Upgrade\r\n');
      out.field('upgrade', request.upgrade);
    }
    if (chunked) out.text('transfer-encoding: chunked\r\n');
    out.crlf();
  }

  sendBody(request: OutgoingRequest, body: RequestBody): boolean {
    return body.flush(request.context.upstreamOut, this.socket);
  }

  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  /** The exchange is over and the connection may serve another; closes itself after the cluster's idle time-out. */
  becomeIdle(): void {
    this.target = undefined;
    this.#idleTimer.start(this.endpoint.cluster.config.idleTimeout);
  }

  /** Whether a request may be sent now. */
  get usable(): boolean {
    return !this.closed && !this.closeAfter && this.socket.writable && this.reader.isIdle;
  }

  destroy(): void {
    if (this.closed) return;
    this.socket.destroy();
    this.#gone();
  }

  tunnelSide(): TunnelSide {
    const rest = this.reader.takeRest();
    return new SocketSide(this.#detach(), rest);
  }

  #detach(): Socket {
    this.#detached = true;
    const { socket } = this;
    if (this.#reads !== undefined) {
      this.#reads.receiver = undefined;
      this.#reads.keeps = false;
    }
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.off('error', ignore);
    socket.off('close', this.#onClose);
    this.target = undefined;
    this.#gone();
    return socket;
  }

  timerFired(kind: number): void {
    if (kind === LIFE) {
      this.closeAfter = true;
      this.endpoint.cluster.count('upstream_cx_max_duration_reached');
    } else if (this.target === undefined && !this.closed) this.endpoint.cluster.count('upstream_cx_idle_timeout');
    if (this.target === undefined) this.destroy();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.headIsShared = false;
    this.bodyMayStay = true;
    this.#arrived(chunk, chunk.length);
  };

  received(bytes: Uint8Array, length: number): void {
    const reads = this.#reads as SharedReads;
    this.headIsShared = true;
    this.bodyMayStay = reads.owned;
    const { target } = this;
    this.#arrived(bytes, length);
    if (reads.owned) reads.holder = target ?? HOLDS;
  }

  #arrived(bytes: Uint8Array, length: number): void {
    if (this.target === undefined) {
      this.destroy();
      return;
    }
    this.reader.feed(bytes, 0, length);
    this.target.responseArrived(this);
  }

  readonly #onDrain = (): void => this.target?.upstreamDrained();
  readonly #onEnd = (): void => this.#ended();
  readonly #onClose = (): void => this.#ended();

  #ended(): void {
    if (this.closed || this.#detached) return;
    const { target } = this;
    const complete = target !== undefined && !this.reader.isIdle && this.reader.finish() === STEP_END;
    this.socket.destroy();
    this.#gone();
    this.target = undefined;
    target?.upstreamClosed(this, complete, 'closed');
  }

  #gone(): void {
    if (this.closed) return;
    this.closed = true;
    this.#idleTimer.stop();
    this.#lifeTimer?.stop();
    this.#owner.clientGone(this);
  }
}

function ignore(): void {}
