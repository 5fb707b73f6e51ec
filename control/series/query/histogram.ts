/** Quantiles of classic histograms: cumulative counts of series that differ in `le`. */
import { at, anyPresent, column, type Column, isPresent, put, type Scalar, type Vector } from './columns.ts';
import { type Labels, withoutName } from './labels.ts';

interface Bucket {
  /** Upper bound, inclusive. */
  readonly le: number;
  readonly count: number;
}

const BUCKET_LABEL: ReadonlySet<string> = new Set(['le']);

export function histogramQuantile(q: Scalar, { columns }: Vector, steps: number): Vector {
  const groups = new Map<string, { labels: Labels; members: { le: number; source: Column }[] }>();
  for (const source of columns) {
    const bound = source.labels.get('le');
    const le = bound === '+Inf' ? Number.POSITIVE_INFINITY : bound === '' ? Number.NaN : Number(bound);
    // What is no bucket is passed over, as Prometheus does.
    if (Number.isNaN(le)) continue;
    const labels = withoutName(source.labels.without(BUCKET_LABEL));
    const group = groups.get(labels.key) ?? { labels, members: [] };
    groups.set(labels.key, group);
    group.members.push({ le, source });
  }
  const made = [...groups.values()].map(({ labels, members }) => {
    const target = column(labels, steps);
    members.sort((a, b) => a.le - b.le);
    for (let step = 0; step < steps; step += 1) {
      const buckets = members
        .filter(({ source }) => isPresent(source, step))
        .map(({ le, source }) => ({ le, count: at(source.values, step) }));
      if (buckets.length > 0) put(target, step, bucketQuantile(at(q.values, step), buckets));
    }
    return target;
  });
  return { type: 'vector', columns: made.filter(anyPresent) };
}

/** Linear within a bucket; the highest finite bound when the rank lies above it. `buckets` ascend by `le`. */
export function bucketQuantile(q: number, buckets: readonly Bucket[]): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const merged = cumulative(buckets);
  const total = merged.at(-1);
  if (total?.le !== Number.POSITIVE_INFINITY || merged.length < 2 || total.count === 0 || Number.isNaN(total.count))
    return Number.NaN;
  const rank = q * total.count;
  const index = merged.findIndex(({ count }) => count >= rank);
  const found = merged[index];
  const before = merged[index - 1];
  if (found === undefined || found === total) return merged.at(-2)?.le ?? Number.NaN;
  if (before === undefined && found.le <= 0) return found.le;
  const low = before?.le ?? 0;
  const below = before?.count ?? 0;
  return low + (found.le - low) * ((rank - below) / (found.count - below));
}

/** Buckets of one bound added up; counts never fall, whatever races of the scrape said. */
function cumulative(buckets: readonly Bucket[]): Bucket[] {
  const merged: Bucket[] = [];
  let highest = 0;
  for (const { le, count } of buckets) {
    const last = merged.at(-1);
    const sum = last?.le === le ? last.count + count : count;
    highest = Math.max(highest, Number.isNaN(sum) ? 0 : sum);
    if (last?.le === le) merged.pop();
    merged.push({ le, count: highest });
  }
  return merged;
}
