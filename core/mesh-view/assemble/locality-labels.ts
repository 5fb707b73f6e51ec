/** Labels of workloads that preferences for near endpoints ask about: of callers, and of whoever they may call. */
import type { LocalityPreference, Mesh, TrafficPolicy, Workload } from '../../resources/index.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';

/** Sorted, each once. What is asked in one mesh is kept of all: services may be exported. */
export function askedLabels(meshes: readonly Mesh[], policies: readonly TrafficPolicy[]): readonly string[] {
  const asked = (locality: LocalityPreference | undefined): string[] =>
    [...(locality?.failoverPriority ?? []), ...(locality?.affinity ?? [])].map(({ label }) => label);
  return [
    ...new Set([
      ...meshes.flatMap(({ spec }) => asked(spec.defaults?.locality)),
      ...policies.flatMap(({ spec }) => asked(spec.locality)),
    ]),
  ].sort();
}

/** By workload key. */
export function assembleLocalityLabels(
  memory: Memory,
  asked: readonly string[],
  workloads: readonly Workload[],
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  if (asked.length === 0) return new Map();
  return new Map(
    workloads.flatMap((workload) => {
      const key = keyOf(workload);
      const { labels } = workload.metadata;
      const kept = asked.filter((label) => labels[label] !== undefined);
      return kept.length === 0
        ? []
        : [
            [
              key,
              memory.remember(`labels ${key}`, [workload, asked], () =>
                Object.fromEntries(kept.map((label) => [label, labels[label] ?? ''])),
              ),
            ],
          ];
    }),
  );
}

/** All of them, by workload key. */
export const labelsOf = (workloads: readonly Workload[]): ReadonlyMap<string, Workload['metadata']['labels']> =>
  new Map(workloads.map((workload) => [keyOf(workload), workload.metadata.labels]));
