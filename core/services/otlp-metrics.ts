/** Metrics for a collector: opentelemetry.proto.collector.metrics.v1.MetricsService/Export. */
import type { Exemplar, LabelPairs } from '../metrics/index.ts';

export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  /** UCUM; '': none. */
  readonly unit: string;
  readonly data:
    | { readonly kind: 'gauge'; readonly points: readonly NumberPoint[] }
    /** Never falls. */
    | { readonly kind: 'sum'; readonly temporality: Temporality; readonly points: readonly NumberPoint[] }
    | { readonly kind: 'histogram'; readonly temporality: Temporality; readonly points: readonly HistogramPoint[] }
    | {
        readonly kind: 'exponential';
        readonly temporality: Temporality;
        readonly points: readonly ExponentialPoint[];
      };
}

export type Temporality = 'cumulative' | 'delta';

interface Point {
  readonly attributes: LabelPairs;
  /** ms since 1970: since when it counts (0: not said), and when it was so. */
  readonly start: number;
  readonly time: number;
}

export interface NumberPoint extends Point {
  readonly value: number;
}

/** Of traced requests; absent: none. */
interface Exemplified {
  readonly exemplars?: readonly Exemplar[];
}

export interface HistogramPoint extends Point, Exemplified {
  readonly count: number;
  readonly sum: number;
  /** Upper bounds, rising, and what lies in each bucket alone: one more, for what is beyond the last. */
  readonly bounds: readonly number[];
  readonly buckets: readonly number[];
}

export interface ExponentialPoint extends Point, Exemplified {
  readonly count: number;
  readonly sum: number;
  /** Bucket i holds what is above 2^(i / 2^scale) up to 2^((i + 1) / 2^scale). */
  readonly scale: number;
  /** What lies up to `zeroThreshold`. */
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  /** Of bucket `offset` and those after it. */
  readonly offset: number;
  readonly buckets: readonly number[];
}
