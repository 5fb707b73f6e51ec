/**
 * Reads the requests of one connection (RFC 9112, 2-7) from bytes as they come: `feed`, then `next` until STEP_MORE or STEP_FAULT.
 * After STEP_END the following `next` starts the next request of the same bytes (pipelining). One object serves a connection for its
 * life. It owns no socket and copies only heads and trailers that arrive in pieces. After STEP_FAULT it must not be used again.
 */
import { isAuthority, isHostWithPort } from './authority.ts';
import { BodyReader, type Step, STEP_END, STEP_FAULT, STEP_HEAD, STEP_MORE } from './body-reader.ts';
import { FAULTS, type Http1Fault } from './errors.ts';
import { FAULT, FieldBlock, MORE } from './field-block.ts';
import {
  ABSENT,
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  type ConnectionOptions,
  FramingFields,
  readConnection,
  REFUSED,
} from './framing.ts';
import { Intake } from './intake.ts';
import { KNOWN } from './names.ts';
import { equalsLower, equalsText, latin1, type Latin1Decoder, LOWER } from './octets.ts';
import { RequestLine } from './request-line.ts';

export interface ReaderLimits {
  /** Octets of start line and header section together; also of a trailer section. */
  readonly headOctets: number;
  readonly fields: number;
}

/** Envoy's: 60 KiB, 100 fields. */
export const DEFAULT_LIMITS: ReaderLimits = { headOctets: 60 * 1024, fields: 100 };

export type TargetForm = 'origin' | 'absolute' | 'authority' | 'asterisk';
export type Expectation = 'none' | 'continue' | 'unknown';

const LINE = 0;
const FIELDS = 1;
const BODY = 2;
const IDLE = 3;
const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE'];

export class RequestReader {
  readonly head: FieldBlock;
  readonly body: BodyReader;
  readonly connection: ConnectionOptions = { close: false, keepAlive: false, upgrade: false, nominates: false };
  fault: Http1Fault = FAULTS.truncated;
  /** Known once the request line is; '' before. Stays as it was when the rest of the head is refused. */
  method = '';
  /** Everything below is valid from STEP_HEAD on. */
  form: TargetForm = 'origin';
  /** The request target in head.bytes. */
  targetStart = 0;
  targetEnd = 0;
  /** Path and query in head.bytes; empty for authority and asterisk form, and for an absolute form without a path. */
  pathStart = 0;
  pathEnd = 0;
  /** Host and port in head.bytes, from the target in absolute and authority form, else from Host; empty when HTTP/1.0 sent none. */
  hostStart = 0;
  hostEnd = 0;
  minor: 0 | 1 = 1;
  /** Whether the sender allows another request on the connection. */
  keepAlive = true;
  expectation: Expectation = 'none';
  /** Index of the Upgrade field when Connection names it, -1 otherwise. */
  upgradeField = -1;
  /** Extended CONNECT is HTTP/2's. */
  readonly protocol = '';
  /** The absolute form's scheme is https. */
  schemeIsHttps = false;
  readonly #line = new RequestLine();
  readonly #framing = new FramingFields();
  readonly #intake = new Intake();
  readonly #limits: ReaderLimits;
  readonly #decode: Latin1Decoder;
  #phase = IDLE;
  #headStart = 0;

  constructor(limits: ReaderLimits = DEFAULT_LIMITS, decode: Latin1Decoder = latin1) {
    this.#limits = limits;
    this.#decode = decode;
    this.head = new FieldBlock(limits.fields, decode);
    this.body = new BodyReader(limits.headOctets, limits.fields, decode);
  }

  /** Octets given and not consumed: more than 0 after STEP_END means a pipelined request. */
  get buffered(): number {
    return this.#intake.end - this.#intake.at;
  }

  /** Between two requests: nothing of the next one has arrived. */
  get isIdle(): boolean {
    return this.#phase === IDLE && this.buffered === 0;
  }

