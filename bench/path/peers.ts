/** Client and server of one HTTP/2 connection each, as far as an engine needs them to be kept busy: octets that are made beforehand, and counting. */
import { Buffer } from 'node:buffer';
import { HpackEncoder, OctetWriter } from '@weft/wire/hpack';
import { PREFACE } from '@weft/wire/http2';

export type Fields = readonly (readonly [name: string, value: string])[];

const HEAD = 9;
const HEADERS = 1;
const END_STREAM = 1;
/** What lets a peer send as much as it likes: a window of 16 MB a stream, of 2 GB a connection. */
const OPENING = Uint8Array.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 4, 8, 0, 0, 0, 0, 0, 127, 0, 0, 0]);
const ACK = Uint8Array.from([0, 0, 0, 4, 1, 0, 0, 0, 0]);

function frameHead(out: OctetWriter, length: number, type: number, flags: number, stream: number): void {
  out.uint24(length);
  out.octet(type);
  out.octet(flags);
  out.uint32(stream);
}

/** Calls `seen` for every frame of whole frames. */
export function frames(octets: Uint8Array, seen: (type: number, flags: number) => void): void {
  for (let at = 0; at + HEAD <= octets.length; ) {
    seen(octets[at + 3] as number, octets[at + 4] as number);
    at += HEAD + ((octets[at] as number) << 16) + ((octets[at + 1] as number) << 8) + (octets[at + 2] as number);
  }
}

/** Writes requests of one connection, one stream after the other. */
export class Requests {
  readonly #out = new OctetWriter();
  readonly #encoder = new HpackEncoder();
  readonly #body: Uint8Array | undefined;
  #next = 1;

  constructor(body: Uint8Array | undefined) {
    this.#body = body;
    this.#out.octets(
      Uint8Array.from(PREFACE, (character) => character.charCodeAt(0)),
      0,
      PREFACE.length,
    );
    this.#out.octets(OPENING, 0, OPENING.length);
    this.#out.octets(ACK, 0, ACK.length);
  }

  add(fields: Fields): void {
    const out = this.#out;
    const body = this.#body;
    const start = out.size;
    frameHead(out, 0, HEADERS, body === undefined ? 5 : 4, this.#next);
    for (const [name, value] of fields) this.#encoder.text(out, name, value);
    out.patch24(out.size - start, out.size - start - HEAD);
    if (body !== undefined) {
      frameHead(out, body.length, 0, END_STREAM, this.#next);
      out.octets(body, 0, body.length);
    }
    this.#next += 2;
  }

  take(): Buffer {
    return Buffer.from(this.#out.take());
  }
}

/** Answers streams in the order in which they were opened. The head's fields enter the peer's table in every answer, as nginx does it. */
export class Answers {
  readonly #out = new OctetWriter();
  readonly #head: Fields;
  readonly #body: Uint8Array;
  readonly #trailers: Fields;
  #next = 1;
  /** Streams that were opened and are not answered yet. */
  owed = 0;

  constructor(head: Fields, body: Uint8Array, trailers: Fields) {
    this.#head = head;
    this.#body = body;
    this.#trailers = trailers;
    this.#out.octets(OPENING, 0, OPENING.length);
    this.#out.octets(ACK, 0, ACK.length);
  }

  /** Octets that the engine sent; the preface, which is no frame, comes with the first. */
  readonly received = (octets: Uint8Array): void => {
    const whole = octets[0] === 80 ? octets.subarray(PREFACE.length) : octets;
    frames(whole, (type) => {
      if (type === HEADERS) this.owed += 1;
    });
  };

  #section(flags: number, fields: Fields, status: boolean): void {
    const out = this.#out;
    const start = out.size;
    frameHead(out, 0, HEADERS, flags, this.#next);
    if (status) out.octet(0x88);
    for (const [name, value] of fields) {
      out.octet(0x40);
      for (const text of [name, value]) {
        out.octet(text.length);
        for (let i = 0; i < text.length; i += 1) out.octet(text.charCodeAt(i));
      }
    }
    out.patch24(out.size - start, out.size - start - HEAD);
  }

  /** Answers what is owed, in pieces of at most 64 kB that end with an answer. */
  *take(): Generator<Buffer> {
    const out = this.#out;
    while (this.owed > 0) {
      this.owed -= 1;
      this.#section(4, this.#head, true);
      const trailers = this.#trailers.length > 0;
      frameHead(out, this.#body.length, 0, trailers ? 0 : END_STREAM, this.#next);
      out.octets(this.#body, 0, this.#body.length);
      if (trailers) this.#section(5, this.#trailers, false);
      this.#next += 2;
      if (out.size > 60_000) yield Buffer.from(out.take());
    }
    if (out.size > 0) yield Buffer.from(out.take());
  }
}
