/** MurmurHash2 of 64 bits (A. Appleby's MurmurHash64A) with the seed of libstdc++: Envoy's MURMUR_HASH_2 for the points of a ring. */
import type { Hash64 } from './hash64.ts';
import { length, octetsOf } from './octets.ts';
import { Word64 } from './word64.ts';

const M_HIGH = 0xc6a4_a793;
const M_LOW = 0x5bd1_e995;
const SEED = 0xc70f_6907;

const hash = new Word64();
const data = new Word64();

/** Of a text from a configuration, as UTF-8. */
export function murmurHash2(text: string): Hash64 {
  const bytes = octetsOf(text, false);
  const size = length;
  hash.set(0, size).multiply(M_HIGH, M_LOW).exclusiveOr(0, SEED);
  let at = 0;
  for (; at + 8 <= size; at += 8) {
    data.set(bytes.getUint32(at + 4, true), bytes.getUint32(at, true)).multiply(M_HIGH, M_LOW);
    data.mixShifted(47).multiply(M_HIGH, M_LOW);
    hash.exclusiveOr(data.high, data.low).multiply(M_HIGH, M_LOW);
  }
  if (at < size) {
    let high = 0;
    let low = 0;
    for (let index = size - 1; index >= at; index -= 1) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | bytes.getUint8(index);
    }
    hash.exclusiveOr(high, low).multiply(M_HIGH, M_LOW);
  }
  return hash.mixShifted(47).multiply(M_HIGH, M_LOW).mixShifted(47).value;
}
