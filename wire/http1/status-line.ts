/** The status line (RFC 9112, 4): `HTTP/1.d SP 3DIGIT [SP reason] CRLF`, parsed as its octets come. */
import { FAULTS, type Http1Fault } from './errors.ts';
import { FAULT, MORE } from './field-block.ts';
import { CR, FIELD_VALUE, LF, SP } from './octets.ts';

const FIXED = 'HTTP/1.';
const REASON = 13;
const LINE_LF = 14;

export class StatusLine {
  /** 100 to 999. */
  status = 0;
  minor: 0 | 1 = 1;
  /** The reason phrase; may be empty. */
  reasonStart = 0;
  reasonEnd = 0;
  fault: Http1Fault = FAULTS['status-line'];
  at = 0;
  /** Octets of the line seen while the fixed part lasts, then REASON and LINE_LF. */
  #state = 0;

  reset(at: number): void {
    this.at = at;
    this.#state = 0;
  }

  rebase(delta: number): void {
    this.at += delta;
    this.reasonStart += delta;
    this.reasonEnd += delta;
  }

  /** Position after the line, MORE, or FAULT. */
  parse(bytes: Uint8Array, end: number): number {
    let i = this.at;
    while (i < end) {
      const octet = bytes[i] as number;
      if (this.#state < REASON) {
        if (!this.#fixed(octet, i)) return this.#refuse(FAULTS['status-line']);
        i += 1;
      } else if (this.#state === REASON) {
        while (i < end && FIELD_VALUE[bytes[i] as number] === 1) i += 1;
        if (i === end) break;
        if (bytes[i] !== CR) return this.#refuse(bytes[i] === LF ? FAULTS['bare-lf'] : FAULTS['status-line']);
        this.reasonEnd = i;
        i += 1;
        this.#state = LINE_LF;
      } else {
        if (octet !== LF) return this.#refuse(FAULTS['bare-cr']);
        this.at = i + 1;
        return i + 1;
      }
    }
    this.at = i;
    return MORE;
  }

  #fixed(octet: number, at: number): boolean {
    const index = this.#state;
    this.#state += 1;
    if (index < 7) return octet === FIXED.charCodeAt(index);
    if (index === 7) {
      this.minor = octet === 48 ? 0 : 1;
      return octet === 48 || octet === 49;
    }
    if (index === 8) {
      this.status = 0;
      return octet === SP;
    }
    if (index < 12) {
      if (octet < 48 || octet > 57 || (index === 9 && octet === 48)) return false;
      this.status = this.status * 10 + octet - 48;
      return true;
    }
    this.reasonStart = at + 1;
    if (octet !== CR) return octet === SP;
    this.reasonStart = at;
    this.reasonEnd = at;
    this.#state = LINE_LF;
    return true;
  }

  #refuse(fault: Http1Fault): number {
    this.fault = fault;
    return FAULT;
  }
}
