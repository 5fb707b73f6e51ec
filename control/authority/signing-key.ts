/** A CA: certificate and key together, able to sign. The key leaves this file's values only as PEM for the authority's own state file. */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { certificateBody, certificateExtension } from '@weft/wire/der';
import {
  caCertificate,
  certificatePem,
  distinguishedName,
  type Issuer,
  keyIdentifier,
  type Validity,
} from './certificate.ts';

export interface CertificateWithKey {
  readonly certificate: string;
  /** PKCS #8 PEM. */
  readonly key: string;
}

/** The public half of a CA: all that is known of a root whose key is kept elsewhere. */
export class CaCertificate {
  readonly pem: string;
  readonly x509: X509Certificate;
  /** DER of its subject. */
  readonly name: Uint8Array;
  readonly keyId: Uint8Array;
  readonly spki: Uint8Array;
  /** SHA-256 of the certificate's DER in hexadecimal. */
  readonly sha256: string;
  /** ms since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;

  /** Throws when `pem` is no certificate. */
  constructor(pem: string) {
    this.pem = pem;
    this.x509 = new X509Certificate(pem);
    this.name = subjectName(this.x509.raw);
    this.spki = this.x509.publicKey.export({ format: 'der', type: 'spki' });
    // RFC 5280, 4.2.1.2: whoever made it chose how.
    this.keyId = certificateExtension(this.x509.raw, '2.5.29.14')?.content ?? keyIdentifier(this.spki);
    this.sha256 = createHash('sha256').update(this.x509.raw).digest('hex');
    this.notBefore = this.x509.validFromDate.getTime();
    this.notAfter = this.x509.validToDate.getTime();
  }
}

export class SigningKey extends CaCertificate implements Issuer {
  readonly key: KeyObject;

  /** Throws when the certificate and key do not belong together. */
  constructor(stored: CertificateWithKey) {
    super(stored.certificate);
    this.key = createPrivateKey(stored.key);
    if (!this.x509.checkPrivateKey(this.key)) throw new TypeError('the key is not that of the certificate');
  }

  /** A new CA, signed by `parent` or by itself. */
  static make(commonName: string, validity: Validity, parent: Issuer | undefined): CertificateWithKey {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    const name = distinguishedName('commonName', commonName);
    const issuer = parent ?? { key: privateKey, name, keyId: keyIdentifier(spki) };
    const pathLength = parent === undefined ? undefined : 0;
    return {
      certificate: certificatePem(caCertificate({ name, spki, validity, pathLength, issuer })),
      key: privateKeyPem(privateKey),
    };
  }
}

function subjectName(certificate: Uint8Array): Uint8Array {
  const subject = certificateBody(certificate)[5];
  if (subject === undefined) throw new TypeError('not a certificate');
  return subject.bytes;
}

export function privateKeyPem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}
