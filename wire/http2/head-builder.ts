/**
 * Header sections of HTTP/2 messages, checked (RFC 9113, 8.2 and 8.3) and laid out as HTTP/1.1 lines, so that one FieldBlock serves both
 * versions: `:authority` becomes the first field `host`, cookie crumbs become one `cookie`. The builder is the decoder's sink.
 */
import { isAuthority } from '../http1/authority.ts';
import { type FieldBlock, forbiddenTrailer, NEVER_INDEXED, NO_HASH } from '../http1/field-block.ts';
import { KNOWN } from '../http1/names.ts';
import { equalsText, type Latin1Decoder, TARGET, TOKEN_LOWER } from '../http1/octets.ts';
import type { DecodeScratch, FieldSink } from '../hpack/index.ts';
import { EDGES_OK, knownOf, NAME_OK, NEVER, PSEUDO, VALUE_OK } from '../hpack/field-marks.ts';
import { HTTP2_FAULTS, type Http2Fault } from './errors.ts';
import type { HeadMemory, MessageHead } from './message-head.ts';

const COOKIE_HASH = hashOf('cookie');
const HOST_HASH = hashOf('host');
const HOST_LINE = 'host: '.length + 2;
const MAX_METHOD = 32;

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

export type SectionKind = 'request' | 'response' | 'trailers';

export class HeadBuilder implements FieldSink {
  readonly #scratch: DecodeScratch;
  readonly #memory: HeadMemory;
  readonly #decode: Latin1Decoder;
  fault: Http2Fault | undefined;
  tooMany = false;
  #kind: SectionKind = 'request';
  #head: MessageHead | undefined;
  #block: FieldBlock | undefined;
  /** Scratch position of the first field that is not a pseudo-header; -1: none yet. */
  #region = -1;
  #end = 0;
  #method = '';
  #scheme = '';
  #protocol = '';
  readonly #connectProtocol: boolean;
  #status = 0;
  #pathStart = -1;
  #pathEnd = 0;
  #authorityStart = -1;
  #authorityEnd = 0;
  #length = -1;
  #cookies = 0;

  /** `connectProtocol`: `:protocol` is taken. */
  constructor(scratch: DecodeScratch, memory: HeadMemory, decode: Latin1Decoder, connectProtocol = false) {
    this.#connectProtocol = connectProtocol;
    this.#scratch = scratch;
    this.#memory = memory;
    this.#decode = decode;
  }

  begin(kind: SectionKind, head: MessageHead): void {
    this.#kind = kind;
    this.#head = head;
    this.#block = kind === 'trailers' ? head.trailerBlock : head.fields;
    this.#block.reset(0);
    this.fault = undefined;
    this.tooMany = false;
    this.#region = -1;
    this.#end = 0;
    this.#method = '';
    this.#scheme = '';
    this.#protocol = '';
    this.#status = 0;
    this.#pathStart = -1;
    this.#pathEnd = 0;
    this.#authorityStart = -1;
    this.#length = -1;
    this.#cookies = 0;
  }

  field(
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    marks: number,
    nameHash: number,
    hash: number,
  ): void {
    if (this.fault !== undefined) return;
    if ((marks & VALUE_OK) === 0) return this.#refuse(HTTP2_FAULTS['field-value']);
    const { bytes } = this.#scratch;
    if ((marks & PSEUDO) !== 0) {
      this.#pseudo(bytes, nameStart, nameEnd, valueStart, valueEnd);
      return;
    }
    if ((marks & EDGES_OK) === 0) return this.#refuse(HTTP2_FAULTS['field-value']);
    if ((marks & NAME_OK) === 0) return this.#refuse(HTTP2_FAULTS['field-name']);
    if (this.#region < 0) this.#beginRegion(nameStart);
    const block = this.#block as FieldBlock;
    const known = knownOf(marks);
    const told = (marks & NEVER) !== 0 ? NEVER_INDEXED : hash === NEVER_INDEXED ? NO_HASH : hash;
    if (!block.append(nameStart, nameEnd, valueStart, valueEnd, nameHash, known, told)) {
      this.tooMany = true;
      return;
    }
    this.#end = valueEnd + 2;
    if (known !== 0) this.#check(bytes, known, block.count - 1, valueStart, valueEnd);
    else if (nameHash === COOKIE_HASH && equalsText(bytes, nameStart, nameEnd, 'cookie')) this.#cookies += 1;
  }

  #refuse(fault: Http2Fault): void {
    this.fault = fault;
  }

