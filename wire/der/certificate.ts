/** Parts of an X.509 certificate (RFC 5280, 4.1) that Node does not tell. Bytes <-> values, no cryptography. */
import { type DerElement, readChildren, readWhole } from './read.ts';
import { objectIdentifier } from './write.ts';

/** The parts of what is signed; the version is the first, which certificates of version 3 have. Empty when it is no certificate. */
export function certificateBody(certificate: Uint8Array): readonly DerElement[] {
  const whole = readWhole(certificate);
  const body = whole === undefined ? undefined : readChildren(whole)?.[0];
  return (body === undefined ? undefined : readChildren(body)) ?? [];
}

const EXTENSIONS = 0xa3;

/** The content of the extension `oid`, as an element; undefined without it, and where it is no DER. */
export function certificateExtension(certificate: Uint8Array, oid: string): DerElement | undefined {
  const wanted = objectIdentifier(oid);
  const wrapped = certificateBody(certificate).find(({ tag }) => tag === EXTENSIONS);
  const list = wrapped === undefined ? undefined : readChildren(wrapped)?.[0];
  for (const extension of (list === undefined ? undefined : readChildren(list)) ?? []) {
    const [id, ...rest] = readChildren(extension) ?? [];
    const value = rest.at(-1);
    if (id === undefined || value === undefined || !sameBytes(id.bytes, wanted)) continue;
    return readWhole(value.content);
  }
  return undefined;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

/** Bits of KeyUsage (RFC 5280, 4.2.1.3) as they stand in its first octet. */
const DIGITAL_SIGNATURE = 0x80;
const KEY_CERT_SIGN = 0x04;
const CRL_SIGN = 0x02;

/**
 * What keeps a certificate from being the leaf of an X.509-SVID (SPIFFE X509-SVID, 4.3): it must be for signatures, and neither for certificates
 * nor for lists of revoked ones. undefined: nothing.
 */
export function leafUsageFault(certificate: Uint8Array): string | undefined {
  const usage = keyUsage(certificate);
  if (usage === undefined || (usage & DIGITAL_SIGNATURE) === 0) return 'its key is not for signatures';
  if ((usage & KEY_CERT_SIGN) !== 0) return 'its key may sign certificates';
  return (usage & CRL_SIGN) !== 0 ? 'its key may sign lists of revoked certificates' : undefined;
}

/** BasicConstraints (RFC 5280, 4.2.1.9) says that it is an authority, whatever its KeyUsage says. */
export function claimsAuthority(certificate: Uint8Array): boolean {
  const value = certificateExtension(certificate, '2.5.29.19');
  const [flag] = (value === undefined ? undefined : readChildren(value)) ?? [];
  return flag?.tag === 0x01 && flag.content[0] !== 0;
}

export const signsCertificates = (certificate: Uint8Array): boolean =>
  ((keyUsage(certificate) ?? 0) & KEY_CERT_SIGN) !== 0;

function keyUsage(certificate: Uint8Array): number | undefined {
  const value = certificateExtension(certificate, '2.5.29.15');
  return value?.tag === 0x03 && value.content.length >= 2 ? value.content[1] : undefined;
}
