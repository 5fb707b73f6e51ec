/**
 * Octets both ways after a switch of protocols, with half-close, back-pressure and resets. Either side is a socket or a stream of HTTP/2. It
 * takes both sides over and tells its owner once, when both are gone.
 */
import type { ReusableTimer, TimerTarget, TimerWheel } from '../ports.ts';
import type { TunnelSide, TunnelSideOwner } from './tunnel-side.ts';

export interface TunnelOwner {
  /** Bytes that went through a direction. */
  tunnelled(fromDownstream: boolean, octets: number): void;
  tunnelEnded(): void;
}

export class Tunnel implements TimerTarget, TunnelSideOwner {
  readonly #down: TunnelSide;
  readonly #up: TunnelSide;
  readonly #owner: TunnelOwner;
  readonly #timer: ReusableTimer;
  readonly #idleMs: number;
  #downClosed = false;
  #upClosed = false;
  #ended = false;

  /** `idleMs`: ends when nothing moves for that long; 0: never. */
  constructor(down: TunnelSide, up: TunnelSide, owner: TunnelOwner, timers: TimerWheel, idleMs: number) {
    this.#down = down;
    this.#up = up;
    this.#owner = owner;
    this.#idleMs = idleMs;
    this.#timer = timers.create(this, 0);
  }

  /** `early`: what came from downstream before the switch; it was counted then. */
  start(early: readonly Uint8Array[]): void {
    this.#timer.start(this.#idleMs);
    for (const chunk of early) if (!this.#up.write(chunk, false)) this.#down.pause();
    this.#up.open(this);
    this.#down.open(this);
  }

  destroy(): void {
    this.#down.reset();
    this.#up.reset();
    this.#end();
  }

  timerFired(): void {
    this.destroy();
  }

  #other(side: TunnelSide): TunnelSide {
    return side === this.#down ? this.#up : this.#down;
  }

  sideData(side: TunnelSide, chunk: Uint8Array, shared: boolean): void {
    this.#owner.tunnelled(side === this.#down, chunk.length);
    if (this.#idleMs > 0) this.#timer.start(this.#idleMs);
    if (!this.#other(side).write(chunk, shared)) side.pause();
  }

  sideEnded(side: TunnelSide): void {
    this.#other(side).end();
  }

  sideDrained(side: TunnelSide): void {
    this.#other(side).resume();
  }

  /** Whatever is still queued for the other side gets out; a side that broke takes the other one along. */
  sideClosed(side: TunnelSide, broken: boolean): void {
    if (side === this.#down) this.#downClosed = true;
    else this.#upClosed = true;
    const otherClosed = side === this.#down ? this.#upClosed : this.#downClosed;
    if (otherClosed) this.#end();
    else if (broken) this.#other(side).reset();
    else this.#other(side).finish();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer.stop();
    this.#owner.tunnelEnded();
  }
}
