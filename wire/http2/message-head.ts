/**
 * Header sections of HTTP/2 messages, checked (RFC 9113, 8.2 and 8.3) and laid out as HTTP/1.1 lines, so that one FieldBlock serves both
 * versions: `:authority` becomes the first field `host`, cookie crumbs become one `cookie`. The builder is the decoder's sink.
 */
import { isAuthority } from '../http1/authority.ts';
import { FieldBlock, forbiddenTrailer } from '../http1/field-block.ts';
import { KNOWN } from '../http1/names.ts';
import { equalsText, FIELD_VALUE, type Latin1Decoder, TARGET, TOKEN_LOWER } from '../http1/octets.ts';
import type { DecodeScratch, FieldSink } from '../hpack/index.ts';
import { HTTP2_FAULTS, type Http2Fault } from './errors.ts';

const NONE = new Uint8Array(0);
const COOKIE_HASH = hashOf('cookie');
const HOST_HASH = hashOf('host');
const HOST_LINE = 'host: '.length + 2;
const SLAB = 16 * 1024;
const MAX_METHOD = 32;

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** A request's or response's head as one stream keeps it. */
export class MessageHead {
  readonly fields: FieldBlock;
  trailers: FieldBlock | undefined;
  method = '';
  scheme = '';
  /** `:protocol` of extended CONNECT (RFC 8441); '' otherwise. */
  protocol = '';
  /** 0 in requests. */
  status = 0;
  /** `:path` in fields.bytes; empty for CONNECT. */
  pathStart = 0;
  pathEnd = 0;
  /** The authority in fields.bytes. */
  hostStart = 0;
  hostEnd = 0;
  /** -1: not said. */
  contentLength = -1;
  readonly #maxFields: number;
  readonly #decode: Latin1Decoder;

  constructor(maxFields: number, decode: Latin1Decoder) {
    this.#maxFields = maxFields;
    this.#decode = decode;
    this.fields = new FieldBlock(maxFields, decode);
  }

  get trailerBlock(): FieldBlock {
    this.trailers ??= new FieldBlock(this.#maxFields, this.#decode);
    return this.trailers;
  }
}

/** Where heads are kept: slabs that many streams share. One for an event loop. */
export class HeadMemory {
  readonly #allocate: (size: number) => Uint8Array;
  #slab: Uint8Array = NONE;
  #at = 0;

  constructor(allocate: (size: number) => Uint8Array = (size) => new Uint8Array(size)) {
    this.#allocate = allocate;
  }

  /** Room for `octets` at `at` of the answer. */
  take(octets: number): { readonly bytes: Uint8Array; readonly at: number } {
    if (octets > SLAB / 4) return { bytes: this.#allocate(octets), at: 0 };
    if (this.#slab.length - this.#at < octets) {
      this.#slab = this.#allocate(SLAB);
      this.#at = 0;
    }
    const at = this.#at;
    this.#at += octets;
    return { bytes: this.#slab, at };
  }
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

  field(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    if (this.fault !== undefined) return;
    const { bytes } = this.#scratch;
    for (let i = valueStart; i < valueEnd; i += 1)
      if (FIELD_VALUE[bytes[i] as number] !== 1) return this.#refuse(HTTP2_FAULTS['field-value']);
    if (bytes[nameStart] === 58 && nameEnd > nameStart) {
      this.#pseudo(bytes, nameStart, nameEnd, valueStart, valueEnd);
      return;
    }
    if (valueEnd > valueStart && (isBlank(bytes[valueStart]) || isBlank(bytes[valueEnd - 1])))
      return this.#refuse(HTTP2_FAULTS['field-value']);
    let hash = 0;
    for (let i = nameStart; i < nameEnd; i += 1) {
      const octet = bytes[i] as number;
      // NUL is what the table says of everything that is no token.
      if (octet === 0 || TOKEN_LOWER[octet] !== octet) return this.#refuse(HTTP2_FAULTS['field-name']);
      hash = (Math.imul(hash, 31) + octet) | 0;
    }
    if (nameEnd === nameStart) return this.#refuse(HTTP2_FAULTS['field-name']);
    if (this.#region < 0) this.#beginRegion(nameStart);
    const block = this.#block as FieldBlock;
    if (!block.append(bytes, nameStart, nameEnd, valueStart, valueEnd, hash)) {
      this.tooMany = true;
      return;
    }
    this.#end = valueEnd + 2;
    const index = block.count - 1;
    const known = block.known(index);
    if (known !== 0) this.#check(bytes, known, index, valueStart, valueEnd);
    else if (hash === COOKIE_HASH && equalsText(bytes, nameStart, nameEnd, 'cookie')) this.#cookies += 1;
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
    // The name cannot be read yet: a field without octets would do, but its number must be known.
    (this.#block as FieldBlock).append(HOST_OCTETS, 0, 4, 0, 0, HOST_HASH);
    (this.#block as FieldBlock).place(0, line, line + 4, value, value + length);
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

  /** RFC 9113, 8.2.3. */
  #joinCookies(block: FieldBlock): void {
    const values: string[] = [];
    for (let index = 0; index < block.count; index += 1) {
      if (block.dropped(index) || !equalsText(block.bytes, block.nameStart(index), block.nameEnd(index), 'cookie'))
        continue;
      values.push(block.value(index));
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
    if (!block.append(whole, at, at + 6, at + 8, at + line.length - 2, COOKIE_HASH)) this.tooMany = true;
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
const isBlank = (octet: number | undefined): boolean => octet === 32 || octet === 9;
