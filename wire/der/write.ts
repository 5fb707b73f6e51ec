/**
 * DER values from their parts (X.690 sections 8 and 10), as far as X.509 (RFC 5280) and PKCS #10 (RFC 2986) need them.
 * Every function returns one complete element: tag, definite length in its shortest form, content.
 */
import { civilFromDays } from '@weft/core/kernel';

/** One element with `content` under the identifier octet `tag`. */
export function element(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of content) length += part.length;
  const head = length < 128 ? [tag, length] : [tag, 0x80 | lengthOctets(length).length, ...lengthOctets(length)];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  for (const part of content) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function lengthOctets(length: number): number[] {
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return octets;
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(0x30, ...parts);

/** A SET OF one element; more would have to be sorted (X.690 section 11.6). */
export const setOf = (part: Uint8Array): Uint8Array => element(0x31, part);

/** A non-negative INTEGER from its big-endian octets. */
export function unsigned(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start += 1;
  const body = octets.subarray(start);
  return (body[0] ?? 0) >= 0x80 || body.length === 0 ? element(0x02, Uint8Array.of(0), body) : element(0x02, body);
}

export const smallInteger = (value: number): Uint8Array => unsigned(Uint8Array.from(lengthOctets(value)));

/** BOOLEAN TRUE; FALSE is a default everywhere in X.509 and is left out. */
export const TRUE = Uint8Array.of(0x01, 0x01, 0xff);

/** OBJECT IDENTIFIER from dotted text. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const group = [arc % 128];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) group.unshift((high % 128) | 0x80);
    octets.push(...group);
  }
  return element(0x06, Uint8Array.from(octets));
}

/** BIT STRING of whole octets, or with `unused` bits at its end. */
export const bitString = (octets: Uint8Array, unused = 0): Uint8Array => element(0x03, Uint8Array.of(unused), octets);

export const octetString = (octets: Uint8Array): Uint8Array => element(0x04, octets);

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** PrintableString; the caller keeps to its alphabet (letters, digits, space and '()+,-./:=?). */
export const printableString = (text: string): Uint8Array => element(0x13, ascii(text));

/** [tag] IMPLICIT IA5String, the form of a GeneralName's URI (6) and DNS name (2). ASCII only. */
export const contextText = (tag: number, text: string): Uint8Array => element(0x80 | tag, ascii(text));

/** [tag] IMPLICIT over primitive content. */
export const contextPrimitive = (tag: number, octets: Uint8Array): Uint8Array => element(0x80 | tag, octets);

/** [tag] EXPLICIT, or IMPLICIT over constructed content. */
export const context = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => element(0xa0 | tag, ...parts);

/** RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. `ms` since the epoch, cut to whole seconds. */
export function time(ms: number): Uint8Array {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const { year, month, day } = civilFromDays(days);
  const clock = `${two(Math.floor(rest / 3600))}${two(Math.floor(rest / 60) % 60)}${two(rest % 60)}`;
  const text = `${two(month)}${two(day)}${clock}`;
  return year < 2050
    ? element(0x17, ascii(`${two(year % 100)}${text}Z`))
    : element(0x18, ascii(`${String(year).padStart(4, '0')}${text}Z`));
}

const two = (value: number): string => String(value).padStart(2, '0');
