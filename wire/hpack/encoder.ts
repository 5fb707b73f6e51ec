/**
 * Encodes the header blocks of one connection (RFC 7541, 6). A field enters the dynamic table when it is met for the second time, so that
 * values that never repeat (paths with numbers, request ids) push nothing out; credentials and whatever came as never-indexed stay literals
 * that no table on the way may keep (RFC 7541, 7.1.3).
 */
import { mixHash } from '../http1/names.ts';
import { NEVER_INDEXED, NO_HASH } from '../http1/field-block.ts';
import { LOWER, octetsOf } from '../http1/octets.ts';
import { behindName, hashOctets } from './field-marks.ts';
import { huffmanEncode, huffmanLength, prepareHuffman } from './huffman.ts';
import { copyOf, type OctetWriter } from './octet-writer.ts';
import { FIELD_OVERHEAD } from './overhead.ts';
import { STATIC_FIELDS } from './static-table.ts';

interface Entry {
  readonly hash: number;
  readonly nameHash: number;
  readonly name: Uint8Array;
  readonly value: Uint8Array;
  /** Counts insertions from 1; 0 and below: static, -(index). */
  readonly number: number;
}

interface KnownText {
  value: string;
  /** Undefined: it was written as a literal. */
  entry: Entry | undefined;
  /** Literals one after the other. */
  literals: number;
}

/** Literals after which a name's values are taken for ones that never come again, as ids of requests: they are not searched for. */
const NEW_EACH_TIME = 16;
/** One of so many of them is searched for nevertheless. */
const LOOK_AGAIN = 64;

/** Sections whose entries are remembered. */
const MAX_SECTIONS = 4;
const UNKNOWN = { known: undefined, entries: undefined };
/** Names whose last text is remembered: of secrets none, and of names in the static table, which are an octet there, only ones with an entry. */
const MAX_TEXTS = 64;
/** The encoder never uses a larger table, whatever the peer allows. */
const MAX_TABLE = 4096;
/** Remembers the hashes of fields met once. */
const SEEN_SLOTS = 256;
const SECRETS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-forwarded-client-cert'];
const STATIC_COUNT = STATIC_FIELDS.length;
/** Statuses that the static table has, by their index in it. */
const STATUS_INDEX = new Map(
  STATIC_FIELDS.flatMap(([name, value], position) =>
    name === ':status' ? [[Number(value), position + 1] as const] : [],
  ),
);

const slotOf = (hash: number): number => (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SEEN_SLOTS - 1);

const hashOf = (octets: Uint8Array, from: number): number => hashOctets(octets, 0, octets.length, from);

const staticFields = new Map<number, Entry>();
const staticNames = new Map<number, Entry>();
STATIC_FIELDS.forEach(([name, value], position) => {
  const octets = octetsOf(name);
  const nameHash = hashOf(octets, 0);
  const entry: Entry = {
    hash: hashOf(octetsOf(value), behindName(nameHash)),
    nameHash,
    name: octets,
    value: octetsOf(value),
    number: -(position + 1),
  };
  if (!staticNames.has(nameHash)) staticNames.set(nameHash, entry);
  staticFields.set(entry.hash, entry);
});
const neverNames = new Set(SECRETS.map((name) => hashOf(octetsOf(name), 0)));

export class HpackEncoder {
  readonly #fields = new Map<number, Entry>();
  readonly #names = new Map<number, Entry>();
  readonly #entries: Entry[] = [];
  #first = 0;
  #inserted = 0;
  #size = 0;
  #capacity = MAX_TABLE;
  /** The smallest capacity since the last block, -1 when it did not change. */
  #lowest = -1;
  readonly #seen = new Int32Array(SEEN_SLOTS);
  /** By the hash's slot: the entry that a field of octets was written by last. Secrets are never among them. */
  readonly #recent: (Entry | undefined)[] = new Array<Entry | undefined>(SEEN_SLOTS).fill(undefined);
  #text = new Uint8Array(256);
  /** By name: the last field that was given as text and written by its number. */
  readonly #texts = new Map<string, KnownText>();
  #used: Entry | undefined;
  /** Sections that were written twice in a row. */
  readonly #sections: { readonly known: object; readonly entries: (Entry | undefined)[] }[] = [];
  #nextSection = 0;
  #unknownSection: object | undefined;

  constructor() {
    prepareHuffman();
  }

