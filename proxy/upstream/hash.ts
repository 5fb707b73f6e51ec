/**
 * Hashes for consistent balancing: 32 bits, MurmurHash3's x86_32 finish over UTF-16 code units. Stable across processes and releases, so
 * that every proxy sends one key to one endpoint. Not Envoy's xxHash64: the two engines need not agree on a ring.
 */
export function hashText(text: string, seed = 0): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i += 1) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= text.length;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

/** Joins the hashes of several policies as Envoy does: rotate the old one by a bit, then exclusive or. -1 stands for "none yet". */
export const combineHash = (old: number, added: number): number =>
  old < 0 ? added : (((old << 1) | (old >>> 31)) ^ added) >>> 0;
