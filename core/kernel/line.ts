/**
 * Things in the order in which they were put there, each in one line at a time. Whatever leaves costs the same: a Map whose first entries were
 * deleted is searched from its beginning for the first one that is left.
 */
export interface InLine<Self> {
  before: Self | undefined;
  after: Self | undefined;
}

export class Line<Item extends InLine<Item>> {
  #first: Item | undefined;
  #last: Item | undefined;

  get first(): Item | undefined {
    return this.#first;
  }

  /** `item` must be in no line. */
  push(item: Item): void {
    item.before = this.#last;
    item.after = undefined;
    if (this.#last === undefined) this.#first = item;
    else this.#last.after = item;
    this.#last = item;
  }

  /** `item` must be in this line. */
  remove(item: Item): void {
    const { before, after } = item;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    item.before = undefined;
    item.after = undefined;
  }

  /** From the last to the first. */
  *backwards(): Generator<Item> {
    for (let item = this.#last; item !== undefined; item = item.before) yield item;
  }
}
