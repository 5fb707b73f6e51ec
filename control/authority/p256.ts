/** P-256 public keys (SEC 1, RFC 5480) from a peer: exactly one encoding is accepted, and the point must lie on the curve. */
import { createPublicKey, type KeyObject } from 'node:crypto';

/** SubjectPublicKeyInfo {id-ecPublicKey, prime256v1} up to the uncompressed point, which follows in 64 octets. */
const SPKI_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');

/** undefined when `spki` is not DER of an uncompressed P-256 key. */
export function p256PublicKey(spki: Uint8Array): KeyObject | undefined {
  if (spki.length !== SPKI_HEAD.length + 64) return undefined;
  const bytes = Buffer.from(spki.buffer, spki.byteOffset, spki.length);
  if (!bytes.subarray(0, SPKI_HEAD.length).equals(SPKI_HEAD)) return undefined;
  try {
    return createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
