/** Streams that may have something to send, worked off in slices so that answers and health checks get their turn in between. */
import type { MonotonicClock } from '@weft/core/kernel';

export interface PushQueueOptions<Item> {
  readonly clock: Pick<MonotonicClock, 'now'>;
  /** ms of work at a time. */
  readonly sliceMs: number;
  /** False stops the work until `wake`. */
  readonly mayWork: () => boolean;
  readonly work: (item: Item) => void;
  /** Runs its argument after what is ready now. */
  readonly defer: (run: () => void) => void;
}

export class PushQueue<Item> {
  readonly #options: PushQueueOptions<Item>;
  readonly #items = new Set<Item>();
  #deferred = false;

  constructor(options: PushQueueOptions<Item>) {
    this.#options = options;
  }

  get size(): number {
    return this.#items.size;
  }

  add(item: Item): void {
    this.#items.add(item);
    this.wake();
  }

  delete(item: Item): void {
    this.#items.delete(item);
  }

  wake(): void {
    if (this.#deferred || this.#items.size === 0) return;
    this.#deferred = true;
    this.#options.defer(() => this.#slice());
  }

  #slice(): void {
    const { clock, sliceMs, mayWork, work } = this.#options;
    const end = clock.now() + sliceMs;
    this.#deferred = false;
    for (const item of this.#items) {
      if (!mayWork()) return;
      this.#items.delete(item);
      work(item);
      if (clock.now() >= end) break;
    }
    this.wake();
  }
}
