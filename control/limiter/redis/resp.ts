/** RESP2, the protocol of Redis (redis.io/docs/reference/protocol-spec): commands to bytes, bytes to replies. No sockets. */
import { Buffer } from 'node:buffer';

export type Reply = string | number | null | RespError | readonly Reply[];

/** An error that the server answered with: the first word of `message` is its code. */
export class RespError extends Error {
  override readonly name = 'RespError';

  get code(): string {
    return this.message.split(' ', 1)[0] ?? '';
  }
}

/** The bytes are no RESP, or more of it than is taken: the connection is of no further use. */
export class RespSyntaxError extends Error {
  override readonly name = 'RespSyntaxError';
}

/** Octets of one text, items of one list, lists within lists: our questions have answers far below. */
const LONGEST_TEXT = 1 << 20;
const MOST_ITEMS = 4096;
const DEEPEST = 4;

export function encodeCommand(parts: readonly (string | number)[]): Buffer {
  const texts = parts.map((part) => {
    const text = String(part);
    return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  });
  return Buffer.from(`*${parts.length}\r\n${texts.join('')}`);
}

/** Reads replies off a stream, however it is cut. Throws RespSyntaxError. */
export class RespReader {
  #pending: Buffer = Buffer.alloc(0);

  /** The replies that `slice` completes, in order. */
  push(slice: Buffer): Reply[] {
    this.#pending = this.#pending.length === 0 ? slice : Buffer.concat([this.#pending, slice]);
    const replies: Reply[] = [];
    for (;;) {
      const read = readReply(this.#pending, 0, 0);
      if (read === undefined) return replies;
      replies.push(read.reply);
      this.#pending = this.#pending.subarray(read.end);
    }
  }
}

interface Read {
  readonly reply: Reply;
  /** Offset behind it. */
  readonly end: number;
}

/** undefined: there is more to come. */
function readReply(bytes: Buffer, at: number, depth: number): Read | undefined {
  if (at >= bytes.length) return undefined;
  const lineEnd = bytes.indexOf('\r\n', at);
  if (lineEnd < 0) {
    if (bytes.length - at > LONGEST_TEXT) throw new RespSyntaxError('a line without end');
    return undefined;
  }
  const line = bytes.toString('utf8', at + 1, lineEnd);
  const end = lineEnd + 2;
  switch (String.fromCharCode(bytes[at] ?? 0)) {
    case '+':
      return { reply: line, end };
    case '-':
      return { reply: new RespError(line), end };
    case ':':
      return { reply: integer(line, Number.MAX_SAFE_INTEGER), end };
    case '$':
      return readText(bytes, end, integer(line, LONGEST_TEXT));
    case '*':
      return readList(bytes, end, integer(line, MOST_ITEMS), depth);
    default:
      throw new RespSyntaxError('an answer of no known type');
  }
}

function readText(bytes: Buffer, at: number, length: number): Read | undefined {
  if (length < 0) return { reply: null, end: at };
  if (bytes.length < at + length + 2) return undefined;
  if (bytes.toString('latin1', at + length, at + length + 2) !== '\r\n')
    throw new RespSyntaxError('a text that does not end where it should');
  return { reply: bytes.toString('utf8', at, at + length), end: at + length + 2 };
}

function readList(bytes: Buffer, at: number, length: number, depth: number): Read | undefined {
  if (length < 0) return { reply: null, end: at };
  if (depth >= DEEPEST) throw new RespSyntaxError('lists too deep within each other');
  const items: Reply[] = [];
  let end = at;
  for (let left = length; left > 0; left -= 1) {
    const read = readReply(bytes, end, depth + 1);
    if (read === undefined) return undefined;
    items.push(read.reply);
    end = read.end;
  }
  return { reply: items, end };
}

function integer(text: string, most: number): number {
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most && value >= -most)) throw new RespSyntaxError('a number that is none, or is too great');
  return value;
}
