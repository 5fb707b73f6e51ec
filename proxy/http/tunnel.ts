/**
 * Raw bytes both ways after a switch of protocols, with half-close and back-pressure. It takes both sockets over and tells its owner
 * once, when both directions have ended or either side broke.
 */
import type { Socket } from 'node:net';
import { resetSocket } from '../transport/reset.ts';
import type { ReusableTimer, TimerTarget, TimerWheel } from '../ports.ts';

export interface TunnelOwner {
  /** Bytes that went through a direction. */
  tunnelled(fromDownstream: boolean, octets: number): void;
  tunnelEnded(): void;
}

export class Tunnel implements TimerTarget {
  readonly #down: Socket;
  readonly #up: Socket;
  readonly #owner: TunnelOwner;
  readonly #timer: ReusableTimer;
  readonly #idleMs: number;
  #ended = false;

  /** `idleMs`: ends when nothing moves for that long; 0: never. */
  constructor(down: Socket, up: Socket, owner: TunnelOwner, timers: TimerWheel, idleMs: number) {
    this.#down = down;
    this.#up = up;
    this.#owner = owner;
    this.#idleMs = idleMs;
    this.#timer = timers.create(this, 0);
  }

  /** `downFirst` and `upFirst`: bytes that came before the switch, from downstream and from upstream. */
  start(downFirst: Uint8Array, upFirst: Uint8Array): void {
    this.#join(this.#down, this.#up, true);
    this.#join(this.#up, this.#down, false);
    if (downFirst.length > 0) this.#pass(downFirst, this.#down, this.#up, true);
    if (upFirst.length > 0) this.#pass(upFirst, this.#up, this.#down, false);
    this.#timer.start(this.#idleMs);
    this.#down.resume();
    this.#up.resume();
  }

  destroy(): void {
    this.#down.destroy();
    this.#up.destroy();
    this.#end();
  }

  timerFired(): void {
    this.destroy();
  }

  #join(from: Socket, to: Socket, fromDownstream: boolean): void {
    from.on('data', (chunk: Uint8Array) => this.#pass(chunk, from, to, fromDownstream));
    from.on('end', () => {
      if (to.writable) to.end();
    });
    from.on('drain', () => to.resume());
    from.on('error', () => {});
    from.on('close', () => {
      // Whatever is still queued for the other side gets out; a side that broke takes the other one along.
      if (from.readableEnded && !from.errored) {
        if (to.destroyed) this.#end();
        else if (to.writableEnded && to.readableEnded) to.destroySoon();
        else if (!to.writableEnded) to.end();
        else to.destroySoon();
      } else resetSocket(to);
      this.#closed();
    });
  }

  #pass(chunk: Uint8Array, from: Socket, to: Socket, fromDownstream: boolean): void {
    this.#owner.tunnelled(fromDownstream, chunk.length);
    if (this.#idleMs > 0) this.#timer.start(this.#idleMs);
    if (!to.writable) return;
    if (!to.write(chunk)) from.pause();
  }

  #closed(): void {
    if (this.#down.destroyed && this.#up.destroyed) this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer.stop();
    this.#owner.tunnelEnded();
  }
}
