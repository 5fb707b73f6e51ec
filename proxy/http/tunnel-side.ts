/** One side of a tunnel, and the socket as one. The stream of HTTP/2 as one is http2/stream-side.ts. */
import type { Socket } from 'node:net';
import { resetSocket } from '../transport/reset.ts';
import { letGo } from './turn.ts';

export interface TunnelSideOwner {
  /** `shared`: valid during the call only. */
  sideData(side: TunnelSide, chunk: Uint8Array, shared: boolean): void;
  /** The peer has ended its direction. */
  sideEnded(side: TunnelSide): void;
  /** After a `write` that said false: there is room again. */
  sideDrained(side: TunnelSide): void;
  /** Gone, once. `broken`: not in good order. */
  sideClosed(side: TunnelSide, broken: boolean): void;
}

export interface TunnelSide {
  /** Begins to tell `owner`. Before it only `write` and `pause` may be called. */
  open(owner: TunnelSideOwner): void;
  /** False: there is no room for more until `sideDrained`. */
  write(chunk: Uint8Array, shared: boolean): boolean;
  /** Ends our direction when all is written. */
  end(): void;
  /** The other side of the tunnel is gone in good order: nothing more can be passed on. */
  finish(): void;
  /** Cuts it, so that the peer sees that it was cut. */
  reset(): void;
  pause(): void;
  resume(): void;
}

export class SocketSide implements TunnelSide {
  readonly #socket: Socket;
  readonly #first: Uint8Array;
  #paused = false;

  /** A socket without listeners of others, for data. `first`: what was read from it already. */
  constructor(socket: Socket, first: Uint8Array) {
    letGo(socket);
    this.#socket = socket;
    this.#first = first;
  }

  open(owner: TunnelSideOwner): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Uint8Array) => owner.sideData(this, chunk, false));
    socket.on('end', () => owner.sideEnded(this));
    socket.on('drain', () => owner.sideDrained(this));
    socket.on('error', ignore);
    socket.on('close', () => owner.sideClosed(this, !socket.readableEnded || socket.errored !== null));
    if (this.#first.length > 0) owner.sideData(this, this.#first, false);
    // Also a paused socket says its end when nothing is before it: it may have been said before we listened.
    if (socket.readableEnded) owner.sideEnded(this);
    else if (!this.#paused) socket.resume();
  }

  write(chunk: Uint8Array, shared: boolean): boolean {
    const socket = this.#socket;
    if (!socket.writable) return true;
    return socket.write(shared ? new Uint8Array(chunk) : chunk);
  }

  end(): void {
    if (this.#socket.writable) this.#socket.end();
  }

  finish(): void {
    const socket = this.#socket;
    if (socket.writableEnded) socket.destroySoon();
    else socket.end();
  }

  reset(): void {
    resetSocket(this.#socket);
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }
}

function ignore(): void {}
