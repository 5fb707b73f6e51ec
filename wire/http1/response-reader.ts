/**
 * Reads the responses of one upstream connection (RFC 9112, 4-7). `expect` before each request says what was asked; then `feed` and
 * `next` as with RequestReader. An interim answer (1xx) gives STEP_HEAD and STEP_END and the final one follows. After a switch of
 * protocols (101, or 2xx to CONNECT) the rest of the bytes is not HTTP: `takeRest`. After STEP_FAULT it must not be used again.
 */
import { BodyReader, type Step, STEP_END, STEP_FAULT, STEP_HEAD, STEP_MORE } from './body-reader.ts';
import { FAULTS, type Http1Fault } from './errors.ts';
import { FAULT, FieldBlock, MORE } from './field-block.ts';
import {
  ABSENT,
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  type ConnectionOptions,
  FramingFields,
  readConnection,
  REFUSED,
} from './framing.ts';
import { Intake } from './intake.ts';
import { latin1, type Latin1Decoder } from './octets.ts';
import { DEFAULT_LIMITS, type ReaderLimits } from './request-reader.ts';
import { StatusLine } from './status-line.ts';

const LINE = 0;
const FIELDS = 1;
const BODY = 2;
const IDLE = 3;

export class ResponseReader {
  readonly head: FieldBlock;
  readonly body: BodyReader;
  readonly connection: ConnectionOptions = { close: false, keepAlive: false, upgrade: false, nominates: false };
  fault: Http1Fault = FAULTS.truncated;
  status = 0;
  minor: 0 | 1 = 1;
  reasonStart = 0;
  reasonEnd = 0;
  /** 100-199 but 101: the final answer is still to come. */
  isInterim = false;
  /** 101, or 2xx to CONNECT. */
  switchesProtocol = false;
  /** Whether the connection may carry another request after this answer. */
  keepAlive = true;
  readonly #line = new StatusLine();
  readonly #framing = new FramingFields();
  readonly #intake = new Intake();
  readonly #limits: ReaderLimits;
  #phase = IDLE;
  #headStart = 0;
  #method = '';

  constructor(limits: ReaderLimits = DEFAULT_LIMITS, decode: Latin1Decoder = latin1) {
    this.#limits = limits;
    this.head = new FieldBlock(limits.fields, decode);
    this.body = new BodyReader(limits.headOctets, limits.fields, decode);
  }

  /** A request with that method was sent: HEAD and CONNECT change what a body is. */
  expect(method: string): void {
    this.#method = method;
  }

  /** Octets given and not consumed: more than 0 after the final STEP_END means octets nobody asked for. */
  get buffered(): number {
    return this.#intake.end - this.#intake.at;
  }

  /** Nothing of an answer has arrived since the last one ended. */
  get isIdle(): boolean {
    return this.#phase === IDLE && this.buffered === 0;
  }

  get bytes(): Uint8Array {
    return this.#intake.bytes;
  }

  /** Gives bytes[start, end), which must stay as they are until `next` answers STEP_MORE or `hold` is called. */
  feed(bytes: Uint8Array, start: number, end: number): void {
    if (start >= end) return;
    const before = this.#intake.at;
    this.#intake.feed(bytes, start, end);
    this.#moved(this.#intake.at - before);
  }

  /** Keeps what is not consumed in a buffer of the reader's own, so that the caller may reuse its bytes now. */
  hold(): void {
    const before = this.#intake.at;
    this.#intake.retain(before);
    this.#moved(this.#intake.at - before);
  }

