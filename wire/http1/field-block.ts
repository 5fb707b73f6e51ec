/**
 * A header or trailer section (RFC 9112, 5) as offsets into the bytes it arrived in, filled by an incremental parser. No string is
 * made unless asked. One object serves every message of a connection: `reset` before each. A field can be marked dropped; the
 * serialisers and lookups pass over dropped fields.
 */
import { FAULTS, type Http1Fault } from './errors.ts';
import { KNOWN, type HeaderName, knownNumber, spells } from './names.ts';
import { COLON, CR, FIELD_VALUE, HTAB, LF, latin1, type Latin1Decoder, SP, TOKEN_LOWER } from './octets.ts';

/** Words a field: name start, name end, value start, value end, hash of the name, number in KNOWN, hash of the whole. Offsets count in `bytes`. */
const STRIDE = 7;
const FIRST_CAPACITY = 16;
const LINE = 0;
const NAME = 1;
const BEFORE_VALUE = 2;
const VALUE = 3;
const VALUE_LF = 4;
const END_LF = 5;

/** Instead of a field's hash: it was not computed; the field may enter no table of HPACK (RFC 7541, 7.1.3). */
export const NO_HASH = 0;
export const NEVER_INDEXED = 1;

const EMPTY = new Uint8Array(0);

/** What `parse` returns instead of a position. */
export const MORE = -1;
export const FAULT = -2;

/** A complete section to be taken again: it is what it was, and its identity stands for what it says. */
export interface FieldsImage {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly at: number;
  readonly names: readonly [below32: number, from32: number, unknown: number];
  /** What was dropped of it already. */
  readonly dropped: readonly [first32: number, from32: Uint8Array];
}

export class FieldBlock {
  /** The bytes the offsets count in; valid once the section is complete, until the owner of the bytes reuses them. */
  bytes: Uint8Array;
  /** What the fields were taken from; undefined: they were read, or added one by one. Dropping makes no difference. */
  loaded: FieldsImage | undefined;
  /** Number of fields, dropped ones included. */
  count = 0;
  /** Why `parse` returned FAULT. */
  fault: Http1Fault = FAULTS['header-name'];
  /** Where `parse` will go on. */
  at = 0;
  /** Those of `loaded` are an image's own, and nobody writes to them. */
  #words: Int32Array;
  /** What `#words` was before `load`. */
  #own: Int32Array;
  /** Bits of the first 32 fields that are dropped, and marks of further ones. */
  #dropped = 0;
  #droppedFrom32: Uint8Array = EMPTY;
  /** Bits of the numbers in KNOWN that fields have or had: most questions are about names that did not come. */
  #below32 = 0;
  #from32 = 0;
  /** Bits of the hashes, modulo 32, of names that are not known. */
  #unknown = 0;
  readonly #decode: Latin1Decoder;
  #maxFields: number;
  #state = LINE;
  #hash = 0;
  #nameStart = 0;
  #nameEnd = 0;
  #valueStart = 0;
  #valueEnd = 0;

  constructor(maxFields: number, decode: Latin1Decoder = latin1) {
    this.bytes = EMPTY;
    this.#own = new Int32Array(FIRST_CAPACITY * STRIDE);
    this.#words = this.#own;
    this.#decode = decode;
    this.#maxFields = maxFields;
  }

