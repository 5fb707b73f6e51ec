/** UTF-8 to and from strings, refusing what is not well formed. Short ASCII, which names and addresses are, takes the fast way. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const SHORT = 32;

/** The text in bytes[start, end), undefined when it is not UTF-8. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= SHORT) {
    let text = '';
    let at = start;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0x80;
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (at === end) return text;
  }
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

export const writeUtf8 = (text: string): Uint8Array => encoder.encode(text);

const isPair = (text: string, at: number): boolean =>
  (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;

/** Octets of a text as UTF-8, without writing it; half a surrogate pair counts as U+FFFD. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (isPair(text, at)) at += 1;
    else if (code < 0x800) length -= 1;
    length += 2;
  }
  return length;
}

/** Characters of a text: code points. */
export function characters(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >= 0xd800 && isPair(text, at)) length -= 1;
  return length;
}
