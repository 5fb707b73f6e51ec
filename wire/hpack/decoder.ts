/**
 * Decodes the header blocks of one connection (RFC 7541, 6). Every field is written as `name: value` and line end into a scratch buffer
 * that many decoders may share, so that fields look as if they had come by HTTP/1.1. Fields beyond the size limit are counted, kept in the
 * dynamic table and not written: the tables stay in step and memory does not grow.
 */
import type { HpackFault } from './errors.ts';
import { huffmanDecode, prepareHuffman } from './huffman.ts';
import { DynamicTable } from './dynamic-table.ts';
import { behindName, hashOctets, marksOfName, marksOfValue, nameMarks, NEVER } from './field-marks.ts';
import { FIELD_OVERHEAD } from './overhead.ts';
import { STATIC_ENTRIES } from './static-table.ts';

/** A block that decodes to that many times the limit is an attack: the connection ends. */
const BOMB = 16;
/** Numbers that tell of one line that entered the table, and how many lines of a block are told of. */
const ADDITION = 6;
const MAX_ADDITIONS = 16;
/** Octets a field line has beside name and value. */
const LINE_EXTRA = 4;
const NONE = new Uint8Array(0);
const NO_ADDITIONS = new Int32Array(0);

/** Memory that decoders write to; valid until the next `decode` of any of them. */
export class DecodeScratch {
  bytes: Uint8Array = new Uint8Array(4096);
  at = 0;

  reserve(octets: number): void {
    if (this.bytes.length - this.at >= octets) return;
    const wider = new Uint8Array(Math.max(this.bytes.length * 2, this.at + octets));
    wider.set(this.bytes.subarray(0, this.at));
    this.bytes = wider;
  }
}

export interface FieldSink {
  /** Octets in the scratch; `marks` (field-marks.ts), and the hashes of the name as it came and of the whole field. */
  field(
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    marks: number,
    nameHash: number,
    hash: number,
  ): void;
}

export class HpackDecoder {
  readonly scratch: DecodeScratch;
  /** Size of the last block's fields by RFC 7541, 4.1, whether written or not. */
  listSize = 0;
  /** The last block exceeded the limit: fields are missing. */
  overLimit = false;
  /** The last block named entries of the dynamic table. */
  refersToTable = false;
  readonly #table: DynamicTable;
  readonly #additions = new Int32Array(MAX_ADDITIONS * ADDITION);
  #added = 0;
  /** Additions that were repeated so many times and are not in the table yet. */
  #pendingAdditions: Int32Array = NO_ADDITIONS;
  #pendingLines: Uint8Array = NONE;
  #pendingTimes = 0;
  /** The last block must be decoded whenever it comes. */
  #once = false;
  #maximum: number;
  /** The capacity must be lowered to this by the next block's first octets; -1: not. */
  #owed = -1;
  #maxListSize: number;
  #at = 0;
  #fault: HpackFault = 'truncated';
  // The entry that was found: its line, and how much of it is its name.
  #line: Uint8Array = NONE;
  #from = 0;
  #length = 0;
  #nameLength = 0;
  #nameHash = 0;
  #hash = 0;
  #marks = 0;

  /** `maximum`: what SETTINGS_HEADER_TABLE_SIZE tells the peer. `maxListSize`: octets by RFC 7541, 4.1 that one block's fields may take. */
  constructor(maximum: number, maxListSize: number, scratch: DecodeScratch = new DecodeScratch()) {
    this.#maximum = maximum;
    this.#table = new DynamicTable(Math.min(4096, maximum));
    this.#maxListSize = maxListSize;
    this.scratch = scratch;
    prepareHuffman();
  }

