/** Octet classes as 256-entry tables (RFC 9110, 5.6; RFC 3986), and text over octets. Latin-1 only: one octet is one character. */

export const CR = 13;
export const LF = 10;
export const SP = 32;
export const HTAB = 9;
export const COLON = 58;

const table = (member: (octet: number) => number): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, octet) => member(octet));
const isAlpha = (octet: number): boolean => (octet >= 65 && octet <= 90) || (octet >= 97 && octet <= 122);
const isDigit = (octet: number): boolean => octet >= 48 && octet <= 57;
const among = (octet: number, characters: string): boolean => characters.includes(String.fromCharCode(octet));
const isToken = (octet: number): boolean => isAlpha(octet) || isDigit(octet) || among(octet, "!#$%&'*+-.^_`|~");

/** The lower-case octet of a token character (RFC 9110, 5.6.2), 0 for every other octet. */
export const TOKEN_LOWER = table((octet) => (!isToken(octet) ? 0 : octet >= 65 && octet <= 90 ? octet + 32 : octet));
/** Lower case of A-Z, every other octet as it is. */
export const LOWER = table((octet) => (octet >= 65 && octet <= 90 ? octet + 32 : octet));
/** 1 for octets of a field value: HTAB, SP, VCHAR, obs-text (RFC 9110, 5.5). */
export const FIELD_VALUE = table((octet) => (octet === HTAB || (octet >= 32 && octet !== 127) ? 1 : 0));
/** 1 for octets of a request target: visible ASCII but `#`, which never travels (RFC 9112, 3.2). */
export const TARGET = table((octet) => (octet > 32 && octet < 127 && octet !== 35 ? 1 : 0));
/** 1 for octets of a registered name (RFC 3986, 3.2.2), without the comma, which would make a list. */
export const REG_NAME = table((octet) => (isAlpha(octet) || isDigit(octet) || among(octet, "-._~!$&'()*+;=%") ? 1 : 0));
/** Value of a hexadecimal digit, 255 for every other octet. */
export const HEX = table((octet) => {
  if (isDigit(octet)) return octet - 48;
  const lower = octet | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : 255;
});

/** How octets become text; an engine passes its platform's fast one. Must map each octet to the character of that code. */
export type Latin1Decoder = (bytes: Uint8Array, start: number, end: number) => string;

export const latin1: Latin1Decoder = (bytes, start, end) => {
  let text = '';
  for (let i = start; i < end; i += 1) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
};

/** The octets of `text`, which must hold no character above 255. */
export function octetsOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Whether bytes[start, end) spells `lower` (already lower case), ignoring case. */
export function equalsLower(bytes: Uint8Array, start: number, end: number, lower: string): boolean {
  if (end - start !== lower.length) return false;
  for (let i = 0; i < lower.length; i += 1) {
    if (LOWER[bytes[start + i] as number] !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether bytes[start, end) spells `text` exactly. */
export function equalsText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i += 1) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/**
 * Next element of a comma-separated list in bytes[from, end): returns the element's [start, end) in `span` without surrounding white
 * space, and the position after its comma; -1 when there is none left. Empty elements are given as empty spans.
 */
export function nextListElement(
  bytes: Uint8Array,
  from: number,
  end: number,
  span: { start: number; end: number },
): number {
  if (from > end) return -1;
  let comma = from;
  while (comma < end && bytes[comma] !== 44) comma += 1;
  let start = from;
  let stop = comma;
  while (start < stop && (bytes[start] === SP || bytes[start] === HTAB)) start += 1;
  while (stop > start && (bytes[stop - 1] === SP || bytes[stop - 1] === HTAB)) stop -= 1;
  span.start = start;
  span.end = stop;
  return comma + 1;
}
