/** A PKCS #10 request (RFC 2986 section 4.2) for a new P-256 key. It asks for nothing: names are the authority's to give. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { requestInfo, sequence, signedRequest } from '@weft/wire/der';

export interface KeyAndCsr {
  readonly key: KeyObject;
  /** DER in base64. */
  readonly csr: string;
}

export function makeKeyAndCsr(): KeyAndCsr {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const info = requestInfo(sequence(), spki);
  const csr = signedRequest(info, sign('sha256', info, privateKey));
  return { key: privateKey, csr: Buffer.from(csr).toString('base64') };
}
