/** Label sets of series, sorted by name; `__name__` holds the metric's name, as in Prometheus' data model. */

export type LabelPair = readonly [name: string, value: string];

export const METRIC_NAME = '__name__';

export class Labels {
  static readonly EMPTY = new Labels([]);

  /** Sorted by name, no empty value, no name twice. */
  readonly pairs: readonly LabelPair[];

  private constructor(pairs: readonly LabelPair[]) {
    this.pairs = pairs;
  }

  /** Equal for equal sets; made when it is asked for. */
  get key(): string {
    return JSON.stringify(this.pairs);
  }

  /** A label with an empty value is the same as none. The last of several of one name counts. */
  static of(pairs: Iterable<LabelPair>): Labels {
    const byName = new Map<string, LabelPair>();
    for (const pair of pairs) byName.set(pair[0], pair);
    // The pairs themselves: series of one edge share most of theirs.
    const kept = [...byName.values()].filter(([, value]) => value !== '');
    if (kept.length === 0) return Labels.EMPTY;
    return new Labels(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** '' when there is no such label. */
  get(name: string): string {
    return this.pairs.find(([known]) => known === name)?.[1] ?? '';
  }

  with(name: string, value: string): Labels {
    return Labels.of([...this.pairs, [name, value]]);
  }

  only(names: ReadonlySet<string>): Labels {
    return Labels.of(this.pairs.filter(([name]) => names.has(name)));
  }

  without(names: ReadonlySet<string>): Labels {
    return Labels.of(this.pairs.filter(([name]) => !names.has(name)));
  }

  toObject(): Record<string, string> {
    return Object.fromEntries(this.pairs);
  }
}

const NAME_ONLY: ReadonlySet<string> = new Set([METRIC_NAME]);

/** What most functions return: the value is not the metric's any more. */
export const withoutName = (labels: Labels): Labels => labels.without(NAME_ONLY);
