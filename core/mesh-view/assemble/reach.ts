/** Which ports of which workloads a policy about called workloads reaches. */
import type { WorkloadRow } from '../rows.ts';
import { targetOf } from './selection.ts';
import type { Target } from './targets.ts';

export interface ReachInput {
  readonly workloads: readonly WorkloadRow[];
  /** Workloads of each service. */
  readonly selected: ReadonlyMap<string, readonly WorkloadRow[]>;
}

/** Each workload once, with the ports the targets name; undefined: all of them. Routes reach nobody: they act where requests come from. */
export function reach(targets: readonly Target[], input: ReachInput): Map<WorkloadRow, readonly number[] | undefined> {
  const reached = new Map<WorkloadRow, readonly number[] | undefined>();
  const whole = (workload: WorkloadRow): void => {
    reached.set(workload, undefined);
  };
  for (const target of targets) {
    if (target.kind === 'mesh') input.workloads.forEach(whole);
    else if (target.kind === 'namespace') {
      input.workloads.filter((workload) => workload.namespace === target.namespace).forEach(whole);
    } else if (target.kind === 'service') {
      for (const workload of input.selected.get(target.service.key) ?? []) {
        if (target.port === undefined) whole(workload);
        else {
          const port = targetOf(target.port, workload)?.port;
          const before = reached.get(workload);
          if (port === undefined || (reached.has(workload) && before === undefined)) continue;
          reached.set(
            workload,
            [...new Set([...(before ?? []), port])].sort((a, b) => a - b),
          );
        }
      }
    }
  }
  return reached;
}
