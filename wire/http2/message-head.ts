/** What one stream keeps of a message's head and trailers, laid out as HTTP/1.1 lines, and the memory that heads stand in. */
import { FieldBlock, type FieldsImage } from '../http1/field-block.ts';
import type { Latin1Decoder } from '../http1/octets.ts';

const NONE = new Uint8Array(0);
const SLAB = 16 * 1024;

/** A section that was read and checked; its octets are never written again. Of trailers, all but the fields means nothing. */
export interface SectionImage {
  readonly fields: FieldsImage;
  readonly method: string;
  readonly scheme: string;
  readonly protocol: string;
  readonly status: number;
  readonly pathStart: number;
  readonly pathEnd: number;
  readonly hostStart: number;
  readonly hostEnd: number;
  readonly contentLength: number;
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

  /** The section as it stands, for `restore`; undefined: it takes more than `limit` octets. `memory`: where its octets will be. */
  image(trailers: boolean, limit: number, memory: HeadMemory): SectionImage | undefined {
    const block = trailers ? this.trailerBlock : this.fields;
    const end = block.at - 2;
    const first = block.count === 0 ? end : block.nameStart(0);
    const start = trailers ? first : Math.min(first, this.pathStart);
    if (end - start > limit) return undefined;
    const bytes = memory.apart(end - start);
    bytes.set(block.bytes.subarray(start, end));
    return {
      fields: block.image(bytes, start),
      method: this.method,
      scheme: this.scheme,
      protocol: this.protocol,
      status: this.status,
      pathStart: this.pathStart - start,
      pathEnd: this.pathEnd - start,
      hostStart: this.hostEnd === 0 ? 0 : this.hostStart - start,
      hostEnd: this.hostEnd === 0 ? 0 : this.hostEnd - start,
      contentLength: this.contentLength,
    };
  }

  /** Becomes as it was when the image was made. */
  restore(image: SectionImage, trailers: boolean): void {
    if (trailers) {
      this.trailerBlock.load(image.fields);
      return;
    }
    this.fields.load(image.fields);
    this.method = image.method;
    this.scheme = image.scheme;
    this.protocol = image.protocol;
    this.status = image.status;
    this.pathStart = image.pathStart;
    this.pathEnd = image.pathEnd;
    this.hostStart = image.hostStart;
    this.hostEnd = image.hostEnd;
    this.contentLength = image.contentLength;
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

  /** Octets that `KnownHeads` of all connections keep. */
  known = 0;

  /** Memory of its own, for what outlives the slab's other heads. */
  apart(octets: number): Uint8Array {
    return this.#allocate(octets);
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
