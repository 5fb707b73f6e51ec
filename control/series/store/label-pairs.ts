/** Names and values of labels as one object each: edges share most of theirs, and what comes from another thread is a copy each time. */
import type { LabelPair } from '../query/index.ts';

/** Pairs that are remembered; beyond it they are gathered anew. */
const REMEMBERED = 20_000;

export class LabelPairs {
  readonly #known = new Map<string, LabelPair>();

  of([name, value]: LabelPair): LabelPair {
    const key = `${name}=${value}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    const pair: LabelPair = [name, value];
    this.#known.set(key, pair);
    return pair;
  }
}
