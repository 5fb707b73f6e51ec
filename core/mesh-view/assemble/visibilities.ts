/** Visibilities by whose callers they are about: workloads by label, then the namespace, then the mesh; of equals the oldest. */
import type { Diagnostic } from '../../kernel/index.ts';
import { objectName, type Visibility, type Workload } from '../../resources/index.ts';
import { objectKey, targetKey } from '../keys.ts';
import type { VisibilityRow } from '../policy-rows.ts';
import { wholeConflicts } from './attached.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';
import { keyOfTarget, targetsOf, type Target, type Targetable } from './targets.ts';

export interface Visibilities {
  /** Key of the policy, by target key. */
  readonly byTarget: ReadonlyMap<string, string>;
  readonly rows: ReadonlyMap<string, VisibilityRow>;
  readonly statuses: readonly ObjectStatus[];
  readonly findings: readonly Diagnostic[];
}

export function assembleVisibilities(
  memory: Memory,
  objects: readonly Visibility[],
  there: Targetable,
  workloads: readonly Workload[],
): Visibilities {
  const byTarget = new Map<string, VisibilityRow>();
  const rows = new Map<string, VisibilityRow>();
  const statuses = objects.toSorted(byAge).map((object) => {
    const row = memory.remember(`visibility ${keyOf(object)}`, [object], () => rowOf(object));
    rows.set(row.key, row);
    const { namespace, generation } = object.metadata;
    const { found, faults } = targetsOf(object.spec.targetRefs, namespace, there);
    const lost = found.flatMap((target) => take(byTarget, row, target, selected(object, workloads)));
    const all = [...faults, ...lost];
    const status = statusOf(object, [condition('Accepted', generation, all)], [], all);
    return memory.remember(`visibility-status ${keyOf(object)}`, [status], () => status);
  });
  return {
    byTarget: new Map([...byTarget].map(([target, { key }]) => [target, key])),
    rows,
    statuses,
    findings: objects.flatMap((object) => unknown(object, there)),
  };
}

const rowOf = ({ metadata: { namespace, name }, spec: { services } }: Visibility): VisibilityRow => ({
  key: objectKey(namespace, name),
  services: services.map((one) => ({ namespace: one.namespace, name: one.name })),
  source: `${objectName('Visibility', namespace, name)}#spec.services`,
});

/** Workloads of the policy's namespace with its labels; undefined: it has no selector. */
const selected = (
  { metadata, spec: { workloadSelector } }: Visibility,
  workloads: readonly Workload[],
): readonly string[] | undefined =>
  workloadSelector === undefined ? undefined : workloadsWith(workloads, metadata.namespace, workloadSelector);

/** Keys of the workloads of a namespace that carry all these labels. */
export const workloadsWith = (
  workloads: readonly Workload[],
  namespace: string,
  wanted: Readonly<Record<string, string>>,
): readonly string[] =>
  workloads
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace &&
        Object.entries(wanted).every(([key, value]) => metadata.labels[key] === value),
    )
    .map(keyOf);

/** What is taken already stays with the older policy; that is told once, by the first that it is taken of. */
function take(
  byTarget: Map<string, VisibilityRow>,
  row: VisibilityRow,
  target: Target,
  workloads: readonly string[] | undefined,
): readonly Fault[] {
  const keys = workloads?.map((workload) => targetKey.workload(workload)) ?? [keyOfTarget(target)];
  const taken = keys.find((key) => byTarget.has(key));
  for (const key of keys) if (!byTarget.has(key)) byTarget.set(key, row);
  const winner = taken === undefined ? undefined : byTarget.get(taken);
  if (winner === undefined) return [];
  const faults = wholeConflicts([winner], row, target.path);
  return workloads === undefined
    ? faults
    : faults.map((fault) => ({
        ...fault,
        path: 'spec.workloadSelector',
        message: `an older policy is about ${taken}, too: ${winner.source}`,
        remedy: 'merge the two policies, or narrow the labels',
      }));
}

/** What is named and not there; it may come. */
const unknown = ({ metadata: { namespace, name }, spec }: Visibility, { services }: Targetable): Diagnostic[] =>
  spec.services.flatMap((entry, index) => {
    // Without a namespace of its own an entry of a policy about the mesh means another one for each caller.
    const own = spec.targetRefs.every(({ kind }) => kind === 'Namespace') ? namespace : undefined;
    const [at, service] = [entry.namespace ?? own, entry.name];
    if (at === undefined || at === '*' || service === undefined || services.has(objectKey(at, service))) return [];
    return [
      {
        severity: 'warning',
        code: 'service-not-found',
        message: `there is no service ${service} in namespace ${at}`,
        place: { object: objectName('Visibility', namespace, name), path: `spec.services[${index}].name` },
        remedy: 'create it, or correct the name',
      },
    ];
  });
