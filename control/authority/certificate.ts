/**
 * X.509 v3 certificates (RFC 5280 section 4) of the three kinds the authority makes: CA certificates, X.509-SVIDs (SPIFFE X509-SVID
 * section 5) and the control plane's own server certificate. P-256 with SHA-256 only. It decides no policy: who gets what is said by
 * its caller.
 */
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { parseIp } from '@weft/core/kernel';
import {
  bitString,
  context,
  contextPrimitive,
  contextText,
  objectIdentifier,
  octetString,
  printableString,
  readChildren,
  readWhole,
  sequence,
  setOf,
  smallInteger,
  time,
  TRUE,
  unsigned,
} from '@weft/wire/der';

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const OID = {
  commonName: '2.5.4.3',
  /** X.520 serialNumber, here the registration that an SVID was issued to. */
  serialNumber: '2.5.4.5',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** Who signs: a CA's key with the parts of its certificate that stand in what it signs. */
export interface Issuer {
  readonly key: KeyObject;
  /** DER of its subject Name. */
  readonly name: Uint8Array;
  /** Its subject key identifier. */
  readonly keyId: Uint8Array;
}

export interface Validity {
  /** ms since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export type AltName =
  | { readonly kind: 'uri'; readonly text: string }
  | { readonly kind: 'dns'; readonly text: string }
  | { readonly kind: 'ip'; readonly text: string };

/** Name with one attribute. `text` keeps to PrintableString. */
export const distinguishedName = (attribute: 'commonName' | 'serialNumber', text: string): Uint8Array =>
  sequence(setOf(sequence(objectIdentifier(OID[attribute]), printableString(text))));

/** RFC 7093 section 2, method 1: the first 160 bits of the SHA-256 of the public key's bits. */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  const whole = readWhole(spki);
  const bits = whole === undefined ? undefined : readChildren(whole)?.[1];
  if (bits === undefined) throw new TypeError('not a SubjectPublicKeyInfo');
  return createHash('sha256').update(bits.content.subarray(1)).digest().subarray(0, 20);
}

/** `pathLength` 0: signs leaves only; undefined: no limit. `issuer` undefined: self-signed by `key`. */
export function caCertificate(input: {
  readonly name: Uint8Array;
  readonly spki: Uint8Array;
  readonly validity: Validity;
  readonly pathLength: number | undefined;
  readonly issuer: Issuer;
}): Uint8Array {
  const constraints = input.pathLength === undefined ? [TRUE] : [TRUE, smallInteger(input.pathLength)];
  return certificate(input.name, input.spki, input.validity, input.issuer, [
    extension(OID.basicConstraints, true, sequence(...constraints)),
    // keyCertSign (5) and cRLSign (6)
    extension(OID.keyUsage, true, bitString(Uint8Array.of(0x06), 1)),
  ]);
}

/** A leaf for TLS in both roles (or server only). SPIFFE X509-SVID 4.3, 4.4: digitalSignature only, never a CA; SAN critical. */
export function leafCertificate(input: {
  readonly name: Uint8Array;
  readonly spki: Uint8Array;
  readonly validity: Validity;
  readonly issuer: Issuer;
  readonly altNames: readonly AltName[];
  readonly client: boolean;
}): Uint8Array {
  const usages = [objectIdentifier(OID.serverAuth), ...(input.client ? [objectIdentifier(OID.clientAuth)] : [])];
  return certificate(input.name, input.spki, input.validity, input.issuer, [
    extension(OID.basicConstraints, true, sequence()),
    extension(OID.keyUsage, true, bitString(Uint8Array.of(0x80), 7)),
    extension(OID.extendedKeyUsage, false, sequence(...usages)),
    extension(OID.subjectAltName, true, sequence(...input.altNames.map(generalName))),
  ]);
}

function generalName(name: AltName): Uint8Array {
  switch (name.kind) {
    case 'dns':
      return contextText(2, name.text);
    case 'uri':
      return contextText(6, name.text);
    case 'ip': {
      const address = parseIp(name.text);
      if (address === undefined) throw new TypeError(`not an IP address: ${name.text}`);
      return contextPrimitive(7, Uint8Array.from(address.bytes));
    }
    default:
      return name satisfies never;
  }
}

const extension = (oid: string, critical: boolean, value: Uint8Array): Uint8Array =>
  sequence(objectIdentifier(oid), ...(critical ? [TRUE] : []), octetString(value));

function certificate(
  name: Uint8Array,
  spki: Uint8Array,
  validity: Validity,
  issuer: Issuer,
  extensions: readonly Uint8Array[],
): Uint8Array {
  const body = sequence(
    context(0, smallInteger(2)),
    unsigned(serialNumber()),
    ECDSA_WITH_SHA256,
    issuer.name,
    sequence(time(validity.notBefore), time(validity.notAfter)),
    name,
    spki,
    context(
      3,
      sequence(
        ...extensions,
        extension(OID.subjectKeyIdentifier, false, octetString(keyIdentifier(spki))),
        extension(OID.authorityKeyIdentifier, false, sequence(contextPrimitive(0, issuer.keyId))),
      ),
    ),
  );
  return sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, issuer.key)));
}

/** 128 random bits; the first octet is neither 0 nor above 0x7f, so that the number is positive and 16 octets long. */
function serialNumber(): Uint8Array {
  const octets = randomBytes(16);
  octets[0] = 0x40 | ((octets[0] ?? 0) & 0x3f);
  return octets;
}

/** PEM text of one certificate (RFC 7468). */
export function certificatePem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Sorts host texts into IP and DNS names. */
export const hostName = (host: string): AltName =>
  isIPv4(host) || host.includes(':') ? { kind: 'ip', text: host } : { kind: 'dns', text: host };
