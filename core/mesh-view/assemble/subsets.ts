/** Subsets as services of the view: the ports of their Service, those of its workloads that carry the labels. */
import { objectName, type Subset, type Workload } from '../../resources/index.ts';
import { objectKey } from '../keys.ts';
import type { ServiceRow, WorkloadRow } from '../rows.ts';
import type { Services } from './backends.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';

export interface Subsets {
  readonly rows: readonly ServiceRow[];
  /** Workloads of each subset, by its key. */
  readonly selected: ReadonlyMap<string, readonly WorkloadRow[]>;
  readonly statuses: readonly ObjectStatus[];
}

export interface SubsetsInput {
  /** Services and ExternalServices. */
  readonly services: Services;
  readonly workloads: readonly Workload[];
  /** Workloads of each service. */
  readonly selected: ReadonlyMap<string, readonly WorkloadRow[]>;
}

export function assembleSubsets(
  memory: Memory,
  objects: readonly Subset[],
  { services, workloads, selected }: SubsetsInput,
): Subsets {
  const labels = new Map(workloads.map((workload) => [keyOf(workload), workload.metadata.labels]));
  const rows: ServiceRow[] = [];
  const behind = new Map<string, readonly WorkloadRow[]>();
  const statuses = objects.toSorted(byAge).map((object) => {
    const { namespace, name, generation } = object.metadata;
    const key = keyOf(object);
    const parent = services.get(objectKey(namespace, object.spec.service));
    const faults: Fault[] = [];
    if (services.has(key))
      faults.push({
        reason: 'Conflicted',
        path: 'metadata.name',
        message: `there is a ${services.get(key)?.external === undefined ? 'Service' : 'ExternalService'} ${name} in namespace ${namespace}: names of services are one space`,
        remedy: 'rename one of the two',
      });
    if (parent === undefined || parent.external !== undefined)
      faults.push({
        reason: 'ServiceNotFound',
        path: 'spec.service',
        message: `there is no Service ${object.spec.service} in namespace ${namespace}`,
        remedy: 'create it, or correct the name',
      });
    else if (faults.length === 0) {
      rows.push(memory.remember(`subset ${key}`, [object, parent], () => rowOf(object, parent)));
      const wanted = Object.entries(object.spec.labels);
      behind.set(
        key,
        (selected.get(parent.key) ?? []).filter(({ key: workload }) => {
          const has = labels.get(workload);
          return wanted.every(([label, value]) => has?.[label] === value);
        }),
      );
    }
    const status = statusOf(object, [condition('Accepted', generation, faults)], [], faults);
    return memory.remember(`subset-status ${key}`, [status], () => status);
  });
  return { rows, selected: behind, statuses };
}

const rowOf = ({ metadata: { namespace, name } }: Subset, parent: ServiceRow): ServiceRow => ({
  key: objectKey(namespace, name),
  namespace,
  name,
  ports: parent.ports,
  addresses: [],
  subsetOf: parent.key,
  source: objectName('Subset', namespace, name),
});