  /** SETTINGS_HEADER_TABLE_SIZE of the peer. */
  setMaximum(maximum: number): void {
    const capacity = Math.min(maximum, MAX_TABLE);
    if (capacity === this.#capacity) return;
    this.#lowest = this.#lowest < 0 ? capacity : Math.min(this.#lowest, capacity);
    this.#capacity = capacity;
    this.#evict(capacity);
  }

  /** Must be called before the first field of each block. */
  begin(out: OctetWriter): void {
    if (this.#lowest < 0) return;
    if (this.#lowest < this.#capacity) integer(out, 31, 32, this.#lowest);
    integer(out, 31, 32, this.#capacity);
    this.#lowest = -1;
  }

  /** `:status` of an answer. */
  status(out: OctetWriter, status: number): void {
    const index = STATUS_INDEX.get(status);
    if (index === undefined) this.text(out, ':status', String(status));
    else out.octet(128 | index);
  }

  /** A field given as text, one character an octet, the name in lower case. */
  text(out: OctetWriter, name: string, value: string, never = false): void {
    const last = this.#texts.get(name);
    if (last !== undefined && !never) {
      if (last.entry !== undefined && last.value === value && this.#lives(last.entry)) {
        integer(out, 127, 128, this.#indexOf(last.entry));
        return;
      }
      if (last.literals >= NEW_EACH_TIME) {
        last.literals += 1;
        if (last.literals % LOOK_AGAIN !== 0) {
          plain(out, name, value);
          return;
        }
      }
    }
    const need = name.length + value.length;
    if (this.#text.length < need) this.#text = new Uint8Array(need * 2);
    const text = this.#text;
    const nameHash = spell(name, text);
    for (let i = 0; i < value.length; i += 1) text[name.length + i] = value.charCodeAt(i);
    this.field(out, text, 0, name.length, nameHash, text, name.length, need, never ? NEVER_INDEXED : NO_HASH);
    const entry = this.#used;
    if (last === undefined) {
      if (entry !== undefined && this.#texts.size < MAX_TEXTS) this.#texts.set(name, { value, entry, literals: 0 });
      else if (!never && this.#texts.size < MAX_TEXTS && !neverNames.has(nameHash) && !staticNames.has(nameHash))
        this.#texts.set(name, { value, entry, literals: 1 });
      return;
    }
    last.value = value;
    last.entry = entry;
    last.literals = entry === undefined && !never && !staticNames.has(nameHash) ? last.literals + 1 : 0;
  }

  #lives({ number }: Entry): boolean {
    return number < 0 || number > this.#inserted - (this.#entries.length - this.#first);
  }

  /** A field whose value is given as octets, its name as text in lower case. */
  named(out: OctetWriter, name: string, bytes: Uint8Array, start: number, end: number): void {
    const text = this.#text;
    this.field(out, text, 0, name.length, spell(name, text), bytes, start, end, NO_HASH);
  }

  /**
   * A field as octets; the name may be in any case and is written in lower case. `nameHash`: of the lower-case name (`mixHash`); `hash`: of the
   * whole, as `HpackDecoder` tells it, NO_HASH or NEVER_INDEXED.
   */
  field(
    out: OctetWriter,
    nameBytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    nameHash: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    hash: number,
  ): void {
    const whole = hash === NO_HASH ? hashOctets(bytes, start, end, behindName(nameHash)) : hash;
    const recent = this.#recent[slotOf(whole)];
    if (
      recent !== undefined &&
      recent.hash === whole &&
      this.#lives(recent) &&
      equals(recent.value, bytes, start, end) &&
      spells(recent.name, nameBytes, nameStart, nameEnd) &&
      hash !== NEVER_INDEXED
    ) {
      this.#used = recent;
      integer(out, 127, 128, this.#indexOf(recent));
    } else this.#search(out, nameBytes, nameStart, nameEnd, nameHash, bytes, start, end, whole, hash === NEVER_INDEXED);
  }

  /**
   * The entries that the fields of a section were written by when it was written last, by their place in it: for `again`, and to be kept up with
   * `last`. Undefined: it is not known yet.
   */
  entriesOf(section: object): (Entry | undefined)[] | undefined {
    for (let at = 0; at < MAX_SECTIONS; at += 1) {
      const { known, entries } = this.#sections[at] ?? UNKNOWN;
      if (known === section) return entries;
    }
    if (this.#unknownSection === section) {
      this.#sections[this.#nextSection] = { known: section, entries: [] };
      this.#nextSection = (this.#nextSection + 1) % MAX_SECTIONS;
    }
    this.#unknownSection = section;
    return undefined;
  }

  /** Writes the field that `entry` is of by its number; false: it is not in the table any more. */
  again(out: OctetWriter, entry: Entry): boolean {
    if (!this.#lives(entry)) return false;
    integer(out, 127, 128, this.#indexOf(entry));
    return true;
  }

  /** The entry that the last field was written by, or made; undefined: it is in no table. */
  get last(): Entry | undefined {
    return this.#used;
  }

  /** As `field`, where it is not among those that were written lately. */
  #search(
    out: OctetWriter,
    nameBytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    nameHash: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    hash: number,
    never: boolean,
  ): void {
    const secret = never || neverNames.has(nameHash);
    if (!secret) {
      const known = this.#fields.get(hash) ?? staticFields.get(hash);
      if (
        known !== undefined &&
        spells(known.name, nameBytes, nameStart, nameEnd) &&
        equals(known.value, bytes, start, end)
      ) {
        this.#used = known;
        this.#recent[slotOf(hash)] = known;
        integer(out, 127, 128, this.#indexOf(known));
        return;
      }
    }
    let named = staticNames.get(nameHash) ?? this.#names.get(nameHash);
    if (named !== undefined && !spells(named.name, nameBytes, nameStart, nameEnd)) named = undefined;
    const indexed = !secret && this.#metBefore(hash) && this.#fits(nameEnd - nameStart + end - start);
    if (indexed) integer(out, 63, 64, named === undefined ? 0 : this.#indexOf(named));
    else integer(out, 15, secret ? 16 : 0, named === undefined ? 0 : this.#indexOf(named));
    if (named === undefined) {
      integer(out, 127, 0, nameEnd - nameStart);
      for (let i = nameStart; i < nameEnd; i += 1) out.octet(LOWER[nameBytes[i] as number] as number);
    }
    // What is sent once costs more to code, here and at the peer, than the octets that it saves.
    const coded = indexed ? huffmanLength(bytes, start, end) : end - start;
    if (coded < end - start) {
      integer(out, 127, 128, coded);
      huffmanEncode(out, bytes, start, end);
    } else {
      integer(out, 127, 0, end - start);
      out.octets(bytes, start, end);
    }
    if (!indexed) this.#used = undefined;
    else this.#used = this.#insert(hash, nameHash, nameBytes, nameStart, nameEnd, copyOf(bytes, start, end));
  }

  #fits(octets: number): boolean {
    return octets + FIELD_OVERHEAD <= this.#capacity / 2;
  }

  #metBefore(hash: number): boolean {
    const slot = slotOf(hash);
    if (this.#seen[slot] === hash) return true;
    this.#seen[slot] = hash;
    return false;
  }

  #insert(
    hash: number,
    nameHash: number,
    bytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    value: Uint8Array,
  ): Entry {
    const name = new Uint8Array(nameEnd - nameStart);
    for (let i = 0; i < name.length; i += 1) name[i] = LOWER[bytes[nameStart + i] as number] as number;
    const size = name.length + value.length + FIELD_OVERHEAD;
    this.#evict(this.#capacity - size);
    this.#inserted += 1;
    const entry: Entry = { hash, nameHash, name, value, number: this.#inserted };
    this.#entries.push(entry);
    this.#fields.set(hash, entry);
    this.#names.set(nameHash, entry);
    this.#size += size;
    return entry;
  }

  #evict(size: number): void {
    const entries = this.#entries;
    while (this.#size > size && this.#first < entries.length) {
      const entry = entries[this.#first] as Entry;
      this.#size -= entry.name.length + entry.value.length + FIELD_OVERHEAD;
      this.#first += 1;
      if (this.#fields.get(entry.hash) === entry) this.#fields.delete(entry.hash);
      if (this.#names.get(entry.nameHash) === entry) this.#names.delete(entry.nameHash);
    }
    if (this.#first > 32 && this.#first * 2 > entries.length) {
      entries.splice(0, this.#first);
      this.#first = 0;
    }
  }

  #indexOf({ number }: Entry): number {
    return number < 0 ? -number : STATIC_COUNT + this.#inserted - number + 1;
  }
}

/** A literal that enters no table, its name with it (RFC 7541, 6.2.2). */
function plain(out: OctetWriter, name: string, value: string): void {
  out.octet(0);
  integer(out, 127, 0, name.length);
  out.text(name);
  integer(out, 127, 0, value.length);
  out.text(value);
}

/** Writes a name's octets; its hash. */
function spell(name: string, into: Uint8Array): number {
  let hash = 0;
  for (let i = 0; i < name.length; i += 1) {
    const octet = name.charCodeAt(i);
    into[i] = octet;
    hash = mixHash(hash, octet);
  }
  return hash;
}

function equals(octets: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = octets;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i += 1) if (octets[i] !== bytes[start + i]) return false;
  return true;
}

/** Whether bytes[start, end) is the lower-case name `octets` in any case. */
function spells(octets: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = octets;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i += 1) {
    if (octets[i] !== LOWER[bytes[start + i] as number]) return false;
  }
  return true;
}

/** RFC 7541, 5.1. `pattern`: the bits before the prefix. */
function integer(out: OctetWriter, prefix: number, pattern: number, value: number): void {
  if (value < prefix) {
    out.octet(pattern | value);
    return;
  }
  out.octet(pattern | prefix);
  let left = value - prefix;
  while (left >= 128) {
    out.octet((left & 127) | 128);
    left >>>= 7;
  }
  out.octet(left);
}
