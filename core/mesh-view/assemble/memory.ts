/**
 * What the last assembly made, so that the next one makes only what differs: a value is used again when its inputs are the same objects,
 * and an equal new value keeps the old object. Values that are not asked for are forgotten with the memory that held them.
 */
import { keep } from '../equal.ts';

interface Entry {
  readonly inputs: readonly unknown[];
  readonly value: unknown;
  /** Of a group: what was remembered to make it. */
  readonly memory?: Memory;
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
    if (known !== undefined && sameItems(known.inputs, inputs)) {
      this.#entries.set(key, known);
      return known.value as T;
    }
    this.made += 1;
    const value = keep(known?.value as T | undefined, make());
    this.#entries.set(key, { inputs, value });
    return value;
  }

  /**
   * As `remember`, for what is made of many values: `make` remembers them in a memory of their own, which lives on with the group, so that
   * nobody asks for them while the inputs are the same. Results are not compared: whoever needs that keeps the parts.
   */
  group<T>(key: string, inputs: readonly unknown[], make: (memory: Memory) => T): T {
    const known = this.#previous.get(key);
    if (known?.memory !== undefined && sameItems(known.inputs, inputs)) {
      this.#entries.set(key, known);
      return known.value as T;
    }
    const memory = new Memory(known?.memory);
    const value = make(memory);
    this.made += memory.made;
    this.#entries.set(key, { inputs, value, memory });
    return value;
  }

  /** `next`, or the list of that name of last time when it has the same items. */
  list<T>(name: string, next: readonly T[]): readonly T[] {
    const known = this.#previous.get(name)?.value as readonly T[] | undefined;
    const value = known !== undefined && sameItems(known, next) ? known : next;
    this.#entries.set(name, { inputs: [], value });
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

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

function sameRows<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (b.get(key) !== value || !b.has(key)) return false;
  return true;
}