  /** The bytes that slices of STEP_BODY count in. */
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
      this.method = '';
      this.#headStart = intake.at;
      this.#line.reset(intake.at);
    }
    const limit = this.#headStart + this.#limits.headOctets;
    const end = intake.end < limit ? intake.end : limit;
    if (this.#phase === LINE) {
      const parsed = this.#line.parse(intake.bytes, end);
      if (parsed === FAULT) return this.#refuse(this.#line.fault);
      if (parsed === MORE) return intake.end >= limit ? this.#refuse(FAULTS['target-too-long']) : this.#more();
      const { methodStart, methodEnd } = this.#line;
      this.method = methodText(intake.bytes, methodStart, methodEnd, this.#decode);
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

  /** The peer ended the connection: STEP_END between requests, STEP_FAULT (truncated) inside one. */
  finish(): Step {
    return this.isIdle ? STEP_END : this.#refuse(FAULTS.truncated);
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

  /** Everything the head says about host, framing and connection; the fault when it must be refused. */
  #understand(): Http1Fault | undefined {
    const line = this.#line;
    const { head } = this;
    const { bytes } = head;
    this.minor = line.minor;
    this.targetStart = line.targetStart;
    this.targetEnd = line.targetEnd;
    const host = head.findKnown(KNOWN.host);
    if (host >= 0) {
      if (head.findKnown(KNOWN.host, host + 1) >= 0) return FAULTS['host-duplicate'];
      this.hostStart = head.valueStart(host);
      this.hostEnd = head.valueEnd(host);
      if (!isAuthority(bytes, this.hostStart, this.hostEnd)) return FAULTS['host-invalid'];
    } else {
      if (line.minor === 1) return FAULTS['host-missing'];
      this.hostStart = 0;
      this.hostEnd = 0;
    }
    return this.#target(bytes) ?? this.#bodyAndConnection();
  }

  /** RFC 9112, 3.2. */
  #target(bytes: Uint8Array): Http1Fault | undefined {
    const { targetStart: start, targetEnd: end } = this;
    this.schemeIsHttps = false;
    this.pathStart = start;
    this.pathEnd = end;
    if (this.method === 'CONNECT') {
      this.form = 'authority';
      this.pathEnd = start;
      if (!isHostWithPort(bytes, start, end)) return FAULTS.target;
      return this.#hostFromTarget(bytes, start, end);
    }
    if (bytes[start] === 47) {
      this.form = 'origin';
      return undefined;
    }
    if (bytes[start] === 42 && end - start === 1 && this.method === 'OPTIONS') {
      this.form = 'asterisk';
      this.pathEnd = start;
      return undefined;
    }
    this.form = 'absolute';
    let authority = start;
    if (equalsLower(bytes, start, Math.min(start + 7, end), 'http://')) authority = start + 7;
    else if (equalsLower(bytes, start, Math.min(start + 8, end), 'https://')) {
      authority = start + 8;
      this.schemeIsHttps = true;
    } else return FAULTS.target;
    let path = authority;
    while (path < end && bytes[path] !== 47 && bytes[path] !== 63) path += 1;
    this.pathStart = path;
    if (!isAuthority(bytes, authority, path)) return FAULTS['host-invalid'];
    return this.#hostFromTarget(bytes, authority, path);
  }

  /** RFC 9112, 3.2.2: the target's host counts; a Host that says otherwise is refused. */
  #hostFromTarget(bytes: Uint8Array, start: number, end: number): Http1Fault | undefined {
    if (this.hostEnd > this.hostStart && !sameHost(bytes, start, end, this.hostStart, this.hostEnd))
      return FAULTS['host-differs'];
    this.hostStart = start;
    this.hostEnd = end;
    return undefined;
  }

  #bodyAndConnection(): Http1Fault | undefined {
    const { head } = this;
    const coding = this.#framing.transferEncoding(head);
    if (coding === REFUSED) return this.#framing.fault;
    const length = this.#framing.contentLength(head);
    if (length === REFUSED) return this.#framing.fault;
    if (coding !== ABSENT) {
      if (length !== ABSENT) return FAULTS['content-length-and-transfer-encoding'];
      if (this.minor === 0) return FAULTS['transfer-encoding'];
      this.body.start(BODY_CHUNKED, 0);
    } else if (length > 0) this.body.start(BODY_LENGTH, length);
    else this.body.start(BODY_NONE, 0);
    if (head.findKnown(KNOWN.connection) >= 0) {
      readConnection(head, this.connection);
      this.keepAlive = !this.connection.close && (this.minor === 1 || this.connection.keepAlive);
      this.upgradeField = this.connection.upgrade ? head.findKnown(KNOWN.upgrade) : -1;
    } else {
      this.connection.close = false;
      this.connection.keepAlive = false;
      this.connection.upgrade = false;
      this.connection.nominates = false;
      this.keepAlive = this.minor === 1;
      this.upgradeField = -1;
    }
    const expect = head.findKnown(KNOWN.expect);
    this.expectation = 'none';
    if (expect >= 0 && this.minor === 1) {
      const only = head.findKnown(KNOWN.expect, expect + 1) < 0;
      const known = only && equalsLower(head.bytes, head.valueStart(expect), head.valueEnd(expect), '100-continue');
      this.expectation = known ? 'continue' : 'unknown';
    }
    return undefined;
  }
}

function methodText(bytes: Uint8Array, start: number, end: number, decode: Latin1Decoder): string {
  for (const method of METHODS) if (equalsText(bytes, start, end, method)) return method;
  return decode(bytes, start, end);
}

function sameHost(bytes: Uint8Array, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let i = 0; i < end - start; i += 1) {
    if (LOWER[bytes[start + i] as number] !== LOWER[bytes[otherStart + i] as number]) return false;
  }
  return true;
}
