/** Statistics at one moment, as plain data: it can leave its thread, several can be added up, and a page can be written of it. */

export type LabelPairs = readonly (readonly [name: string, value: string])[];
export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface SeriesSnapshot {
  readonly labels: LabelPairs;
  /** Envoy's dotted name; '' when it has none there. */
  readonly dotted: string;
  /** One value; for a histogram one a bucket, then count, then sum. */
  readonly values: readonly number[];
  /** Of a histogram: examples of its buckets, at most one each; absent: none. */
  readonly exemplars?: readonly Exemplar[];
}

/** A traced request that fell into a bucket. */
export interface Exemplar {
  readonly traceId: string;
  /** In the histogram's unit. */
  readonly value: number;
  /** Unix ms. */
  readonly at: number;
}

export interface FamilySnapshot {
  readonly name: string;
  readonly type: MetricType;
  readonly buckets: readonly number[];
  readonly series: readonly SeriesSnapshot[];
}
