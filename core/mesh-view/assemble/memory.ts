/**
 * What the last assembly made, so that the next one makes only what differs: a value is used again when its inputs are the same objects,
 * and an equal new value keeps the old object. Values that are not asked for are forgotten with the memory that held them.
 */
import { keep } from '../equal.ts';

interface Entry {
  readonly inputs: readonly unknown[];
  readonly value: unknown;
}

export class Memory {
  readonly #previous: ReadonlyMap<string, Entry>;
  readonly #entries = new Map<string, Entry>();
  /** How many values were made anew. */
  made = 0;

  constructor(previous?: Memory) {
    this.#previous = previous === undefined ? new Map() : previous.#entries;
  }

  /** `make` must depend on nothing but `inputs`; `key` names the value and always stands for the same type. */
  remember<T>(key: string, inputs: readonly unknown[], make: () => T): T {
    const known = this.#previous.get(key);
    if (
      known !== undefined &&
      known.inputs.length === inputs.length &&
      known.inputs.every((input, index) => input === inputs[index])
    ) {
      this.#entries.set(key, known);
      return known.value as T;
    }
    this.made += 1;
    const value = keep(known?.value as T | undefined, make());
    this.#entries.set(key, { inputs, value });
    return value;
  }

  /** `next`, or the table of that name of last time when it has the same rows under the same keys. */
  table<T>(name: string, next: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
    const known = this.#previous.get(name)?.value as ReadonlyMap<string, T> | undefined;
    const value = known !== undefined && sameRows(known, next) ? known : next;
    this.#entries.set(name, { inputs: [], value });
    return value;
  }
}

function sameRows<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (b.get(key) !== value || !b.has(key)) return false;
  return true;
}
