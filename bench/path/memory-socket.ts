/** The least of a `net.Socket` that an engine's connection asks for, without a kernel: what is written to it goes to `written`, in place. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

export class MemorySocket extends EventEmitter {
  readonly #written: (octets: Uint8Array) => void;
  readonly writable = true;
  readonly writableLength = 0;
  readonly writableNeedDrain = false;
  readonly readableLength = 0;
  readonly readableEnded = false;
  writableCorked = 0;
  bytesRead = 0;

  constructor(written: (octets: Uint8Array) => void) {
    super();
    this.#written = written;
  }

  /** As what it stands for. */
  get asSocket(): Socket {
    return this as unknown as Socket;
  }

  write(octets: Uint8Array): boolean {
    this.#written(octets);
    return true;
  }

  cork(): void {
    this.writableCorked += 1;
  }

  uncork(): void {
    this.writableCorked -= 1;
  }

  pause(): this {
    return this;
  }
  resume(): this {
    return this;
  }
  end(): this {
    return this;
  }
  destroy(): this {
    return this;
  }
}
