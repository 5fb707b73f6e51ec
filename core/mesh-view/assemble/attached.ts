/**
 * How policies are attached to their targets, for every kind whose policies replace one another (docs/policy.md): by target, the oldest
 * first; what an older policy of the same target says already has no effect and is told. Order of arrival plays no part.
 */
import type { StoredObject, TargetRef } from '../../resources/index.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';
import { keyOfTarget, targetsOf, type Target, type Targetable } from './targets.ts';

export interface Policy extends StoredObject<{ readonly targetRefs: readonly TargetRef[] }> {}

export interface AttachedPolicy<Row> {
  readonly row: Row;
  readonly targets: readonly Target[];
}

export interface Attached<Row> {
  readonly byTarget: ReadonlyMap<string, readonly Row[]>;
  /** Every policy with what it found, the oldest first. */
  readonly policies: readonly AttachedPolicy<Row>[];
  readonly statuses: readonly ObjectStatus[];
}

export interface PolicyKind<P extends Policy, Row> {
  /** As memory calls its values. */
  readonly name: string;
  rowOf(policy: P): Row;
  /** Its kind is one of Gateway API, whose status stands by target. */
  hasAncestors?(policy: P): boolean;
  /** What it refers to beside its targets, and is not there. */
  faults?(policy: P, there: Targetable): readonly Fault[];
  /** What of `row` has no effect on a target that `older` policies have, too; `path` is the reference's. */
  conflicts(older: readonly Row[], row: Row, path: string): readonly Fault[];
}

export function attachPolicies<P extends Policy, Row>(
  memory: Memory,
  policies: readonly P[],
  there: Targetable,
  { name: kind, rowOf, conflicts, faults: referred, hasAncestors }: PolicyKind<P, Row>,
): Attached<Row> {
  const byTarget = new Map<string, Row[]>();
  const statuses: ObjectStatus[] = [];
  const attached = policies.toSorted(byAge).map((policy): AttachedPolicy<Row> => {
    const { namespace, generation } = policy.metadata;
    const row = memory.remember(`${kind} ${policy.kind} ${keyOf(policy)}`, [policy], () => rowOf(policy));
    const { found, faults } = targetsOf(policy.spec.targetRefs, namespace, there);
    const lost: Fault[] = [];
    for (const target of found) {
      const key = keyOfTarget(target);
      const older = byTarget.get(key) ?? [];
      lost.push(...conflicts(older, row, target.path));
      byTarget.set(key, [...older, row]);
    }
    const all = [...faults, ...(referred?.(policy, there) ?? []), ...lost];
    const status = statusOf(policy, [condition('Accepted', generation, all)], [], all);
    statuses.push(hasAncestors?.(policy) === true ? { ...status, ancestors: ancestorsOf(policy) } : status);
    return { row, targets: found };
  });
  return {
    byTarget: new Map(
      [...byTarget].map(([key, rows]) => [
        key,
        memory.remember(`${kind} by target ${there.mesh} ${key}`, rows, () => rows),
      ]),
    ),
    policies: attached,
    statuses: statuses.map((status) =>
      memory.remember(`${kind} status ${status.kind} ${status.namespace}/${status.name}`, [status], () => status),
    ),
  };
}

const ancestorsOf = ({
  metadata: { namespace },
  spec: { targetRefs },
}: Policy): NonNullable<ObjectStatus['ancestors']> =>
  targetRefs.map(({ group = '', kind, name, sectionName }) => ({ group, kind, namespace, name, sectionName }));

/** Of a kind whose policies count as a whole: the first of a target wins. */
export const wholeConflicts = (
  older: readonly { readonly source: string }[],
  _row: unknown,
  path: string,
): readonly Fault[] => {
  const [winner] = older;
  return winner === undefined
    ? []
    : [
        {
          reason: 'Conflicted',
          path,
          message: `an older policy is about the same target: ${winner.source}`,
          remedy: 'merge the two policies, or name a more specific target',
        },
      ];
};
