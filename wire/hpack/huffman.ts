/**
 * The Huffman code of HPACK (RFC 7541, 5.2 and Appendix B), both ways. The code is canonical: lengths alone define it. Decoding goes
 * through a table of half octets; an octet string with the EOS symbol, or with padding other than at most 7 one-bits, is refused.
 */
import type { OctetWriter } from './octet-writer.ts';

/** Bits of the code of each octet, then of EOS. */
// biome-ignore format: a table
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
] as const;
const EOS = 256;
const SYMBOLS = 257;

/** The code of each symbol, right-aligned. */
const CODES = new Uint32Array(SYMBOLS);
/** Bits of an octet's code. */
const BITS = new Uint8Array(256);

/** A state is a node of the code's tree; an entry for each half octet: next state, octet to write (or -1), and whether it is refused. */
const NEXT: Int16Array = new Int16Array(SYMBOLS * 16);
const WRITE: Int16Array = new Int16Array(SYMBOLS * 16);
const REFUSED_STATE = -1;
/** 1: the string may end in this state. */
const FINAL = new Uint8Array(SYMBOLS);

let ready = false;

/**
 * Builds the tables, once: before the first HTTP/2 connection, not when the module is loaded, since a proxy without HTTP/2 needs none and the
 * loops are hot enough that V8 optimises them, at 25 ms of CPU and 6 MB of its compiler.
 */
export function prepareHuffman(): void {
  if (!ready) build();
  ready = true;
}

function build(): void {
  const order = Array.from({ length: SYMBOLS }, (_, symbol) => symbol).sort(
    (a, b) => lengthOf(a) - lengthOf(b) || a - b,
  );
  let code = 0;
  let bits = lengthOf(order[0] as number);
  // Node n has its children at 2n and 2n + 1: a node's number, or -(symbol + 2); 0 is not built yet.
  const children = new Int16Array(SYMBOLS * 2);
  let nodes = 1;
  for (const symbol of order) {
    const length = lengthOf(symbol);
    code <<= length - bits;
    bits = length;
    CODES[symbol] = code;
    if (symbol < 256) BITS[symbol] = length;
    let node = 0;
    for (let bit = length - 1; bit > 0; bit -= 1) {
      const side = node * 2 + ((code >>> bit) & 1);
      if (children[side] === 0) children[side] = nodes++;
      node = children[side] as number;
    }
    children[node * 2 + (code & 1)] = -(symbol + 2);
    code += 1;
  }
  for (let node = 0; node < nodes; node += 1)
    for (let half = 0; half < 16; half += 1) {
      const entry = node * 16 + half;
      let at = node;
      WRITE[entry] = -1;
      for (let bit = 3; bit >= 0 && at >= 0; bit -= 1) {
        const child = children[at * 2 + ((half >> bit) & 1)] as number;
        if (child >= 0) at = child;
        else if (-child - 2 === EOS) at = REFUSED_STATE;
        else {
          WRITE[entry] = -child - 2;
          at = 0;
        }
      }
      NEXT[entry] = at;
    }
  // Padding: the first bits of EOS, which are ones, at most 7 of them.
  let node = 0;
  for (let depth = 0; depth <= 7; depth += 1) {
    FINAL[node] = 1;
    node = children[node * 2 + 1] as number;
  }
}

function lengthOf(symbol: number): number {
  return LENGTHS[symbol] as number;
}

/** Octets that `bytes[start, end)` takes when coded. */
export function huffmanLength(bytes: Uint8Array, start: number, end: number): number {
  let bits = 0;
  for (let i = start; i < end; i += 1) bits += BITS[bytes[i] as number] as number;
  return (bits + 7) >>> 3;
}

/** Writes the coded form of bytes[start, end). */
export function huffmanEncode(out: OctetWriter, bytes: Uint8Array, start: number, end: number): void {
  let pending = 0;
  let bits = 0;
  for (let i = start; i < end; i += 1) {
    const octet = bytes[i] as number;
    const length = BITS[octet] as number;
    // At most 7 bits wait, and a code has at most 30: two steps keep within 32 bits.
    let left = length;
    const code = CODES[octet] as number;
    while (left > 0) {
      const take = left > 16 ? 16 : left;
      left -= take;
      pending = (pending << take) | ((code >>> left) & ((1 << take) - 1));
      bits += take;
      while (bits >= 8) {
        bits -= 8;
        out.octet((pending >>> bits) & 255);
      }
      pending &= (1 << bits) - 1;
    }
  }
  if (bits > 0) out.octet(((pending << (8 - bits)) | ((1 << (8 - bits)) - 1)) & 255);
}

/**
 * Decodes bytes[start, end) into `into` from `at` on. Returns the position after the last octet written, or -1 when the coding is
 * broken. `into` must have room for (end - start) * 8 / 5 octets.
 */
export function huffmanDecode(bytes: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  let state = 0;
  let to = at;
  for (let i = start; i < end; i += 1) {
    const octet = bytes[i] as number;
    let entry = state * 16 + (octet >>> 4);
    let written = WRITE[entry] as number;
    if (written >= 0) into[to++] = written;
    state = NEXT[entry] as number;
    if (state < 0) return -1;
    entry = state * 16 + (octet & 15);
    written = WRITE[entry] as number;
    if (written >= 0) into[to++] = written;
    state = NEXT[entry] as number;
    if (state < 0) return -1;
  }
  return FINAL[state] === 1 ? to : -1;
}
