/**
 * The listening sockets of one engine by address. A listener that keeps its address keeps its socket over every change, and a socket can pass
 * from one listener to another without closing. An address in use is an answer, not an exception.
 */
import { closeSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { addressText, type Listener, type SocketAddress } from '@weft/core/proxy-config';
import type { PassedConnection } from '../ports.ts';
import type { Inheritance, PassedSocket } from './inheritance.ts';
import { bindingPath, isAbstract, makeRoom, SocketFile, socketPath } from './unix-path.ts';

/** Where a connection arrived. */
export interface AcceptedAt {
  /** Bound; 0: no port. */
  readonly port: number;
  /** From a cluster of this engine. */
  readonly passed?: PassedConnection;
}

export interface SocketOwner {
  accept(socket: Socket, at: AcceptedAt): void;
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
  /** The port of a socket that another process bound and this one does not accept on yet. */
  #passed: PassedSocket | undefined;
  #file: SocketFile | undefined;

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
    if (this.#passed !== undefined) return this.#passed.port;
    return bound === null || typeof bound === 'string' ? 0 : bound.port;
  }

  /** As `addressKey`, with the port really bound: unique among open sockets. */
  get key(): string {
    return this.address.kind === 'ip' ? addressKey({ ...this.address, port: this.port }) : addressKey(this.address);
  }

  /** Undefined: it cannot be passed on. */
  get descriptor(): number | undefined {
    const found = (this.#server as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd;
    return found !== undefined && found >= 0 ? found : undefined;
  }

  async bind(): Promise<BindResult> {
    const { address } = this;
    if (address.kind === 'name' || address.kind === 'internal')
      return { ok: false, code: 'EINVAL', message: `${addressText(address)} is not an IP address` };
    if (address.kind === 'ip') {
      const ipv6Only = address.ip.includes(':');
      const reusePort = this.#shared !== undefined;
      return this.#listen({ host: address.ip, port: address.port, ipv6Only, reusePort });
    }
    if (this.#shared?.opensPipes === false) return { ok: true };
    const refusal = await makeRoom(address.path);
    if (refusal !== undefined) return { ok: false, code: 'EADDRINUSE', message: refusal };
    if (isAbstract(address.path)) return this.#listen({ path: socketPath(address.path) });
    const path = bindingPath(address.path);
    if (path !== address.path) rmSync(path, { force: true });
    const bound = await this.#listen({ path });
    return bound.ok ? this.#named(path, address.path, address.mode) : bound;
  }

  /** Takes on a socket that another process bound; accepts when the inheritance opens. */
  adopt(passed: PassedSocket, inheritance: Inheritance): void {
    this.#passed = passed;
    inheritance.whenOpen(() => {
      if (this.#passed === undefined) return;
      this.#server.on('error', ignore);
      this.#server.listen({ fd: passed.descriptor, backlog: this.#backlog });
      const { address } = this;
      if (address.kind === 'pipe' && !isAbstract(address.path)) this.#named(address.path, address.path, address.mode);
      this.#passed = undefined;
    });
  }

  /** Accepts no more; accepted connections go on. `passedOn`: another process accepts on the same socket, whose file stays. */
  retire(passedOn = false): void {
    if (passedOn) this.#file = undefined;
    this.close();
  }

  close(): void {
    this.owner = undefined;
    if (this.#passed !== undefined) closeSync(this.#passed.descriptor);
    this.#passed = undefined;
    this.#server.close();
    this.#file?.remove();
    this.#file = undefined;
  }

  #listen(where: object): Promise<BindResult> {
    return new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void =>
        resolve({ ok: false, code: error.code ?? 'EINVAL', message: bindMessage(error, this.address) });
      this.#server.once('error', failed);
      this.#server.listen({ ...where, backlog: this.#backlog }, () => {
        this.#server.removeListener('error', failed);
        this.#server.on('error', ignore);
        resolve({ ok: true });
      });
    });
  }

  #named(bound: string, path: string, mode: number): BindResult {
    try {
      this.#file = new SocketFile(bound, path, mode);
      return { ok: true };
    } catch (error) {
      this.#server.close();
      return { ok: false, code: 'EPERM', message: `${path}: ${error instanceof Error ? error.message : ''}` };
    }
  }
}

export function addressKey(address: SocketAddress): string {
  switch (address.kind) {
    case 'pipe':
      return `unix ${address.path}`;
    case 'internal':
      return `internal ${address.listener}`;
    case 'ip':
      return `tcp ${address.ip} ${address.port}`;
    case 'name':
      return `tcp ${address.name} ${address.port}`;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process',
  EACCES: 'may not be bound by this user',
  EADDRNOTAVAIL: 'is not an address of this machine',
};

export function bindMessage(error: NodeJS.ErrnoException, address: SocketAddress): string {
  const where = addressText(address);
  return `${where} ${REASONS[error.code ?? ''] ?? `cannot be bound: ${error.message}`}`;
}

const ignore = (): void => undefined;
