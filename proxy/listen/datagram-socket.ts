/** A UDP socket that a listener receives on, and answers from. An address in use is an answer, not an exception. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { closeSync } from 'node:fs';
import type { SocketAddress } from '@weft/core/proxy-config';
import type { Inheritance, PassedSocket } from './inheritance.ts';
import { type BindResult, bindMessage, type SharedBinding } from './socket-table.ts';

export interface DatagramOwner {
  datagram(bytes: Uint8Array, from: RemoteInfo, at: DatagramSocket): void;
}

export class DatagramSocket {
  readonly address: SocketAddress;
  owner: DatagramOwner | undefined;
  readonly #socket: Socket;
  readonly #shared: SharedBinding | undefined;
  #bound = false;
  #passed: PassedSocket | undefined;

  constructor(address: SocketAddress, shared?: SharedBinding) {
    this.address = address;
    this.#shared = shared;
    const wide = address.kind === 'ip' && address.ip.includes(':');
    this.#socket = createSocket({ type: wide ? 'udp6' : 'udp4', ipv6Only: wide });
    this.#socket.on('message', (bytes, from) => this.owner?.datagram(bytes, from, this));
  }

  /** The port really bound, for addresses with port 0; 0 before `bind`. */
  get port(): number {
    return this.#bound ? this.#socket.address().port : (this.#passed?.port ?? 0);
  }

  get key(): string {
    return datagramKey(this.address, this.port);
  }

  /** Undefined: it cannot be passed on. */
  get descriptor(): number | undefined {
    const found = handleOf(this.#socket)?.fd;
    return this.#bound && found !== undefined && found >= 0 ? found : undefined;
  }

  /** Takes on a socket that another process bound; receives when the inheritance opens. */
  adopt(passed: PassedSocket, inheritance: Inheritance): void {
    this.#passed = passed;
    inheritance.whenOpen(() => {
      if (this.#passed === undefined) return;
      this.#socket.on('error', () => undefined);
      this.#socket.bind({ fd: passed.descriptor, exclusive: true }, () => {
        this.#bound = true;
        this.#passed = undefined;
      });
    });
  }

  bind(): Promise<BindResult> {
    const { address } = this;
    if (address.kind !== 'ip')
      return Promise.resolve({ ok: false, code: 'EINVAL', message: 'UDP needs an IP address' });
    // As for Unix sockets: a session lives in one engine, so one engine has the socket.
    if (this.#shared?.opensPipes === false) return Promise.resolve({ ok: true });
    return new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void =>
        resolve({ ok: false, code: error.code ?? 'EINVAL', message: bindMessage(error, address) });
      this.#socket.once('error', failed);
      this.#socket.bind({ address: address.ip, port: address.port, exclusive: true }, () => {
        this.#socket.removeListener('error', failed);
        this.#socket.on('error', () => undefined);
        this.#bound = true;
        resolve({ ok: true });
      });
    });
  }

  /** `done` gets the error of a datagram that did not leave. */
  send(bytes: Uint8Array, port: number, ip: string, done: (error: Error | null) => void): void {
    if (this.#bound) this.#socket.send(bytes, port, ip, done);
  }

  /**
   * New sessions are the owner's to refuse: those that are open still need it to answer from. `passedOn`: another process receives on the same socket, and
   * all that comes is its own.
   */
  retire(passedOn = false): void {
    if (passedOn) handleOf(this.#socket)?.recvStop();
  }

  close(): void {
    this.owner = undefined;
    if (this.#passed !== undefined) closeSync(this.#passed.descriptor);
    this.#passed = undefined;
    if (!this.#bound && this.#shared?.opensPipes === false) return;
    this.#bound = false;
    try {
      this.#socket.close();
    } catch {
      // Closed already.
    }
  }
}

export const datagramKey = (address: SocketAddress, port: number): string =>
  `udp ${address.kind === 'ip' ? address.ip : ''} ${port}`;

/** What Node keeps of a datagram socket, which it does not show: its descriptor, and a way to stop receiving. */
function handleOf(socket: Socket): { readonly fd: number; recvStop(): void } | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  if (symbol === undefined) return undefined;
  const state: unknown = Reflect.get(socket, symbol);
  return (state as { readonly handle?: { readonly fd: number; recvStop(): void } | null }).handle ?? undefined;
}
