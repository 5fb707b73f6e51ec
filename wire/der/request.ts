/** PKCS #10 requests (RFC 2986, 4) without attributes, signed by ECDSA with SHA-256: whoever has the key signs what `requestInfo` gives. */
import { bitString, context, objectIdentifier, sequence, smallInteger } from './write.ts';

/** `name`: DER of a Name; `spki`: DER of the key. */
export const requestInfo = (name: Uint8Array, spki: Uint8Array): Uint8Array =>
  sequence(smallInteger(0), name, spki, context(0));

/** `signature`: of `info`, in DER. */
export const signedRequest = (info: Uint8Array, signature: Uint8Array): Uint8Array =>
  sequence(info, sequence(objectIdentifier('1.2.840.10045.4.3.2')), bitString(signature));
