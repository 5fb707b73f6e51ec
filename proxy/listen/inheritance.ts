/**
 * Listening sockets that the process before this one left open for it (hot restart). They accept from `open` on, not before: until then the other process
 * serves alone, and this one may still fail. It must never bind an address that it holds a socket of.
 */
import { closeSync } from 'node:fs';
import type { SocketAddress } from '@weft/core/proxy-config';

/** An open socket on its way to another process: plain data. */
export interface PassedSocket {
  /** Which engine of the process had it and takes it on: 0 where there is one, else from 1. */
  readonly engine: number;
  /** `passKey` of the address. */
  readonly key: string;
  /** The port really bound; 0 for a Unix socket. */
  readonly port: number;
  /** Its descriptor, in the process that this value is in. */
  readonly descriptor: number;
}

/** By what both processes know an address: as the configuration says it; a port 0 is one of its listener. */
export function passKey(address: SocketAddress, udp: boolean, listener: string, index: number): string {
  const kind = udp ? 'udp' : 'tcp';
  if (address.kind === 'pipe') return `unix ${address.path}`;
  if (address.kind === 'internal') return `internal ${address.listener}`;
  const ip = address.kind === 'ip' ? address.ip : address.name;
  return address.port === 0 ? `${kind} ${ip} 0 ${index} ${listener}` : `${kind} ${ip} ${address.port}`;
}

export class Inheritance {
  readonly #left: Map<string, PassedSocket>;
  #waiting: (() => void)[] | undefined = [];

  constructor(sockets: readonly PassedSocket[]) {
    this.#left = new Map(sockets.map((socket) => [socket.key, socket]));
  }

  /** The socket of that address, once. */
  take(key: string): PassedSocket | undefined {
    const socket = this.#left.get(key);
    this.#left.delete(key);
    return socket;
  }

  /** Now, or when `open` is called. */
  whenOpen(run: () => void): void {
    if (this.#waiting === undefined) run();
    else this.#waiting.push(run);
  }

  /** What was taken begins to accept; what nobody took is closed. */
  open(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const run of waiting) run();
    for (const { descriptor } of this.#left.values()) closeSync(descriptor);
    this.#left.clear();
  }
}
