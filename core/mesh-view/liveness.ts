/**
 * What agents say about their workloads, beside the stored objects: readiness by port and drain. Held in memory by the control plane,
 * never stored.
 */
export interface WorkloadState {
  /** Ports (where the application listens) that accept now. */
  readonly ready: ReadonlySet<number>;
  /** Leaving: counts as no endpoint any more. */
  readonly draining: boolean;
}

/**
 * By workload key. A workload that is absent was not heard of since the control plane started, or has no agent: it counts as ready,
 * so that a restart takes nobody out of service.
 */
export type WorkloadLiveness = ReadonlyMap<string, WorkloadState>;

export function isAvailable(liveness: WorkloadLiveness, workload: string, port: number): boolean {
  const state = liveness.get(workload);
  return state === undefined || (!state.draining && state.ready.has(port));
}
