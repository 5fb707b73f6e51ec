/**
 * All statistics of one engine, as families of series under two names: Envoy's dotted one (admin `/stats`) and Prometheus'. The number of
 * series is bounded: beyond `maxSeries` a family answers with its `other` series, so that no peer can grow memory through labels.
 */
import type { LabelPairs, MetricType } from '@weft/core/metrics';
import type { Counter } from '../ports.ts';
import { Cells } from './cells.ts';

export type { LabelPairs } from '@weft/core/metrics';

export interface Gauge extends Counter {
  set(value: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

/** Bounds of Envoy's default histogram buckets, in the unit of the metric (milliseconds or bytes). */
export const DEFAULT_BUCKETS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

export interface Series {
  readonly labels: LabelPairs;
  /** Envoy's dotted name; '' when it has none there. */
  readonly dotted: string;
  readonly first: number;
  readonly read: (() => number) | undefined;
}

export interface Family {
  readonly name: string;
  readonly type: MetricType;
  readonly buckets: readonly number[];
  readonly series: Map<string, Series>;
}

class Cell implements Gauge {
  readonly #cells: Cells;
  readonly index: number;

  constructor(cells: Cells, index: number) {
    this.#cells = cells;
    this.index = index;
  }

  add(amount: number): void {
    this.#cells.add(this.index, amount);
  }

  set(value: number): void {
    this.#cells.set(this.index, value);
  }

  get value(): number {
    return this.#cells.get(this.index);
  }
}

/** Cells: one a bucket, then count, then sum. */
class BucketHistogram implements Histogram {
  readonly #cells: Cells;
  readonly #first: number;
  readonly #buckets: readonly number[];

  constructor(cells: Cells, first: number, buckets: readonly number[]) {
    this.#cells = cells;
    this.#first = first;
    this.#buckets = buckets;
  }

  observe(value: number): void {
    const buckets = this.#buckets;
    let low = 0;
    let high = buckets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((buckets[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    if (low < buckets.length) this.#cells.add(this.#first + low, 1);
    this.#cells.add(this.#first + buckets.length, 1);
    this.#cells.add(this.#first + buckets.length + 1, value);
  }
}

export class Registry {
  readonly cells = new Cells();
  readonly families = new Map<string, Family>();
  readonly #maxSeries: number;

  /** `maxSeries` bounds each family. */
  constructor(maxSeries = 10_000) {
    this.#maxSeries = maxSeries;
  }

  /** The series of that name and those labels, made when it is new. Same arguments, same numbers. */
  counter(name: string, labels: LabelPairs = [], dotted = ''): Counter {
    return new Cell(this.cells, this.#series(name, 'counter', [], labels, dotted, undefined).first);
  }

  gauge(name: string, labels: LabelPairs = [], dotted = ''): Gauge {
    return new Cell(this.cells, this.#series(name, 'gauge', [], labels, dotted, undefined).first);
  }

  /** A value that is asked for at exposition. */
  observed(name: string, type: 'counter' | 'gauge', labels: LabelPairs, dotted: string, read: () => number): void {
    this.#series(name, type, [], labels, dotted, read);
  }

  histogram(
    name: string,
    labels: LabelPairs = [],
    dotted = '',
    buckets: readonly number[] = DEFAULT_BUCKETS,
  ): Histogram {
    const series = this.#series(name, 'histogram', buckets, labels, dotted, undefined);
    return new BucketHistogram(this.cells, series.first, buckets);
  }

  /** Counters begin at 0 again; gauges, histograms and what is read elsewhere stay. */
  resetCounters(): void {
    for (const { type, series } of this.families.values()) {
      if (type !== 'counter') continue;
      for (const { first, read } of series.values()) if (read === undefined) this.cells.set(first, 0);
    }
  }

  /** Removes one series and reuses its cells; handles to it must not be used any more. */
  remove(name: string, labels: LabelPairs): void {
    const family = this.families.get(name);
    const key = labelKey(labels);
    const series = family?.series.get(key);
    if (family === undefined || series === undefined) return;
    family.series.delete(key);
    if (series.read === undefined) this.cells.give(series.first, width(family));
    if (family.series.size === 0) this.families.delete(name);
  }

  #series(
    name: string,
    type: MetricType,
    buckets: readonly number[],
    labels: LabelPairs,
    dotted: string,
    read: (() => number) | undefined,
  ): Series {
    let family = this.families.get(name);
    if (family === undefined) {
      family = { name, type, buckets, series: new Map() };
      this.families.set(name, family);
    }
    let key = labelKey(labels);
    let kept = labels;
    const known = family.series.get(key);
    if (known !== undefined && read === undefined) return known;
    if (known === undefined && family.series.size >= this.#maxSeries) {
      kept = labels.map(([label]) => [label, 'other'] as const);
      key = labelKey(kept);
      const other = family.series.get(key);
      if (other !== undefined) return other;
    }
    const made = { labels: kept, dotted, first: read === undefined ? this.cells.take(width(family)) : -1, read };
    family.series.set(key, made);
    return made;
  }
}

/** Cells of one series of the family. */
export const width = (family: Family): number => (family.type === 'histogram' ? family.buckets.length + 2 : 1);

const labelKey = (labels: LabelPairs): string => {
  let key = '';
  for (const [name, value] of labels) key += `${name}\u0000${value}\u0001`;
  return key;
};
