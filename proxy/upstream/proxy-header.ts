/**
 * The PROXY header that goes before a connection to an endpoint (upstream_proxy_protocol). On behalf of a caller it names the caller's ends; of
 * nobody (health checks) it is as Envoy's: our own ends in version 1, LOCAL in version 2.
 */
import type { Socket } from 'node:net';
import { type IpAddress, parseIp } from '@weft/core/kernel';
import { type ProxiedConnection, type ProxyVersion, writeProxyHeader } from '@weft/wire/proxy-protocol';
import type { DownstreamConnection } from '../ports.ts';

/** To be called when `socket` is connected. */
export function proxyHeader(
  version: ProxyVersion,
  downstream: DownstreamConnection | undefined,
  socket: Socket,
): Uint8Array {
  if (downstream !== undefined) {
    const { remote, local } = downstream;
    return writeProxyHeader(version, connection(remote.address, remote.port, local.address, local.port));
  }
  if (version === 'v2') return writeProxyHeader(version, undefined);
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  return writeProxyHeader(version, connection(parseIp(localAddress), localPort, parseIp(remoteAddress), remotePort));
}

const connection = (
  source: IpAddress | undefined,
  sourcePort: number,
  destination: IpAddress | undefined,
  destinationPort: number,
): ProxiedConnection | undefined =>
  source === undefined || destination === undefined
    ? undefined
    : {
        source: { address: source, port: sourcePort },
        destination: { address: destination, port: destinationPort },
      };
