/**
 * What a registry says at one moment, as plain data: it can leave its thread, and several can be added up. It must never be taken on the way of
 * a request: a snapshot reads every series.
 */
import type { Family, LabelPairs, MetricType, Registry } from './registry.ts';

export interface SeriesSnapshot {
  readonly labels: LabelPairs;
  /** Envoy's dotted name; '' when it has none there. */
  readonly dotted: string;
  /** One value; for a histogram one a bucket, then count, then sum. */
  readonly values: readonly number[];
}

export interface FamilySnapshot {
  readonly name: string;
  readonly type: MetricType;
  readonly buckets: readonly number[];
  readonly series: readonly SeriesSnapshot[];
}

export const snapshot = (registry: Registry): FamilySnapshot[] =>
  [...registry.families.values()].map((family) => ({
    name: family.name,
    type: family.type,
    buckets: family.buckets,
    series: [...family.series.values()].map(({ labels, dotted, first, read }) => ({
      labels,
      dotted,
      values: read === undefined ? cells(registry, family, first) : [read()],
    })),
  }));

function cells({ cells: all }: Registry, { type, buckets }: Family, first: number): number[] {
  const width = type === 'histogram' ? buckets.length + 2 : 1;
  return Array.from({ length: width }, (_, index) => all.get(first + index));
}
