/**
 * Ports of this host that programs listen on for others than itself (Linux, /proc/net/tcp and tcp6; elsewhere nothing is known). A service
 * that listens so can be called beside its proxy, without mutual TLS and policies.
 */
import { readFileSync } from 'node:fs';

/** State LISTEN of the tables. */
const LISTEN = '0A';
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/** By port: the address, as text. */
export function openPorts(read: (file: string) => string = readTable): ReadonlyMap<number, string> {
  const open = new Map<number, string>();
  for (const file of TABLES)
    for (const line of read(file).split('\n').slice(1)) {
      const [, local = '', , state] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      if (state !== LISTEN || isLoopback(address)) continue;
      open.set(Number.parseInt(port, 16), addressText(address));
    }
  return open;
}

function readTable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Words of 32 bits in the host's order: the first octet of an IPv4 address stands last, on the machines that Node 24 runs on. */
const octetsOf = (hex: string): number[] =>
  (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)).reverse(),
  );

function isLoopback(hex: string): boolean {
  const octets = octetsOf(hex);
  if (octets.length === 4) return octets[0] === 127;
  const mapped = octets.slice(0, 10).every((octet) => octet === 0) && octets[10] === 255 && octets[11] === 255;
  return mapped ? octets[12] === 127 : octets.slice(0, 15).every((octet) => octet === 0) && octets[15] === 1;
}

function addressText(hex: string): string {
  const octets = octetsOf(hex);
  if (octets.every((octet) => octet === 0)) return octets.length === 4 ? '0.0.0.0' : '[::]';
  if (octets.length === 4) return octets.join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((octets[2 * at] ?? 0) * 256 + (octets[2 * at + 1] ?? 0)).toString(16),
  );
  return `[${groups.join(':')}]`;
}
