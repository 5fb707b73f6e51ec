/** What is known of a connection that was accepted. Part of the seams of ports.ts. */
import type { Socket } from 'node:net';
import type { FilterChain, Listener, MetadataStruct } from '@weft/core/proxy-config';
import type { PeerIdentity, SocketEnd } from './ports.ts';

/** One accepted connection whose transport is established, as the terminal filter gets it. */
export interface DownstreamConnection {
  /** Process-wide number, from 1. */
  readonly id: number;
  /** net.Socket or tls.TLSSocket, allowHalfOpen, noDelay, paused, without 'data' listener; peeked bytes were put back. The receiver owns it. */
  readonly socket: Socket;
  readonly peer: PeerIdentity | undefined;
  /** SNI in lower case, '' without. */
  readonly serverName: string;
  /** Negotiated ALPN protocol, '' without. */
  readonly alpn: string;
  /** Whom it is from: as a PROXY header said, else the other end of the socket. */
  readonly remote: SocketEnd;
  /** The other end of the socket, where a PROXY header named another `remote`; absent: `remote` itself. */
  readonly directRemote?: SocketEnd;
  /** Where the caller meant to go: the accepting address, or the original destination when it was redirected or a PROXY header said so. */
  readonly local: SocketEnd;
  /** `local` is not the accepting address itself, so that ORIGINAL_DST may go there; absent: it is. */
  readonly redirected?: boolean;
  readonly listener: Listener;
  readonly filterChain: FilterChain;
  /** Monotonic ms of accept. */
  readonly acceptedAt: number;
  /** Metadata of whom it is from, where a cluster of this engine passed some on; absent: none. */
  readonly metadata?: ReadonlyMap<string, MetadataStruct> | undefined;
}

/** What a connection to an internal listener takes along from the cluster that opened it. */
export interface PassedConnection {
  readonly metadata: ReadonlyMap<string, MetadataStruct>;
}
