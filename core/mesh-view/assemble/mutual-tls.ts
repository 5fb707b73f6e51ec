/** Which mode of mutual TLS holds at each port of a workload, and what callers of each port of a service know of it. */
import { portKey, workloadPortKey } from '../keys.ts';
import type { MtlsRow } from '../policy-rows.ts';
import type { MeshRow, ServiceRow, WorkloadRow } from '../rows.ts';
import { mostSpecific } from './arrivals.ts';
import type { AttachedPolicy } from './attached.ts';
import type { Memory } from './memory.ts';
import { targetOf } from './selection.ts';
import type { Target } from './targets.ts';

export interface PortModesInput {
  readonly mesh: MeshRow;
  /** Without those of other meshes, and hosts outside. */
  readonly services: readonly ServiceRow[];
  readonly selected: ReadonlyMap<string, readonly WorkloadRow[]>;
  /** By `workloadPortKey`. */
  readonly arriving: ReadonlyMap<string, MtlsRow>;
}

/**
 * By port key; absent: the mesh's mode. Workloads behind one port may differ, since a port of theirs stands behind other services too:
 * callers then look at each endpoint, and what a `strict` one is sent is mutual TLS still. A service without workloads has the mode that its
 * own policies will give them, so that the first one to come changes nothing.
 */
export function portModes(
  memory: Memory,
  policies: readonly AttachedPolicy<MtlsRow>[],
  { mesh, services, selected, arriving }: PortModesInput,
): ReadonlyMap<string, MtlsRow> {
  const found = new Map<string, MtlsRow>();
  if (policies.length === 0) return found;
  const ofMesh: MtlsRow = { mode: mesh.mtls, source: `${mesh.source}#spec.mtls.mode` };
  for (const service of services)
    for (const port of service.ports) {
      const behind = (selected.get(service.key) ?? []).flatMap((workload) => {
        const own = targetOf(port, workload);
        return own === undefined ? [] : [arriving.get(workloadPortKey(workload.key, own.port)) ?? ofMesh];
      });
      const about = (target: Target): boolean =>
        (target.kind === 'service' &&
          target.service.key === (service.subsetOf ?? service.key) &&
          (target.port === undefined || target.port.port === port.port)) ||
        (target.kind === 'namespace' && target.namespace === service.namespace);
      const [first = mostSpecific(policies, about) ?? ofMesh, ...others] = behind;
      const other = others.find(({ mode }) => mode !== first.mode);
      const row =
        other === undefined
          ? first
          : { mode: 'permissive' as const, source: first.mode === 'strict' ? other.source : first.source };
      if (row === ofMesh) continue;
      const key = portKey(service.key, port.port);
      found.set(
        key,
        memory.remember(`mode ${key}`, [row.mode, row.source], () => row),
      );
    }
  return found;
}
