/** The value of Host and the authority of an absolute-form target: `uri-host [":" port]` (RFC 9110, 7.2; RFC 3986, 3.2). */
import { COLON, REG_NAME } from './octets.ts';

/**
 * Whether bytes[start, end) is a host with an optional port, and nothing else: not empty, no userinfo, no path, no list, no white
 * space. An IPv6 address stands in brackets and holds only hexadecimal digits, colons and dots. A port has 1 to 5 digits, at most 65535.
 */
export function isAuthority(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  if (bytes[i] === 91 && i < end) {
    i += 1;
    const first = i;
    while (i < end && isAddressOctet(bytes[i] as number)) i += 1;
    if (i === first || i === end || bytes[i] !== 93) return false;
    i += 1;
  } else {
    while (i < end && REG_NAME[bytes[i] as number] === 1) i += 1;
    if (i === start) return false;
  }
  if (i === end) return true;
  if (bytes[i] !== COLON) return false;
  return isPort(bytes, i + 1, end);
}

/** As `isAuthority`, but the port must be there: the authority form of CONNECT (RFC 9112, 3.2.3). */
export function isHostWithPort(bytes: Uint8Array, start: number, end: number): boolean {
  let i = end;
  while (i > start && bytes[i - 1] !== COLON && bytes[i - 1] !== 93) i -= 1;
  return i > start && bytes[i - 1] === COLON && isAuthority(bytes, start, end);
}

function isAddressOctet(octet: number): boolean {
  return (octet >= 48 && octet <= 58) || octet === 46 || (octet >= 65 && octet <= 70) || (octet >= 97 && octet <= 102);
}

function isPort(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 1 || end - start > 5) return false;
  let port = 0;
  for (let i = start; i < end; i += 1) {
    const digit = (bytes[i] as number) - 48;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
  }
  return port <= 65_535;
}
