/** RateLimits by what they target, and which of them holds at each port of a workload. */
import { parseDuration } from '../../kernel/index.ts';
import { objectName, type RateLimit } from '../../resources/index.ts';
import { workloadPortKey } from '../keys.ts';
import type { RateLimitRow } from '../policy-rows.ts';
import type { WorkloadRow } from '../rows.ts';
import { type AttachedPolicy, type PolicyKind, wholeConflicts } from './attached.ts';
import { keyOf } from './objects.ts';
import { reach, type ReachInput } from './reach.ts';
import type { Target } from './targets.ts';

export const RATE_LIMITS: PolicyKind<RateLimit, RateLimitRow> = {
  name: 'rate-limit',
  conflicts: wholeConflicts,
  rowOf: ({ metadata, spec }) => {
    const { requests, per, burst } = spec.local;
    const { status, headers, tellsLimits } = spec.response;
    return {
      key: keyOf({ metadata }),
      local: { requests, per: parseDuration(per) ?? 1000, burst: burst ?? requests },
      status,
      headers: headers ?? [],
      tellsLimits,
      enforced: spec.mode === 'Enforce',
      source: `${objectName('RateLimit', metadata.namespace, metadata.name)}#spec`,
    };
  },
};

/** The most specific first. */
const RANKS: readonly ((target: Target) => boolean)[] = [
  (target) => target.kind === 'service' && target.port !== undefined,
  (target) => target.kind === 'service' && target.port === undefined,
  (target) => target.kind === 'namespace',
  (target) => target.kind === 'mesh',
];

/** By `workloadPortKey`. `policies`: the oldest first. */
export function arrivalLimits(
  policies: readonly AttachedPolicy<RateLimitRow>[],
  input: ReachInput,
): ReadonlyMap<string, RateLimitRow> {
  const limits = new Map<string, RateLimitRow>();
  const put = (row: RateLimitRow, workload: WorkloadRow, ports: readonly number[]): void => {
    for (const port of ports) {
      const key = workloadPortKey(workload.key, port);
      if (!limits.has(key)) limits.set(key, row);
    }
  };
  for (const ofRank of RANKS)
    for (const { row, targets } of policies)
      for (const [workload, ports] of reach(targets.filter(ofRank).flatMap(portsOf), input))
        put(row, workload, ports ?? workload.ports.map(({ port }) => port));
  return limits;
}

/** A service is its ports: what its workloads serve beside them is not meant. */
const portsOf = (target: Target): readonly Target[] =>
  target.kind === 'service' && target.port === undefined
    ? target.service.ports.map((port) => ({ ...target, port }))
    : [target];
