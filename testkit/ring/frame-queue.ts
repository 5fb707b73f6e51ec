/** Frames and header sections of one direction of an HTTP/2 connection (RFC 9113, 4; RFC 7541), for judges: what is no frame is for the owner to say. */
import { DecodeScratch, HpackDecoder } from '@weft/wire/hpack';
import { END_HEADERS, END_STREAM, type Frame, TYPES } from '../http2-frames/index.ts';
import type { Field } from './payload.ts';
import { OctetQueue } from './octet-queue.ts';

export class FrameQueue {
  readonly #queue = new OctetQueue();

  /** `behind`: octets to leave out first, as a preface. */
  constructor(behind = 0) {
    this.#left = behind;
  }
  #left: number;

  push(chunk: Buffer): void {
    const skipped = Math.min(this.#left, chunk.length);
    this.#left -= skipped;
    this.#queue.push(chunk.subarray(skipped));
  }

  /** The next whole frame; undefined: more must come. */
  next(): Frame | undefined {
    const { bytes } = this.#queue;
    if (bytes.length < 9) return undefined;
    const length = bytes.readUIntBE(0, 3);
    if (bytes.length < 9 + length) return undefined;
    this.#queue.skip(9 + length);
    return {
      type: bytes[3] ?? 0,
      flags: bytes[4] ?? 0,
      stream: bytes.readUInt32BE(5) & 0x7fffffff,
      payload: bytes.subarray(9, 9 + length),
    };
  }
}

export interface Section {
  readonly stream: number;
  readonly fields: readonly Field[];
  readonly ends: boolean;
}

const PADDED = 8;
const PRIORITY = 32;

/** Joins HEADERS and CONTINUATION; the table lives as long as the connection, so every section must pass through. */
export class Sections {
  readonly #scratch = new DecodeScratch();
  readonly #decoder = new HpackDecoder(4096, 1 << 20, this.#scratch);
  #block: Buffer[] = [];
  #stream = 0;
  #ends = false;

  /** A section, when the frame ends one; a text: it is none. */
  take({ type, flags, stream, payload }: Frame): Section | string | undefined {
    if (type === TYPES.HEADERS) {
      this.#stream = stream;
      this.#ends = (flags & END_STREAM) !== 0;
      this.#block = [unpadded(flags, payload).subarray((flags & PRIORITY) === 0 ? 0 : 5)];
    } else if (type === TYPES.CONTINUATION) {
      if (stream !== this.#stream) return 'CONTINUATION of another stream';
      this.#block.push(payload);
    } else return undefined;
    if ((flags & END_HEADERS) === 0) return undefined;
    const fields: Field[] = [];
    const text = (from: number, to: number): string =>
      Buffer.from(this.#scratch.bytes.subarray(from, to)).toString('latin1');
    const block = Buffer.concat(this.#block);
    const fault = this.#decoder.decode(block, 0, block.length, {
      field: (from, to, start, end) => void fields.push([text(from, to), text(start, end)]),
    });
    return fault === undefined ? { stream, fields, ends: this.#ends } : `HPACK: ${String(fault)}`;
  }
}

/** What a DATA or HEADERS frame carries without its padding (RFC 9113, 6.1). */
export const unpadded = (flags: number, payload: Buffer): Buffer =>
  (flags & PADDED) === 0 ? payload : payload.subarray(1, payload.length - (payload[0] ?? 0));
