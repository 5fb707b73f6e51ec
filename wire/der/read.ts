/**
 * Strict reading of DER (X.690 sections 8.1 and 10.1): definite lengths in their shortest form, low tag numbers, nothing beyond the end.
 * Bytes from a peer that break a rule are answered with undefined, never with a guess.
 */
export interface DerElement {
  /** The identifier octet. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** The whole element, header included. */
  readonly bytes: Uint8Array;
}

/** The element that starts at `at`. */
export function readElement(bytes: Uint8Array, at = 0): DerElement | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 3 || start + count > bytes.length) return undefined;
    length = 0;
    for (let i = 0; i < count; i += 1) length = length * 256 + (bytes[start + i] ?? 0);
    if (length < 128 || length < 256 ** (count - 1)) return undefined;
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) return undefined;
  return { tag, content: bytes.subarray(start, end), bytes: bytes.subarray(at, end) };
}

/** The only element in `bytes`; undefined when something follows it. */
export function readWhole(bytes: Uint8Array): DerElement | undefined {
  const found = readElement(bytes);
  return found !== undefined && found.bytes.length === bytes.length ? found : undefined;
}

/** The elements in a constructed element, at most `max`. */
export function readChildren(parent: DerElement, max = 64): readonly DerElement[] | undefined {
  if ((parent.tag & 0x20) === 0) return undefined;
  const children: DerElement[] = [];
  for (let at = 0; at < parent.content.length; ) {
    const child = children.length < max ? readElement(parent.content, at) : undefined;
    if (child === undefined) return undefined;
    children.push(child);
    at += child.bytes.length;
  }
  return children;
}
