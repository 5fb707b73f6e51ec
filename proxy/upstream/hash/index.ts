/** Hashes for consistent balancing: Envoy's own functions, so that both engines send one key to one endpoint. */
export { combineHash, type Hash64, modulo, randomHash } from './hash64.ts';
export { murmurHash2 } from './murmur-hash.ts';
export { xxHash64, xxHash64Utf8 } from './xx-hash.ts';
