/** The caller of a UDP session, as records see it. There is no stream behind it. */
import type { Socket } from 'node:net';
import { ANY_CONNECTION, type FilterChain, type Listener, NO_TERMINAL } from '@weft/core/proxy-config';
import type { DownstreamConnection, SocketEnd } from '../ports.ts';

const NO_CHAIN: FilterChain = {
  name: '',
  match: ANY_CONNECTION,
  transport: { kind: 'plaintext' },
  transportConnectTimeout: 0,
  networkFilters: [],
  terminal: NO_TERMINAL,
  source: undefined,
};

export class UdpCaller implements DownstreamConnection {
  readonly id: number;
  readonly peer = undefined;
  readonly serverName = '';
  readonly alpn = '';
  readonly remote: SocketEnd;
  readonly local: SocketEnd;
  readonly listener: Listener;
  readonly filterChain = NO_CHAIN;
  readonly acceptedAt: number;

  constructor(id: number, remote: SocketEnd, local: SocketEnd, listener: Listener, acceptedAt: number) {
    this.id = id;
    this.remote = remote;
    this.local = local;
    this.listener = listener;
    this.acceptedAt = acceptedAt;
  }

  get socket(): Socket {
    throw new Error('a UDP session has no stream');
  }
}
