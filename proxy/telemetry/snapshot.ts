/**
 * What a registry says at one moment, as plain data: it can leave its thread, and several can be added up. It must never be taken on the way of
 * a request: a snapshot reads every series.
 */
import type { FamilySnapshot } from '@weft/core/metrics';
import type { Family, Registry } from './registry.ts';
import type { Telemetry } from './telemetry.ts';

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

/** All that an engine counted. `now`: Unix ms. */
export const allFamilies = (
  { registry, traffic }: Pick<Telemetry, 'registry' | 'traffic'>,
  now = 0,
): FamilySnapshot[] => [...snapshot(registry), ...traffic.families(now)];
