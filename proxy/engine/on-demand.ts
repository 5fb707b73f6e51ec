/** Requests that wait for rows which are fetched on demand. Each row is asked for once while anybody waits; waiting has no end of its own here. */
import type { RowsOnDemand, WantedRow } from '../ports.ts';

interface Wanted {
  readonly row: WantedRow;
  readonly waiting: Set<() => void>;
}

export class OnDemand implements RowsOnDemand {
  readonly #ask: (row: WantedRow) => void;
  readonly #has: (row: WantedRow) => boolean;
  readonly #wanted = new Map<string, Wanted>();

  constructor(ask: (row: WantedRow) => void, has: (row: WantedRow) => boolean) {
    this.#ask = ask;
    this.#has = has;
  }

  want(row: WantedRow, arrived: () => void): () => void {
    const key = `${row.table} ${row.name}`;
    let wanted = this.#wanted.get(key);
    if (wanted === undefined) {
      wanted = { row, waiting: new Set() };
      this.#wanted.set(key, wanted);
      this.#ask(row);
    }
    const { waiting } = wanted;
    waiting.add(arrived);
    return () => {
      waiting.delete(arrived);
      if (waiting.size === 0 && this.#wanted.get(key)?.waiting === waiting) this.#wanted.delete(key);
    };
  }

  /** A configuration is at work. */
  swapped(): void {
    if (this.#wanted.size === 0) return;
    for (const [key, { row, waiting }] of this.#wanted) {
      if (!this.#has(row)) continue;
      this.#wanted.delete(key);
      for (const arrived of waiting) queueMicrotask(arrived);
    }
  }
}
