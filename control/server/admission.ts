/**
 * How many connections the TLS port holds, and whose. A client that showed no certificate of the mesh counts among the strangers, by its
 * address and in all; one with an identity counts by its registration. A class of its own each, so that strangers never take the place of
 * agents. When the strangers are full the handshake that lasts longest makes room; what cannot be let in is closed without a word.
 */
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** Connections in all; 20,000. */
  readonly connections: number;
  /** Without an identity, in all, handshakes included; 4,000. */
  readonly strangers: number;
  /** Without an identity, from one address; 1,000: a host's agents may all come back at once. */
  readonly strangersPerAddress: number;
  /** With the identity of one registration; 256. */
  readonly perRegistration: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  connections: 20_000,
  strangers: 4000,
  strangersPerAddress: 1000,
  perRegistration: 256,
};

export class Admission {
  readonly #limits: ConnectionLimits;
  /** By socket: the address. In the order they came. */
  readonly #handshakes = new Map<Socket, string>();
  readonly #addresses = new Map<string, number>();
  readonly #registrations = new Map<string, number>();
  #strangers = 0;
  #identified = 0;
  #refused = 0;
  readonly #onRefused: (address: string) => void;

  /** `onRefused` gets the client's IP address. */
  constructor(limits: ConnectionLimits = CONNECTION_LIMITS, onRefused: (address: string) => void = () => {}) {
    this.#limits = limits;
    this.#onRefused = onRefused;
  }

  /** Connections that were closed for want of room, since the start. */
  get refused(): number {
    return this.#refused;
  }

  get open(): number {
    return this.#strangers + this.#identified;
  }

  /** A TCP connection came in. False: it was destroyed. */
  arrived(socket: Socket): boolean {
    const address = socket.remoteAddress ?? '';
    const { connections, strangers, strangersPerAddress } = this.#limits;
    if (this.open >= connections || count(this.#addresses, address) >= strangersPerAddress) return this.#refuse(socket);
    if (this.#strangers >= strangers) {
      const oldest = this.#handshakes.keys().next();
      if (oldest.done === true) return this.#refuse(socket);
      this.#refuse(oldest.value);
    }
    this.#strangers += 1;
    add(this.#addresses, address, 1);
    this.#handshakes.set(socket, address);
    socket.once('close', () => this.#left(socket, address));
    return true;
  }

  /** Its handshake is done; '' when it stays a stranger. False: it must be destroyed. */
  secured(socket: Socket, registration: string): boolean {
    const address = this.#handshakes.get(socket);
    if (address === undefined) return false;
    this.#handshakes.delete(socket);
    if (registration === '') {
      socket.once('close', () => this.#strangerLeft(address));
      return true;
    }
    this.#strangerLeft(address);
    if (count(this.#registrations, registration) >= this.#limits.perRegistration) {
      this.#refused += 1;
      this.#onRefused(address);
      return false;
    }
    this.#identified += 1;
    add(this.#registrations, registration, 1);
    socket.once('close', () => {
      this.#identified -= 1;
      add(this.#registrations, registration, -1);
    });
    return true;
  }

  #refuse(socket: Socket): false {
    this.#refused += 1;
    this.#onRefused(socket.remoteAddress ?? '');
    const address = this.#handshakes.get(socket);
    if (address !== undefined) this.#left(socket, address);
    socket.destroy();
    return false;
  }

  #left(socket: Socket, address: string): void {
    if (this.#handshakes.delete(socket)) this.#strangerLeft(address);
  }

  #strangerLeft(address: string): void {
    this.#strangers -= 1;
    add(this.#addresses, address, -1);
  }
}

const count = (counts: ReadonlyMap<string, number>, key: string): number => counts.get(key) ?? 0;

function add(counts: Map<string, number>, key: string, by: number): void {
  const value = count(counts, key) + by;
  if (value > 0) counts.set(key, value);
  else counts.delete(key);
}
