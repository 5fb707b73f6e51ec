/**
 * What is known of a header field beside its octets, found out once: when a literal arrives, or for good where a table holds it. Bits, so that a
 * decoder can hand them on and a table can keep them. Whoever reads a field may rely on them instead of looking at its octets again.
 */
import { KNOWN, knownNumber, mixHash } from '../http1/names.ts';
import { FIELD_VALUE, TOKEN_LOWER } from '../http1/octets.ts';

/** The name is a token in lower case (RFC 9113, 8.2.1). */
export const NAME_OK = 1;
/** The value has only octets that a value may have (RFC 9110, 5.5). */
export const VALUE_OK = 2;
/** It neither begins nor ends with white space. */
export const EDGES_OK = 4;
/** The name begins with a colon. */
export const PSEUDO = 8;
/** It came as a literal that no table may keep (RFC 7541, 6.2.3). */
export const NEVER = 16;
/** The name's number in `KNOWN` is in the bits from here on. */
export const KNOWN_SHIFT = 8;

const NAME_MARKS = NAME_OK | PSEUDO | (255 << KNOWN_SHIFT);
const COLON = 58;

/** Of a field whose name is described already: by an entry of a table. */
export const nameMarks = (marks: number): number => marks & NAME_MARKS;

export const knownOf = (marks: number): number => marks >>> KNOWN_SHIFT;

/** Running hash of the octets of a name, as they are (`mixHash`). */
export function hashOctets(bytes: Uint8Array, start: number, end: number, from: number): number {
  let hash = from;
  for (let i = start; i < end; i += 1) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  return hash;
}

/** Of the name in bytes[start, end), whose hash is `hash`. */
export function marksOfName(bytes: Uint8Array, start: number, end: number, hash: number): number {
  if (end === start) return 0;
  if (bytes[start] === COLON) return PSEUDO;
  for (let i = start; i < end; i += 1) {
    const octet = bytes[i] as number;
    // NUL is what the table says of everything that is no token.
    if (octet === 0 || TOKEN_LOWER[octet] !== octet) return 0;
  }
  return NAME_OK | (knownNumber(bytes, start, end, hash) << KNOWN_SHIFT);
}

/** Of the value in bytes[start, end). */
export function marksOfValue(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i += 1) if (FIELD_VALUE[bytes[i] as number] !== 1) return 0;
  if (end > start && (isBlank(bytes[start]) || isBlank(bytes[end - 1]))) return VALUE_OK;
  return VALUE_OK | EDGES_OK;
}

/** The hash of a whole field goes on from here behind that of its name. */
export const behindName = (nameHash: number): number => mixHash(nameHash, COLON);

const isBlank = (octet: number | undefined): boolean => octet === 32 || octet === 9;

if (Object.keys(KNOWN).length > 63) throw new Error('FieldBlock has bits for 63 known names');
