/**
 * Who watches the log. Each subscriber gets every entry above its cursor once and in order: old ones read from the journal a chunk a
 * turn of the event loop, new ones handed over as they are committed. Never reorders, never drops.
 */
import type { LogEntry, Watch } from './port.ts';

/** Entries read for a subscriber in one turn of the event loop. */
const CHUNK = 256;

type Listener = (entries: readonly LogEntry[]) => void;

interface Subscriber {
  cursor: number;
  readonly listener: Listener;
  closed: boolean;
}

export class Subscribers {
  readonly #all = new Set<Subscriber>();
  readonly #after: (revision: number, limit: number) => LogEntry[];
  #newest: number;

  /** `after` reads the journal; `newest` is its newest revision. */
  constructor(after: (revision: number, limit: number) => LogEntry[], newest: number) {
    this.#after = after;
    this.#newest = newest;
  }

  /** The oldest revision somebody has still to be handed, Infinity when all are up to date. */
  get needed(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { cursor } of this.#all) if (cursor < this.#newest) oldest = Math.min(oldest, cursor + 1);
    return oldest;
  }

  add(from: number, listener: Listener): Watch {
    const subscriber: Subscriber = { cursor: from, listener, closed: false };
    this.#all.add(subscriber);
    if (from < this.#newest) setImmediate(() => this.#catchUp(subscriber));
    return {
      close: () => {
        subscriber.closed = true;
        this.#all.delete(subscriber);
      },
    };
  }

  /** Hands over what one transaction committed. */
  emit(entries: readonly LogEntry[]): void {
    const first = entries[0];
    const last = entries.at(-1);
    if (first === undefined || last === undefined) return;
    this.#newest = last.revision;
    for (const subscriber of this.#all) {
      if (subscriber.cursor === first.revision - 1) this.#deliver(subscriber, entries, last.revision);
    }
  }

  close(): void {
    for (const subscriber of this.#all) subscriber.closed = true;
    this.#all.clear();
  }

  #catchUp(subscriber: Subscriber): void {
    if (subscriber.closed || subscriber.cursor >= this.#newest) return;
    const entries = this.#after(subscriber.cursor, CHUNK);
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#deliver(subscriber, entries, last.revision);
    setImmediate(() => this.#catchUp(subscriber));
  }

  /** A listener that throws is a defect: the others are served, then it surfaces as an uncaught exception. */
  #deliver(subscriber: Subscriber, entries: readonly LogEntry[], cursor: number): void {
    if (subscriber.closed) return;
    subscriber.cursor = cursor;
    try {
      subscriber.listener(entries);
    } catch (defect) {
      queueMicrotask(() => {
        throw defect;
      });
    }
  }
}
