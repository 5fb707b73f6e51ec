/**
 * What a session's cookie or header says: the address of an endpoint in base64, in a cookie as the message {1: address, 2: expiry in seconds}
 * that Envoy writes, so that both read each other's. Nothing in it is trusted: it only chooses among the cluster's own endpoints.
 */
import { Buffer } from 'node:buffer';

const ADDRESS = 0x0a;
const EXPIRES = 0x10;
const MOST = 512;

/** undefined: there is none, or it is over. `now`: seconds. */
export function addressInCookie(text: string, now: number): string | undefined {
  const octets = decoded(text);
  if (octets === undefined) return undefined;
  if (octets[0] !== ADDRESS) return octets.toString('latin1');
  const length = octets[1] ?? 0;
  const end = 2 + length;
  if (length > 127 || length === 0 || end > octets.length) return undefined;
  if (octets[end] === EXPIRES && varint(octets, end + 1) < now) return undefined;
  return octets.toString('latin1', 2, end);
}

/** `expires`: seconds; 0: never. The address has at most 127 octets. */
export function cookieOf(address: string, expires: number): string {
  const octets = [ADDRESS, address.length, ...Buffer.from(address, 'latin1')];
  if (expires > 0) {
    octets.push(EXPIRES);
    let left = expires;
    for (; left > 127; left = Math.floor(left / 128)) octets.push((left % 128) + 128);
    octets.push(left);
  }
  return Buffer.from(octets).toString('base64');
}

export const addressInHeader = (text: string): string | undefined => decoded(text)?.toString('latin1');

export const headerOf = (address: string): string => Buffer.from(address, 'latin1').toString('base64');

function decoded(text: string): Buffer | undefined {
  if (text === '' || text.length > MOST || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}

function varint(octets: Buffer, from: number): number {
  let value = 0;
  let unit = 1;
  for (let at = from; at < octets.length && at < from + 7; at += 1) {
    const octet = octets[at] as number;
    value += (octet & 127) * unit;
    unit *= 128;
    if (octet < 128) return value;
  }
  return value;
}
