/** By workload, what of all that is asked about callers holds for it. */
import type { Fault, RouteFilter, TrafficPolicy, Workload } from '../../resources/index.ts';
import { callersHolding, callersKey } from '../callers.ts';
import { byName, ONLY } from '../keys.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';
import { callersOf } from './traffic-policies.ts';

export function assembleCallerConditions(
  memory: Memory,
  filters: readonly RouteFilter[],
  faults: readonly Fault[],
  policies: readonly TrafficPolicy[],
  workloads: readonly Workload[],
): ReadonlyMap<string, readonly string[]> {
  const asked = [
    ...filters.map(({ metadata: { namespace }, spec }) => ({ namespace, from: spec.conditions?.from })),
    ...faults.flatMap(({ metadata: { namespace }, spec }) => spec.faults.map(({ from }) => ({ namespace, from }))),
  ];
  const keys = new Set([
    ...asked.flatMap(({ namespace, from }) => (from === undefined ? [] : [callersKey(from, namespace)])),
    ...policies.flatMap((policy) => callersOf(policy).from ?? []),
  ]);
  if (keys.size === 0) return new Map();
  const holding = callersHolding([...keys].sort());
  return new Map(
    workloads.flatMap((workload) => {
      const { namespace, labels } = workload.metadata;
      const held = holding({ namespace, account: workload.spec.account, labels });
      return held.length === 0 ? [] : [[keyOf(workload), memory.list(`callers ${keyOf(workload)}`, held)]];
    }),
  );
}

/** At the key '' what TrafficPolicies ask about callers, sorted; nothing where they do not. */
export function assembleConsumers(
  memory: Memory,
  policies: readonly TrafficPolicy[],
): ReadonlyMap<string, readonly string[]> {
  const asked = [...new Set(policies.flatMap((policy) => callersOf(policy).from ?? []))].sort(byName);
  return new Map(asked.length === 0 ? [] : [[ONLY, memory.remember('asked', asked, () => asked)]]);
}
