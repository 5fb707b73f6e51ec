/**
 * Durations as an exponential histogram: bucket `index` holds the values above 2^((index-1)/8) up to 2^(index/8) milliseconds, as
 * OpenTelemetry's exponential histograms and Prometheus' native ones of scale 3 have them. A quantile is off by 4.5 % at most, whatever the
 * values; histograms add up.
 */

export interface DurationHistogram {
  readonly count: number;
  /** ms, together. */
  readonly sum: number;
  /** By rising index; only those that hold something. */
  readonly buckets: readonly (readonly [index: number, count: number])[];
}

export const NO_DURATIONS: DurationHistogram = { count: 0, sum: 0, buckets: [] };

/** Buckets of one doubling. */
export const PER_OCTAVE = 8;
/** Up to 0.125 ms all is one bucket, above 70 minutes too. */
export const FIRST_BUCKET = -3 * PER_OCTAVE;
export const LAST_BUCKET = 22 * PER_OCTAVE;

export function bucketOf(milliseconds: number): number {
  if (!(milliseconds > 0.125)) return FIRST_BUCKET;
  const index = Math.ceil(Math.log2(milliseconds) * PER_OCTAVE);
  return index > LAST_BUCKET ? LAST_BUCKET : index;
}

/** Upper bound of a bucket, ms. */
export const boundOf = (index: number): number => 2 ** (index / PER_OCTAVE);

/** The value below which `q` (0 to 1) of all lie, ms; NaN of an empty histogram. */
export function quantile({ count, buckets }: DurationHistogram, q: number): number {
  if (count <= 0 || buckets.length === 0) return Number.NaN;
  const rank = Math.min(Math.max(q, 0), 1) * count;
  let seen = 0;
  for (const [index, held] of buckets) {
    seen += held;
    if (seen >= rank && held > 0) return middle(index);
  }
  return middle(buckets.at(-1)?.[0] ?? FIRST_BUCKET);
}

/** As far from its lower as from its upper bound, by ratio. */
const middle = (index: number): number => 2 ** ((index - 0.5) / PER_OCTAVE);

export function mergeDurations(a: DurationHistogram, b: DurationHistogram): DurationHistogram {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const buckets = new Map(a.buckets);
  for (const [index, count] of b.buckets) buckets.set(index, (buckets.get(index) ?? 0) + count);
  return { count: a.count + b.count, sum: a.sum + b.sum, buckets: [...buckets].sort(([x], [y]) => x - y) };
}
