/** One exchange on an upstream HTTP/2 connection, as the router sees it: what comes is pulled as steps. */
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  type BodyKind,
  type ConnectionOptions,
  type FieldBlock,
  type Step,
  STEP_BODY,
  STEP_END,
  STEP_HEAD,
  STEP_MORE,
} from '@weft/wire/http1';
import { CANCEL, type Http2Stream, MessageHead, REFUSED_STREAM, type StreamOwner } from '@weft/wire/http2';
import { latin1Text } from '../http/octets.ts';
import type { EndpointRuntime, UpstreamConnection } from '../ports.ts';
import type { RequestBody } from '../router/request-body.ts';
import type {
  AnswerReader,
  OutgoingRequest,
  ResponseTarget,
  UpstreamClient,
  UpstreamEnd,
} from '../router/upstream-client.ts';
import type { TunnelSide } from '../http/tunnel-side.ts';
import type { Http2ClientConnection } from './client-connection.ts';
import { StreamSide } from './stream-side.ts';

const OPTIONS: ConnectionOptions = { close: false, keepAlive: true, upgrade: false, nominates: false };
const NONE = new Uint8Array(0);
const MAX_FIELDS = 100;

class StreamAnswer implements AnswerReader {
  readonly messageHead = new MessageHead(MAX_FIELDS, latin1Text);
  readonly body: { kind: BodyKind; sliceStart: number; sliceEnd: number; trailers: FieldBlock | undefined } = {
    kind: BODY_NONE,
    sliceStart: 0,
    sliceEnd: 0,
    trailers: undefined,
  };
  readonly connection = OPTIONS;
  switchesProtocol = false;
  readonly reasonStart = -1;
  readonly reasonEnd = -1;
  readonly keepAlive = true;
  readonly buffered = 0;
  bytes: Uint8Array = NONE;
  hasHead = false;
  hasBody = false;
  hasEnd = false;

  get head(): FieldBlock {
    return this.messageHead.fields;
  }
  get status(): number {
    return this.messageHead.status;
  }
  get isInterim(): boolean {
    return this.messageHead.status < 200;
  }

  next(): Step {
    if (this.hasHead) {
      this.hasHead = false;
      return STEP_HEAD;
    }
    if (this.hasBody) {
      this.hasBody = false;
      return STEP_BODY;
    }
    if (this.hasEnd) {
      this.hasEnd = false;
      return STEP_END;
    }
    return STEP_MORE;
  }
}

export class Http2ClientStream implements UpstreamClient, StreamOwner {
  readonly reader = new StreamAnswer();
  readonly messageHead = this.reader.messageHead;
  readonly connection: UpstreamConnection;
  readonly endpoint: EndpointRuntime;
  /** A decoded head has octets of its own. */
  readonly headIsShared = false;
  served: number;
  target: ResponseTarget | undefined;
  readonly #owner: Http2ClientConnection;
  #stream: Http2Stream | undefined;
  #method = '';
  #paused = false;
  #held = 0;
  #reserved = true;
  /** The exchange wants a tunnel. */
  #upgrades = false;
  #side: StreamSide | undefined;

  constructor(owner: Http2ClientConnection, served: number) {
    this.#owner = owner;
    this.connection = owner.connection;
    this.endpoint = owner.connection.endpoint;
    this.served = served;
  }

  /** Both sides of its stream have ended. */
  get complete(): boolean {
    return this.#stream !== undefined && this.#stream.remoteEnded && this.#stream.endSent;
  }

  /** Gives itself back to its connection, for another exchange. */
  keep(): void {
    // What is idle must not keep the last stream alive: it would outlive the young generation.
    this.#stream = undefined;
    this.#owner.keep(this);
  }

  /** An idle connection keeps no octets alive. */
  rest(): void {
    this.reader.head.release();
  }

  /** Serves another exchange: the last one is complete, and nobody holds on to it. */
  renew(served: number): void {
    this.served = served;
    this.#reserved = true;
    this.#paused = false;
    this.#held = 0;
  }

  get bodyMayStay(): boolean {
    return !this.#owner.bytesAreShared;
  }

  begin(target: ResponseTarget, method: string): void {
    this.target = target;
    this.#method = method;
  }

  /** It was reserved and is not used, or its turn to be used has come. */
  #unreserve(): void {
    if (!this.#reserved) return;
    this.#reserved = false;
    this.#owner.reserved -= 1;
  }

