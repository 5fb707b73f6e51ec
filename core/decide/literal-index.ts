/**
 * Which of many rules may hold, by texts they ask for: what an index leaves out cannot match, what it names must still be asked. Rules are
 * numbered in their order, which candidates keep.
 */

/** Fewer rules than this are asked one by one. */
export const INDEX_FROM = 16;

/** Ascending lists of rules, walked together in the rules' order. One object serves all questions: `begin` before each. */
export class Candidates {
  readonly #lists: (readonly number[])[] = [];
  readonly #at: number[] = [];
  #count = 0;

  begin(): void {
    this.#count = 0;
  }

  add(list: readonly number[]): void {
    this.#lists[this.#count] = list;
    this.#at[this.#count] = 0;
    this.#count += 1;
  }

  /** The next rule, each once; -1 behind the last. */
  next(): number {
    let least = -1;
    for (let list = 0; list < this.#count; list += 1) {
      const rule = this.#head(list);
      if (rule >= 0 && (least < 0 || rule < least)) least = rule;
    }
    if (least < 0) return -1;
    for (let list = 0; list < this.#count; list += 1)
      if (this.#head(list) === least) this.#at[list] = (this.#at[list] as number) + 1;
    return least;
  }

  #head(list: number): number {
    const rules = this.#lists[list] as readonly number[];
    const at = this.#at[list] as number;
    return at < rules.length ? (rules[at] as number) : -1;
  }
}

/** A piece of text that rules go on with from their common beginning. */
interface Branch {
  piece: string;
  /** Whose text ends here. */
  rules: number[] | undefined;
  /** By the first code unit of their piece. */
  branches: Map<number, Branch> | undefined;
}

/** Rules whose text is the beginning of another one: paths by prefix. A tree of common beginnings: asking takes one pass over the text. */
export class PrefixIndex {
  readonly #root: Branch = { piece: '', rules: undefined, branches: undefined };

  add(literal: string, rule: number): void {
    let branch = this.#root;
    let at = 0;
    while (at < literal.length) {
      branch.branches ??= new Map();
      const next = branch.branches.get(literal.charCodeAt(at));
      if (next === undefined) {
        const leaf: Branch = { piece: literal.slice(at), rules: undefined, branches: undefined };
        branch.branches.set(literal.charCodeAt(at), leaf);
        branch = leaf;
        break;
      }
      const common = commonLength(next.piece, literal, at);
      if (common < next.piece.length) split(next, common);
      branch = next;
      at += common;
    }
    branch.rules = withRule(branch.rules, rule);
  }

  /** The rules whose literal `text` begins with. */
  collect(text: string, into: Candidates): void {
    let branch = this.#root;
    let at = 0;
    for (;;) {
      if (branch.rules !== undefined) into.add(branch.rules);
      const next = branch.branches?.get(text.charCodeAt(at));
      if (next === undefined) return;
      const { piece } = next;
      if (commonLength(piece, text, at) < piece.length) return;
      branch = next;
      at += piece.length;
    }
  }
}

/** How many code units of `piece` stand in `text` from `at`. */
function commonLength(piece: string, text: string, at: number): number {
  let common = 0;
  while (common < piece.length && piece.charCodeAt(common) === text.charCodeAt(at + common)) common += 1;
  return common;
}

/** What stands behind `at` of its piece becomes a branch of its own. */
function split(branch: Branch, at: number): void {
  const { piece, rules, branches } = branch;
  branch.piece = piece.slice(0, at);
  branch.rules = undefined;
  branch.branches = new Map([[piece.charCodeAt(at), { piece: piece.slice(at), rules, branches }]]);
}

function withRule(rules: number[] | undefined, rule: number): number[] {
  if (rules === undefined) return [rule];
  if (rules.at(-1) !== rule) rules.push(rule);
  return rules;
}

/** Rules by a text that must be there as it is. */
export class ExactIndex {
  readonly #rules = new Map<string, number[]>();

  add(text: string, rule: number): void {
    this.#rules.set(text, withRule(this.#rules.get(text), rule));
  }

  collect(text: string, into: Candidates): void {
    const rules = this.#rules.get(text);
    if (rules !== undefined) into.add(rules);
  }

  collectAll(into: Candidates): void {
    for (const rules of this.#rules.values()) into.add(rules);
  }
}
