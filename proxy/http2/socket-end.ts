/** The socket below one HTTP/2 connection of either role: octets in, output once a turn, back-pressure. It owns the socket. */
import type { Socket } from 'node:net';
import type { Sink } from '@weft/wire/hpack';
import type { Http2Connection } from '@weft/wire/http2';
import type { Http2Shared, Writer } from './shared.ts';

/** Output of that many octets leaves at once: a turn can bring in megabytes, and only what is in the socket's queue holds up its senders. */
const LARGE = 131_072;
/** Octets that may wait in the socket's queue before we stop to listen: answers to a peer that does not read them. */
const MAX_QUEUE = 1_048_576;
/** Octets that may wait there before the streams are told to wait: Node's own mark would stop them once a turn. */
const CONGESTED = 262_144;

export interface SocketEndOwner {
  /** The peer ended the connection, or it broke. Told once; not after `close`. */
  socketClosed(): void;
}

export class SocketEnd implements Writer, Sink {
  readonly socket: Socket;
  readonly #core: Http2Connection;
  readonly #owner: SocketEndOwner;
  readonly #shared: Http2Shared;
  readonly #done: (() => void) | undefined;
  #waiting = false;
  #ended = false;
  #paused = false;

  constructor(socket: Socket, core: Http2Connection, owner: SocketEndOwner, shared: Http2Shared) {
    this.socket = socket;
    this.#core = core;
    this.#owner = owner;
    this.#shared = shared;
    // A plaintext socket has nearly always written at once.
    this.#done = 'encrypted' in socket ? () => core.out.given() : undefined;
  }

  /** What was written has left, or the socket is gone. */
  get holdsNone(): boolean {
    return this.socket.writableLength === 0;
  }

  start(): void {
    const { socket } = this;
    this.#core.out.sink = this;
    socket.on('end', this.#closed);
    socket.on('close', this.#closed);
    socket.on('error', ignore);
    socket.on('drain', this.#drained);
  }

  /** There is output: it leaves at the end of the turn, or now if it is large. */
  writeLater(): void {
    if (this.#core.out.size >= LARGE) this.#write();
    if (this.#waiting) return;
    this.#waiting = true;
    this.#shared.writeLater(this);
  }

  writeNow(): void {
    this.#waiting = false;
    this.#write();
  }

  #write(): void {
    const core = this.#core;
    const { socket } = this;
    if (core.out.size === 0) return;
    if (!socket.writable) {
      core.takeOutput();
      return;
    }
    const written = socket.write(core.takeOutput(), this.#done);
    core.out.given();
    if (written || socket.writableLength < CONGESTED) return;
    core.congested = true;
    if (socket.writableLength > MAX_QUEUE) {
      this.#paused = true;
      socket.pause();
    }
  }

  /** Writes what is left and ends our side. */
  end(): void {
    this.writeNow();
    this.#ended = true;
    this.socket.end();
    this.socket.resume();
  }

  destroy(): void {
    this.#ended = true;
    this.socket.destroy();
  }

  readonly #drained = (): void => {
    if (this.#paused) {
      this.#paused = false;
      this.socket.resume();
    }
    this.#core.drained();
  };

  readonly #closed = (): void => {
    if (this.#ended) {
      if (this.socket.readableEnded) this.socket.destroy();
      return;
    }
    this.#ended = true;
    this.socket.destroy();
    this.#owner.socketClosed();
  };
}

function ignore(): void {}
