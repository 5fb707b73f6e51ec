/** Which watches are open, so that there are not too many and that all end with their server. */
import type { WatchStream } from '../watch-stream.ts';

/** Watches open at once in one server. */
export const MAX_WATCHES = 1000;

/** The watches of one server. */
export class Watches {
  readonly #open = new Set<WatchStream>();

  get full(): boolean {
    return this.#open.size >= MAX_WATCHES;
  }

  get size(): number {
    return this.#open.size;
  }

  add(stream: WatchStream): void {
    this.#open.add(stream);
  }

  remove(stream: WatchStream): void {
    this.#open.delete(stream);
  }

  endAll(): void {
    for (const stream of this.#open) stream.end();
  }
}
