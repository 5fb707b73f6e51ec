/** A JWK set (RFC 7517, 5), or an object of certificates by key id. Keys that cannot be used are left out; each fault is told. */
import type { MetadataStruct } from '@weft/core/proxy-config';
import { isStruct } from '@weft/core/decide';
import { type Jwk, keyOfCertificate, parseJwk } from './jwk.ts';
import { jsonObject } from './json-object.ts';
import { member } from './jws.ts';

/** Octets, and keys. */
export const LONGEST_SET = 1_048_576;
const MOST_KEYS = 256;

export interface JwkSet {
  readonly keys: readonly Jwk[];
  /** Of keys that were left out. */
  readonly faults: readonly string[];
}

/** The set with at least one key, or what is wrong with it. */
export function parseJwkSet(bytes: Uint8Array): JwkSet | string {
  if (bytes.length > LONGEST_SET) return `longer than ${LONGEST_SET} octets`;
  const value = jsonObject(bytes);
  if (value === undefined) return 'no JSON object in which each name stands once';
  const listed = member(value, 'keys');
  if (listed === undefined) return made(certificates(value));
  if (!Array.isArray(listed)) return 'keys is no list';
  if (listed.length > MOST_KEYS) return `more than ${MOST_KEYS} keys`;
  return made(
    (listed as readonly unknown[]).map((item) =>
      isStruct(item as never) ? parseJwk(item as MetadataStruct) : 'no object',
    ),
  );
}

function certificates(value: MetadataStruct): (Jwk | string)[] {
  return Object.entries(value)
    .slice(0, MOST_KEYS)
    .map(([kid, pem]) => (kid !== '' && typeof pem === 'string' ? keyOfCertificate(kid, pem) : 'no certificate'));
}

function made(read: readonly (Jwk | string)[]): JwkSet | string {
  const keys = read.filter((key) => typeof key === 'object');
  const faults = read.flatMap((key, index) => (typeof key === 'string' ? [`key ${index}: ${key}`] : []));
  if (keys.length === 0) return faults.length === 0 ? 'no keys' : faults.join('; ');
  return { keys, faults };
}
