/** A PKCS #10 request (RFC 2986 section 4.2) for a new P-256 key. It asks for nothing: names are the authority's to give. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { bitString, context, objectIdentifier, sequence, smallInteger } from '@weft/wire/der';

export interface KeyAndCsr {
  readonly key: KeyObject;
  /** DER in base64. */
  readonly csr: string;
}

export function makeKeyAndCsr(): KeyAndCsr {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const info = sequence(smallInteger(0), sequence(), spki, context(0));
  const signature = sign('sha256', info, privateKey);
  const csr = sequence(info, sequence(objectIdentifier('1.2.840.10045.4.3.2')), bitString(signature));
  return { key: privateKey, csr: Buffer.from(csr).toString('base64') };
}
