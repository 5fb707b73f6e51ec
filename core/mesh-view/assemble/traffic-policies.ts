/** TrafficPolicies by what they target. */
import { objectName, SECTIONS, type TrafficPolicy } from '../../resources/index.ts';
import type { TrafficConf } from '../conf.ts';
import { targetKey } from '../keys.ts';
import type { TrafficPolicyRow } from '../rows.ts';
import type { Services } from './backends.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';
import { targetsOf, type Target } from './targets.ts';

export interface TrafficPolicies {
  readonly byTarget: ReadonlyMap<string, readonly TrafficPolicyRow[]>;
  readonly statuses: readonly ObjectStatus[];
}

export function assembleTrafficPolicies(
  memory: Memory,
  policies: readonly TrafficPolicy[],
  mesh: string,
  services: Services,
): TrafficPolicies {
  const byTarget = new Map<string, TrafficPolicyRow[]>();
  const statuses: ObjectStatus[] = [];
  for (const policy of policies.toSorted(byAge)) {
    const { namespace, name, generation } = policy.metadata;
    const row = memory.remember(
      `traffic-policy ${keyOf(policy)}`,
      [policy],
      (): TrafficPolicyRow => ({
        key: keyOf(policy),
        conf: confOf(policy),
        source: `${objectName('TrafficPolicy', namespace, name)}#spec`,
      }),
    );
    const { found, faults } = targetsOf(policy.spec.targetRefs, namespace, mesh, services);
    const conflicts: Fault[] = [];
    for (const target of found) {
      const key = keyOfTarget(target);
      const older = byTarget.get(key) ?? [];
      conflicts.push(...conflictsWith(older, row, target));
      byTarget.set(key, [...older, row]);
    }
    const all = [...faults, ...conflicts];
    statuses.push(statusOf(policy, [condition('Accepted', generation, all)], [], all));
  }
  return {
    byTarget: new Map(
      [...byTarget].map(([key, rows]) => [key, memory.remember(`traffic-policies ${mesh} ${key}`, rows, () => rows)]),
    ),
    statuses: statuses.map((status) =>
      memory.remember(`traffic-policy-status ${status.namespace}/${status.name}`, [status], () => status),
    ),
  };
}

function keyOfTarget(target: Target): string {
  switch (target.kind) {
    case 'mesh':
      return targetKey.mesh;
    case 'namespace':
      return targetKey.namespace(target.namespace);
    case 'service':
      return target.port === undefined
        ? targetKey.service(target.service.key)
        : targetKey.port(target.service.key, target.port.port);
  }
}

function confOf({ spec }: TrafficPolicy): TrafficConf {
  const { balancing, timeouts, retries, limits, multiplexing, outlierEjection, healthChecks } = spec;
  return { balancing, timeouts, retries, limits, multiplexing, outlierEjection, healthChecks };
}

/** Sections that an older policy states for the same target. */
function conflictsWith(older: readonly TrafficPolicyRow[], row: TrafficPolicyRow, target: Target): Fault[] {
  return SECTIONS.flatMap((section) => {
    const winner = row.conf[section] === undefined ? undefined : older.find(({ conf }) => conf[section] !== undefined);
    if (winner === undefined) return [];
    return [
      {
        reason: 'Conflicted',
        path: `spec.${section}`,
        message: `an older policy says the same section for ${target.path}: ${winner.source}.${section}`,
        remedy: 'merge the two policies',
      },
    ];
  });
}
