/** What headers tell of the trace that a request belongs to, whatever their format. Ids are lower-case hex. */

export interface TraceContext {
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits: the caller's span. */
  readonly spanId: string;
  /** Its parent, where the format tells; '': not told, or none. */
  readonly parentId: string;
  /** Undefined: left to whoever reads it. */
  readonly sampled: boolean | undefined;
  /** W3C; '' in other formats. */
  readonly traceState: string;
}

/** The span that goes on upstream, and what is said of it. */
export interface OutgoingContext extends TraceContext {
  readonly sampled: boolean;
}

export type ReadHeader = (name: string) => string | undefined;
export type WriteHeader = (name: string, value: string) => void;

export interface TraceFormat {
  /** Undefined: none of its headers is there, or what they say is no context. */
  read(header: ReadHeader): TraceContext | undefined;
  write(context: OutgoingContext, write: WriteHeader): void;
  /** Every header that it writes: what came under these names does not go on. */
  readonly headers: readonly string[];
}

const ZEROS = '0'.repeat(32);
const HEX = /^[0-9a-f]+$/;

/** An id of `digits` hex digits, filled up with zeros from the left; undefined for what is none, or zero. */
export function hexId(text: string, digits: 16 | 32): string | undefined {
  if (text.length === 0 || text.length > digits || !HEX.test(text)) return undefined;
  const id = text.padStart(digits, '0');
  return ZEROS.startsWith(id) ? undefined : id;
}