  /** Forgets the fields; the next `parse` starts a section at `at`. */
  reset(at: number): void {
    this.loaded = undefined;
    this.#words = this.#own;
    this.count = 0;
    this.#dropped = 0;
    if (this.#droppedFrom32.length > 0) this.#droppedFrom32 = EMPTY;
    this.at = at;
    this.#state = LINE;
    this.#below32 = 0;
    this.#from32 = 0;
    this.#unknown = 0;
  }

  /** Lets go of the bytes. */
  release(): void {
    this.bytes = EMPTY;
  }

  /** Copies a complete section's octets: whoever lent them may reuse them. */
  own(): void {
    const start = this.count === 0 ? this.at : this.nameStart(0);
    const copy = new Uint8Array(this.at - start);
    copy.set(this.bytes.subarray(start, this.at));
    this.bytes = copy;
    this.rebase(-start);
  }

  /** All offsets move by `delta`: the bytes were copied to another place. */
  rebase(delta: number): void {
    const words = this.#ownWords();
    for (let word = 0; word < this.count * STRIDE; word += STRIDE) {
      for (let k = 0; k < 4; k += 1) words[word + k] = (words[word + k] as number) + delta;
    }
    this.at += delta;
    this.#nameStart += delta;
    this.#nameEnd += delta;
    this.#valueStart += delta;
    this.#valueEnd += delta;
  }

  /**
   * Parses field lines from `at` up to and with the empty line. Returns the position after it, MORE when bytes[.., end) ends before,
   * FAULT when the section is refused. Called again with more bytes at the same offsets it goes on where it was.
   */
  parse(bytes: Uint8Array, end: number): number {
    let i = this.at;
    let state = this.#state;
    while (i < end) {
      if (state === LINE) {
        const octet = bytes[i] as number;
        if (octet === CR) {
          state = END_LF;
          i += 1;
          continue;
        }
        if (octet === SP || octet === HTAB) return this.#refuse(FAULTS['obs-fold']);
        if (octet === LF) return this.#refuse(FAULTS['bare-lf']);
        if (this.count >= this.#maxFields) return this.#refuse(FAULTS['too-many-headers']);
        this.#nameStart = i;
        this.#hash = 0;
        state = NAME;
      }
      if (state === NAME) {
        let hash = this.#hash;
        let lower = 0;
        while (i < end && (lower = TOKEN_LOWER[bytes[i] as number] as number) !== 0) {
          hash = (Math.imul(hash, 31) + lower) | 0;
          i += 1;
        }
        this.#hash = hash;
        if (i === end) break;
        const octet = bytes[i] as number;
        if (octet !== COLON) return this.#refuse(nameFault(octet, i === this.#nameStart));
        if (i === this.#nameStart) return this.#refuse(FAULTS['header-name']);
        this.#nameEnd = i;
        i += 1;
        state = BEFORE_VALUE;
      }
      if (state === BEFORE_VALUE) {
        while (i < end && (bytes[i] === SP || bytes[i] === HTAB)) i += 1;
        if (i === end) break;
        this.#valueStart = i;
        state = VALUE;
      }
      if (state === VALUE) {
        while (i < end && FIELD_VALUE[bytes[i] as number] === 1) i += 1;
        if (i === end) break;
        const octet = bytes[i] as number;
        if (octet !== CR) return this.#refuse(octet === LF ? FAULTS['bare-lf'] : FAULTS['header-value']);
        this.#valueEnd = i;
        i += 1;
        state = VALUE_LF;
        if (i === end) break;
      }
      if (state === VALUE_LF) {
        if (bytes[i] !== LF) return this.#refuse(FAULTS['bare-cr']);
        i += 1;
        this.#commit(bytes);
        state = LINE;
        continue;
      }
      if (state === END_LF) {
        if (bytes[i] !== LF) return this.#refuse(FAULTS['bare-cr']);
        this.#state = LINE;
        this.bytes = bytes;
        this.at = i + 1;
        return i + 1;
      }
    }
    this.at = i;
    this.#state = state;
    return MORE;
  }

  #refuse(fault: Http1Fault): number {
    this.fault = fault;
    return FAULT;
  }

  #commit(bytes: Uint8Array): void {
    let valueEnd = this.#valueEnd;
    while (valueEnd > this.#valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) valueEnd -= 1;
    const known = knownNumber(bytes, this.#nameStart, this.#nameEnd, this.#hash);
    this.#put(this.#nameStart, this.#nameEnd, this.#valueStart, valueEnd, this.#hash, known, NO_HASH);
  }

  #put(
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    nameHash: number,
    known: number,
    hash: number,
  ): void {
    const words = this.#ownWords((this.count + 1) * STRIDE);
    const word = this.count * STRIDE;
    words[word] = nameStart;
    words[word + 1] = nameEnd;
    words[word + 2] = valueStart;
    words[word + 3] = valueEnd;
    words[word + 4] = nameHash;
    words[word + 5] = known;
    words[word + 6] = hash;
    this.count += 1;
    this.#note(known, nameHash);
  }

  /** To write to, with room for so many words. */
  #ownWords(room = 0): Int32Array {
    const words = this.#words;
    if (words === this.#own && room <= words.length) return words;
    const length = Math.max(room, this.count * STRIDE);
    if (length > this.#own.length) this.#own = new Int32Array(Math.max(length, this.#own.length * 2));
    if (words !== this.#own) this.#own.set(words.subarray(0, this.count * STRIDE));
    return (this.#words = this.#own);
  }

  #note(known: number, nameHash: number): void {
    if (known === 0) this.#unknown |= 1 << nameHash;
    else if (known < 32) this.#below32 |= 1 << known;
    else this.#from32 |= 1 << known;
  }

  /** False: no field has that number in KNOWN. */
  #mayHave(known: number): boolean {
    return ((known < 32 ? this.#below32 : this.#from32) & (1 << known)) !== 0;
  }

  /**
   * Adds a field that another codec has read and checked. Its line, with `: ` and CRLF, stands in the octets that `complete` will be given;
   * lines follow each other without gaps. `known`: the name's number in KNOWN; `hash`: as HPACK's decoder computes it, NO_HASH or NEVER_INDEXED.
   * False: there are too many fields.
   */
  append(
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    nameHash: number,
    known: number,
    hash: number,
  ): boolean {
    if (this.count >= this.#maxFields) return false;
    this.#put(nameStart, nameEnd, valueStart, valueEnd, nameHash, known, hash);
    return true;
  }

  /** Ends a section made by `append`: the lines moved by `delta` and end before bytes[end]. */
  complete(bytes: Uint8Array, end: number, delta: number): void {
    this.bytes = bytes;
    this.rebase(delta);
    this.at = end + 2;
  }

  /** A complete section as `load` takes it. `bytes`: a copy of its octets from `start` on, which nobody writes to any more. */
  image(bytes: Uint8Array, start: number): FieldsImage {
    const words = this.#words.slice(0, this.count * STRIDE);
    for (let word = 0; word < words.length; word += STRIDE)
      for (let k = 0; k < 4; k += 1) words[word + k] = (words[word + k] as number) - start;
    const names = [this.#below32, this.#from32, this.#unknown] as const;
    const dropped = [this.#dropped, this.#droppedFrom32.slice()] as const;
    return { bytes, words, at: this.at - start, names, dropped };
  }

  /** Becomes a section that was complete. */
  load(image: FieldsImage): void {
    this.reset(image.at);
    this.loaded = image;
    this.#words = image.words;
    this.count = image.words.length / STRIDE;
    this.bytes = image.bytes;
    [this.#below32, this.#from32, this.#unknown] = image.names;
    this.#dropped = image.dropped[0];
    if (image.dropped[1].length > 0) this.#droppedFrom32 = image.dropped[1].slice();
  }

  nameStart(index: number): number {
    return this.#words[index * STRIDE] as number;
  }
  nameEnd(index: number): number {
    return this.#words[index * STRIDE + 1] as number;
  }
  valueStart(index: number): number {
    return this.#words[index * STRIDE + 2] as number;
  }
  valueEnd(index: number): number {
    return this.#words[index * STRIDE + 3] as number;
  }
  /** Of the name in lower case (`mixHash`). */
  nameHash(index: number): number {
    return this.#words[index * STRIDE + 4] as number;
  }
  /** Number in KNOWN, 0 when the name is not known. */
  known(index: number): number {
    return this.#words[index * STRIDE + 5] as number;
  }
  /** Of name and value (`HpackEncoder.field`), NO_HASH or NEVER_INDEXED. */
  hash(index: number): number {
    return this.#words[index * STRIDE + 6] as number;
  }
  dropped(index: number): boolean {
    return index < 32 ? (this.#dropped & (1 << index)) !== 0 : this.#droppedFrom32[index - 32] === 1;
  }
  drop(index: number): void {
    if (index < 32) this.#dropped |= 1 << index;
    else {
      if (this.#droppedFrom32.length < this.count - 32) this.#moreDropped();
      this.#droppedFrom32[index - 32] = 1;
    }
  }

  #moreDropped(): void {
    const wider = new Uint8Array(this.count - 32);
    wider.set(this.#droppedFrom32);
    this.#droppedFrom32 = wider;
  }

  /** Takes `drop` back. */
  restore(index: number): void {
    if (index < 32) this.#dropped &= ~(1 << index);
    else if (index - 32 < this.#droppedFrom32.length) this.#droppedFrom32[index - 32] = 0;
  }

  /** First field from `from` on with that number that is not dropped; -1 when there is none. */
  findKnown(known: number, from = 0): number {
    if (!this.#mayHave(known)) return -1;
    const words = this.#words;
    for (let index = from; index < this.count; index += 1) {
      if (words[index * STRIDE + 5] === known && !this.dropped(index)) return index;
    }
    return -1;
  }

  /** First field from `from` on with that name that is not dropped; -1 when there is none. */
  find(name: HeaderName, from = 0): number {
    if (name.known !== 0) return this.findKnown(name.known, from);
    if ((this.#unknown & (1 << name.hash)) === 0) return -1;
    const words = this.#words;
    for (let index = from; index < this.count; index += 1) {
      const word = index * STRIDE;
      if (words[word + 4] !== name.hash || this.dropped(index)) continue;
      if (spells(this.bytes, words[word] as number, words[word + 1] as number, name.text)) return index;
    }
    return -1;
  }

  dropKnown(known: number): void {
    if (!this.#mayHave(known)) return;
    const words = this.#words;
    for (let index = 0; index < this.count; index += 1) if (words[index * STRIDE + 5] === known) this.drop(index);
  }

  dropAll(name: HeaderName): void {
    for (let index = this.find(name); index >= 0; index = this.find(name, index + 1)) this.drop(index);
  }

  /** The value as Latin-1 text. */
  value(index: number): string {
    return this.#decode(this.bytes, this.valueStart(index), this.valueEnd(index));
  }

  /** The name as it was written. */
  name(index: number): string {
    return this.#decode(this.bytes, this.nameStart(index), this.nameEnd(index));
  }

  /** All values of a name joined by `,` as Envoy does for matching; undefined when there is none. */
  joined(name: HeaderName): string | undefined {
    let index = this.find(name);
    if (index < 0) return undefined;
    let text = this.value(index);
    for (index = this.find(name, index + 1); index >= 0; index = this.find(name, index + 1))
      text += `,${this.value(index)}`;
    return text;
  }

  /** The first value of a known name; undefined when there is none. */
  known1(known: number): string | undefined {
    const index = this.findKnown(known);
    return index < 0 ? undefined : this.value(index);
  }
}

function nameFault(octet: number, empty: boolean): Http1Fault {
  if (octet === LF && !empty) return FAULTS['bare-lf'];
  if ((octet === SP || octet === HTAB) && !empty) return FAULTS['space-before-colon'];
  return FAULTS['header-name'];
}

/** Fields that frame or route a message and may not stand in a trailer section (RFC 9110, 6.5.1). */
export function forbiddenTrailer(block: FieldBlock): boolean {
  for (let index = 0; index < block.count; index += 1) {
    const known = block.known(index);
    if (
      known === KNOWN['content-length'] ||
      known === KNOWN['transfer-encoding'] ||
      known === KNOWN.host ||
      known === KNOWN.connection ||
      known === KNOWN.upgrade ||
      known === KNOWN.te ||
      known === KNOWN.trailer ||
      known === KNOWN.expect
    ) {
      return true;
    }
  }
  return false;
}
