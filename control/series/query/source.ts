/** What a query reads. */
import type { Labels } from './labels.ts';
import type { Matcher } from './syntax.ts';

export interface SampledSeries {
  readonly labels: Labels;
  /** Milliseconds since 1970, ascending. */
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export interface SeriesSource {
  /** The series that all matchers match, with their samples after `from` up to and with `to`, in milliseconds. */
  select(matchers: readonly Matcher[], from: number, to: number): readonly SampledSeries[];
}
