/**
 * Exemplars of histograms, the newest: traced requests as examples of a bucket. In memory alone, as the traces that they name. Bounded by their
 * number, all series together, as in Prometheus; the oldest goes first.
 */
import type { Exemplar } from '@weft/core/metrics';
import { bucketOf } from '@weft/core/traffic';
import { type Labels, type Matcher, METRIC_NAME } from '../query/index.ts';
import { boundText } from './index-by-name.ts';
import { BUCKET_KEY, type StoredSeries } from './stored-series.ts';

/** Those of one series, by its labels as queries see them: the bucket that they lie in. */
export interface SeriesExemplars {
  readonly labels: Labels;
  /** By rising time. */
  readonly exemplars: readonly Exemplar[];
}

interface Held {
  readonly series: StoredSeries;
  readonly exemplar: Exemplar;
}

export class ExemplarStore {
  readonly #most: number;
  /** Once it is full the oldest is at `#next`. */
  readonly #held: Held[] = [];
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#held.length;
  }

  add(series: StoredSeries, exemplars: readonly Exemplar[]): void {
    for (const exemplar of exemplars) {
      this.#held[this.#next] = { series, exemplar };
      this.#next = (this.#next + 1) % this.#most;
    }
  }

  /** Of series that all matchers of one of `selectors` match, from `from` to `to` (ms, both included); in the order of labels. */
  select(selectors: readonly (readonly Matcher[])[], from: number, to: number): SeriesExemplars[] {
    const found = new Map<StoredSeries, Map<number, { labels: Labels; wanted: boolean; exemplars: Exemplar[] }>>();
    for (const { series, exemplar } of this.#held) {
      if (!series.held || exemplar.at < from || exemplar.at > to) continue;
      let buckets = found.get(series);
      if (buckets === undefined) found.set(series, (buckets = new Map()));
      const bucket = bucketOf(exemplar.value);
      let place = buckets.get(bucket);
      if (place === undefined) {
        const labels = labelsOf(series, bucket);
        const wanted = selectors.some((matchers) => matchers.every(({ name, matches }) => matches(labels.get(name))));
        buckets.set(bucket, (place = { labels, wanted, exemplars: [] }));
      }
      if (place.wanted) place.exemplars.push(exemplar);
    }
    return [...found.values()]
      .flatMap((buckets) => [...buckets.values()].filter(({ wanted }) => wanted))
      .map(({ labels, exemplars }) => ({ labels, exemplars: exemplars.sort((a, b) => a.at - b.at) }))
      .sort((a, b) => (a.labels.key < b.labels.key ? -1 : 1));
  }
}

const labelsOf = ({ labels }: StoredSeries, bucket: number): Labels =>
  labels.with(METRIC_NAME, `${labels.get(METRIC_NAME)}_bucket`).with('le', boundText(BUCKET_KEY + bucket));
