import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { combineHash, type Hash64, modulo, murmurHash2, xxHash64, xxHash64Utf8 } from './index.ts';

const MASK = (1n << 64n) - 1n;
const big = ({ high, low }: Hash64): bigint => (BigInt(high) << 32n) | BigInt(low);
const halves = (value: bigint): Hash64 => ({ high: Number(value >> 32n), low: Number(value & 0xffff_ffffn) });
const word = fc.bigInt(0n, MASK);

/** XXH64 in the words of its specification. */
function reference(bytes: Uint8Array, seed: bigint): bigint {
  const [p1, p2, p3, p4, p5] = [
    0x9e37_79b1_85eb_ca87n,
    0xc2b2_ae3d_27d4_eb4fn,
    0x1656_67b1_9e37_79f9n,
    0x85eb_ca77_c2b2_ae63n,
    0x27d4_eb2f_1656_67c5n,
  ] as const;
  const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & MASK;
  const read = (at: number, size: number): bigint =>
    bytes.subarray(at, at + size).reduceRight((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  const round = (acc: bigint, lane: bigint): bigint => (rotate((acc + lane * p2) & MASK, 31n) * p1) & MASK;
  let at = 0;
  let hash = (seed + p5) & MASK;
  if (bytes.length >= 32) {
    let v = [seed + p1 + p2, seed + p2, seed, seed - p1].map((x) => x & MASK);
    for (; at + 32 <= bytes.length; at += 32) v = v.map((acc, index) => round(acc, read(at + 8 * index, 8)));
    hash = [1n, 7n, 12n, 18n].reduce((sum, by, index) => sum + rotate(v[index] ?? 0n, by), 0n) & MASK;
    for (const acc of v) hash = ((hash ^ round(0n, acc)) * p1 + p4) & MASK;
  }
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; at + 8 <= bytes.length; at += 8) hash = (rotate(hash ^ round(0n, read(at, 8)), 27n) * p1 + p4) & MASK;
  if (at + 4 <= bytes.length) {
    hash = (rotate(hash ^ ((read(at, 4) * p1) & MASK), 23n) * p2 + p3) & MASK;
    at += 4;
  }
  for (; at < bytes.length; at += 1) hash = (rotate(hash ^ ((read(at, 1) * p5) & MASK), 11n) * p1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * p2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * p3) & MASK;
  return hash ^ (hash >> 32n);
}

function murmurReference(bytes: Uint8Array): bigint {
  const m = 0xc6a4_a793_5bd1_e995n;
  const mix = (x: bigint): bigint => x ^ (x >> 47n);
  let hash = 0xc70f_6907n ^ ((BigInt(bytes.length) * m) & MASK);
  for (let at = 0; at < bytes.length; at += 8) {
    const part = bytes.subarray(at, at + 8);
    const data = part.reduceRight((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
    hash = ((hash ^ (part.length === 8 ? (mix((data * m) & MASK) * m) & MASK : data)) * m) & MASK;
  }
  return mix((mix(hash) * m) & MASK);
}

test('XXH64 and MurmurHash2: published vectors', () => {
  assert.equal(big(xxHash64('')), 0xef46_db37_51d8_e999n);
  assert.equal(big(xxHash64('a')), 0xd24e_c4f1_a98c_6e5bn);
  assert.equal(big(xxHash64('abc')), 0x44bc_2cf5_ad77_0999n);
  assert.equal(big(xxHash64('foo')), 3_728_699_739_546_630_719n);
  assert.equal(big(xxHash64('bar')), 5_234_164_152_756_840_025n);
  assert.equal(big(murmurHash2('foo')), 9_631_199_822_919_835_226n);
});

test('XXH64 and MurmurHash2 equal their references over all octets, lengths and seeds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 150 }), word, (bytes, seed) => {
      const text = Buffer.from(bytes).toString('latin1');
      assert.equal(big(xxHash64(text, halves(seed))), reference(bytes, seed));
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      const bytes = new TextEncoder().encode(text);
      assert.equal(big(xxHash64Utf8(text)), reference(bytes, 0n));
      assert.equal(big(murmurHash2(text)), murmurReference(bytes));
    }),
    { numRuns: 500 },
  );
});

test('remainders and combination are those of 64 bits', () => {
  fc.assert(
    fc.property(word, word, fc.integer({ min: 1, max: 0x1_0000_0000 }), (a, b, divisor) => {
      assert.equal(modulo(halves(a), divisor), Number(a % BigInt(divisor)));
      const rotated = ((a << 1n) | (a >> 63n)) & MASK;
      assert.equal(big(combineHash(halves(a), halves(b))), rotated ^ b);
      assert.deepEqual(combineHash(undefined, halves(b)), halves(b));
    }),
  );
});