  sendHead(request: OutgoingRequest): void {
    this.#unreserve();
    const { core } = this.#owner;
    this.#upgrades = request.upgrade !== '';
    if (!core.canOpen) {
      setImmediate(() => this.#tell(false, 'refused'));
      return;
    }
    if (!this.#upgrades) this.#open(request);
    else if (core.settingsSeen) this.#openTunnel(request);
    else this.#owner.afterSettings(() => this.#openTunnel(request));
  }

  /** RFC 8441, 3: only to a peer that said it takes extended CONNECT. */
  #openTunnel(request: OutgoingRequest): void {
    if (this.target === undefined) return;
    if (this.#owner.core.peerConnectProtocol) this.#open(request);
    else setImmediate(() => this.#tell(false, 'no-tunnels'));
  }

  #open(request: OutgoingRequest): void {
    const { core } = this.#owner;
    const { head, reader } = request;
    const { edit } = head;
    const stream = core.open(this);
    this.#stream = stream;
    stream.noContent = this.#method === 'HEAD';
    const { encoder, out } = core;
    core.beginBlock(stream);
    if (this.#upgrades) {
      stream.tunnel = true;
      edit.remove('content-length');
      encoder.text(out, ':method', 'CONNECT');
      encoder.text(out, ':protocol', request.upgrade);
    } else encoder.text(out, ':method', head.method);
    // RFC 9113, 8.5: a plain CONNECT names an authority and nothing else.
    const plainConnect = head.method === 'CONNECT' && !this.#upgrades;
    if (!plainConnect) encoder.text(out, ':scheme', head.scheme);
    // Only an absolute target may differ from the Host that came with it.
    const host = reader.form === 'absolute' ? edit.get('host') : edit.added('host');
    encoder.text(out, ':authority', host ?? head.spelledHost ?? head.host);
    if (plainConnect) edit.remove('host');
    else if (request.target === undefined)
      encoder.named(out, ':path', reader.head.bytes, reader.pathStart, reader.pathEnd);
    else encoder.text(out, ':path', request.target);
    edit.encode(encoder, out);
    core.endBlock(stream, false);
  }

  sendBody(_request: OutgoingRequest, body: RequestBody): boolean {
    return this.#stream === undefined || body.flushTo(this.#stream);
  }

  pauseReading(): void {
    this.#paused = true;
  }

  resumeReading(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = 0;
    this.#stream?.consumed(held);
  }

  /** Nothing more is wanted: a stream that is under way is reset. */
  destroy(): void {
    this.#unreserve();
    this.target = undefined;
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined && !(stream.remoteEnded && stream.endSent)) stream.reset();
  }

  tunnelSide(): TunnelSide {
    const stream = this.#stream as Http2Stream;
    this.#stream = undefined;
    this.target = undefined;
    this.#side = new StreamSide(stream, this.messageHead, CANCEL);
    return this.#side;
  }

  // ---------------------------------------------------------------------------------------------------------------- the stream

  headArrived(_stream: Http2Stream, ended: boolean): void {
    const { reader } = this;
    const { status, contentLength } = reader.messageHead;
    if (status < 200) return;
    const none = this.#method === 'HEAD' || status === 204 || status === 304;
    reader.switchesProtocol = this.#upgrades && status < 300;
    reader.body.kind = none || reader.switchesProtocol ? BODY_NONE : contentLength >= 0 ? BODY_LENGTH : BODY_CHUNKED;
    reader.body.trailers = undefined;
    reader.hasHead = true;
    reader.hasEnd = ended;
    if (ended) this.target?.responseArrived(this);
    else this.#owner.arrivedLater(this);
  }

  /** The head came without data behind it in the same read. */
  deliver(): void {
    if (this.reader.hasHead) this.target?.responseArrived(this);
  }

  dataArrived(stream: Http2Stream, bytes: Uint8Array, start: number, end: number): void {
    const { reader } = this;
    if (end > start) {
      reader.bytes = bytes;
      reader.body.sliceStart = start;
      reader.body.sliceEnd = end;
      reader.hasBody = true;
      this.target?.responseArrived(this);
      reader.hasBody = false;
      reader.bytes = NONE;
      if (this.#side !== undefined) {
        this.#side.dataArrived(stream, bytes, start, end);
        return;
      }
    }
    if (this.#paused) this.#held += end - start;
    else stream.consumed(end - start);
  }

  endArrived(_stream: Http2Stream, trailers: boolean): void {
    const { reader } = this;
    reader.body.trailers = trailers ? reader.messageHead.trailers : undefined;
    reader.hasEnd = true;
    this.target?.responseArrived(this);
  }

  wasReset(_stream: Http2Stream, error: number, remote: boolean): void {
    this.#stream = undefined;
    const how = this.#owner.core.failed ? 'closed' : !remote ? 'fault' : error === REFUSED_STREAM ? 'refused' : 'reset';
    this.#tell(false, how);
  }

  hasRoom(): void {
    this.target?.upstreamDrained();
  }

  #tell(complete: boolean, how: UpstreamEnd): void {
    const { target } = this;
    this.target = undefined;
    target?.upstreamClosed(this, complete, how);
  }
}
