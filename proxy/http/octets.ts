/** Node's fast Latin-1 decoding and slab memory for the codec; the only place of the HTTP half that knows Buffer. */
import { Buffer } from 'node:buffer';
import type { Latin1Decoder } from '@weft/wire/http1';

interface Slicer {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
}
const { latin1Slice } = Buffer.prototype as unknown as Slicer;

export const latin1Text: Latin1Decoder = (bytes, start, end) => latin1Slice.call(bytes, start, end);

/** Unzeroed memory that no pool shares. */
export const allocateSlab = (size: number): Uint8Array => Buffer.allocUnsafeSlow(size);

export const octetLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** `text` as one character an octet of its UTF-8 form, as ByteWriter wants it. */
export const utf8AsLatin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** A copy of bytes[start, end) that a socket may keep in its queue. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}
