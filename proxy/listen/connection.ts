/** Facts about one accepted connection, as filters, the HTTP half and records see them. */
import type { Socket } from 'node:net';
import { formatIp, type IpAddress, parseIp, unmapIpv4 } from '@weft/core/kernel';
import type { ConnectionView } from '@weft/core/decide';
import type { FilterChain, Listener } from '@weft/core/proxy-config';
import type { ProxiedEnd } from '@weft/wire/proxy-protocol';
import type { DownstreamConnection, PeerIdentity, SocketEnd } from '../ports.ts';

export class AcceptedConnection implements DownstreamConnection, ConnectionView {
  readonly id: number;
  readonly socket: Socket;
  readonly peerIdentity: PeerIdentity | undefined;
  readonly serverName: string;
  readonly alpn: string;
  readonly remote: SocketEnd;
  readonly directRemote: SocketEnd;
  readonly local: SocketEnd;
  readonly redirected: boolean;
  readonly listener: Listener;
  readonly filterChain: FilterChain;
  readonly acceptedAt: number;
  readonly metadata: DownstreamConnection['metadata'];

  constructor(
    origin: AcceptedSocket,
    socket: Socket,
    peer: PeerIdentity | undefined,
    alpn: string,
    filterChain: FilterChain,
  ) {
    this.id = origin.id;
    this.socket = socket;
    this.peerIdentity = peer;
    this.serverName = origin.serverName;
    this.alpn = alpn;
    this.remote = origin.remote;
    this.directRemote = origin.directRemote;
    this.local = origin.local;
    this.redirected = origin.redirected;
    this.listener = origin.listener;
    this.filterChain = filterChain;
    this.acceptedAt = origin.acceptedAt;
    this.metadata = origin.metadata;
  }

  get peer(): PeerIdentity | undefined {
    return this.peerIdentity;
  }

  get destinationIp(): IpAddress | undefined {
    return this.local.address;
  }

  get destinationPort(): number {
    return this.local.port;
  }

  get directRemoteIp(): IpAddress | undefined {
    return this.directRemote.address;
  }

  get sourceIp(): IpAddress | undefined {
    return this.remote.address;
  }
}

/** What is known before the transport is established. */
export interface AcceptedSocket {
  readonly id: number;
  readonly serverName: string;
  readonly remote: SocketEnd;
  readonly directRemote: SocketEnd;
  readonly local: SocketEnd;
  readonly redirected: boolean;
  readonly listener: Listener;
  readonly acceptedAt: number;
  readonly metadata: DownstreamConnection['metadata'];
}

/** An IPv4 address that came through an IPv6 socket is an IPv4 address. */
export function socketEnd(text: string | undefined, port: number | undefined): SocketEnd {
  const plain = text === undefined ? '' : text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text;
  const zone = plain.indexOf('%');
  const ip = zone < 0 ? plain : plain.slice(0, zone);
  return { ip, port: port ?? 0, address: ip === '' ? undefined : parseIp(ip) };
}

/** As `socketEnd`, of an address that is parsed already. */
export function proxiedEnd({ address, port }: ProxiedEnd): SocketEnd {
  const plain = unmapIpv4(address);
  return { ip: formatIp(plain), port, address: plain };
}
