/** A hash of 64 bits in two halves, without sign, as balancers and hash policies pass it on. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

const TWO_32 = 0x1_0000_0000;

/** Joins the hashes of several policies as Envoy does: the old one rotated by a bit, exclusive or the new one. Undefined: none yet. */
export function combineHash(old: Hash64 | undefined, added: Hash64): Hash64 {
  if (old === undefined) return added;
  return {
    high: (((old.high << 1) | (old.low >>> 31)) ^ added.high) >>> 0,
    low: (((old.low << 1) | (old.high >>> 31)) ^ added.low) >>> 0,
  };
}

/** The remainder by a whole number of at most 2^32. */
export function modulo({ high, low }: Hash64, divisor: number): number {
  // 16 bits at a time stay exact in a double.
  const upper = high % divisor;
  const middle = (upper * 0x1_0000 + (low >>> 16)) % divisor;
  return (middle * 0x1_0000 + (low & 0xffff)) % divisor;
}

export const randomHash = (random: () => number): Hash64 => ({
  high: Math.floor(random() * TWO_32),
  low: Math.floor(random() * TWO_32),
});