  #pseudo(bytes: Uint8Array, nameStart: number, nameEnd: number, start: number, end: number): void {
    if (this.#region >= 0 || this.#kind === 'trailers') return this.#refuse(HTTP2_FAULTS['pseudo-header']);
    if (this.#kind === 'response') {
      if (!equalsText(bytes, nameStart, nameEnd, ':status') || this.#status !== 0 || end - start !== 3)
        return this.#refuse(HTTP2_FAULTS['pseudo-header']);
      const status = threeDigits(bytes, start);
      if (status < 100) this.#refuse(HTTP2_FAULTS['pseudo-header']);
      else this.#status = status;
      return;
    }
    if (equalsText(bytes, nameStart, nameEnd, ':path')) {
      if (this.#pathStart >= 0) return this.#refuse(HTTP2_FAULTS['pseudo-header']);
      this.#pathStart = start;
      this.#pathEnd = end;
      for (let i = start; i < end; i += 1)
        if (TARGET[bytes[i] as number] !== 1) this.#refuse(HTTP2_FAULTS['pseudo-header']);
    } else if (equalsText(bytes, nameStart, nameEnd, ':method')) {
      if (this.#method !== '' || end === start || end - start > MAX_METHOD)
        return this.#refuse(HTTP2_FAULTS['pseudo-header']);
      for (let i = start; i < end; i += 1)
        if (TOKEN_LOWER[bytes[i] as number] === 0) this.#refuse(HTTP2_FAULTS['pseudo-header']);
      this.#method = commonMethod(bytes, start, end) ?? this.#decode(bytes, start, end);
    } else if (equalsText(bytes, nameStart, nameEnd, ':scheme')) {
      if (this.#scheme !== '') return this.#refuse(HTTP2_FAULTS['pseudo-header']);
      if (equalsText(bytes, start, end, 'https')) this.#scheme = 'https';
      else if (equalsText(bytes, start, end, 'http')) this.#scheme = 'http';
      else this.#refuse(HTTP2_FAULTS['pseudo-header']);
    } else if (equalsText(bytes, nameStart, nameEnd, ':authority')) {
      if (this.#authorityStart >= 0) return this.#refuse(HTTP2_FAULTS['pseudo-header']);
      this.#authorityStart = start;
      this.#authorityEnd = end;
      if (!isAuthority(bytes, start, end)) this.#refuse(HTTP2_FAULTS.host);
    } else if (this.#connectProtocol && equalsText(bytes, nameStart, nameEnd, ':protocol')) {
      if (this.#protocol !== '' || end === start || end - start > MAX_METHOD)
        return this.#refuse(HTTP2_FAULTS['pseudo-header']);
      for (let i = start; i < end; i += 1)
        if (TOKEN_LOWER[bytes[i] as number] === 0) this.#refuse(HTTP2_FAULTS['pseudo-header']);
      this.#protocol = this.#decode(bytes, start, end);
    } else this.#refuse(HTTP2_FAULTS['pseudo-header']);
  }

  /** All pseudo-headers are here: the line of `host` goes right before the other fields. */
  #beginRegion(at: number): void {
    this.#region = at;
    this.#end = at;
    if (this.#authorityStart < 0) return;
    const length = this.#authorityEnd - this.#authorityStart;
    const line = at - length - HOST_LINE;
    const value = line + 'host: '.length;
    (this.#block as FieldBlock).append(line, line + 4, value, value + length, HOST_HASH, KNOWN.host, NO_HASH);
  }

  #check(bytes: Uint8Array, known: number, index: number, start: number, end: number): void {
    const block = this.#block as FieldBlock;
    if (
      known === KNOWN.connection ||
      known === KNOWN['keep-alive'] ||
      known === KNOWN['proxy-connection'] ||
      known === KNOWN['transfer-encoding'] ||
      known === KNOWN.upgrade
    )
      this.#refuse(HTTP2_FAULTS['field-connection']);
    else if (known === KNOWN.te) {
      if (this.#kind !== 'request' || !equalsText(bytes, start, end, 'trailers'))
        this.#refuse(HTTP2_FAULTS['field-connection']);
    } else if (known === KNOWN['http2-settings']) block.drop(index);
    else if (known === KNOWN.host && this.#kind === 'request') this.#host(bytes, index, start, end);
    else if (known === KNOWN['content-length']) this.#contentLength(bytes, start, end);
  }

  #host(bytes: Uint8Array, index: number, start: number, end: number): void {
    if (this.#authorityStart < 0) {
      this.#authorityStart = start;
      this.#authorityEnd = end;
      if (!isAuthority(bytes, start, end)) this.#refuse(HTTP2_FAULTS.host);
      return;
    }
    const length = this.#authorityEnd - this.#authorityStart;
    if (end - start !== length) return this.#refuse(HTTP2_FAULTS.host);
    for (let i = 0; i < length; i += 1)
      if (bytes[start + i] !== bytes[this.#authorityStart + i]) return this.#refuse(HTTP2_FAULTS.host);
    (this.#block as FieldBlock).drop(index);
  }

  #contentLength(bytes: Uint8Array, start: number, end: number): void {
    if (this.#length >= 0 || end === start || end - start > 15 || (bytes[start] === 48 && end - start > 1))
      return this.#refuse(HTTP2_FAULTS['content-length']);
    let length = 0;
    for (let i = start; i < end; i += 1) {
      const digit = (bytes[i] as number) - 48;
      if (digit < 0 || digit > 9) return this.#refuse(HTTP2_FAULTS['content-length']);
      length = length * 10 + digit;
    }
    this.#length = length;
  }

  /** The block is decoded: checks what only the whole can tell, and gives the head its own octets. */
  finish(): void {
    if (this.fault !== undefined) return;
    const head = this.#head as MessageHead;
    const block = this.#block as FieldBlock;
    if (this.#kind === 'request' && !this.#requestIsWhole()) return;
    if (this.#kind === 'response' && this.#status === 0) return this.#refuse(HTTP2_FAULTS['pseudo-header']);
    const scratch = this.#scratch;
    if (this.#region < 0) this.#beginRegion(scratch.at);
    const hostInFront = block.count > 0 && block.valueStart(0) < this.#region && this.#kind === 'request';
    const hostLine = hostInFront ? this.#authorityEnd - this.#authorityStart + HOST_LINE : 0;
    const pathLength = this.#pathStart < 0 ? 0 : this.#pathEnd - this.#pathStart;
    const region = this.#end - this.#region;
    const { bytes, at } = this.#memory.take(pathLength + hostLine + region);
    const from = scratch.bytes;
    for (let i = 0; i < pathLength; i += 1) bytes[at + i] = from[this.#pathStart + i] as number;
    let to = at + pathLength;
    if (hostInFront) {
      for (let i = 0; i < 6; i += 1) bytes[to + i] = HOST_OCTETS[i] as number;
      for (let i = this.#authorityStart; i < this.#authorityEnd; i += 1)
        bytes[to + 6 + i - this.#authorityStart] = from[i] as number;
      to += hostLine;
      bytes[to - 2] = 13;
      bytes[to - 1] = 10;
    }
    if (region > 64) bytes.set(from.subarray(this.#region, this.#end), to);
    else for (let i = 0; i < region; i += 1) bytes[to + i] = from[this.#region + i] as number;
    block.complete(bytes, to + region, to - this.#region);
    if (this.#kind === 'trailers') {
      if (forbiddenTrailer(block)) this.#refuse(HTTP2_FAULTS.trailers);
      return;
    }
    head.method = this.#method;
    head.scheme = this.#scheme;
    head.protocol = this.#protocol;
    head.status = this.#status;
    head.contentLength = this.#length;
    head.pathStart = at;
    head.pathEnd = at + pathLength;
    const host = this.#kind === 'request' ? block.findKnown(KNOWN.host) : -1;
    head.hostStart = host < 0 ? 0 : block.valueStart(host);
    head.hostEnd = host < 0 ? 0 : block.valueEnd(host);
    if (this.#cookies > 1) this.#joinCookies(block);
  }

  #requestIsWhole(): boolean {
    const { bytes } = this.#scratch;
    // Extended CONNECT has scheme and path like any other request (RFC 8441, 4).
    const connect = this.#method === 'CONNECT' && this.#protocol === '';
    const pathLength = this.#pathEnd - this.#pathStart;
    const wrong =
      this.#method === '' ||
      (this.#protocol !== '' && this.#method !== 'CONNECT') ||
      (connect ? this.#scheme !== '' || this.#pathStart >= 0 : this.#scheme === '' || this.#pathStart < 0) ||
      (!connect &&
        bytes[this.#pathStart] !== 47 &&
        !(this.#method === 'OPTIONS' && pathLength === 1 && bytes[this.#pathStart] === 42)) ||
      (!connect && pathLength < 1);
    if (wrong) this.#refuse(HTTP2_FAULTS['pseudo-header']);
    else if (this.#authorityStart < 0) this.#refuse(HTTP2_FAULTS.host);
    else if (this.#method === 'CONNECT' && this.#length > 0) this.#refuse(HTTP2_FAULTS['content-length']);
    return this.fault === undefined;
  }

  /** RFC 9113, 8.2.3. Empty crumbs are left out: a value must not end with white space (8.2.1). */
  #joinCookies(block: FieldBlock): void {
    const values: string[] = [];
    for (let index = 0; index < block.count; index += 1) {
      if (block.dropped(index) || !equalsText(block.bytes, block.nameStart(index), block.nameEnd(index), 'cookie'))
        continue;
      const value = block.value(index);
      if (value !== '') values.push(value);
      block.drop(index);
    }
    const line = `cookie: ${values.join('; ')}\r\n`;
    const start = block.count === 0 ? 0 : block.nameStart(0);
    const end = block.at - 2;
    const wider = new Uint8Array(end - start + line.length);
    wider.set(block.bytes.subarray(start, end));
    for (let i = 0; i < line.length; i += 1) wider[end - start + i] = line.charCodeAt(i);
    const head = this.#head as MessageHead;
    const path = head.pathEnd - head.pathStart;
    const whole = new Uint8Array(path + wider.length);
    whole.set(block.bytes.subarray(head.pathStart, head.pathEnd));
    whole.set(wider, path);
    const delta = path - start;
    const at = end + delta;
    block.complete(whole, at, delta);
    head.pathStart = 0;
    head.pathEnd = path;
    head.hostStart += delta;
    head.hostEnd += delta;
    if (!block.append(at, at + 6, at + 8, at + line.length - 2, COOKIE_HASH, 0, NO_HASH)) this.tooMany = true;
    block.complete(whole, at + line.length, 0);
  }
}

/** -1: not that. */
function threeDigits(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let i = start; i < start + 3; i += 1) {
    const digit = (bytes[i] as number) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Text is dear: each is a call into Node. */
function commonMethod(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (equalsText(bytes, start, end, 'GET')) return 'GET';
  return equalsText(bytes, start, end, 'POST') ? 'POST' : undefined;
}

const HOST_OCTETS = Uint8Array.from('host: ', (character) => character.charCodeAt(0));
