/**
 * Reads a PROXY protocol header without consuming it. Pure and total: bytes of any kind give one of the four answers. It must never look
 * further than the limit of the version, nor accept an address that is written in another way than the standard's.
 */
import { parseIp, type IpAddress } from '@weft/core/kernel';
import {
  ABSENT,
  INCOMPLETE,
  MALFORMED,
  MAX_V1_BYTES,
  MAX_V2_BYTES,
  SIGNATURE,
  type ProxiedConnection,
  type ProxyHeader,
} from './header.ts';

const V1_START = Uint8Array.of(80, 82, 79, 88, 89, 32);

export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (bytes.length === 0) return INCOMPLETE;
  const first = bytes[0];
  if (first === V1_START[0]) return startsWith(bytes, V1_START, readLine);
  if (first === SIGNATURE[0]) return startsWith(bytes, SIGNATURE, readBinary);
  return ABSENT;
}

function startsWith(bytes: Uint8Array, start: Uint8Array, read: (bytes: Uint8Array) => ProxyHeader): ProxyHeader {
  const known = Math.min(bytes.length, start.length);
  for (let at = 0; at < known; at += 1) if (bytes[at] !== start[at]) return ABSENT;
  return bytes.length < start.length ? INCOMPLETE : read(bytes);
}

/** Version 1: one line of ASCII. */
function readLine(bytes: Uint8Array): ProxyHeader {
  const most = Math.min(bytes.length, MAX_V1_BYTES);
  let end = -1;
  for (let at = V1_START.length; at < most; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 10) {
      end = at;
      break;
    }
    // Everything but the line's end is printable.
    if (byte !== 13 && (byte < 32 || byte > 126)) return MALFORMED;
  }
  if (end < 0) return bytes.length >= MAX_V1_BYTES ? MALFORMED : INCOMPLETE;
  if (bytes[end - 1] !== 13) return MALFORMED;
  const line = String.fromCharCode(...bytes.subarray(V1_START.length, end - 1));
  if (line === 'UNKNOWN' || line.startsWith('UNKNOWN ')) {
    return line.includes('\r') ? MALFORMED : { kind: 'header', version: 'v1', length: end + 1, proxied: undefined };
  }
  const [family, source, destination, sourcePort, destinationPort, ...more] = line.split(' ');
  if (more.length > 0 || (family !== 'TCP4' && family !== 'TCP6')) return MALFORMED;
  const proxied = connection(
    family === 'TCP4' ? 4 : 6,
    parseIp(source ?? ''),
    parseIp(destination ?? ''),
    portOf(sourcePort),
    portOf(destinationPort),
  );
  return proxied === undefined ? MALFORMED : { kind: 'header', version: 'v1', length: end + 1, proxied };
}

function portOf(text: string | undefined): number {
  if (text === undefined || !/^(?:0|[1-9]\d{0,4})$/.test(text)) return -1;
  return Number(text);
}

function connection(
  family: 4 | 6,
  source: IpAddress | undefined,
  destination: IpAddress | undefined,
  sourcePort: number,
  destinationPort: number,
): ProxiedConnection | undefined {
  if (source?.family !== family || destination?.family !== family) return undefined;
  if (!isUnicast(source) || !isUnicast(destination)) return undefined;
  if (sourcePort < 0 || sourcePort > 65_535 || destinationPort < 0 || destinationPort > 65_535) return undefined;
  return {
    source: { address: source, port: sourcePort },
    destination: { address: destination, port: destinationPort },
  };
}

/** A TCP connection has one peer: neither "any" nor a group nor everybody. */
function isUnicast({ family, bytes }: IpAddress): boolean {
  if (bytes.every((byte) => byte === 0)) return false;
  const first = bytes[0] ?? 0;
  if (family === 6) return first !== 255;
  return (first < 224 || first > 239) && !bytes.every((byte) => byte === 255);
}

const COMMAND_LOCAL = 0x20;
const COMMAND_PROXY = 0x21;
/** The length of the address block by the family's upper half. */
const ADDRESS_BYTES = { 0: 0, 1: 12, 2: 36, 3: 216 } as const;

/** Version 2: 16 bytes, an address block, TLVs. */
function readBinary(bytes: Uint8Array): ProxyHeader {
  const command = bytes[12];
  if (command !== undefined && command !== COMMAND_LOCAL && command !== COMMAND_PROXY) return MALFORMED;
  if (bytes.length < 16) return INCOMPLETE;
  const length = 16 + u16(bytes, 14);
  if (length > MAX_V2_BYTES) return MALFORMED;
  const family = (bytes[13] ?? 0) >> 4;
  const transport = (bytes[13] ?? 0) & 15;
  // LOCAL says nothing of any connection: its block, if any, is passed over unread (2.2).
  if (command === COMMAND_LOCAL) {
    return bytes.length < length ? INCOMPLETE : { kind: 'header', version: 'v2', length, proxied: undefined };
  }
  if ((family !== 1 && family !== 2 && family !== 0 && family !== 3) || transport > 2) return MALFORMED;
  const addressBytes = ADDRESS_BYTES[family];
  if (length < 16 + addressBytes) return MALFORMED;
  if (bytes.length < length) return INCOMPLETE;
  if (!tlvsFit(bytes, 16 + addressBytes, length)) return MALFORMED;
  // An unspecified family, or a Unix socket, names no address that a policy could ask of.
  if (family === 0 || family === 3) return { kind: 'header', version: 'v2', length, proxied: undefined };
  if (transport === 0) return MALFORMED;
  const wide = family === 1 ? 4 : 16;
  const at = (offset: number): IpAddress =>
    ({ family: family === 1 ? 4 : 6, bytes: [...bytes.subarray(16 + offset, 16 + offset + wide)] }) as IpAddress;
  const proxied = connection(
    family === 1 ? 4 : 6,
    at(0),
    at(wide),
    u16(bytes, 16 + 2 * wide),
    u16(bytes, 16 + 2 * wide + 2),
  );
  return proxied === undefined ? MALFORMED : { kind: 'header', version: 'v2', length, proxied };
}

/** Type-length-value entries fill [from, to) exactly. Their values are passed over. */
function tlvsFit(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    if (at + 3 > to) return false;
    at += 3 + u16(bytes, at + 1);
  }
  return at === to;
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
