/** Base64url without padding (RFC 7515, 2; RFC 4648, 5), one spelling for each value: no padding, no white space, no bits left over. */

/** Undefined: not base64url, or not in its only spelling. */
export function fromBase64url(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
