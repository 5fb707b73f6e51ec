/**
 * The listening sockets of one engine by address. A listener that keeps its address keeps its socket over every change, and a socket can pass
 * from one listener to another without closing. An address in use is an answer, not an exception.
 */
import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Listener, SocketAddress } from '@weft/core/proxy-config';
import { isAbstract, makeRoom, socketPath } from './unix-path.ts';

export interface SocketOwner {
  accept(socket: Socket, at: ListeningSocket): void;
}

export type BindResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Connections that wait for accept where the listener does not say (tcp_backlog_size). */
const BACKLOG = 4096;

/** How an engine that shares its addresses with the other engines of its process binds. */
export interface SharedBinding {
  /** SO_REUSEPORT: the kernel spreads new connections over the sockets of all engines. */
  readonly reusePort: true;
  /** Unix sockets cannot be spread: one engine opens them. */
  readonly opensPipes: boolean;
}

export class ListeningSocket {
  readonly address: SocketAddress;
  owner: SocketOwner | undefined;
  readonly #server: Server;
  readonly #shared: SharedBinding | undefined;
  readonly #backlog: number;

  constructor(address: SocketAddress, row: Pick<Listener, 'tcpBacklogSize' | 'tcpKeepalive'>, shared?: SharedBinding) {
    this.address = address;
    this.#shared = shared;
    this.#backlog = row.tcpBacklogSize === 0 ? BACKLOG : row.tcpBacklogSize;
    const { tcpKeepalive: keepalive } = row;
    this.#server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      ...(keepalive === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: keepalive.time * 1000 }),
    });
    this.#server.on('connection', (socket) => {
      socket.on('error', ignore);
      if (this.owner === undefined) socket.destroy();
      else this.owner.accept(socket, this);
    });
  }

  /** The port really bound, for addresses with port 0; 0 for a Unix socket. */
  get port(): number {
    const bound = this.#server.address();
    return bound === null || typeof bound === 'string' ? 0 : bound.port;
  }

  /** As `addressKey`, with the port really bound: unique among open sockets. */
  get key(): string {
    return this.address.kind === 'ip' ? addressKey({ ...this.address, port: this.port }) : addressKey(this.address);
  }

  async bind(): Promise<BindResult> {
    const { address } = this;
    if (address.kind === 'pipe' && this.#shared?.opensPipes !== false) {
      const refusal = await makeRoom(address.path);
      if (refusal !== undefined) return { ok: false, code: 'EADDRINUSE', message: refusal };
    }
    return new Promise((resolve) => {
      if (address.kind === 'name') {
        resolve({ ok: false, code: 'EINVAL', message: `${address.name} is not an IP address` });
        return;
      }
      if (address.kind === 'pipe' && this.#shared?.opensPipes === false) {
        resolve({ ok: true });
        return;
      }
      const failed = (error: NodeJS.ErrnoException): void =>
        resolve({ ok: false, code: error.code ?? 'EINVAL', message: bindMessage(error, address) });
      this.#server.once('error', failed);
      const done = (): void => {
        this.#server.removeListener('error', failed);
        this.#server.on('error', ignore);
        if (address.kind === 'pipe' && address.mode !== 0 && !isAbstract(address.path)) {
          try {
            chmodSync(address.path, address.mode);
          } catch (error) {
            this.#server.close();
            resolve({
              ok: false,
              code: 'EPERM',
              message: `${address.path}: ${error instanceof Error ? error.message : ''}`,
            });
            return;
          }
        }
        resolve({ ok: true });
      };
      if (address.kind === 'pipe') {
        this.#server.listen({ path: socketPath(address.path), backlog: this.#backlog }, done);
      } else {
        const ipv6Only = address.ip.includes(':');
        const reusePort = this.#shared !== undefined;
        this.#server.listen(
          { host: address.ip, port: address.port, backlog: this.#backlog, ipv6Only, reusePort },
          done,
        );
      }
    });
  }

  /** Accepts no more; accepted connections go on. */
  retire(): void {
    this.close();
  }

  close(): void {
    this.owner = undefined;
    this.#server.close();
  }
}

export const addressKey = (address: SocketAddress): string =>
  address.kind === 'pipe'
    ? `unix ${address.path}`
    : `tcp ${address.kind === 'ip' ? address.ip : address.name} ${address.port}`;

export const addressLabel = (address: SocketAddress): string =>
  address.kind === 'pipe'
    ? address.path
    : `${address.kind === 'name' ? address.name : address.ip.includes(':') ? `[${address.ip}]` : address.ip}:${address.port}`;

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process',
  EACCES: 'may not be bound by this user',
  EADDRNOTAVAIL: 'is not an address of this machine',
};

export function bindMessage(error: NodeJS.ErrnoException, address: SocketAddress): string {
  const where = addressLabel(address);
  return `${where} ${REASONS[error.code ?? ''] ?? `cannot be bound: ${error.message}`}`;
}

const ignore = (): void => undefined;
