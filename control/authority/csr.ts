/**
 * PKCS #10 requests (RFC 2986 section 4). The key is all that is taken from one: names, alternative names, CA flags and other attributes
 * are whatever the requester wrote, so they are not even read.
 */
import { verify } from 'node:crypto';
import { err, ok, type Result } from '@weft/core/kernel';
import { objectIdentifier, readChildren, readWhole, sequence } from '@weft/wire/der';
import type { RefusalReason } from './errors.ts';
import { p256PublicKey } from './p256.ts';

const ECDSA_WITH_SHA256 = Buffer.from(sequence(objectIdentifier('1.2.840.10045.4.3.2')));

/** The DER of the key (SubjectPublicKeyInfo) whose holder signed `csr`. */
export function readCsr(csr: Uint8Array): Result<Uint8Array, RefusalReason> {
  const whole = readWhole(csr);
  const parts = whole?.tag === 0x30 ? readChildren(whole, 3) : undefined;
  const [info, algorithm, signature] = parts ?? [];
  const fields = info?.tag === 0x30 ? readChildren(info, 4) : undefined;
  const spki = fields?.[2];
  if (
    info === undefined ||
    algorithm === undefined ||
    signature === undefined ||
    spki === undefined ||
    spki.tag !== 0x30
  )
    return err('csr-malformed');
  if (signature.tag !== 0x03 || signature.content[0] !== 0 || fields?.[0]?.tag !== 0x02) return err('csr-malformed');
  const key = p256PublicKey(spki.bytes);
  if (key === undefined || !ECDSA_WITH_SHA256.equals(algorithm.bytes)) return err('csr-key-unsupported');
  const valid = verify('sha256', info.bytes, key, signature.content.subarray(1));
  return valid ? ok(spki.bytes) : err('csr-signature-invalid');
}