  /** The peer acknowledged another SETTINGS_HEADER_TABLE_SIZE. */
  setMaximum(maximum: number): void {
    if (maximum < this.#table.capacity) this.#owed = maximum;
    this.#maximum = maximum;
  }

  /** Differs whenever the dynamic table does. */
  get generation(): number {
    return this.#table.generation + this.#pendingTimes * (this.#pendingAdditions.length / ADDITION);
  }

  /** What the last block did can be done again by `repeat` wherever it means the same: it referred to entries, or it made some, not both. */
  get repeatable(): boolean {
    return !this.#once && (!this.refersToTable || this.#added === 0);
  }

  /** A block may stand for itself now: none must begin with a change of the table's size. */
  get mayRepeat(): boolean {
    return this.#owed < 0;
  }

  /** What the last block put into the table: where the line begins in `additionLines`, its name's length, its length, its name's hash, its own, marks. */
  additions(): Int32Array {
    const copy = this.#additions.slice(0, this.#added * ADDITION);
    let at = 0;
    for (let i = 0; i < copy.length; i += ADDITION) {
      copy[i] = at;
      at += copy[i + 2] as number;
    }
    return copy;
  }

  /** The octets of those lines; to be asked for before the next `decode`. */
  additionLines(): Uint8Array {
    const all = this.#additions;
    let length = 0;
    for (let i = 0; i < this.#added * ADDITION; i += ADDITION) length += all[i + 2] as number;
    const lines = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < this.#added * ADDITION; i += ADDITION) {
      const from = all[i] as number;
      lines.set(this.scratch.bytes.subarray(from, from + (all[i + 2] as number)), at);
      at += all[i + 2] as number;
    }
    return lines;
  }

  /**
   * A block came again that made these additions. A peer that repeats one puts the same lines in over and over and seldom asks for them: they are put
   * in when the next block is decoded, and only as often as fills the table.
   */
  repeat(lines: Uint8Array, additions: Int32Array): void {
    if (additions.length === 0) return;
    if (additions !== this.#pendingAdditions) {
      this.#settle();
      this.#pendingAdditions = additions;
      this.#pendingLines = lines;
    }
    this.#pendingTimes += 1;
  }

  #settle(): void {
    const times = this.#pendingTimes;
    if (times === 0) return;
    const lines = this.#pendingLines;
    const additions = this.#pendingAdditions;
    const table = this.#table;
    const before = table.generation;
    const size = lines.length + (additions.length / ADDITION) * (FIELD_OVERHEAD - LINE_EXTRA);
    const enough = Math.ceil(table.capacity / size) + 1;
    for (let time = Math.min(times, enough); time > 0; time -= 1)
      for (let i = 0; i < additions.length; i += ADDITION)
        table.insert(
          lines,
          additions[i] as number,
          additions[i + 1] as number,
          additions[i + 2] as number,
          additions[i + 3] as number,
          additions[i + 4] as number,
          additions[i + 5] as number,
        );
    table.generation = before + times * (additions.length / ADDITION);
    this.#pendingTimes = 0;
    this.#pendingAdditions = NO_ADDITIONS;
    this.#pendingLines = NONE;
  }

  /** Octets the dynamic table holds by RFC 7541, 4.1. */
  get tableSize(): number {
    this.#settle();
    return this.#table.size;
  }

