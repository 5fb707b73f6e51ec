/** What a PROXY protocol header says (HAProxy's proxy-protocol.txt, versions 1 and 2), and the limits of one. */
import type { IpAddress } from '@weft/core/kernel';

/** The longest line of version 1, CRLF included (2.1). */
export const MAX_V1_BYTES = 107;
/** The longest header of version 2 that is read: 16 bytes, addresses and the TLVs after them. A peer may state 65,535 + 16. */
export const MAX_V2_BYTES = 16 + 4096;

export type ProxyVersion = 'v1' | 'v2';

/** One end of the connection that the header speaks of. */
export interface ProxiedEnd {
  readonly address: IpAddress;
  readonly port: number;
}

/** The connection that a proxy made on behalf of somebody; both ends of one family. */
export interface ProxiedConnection {
  readonly source: ProxiedEnd;
  readonly destination: ProxiedEnd;
}

export type ProxyHeader =
  /** More bytes are needed to tell. */
  | { readonly kind: 'incomplete' }
  /** Not a PROXY header; nothing says that it should have been one. */
  | { readonly kind: 'absent' }
  /** It began as one and is none, or is longer than its limit. */
  | { readonly kind: 'malformed' }
  | {
      readonly kind: 'header';
      readonly version: ProxyVersion;
      /** Bytes that it takes; what comes after them is the connection's own. */
      readonly length: number;
      /** Undefined: LOCAL or UNKNOWN, the addresses of the socket itself count. */
      readonly proxied: ProxiedConnection | undefined;
    };

export const INCOMPLETE: ProxyHeader = { kind: 'incomplete' };
export const ABSENT: ProxyHeader = { kind: 'absent' };
export const MALFORMED: ProxyHeader = { kind: 'malformed' };

/** The first 12 bytes of version 2. */
export const SIGNATURE = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10);
