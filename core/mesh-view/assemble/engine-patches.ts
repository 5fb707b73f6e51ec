/** EnginePatches by whose proxies they change, in the order in which they are applied: of two the one that counts more comes later. */
import type { PatchMatch, PatchOperation, PatchPart, ResourcePatch } from '../../proxy-config/index.ts';
import { type EnginePatch, objectName, type Workload } from '../../resources/index.ts';
import { targetKey } from '../keys.ts';
import type { EnginePatchRow } from '../policy-rows.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { condition, statusOf, type ObjectStatus } from './status.ts';
import { keyOfTarget, targetsOf, type Targetable } from './targets.ts';
import { workloadsWith } from './visibilities.ts';

export interface EnginePatches {
  readonly byTarget: ReadonlyMap<string, readonly EnginePatchRow[]>;
  readonly statuses: readonly ObjectStatus[];
}

export function assembleEnginePatches(
  memory: Memory,
  objects: readonly EnginePatch[],
  there: Targetable,
  workloads: readonly Workload[],
): EnginePatches {
  const byTarget = new Map<string, EnginePatchRow[]>();
  const statuses = objects
    .toSorted((a, b) => byAge(b, a))
    .map((object) => {
      const { namespace, generation } = object.metadata;
      const row = memory.remember(`engine-patch ${keyOf(object)}`, [object], () => rowOf(object));
      const { found, faults } = targetsOf(object.spec.targetRefs, namespace, there);
      const { workloadSelector } = object.spec;
      for (const target of found) {
        const keys =
          workloadSelector === undefined
            ? [keyOfTarget(target)]
            : workloadsWith(workloads, namespace, workloadSelector).map((key) => targetKey.workload(key));
        for (const key of keys) {
          const rows = byTarget.get(key);
          if (rows === undefined) byTarget.set(key, [row]);
          else rows.push(row);
        }
      }
      const status = statusOf(object, [condition('Accepted', generation, faults)], [], faults);
      return memory.remember(`engine-patch-status ${keyOf(object)}`, [status], () => status);
    });
  return {
    byTarget: new Map([...byTarget].map(([key, rows]) => [key, memory.list(`engine-patches ${key}`, rows)])),
    statuses,
  };
}

type Stated = EnginePatch['spec']['patches'][number];

const PARTS: Readonly<Record<Stated['part'], PatchPart>> = {
  Listener: 'listener',
  FilterChain: 'filter-chain',
  NetworkFilter: 'network-filter',
  HttpFilter: 'http-filter',
  RouteConfiguration: 'route-configuration',
  VirtualHost: 'virtual-host',
  Route: 'route',
  Cluster: 'cluster',
};
const OPERATIONS: Readonly<Record<Stated['operation'], PatchOperation>> = {
  Merge: 'merge',
  Replace: 'replace',
  Remove: 'remove',
  AddFirst: 'add-first',
  AddLast: 'add-last',
  AddBefore: 'add-before',
  AddAfter: 'add-after',
};
const ANYTHING: PatchMatch = {
  direction: undefined,
  listener: undefined,
  filterChain: undefined,
  networkFilter: undefined,
  httpFilter: undefined,
  routeConfiguration: undefined,
  virtualHost: undefined,
  route: undefined,
  cluster: undefined,
};

function rowOf({ metadata: { namespace, name }, spec }: EnginePatch): EnginePatchRow {
  const source = objectName('EnginePatch', namespace, name);
  return {
    key: `${namespace}/${name}`,
    engine: spec.engine === undefined ? undefined : spec.engine === 'Weft' ? 'weft' : 'envoy',
    patches: spec.patches.map(
      ({ part, match, operation, value }, index): ResourcePatch => ({
        part: PARTS[part],
        operation: OPERATIONS[operation],
        match:
          match === undefined
            ? ANYTHING
            : {
                ...ANYTHING,
                ...match,
                direction:
                  match.direction === undefined ? undefined : match.direction === 'Inbound' ? 'inbound' : 'outbound',
              },
        value,
        source: `${source}#spec.patches[${index}]`,
      }),
    ),
    source,
  };
}
