/**
 * Which of many rules may hold, by texts they ask for: what an index leaves out cannot match, what it names must still be asked. Rules are
 * numbered in their order, which candidates keep.
 */

/** Fewer rules than this are asked one by one. */
export const INDEX_FROM = 16;

/** Rules whose text is the beginning of another one: paths by prefix. */
export class PrefixIndex {
  readonly #byLength = new Map<number, Map<string, number[]>>();
  #lengths: readonly number[] = [];

  add(literal: string, rule: number): void {
    let texts = this.#byLength.get(literal.length);
    if (texts === undefined) this.#byLength.set(literal.length, (texts = new Map()));
    const rules = texts.get(literal);
    if (rules === undefined) texts.set(literal, [rule]);
    else if (rules.at(-1) !== rule) rules.push(rule);
    this.#lengths = [...this.#byLength.keys()].sort((a, b) => a - b);
  }

  /** The lists of rules whose literal `text` begins with. */
  collect(text: string, into: (readonly number[])[]): void {
    for (const length of this.#lengths) {
      if (length > text.length) return;
      const rules = this.#byLength.get(length)?.get(length === text.length ? text : text.slice(0, length));
      if (rules !== undefined) into.push(rules);
    }
  }
}

/** Rules by a text that must be there as it is. */
export class ExactIndex {
  readonly #rules = new Map<string, number[]>();

  add(text: string, rule: number): void {
    const rules = this.#rules.get(text);
    if (rules === undefined) this.#rules.set(text, [rule]);
    else if (rules.at(-1) !== rule) rules.push(rule);
  }

  collect(text: string, into: (readonly number[])[]): void {
    const rules = this.#rules.get(text);
    if (rules !== undefined) into.push(rules);
  }

  get lists(): Iterable<readonly number[]> {
    return this.#rules.values();
  }
}

/** The first rule, in order, of these ascending lists that `holds`; -1: none does. */
export function firstOf(lists: readonly (readonly number[])[], holds: (rule: number) => boolean): number {
  const [only] = lists;
  if (only === undefined) return -1;
  if (lists.length === 1) {
    for (const rule of only) if (holds(rule)) return rule;
    return -1;
  }
  const at = new Array<number>(lists.length).fill(0);
  let last = -1;
  for (;;) {
    let next = Number.POSITIVE_INFINITY;
    for (let list = 0; list < lists.length; list += 1) {
      const rules = lists[list] as readonly number[];
      let position = at[list] as number;
      while (position < rules.length && (rules[position] as number) <= last) position += 1;
      at[list] = position;
      const rule = rules[position];
      if (rule !== undefined && rule < next) next = rule;
    }
    if (next === Number.POSITIVE_INFINITY) return -1;
    if (holds(next)) return next;
    last = next;
  }
}
