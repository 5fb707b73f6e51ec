/**
 * An address bound and not listened on: nobody else can have it, and nobody is let in. A socket that listens for a moment, as a test whether the address is
 * free, lets callers in whom no one serves, and is gone when they come again.
 */
import net from 'node:net';
import { constants } from 'node:os';
import type { SocketAddress } from '@weft/core/proxy-config';
import { bindMessage } from './socket-table.ts';

type Ip = Extract<SocketAddress, { kind: 'ip' }>;

/** Of libuv. */
const IPV6_ONLY = 1;

interface TcpHandle {
  /** Below 0: an error number; a bind that failed says so here. */
  getsockname(out: { port?: number }): number;
  close(): void;
}

/** What `node:cluster` binds by: Node's only way to bind without listening. A negative number is an error. */
type CreateServerHandle = (
  ip: string,
  port: number,
  family: 4 | 6,
  descriptor: undefined,
  flags: number,
) => TcpHandle | number;

export type Claim =
  | { readonly ok: true; readonly port: number; release(): void }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** `address.port` 0: one that is free. Held until `release`. */
export function claimPort(address: Ip): Claim {
  const { _createServerHandle: create } = net as unknown as { readonly _createServerHandle: CreateServerHandle };
  const six = address.ip.includes(':');
  const handle = create(address.ip, address.port, six ? 6 : 4, undefined, six ? IPV6_ONLY : 0);
  if (typeof handle === 'number') return refusal(handle, address);
  const bound: { port?: number } = {};
  const error = handle.getsockname(bound);
  if (error < 0) {
    handle.close();
    return refusal(error, address);
  }
  return { ok: true, port: bound.port ?? address.port, release: () => handle.close() };
}

function refusal(number: number, address: Ip): Claim {
  const code = Object.entries(constants.errno).find(([, value]) => value === -number)?.[0] ?? 'EINVAL';
  return { ok: false, code, message: bindMessage(Object.assign(new Error(code), { code }), address) };
}
