/**
 * A JSON Web Key (RFC 7517; RFC 7518, 6; RFC 8037, 2) as a key to verify with. One that is for something else, too short, or not on its curve is
 * none: its fault is told, never its value.
 */
import { createPublicKey, createSecretKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { MetadataStruct, MetadataValue } from '@weft/core/proxy-config';
import { algorithmOf } from './algorithm.ts';
import { member } from './jws.ts';
import { isOfBadGenerator } from './roca.ts';

export interface Jwk {
  /** '' without. */
  readonly kid: string;
  /** The only algorithm that it is for; '' without. */
  readonly alg: string;
  readonly kty: 'RSA' | 'EC' | 'oct' | 'OKP';
  /** P-256, P-384, P-521, Ed25519; '' for RSA and oct. */
  readonly curve: string;
  /** Of the modulus, or the secret. */
  readonly bits: number;
  readonly key: KeyObject;
}

/** RFC 7518, 3.3. */
const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 8192;
/** RFC 7518, 3.2, for the shortest hash. */
const LEAST_SECRET_OCTETS = 32;

/** The key, or what is wrong with it. */
export function parseJwk(value: MetadataStruct): Jwk | string {
  const [kty, kid, alg, use] = ['kty', 'kid', 'alg', 'use'].map((name) => member(value, name));
  if (typeof kty !== 'string') return 'kty is missing or no text';
  const named = { kid: typeof kid === 'string' ? kid : '', alg: typeof alg === 'string' ? alg : '' };
  if (use !== undefined && use !== 'sig') return 'use is not sig';
  if (!verifies(member(value, 'key_ops'))) return 'key_ops do not hold verify';
  if (named.alg !== '' && algorithmOf(named.alg)?.kty !== kty) return `alg ${named.alg} is not for ${kty}`;
  switch (kty) {
    case 'RSA':
      return rsa(value, named);
    case 'EC':
      return ec(value, named);
    case 'OKP':
      return okp(value, named);
    case 'oct':
      return oct(value, named);
    default:
      return `kty ${kty} is not supported`;
  }
}

type Named = Pick<Jwk, 'kid' | 'alg'>;

const verifies = (operations: MetadataValue | undefined): boolean =>
  operations === undefined || (Array.isArray(operations) && operations.includes('verify'));

/** Lenient in padding only: keys come from issuers, not from callers. */
function octets(value: MetadataStruct, name: string): Buffer | undefined {
  const text = member(value, name);
  if (typeof text !== 'string' || !/^[A-Za-z0-9_-]+=*$/.test(text)) return undefined;
  return Buffer.from(text, 'base64url');
}

function rsa(value: MetadataStruct, named: Named): Jwk | string {
  const [n, e] = [octets(value, 'n'), octets(value, 'e')];
  if (n === undefined || e === undefined) return 'n or e is missing or no base64url';
  if (isOfBadGenerator(n)) return 'the modulus is of a generator whose keys can be factored (CVE-2017-15361)';
  return ofRsa(publicKey({ kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') }), named);
}

function ofRsa(key: KeyObject | undefined, named: Named): Jwk | string {
  const { modulusLength: bits = 0, publicExponent = 0n } = key?.asymmetricKeyDetails ?? {};
  if (key === undefined) return 'n and e are no key';
  if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS) return `${bits} bits of modulus, ${LEAST_RSA_BITS} at least`;
  if (publicExponent !== 3n && publicExponent !== 65_537n) return 'the exponent is neither 3 nor 65537';
  return { ...named, kty: 'RSA', curve: '', bits, key };
}

function ec(value: MetadataStruct, named: Named): Jwk | string {
  const declared = algorithmOf(named.alg);
  const said = member(value, 'crv');
  const curve = said ?? (declared?.kty === 'EC' ? declared.curve : 'P-256');
  if (curve !== 'P-256' && curve !== 'P-384' && curve !== 'P-521') return 'crv is not supported';
  if (declared?.kty === 'EC' && declared.curve !== curve) return `alg ${named.alg} is not for ${curve}`;
  const [x, y] = [octets(value, 'x'), octets(value, 'y')];
  if (x === undefined || y === undefined) return 'x or y is missing or no base64url';
  const key = publicKey({ kty: 'EC', crv: curve, x: x.toString('base64url'), y: y.toString('base64url') });
  return key === undefined ? `x and y are no point of ${curve}` : { ...named, kty: 'EC', curve, bits: 0, key };
}

function okp(value: MetadataStruct, named: Named): Jwk | string {
  if (member(value, 'crv') !== 'Ed25519') return 'crv is not supported';
  const x = octets(value, 'x');
  if (x?.length !== 32) return 'x is not 32 octets of base64url';
  const key = publicKey({ kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') });
  return key === undefined ? 'x is no key' : { ...named, kty: 'OKP', curve: 'Ed25519', bits: 256, key };
}

function oct(value: MetadataStruct, named: Named): Jwk | string {
  const k = octets(value, 'k');
  const declared = algorithmOf(named.alg);
  const least = declared?.kty === 'oct' ? declared.octets : LEAST_SECRET_OCTETS;
  if (k === undefined) return 'k is missing or no base64url';
  if (k.length < least) return `a secret of ${k.length} octets, ${least} at least`;
  return { ...named, kty: 'oct', curve: '', bits: k.length * 8, key: createSecretKey(k) };
}

function publicKey(jwk: Readonly<Record<string, string>>): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** The RSA key of a certificate, whose validity is not looked at: sets of certificates by key id, as some issuers publish. */
export function keyOfCertificate(kid: string, pem: string): Jwk | string {
  try {
    const { publicKey: key } = new X509Certificate(pem);
    if (key.asymmetricKeyType !== 'rsa') return 'the certificate has no RSA key';
    return ofRsa(key, { kid, alg: '' });
  } catch {
    return 'no certificate';
  }
}
