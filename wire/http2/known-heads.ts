/**
 * Header sections that came before in the very same octets: peers repeat themselves, and what a block means is known if nothing that it refers to
 * has changed since. It is kept when it is met for the second time; its fields are then taken as they were read and checked, and what it puts into
 * the dynamic table is put there again. It never gives what decoding would not give (RFC 7541, 2.2): blocks that both refer to the table and change it are
 * not kept, nor ones with never-indexed fields or a change of the table's size. Memory is bounded for a connection, and for all of an event loop.
 */
import type { HpackDecoder } from '../hpack/index.ts';
import { copyOf } from '../hpack/index.ts';
import type { HeadMemory, MessageHead, SectionImage } from './message-head.ts';

/** Blocks that a connection keeps. */
const SLOTS = 8;
/** Longer blocks have something of their own in them. */
const MAX_BLOCK = 256;
const MAX_HEAD = 1024;
/** Octets that are looked at to tell blocks apart, before all of them are. */
const SAMPLES = 16;
/** Octets of an entry beside block and head. */
const ENTRY_OCTETS = 512;
/** What the connections of an event loop keep together. */
const MAX_OCTETS = 4 << 20;

interface Known {
  readonly block: Uint8Array;
  readonly sample: number;
  /** Of the dynamic table, when the block refers to it; -1: it does not. */
  readonly generation: number;
  readonly trailers: boolean;
  readonly image: SectionImage;
  /** Lines to put into the dynamic table: five numbers each, as `HpackDecoder.additions` tells them, and the octets they are in. */
  readonly additions: Int32Array;
  readonly lines: Uint8Array;
  readonly size: number;
}

export class KnownHeads {
  readonly #memory: HeadMemory;
  readonly #slots: (Known | undefined)[] = [];
  readonly #met = new Int32Array(SLOTS * 4);
  #sample = 0;

  constructor(memory: HeadMemory) {
    this.#memory = memory;
  }

  /** Fills `head` with the section of that block, if it is known; false: it must be decoded. */
  take(
    bytes: Uint8Array,
    start: number,
    end: number,
    trailers: boolean,
    head: MessageHead,
    decoder: HpackDecoder,
  ): boolean {
    this.#sample = sampleOf(bytes, start, end, trailers);
    const known = this.#slots[slotOf(this.#sample)];
    if (
      known === undefined ||
      known.sample !== this.#sample ||
      known.trailers !== trailers ||
      (known.generation >= 0 && known.generation !== decoder.generation) ||
      !decoder.mayRepeat ||
      !same(known.block, bytes, start, end)
    )
      return false;
    decoder.repeat(known.lines, known.additions);
    head.restore(known.image, trailers);
    return true;
  }

  /** The block that was asked for last has been decoded into `head` without a fault. `generation`: of the table before. */
  decoded(
    bytes: Uint8Array,
    start: number,
    end: number,
    trailers: boolean,
    head: MessageHead,
    decoder: HpackDecoder,
    generation: number,
  ): void {
    const sample = this.#sample;
    const place = sample & (this.#met.length - 1);
    if (this.#met[place] !== sample) {
      this.#met[place] = sample;
      return;
    }
    if (end - start > MAX_BLOCK || !decoder.repeatable || this.#memory.known > MAX_OCTETS) return;
    const image = head.image(trailers, MAX_HEAD, this.#memory);
    if (image === undefined) return;
    const lines = decoder.additionLines();
    const known: Known = {
      block: copyOf(bytes, start, end),
      sample,
      generation: decoder.refersToTable ? generation : -1,
      trailers,
      image,
      additions: decoder.additions(),
      lines,
      size: end - start + image.fields.bytes.length + lines.length + ENTRY_OCTETS,
    };
    const slot = slotOf(sample);
    this.#memory.known += known.size - (this.#slots[slot]?.size ?? 0);
    this.#slots[slot] = known;
  }

  /** The connection is gone. */
  clear(): void {
    for (const known of this.#slots) this.#memory.known -= known?.size ?? 0;
    this.#slots.length = 0;
  }
}

const slotOf = (sample: number): number => (sample >>> 8) & (SLOTS - 1);

function sampleOf(bytes: Uint8Array, start: number, end: number, trailers: boolean): number {
  const length = end - start;
  let hash = Math.imul(length + (trailers ? 4096 : 0), 0x9e3779b1) | 0;
  if (length <= SAMPLES * 2) {
    for (let i = start; i < end; i += 1) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  } else {
    for (let k = 0; k < SAMPLES; k += 1) {
      hash = (Math.imul(hash, 31) + (bytes[start + k] as number)) | 0;
      hash = (Math.imul(hash, 31) + (bytes[end - 1 - k] as number)) | 0;
    }
  }
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x85ebca6b) ^ (hash >>> 13);
}

function same(block: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = block;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i += 1) if (block[i] !== bytes[start + i]) return false;
  return true;
}
