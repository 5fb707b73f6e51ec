/** IP addresses as parsed values (RFC 791, RFC 4291), and CIDR ranges over them. Text only at the edges, canonical per RFC 5952. */
export type IpAddress =
  | { readonly family: 4; readonly bytes: readonly number[] }
  | { readonly family: 6; readonly bytes: readonly number[] };

/** A range such as `10.0.0.0/8`: `prefix` leading bits of `address` count. */
export interface Cidr {
  readonly address: IpAddress;
  readonly prefix: number;
}

/** Strict dotted quad or RFC 4291 text, no zone, no leading zeros; undefined when `text` is neither. */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): IpAddress | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes: number[] = [];
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part)) return undefined;
    const value = Number(part);
    if (value > 255) return undefined;
    bytes.push(value);
  }
  return { family: 4, bytes };
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const words = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return { family: 6, bytes: words.flatMap((word) => [word >> 8, word & 255]) };
}

/** The 16-bit groups of one half; the last may be a dotted quad when `last` is set. */
function groups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const words: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const quad = last && index === parts.length - 1 ? parseIpv4(part) : undefined;
      if (quad === undefined) return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = quad.bytes;
      words.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) words.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return words;
}

/** Canonical text: dotted quad, or RFC 5952 (lower case, longest run of zero groups shortened). */
export function formatIp(address: IpAddress): string {
  if (address.family === 4) return address.bytes.join('.');
  const words: number[] = [];
  for (let i = 0; i < 16; i += 2) words.push(((address.bytes[i] ?? 0) << 8) | (address.bytes[i + 1] ?? 0));
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i += 1) {
    let run = 0;
    while (i + run < 8 && words[i + run] === 0) run += 1;
    if (run > length) [start, length] = [i, run];
  }
  const text = (part: number[]): string => part.map((word) => word.toString(16)).join(':');
  return start < 0 ? text(words) : `${text(words.slice(0, start))}::${text(words.slice(start + length))}`;
}

/** `address/prefix`, or a bare address as a full-length prefix; undefined when malformed. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const bits = address.family === 4 ? 32 : 128;
  if (slash < 0) return { address, prefix: bits };
  const length = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) return undefined;
  return { address, prefix: Number(length) };
}

/** With the bits beyond the prefix cleared. */
export function masked(cidr: Cidr): Cidr {
  const bytes = cidr.address.bytes.map((byte, index) => {
    const kept = Math.max(0, Math.min(8, cidr.prefix - index * 8));
    return byte & ((0xff << (8 - kept)) & 0xff);
  });
  return { address: { family: cidr.address.family, bytes }, prefix: cidr.prefix };
}

export const formatCidr = (cidr: Cidr): string => `${formatIp(cidr.address)}/${cidr.prefix}`;

export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  if (cidr.address.family !== address.family) return false;
  for (let bit = 0; bit < cidr.prefix; bit += 8) {
    const mask = cidr.prefix - bit >= 8 ? 255 : (255 << (8 - (cidr.prefix - bit))) & 255;
    const index = bit >> 3;
    if (((cidr.address.bytes[index] ?? 0) & mask) !== ((address.bytes[index] ?? 0) & mask)) return false;
  }
  return true;
}

/** An IPv4 address in IPv6's spelling (RFC 4291 2.5.5.2) is that IPv4 address: rules must hold for both spellings. */
export function unmapIpv4(address: IpAddress): IpAddress {
  const { family, bytes } = address;
  const mapped =
    family === 6 && bytes[10] === 255 && bytes[11] === 255 && bytes.slice(0, 10).every((byte) => byte === 0);
  return mapped ? { family: 4, bytes: bytes.slice(12) } : address;
}

/** As `unmapIpv4`, of a range of mapped addresses (`::ffff:10.0.0.0/104` is `10.0.0.0/8`). */
export function unmapIpv4Cidr(cidr: Cidr): Cidr {
  const address = cidr.prefix < 96 ? cidr.address : unmapIpv4(cidr.address);
  return address === cidr.address ? cidr : { address, prefix: cidr.prefix - 96 };
}

export const isLoopback = (address: IpAddress): boolean =>
  address.family === 4 ? address.bytes[0] === 127 : formatIp(address) === '::1';
