/**
 * Sockets of this network namespace that listen for others than its own host (Linux, /proc/net/tcp and tcp6, proc(5); elsewhere nothing is
 * known). A service that listens so can be called beside its proxy, without mutual TLS and policies.
 */
import { open } from 'node:fs/promises';
import { formatIp, type IpAddress, isLoopback } from '@weft/core/kernel';

export interface Listener {
  /** Canonical text; `0.0.0.0` and `::` for every address. */
  readonly ip: string;
  readonly port: number;
  /** Of the socket: descriptors of processes lead to it as `socket:[INODE]`. */
  readonly inode: number;
}

/** State LISTEN of the tables. */
const LISTEN = '0A';
const TABLES = ['tcp', 'tcp6'];
const PIECE = 64 * 1024;
/** Characters of one table that are read: some 13,000 listeners. */
const MOST = 2 * 1024 * 1024;

/** @param folder of the tables; what cannot be read there holds nobody. */
export async function openListeners(folder = '/proc/net'): Promise<Listener[]> {
  const tables = await Promise.all(TABLES.map((name) => readTable(`${folder}/${name}`)));
  return tables.flatMap(listenersIn);
}

/** Of the text of a table, those on loopback left out. A line that is none of a table's is passed over. */
export function listenersIn(table: string): Listener[] {
  return table.split('\n').flatMap((line): Listener[] => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [, address = '', port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? [];
    if (state !== LISTEN || address === '' || !/^\d+$/.test(inode)) return [];
    const ip = unmapped(addressOf(address));
    return isLoopback(ip) ? [] : [{ ip: formatIp(ip), port: Number.parseInt(port, 16), inode: Number(inode) }];
  });
}

/**
 * The kernel tells listeners first and connections after them (tcp_seek_last_pos, net/ipv4/tcp_ipv4.c): reading ends at the first connection,
 * so that a host with many of them costs no more.
 */
async function readTable(file: string): Promise<string> {
  let text = '';
  try {
    const handle = await open(file);
    try {
      const buffer = Buffer.alloc(PIECE);
      while (text.length < MOST && !tellsConnections(text)) {
        const { bytesRead } = await handle.read(buffer, 0, PIECE, null);
        if (bytesRead === 0) break;
        text += buffer.toString('latin1', 0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  } catch {
    // Another system, or a process that may not see it: what was read so far counts.
  }
  return text;
}

/** Whether the last whole line of `text`, beyond the heading, is no listener's. */
function tellsConnections(text: string): boolean {
  const end = text.lastIndexOf('\n');
  const line = end < 1 ? '' : text.slice(text.lastIndexOf('\n', end - 1) + 1, end);
  const state = /^\s*\d+: \S+ \S+ ([0-9A-F]{2}) /.exec(line)?.[1];
  return state !== undefined && state !== LISTEN;
}

/** Words of 32 bits in the host's order: the first octet of an IPv4 address stands last, on the machines that Node 24 runs on. */
function addressOf(hex: string): IpAddress {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)).reverse(),
  );
  return bytes.length === 4 ? { family: 4, bytes } : { family: 6, bytes };
}

/** The IPv4 address that an IPv6 one stands for (RFC 4291, 2.5.5.2), else itself. */
function unmapped({ family, bytes }: IpAddress): IpAddress {
  const mapped =
    family === 6 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? { family: 4, bytes: bytes.slice(12) } : { family, bytes };
}
