/** A UDP socket that a listener receives on, and answers from. An address in use is an answer, not an exception. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { SocketAddress } from '@weft/core/proxy-config';
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

  constructor(address: SocketAddress, shared?: SharedBinding) {
    this.address = address;
    this.#shared = shared;
    const wide = address.kind === 'ip' && address.ip.includes(':');
    this.#socket = createSocket({ type: wide ? 'udp6' : 'udp4', ipv6Only: wide });
    this.#socket.on('message', (bytes, from) => this.owner?.datagram(bytes, from, this));
  }

  /** The port really bound, for addresses with port 0; 0 before `bind`. */
  get port(): number {
    return this.#bound ? this.#socket.address().port : 0;
  }

  get key(): string {
    return datagramKey(this.address, this.port);
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

  /** New sessions are the owner's to refuse: those that are open still need it. */
  retire(): void {
    // Stays open until `close`.
  }

  close(): void {
    this.owner = undefined;
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
