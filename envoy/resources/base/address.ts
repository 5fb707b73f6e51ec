/** Socket addresses (envoy.config.core.v3.Address) and CIDR ranges. */
import { formatCidr, formatIp, parseCidr, masked, parseIp } from '@weft/core/kernel';
import type { SocketAddress } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';

type Address = Messages['envoy.config.core.v3.Address'];

/** What stands for an address that could not be read; a finding is then already made. */
export const NO_ADDRESS: SocketAddress = { kind: 'ip', ip: '0.0.0.0', port: 0 };

/** `names`: whether a host name may stand where an IP address does (DNS clusters). */
export function decodeAddress(cursor: Cursor<Address>, names: boolean, protocol: 'TCP' | 'UDP' = 'TCP'): SocketAddress {
  const pipe = cursor.within(
    'pipe',
    (inner): SocketAddress => ({
      kind: 'pipe',
      path: inner.take('path') ?? '',
      mode: inner.take('mode') ?? 0,
    }),
  );
  if (protocol === 'UDP' && pipe !== undefined) cursor.fault('pipe', 'unsupported-value', 'UDP needs an IP address');
  const internal = cursor.within(
    'envoy_internal_address',
    (inner): SocketAddress => ({
      kind: 'internal',
      listener: inner.take('server_listener_name') ?? '',
      endpointId: inner.take('endpoint_id') ?? '',
    }),
  );
  const socket = cursor.within('socket_address', (inner): SocketAddress => {
    inner.only('protocol', protocol);
    const text = inner.take('address') ?? '';
    const port = inner.take('port_value') ?? 0;
    const ip = parseIp(text);
    if (ip !== undefined) return { kind: 'ip', ip: formatIp(ip), port };
    if (!names) inner.fault('address', 'invalid-value', `${text} is no IP address`, 'use a DNS cluster for names');
    return { kind: 'name', name: text, port };
  });
  return pipe ?? internal ?? socket ?? NO_ADDRESS;
}

export function encodeAddress(address: SocketAddress, protocol: 'TCP' | 'UDP' = 'TCP'): Address {
  switch (address.kind) {
    case 'pipe':
      return { pipe: { path: address.path, ...(address.mode === 0 ? {} : { mode: address.mode }) } };
    case 'internal':
      return {
        envoy_internal_address: {
          server_listener_name: address.listener,
          endpoint_id: address.endpointId || undefined,
        },
      };
    case 'ip':
    case 'name':
      return {
        socket_address: {
          ...(protocol === 'UDP' ? { protocol } : {}),
          address: address.kind === 'ip' ? address.ip : address.name,
          port_value: address.port,
        },
      };
  }
}

/** `address/prefix` with the bits beyond the prefix cleared. */
export function decodeCidr(cursor: Cursor<Messages['envoy.config.core.v3.CidrRange']>): string {
  const prefix = cursor.take('prefix_len') ?? 0;
  const text = cursor.take('address_prefix') ?? '';
  const cidr = parseCidr(`${text}/${prefix}`);
  if (cidr === undefined || text.includes('/')) cursor.refuse('invalid-value', `${text}/${prefix} is no address range`);
  return cidr === undefined ? '0.0.0.0/0' : formatCidr(masked(cidr));
}

/** An address alone is the range that holds it and no other. */
export function encodeCidr(text: string): Messages['envoy.config.core.v3.CidrRange'] {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return { address_prefix: text, prefix_len: text.includes(':') ? 128 : 32 };
  const prefix = Number(text.slice(slash + 1));
  return { address_prefix: text.slice(0, slash), prefix_len: prefix };
}
