/**
 * What listener filters have in common: the first octets of a connection, as far as they have come, within a time and a number of reads.
 * It listens to the socket until it is stopped, and consumes nothing but what `putBack` leaves out.
 */
import type { Socket } from 'node:net';
import type { ReusableTimer, TimerTarget, TimerWheel } from '../ports.ts';

export abstract class FirstOctets implements TimerTarget {
  protected bytes: Buffer = Buffer.alloc(0);
  readonly #socket: Socket;
  readonly #timer: ReusableTimer;
  readonly #maxReads: number;
  #reads = 0;
  #done = false;

  /** `maxReads`: octets in more pieces than that are an attack on our time. */
  constructor(socket: Socket, timers: TimerWheel, maxReads: number) {
    this.#socket = socket;
    this.#maxReads = maxReads;
    this.#timer = timers.create(this, 0);
  }

  /** `timeoutMs` 0: waits for ever. */
  start(timeoutMs: number): void {
    this.#timer.start(timeoutMs);
    this.#socket.on('readable', this.#read);
    this.#socket.on('end', this.#closed);
    this.#socket.on('close', this.#closed);
  }

  /** Bytes that already wait, because this loop was busy, are looked at before the time counts as over. */
  timerFired(): void {
    setImmediate(() => {
      if (!this.#done) this.#read();
      if (this.#done) return;
      this.stop();
      this.expired();
    });
  }

  /** More octets are in `bytes`. True: they are not enough. False: `stop` was called and the owner told. */
  protected abstract incomplete(): boolean;
  /** They came in too many pieces; stopped. */
  protected abstract scattered(): void;
  /** The time is over; stopped. */
  protected abstract expired(): void;
  /** The connection ended; stopped. */
  protected abstract closed(): void;

  protected stop(): void {
    this.#done = true;
    this.#timer.stop();
    this.#socket.removeListener('readable', this.#read);
    this.#socket.removeListener('end', this.#closed);
    this.#socket.removeListener('close', this.#closed);
  }

  /** Puts back what was read, from `start` on. */
  protected putBack(start: number): void {
    if (this.bytes.length > start) this.#socket.unshift(this.bytes.subarray(start));
    this.bytes = Buffer.alloc(0);
  }

  readonly #closed = (): void => {
    if (this.#done) return;
    this.stop();
    this.closed();
  };

  readonly #read = (): void => {
    if (this.#done) return;
    const chunk: Buffer | null = this.#socket.read();
    if (chunk === null) return;
    this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
    if (!this.incomplete()) return;
    this.#reads += 1;
    if (this.#reads < this.#maxReads) return;
    this.stop();
    this.scattered();
  };
}
