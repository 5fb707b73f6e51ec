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
