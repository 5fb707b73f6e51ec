/**
 * Two sockets joined both ways: back-pressure, half-close (a FIN on one side ends the other side's writing only), reset (an RST here is an RST
 * there), bytes counted. Owns both sockets from `start` until it tells its owner that both are closed.
 */
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { ReadReceiver, SharedReads } from '../ports.ts';
import { resetSocket } from '../transport/index.ts';

export interface SpliceOwner {
  /** Bytes moved, in either direction. */
  spliceActive(): void;
  /** Both sides are closed. `failed` names the side that was cut, not ended. */
  spliceClosed(failed: 'downstream' | 'upstream' | undefined): void;
}

export class Splice implements ReadReceiver {
  /** From downstream. */
  bytesReceived = 0;
  /** To downstream. */
  bytesSent = 0;
  readonly #downstream: Socket;
  readonly #upstream: Socket;
  readonly #owner: SpliceOwner;
  #failed: 'downstream' | 'upstream' | undefined;
  #open = 2;

  readonly #reads: SharedReads | undefined;

  /** `reads`: how a plaintext upstream's bytes come; undefined: by 'data' events. */
  constructor(downstream: Socket, upstream: Socket, owner: SpliceOwner, reads?: SharedReads) {
    this.#downstream = downstream;
    this.#upstream = upstream;
    this.#owner = owner;
    this.#reads = reads;
  }

  start(): void {
    const reads = this.#reads;
    if (reads !== undefined) {
      reads.receiver = this;
      reads.keeps = true;
    }
    this.#join(this.#downstream, this.#upstream, 'downstream');
    this.#join(this.#upstream, this.#downstream, 'upstream');
    this.#downstream.resume();
    this.#upstream.resume();
  }

  /** Cuts both sides. */
  destroy(): void {
    this.#downstream.destroy();
    this.#upstream.destroy();
  }

  /** Slices of what came from upstream. */
  get holdsBytes(): boolean {
    return this.#downstream.writableLength > 0;
  }

  /** From upstream. */
  received(bytes: Uint8Array, length: number): void {
    const reads = this.#reads as SharedReads;
    const to = this.#downstream;
    const slice = bytes.subarray(0, length);
    this.bytesSent += length;
    if (!to.write(reads.owned ? slice : Buffer.from(slice))) this.#upstream.pause();
    if (reads.owned) reads.holder = this;
    this.#owner.spliceActive();
  }

  #join(from: Socket, to: Socket, side: 'downstream' | 'upstream'): void {
    from.on('data', (chunk: Buffer) => {
      if (side === 'downstream') this.bytesReceived += chunk.length;
      else this.bytesSent += chunk.length;
      if (!to.write(chunk)) from.pause();
      this.#owner.spliceActive();
    });
    to.on('drain', () => {
      from.resume();
      this.#owner.spliceActive();
    });
    // Also a paused socket says its end when nothing is before it: it may have been said before we listened.
    if (from.readableEnded) to.end();
    else from.on('end', () => to.end());
    from.on('error', () => {
      this.#failed ??= side;
      resetSocket(to);
    });
    from.on('close', () => {
      // A side that is gone without having ended cannot be ended politely on the other side either.
      if (!from.readableEnded && !to.destroyed) resetSocket(to);
      this.#open -= 1;
      if (this.#open === 0) this.#owner.spliceClosed(this.#failed);
    });
  }
}
