/** An immutable set of resource names. Equal sets are the same object while either is in use often, so that work is shared. */
export class NameSet {
  static readonly EMPTY = new NameSet([]);
  /** Sorted, each once. */
  readonly sorted: readonly string[];
  readonly #names: ReadonlySet<string>;

  private constructor(sorted: readonly string[]) {
    this.sorted = sorted;
    this.#names = new Set(sorted);
  }

  /** Sorts and drops duplicates. */
  static of(names: Iterable<string>): NameSet {
    const sorted = [...new Set(names)].sort();
    return sorted.length === 0 ? NameSet.EMPTY : new NameSet(sorted);
  }

  get size(): number {
    return this.sorted.length;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  equals(other: NameSet): boolean {
    if (this === other) return true;
    return this.size === other.size && this.sorted.every((name, index) => name === other.sorted[index]);
  }
}

/** How many sets and lists of names are remembered. */
const REMEMBERED = 256;

/**
 * Gives equal lists of names the same NameSet. Streams in the same state ask for the same names; with one object for all of them the
 * selection of their resources is made once.
 */
export class NameSets {
  readonly #byList = new WeakMap<readonly string[], NameSet>();
  readonly #byText = new Map<string, NameSet>();

  /** `list` must not change afterwards. */
  of(list: readonly string[]): NameSet {
    if (list.length === 0) return NameSet.EMPTY;
    const seen = this.#byList.get(list);
    if (seen !== undefined) return seen;
    const made = NameSet.of(list);
    const text = made.sorted.join('\n');
    const shared = this.#byText.get(text) ?? made;
    this.#byText.delete(text);
    this.#byText.set(text, shared);
    if (this.#byText.size > REMEMBERED) {
      const [oldest] = this.#byText.keys();
      if (oldest !== undefined) this.#byText.delete(oldest);
    }
    this.#byList.set(list, shared);
    return shared;
  }
}
