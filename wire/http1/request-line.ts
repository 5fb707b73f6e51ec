/** The request line (RFC 9112, 3): `method SP target SP HTTP/d.d CRLF`, parsed as its octets come. One empty line before it is passed over. */
import { FAULTS, type Http1Fault } from './errors.ts';
import { FAULT, MORE } from './field-block.ts';
import { CR, LF, SP, TARGET, TOKEN_LOWER } from './octets.ts';

const MAX_METHOD_OCTETS = 32;
const START = 0;
const START_LF = 1;
const METHOD = 2;
const TARGET_FIRST = 3;
const TARGET_REST = 4;
const VERSION = 5;
const LINE_LF = 6;
const NAME_AND_SLASH = 'HTTP/';

export class RequestLine {
  methodStart = 0;
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  minor: 0 | 1 = 1;
  fault: Http1Fault = FAULTS.method;
  at = 0;
  #state = START;
  #emptyLine = false;
  #version = 0;
  #major = 0;
  #minor = 0;

  reset(at: number): void {
    this.at = at;
    this.#state = START;
    this.#emptyLine = false;
  }

  rebase(delta: number): void {
    this.at += delta;
    this.methodStart += delta;
    this.methodEnd += delta;
    this.targetStart += delta;
    this.targetEnd += delta;
  }

  /** Position after the line, MORE, or FAULT. */
  parse(bytes: Uint8Array, end: number): number {
    let i = this.at;
    while (i < end) {
      const state = this.#state;
      if (state === START) {
        if (bytes[i] === CR) {
          if (this.#emptyLine) return this.#refuse(FAULTS['empty-lines']);
          this.#emptyLine = true;
          this.#state = START_LF;
          i += 1;
        } else {
          this.methodStart = i;
          this.#state = METHOD;
        }
      } else if (state === START_LF) {
        if (bytes[i] !== LF) return this.#refuse(FAULTS['bare-cr']);
        this.#state = START;
        i += 1;
      } else if (state === METHOD) {
        while (i < end && TOKEN_LOWER[bytes[i] as number] !== 0) i += 1;
        if (i - this.methodStart > MAX_METHOD_OCTETS) return this.#refuse(FAULTS.method);
        if (i === end) break;
        if (bytes[i] !== SP || i === this.methodStart) return this.#refuse(FAULTS.method);
        this.methodEnd = i;
        i += 1;
        this.targetStart = i;
        this.#state = TARGET_FIRST;
      } else if (state === TARGET_FIRST) {
        if (TARGET[bytes[i] as number] === 0) return this.#refuse(FAULTS['target-octet']);
        this.#state = TARGET_REST;
      } else if (state === TARGET_REST) {
        while (i < end && TARGET[bytes[i] as number] === 1) i += 1;
        if (i === end) break;
        if (bytes[i] !== SP) return this.#refuse(targetFault(bytes[i] as number));
        this.targetEnd = i;
        i += 1;
        this.#version = 0;
        this.#state = VERSION;
      } else if (state === VERSION) {
        const fault = this.#versionOctet(bytes[i] as number);
        if (fault !== undefined) return this.#refuse(fault);
        i += 1;
      } else {
        if (bytes[i] !== LF) return this.#refuse(FAULTS['bare-cr']);
        if (this.#major !== 1 || this.#minor > 1) return this.#refuse(FAULTS['version-unsupported']);
        this.minor = this.#minor === 0 ? 0 : 1;
        this.#state = START;
        this.at = i + 1;
        return i + 1;
      }
    }
    this.at = i;
    return MORE;
  }

  /** `HTTP/` digit `.` digit CR, case-sensitive (RFC 9112, 2.3). */
  #versionOctet(octet: number): Http1Fault | undefined {
    const index = this.#version;
    this.#version += 1;
    if (index < 5) return octet === NAME_AND_SLASH.charCodeAt(index) ? undefined : FAULTS.version;
    if (index === 6) return octet === 46 ? undefined : FAULTS.version;
    if (index === 8) {
      if (octet !== CR) return octet === LF ? FAULTS['bare-lf'] : FAULTS.version;
      this.#state = LINE_LF;
      return undefined;
    }
    if (octet < 48 || octet > 57) return FAULTS.version;
    if (index === 5) this.#major = octet - 48;
    else this.#minor = octet - 48;
    return undefined;
  }

  #refuse(fault: Http1Fault): number {
    this.fault = fault;
    return FAULT;
  }
}

/** A line that ends after the target is HTTP/0.9. */
function targetFault(octet: number): Http1Fault {
  if (octet === CR || octet === LF) return FAULTS.version;
  return FAULTS['target-octet'];
}
