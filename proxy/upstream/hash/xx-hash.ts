/** XXH64 (Y. Collet, the xxHash specification): what Envoy hashes keys and endpoints by, so that both choose the same endpoint for a key. */
import type { Hash64 } from './hash64.ts';
import { length, octetsOf } from './octets.ts';
import { Word64 } from './word64.ts';

const P1_HIGH = 0x9e37_79b1;
const P1_LOW = 0x85eb_ca87;
const P2_HIGH = 0xc2b2_ae3d;
const P2_LOW = 0x27d4_eb4f;
const P3_HIGH = 0x1656_67b1;
const P3_LOW = 0x9e37_79f9;
const P4_HIGH = 0x85eb_ca77;
const P4_LOW = 0xc2b2_ae63;
const P5_HIGH = 0x27d4_eb2f;
const P5_LOW = 0x1656_67c5;

const hash = new Word64();
const lane = new Word64();
const stripe = [new Word64(), new Word64(), new Word64(), new Word64()] as const;

const NO_SEED: Hash64 = { high: 0, low: 0 };

/** Of a text from the wire (one character an octet). */
export const xxHash64 = (text: string, seed = NO_SEED): Hash64 => digest(octetsOf(text, true), length, seed);

/** Of a text from a configuration, as UTF-8. */
export const xxHash64Utf8 = (text: string, seed = NO_SEED): Hash64 => digest(octetsOf(text, false), length, seed);

export function digest(bytes: DataView, size: number, seed: Hash64): Hash64 {
  let at = 0;
  if (size >= 32) {
    at = stripes(bytes, size, seed);
  } else hash.set(seed.high, seed.low).add(P5_HIGH, P5_LOW);
  hash.add(0, size);
  for (; at + 8 <= size; at += 8) {
    round(lane.set(0, 0), bytes, at);
    hash.exclusiveOr(lane.high, lane.low).rotate(27).multiply(P1_HIGH, P1_LOW).add(P4_HIGH, P4_LOW);
  }
  if (at + 4 <= size) {
    lane.set(0, bytes.getUint32(at, true)).multiply(P1_HIGH, P1_LOW);
    hash.exclusiveOr(lane.high, lane.low).rotate(23).multiply(P2_HIGH, P2_LOW).add(P3_HIGH, P3_LOW);
    at += 4;
  }
  for (; at < size; at += 1) {
    lane.set(0, bytes.getUint8(at)).multiply(P5_HIGH, P5_LOW);
    hash.exclusiveOr(lane.high, lane.low).rotate(11).multiply(P1_HIGH, P1_LOW);
  }
  hash.mixShifted(33).multiply(P2_HIGH, P2_LOW);
  hash.mixShifted(29).multiply(P3_HIGH, P3_LOW);
  return hash.mixShifted(32).value;
}

/** Whole blocks of 32 octets; returns where they end. */
function stripes(bytes: DataView, size: number, { high, low }: Hash64): number {
  const [a, b, c, d] = stripe;
  a.set(high, low).add(P1_HIGH, P1_LOW).add(P2_HIGH, P2_LOW);
  b.set(high, low).add(P2_HIGH, P2_LOW);
  c.set(high, low);
  // Minus the first prime.
  d.set(high, low).add(~P1_HIGH, ~P1_LOW).add(0, 1);
  let at = 0;
  for (; at + 32 <= size; at += 32) {
    round(a, bytes, at);
    round(b, bytes, at + 8);
    round(c, bytes, at + 16);
    round(d, bytes, at + 24);
  }
  hash.set(0, 0);
  rotated(a, 1);
  rotated(b, 7);
  rotated(c, 12);
  rotated(d, 18);
  for (const word of stripe) {
    lane.set(0, 0).add(word.high, word.low).multiply(P2_HIGH, P2_LOW).rotate(31).multiply(P1_HIGH, P1_LOW);
    hash.exclusiveOr(lane.high, lane.low).multiply(P1_HIGH, P1_LOW).add(P4_HIGH, P4_LOW);
  }
  return at;
}

const product = new Word64();

/** word = rotate(word + octets x P2, 31) x P1 */
function round(word: Word64, bytes: DataView, at: number): void {
  product.set(bytes.getUint32(at + 4, true), bytes.getUint32(at, true)).multiply(P2_HIGH, P2_LOW);
  word.add(product.high, product.low).rotate(31).multiply(P1_HIGH, P1_LOW);
}

function rotated(word: Word64, bits: number): void {
  lane.set(word.high, word.low).rotate(bits);
  hash.add(lane.high, lane.low);
}