  /** Decodes bytes[start, end); undefined when all of it was understood. After a fault the decoder must not be used again. */
  decode(bytes: Uint8Array, start: number, end: number, sink: FieldSink): HpackFault | undefined {
    const { scratch } = this;
    scratch.at = 0;
    this.listSize = 0;
    this.overLimit = false;
    this.refersToTable = false;
    this.#added = 0;
    this.#once = false;
    this.#settle();
    this.#at = start;
    let updates = 0;
    let fields = false;
    while (this.#at < end) {
      const first = bytes[this.#at] as number;
      if (first >= 128) {
        const index = this.#integer(bytes, end, 127);
        if (index < 0) return this.#fault;
        if (!this.#find(index)) return 'index';
        fields = true;
        if (this.#counts(this.#nameLength, this.#length - this.#nameLength - LINE_EXTRA)) this.#emit(sink);
      } else if (first >= 32 && first < 64) {
        this.#once = true;
        if (fields || updates === 2) return 'table-size-place';
        updates += 1;
        const size = this.#integer(bytes, end, 31);
        if (size < 0) return this.#fault;
        if (size > this.#maximum) return 'table-size';
        if (this.#owed >= 0 && size <= this.#owed) this.#owed = -1;
        this.#table.resize(size);
      } else {
        fields = true;
        if (!this.#literal(bytes, end, first, sink)) return this.#fault;
      }
      if (fields && this.#owed >= 0) return 'table-size-missing';
      if (this.listSize > this.#maxListSize * BOMB) return 'list-too-large';
    }
    return undefined;
  }

  #counts(nameLength: number, valueLength: number): boolean {
    this.listSize += nameLength + valueLength + FIELD_OVERHEAD;
    if (this.listSize > this.#maxListSize) this.overLimit = true;
    return !this.overLimit;
  }

  /** The entry that was found. */
  #emit(sink: FieldSink): void {
    const { scratch } = this;
    const length = this.#length;
    scratch.reserve(length);
    const { bytes, at } = scratch;
    const line = this.#line;
    const from = this.#from;
    for (let i = 0; i < length; i += 1) bytes[at + i] = line[from + i] as number;
    scratch.at = at + length;
    const nameEnd = at + this.#nameLength;
    sink.field(at, nameEnd, nameEnd + 2, at + length - 2, this.#marks, this.#nameHash, this.#hash);
  }

  #literal(bytes: Uint8Array, end: number, first: number, sink: FieldSink): boolean {
    const indexed = first >= 64;
    const index = this.#integer(bytes, end, indexed ? 63 : 15);
    if (index < 0) return false;
    const { scratch } = this;
    const from = scratch.at;
    let nameHash = 0;
    let marks = 0;
    if (index === 0) {
      if (!this.#string(bytes, end)) return false;
      nameHash = hashOctets(scratch.bytes, from, scratch.at, 0);
      marks = marksOfName(scratch.bytes, from, scratch.at, nameHash);
    } else {
      if (!this.#find(index)) return this.#refuse('index');
      const line = this.#line;
      const start = this.#from;
      const length = this.#nameLength;
      scratch.reserve(length);
      for (let i = 0; i < length; i += 1) scratch.bytes[from + i] = line[start + i] as number;
      scratch.at += length;
      nameHash = this.#nameHash;
      marks = nameMarks(this.#marks);
    }
    const nameEnd = scratch.at;
    scratch.reserve(LINE_EXTRA);
    scratch.bytes[nameEnd] = 58;
    scratch.bytes[nameEnd + 1] = 32;
    scratch.at += 2;
    if (!this.#string(bytes, end)) return false;
    const valueEnd = scratch.at;
    scratch.reserve(2);
    scratch.bytes[valueEnd] = 13;
    scratch.bytes[valueEnd + 1] = 10;
    scratch.at = valueEnd + 2;
    const hash = hashOctets(scratch.bytes, nameEnd + 2, valueEnd, behindName(nameHash));
    marks |= marksOfValue(scratch.bytes, nameEnd + 2, valueEnd);
    if (indexed) this.#add(from, nameEnd - from, valueEnd + 2 - from, nameHash, hash, marks);
    else if (first >= 16) {
      marks |= NEVER;
      this.#once = true;
    }
    if (this.#counts(nameEnd - from, valueEnd - nameEnd - 2))
      sink.field(from, nameEnd, nameEnd + 2, valueEnd, marks, nameHash, hash);
    else scratch.at = from;
    return true;
  }

  #add(from: number, nameLength: number, length: number, nameHash: number, hash: number, marks: number): void {
    this.#table.insert(this.scratch.bytes, from, nameLength, length, nameHash, hash, marks);
    if (this.#added === MAX_ADDITIONS) {
      this.#once = true;
      return;
    }
    const all = this.#additions;
    const at = this.#added * ADDITION;
    all[at] = from;
    all[at + 1] = nameLength;
    all[at + 2] = length;
    all[at + 3] = nameHash;
    all[at + 4] = hash;
    all[at + 5] = marks;
    this.#added += 1;
  }

  /** Whether there is an entry of that index; it is at `#line` from `#from` on. */
  #find(index: number): boolean {
    if (index > STATIC_ENTRIES.length) {
      const table = this.#table;
      const entry = table.entry(index - STATIC_ENTRIES.length);
      if (entry < 0) return false;
      this.refersToTable = true;
      this.#line = table.octets;
      this.#from = table.start(entry);
      this.#length = table.length(entry);
      this.#nameLength = table.nameLength(entry);
      this.#nameHash = table.nameHash(entry);
      this.#hash = table.hash(entry);
      this.#marks = table.marks(entry);
      return true;
    }
    const entry = STATIC_ENTRIES[index - 1];
    if (entry === undefined) return false;
    this.#line = entry.line;
    this.#from = 0;
    this.#length = entry.line.length;
    this.#nameLength = entry.nameLength;
    this.#nameHash = entry.nameHash;
    this.#hash = entry.hash;
    this.#marks = entry.marks;
    return true;
  }

  /** RFC 7541, 5.1, with at most four octets behind the prefix; -1: see `#fault`. */
  #integer(bytes: Uint8Array, end: number, prefix: number): number {
    if (this.#at >= end) return this.#no('truncated');
    let value = (bytes[this.#at] as number) & prefix;
    this.#at += 1;
    if (value < prefix) return value;
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.#at >= end) return this.#no('truncated');
      const octet = bytes[this.#at] as number;
      this.#at += 1;
      value += (octet & 127) << shift;
      if (octet < 128) return value;
    }
    return this.#no('integer');
  }

  #string(bytes: Uint8Array, end: number): boolean {
    if (this.#at >= end) return this.#refuse('truncated');
    const coded = (bytes[this.#at] as number) >= 128;
    const length = this.#integer(bytes, end, 127);
    if (length < 0) return false;
    const from = this.#at;
    if (length > end - from) return this.#refuse('truncated');
    this.#at = from + length;
    const { scratch } = this;
    if (coded) {
      scratch.reserve(length * 2);
      const to = huffmanDecode(bytes, from, from + length, scratch.bytes, scratch.at);
      if (to < 0) return this.#refuse('huffman');
      scratch.at = to;
      return true;
    }
    scratch.reserve(length);
    const { bytes: into, at } = scratch;
    for (let i = 0; i < length; i += 1) into[at + i] = bytes[from + i] as number;
    scratch.at = at + length;
    return true;
  }

  #no(fault: HpackFault): number {
    this.#fault = fault;
    return -1;
  }

  #refuse(fault: HpackFault): boolean {
    this.#fault = fault;
    return false;
  }
}
