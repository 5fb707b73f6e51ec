/**
 * Exemplars of histograms, the newest: traced requests as examples of a bucket. In memory alone, as the traces that they name. Bounded by their
 * number, all series together, as in Prometheus; each workload that counts has an equal part, and whoever has more loses its oldest.
 */
import { type InLine, Line } from '@weft/core/kernel';
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

/** Those of one source, the oldest first. */
interface Part {
  readonly source: string;
  readonly line: Line<Held>;
  size: number;
}

interface Held extends InLine<Held> {
  readonly series: StoredSeries;
  readonly exemplar: Exemplar;
}

export class ExemplarStore {
  readonly #most: number;
  readonly #parts = new Map<string, Part>();
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  add(series: StoredSeries, exemplars: readonly Exemplar[]): void {
    for (const exemplar of exemplars) {
      const { source } = series;
      const part = this.#parts.get(source) ?? { source, line: new Line<Held>(), size: 0 };
      this.#parts.set(source, part);
      if (this.#size >= this.#most) this.#giveWay(part);
      part.line.push({ series, exemplar, before: undefined, after: undefined });
      part.size += 1;
      this.#size += 1;
    }
  }

  /** One of whoever has more than its part; where all have the same it is the turn of `last`. */
  #giveWay(last: Part): void {
    const most = this.#most / this.#parts.size;
    let part = last.size > most ? last : undefined;
    if (part === undefined)
      for (const one of this.#parts.values())
        if (one.size > most) {
          part = one;
          break;
        }
    part ??= last;
    const { first } = part.line;
    if (first === undefined) return;
    part.line.remove(first);
    part.size -= 1;
    this.#size -= 1;
    if (part.size === 0 && part !== last) this.#parts.delete(part.source);
  }

  *#held(): Generator<Held> {
    for (const { line } of this.#parts.values()) yield* line.backwards();
  }

  /** Of series that all matchers of one of `selectors` match, from `from` to `to` (ms, both included); in the order of labels. */
  select(selectors: readonly (readonly Matcher[])[], from: number, to: number): SeriesExemplars[] {
    const found = new Map<StoredSeries, Map<number, { labels: Labels; wanted: boolean; exemplars: Exemplar[] }>>();
    for (const { series, exemplar } of this.#held()) {
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
