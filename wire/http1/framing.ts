/** How long a message's body is (RFC 9112, 6), from its header section. Strict: whatever two readers could understand differently is refused. */
import { FAULTS, type Http1Fault } from './errors.ts';
import type { FieldBlock } from './field-block.ts';
import { KNOWN } from './names.ts';
import { equalsLower, nextListElement } from './octets.ts';

/** Kind of body. A readonly number, as the readers compare it on every read. */
export const BODY_NONE = 0;
export const BODY_LENGTH = 1;
export const BODY_CHUNKED = 2;
export const BODY_UNTIL_CLOSE = 3;
export type BodyKind = 0 | 1 | 2 | 3;

/** Answer of the two look-ups below: -1 not there, -2 refused (see `fault`), else the value. */
export const ABSENT = -1;
export const REFUSED = -2;

export class FramingFields {
  fault: Http1Fault = FAULTS['content-length'];

  /** The one Content-Length; at most 2^53 - 1, no sign, list, white space inside or leading zero. */
  contentLength(fields: FieldBlock): number {
    const index = fields.findKnown(KNOWN['content-length']);
    if (index < 0) return ABSENT;
    if (fields.findKnown(KNOWN['content-length'], index + 1) >= 0)
      return this.#refuse(FAULTS['content-length-duplicate']);
    const start = fields.valueStart(index);
    const end = fields.valueEnd(index);
    const bytes = fields.bytes;
    if (start === end || end - start > 16 || (bytes[start] === 48 && end - start > 1))
      return this.#refuse(FAULTS['content-length']);
    let length = 0;
    for (let i = start; i < end; i += 1) {
      const digit = (bytes[i] as number) - 48;
      if (digit < 0 || digit > 9) return this.#refuse(FAULTS['content-length']);
      length = length * 10 + digit;
    }
    return length > Number.MAX_SAFE_INTEGER ? this.#refuse(FAULTS['content-length']) : length;
  }

  /** 1 when the one Transfer-Encoding is exactly `chunked`. */
  transferEncoding(fields: FieldBlock): number {
    const index = fields.findKnown(KNOWN['transfer-encoding']);
    if (index < 0) return ABSENT;
    if (fields.findKnown(KNOWN['transfer-encoding'], index + 1) >= 0) return this.#refuse(FAULTS['transfer-encoding']);
    const start = fields.valueStart(index);
    const end = fields.valueEnd(index);
    if (equalsLower(fields.bytes, start, end, 'chunked')) return 1;
    return this.#refuse(
      FAULTS[namesOtherCoding(fields.bytes, start, end) ? 'transfer-encoding-unsupported' : 'transfer-encoding'],
    );
  }

  #refuse(fault: Http1Fault): number {
    this.fault = fault;
    return REFUSED;
  }
}

/** Whether the list is well-formed, ends with `chunked` and names a registered coding (RFC 9112, 7) before it. */
function namesOtherCoding(bytes: Uint8Array, start: number, end: number): boolean {
  const span = { start: 0, end: 0 };
  let last = '';
  let other = false;
  for (let at = nextListElement(bytes, start, end, span); at >= 0; at = nextListElement(bytes, at, end, span)) {
    if (last === 'chunked') return false;
    if (equalsLower(bytes, span.start, span.end, 'chunked')) last = 'chunked';
    else if (
      ['gzip', 'x-gzip', 'compress', 'x-compress', 'deflate'].some((name) =>
        equalsLower(bytes, span.start, span.end, name),
      )
    ) {
      last = 'other';
      other = true;
    } else return false;
  }
  return other;
}

/** What the Connection header says (RFC 9110, 7.6.1). */
export interface ConnectionOptions {
  close: boolean;
  keepAlive: boolean;
  upgrade: boolean;
  /** Some other option is named: fields to drop when forwarding. */
  nominates: boolean;
}

const span = { start: 0, end: 0 };

/** Reads every Connection field into `options`. */
export function readConnection(fields: FieldBlock, options: ConnectionOptions): void {
  options.close = false;
  options.keepAlive = false;
  options.upgrade = false;
  options.nominates = false;
  const { bytes } = fields;
  for (
    let index = fields.findKnown(KNOWN.connection);
    index >= 0;
    index = fields.findKnown(KNOWN.connection, index + 1)
  ) {
    const end = fields.valueEnd(index);
    let at = nextListElement(bytes, fields.valueStart(index), end, span);
    for (; at >= 0; at = nextListElement(bytes, at, end, span)) {
      if (equalsLower(bytes, span.start, span.end, 'close')) options.close = true;
      else if (equalsLower(bytes, span.start, span.end, 'keep-alive')) options.keepAlive = true;
      else if (equalsLower(bytes, span.start, span.end, 'upgrade')) options.upgrade = true;
      else if (span.end > span.start) options.nominates = true;
    }
  }
}
