/** Writes a PROXY protocol header. Ends of two families, or none, become UNKNOWN (version 1) or LOCAL (version 2). */
import { formatIp } from '@weft/core/kernel';
import { SIGNATURE, type ProxiedConnection, type ProxyVersion } from './header.ts';

export function writeProxyHeader(version: ProxyVersion, proxied: ProxiedConnection | undefined): Uint8Array {
  const known =
    proxied !== undefined && proxied.source.address.family === proxied.destination.address.family ? proxied : undefined;
  return version === 'v1' ? line(known) : binary(known);
}

function line(proxied: ProxiedConnection | undefined): Uint8Array {
  if (proxied === undefined) return ascii('PROXY UNKNOWN\r\n');
  const { source, destination } = proxied;
  const family = source.address.family === 4 ? 'TCP4' : 'TCP6';
  return ascii(
    `PROXY ${family} ${formatIp(source.address)} ${formatIp(destination.address)} ${source.port} ${destination.port}\r\n`,
  );
}

function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function binary(proxied: ProxiedConnection | undefined): Uint8Array {
  if (proxied === undefined) return Uint8Array.of(...SIGNATURE, 0x20, 0, 0, 0);
  const { source, destination } = proxied;
  const family = source.address.family === 4 ? 0x11 : 0x21;
  const block = [...source.address.bytes, ...destination.address.bytes, ...u16(source.port), ...u16(destination.port)];
  return Uint8Array.of(...SIGNATURE, 0x21, family, ...u16(block.length), ...block);
}

const u16 = (value: number): [number, number] => [(value >> 8) & 255, value & 255];