  /** Takes a copy of everything not consumed, as it is: after a switch of protocols. */
  takeRest(): Uint8Array {
    const rest = new Uint8Array(this.buffered);
    rest.set(this.#intake.bytes.subarray(this.#intake.at, this.#intake.end));
    this.#intake.retain(this.#intake.end);
    return rest;
  }

  next(): Step {
    const intake = this.#intake;
    if (this.#phase === BODY) return this.#nextBody();
    if (intake.at === intake.end) {
      intake.retain(intake.end);
      return STEP_MORE;
    }
    if (this.#phase === IDLE) {
      this.#phase = LINE;
      this.#headStart = intake.at;
      this.#line.reset(intake.at);
    }
    const limit = this.#headStart + this.#limits.headOctets;
    const end = intake.end < limit ? intake.end : limit;
    if (this.#phase === LINE) {
      const parsed = this.#line.parse(intake.bytes, end);
      if (parsed === FAULT) return this.#refuse(this.#line.fault);
      if (parsed === MORE) return intake.end >= limit ? this.#refuse(FAULTS['head-too-large']) : this.#more();
      this.head.reset(parsed);
      this.#phase = FIELDS;
    }
    const parsed = this.head.parse(intake.bytes, end);
    if (parsed === FAULT) return this.#refuse(this.head.fault);
    if (parsed === MORE) return intake.end >= limit ? this.#refuse(FAULTS['head-too-large']) : this.#more();
    intake.at = parsed;
    this.#phase = BODY;
    const fault = this.#understand();
    return fault === undefined ? STEP_HEAD : this.#refuse(fault);
  }

  /** The peer ended the connection: STEP_END when the answer is complete by that (or none was under way), else STEP_FAULT (truncated). */
  finish(): Step {
    if (this.isIdle) return STEP_END;
    if (this.#phase === BODY && this.body.finish() === STEP_END) {
      this.#phase = IDLE;
      return STEP_END;
    }
    return this.#refuse(FAULTS.truncated);
  }

  #nextBody(): Step {
    const intake = this.#intake;
    const { body } = this;
    const step = body.next(intake.bytes, intake.at, intake.end);
    if (step === STEP_FAULT) return this.#refuse(body.fault);
    intake.at = body.at;
    if (step === STEP_END) this.#phase = IDLE;
    if (step === STEP_MORE) {
      const before = body.holdFrom < 0 ? intake.end : body.holdFrom;
      intake.retain(before);
      body.rebase(intake.at - before);
    }
    return step;
  }

  #more(): Step {
    this.hold();
    return STEP_MORE;
  }

  #moved(delta: number): void {
    if (delta === 0) return;
    if (this.#phase === LINE || this.#phase === FIELDS) {
      this.#headStart += delta;
      this.#line.rebase(delta);
      this.head.rebase(delta);
    } else if (this.#phase === BODY) this.body.rebase(delta);
  }

  #refuse(fault: Http1Fault): Step {
    this.fault = fault;
    return STEP_FAULT;
  }

  /** RFC 9112, 6.3, for responses. */
  #understand(): Http1Fault | undefined {
    const { head, connection } = this;
    const line = this.#line;
    const { status } = line;
    this.status = status;
    this.minor = line.minor;
    this.reasonStart = line.reasonStart;
    this.reasonEnd = line.reasonEnd;
    const coding = this.#framing.transferEncoding(head);
    if (coding === REFUSED) return this.#framing.fault;
    const length = this.#framing.contentLength(head);
    if (length === REFUSED) return this.#framing.fault;
    if (coding !== ABSENT && length !== ABSENT) return FAULTS['content-length-and-transfer-encoding'];
    if (coding !== ABSENT && line.minor === 0) return FAULTS['transfer-encoding'];
    readConnection(head, connection);
    this.keepAlive = !connection.close && (line.minor === 1 || connection.keepAlive);
    this.isInterim = status < 200 && status !== 101;
    this.switchesProtocol = status === 101 || (this.#method === 'CONNECT' && status >= 200 && status < 300);
    if (status < 200 || this.switchesProtocol || status === 204 || status === 304 || this.#method === 'HEAD') {
      this.body.start(BODY_NONE, 0);
    } else if (coding !== ABSENT) this.body.start(BODY_CHUNKED, 0);
    else if (length === ABSENT) {
      this.body.start(BODY_UNTIL_CLOSE, 0);
      this.keepAlive = false;
    } else this.body.start(length === 0 ? BODY_NONE : BODY_LENGTH, length);
    return undefined;
  }
}
